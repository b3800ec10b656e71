"""A draft that is taken leaves a first bid: found by a naive bidder that tries, in lots of every format."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.limits import PREMIUM_BPS_MAX
from exchange.core.market.lots.first_bids import any_discount
from exchange.core.market.lots.lines import prices_at, total_of
from exchange.core.messages.lines import LotLine
from exchange.core.messages.lot_rules import (
    ClockRules,
    EventRules,
    ImproveOn,
    LotDirection,
    LotFormat,
    LotRules,
    Prebid,
    StepBand,
    TiePolicy,
)
from exchange.core.messages.sourcing import Disclosure
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.room import CLOSE, NO_OVERTIME, OPEN, SECOND, AuctionRoom, a_lot_with
from tests.models.admission import NaiveAdmission

C = RejectCode
CEILING_MAX = 30
PRICES = st.just(0) | st.integers(1, CEILING_MAX + 2)
STEPS = st.just(0) | st.integers(1, 12)
REFERENCES = (1, 2, 4, 5)
"""Any discount off these that makes another price is a multiple of 250 basis points."""
TRIED_BPS = range(-PREMIUM_BPS_MAX, 10_001, 250)


EDGES = {"floor_price", "reserve_price"}
STEPPED = EDGES | {
    "improve_on", "step_bands", "step_bps", "step_multiple_only", "max_step", "qualification_price", "tie_policy",
}  # fmt: skip
MEANT = {
    LotFormat.ENGLISH: STEPPED | {"front_buffer", "back_buffer", "buy_now_price"},
    LotFormat.ROUNDS: STEPPED,
    LotFormat.SEALED_FIRST_PRICE: EDGES | {"qualification_price", "tie_policy"},
    LotFormat.SEALED_SECOND_PRICE: EDGES | {"qualification_price", "tie_policy"},
    LotFormat.DUTCH: EDGES | {"clock"},
    LotFormat.JAPANESE: EDGES | {"clock", "tie_policy"},
}
"""The rules that are drawn by format; others contradict it in any case."""


@st.composite
def drafts(draw: st.DrawFn, form: LotFormat) -> tuple[LotDirection, int, int, int, LotRules]:
    """Direction, ceiling, step, tick and rules, many of which don't go together."""
    tick = draw(st.sampled_from((1, 1, 5)))

    def some(numbers: st.SearchStrategy[int]) -> int:
        return draw(numbers) * tick

    ceiling, min_step = some(st.integers(1, CEILING_MAX)), some(st.integers(1, 12))
    borders = sorted(draw(st.sets(st.integers(0, CEILING_MAX), max_size=2)))
    rules: dict[str, Any] = {
        "improve_on": draw(st.sampled_from(ImproveOn)),
        "step_bands": [StepBand(each * tick, some(st.integers(1, 12))) for each in borders],
        "step_bps": draw(st.sampled_from((0, 150, 1_000, 10_000))),
        "step_multiple_only": draw(st.booleans()),
        "max_step": some(STEPS),
        "front_buffer": draw(st.none() | st.integers(0, 12).map(lambda each: each * tick)),
        "back_buffer": some(STEPS),
        "tie_policy": draw(st.sampled_from(TiePolicy)),
        "floor_price": some(PRICES),
        "reserve_price": some(PRICES),
        "qualification_price": some(PRICES),
        "buy_now_price": some(PRICES),
        "clock": draw(st.sampled_from((ClockRules(), ClockRules(level_us=SECOND)))),
    }
    names = draw(st.sets(st.sampled_from(sorted(MEANT[form])), max_size=4))
    kept = {name: rules[name] for name in sorted(names)}
    if form is LotFormat.ENGLISH and draw(st.integers(0, 3)) == 0:
        lines = draw(st.lists(st.sampled_from(REFERENCES), min_size=1, max_size=2))
        kept["lines"] = [LotLine(title="t", quantity=1, reference_price=each) for each in lines]
        kept["by_discount"] = True
    return draw(st.sampled_from(LotDirection)), ceiling, min_step, tick, LotRules(format=form, **kept)


def drafted(
    direction: LotDirection, ceiling: int, min_step: int, tick: int, rules: LotRules
) -> AuctionRoom | Reject:
    """A published event of this lot, or the refusal."""
    room = AuctionRoom()
    made = room.create(
        overtime=NO_OVERTIME,
        disclosure=Disclosure(participant_count=True),
        rules=EventRules(direction=direction),
    )
    assert isinstance(made, list)
    refused = room.add_lot(quantity=1, ceiling_price=ceiling, min_step=min_step, tick=tick, rules=rules)
    if isinstance(refused, Reject):
        return refused
    room.invite("s1")
    assert isinstance(room.publish(), list)
    return room


def tried(direction: LotDirection, ceiling: int, min_step: int, tick: int, rules: LotRules) -> list[int]:
    """All first prices that the naive lot takes; by discount, those of them that some discount makes."""
    naive = NaiveAdmission(direction, ceiling, min_step, tick, rules)
    every = [price for price in range(1, ceiling + 1) if not list(naive.broken("s1", price))]
    if not rules.by_discount:
        return every
    offers = [prices_at(rules.lines, discount) for discount in TRIED_BPS]
    totals = {total_of(rules.lines, each) for each in offers if all(each)}
    return [price for price in every if price in totals]


