"""One side of a book: levels in order, queues in order, and nothing left behind."""

import random

import pytest

from exchange.core.market.ladder import NO_RANK, Ladder, Order, Register
from exchange.core.messages.base import Side
from tests.core.market.trading import BUY, PART, SELL


def a_ladder(side: Side) -> Ladder:
    return Ladder(side, Register())


def an_order(side: Side, price: int, order_id: str = "o1", quantity: int = 1) -> Order:
    return Order(order_id, "Ann", "Ann", PART, side, price, quantity, quantity, False, 0)


@pytest.mark.parametrize("side, best_first", [(BUY, [52, 51, 50]), (SELL, [50, 51, 52])])
def test_a_side_is_met_from_its_best_price_on(side: Side, best_first: list[int]) -> None:
    ladder = a_ladder(side)
    for price in (51, 50, 52):
        ladder.join(an_order(side, price, f"at {price}"))

    assert [level.price for level in ladder.levels()] == best_first
    assert [order.price for order in ladder] == best_first
    assert ladder.best is not None and ladder.best.price == best_first[0]
    assert ladder.best_rank == ladder.best.rank


def test_an_empty_side_has_no_best_and_a_rank_behind_every_price() -> None:
    ladder = a_ladder(BUY)
    order = an_order(BUY, 50)
    ladder.join(order)
    ladder.leave(order)

    assert (ladder.best, ladder.best_rank, list(ladder)) == (None, NO_RANK, [])


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_order_leaves_from_anywhere_in_its_queue(place: int) -> None:
    ladder = a_ladder(SELL)
    orders = [an_order(SELL, 50, f"o{number}", number + 1) for number in range(3)]
    for order in orders:
        ladder.join(order)

    gone = orders.pop(place)
    ladder.leave(gone)

    assert list(ladder) == orders
    assert (gone.level, gone.ahead, gone.behind) == (None, None, None)
    (level,) = ladder.levels()
    assert list(level) == orders
    assert (level.first, level.last) == (orders[0], orders[1])


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("leaving", [0.3, 0.5, 0.7])
def test_levels_that_come_and_go_in_their_hundreds_stay_in_order(side: Side, leaving: float) -> None:
    chance = random.Random(f"{side} {leaving}")
    ladder, there = a_ladder(side), list[Order]()
    for number in range(2_000):
        if there and chance.random() < leaving:
            order = there.pop(chance.randrange(len(there)))
            ladder.leave(order)
        else:
            there.append(an_order(side, chance.randint(1, 1_000), f"o{number}"))
            ladder.join(there[-1])
        if number % 10 == 0:
            # Sorting is stable: among equal prices the older order stays in front.
            assert list(ladder) == sorted(there, key=lambda order: order.price * ladder.sign)
        assert ladder.best_rank == min((order.price * ladder.sign for order in there), default=NO_RANK)
        assert (ladder.best.rank if ladder.best else NO_RANK) == ladder.best_rank
        assert ladder._empty == [level.first for level in ladder._levels.values()].count(None)


def test_empty_levels_never_outnumber_the_others_by_much() -> None:
    ladder = a_ladder(SELL)
    for price in range(1, 101):
        ladder.join(an_order(SELL, price, f"at {price}"))
    for price in range(1_000, 11_000):
        order = an_order(SELL, price)
        ladder.join(order)
        ladder.leave(order)

        assert len(ladder._levels) == len(ladder._ranks) <= 100 + 101


def test_a_register_knows_what_rests_and_how_much_of_it_is_whose() -> None:
    register = Register()
    bids, asks = Ladder(BUY, register), Ladder(SELL, register)
    bid, ask = an_order(BUY, 50, "o1"), an_order(SELL, 60, "o2")
    bids.join(bid)
    asks.join(ask)
    assert register.orders == {"o1": bid, "o2": ask}
    assert register.own == {"Ann": register.orders}

    bids.leave(bid)

    assert register.orders == {"o2": ask}
    assert register.own == {"Ann": register.orders}


def test_an_id_that_rests_already_does_not_rest_again() -> None:
    ladder = a_ladder(BUY)
    ladder.join(an_order(BUY, 50))

    with pytest.raises(AssertionError, match="never given twice"):
        ladder.join(an_order(BUY, 51))


def test_a_register_that_goes_takes_the_rings_apart() -> None:
    # The collector does not see orders: two that point at each other would never be freed.
    ladder = a_ladder(BUY)
    orders = [an_order(BUY, 50, order_id) for order_id in ("o1", "o2", "o3")]
    for order in orders:
        ladder.join(order)

    del ladder

    assert all((order.level, order.ahead, order.behind) == (None, None, None) for order in orders)


def test_a_level_whose_orders_are_gone_is_not_shown() -> None:
    ladder = a_ladder(SELL)
    orders = [an_order(SELL, price, f"at {price}") for price in (50, 51, 52)]
    for order in orders:
        ladder.join(order)

    ladder.leave(orders[1])

    assert [level.price for level in ladder.levels()] == [50, 52]
