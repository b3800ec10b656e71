"""Defects that were found in other engines of timed auctions, each as the case that ours gets right.

Those of sealed lots are in `test_formats` (no auto-bidder on them) and with their envelopes, that of instants compared
as texts is in `gateway/rest/test_lot_clocks`, those of pages and feeds are in `gateway/test_defects`.
"""

from exchange.core.market.sourcing import LotState
from exchange.core.messages.lot_clocks import TurnBegan
from exchange.core.messages.lot_rules import (
    EventRules,
    LotDirection,
    LotFormat,
    LotRules,
    Overtime,
    TiePolicy,
)
from exchange.core.messages.scoring import CostRate, Feature, FeatureOption, Scoring
from exchange.core.messages.sourcing import BidSubmitted, CloseExtended
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.lots.clocked import a_clocked_lot
from tests.core.market.room import CLOSE, FORWARD, MINUTE, OPEN, AuctionRoom, a_lot_with, an_open_lot

NOT_OPEN = Reject(RejectCode.LOT_NOT_OPEN)
WARRANTY = Feature(
    "Warranty", [FeatureOption("1 year", 0), FeatureOption("2 years", 2_000), FeatureOption("3 years", 3_000)]
)


def test_an_acknowledged_bid_is_not_lost_when_a_timer_changes_the_lot() -> None:
    room = an_open_lot(overtime=Overtime(2 * MINUTE, 2 * MINUTE, 60 * MINUTE))
    room.bid("s1", 900, CLOSE - 2)
    room.outage(MINUTE, CLOSE - 1)
    room.bid("s2", 800, CLOSE)
    room.pause(CLOSE)
    room.resume(CLOSE + MINUTE)
    room.pass_to(2 * CLOSE)

    assert [bid.member_id for bid in room.board().ranking()] == ["s2", "s1"]
    assert room.lot().state is LotState.CLOSED


def test_a_bid_after_the_deadline_does_not_count_before_the_close_is_written_down() -> None:
    room = an_open_lot()

    assert room.lot().state is LotState.OPEN
    assert room.bid("s1", 900, CLOSE) == NOT_OPEN
    assert room.pass_to(CLOSE)
    assert room.bid("s1", 900, CLOSE) == NOT_OPEN


def test_where_more_is_better_a_tie_still_goes_to_the_earlier_bidder() -> None:
    room = a_lot_with(LotRules(floor_price=100), event_rules=FORWARD)
    room.bid("s2", 500)
    room.bid("s1", 500)

    assert [room.board().rank_of(each) for each in ("s2", "s1")] == [1, 2]


def test_mixed_scoring_ranks_by_what_compares_not_by_the_raw_price() -> None:
    scoring = Scoring([WARRANTY], [CostRate("kWh a year", 2)])
    room = a_lot_with(LotRules(scoring=scoring))
    room.declare("s1", options=(1,), amounts=(100,))
    room.declare("s2", options=(2,), amounts=(10,))
    room.bid("s1", 800)  # (800 + 200) / 1
    room.bid("s2", 950)  # (950 + 20) / (9/7)

    assert [bid.member_id for bid in room.board().ranking()] == ["s2", "s1"]
    assert [room.board().rank_of(each) for each in ("s2", "s1")] == [1, 2]


def test_900_by_nine_sevenths_and_700_tie_exactly_and_the_earlier_leads() -> None:
    for order in (("s1", "s2"), ("s2", "s1")):
        room = a_lot_with(LotRules(scoring=Scoring([WARRANTY]), tie_policy=TiePolicy.EQUAL_BEST))
        room.declare("s1", options=(2,))  # 1 + 0.2 / (1 - 0.3) = 9/7
        room.declare("s2", options=(1,))
        for supplier in order:
            room.bid(supplier, {"s1": 900, "s2": 700}[supplier])

        assert [bid.member_id for bid in room.board().ranking()] == list(order)
        assert [room.board().rank_of(each) for each in order] == [1, 1]


def test_where_more_is_better_a_tie_of_coefficients_goes_to_the_earlier_bidder() -> None:
    for order in (("s1", "s2"), ("s2", "s1")):
        room = a_lot_with(LotRules(scoring=Scoring([WARRANTY])), event_rules=FORWARD)
        room.declare("s1", options=(2,))
        room.declare("s2", options=(1,))
        for supplier in order:
            room.bid(supplier, {"s1": 700, "s2": 900}[supplier])

        assert [room.board().rank_of(each) for each in order] == [1, 2]