@pytest.mark.parametrize("form", LotFormat)
@given(data=st.data())
@settings(max_examples=200)
def test_a_draft_is_taken_only_if_a_first_bid_can_be_found_by_trying(
    data: st.DataObject, form: LotFormat
) -> None:
    draft = data.draw(drafts(form))
    rules, room = draft[-1], drafted(*draft)

    if isinstance(room, Reject):
        assert room.code in {C.RULES_CONTRADICT, C.STEP_OFF_TICK}
        return
    room.pass_to(OPEN)
    if rules.format in (LotFormat.DUTCH, LotFormat.JAPANESE):
        assert isinstance(room.accept("s1", room.lot().hands.price), list)
        return
    found = tried(*draft)
    assert found
    if room.lot().sealed is None and not rules.by_discount:
        assert isinstance(room.bid("s1", found[0]), list)


@given(data=st.data(), direction=st.sampled_from(LotDirection), tick=st.sampled_from((1, 5)))
@settings(max_examples=500)
def test_a_first_bid_is_missed_exactly_where_trying_finds_none(
    data: st.DataObject, direction: LotDirection, tick: int
) -> None:
    """Of rules that contradict each other in nothing else."""
    ticks = data.draw(st.integers(1, CEILING_MAX))
    step = data.draw(st.integers(1, 6))
    floor = data.draw(st.integers(0, ticks))
    rules = LotRules(
        floor_price=floor * tick,
        qualification_price=data.draw(st.integers(floor, ticks)) * tick,
        max_step=data.draw(st.just(0) | st.integers(step, 12)) * tick,
        step_multiple_only=data.draw(st.booleans()),
    )
    draft = direction, ticks * tick, step * tick, tick, rules

    refused = drafted(*draft)

    assert isinstance(refused, Reject) == (tried(*draft) == [])


@pytest.mark.parametrize(
    "rules,ceiling,step,field,border",
    [
        # From 20 a first bid may go down to 5, and would have to reach 3.
        (LotRules(max_step=15, qualification_price=3), 20, 5, "qualification_price", 5),
        # Whole steps from 20 are 20, 13 and 6, and nothing between 13 and the floor qualifies.
        (
            LotRules(step_multiple_only=True, floor_price=8, qualification_price=12),
            20,
            7,
            "qualification_price",
            13,
        ),
        (LotRules(max_step=9, step_bps=5_000), 20, 5, "max_step", 10),
        (LotRules(max_step=9, front_buffer=10), 20, 5, "max_step", 10),
    ],
)
def test_rules_that_leave_no_bid_are_refused_with_the_border_that_leaves_one(
    rules: LotRules, ceiling: int, step: int, field: str, border: int
) -> None:
    refused = drafted(LotDirection.REVERSE, ceiling, step, 1, rules)

    assert refused == Reject(C.RULES_CONTRADICT, border, f"rules.{field}")
    kept = {**{name: getattr(rules, name) for name in rules.__struct_fields__}, field: border}
    assert isinstance(drafted(LotDirection.REVERSE, ceiling, step, 1, LotRules(**kept)), AuctionRoom)


def test_a_forward_lot_whose_first_bid_would_have_to_jump_too_far_is_refused() -> None:
    rules = LotRules(floor_price=100, max_step=50, qualification_price=200)

    assert drafted(LotDirection.FORWARD, 1_000, 10, 1, rules) == Reject(
        C.RULES_CONTRADICT, 150, "rules.qualification_price"
    )


def test_lines_of_which_no_discount_makes_an_admissible_total_are_refused() -> None:
    dear = [LotLine(title="t", quantity=1, reference_price=1)]  # a hundred times of it is a hundred
    rules = LotRules(lines=dear, by_discount=True, floor_price=101)

    assert drafted(LotDirection.REVERSE, 200, 1, 1, rules) == Reject(
        C.RULES_CONTRADICT, 0, "rules.by_discount"
    )


@given(
    references=st.lists(st.sampled_from(REFERENCES), min_size=1, max_size=2),
    free=st.booleans(),
    edges=st.tuples(st.integers(1, 40), st.integers(0, 3)),
)
@settings(max_examples=100)
def test_a_discount_is_found_exactly_where_one_of_all_makes_such_a_total(
    references: list[int], free: bool, edges: tuple[int, int]
) -> None:
    lines = [LotLine(title="t", quantity=1, reference_price=each, may_be_free=free) for each in references]
    lowest, highest = edges[0], sum(edges)
    offers = (prices_at(lines, discount) for discount in TRIED_BPS)

    found = any(lowest <= total_of(lines, each) <= highest and (free or all(each)) for each in offers)

    assert any_discount(lines, lowest, highest) == found


def test_between_two_discounts_off_a_large_reference_there_is_none() -> None:
    lines = [LotLine(title="t", quantity=3, reference_price=10**9)]
    total = total_of(lines, prices_at(lines, 1_234))

    assert [any_discount(lines, total + by, total + by) for by in (-1, 0, 1)] == [False, True, False]


def test_bids_that_are_due_before_an_opening_that_is_now_leave_nobody_a_chance() -> None:
    room = AuctionRoom()
    room.create(rules=EventRules(prebid=Prebid.REQUIRED))
    room.add_lot()
    room.invite("s1")

    assert room.publish(at_us=OPEN) == Reject(C.RULES_CONTRADICT, 0, "rules.prebid")
    assert isinstance(room.publish(at_us=OPEN - 1), list)


def test_nobody_takes_a_lead_over_where_the_buffer_is_wider_than_the_largest_step() -> None:
    """What the refusal prevents: with equal ones the lead can be taken."""
    room = a_lot_with(LotRules(max_step=20, front_buffer=20))
    for member, price in (("s1", 990), ("s2", 990)):
        assert isinstance(room.bid(member, price, OPEN), list)

    assert isinstance(room.bid("s2", 970, CLOSE - 1), list)
