"""Bugs found in other people's books, by number and by name: none of them is one of ours.

9 is about snapshots beside the stream, which this book has not: see `tests/gateway/test_book_regressions.py`. The expiry
index of 7 is the flow's.
"""

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from msgspec import msgpack

from exchange.core.market import book as book_module
from exchange.core.market import books as books_module
from exchange.core.market import ladder as ladder_module
from exchange.core.market import meeting as meeting_module
from exchange.core.market.books import Books, BooksState
from exchange.core.market.ladder import Level, Order
from exchange.core.messages.orders import OrderCancelled, OrderTerms, Traded
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.trading import BUY, FOK, IOC, SELL, Step, Trading, made


def trades(step: Step) -> list[Traded]:
    return [event for event in made(step) if isinstance(event, Traded)]


def test_1_a_trade_printed_at_the_takers_price() -> None:
    market = Trading()
    market.sell("Ann", 50, 5)
    market.buy("Bob", 40, 5)

    assert [trade.price for trade in trades(market.buy("Cyd", 60, 5))] == [50]
    assert [trade.price for trade in trades(market.sell("Cyd", 30, 5))] == [40]


def test_2_a_partly_filled_maker_loses_its_place() -> None:
    market = Trading()
    market.sell("Ann", 50, 5)
    market.sell("Bob", 50, 5)
    market.buy("Cyd", 50, 2)

    assert [trade.maker_member_id for trade in trades(market.buy("Cyd", 50, 4))] == ["Ann", "Bob"]


def test_3_fifo_lost_by_a_heap_without_a_tie_break() -> None:
    market = Trading()
    # Neither the ids nor the members nor the quantities are in the order of arrival.
    arrivals = [f"M{number * 7 % 10}" for number in range(10)]
    for place, member_id in enumerate(arrivals):
        market.sell(member_id, 50, 1 + place * 3 % 5)
        market.sell(member_id, 60 - place, 1)

    met = [trade.maker_member_id for trade in trades(market.buy("Taker", 50, 1_000)) if trade.price == 50]

    assert met == arrivals


def test_4_a_phantom_best_price_after_a_cancel() -> None:
    market = Trading()
    market.sell("Ann", 50, 5)
    market.sell("Bob", 52, 5)
    market.cancel("Ann", "o1")
    assert market.book.best_ask == 52
    assert trades(market.buy("Cyd", 51, 5, IOC)) == []

    market.cancel("Bob", "o2")

    assert market.book.best_ask == 0
    assert trades(market.buy("Cyd", 60, 5, IOC)) == []


def test_4_a_stale_id_is_cancelled_or_amended_with_success_after_a_full_fill() -> None:
    market = Trading()
    market.sell("Ann", 50, 5)
    market.buy("Bob", 50, 5)

    for member_id, order_id in (("Ann", "o1"), ("Bob", "o2")):
        assert market.cancel(member_id, order_id) == Reject(RejectCode.ORDER_UNKNOWN)
        assert market.amend(member_id, order_id, quantity=9) == Reject(RejectCode.ORDER_UNKNOWN)


@pytest.mark.parametrize("price", [50, 55])
def test_5_a_repricing_amend_rests_a_crossed_book(price: int) -> None:
    market = Trading()
    market.sell("Ann", 50, 5)
    market.buy("Bob", 40, 8)

    assert [trade.quantity for trade in trades(market.amend("Bob", "o2", price=price))] == [5]
    assert (market.book.best_bid, market.book.best_ask) == (price, 0)


@pytest.mark.parametrize("price", [50, 49])
def test_6_the_remainder_of_an_ioc_rests(price: int) -> None:
    market = Trading()
    market.sell("Ann", 50, 5)

    assert isinstance(made(market.buy("Bob", price, 8, IOC))[-1], OrderCancelled)
    assert market.levels(BUY) == []
    assert "o2" not in market.books.orders


def test_7_a_cancel_that_looks_at_the_whole_level() -> None:
    def work(orders: int, place: int) -> int:
        market = Trading()
        for _ in range(orders):
            market.sell("Ann", 50, 1)
        return lines_run(lambda: market.cancel("Ann", f"o{place}"))

    assert work(5_000, 2_500) == work(5, 3)
    assert work(5_000, 5_000) == work(5, 5)
    assert work(5_000, 1) == work(5, 1)


def test_7_a_level_that_keeps_its_orders_in_a_list() -> None:
    # Removing from a list is one line, and yet looks at all of it: a level and an order hold links only.
    market = Trading()
    for _ in range(3):
        market.sell("Ann", 50, 1)
    order = market.resting("o2")
    assert isinstance(order.level, Level)

    for part in (order.level, order):
        held = [getattr(part, name) for name in part.__struct_fields__]
        assert all(isinstance(each, (Order, Level, int, str)) for each in held)


