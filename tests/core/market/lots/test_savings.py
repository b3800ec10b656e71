"""What a lot saves against what it would have cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.market.lots.savings import Baseline, Savings, baseline_of, savings_at, sum_of
from exchange.core.market.sourcing import Lot
from exchange.core.messages.lot_rules import EventRules, LotDirection, LotRules
from exchange.core.messages.sourcing import AddLot
from tests.core.market.room import FORWARD, AuctionRoom

REVERSE = EventRules()


def a_lot(rules: LotRules, direction: LotDirection = LotDirection.REVERSE) -> Lot:
    command = AddLot(
        event_id="event-1", title="Chairs", quantity=300, ceiling_price=9_000, min_step=1, rules=rules
    )
    return Lot.drafted("lot-1", command, direction)


@pytest.mark.parametrize(
    "rules,direction,baseline",
    [
        (LotRules(), LotDirection.REVERSE, (9_000, Baseline.CEILING)),
        (LotRules(historic_price=9_500), LotDirection.REVERSE, (9_500, Baseline.HISTORIC)),
        (LotRules(floor_price=500), LotDirection.REVERSE, (9_000, Baseline.CEILING)),
        (LotRules(floor_price=500), LotDirection.FORWARD, (500, Baseline.FLOOR)),
        (LotRules(floor_price=500, historic_price=700), LotDirection.FORWARD, (700, Baseline.HISTORIC)),
        (LotRules(), LotDirection.FORWARD, None),
    ],
)
def test_the_baseline_is_what_was_paid_before_or_where_the_lot_opens(
    rules: LotRules, direction: LotDirection, baseline: tuple[int, Baseline] | None
) -> None:
    assert baseline_of(a_lot(rules, direction)) == baseline


@pytest.mark.parametrize(
    "event,price,quantity,savings,bps",
    [
        (REVERSE, 7_000, 0, Savings(2_700_000, 2_100_000, 600_000), 2_222),
        (REVERSE, 7_000, 100, Savings(900_000, 700_000, 200_000), 2_222),
        (REVERSE, 9_100, 0, Savings(2_700_000, 2_730_000, -30_000), -111),
        (FORWARD, 7_000, 0, None, None),
    ],
)
def test_a_reverse_lot_saves_what_it_costs_less(
    event: EventRules, price: int, quantity: int, savings: Savings | None, bps: int | None
) -> None:
    room = AuctionRoom()
    room.create(rules=event)
    lot = a_lot(LotRules(), event.direction)

    found = savings_at(room.auctions.event_of("event-1"), lot, price, quantity)

    assert found == savings
    assert (found.saved_bps if found else None) == bps


def test_a_forward_lot_saves_what_it_brings_more() -> None:
    room = AuctionRoom()
    room.create(rules=FORWARD)
    lot = a_lot(LotRules(floor_price=1_000), LotDirection.FORWARD)

    found = savings_at(room.auctions.event_of("event-1"), lot, 1_500)

    assert found == Savings(300_000, 450_000, 150_000)
    assert found.saved_bps == 5_000


@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)), max_size=8))
def test_the_sum_of_savings_saves_what_its_sums_differ_by(amounts: list[tuple[int, int]]) -> None:
    total = sum_of(Savings(before, after, before - after) for before, after in amounts)

    assert total.saved_minor == total.before_minor - total.after_minor
    assert (total.saved_bps is None) == (total.before_minor == 0)
