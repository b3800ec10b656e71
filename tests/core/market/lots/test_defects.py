"""Defects that were found in other engines of timed auctions, each as the case that ours gets right.

Sealed lots have no test here: there are none yet.
"""

from exchange.core.market.sourcing import LotState
from exchange.core.messages.lot_rules import EventRules, LotDirection, LotRules, Overtime, TiePolicy
from exchange.core.messages.scoring import CostRate, Feature, FeatureOption, Scoring
from exchange.core.messages.sourcing import BidSubmitted, CloseExtended
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.room import CLOSE, FORWARD, MINUTE, OPEN, a_lot_with, an_open_lot

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
