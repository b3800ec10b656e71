"""Lots of several lines: cases, every refusal by name, amounts, and every bid against the naive lot."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.limits import PRICE_MAX
from exchange.core.market.changing import Changes
from exchange.core.market.lots.lines import line_amounts, total_of
from exchange.core.messages.changing import ChangeLot
from exchange.core.messages.lines import LinesPriced, LotLine
from exchange.core.messages.lot_rules import ClockRules, EventRules, LotDirection, LotFormat, LotRules
from exchange.core.messages.sourcing import BidSubmitted, LotAwarded
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.room import CLOSE, FORWARD, OPEN, AuctionRoom
from tests.models.lines import NaiveLinedLot, naive_amounts

C = RejectCode
BOLTS = LotLine("Bolts", 3)
NUTS = LotLine("Nuts", 7, unit="box", ship_to="Hall 2", may_be_free=True)
LINES = [BOLTS, NUTS]


def a_lined_lot(
    lines: list[LotLine] = LINES, *, forward: bool = False, price_scale: int = 2, **rules: object
) -> AuctionRoom:
    """An open lot: ceiling 1,000, step 10, and s1 to s4 invited."""
    room = AuctionRoom()
    room.create(rules=FORWARD if forward else EventRules(), price_scale=price_scale)
    every = LotRules(lines=lines, **rules)  # type: ignore[arg-type]
    assert isinstance(room.add_lot(quantity=1, rules=every), list)
    for number in range(1, 5):
        room.invite(f"s{number}")
    room.publish()
    room.pass_to(OPEN)
    return room


# --- what compares ---------------------------------------------------------------------------------------


def test_what_compares_is_the_sum_of_quantity_by_unit_price() -> None:
    room = a_lined_lot()
    taken = room.bid("s1", 940, lines=(80, 100))
    room.bid("s2", 930, lines=(310, 0))

    assert taken == [
        BidSubmitted("lot-1", "s1", 940, 1, 1, OPEN),
        LinesPriced("lot-1", "s1", 1, (80, 100)),
    ]
    assert [bid.member_id for bid in room.board().ranking()] == ["s2", "s1"]
    assert room.lot().line_prices == {1: (80, 100), 2: (310, 0)}


def test_a_total_alone_is_a_bid_and_says_nothing_of_its_lines() -> None:
    room = a_lined_lot()

    assert room.bid("s1", 940) == [BidSubmitted("lot-1", "s1", 940, 1, 1, OPEN)]
    assert room.lot().line_prices == {}


def test_steps_ceiling_and_floor_are_those_of_the_total() -> None:
    room = a_lined_lot(floor_price=100)
    assert room.bid("s1", 1_001, lines=(0 + 327, 0 + 20 - 17 - 3)) == Reject(C.TOTAL_DISAGREES, 981, "price")
    assert room.bid("s1", 1_007, lines=(100, 101)) == Reject(C.BID_ABOVE_CEILING, 1_000, "price")
    assert isinstance(room.bid("s1", 1_000, lines=(100, 100)), list)
    assert room.bid("s1", 993, lines=(100, 99)) == Reject(C.STEP_TOO_SMALL, 990, "price")
    assert room.bid("s1", 30, lines=(10, 0)) == Reject(C.BID_BELOW_FLOOR, 100, "price")


def test_whoever_falls_back_to_an_earlier_bid_falls_back_to_its_lines() -> None:
    room = a_lined_lot(revocable=True)
    room.bid("s1", 940, lines=(80, 100))
    room.bid("s1", 900, lines=(300, 0))
    room.revoke("s1", 2)
    room.reload()

    own = room.board().of("s1")
    assert own is not None
    assert room.lot().line_prices[own.bid_number] == (80, 100)


# --- refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "price,lines,refused",
    [
        (940, (940,), Reject(C.LINES_MISCOUNTED, 2, "lines")),
        (940, (80, 100, 0), Reject(C.LINES_MISCOUNTED, 2, "lines")),
        (940, (0, 100), Reject(C.LINE_NOT_FREE, 1, "lines")),
        (939, (80, 100), Reject(C.TOTAL_DISAGREES, 940, "price")),
        (941, (80, 100), Reject(C.TOTAL_DISAGREES, 940, "price")),
        (940, (PRICE_MAX, 100), Reject(C.TOTAL_DISAGREES, 0, "price")),
    ],
)
def test_lines_that_do_not_fit_are_refused_and_change_nothing(
    price: int, lines: tuple[int, ...], refused: Reject
) -> None:
    room = a_lined_lot()
    before = room.dumped()

    assert room.bid("s1", price, lines=lines) == refused
    assert room.dumped() == before


def test_a_lot_without_lines_takes_none() -> None:
    room = AuctionRoom()
    room.create()
    room.add_lot()
    room.invite("s1")
    room.publish()
    room.pass_to(OPEN)

    assert room.bid("s1", 940, lines=(940,)) == Reject(C.LOT_WITHOUT_LINES, field="lines")
    assert isinstance(room.bid("s1", 940), list)


@pytest.mark.parametrize(
    "quantity,rules,field",
    [
        (2, LotRules(lines=LINES), "quantity"),
        (1, LotRules(lines=[LotLine("A", 1, deliver_from_us=5, deliver_until_us=5)]), "rules.lines"),
        (1, LotRules(lines=LINES, format=LotFormat.SEALED_FIRST_PRICE), "rules.lines"),
        (
            1,
            LotRules(lines=LINES, format=LotFormat.DUTCH, floor_price=900, clock=ClockRules()),
            "rules.lines",
        ),
        (1, LotRules(lines=LINES), ""),
        (1, LotRules(lines=[LotLine("A", 1, deliver_from_us=5)]), ""),
        (1, LotRules(lines=[LotLine("A", 1, deliver_until_us=5)]), ""),
        (1, LotRules(lines=[LotLine("A", 1, deliver_from_us=4, deliver_until_us=5)]), ""),
    ],
)
def test_a_draft_whose_lines_contradict_it_is_refused_by_field(
    quantity: int, rules: LotRules, field: str
) -> None:
    room = AuctionRoom()
    room.create()
    outcome = room.add_lot(quantity=quantity, rules=rules)

    border = 1 if field == "quantity" else 0
    assert outcome == Reject(C.RULES_CONTRADICT, border, field) if field else isinstance(outcome, list)


def test_a_draft_gets_other_lines_by_a_change_of_its_rules() -> None:
    room = AuctionRoom()
    room.create()
    room.add_lot(quantity=1, rules=LotRules(lines=LINES))
    changes = Changes(room.auctions)
    changed = ChangeLot(lot_id="lot-1", rules=LotRules(lines=[BOLTS]))

    assert changes.lot_refusal("buyer", ChangeLot(lot_id="lot-1", quantity=2)) == Reject(
        C.RULES_CONTRADICT, 1, "quantity"
    )
    assert changes.lot_refusal("buyer", changed) is None
    changes.change_lot(changed, [])
    assert room.lot().rules.lines == [BOLTS]


# --- amounts ---------------------------------------------------------------------------------------------


def test_the_award_is_the_sum_of_what_its_lines_come_to() -> None:
    lines = [LotLine("A", 1), LotLine("B", 1), LotLine("C", 1)]
    room = a_lined_lot(lines, price_scale=3)
    room.bid("s1", 1_000, lines=(333, 333, 334))
    room.pass_to(CLOSE)
    awarded = room.award(1)

    assert isinstance(awarded, list)
    assert isinstance(awarded[0], LotAwarded)
    assert awarded[0].amount_minor == 100
    amounts = line_amounts(room.auctions.event_of("event-1"), room.lot(), "s1", (333, 333, 334))
    assert amounts == (33, 33, 34)


PRICED = st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**8)), min_size=1, max_size=12).filter(
    lambda lines: any(price for _, price in lines)
)


@given(priced=PRICED, price_scale=st.integers(0, 4), currency=st.sampled_from(("EUR", "JPY")))
@settings(max_examples=1_000, deadline=None)
def test_amounts_of_lines_are_those_of_the_naive_lot_and_add_up_to_the_award(
    priced: list[tuple[int, int]], price_scale: int, currency: str
) -> None:
    lines, prices = [LotLine("A", each) for each, _ in priced], tuple(price for _, price in priced)
    room = AuctionRoom()
    room.create(currency=currency, price_scale=price_scale)
    event = room.auctions.event_of("event-1")
    room.add_lot(quantity=1, rules=LotRules(lines=lines))
    minor_per_unit = Fraction(10 ** (0 if currency == "JPY" else 2), 10**price_scale)

    amounts = line_amounts(event, room.lot(), "s1", prices)

    assert list(amounts) == naive_amounts(lines, prices, minor_per_unit)
    exact = [quantity * price * minor_per_unit for quantity, price in priced]
    assert all(abs(amount - each) < 1 for amount, each in zip(amounts, exact, strict=True))
    assert total_of(lines, prices) * minor_per_unit == sum(exact)


# --- every bid against the naive lot ---------------------------------------------------------------------

MEMBERS = st.sampled_from(("s1", "s2", "s3", "s4"))
LOT_LINES = st.lists(
    st.builds(LotLine, title=st.just("A"), quantity=st.integers(1, 4), may_be_free=st.booleans()), max_size=3
)


@given(data=st.data(), forward=st.booleans(), lines=LOT_LINES, min_step=st.integers(1, 4))
@settings(max_examples=1_000, deadline=None)
def test_every_bid_in_a_lined_lot_is_answered_as_the_naive_lot_answers(
    data: st.DataObject, forward: bool, lines: list[LotLine], min_step: int
) -> None:
    """Random schedules of bids by lines and by total, of wrong lines, and of restarts."""
    rules = LotRules(lines=lines, floor_price=data.draw(st.integers(0, 5)))
    direction = LotDirection.FORWARD if forward else LotDirection.REVERSE
    room = AuctionRoom()
    room.create(rules=EventRules(direction=direction))
    assert isinstance(room.add_lot(quantity=1, ceiling_price=30, min_step=min_step, rules=rules), list)
    for number in range(1, 5):
        room.invite(f"s{number}")
    room.publish()
    room.pass_to(OPEN)
    naive = NaiveLinedLot(direction, 30, min_step, 1, rules)
    for _ in range(data.draw(st.integers(4, 12))):
        if data.draw(st.integers(0, 5)) == 0:
            room.reload()
        _bid(room, naive, data)


def _bid(room: AuctionRoom, naive: NaiveLinedLot, data: st.DataObject) -> None:
    member = data.draw(MEMBERS)
    size = data.draw(st.sampled_from((0, len(naive.lines), len(naive.lines), 2)))
    prices = tuple(data.draw(st.integers(0, 6)) for _ in range(size))
    fits = len(prices) == len(naive.lines) and data.draw(st.integers(0, 5)) > 0
    price = int(naive.total(prices)) if fits else data.draw(st.integers(1, 32))
    if not price:
        return
    broken = [*naive.broken_lines(price, prices), *naive.broken(member, price)]
    bids = room.board().bids
    outcome = room.bid(member, price, lines=prices)

    refused = outcome.code.name if isinstance(outcome, Reject) else None
    assert refused == (broken[0] if broken else None)
    if refused is None:
        naive.bids.append((member, price))
    assert [bid.member_id for bid in room.board().ranking()] == naive.ranking()
    kept = room.lot().line_prices.get(bids + 1)
    assert kept == (prices if prices and refused is None else None)
