"""Which prices are taken: cases, the vectors of the rule set, and every price against the naive lot."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from exchange.core.market.lots.admission import Bounds, next_price, price_refusal, step_at
from exchange.core.market.lots.terms import rules_refusal
from exchange.core.market.sourcing import Lot, Sight
from exchange.core.messages.lot_rules import ImproveOn, LotDirection, LotRules, StepBand, TiePolicy
from exchange.core.messages.sourcing import AddLot, BidSubmitted, Disclosure
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.lots.fitting import fitting_rules
from tests.core.market.room import CLOSE, FORWARD, OPEN, AuctionRoom, a_lot_with
from tests.models.admission import NaiveAdmission

C = RejectCode
MARKET_LEAD = ImproveOn.MARKET_LEAD
BANDS = [StepBand(0, 30), StepBand(700, 50), StepBand(800, 70), StepBand(1_000, 200)]


def answer(room: AuctionRoom, member_id: str, price: int) -> Reject | None:
    outcome = room.bid(member_id, price)
    return outcome if isinstance(outcome, Reject) else None


def refusals(room: AuctionRoom, member_id: str, *prices: int) -> list[tuple[RejectCode, int] | None]:
    """What is said to each price; the first that is taken changes what the next one meets."""
    answers = (answer(room, member_id, price) for price in prices)
    return [None if each is None else (each.code, each.bound) for each in answers]


def test_a_step_from_100_refuses_104_99_and_takes_105_and_a_rival_needs_the_front_buffer() -> None:
    room = a_lot_with(LotRules(front_buffer=100), event_rules=FORWARD, ceiling_price=100_000, min_step=500)
    room.bid("s1", 10_000)

    assert refusals(room, "s1", 10_499, 10_500) == [(C.STEP_TOO_SMALL, 10_500), None]
    assert refusals(room, "s2", 10_599, 10_600) == [(C.STEP_TOO_SMALL, 10_600), None]


@pytest.mark.parametrize(
    "price,step",
    [(1_001, 200), (1_000, 70), (801, 70), (800, 50), (701, 50), (700, 30), (1, 30)],
)
def test_the_border_of_a_band_belongs_to_the_lower_band_in_a_reverse_auction(price: int, step: int) -> None:
    assert step_at(a_lot_with(LotRules(step_bands=BANDS)).lot(), price) == step


@pytest.mark.parametrize("price,step", [(1_000, 200), (999, 70), (800, 70), (799, 50), (700, 50), (699, 30)])
def test_the_border_of_a_band_belongs_to_the_upper_band_in_a_forward_auction(price: int, step: int) -> None:
    lot = a_lot_with(LotRules(step_bands=BANDS), event_rules=FORWARD).lot()

    assert step_at(lot, price) == step


def test_a_step_in_percent_rounds_the_required_bid_down_to_the_tick() -> None:
    room = a_lot_with(LotRules(step_bps=150), min_step=5, tick=5)  # 1.5 %
    room.bid("s1", 990)

    # 990 less 14.85 is 975.15: the next tick down is 975.
    assert refusals(room, "s1", 980, 975) == [(C.STEP_TOO_SMALL, 975), None]


def test_who_has_to_improve_on_the_lead_is_told_the_bid_that_does() -> None:
    room = a_lot_with(LotRules(improve_on=MARKET_LEAD))
    room.bid("s1", 900)

    assert refusals(room, "s2", 900, 891, 890) == [(C.STEP_TOO_SMALL, 890)] * 2 + [None]
    assert refusals(room, "s1", 885, 880) == [(C.STEP_TOO_SMALL, 880), None]


def test_only_whole_steps_are_taken_where_the_lot_says_so() -> None:
    room = a_lot_with(LotRules(step_multiple_only=True))

    assert refusals(room, "s1", 995, 990) == [(C.STEP_NOT_MULTIPLE, 990), None]
    assert refusals(room, "s1", 975, 970) == [(C.STEP_NOT_MULTIPLE, 970), None]


def test_a_slip_of_the_finger_is_refused_with_the_best_bid_that_is_taken() -> None:
    room = a_lot_with(LotRules(max_step=100))
    room.bid("s1", 950)

    assert refusals(room, "s1", 95, 850) == [(C.STEP_TOO_LARGE, 850), None]


def test_nobody_lands_within_the_buffers_of_the_lead_but_may_meet_it() -> None:
    room = a_lot_with(LotRules(front_buffer=5, back_buffer=5))
    room.bid("s1", 900)

    assert refusals(room, "s2", 904, 896) == [(C.TOO_NEAR_LEAD, 900), (C.STEP_TOO_SMALL, 895)]
    assert refusals(room, "s2", 905) == [None]
    assert refusals(room, "s3", 900) == [None]


@pytest.mark.parametrize("policy", [TiePolicy.FORBID_ANY, TiePolicy.FORBID_FIRST])
def test_a_forbidden_tie_with_the_lead_names_the_next_price(policy: TiePolicy) -> None:
    room = a_lot_with(LotRules(tie_policy=policy, front_buffer=2))
    room.bid("s1", 900)

    assert refusals(room, "s2", 900, 898) == [(C.TIE_FORBIDDEN, 898), None]


def test_only_the_lead_may_not_be_met_where_first_ties_are_forbidden() -> None:
    first, either = (
        a_lot_with(
            LotRules(tie_policy=policy),
            disclosure=Disclosure(prices_by_alias=True),
        )
        for policy in (TiePolicy.FORBID_FIRST, TiePolicy.FORBID_ANY)
    )
    for room in (first, either):
        room.bid("s1", 950)
        room.bid("s2", 900)

    assert refusals(first, "s3", 950) == [None]
    assert refusals(either, "s3", 950) == [(C.TIE_FORBIDDEN, 949)]


def test_a_tie_that_the_bidder_may_not_know_of_is_refused_without_a_bound() -> None:
    room = a_lot_with(LotRules(tie_policy=TiePolicy.FORBID_ANY))
    room.bid("s1", 950)
    room.bid("s2", 900)

    assert refusals(room, "s3", 950) == [(C.TIE_FORBIDDEN, 0)]


def test_floor_and_qualification_bound_a_first_bid() -> None:
    room = a_lot_with(LotRules(floor_price=500, qualification_price=900))

    assert refusals(room, "s1", 901, 499, 900, 500) == [
        (C.NOT_QUALIFYING, 900),
        (C.BID_BELOW_FLOOR, 500),
        None,
        None,
    ]


def test_a_forward_lot_opens_at_its_floor() -> None:
    room = a_lot_with(LotRules(floor_price=300), event_rules=FORWARD)

    assert refusals(room, "s1", 299, 300) == [(C.BID_BELOW_FLOOR, 300), None]
    assert refusals(room, "s2", 1_001, 305, 310) == [
        (C.BID_ABOVE_CEILING, 1_000),
        (C.STEP_TOO_SMALL, 310),
        None,
    ]
    assert next_price(Bounds(room.lot(), Sight.ALL), "s1") == 310  # it may meet the lead
    assert next_price(Bounds(room.lot(), Sight.ALL), "s3") == 300  # a first bid need not lead


@pytest.mark.parametrize(
    "rules",
    [
        LotRules(improve_on=MARKET_LEAD),
        LotRules(improve_on=MARKET_LEAD, step_multiple_only=True, max_step=50),
        LotRules(front_buffer=3, back_buffer=8),
        LotRules(tie_policy=TiePolicy.FORBID_FIRST),
    ],
)
def test_no_bound_tells_a_lead_that_is_not_disclosed(rules: LotRules) -> None:
    refused = []
    for beside in (-2, 0, 1):
        room = a_lot_with(rules, disclosure=Disclosure(lead_price=False))
        room.lot().board.submit("s2", 880)
        assert next_price(Bounds(room.lot(), Sight.OWN), "s1") == 1_000
        refused.append(answer(room, "s1", 880 + beside))

    told = [each.bound for each in refused if each]
    assert told and set(told) == {0}


# --- rules that contradict each other ---------------------------------------------------------------


@pytest.mark.parametrize(
    "rules,field,border",
    [
        (LotRules(floor_price=1_010), "floor_price", 1_000),
        (LotRules(reserve_price=1_010), "reserve_price", 1_000),
        (LotRules(floor_price=500, qualification_price=490), "qualification_price", 500),
        (LotRules(step_bands=[StepBand(700, 50), StepBand(700, 30)]), "step_bands", 700),
        (LotRules(step_bands=BANDS, step_bps=100), "step_bands", 0),
        (LotRules(step_bands=BANDS, max_step=190), "max_step", 200),
        (LotRules(step_bps=500, max_step=40), "max_step", 50),
        (LotRules(front_buffer=50, max_step=40), "max_step", 50),
        (LotRules(improve_on=MARKET_LEAD, front_buffer=10), "front_buffer", 0),
        (LotRules(improve_on=MARKET_LEAD, back_buffer=10), "front_buffer", 0),
        (LotRules(tie_policy=TiePolicy.LOTTERY), "lottery_sha256", 0),
        (LotRules(lottery_sha256="0" * 64), "lottery_sha256", 0),
        (LotRules(buy_now_price=500), "buy_now_price", 0),
    ],
)
def test_rules_that_contradict_each_other_are_refused_by_name(
    rules: LotRules, field: str, border: int
) -> None:
    command = AddLot(
        event_id="e", title="t", quantity=1, ceiling_price=1_000, min_step=10, tick=10, rules=rules
    )

    assert rules_refusal(command, LotDirection.REVERSE) == Reject(
        C.RULES_CONTRADICT, border, f"rules.{field}"
    )


@pytest.mark.parametrize("other", ["reserve_price", "qualification_price"])
def test_a_buy_now_price_below_what_others_have_to_bid_is_refused(other: str) -> None:
    rules = replace(LotRules(buy_now_price=500), **{other: 600})
    command = AddLot(event_id="e", title="t", quantity=1, ceiling_price=1_000, min_step=10, rules=rules)

    assert rules_refusal(command, LotDirection.FORWARD) == Reject(
        C.RULES_CONTRADICT, 600, "rules.buy_now_price"
    )


@pytest.mark.parametrize(
    "rules,field",
    [
        (LotRules(step_bands=[StepBand(0, 15)]), "step_bands"),
        (LotRules(max_step=15), "max_step"),
        (LotRules(front_buffer=5), "front_buffer"),
        (LotRules(back_buffer=5), "back_buffer"),
        (LotRules(floor_price=5), "floor_price"),
        (LotRules(reserve_price=5), "reserve_price"),
        (LotRules(qualification_price=5), "qualification_price"),
        (LotRules(buy_now_price=5), "buy_now_price"),
    ],
)
def test_prices_and_steps_beside_the_tick_are_refused_by_name(rules: LotRules, field: str) -> None:
    command = AddLot(
        event_id="e", title="t", quantity=1, ceiling_price=1_000, min_step=10, tick=10, rules=rules
    )

    assert rules_refusal(command, LotDirection.REVERSE) == Reject(C.STEP_OFF_TICK, 10, f"rules.{field}")


# --- every price against the naive lot ----------------------------------------------------------------

TICKS = st.sampled_from((1, 5))
MEMBERS = st.sampled_from(("s1", "s2", "s3"))


@given(data=st.data(), tick=TICKS, forward=st.booleans(), ceiling_ticks=st.integers(8, 40))
@settings(max_examples=1_000, deadline=None)
def test_every_price_is_answered_as_the_naive_lot_answers(
    data: st.DataObject, tick: int, forward: bool, ceiling_ticks: int
) -> None:
    """Code and bound, for whoever may know everything; and a bid that is taken ranks as it does there."""
    ceiling = ceiling_ticks * tick
    min_step = tick * data.draw(st.integers(1, 4))
    rules = data.draw(fitting_rules(tick, ceiling, min_step))
    direction = LotDirection.FORWARD if forward else LotDirection.REVERSE
    command = AddLot(
        event_id="e", title="t", quantity=1, ceiling_price=ceiling, min_step=min_step, tick=tick, rules=rules
    )
    assert rules_refusal(command, direction) is None
    lot = Lot.drafted("lot-1", command, direction)
    naive = NaiveAdmission(direction, ceiling, min_step, tick, rules)

    for member, price in data.draw(st.lists(st.tuples(MEMBERS, st.integers(1, ceiling + 2)), max_size=12)):
        near = price if data.draw(st.booleans()) else naive.next_taken(member, price)
        _bid(lot, naive, member, near or price)
        opening = naive.opening()
        assert next_price(Bounds(lot, Sight.ALL), member) == naive.next_taken(member, opening)


FIXED = {"PRICE_OFF_TICK", "BID_ABOVE_CEILING", "BID_BELOW_FLOOR", "NOT_QUALIFYING", "STEP_TOO_LARGE"}


def _bid(lot: Lot, naive: NaiveAdmission, member: str, price: int) -> None:
    broken = list(naive.broken(member, price))
    refused = price_refusal(lot, member, price, Sight.ALL)

    assert (refused.code.name if refused else None) == (broken[0] if broken else None)
    if refused and refused.code.name not in FIXED:
        assert refused.bound == naive.next_taken(member, price)
    if refused is None:
        lot.board.submit(member, price)
        naive.bids.append((member, price))
    assert [bid.member_id for bid in lot.board.ranking()] == naive.ranking()
    assert [lot.board.rank_of(each) for each in naive.ranking()] == [
        naive.rank_of(each) for each in naive.ranking()
    ]


# --- buy-now ----------------------------------------------------------------------------------------------


def a_forward_lot() -> AuctionRoom:
    return a_lot_with(LotRules(buy_now_price=800, floor_price=100), event_rules=FORWARD)


def test_the_first_bidder_may_buy_the_lot_at_once() -> None:
    room = a_forward_lot()

    outcome = room.buy_now("s1", 800, OPEN + 7)

    assert isinstance(outcome, list)
    assert outcome[0] == BidSubmitted("lot-1", "s1", 800, 1, 1, OPEN + 7)
    assert room.pass_to(CLOSE) == []
    assert room.buy_now("s2", 800, OPEN + 8) == Reject(C.LOT_NOT_OPEN)
    assert isinstance(room.award(1), list)


def test_buy_now_is_gone_with_the_first_bid_and_names_its_price() -> None:
    room = a_forward_lot()

    assert room.buy_now("s1", 700) == Reject(C.BUY_NOW_PRICE_OTHER, 800, "price")
    room.bid("s2", 100)
    assert room.buy_now("s1", 800) == Reject(C.BUY_NOW_GONE)
    assert a_lot_with().buy_now("s1", 800) == Reject(C.BUY_NOW_GONE)