def test_7_a_sweep_whose_cost_grows_faster_than_its_trades() -> None:
    def work(makers: int) -> int:
        market = Trading()
        for number in range(makers):
            market.sell("Ann", number % 50 + 1, 1)
        return lines_run(lambda: market.buy("Bob", 50, makers))

    assert work(2_000) < 2 * work(1_000) + 50


def test_7_a_trade_log_that_slows_down_later_trades() -> None:
    def work(earlier: int) -> int:
        market = Trading()
        market.sell("Ann", 50, 10_000)
        for _ in range(earlier):
            market.buy("Bob", 50, 1)
        return lines_run(lambda: market.buy("Bob", 50, 1))

    assert work(3_000) == work(3)


def test_7_levels_that_come_and_go_at_a_price_that_grows_with_the_book() -> None:
    def work(levels: int) -> int:
        market = Trading(price_max=1_000_000)
        for number in range(levels):
            market.sell("Ann", number + 1, 1)

        def churn() -> None:
            for number in range(2_000):
                market.sell("Ann", 10_000 + number, 1)
                market.cancel("Ann", f"o{market.placed}")

        return lines_run(churn)

    assert work(1_000) < 1.5 * work(10)


def test_7_an_index_that_is_never_pruned() -> None:
    market = Trading()
    for number in range(300):
        market.sell("Ann", 100 + number, 1)
        market.buy("Bob", 100 + number, 1)
        market.sell("Ann", 500 + number, 2)
        market.cancel("Ann", f"o{market.placed}")

    assert market.books.orders == {}
    assert market.books._register.own == {"Ann": {}}
    for ladder in (market.book._bids, market.book._asks):
        assert len(ladder._levels) == len(ladder._ranks) == 0


def test_7_hidden_orders_that_every_taker_looks_at() -> None:
    def work(orders: int) -> int:
        market = Trading()
        for _ in range(orders):
            market.sell("Ann", 50, 100, terms=OrderTerms(min_fill_quantity=100))
        market.sell("Ann", 51, 100)
        return lines_run(lambda: market.buy("Bob", 51, 1, IOC))

    assert work(3_000) == work(1_000)


def test_8_a_self_trade_decrement_of_an_icebergs_slice_strands_its_reserve() -> None:
    market = Trading()
    market.sell("Ann", 50, 30, terms=OrderTerms(display_quantity=10))

    market.buy("Ann", 50, 10, IOC)
    assert market.levels(SELL) == [(50, 10, 1)]
    bought = trades(market.buy("Bob", 50, 20, IOC))

    assert [each.quantity for each in bought] == [10, 10]
    assert market.levels(SELL) == [] and market.books.orders == {}


def test_8_a_decrement_of_a_part_of_the_slice_leaves_the_rest_of_it_in_its_place() -> None:
    market = Trading()
    market.sell("Ann", 50, 30, terms=OrderTerms(display_quantity=10))
    market.sell("Cyd", 50, 5)

    market.buy("Ann", 50, 4, IOC)

    assert market.levels(SELL) == [(50, 11, 2)]
    met = [(each.maker_member_id, each.quantity) for each in trades(market.buy("Bob", 50, 31, IOC))]
    assert met == [("Ann", 6), ("Cyd", 5), ("Ann", 10), ("Ann", 10)]


def test_10_a_skipped_sequence_number_with_no_notice() -> None:
    market, numbers = Trading(), list[int]()
    for _ in range(30):
        steps = [
            market.sell("Ann", 50, 5),
            market.buy("Bob", 50, 1),
            market.buy("Bob", 49, 1, IOC),  # meets nobody
            market.buy("Ann", 50, 1),  # meets itself
            market.buy("Bob", 50, 100, FOK),  # is refused
            market.buy("Bob", 50, 2, IOC),
            market.cancel("Ann", f"o{market.placed - 4}"),
        ]
        assert [isinstance(step, Reject) for step in steps] == [False] * 4 + [True] + [False] * 2
        numbers += [trade.trade_number for step in steps if isinstance(step, list) for trade in trades(step)]
        market.books = Books.load(msgpack.decode(msgpack.encode(market.books.dump()), type=BooksState))

    assert numbers == list(range(1, 61))


OURS = frozenset(module.__file__ for module in (book_module, books_module, ladder_module, meeting_module))


def lines_run(step: Callable[[], Any]) -> int:
    """How many lines of the book the step takes: a measure of work without a clock."""
    count = 0

    def in_ours(_: FrameType, kind: str, __: object) -> Any:
        nonlocal count
        count += kind == "line"
        return in_ours

    def at_call(frame: FrameType, _: str, __: object) -> Any:
        return in_ours if frame.f_code.co_filename in OURS else None

    before = sys.gettrace()
    gc.disable()  # what it would end of other tests, readings of a book among them, is no work of this step
    sys.settrace(at_call)
    try:
        step()
    finally:
        sys.settrace(before)
        gc.enable()
    return count
