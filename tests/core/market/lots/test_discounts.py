"""Lots that are bid for by one discount off all their lines: cases, every refusal by name, and against the naive lot."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.market.lots.lines import line_amounts, prices_at, total_of
from exchange.core.messages import AnyEvent
from exchange.core.messages.lines import LinesPriced, LotLine
from exchange.core.messages.lot_rules import EventRules, LotDirection, LotRules
from exchange.core.messages.sourcing import BidSubmitted, LotAwarded, SubmitBid
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.room import CLOSE, FORWARD, OPEN, AuctionRoom, Step
from tests.models.lines import NaiveLinedLot

C = RejectCode
LINES = [LotLine("Bolts", 3, reference_price=111), LotLine("Nuts", 7, reference_price=95)]
"""Of 998 at their references."""
BY_DISCOUNT = LotRules(lines=LINES, by_discount=True)


def a_lot(rules: LotRules = BY_DISCOUNT, event_rules: EventRules = EventRules()) -> AuctionRoom:  # noqa: B008
    """Open: ceiling 1,000, step 10, and s1 to s4 invited."""
    room = AuctionRoom()
    room.create(rules=event_rules)
    assert isinstance(room.add_lot(quantity=1, rules=rules), list)
    for number in range(1, 5):
        room.invite(f"s{number}")
    room.publish()
    room.pass_to(OPEN)
    return room


def offer(
    room: AuctionRoom, member_id: str, discount_bps: int | None, price: int = 0, lines: tuple[int, ...] = ()
) -> Step:
    """At the total that follows, unless another price is given."""
    total = price or total_of(room.lot().rules.lines, prices_at(room.lot().rules.lines, discount_bps or 0))
    command = SubmitBid(lot_id="lot-1", price=total, lines=lines, discount_bps=discount_bps)
    events: list[AnyEvent] = []
    if refused := room.auctions.bid_refusal(member_id, command, OPEN):
        return refused
    room.auctions.submit_bid(member_id, command, OPEN, room.deadlines, events)
    return events


def test_one_discount_prices_every_line_and_the_total_follows() -> None:
    room = a_lot()

    taken = offer(room, "s1", 1_000)

    # 99.9 and 85.5, each rounded once: 3 x 100 + 7 x 86.
    assert taken == [BidSubmitted("lot-1", "s1", 902, 1, 1, OPEN), LinesPriced("lot-1", "s1", 1, (100, 86))]


def test_the_award_comes_to_what_the_priced_lines_come_to() -> None:
    room = a_lot()
    offer(room, "s1", 500)
    offer(room, "s2", 1_000)
    room.pass_to(CLOSE)

    awarded = room.award(2)

    assert isinstance(awarded, list)
    event = awarded[0]
    assert isinstance(event, LotAwarded)
    assert (event.winner_id, event.price, event.amount_minor) == ("s2", 902, 902)
    lines = room.lot().line_prices[2]
    assert line_amounts(room.auctions.event_of("event-1"), room.lot(), "s2", lines) == (300, 602)


def test_in_a_forward_lot_the_smaller_discount_leads_and_may_be_a_premium() -> None:
    room = a_lot(event_rules=FORWARD)
    offer(room, "s1", 2_000)
    offer(room, "s2", -10)

    assert [bid.member_id for bid in room.board().ranking()] == ["s2", "s1"]
    assert room.lot().line_prices[2] == (111, 95)


REFUSED: dict[str, tuple[int | None, int, tuple[int, ...], RejectCode, int, str]] = {
    "a total alone": (None, 900, (), C.BID_BY_DISCOUNT, 0, "discount_bps"),
    "lines": (1_000, 902, (100, 86), C.BID_BY_DISCOUNT, 0, "discount_bps"),
    "another total": (1_000, 901, (), C.TOTAL_DISAGREES, 902, "price"),
    "nothing left to pay": (10_000, 1, (), C.LINE_NOT_FREE, 1, "lines"),
    "a premium above the ceiling": (-100, 0, (), C.BID_ABOVE_CEILING, 1_000, "price"),
    "too small a step": (950, 0, (), C.STEP_TOO_SMALL, 892, "price"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bid_that_is_no_discount_or_too_little_of_one_is_refused_by_name(case: str) -> None:
    discount, price, lines, code, bound, field = REFUSED[case]
    room = a_lot()
    offer(room, "s1", 1_000)

    assert offer(room, "s1", discount, price, lines) == Reject(code, bound, field)


def test_a_discount_means_nothing_where_lots_are_priced() -> None:
    plain = [LotLine("Bolts", 3), LotLine("Nuts", 7)]

    refused = offer(a_lot(LotRules(lines=plain)), "s1", 1_000, 900)

    assert refused == Reject(C.LOT_WITHOUT_DISCOUNT, field="discount_bps")


@pytest.mark.parametrize(
    "rules,tick,field",
    [
        (LotRules(by_discount=True), 1, "by_discount"),
        (LotRules(by_discount=True, lines=[*LINES, LotLine("Washers", 1)]), 1, "by_discount"),
        (LotRules(lines=LINES), 1, "lines"),
        (LotRules(by_discount=True, lines=LINES), 10, "by_discount"),
        (LotRules(by_discount=True, lines=LINES, proxies=True), 1, "by_discount"),
        (LotRules(by_discount=True, lines=LINES, step_multiple_only=True), 1, "by_discount"),
    ],
)
def test_rules_that_no_discount_can_meet_contradict(rules: LotRules, tick: int, field: str) -> None:
    room = AuctionRoom()
    room.create()

    refused = room.add_lot(quantity=1, tick=tick, rules=rules)

    assert refused == Reject(C.RULES_CONTRADICT, 0, f"rules.{field}")


# --- every bid against the naive lot ---------------------------------------------------------------------

PRICED = st.lists(st.tuples(st.integers(1, 50), st.integers(1, 400)), min_size=1, max_size=5)
OFFERS = st.lists(
    st.tuples(st.sampled_from(("s1", "s2", "s3")), st.integers(-3_000, 10_000)), min_size=1, max_size=12
)


def naive_price(reference: int, discount_bps: int) -> int:
    """The unit price nearest to what the discount leaves, the higher one where two are."""
    return floor(Fraction(reference) * (1 - Fraction(discount_bps, 10_000)) + Fraction(1, 2))


@given(priced=PRICED, offers=OFFERS, forward=st.booleans(), step=st.integers(1, 200), restart=st.booleans())
@settings(max_examples=1_000, deadline=None)
def test_every_discount_is_answered_as_the_naive_lot_answers_its_total(
    priced: list[tuple[int, int]],
    offers: list[tuple[str, int]],
    forward: bool,
    step: int,
    restart: bool,
) -> None:
    lines = [LotLine("Line", count, reference_price=price) for count, price in priced]
    rules, ceiling = (
        LotRules(lines=lines, by_discount=True),
        2 * sum(count * price for count, price in priced),
    )
    direction = LotDirection.FORWARD if forward else LotDirection.REVERSE
    room = AuctionRoom()
    room.create(rules=EventRules(direction=direction))
    assert isinstance(room.add_lot(quantity=1, ceiling_price=ceiling, min_step=step, rules=rules), list)
    for number in range(1, 4):
        room.invite(f"s{number}")
    room.publish()
    room.pass_to(OPEN)
    naive = NaiveLinedLot(direction, ceiling, step, 1, rules)
    for member, discount in offers:
        prices = tuple(naive_price(line.reference_price, discount) for line in lines)
        total = int(naive.total(prices))
        broken = [*naive.broken_lines(total, prices), *naive.broken(member, total)]
        outcome = offer(room, member, discount, max(1, total))

        assert (outcome.code.name if isinstance(outcome, Reject) else "") == (broken[0] if broken else "")
        if isinstance(outcome, list):
            naive.bids.append((member, total))
            assert room.lot().line_prices[room.board().bids] == prices
        if restart:
            room.reload()
        assert [bid.member_id for bid in room.board().ranking()] == naive.ranking()
