"""What the room of all books adds to one: instruments, bounds, names and dumps."""

import pytest
from msgspec import msgpack

from exchange.core.limits import OPEN_ORDERS_PER_MEMBER_MAX
from exchange.core.market.books import Books, BooksState
from exchange.core.market.dumps import BookState, RestingOrder
from exchange.core.messages import AnyEvent
from exchange.core.messages.base import TimeInForce
from exchange.core.messages.orders import OrderRested, PlaceOrder, Traded
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.trading import BUY, FOK, GTC, IOC, PART, SELL, Trading, made


def a_full_member() -> Trading:
    """Ann has all the open orders that she may have, in two books; Bob sells 5 at 100 in one of them."""
    market = Trading()
    market.books.open_book("other", 1, 1, 1, 1_000)
    for number in range(OPEN_ORDERS_PER_MEMBER_MAX):
        book = market.books.books["other" if number % 2 else PART]
        command = PlaceOrder(instrument_id=book.instrument_id, side=BUY, price=number % 50 + 1, quantity=1)
        book.place(f"{number}", "Ann", "Ann", command, [])
    market.sell("Bob", 100, 5)
    return market


def test_an_unknown_instrument_is_refused_before_anything_else() -> None:
    command = PlaceOrder(instrument_id="nothing", side=BUY, price=1, quantity=1)

    refused = a_full_member().books.refusal("Ann", "Ann", command)

    assert refused == Reject(RejectCode.INSTRUMENT_UNKNOWN, 0, "instrument_id")


@pytest.mark.parametrize("price", [1, 100, 1_001])
def test_a_member_with_all_its_open_orders_places_no_other_that_could_rest(price: int) -> None:
    refused = a_full_member().buy("Ann", price, 5)

    assert refused == Reject(RejectCode.TOO_MANY_OPEN_ORDERS, OPEN_ORDERS_PER_MEMBER_MAX)


@pytest.mark.parametrize("tif", [IOC, FOK])
def test_a_member_with_all_its_open_orders_can_still_trade_at_once(tif: TimeInForce) -> None:
    made(a_full_member().buy("Ann", 100, 5, tif))


def test_the_bound_counts_each_member_by_itself() -> None:
    made(a_full_member().buy("Bob", 1, 5))


def test_an_order_that_goes_makes_room_for_another() -> None:
    cancelled, filled, shrunk = a_full_member(), a_full_member(), a_full_member()
    cancelled.cancel("Ann", "0")
    filled.sell("Bob", 49, 1)
    shrunk.owners["Bob"] = "Ann"
    shrunk.sell("Bob", 49, 1)

    for market in (cancelled, filled, shrunk):
        made(market.buy("Ann", 1, 5))
        assert market.buy("Ann", 1, 5) == Reject(RejectCode.TOO_MANY_OPEN_ORDERS, OPEN_ORDERS_PER_MEMBER_MAX)


def test_an_amended_order_counts_once() -> None:
    market = a_full_member()
    market.cancel("Ann", "0")

    made(market.amend("Ann", "2", price=60))

    made(market.buy("Ann", 1, 5))


def test_only_its_member_finds_an_order_and_nobody_learns_more() -> None:
    market = Trading(owners={"Ann": "group", "Bob": "group"})
    market.sell("Ann", 50, 5)
    market.sell("Ann", 60, 5)
    market.cancel("Ann", "o2")

    assert market.books.find("Ann", "o1") is market.resting("o1")
    for member_id, order_id in (("Bob", "o1"), ("Ann", "o2"), ("Ann", "o3"), ("Ann", "")):
        assert market.books.find(member_id, order_id) == Reject(RejectCode.ORDER_UNKNOWN)


def test_an_instrument_has_one_book() -> None:
    with pytest.raises(AssertionError, match="one book"):
        Trading().books.open_book(PART, 1, 1, 1, 10)


def test_books_do_not_meet() -> None:
    market = Trading()
    market.books.open_book("other", 1, 1, 1, 1_000)
    market.sell("Ann", 50, 5)
    command = PlaceOrder(instrument_id="other", side=BUY, price=60, quantity=5)

    events: list[AnyEvent] = []

    market.books.place("elsewhere", "Bob", "Bob", command, events)

    assert events[1:] == [OrderRested("elsewhere", "Bob", "other", BUY, 60, 5)]


def test_a_dump_tells_the_books_by_id_and_their_orders_as_they_would_be_met() -> None:
    market = Trading(tick=5, lot_multiple=2, price_min=3, price_max=203)
    market.books.open_book("a part", 1, 1, 1, 9)
    market.sell("Ann", 60, 4)
    market.sell("Bob", 55, 6, post_only=True)
    market.sell("Cyd", 60, 8)
    market.buy("Dan", 50, 2)
    market.buy("Eve", 55, 2, IOC)

    assert market.books.dump() == BooksState(
        [
            BookState("a part", 1, 1, 1, 9, 0, [], [], [], []),
            BookState(
                PART,
                5,
                2,
                5,
                200,
                1,
                [RestingOrder("o4", "Dan", "Dan", 50, 2, 2, False, 0, None, 0, 0)],
                [
                    RestingOrder("o2", "Bob", "Bob", 55, 6, 4, True, 0, None, 0, 0),
                    RestingOrder("o1", "Ann", "Ann", 60, 4, 4, False, 0, None, 0, 0),
                    RestingOrder("o3", "Cyd", "Cyd", 60, 8, 8, False, 0, None, 0, 0),
                ],
                [],
                [],
            ),
        ]
    )


def test_equal_books_dump_alike_whatever_their_history() -> None:
    short, long = Trading(), Trading()
    long.books.open_book("a part", 1, 1, 1, 9)
    short.buy("Ann", 50, 5)
    short.books.open_book("a part", 1, 1, 1, 9)
    long.buy("Ann", 40, 9)
    for price in range(100, 300):
        long.sell("Bob", price, 1)
        long.cancel("Bob", f"o{long.placed}")
    long.amend("Ann", "o1", price=50, quantity=5)

    assert msgpack.encode(long.books.dump()) == msgpack.encode(short.books.dump())


def test_a_loaded_dump_goes_on_where_it_stopped() -> None:
    market = Trading()
    market.sell("Ann", 50, 5)
    market.sell("Bob", 50, 5)
    market.buy("Cyd", 50, 2)
    market.books = Books.load(msgpack.decode(msgpack.encode(market.books.dump()), type=BooksState))

    assert made(market.buy("Cyd", 50, 5, GTC))[1:] == [
        Traded(PART, 2, 50, 3, BUY, "o1", "o4", "Ann", "Cyd", 0, 2),
        Traded(PART, 3, 50, 2, BUY, "o2", "o4", "Bob", "Cyd", 3, 0),
    ]
    assert market.levels(SELL) == [(50, 3, 1)]


def test_the_bound_on_open_orders_survives_a_dump() -> None:
    market = a_full_member()
    market.books = Books.load(market.books.dump())

    assert market.buy("Ann", 1, 5) == Reject(RejectCode.TOO_MANY_OPEN_ORDERS, OPEN_ORDERS_PER_MEMBER_MAX)