def test_a_tie_comparator_reverses_nobody_in_either_direction() -> None:
    for direction in LotDirection:
        room = a_lot_with(event_rules=EventRules(direction=direction))
        for supplier in ("s3", "s1", "s2"):
            room.bid(supplier, 500)

        assert [bid.member_id for bid in room.board().ranking()] == ["s3", "s1", "s2"]


def test_a_published_bid_number_names_nobody() -> None:
    told = []
    for first, second in (("s1", "s2"), ("s2", "s1")):
        room = an_open_lot()
        bids = [room.bid(first, 900), room.bid(second, 800)]
        told.append(
            [
                (b[0].alias, b[0].bid_number)
                for b in bids
                if isinstance(b, list) and isinstance(b[0], BidSubmitted)
            ]
        )

    assert told == [[(1, 1), (2, 2)]] * 2


def test_after_an_extension_only_the_new_close_counts() -> None:
    room = an_open_lot(overtime=Overtime(2 * MINUTE, 2 * MINUTE, 60 * MINUTE))

    assert room.extension("s1", 900, CLOSE - MINUTE) == [CloseExtended("lot-1", CLOSE + MINUTE, MINUTE)]
    assert room.extension("s2", 800, CLOSE) == [CloseExtended("lot-1", CLOSE + 2 * MINUTE, 2 * MINUTE)]
    assert room.extension("s1", 700, CLOSE + 1) == [
        CloseExtended("lot-1", CLOSE + 2 * MINUTE + 1, 2 * MINUTE + 1)
    ]
    assert room.bid("s2", 600, CLOSE + 2 * MINUTE + 1) == NOT_OPEN


def test_a_refused_or_tied_bid_triggers_no_overtime_under_any_tie_policy() -> None:
    for policy in (TiePolicy.EARLIEST, TiePolicy.EQUAL_BEST, TiePolicy.EQUAL_WORST, TiePolicy.FORBID_ANY):
        room = a_lot_with(LotRules(tie_policy=policy), overtime=Overtime())
        room.bid("s1", 900, OPEN)
        room.bid("s2", 900, CLOSE - 1)

        assert room.lot().close_at_us == CLOSE


def test_extensions_are_not_switched_off_in_a_large_event() -> None:
    suppliers = [f"s{number}" for number in range(2_000)]
    room = an_open_lot(*suppliers, overtime=Overtime())
    for supplier in suppliers:
        assert isinstance(room.bid(supplier, 1_000), list)

    assert room.extension("s1999", 900, CLOSE - MINUTE) == [CloseExtended("lot-1", CLOSE + MINUTE, MINUTE)]


def test_proxies_are_not_switched_off_in_a_large_event() -> None:
    room = AuctionRoom()
    room.create(overtime=Overtime())
    room.add_lot(rules=LotRules(proxies=True))
    suppliers = [f"s{number}" for number in range(2_000)]
    for supplier in suppliers:
        room.invite(supplier)
    room.publish()
    room.pass_to(OPEN)
    assert isinstance(room.proxy("s0", 500), list)
    for supplier in suppliers[1:-1]:
        assert isinstance(room.bid(supplier, 1_000), list)

    answered = room.bid("s1999", 900, CLOSE - MINUTE)

    assert isinstance(answered, list) and isinstance(answered[-1], BidSubmitted)
    assert (answered[-1].member_id, answered[-1].price) == ("s0", 890)


def test_the_leader_is_not_made_to_bid_second() -> None:
    """In turns the leader comes last; in an open lot nobody waits for anybody."""
    room = a_clocked_lot(LotFormat.ROUNDS, floor_price=0, min_step=10)
    for supplier, price in (("s1", 900), ("s2", 950), ("s3", 940)):
        room.bid(supplier, price)

    *_, first_turn = room.pass_to(CLOSE + 5 * MINUTE)

    assert isinstance(first_turn, TurnBegan)
    assert [room.board().bidder(alias) for alias in first_turn.order] == ["s2", "s3", "s1"]


def test_the_countdown_of_a_level_is_the_deadline_that_ends_it() -> None:
    room = a_clocked_lot(LotFormat.DUTCH)
    until_us = room.lot().hands.until_us

    assert room.deadlines.next_us() == until_us
    assert room.pass_to(until_us - 1) == []
    assert room.pass_to(until_us) != []
