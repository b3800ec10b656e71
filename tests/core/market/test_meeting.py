"""Orders with terms meet as their terms say: cases that a random life seldom has."""

import pytest

from exchange.core.messages.base import TimeInForce
from exchange.core.messages.orders import (
    CancelCause,
    OrderCancelled,
    OrderPlaced,
    OrderRested,
    OrderTerms,
    PostOnlyMode,
    SelfTradeMode,
    SliceRefilled,
    Traded,
)
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.trading import BUY, IOC, SELL, Step, Trading, made

GTC = TimeInForce.GTC


def fills(step: Step) -> list[tuple[str, int, int]]:
    """Maker, price and quantity of each trade."""
    return [
        (each.maker_order_id, each.price, each.quantity) for each in made(step) if isinstance(each, Traded)
    ]


def least(quantity: int) -> OrderTerms:
    return OrderTerms(min_fill_quantity=quantity)


def slices(quantity: int) -> OrderTerms:
    return OrderTerms(display_quantity=quantity)


def test_a_minimum_that_is_not_met_is_passed_over_and_blocks_nobody() -> None:
    market = Trading()
    market.sell("Ann", 50, 100, terms=least(50))
    market.sell("Bob", 50, 5)
    market.sell("Cyd", 51, 5)

    assert fills(market.buy("Dan", 51, 10)) == [("o2", 50, 5), ("o3", 51, 5)]
    assert fills(market.buy("Dan", 51, 60)) == [("o1", 50, 60)]
    assert fills(market.buy("Dan", 51, 40)) == [("o1", 50, 40)]


def test_an_order_with_a_minimum_is_not_shown_and_comes_after_what_is() -> None:
    market = Trading()
    market.sell("Ann", 50, 10, terms=least(5))
    market.sell("Bob", 50, 10)

    assert market.levels(SELL) == [(50, 10, 1)]
    assert fills(market.buy("Cyd", 50, 20)) == [("o2", 50, 10), ("o1", 50, 10)]


def test_a_rest_below_its_minimum_meets_whom_it_had_passed_over() -> None:
    market = Trading()
    market.sell("Ann", 50, 100, terms=least(50))
    market.buy("Bob", 50, 45)
    assert market.levels(BUY) == [(50, 45, 1)]

    step = market.buy("Cyd", 55, 60, IOC)

    # Forty are left of the hidden order, less than its minimum: all of that fits into Bob's order now.
    assert fills(step) == [("o1", 50, 60), ("o2", 50, 40)]
    assert market.levels(BUY) == [(50, 5, 1)] and market.levels(SELL) == []


def test_an_amendment_below_the_minimum_meets_whom_it_had_passed_over() -> None:
    market = Trading()
    market.sell("Ann", 50, 100, terms=least(50))
    market.buy("Bob", 50, 45)

    assert fills(market.amend("Ann", "o1", quantity=30)) == [("o2", 50, 30)]


def test_a_new_slice_meets_the_hidden_order_that_the_last_one_was_too_small_for() -> None:
    market = Trading()
    market.buy("Bob", 50, 20, terms=slices(10))
    market.sell("Cyd", 50, 8, IOC)
    market.sell("Ann", 50, 10, terms=least(5))
    assert "o3" in market.books.orders

    assert fills(market.sell("Cyd", 50, 2, IOC)) == [("o1", 50, 2), ("o1", 50, 10)]


def test_a_slice_that_is_used_up_comes_again_at_the_back_of_its_level() -> None:
    market = Trading()
    market.sell("Ann", 50, 25, terms=slices(10))
    market.sell("Bob", 50, 10)

    step = market.buy("Cyd", 50, 22, IOC)

    assert fills(step) == [("o1", 50, 10), ("o2", 50, 10), ("o1", 50, 2)]
    assert [event for event in made(step) if isinstance(event, SliceRefilled)] == [
        SliceRefilled("o1", "Ann", "part", SELL, 50, 10, 1)
    ]
    assert market.levels(SELL) == [(50, 8, 1)]


def test_less_of_an_iceberg_takes_the_hidden_part_first() -> None:
    market = Trading()
    market.sell("Ann", 50, 30, terms=slices(10))

    market.amend("Ann", "o1", quantity=12)
    assert market.levels(SELL) == [(50, 10, 1)]
    market.amend("Ann", "o1", quantity=7)

    assert market.levels(SELL) == [(50, 7, 1)]


SLIDE = OrderTerms(post_only_mode=PostOnlyMode.SLIDE)


def test_a_sliding_order_rests_one_tick_behind_whom_it_would_have_met() -> None:
    market = Trading(tick=5)
    market.sell("Ann", 50, 5)

    placed, _, rested = made(market.buy("Bob", 60, 5, post_only=True, terms=SLIDE))

    assert isinstance(placed, OrderPlaced) and placed.price == 45
    assert isinstance(rested, OrderRested) and rested.price == 45


def test_a_slide_out_of_the_band_is_refused() -> None:
    market = Trading(price_min=50)
    market.sell("Ann", 50, 5)

    assert market.buy("Bob", 60, 5, post_only=True, terms=SLIDE) == Reject(
        RejectCode.WOULD_TRADE, 50, "price"
    )


@pytest.mark.parametrize(
    "mode, gone, met",
    [
        (SelfTradeMode.CANCEL_NEWEST, ["o3"], []),
        (SelfTradeMode.CANCEL_OLDEST, ["o1"], [("o2", 51, 5)]),
        (SelfTradeMode.CANCEL_BOTH, ["o1", "o3"], []),
    ],
)
def test_the_takers_choice_says_which_of_two_own_orders_goes(
    mode: SelfTradeMode, gone: list[str], met: list[tuple[str, int, int]]
) -> None:
    market = Trading(owners={"Ann": "one", "Ada": "one"})
    market.sell("Ann", 50, 5)
    market.sell("Bob", 51, 5)

    step = market.buy("Ada", 51, 5, terms=OrderTerms(self_trade=mode))

    cancelled = [event for event in made(step) if isinstance(event, OrderCancelled)]
    assert [event.order_id for event in cancelled] == gone
    assert {event.cause for event in cancelled} == {CancelCause.SELF_TRADE}
    assert fills(step) == met
