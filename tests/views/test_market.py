"""Orders from placing to closing, and what a watched book notes."""

import pytest

from exchange.core.messages import AmendOrder, CancelOrder, Side, TimeInForce
from exchange.core.messages.shown import Print
from exchange.views import market
from exchange.views.market import OrderStatus, OrderView
from tests.core.venue import Venue
from tests.views.follower import Follower

BUY, SELL = Side.BUY, Side.SELL


def a_follower() -> Follower:
    """Traders a and b, and c and d of one owner."""
    venue = Venue()
    venue.instrument()
    for member_id in "abcd":
        venue.member(member_id, owner="pair" if member_id in "cd" else "")
        venue.money(member_id, 1_000_000)
        venue.stock(member_id, 1_000)
    follower = Follower(venue)
    follower.catch_up()
    return follower


def test_an_order_is_open_then_filled_and_still_found() -> None:
    follower = a_follower()
    venue, book = follower.venue, follower.views.market
    venue.order("a", SELL, 100, 10)
    venue.order("b", BUY, 100, 4)
    follower.catch_up()

    assert book.order("a", "id-1") == OrderView(
        "id-1", "a", "LM358", SELL, 100, 10, 6, 4, TimeInForce.GTC, post_only=False, number=1
    )
    assert list(book.orders["a"]) == ["id-1"]

    venue.order("b", BUY, 101, 6)
    follower.catch_up()

    filled = book.order("a", "id-1")
    assert filled is not None
    assert (filled.status, filled.open_quantity, filled.filled_quantity) == (OrderStatus.FILLED, 0, 10)
    assert book.orders["a"] == {}
    assert book.recently_closed("a") == [filled]
    assert [order.order_id for order in book.recently_closed("b")] == ["id-2", "id-3"]


def test_nobody_finds_anothers_order_open_or_closed() -> None:
    follower = a_follower()
    follower.venue.order("a", SELL, 100, 10)
    follower.venue.order("b", BUY, 100, 10)
    follower.venue.order("a", SELL, 100, 10)
    follower.catch_up()

    assert follower.views.market.order("b", "id-1") is follower.views.market.order("b", "id-3") is None
    assert follower.views.market.order("a", "nothing") is None


def test_a_cancelled_order_is_closed_with_what_it_had_filled() -> None:
    follower = a_follower()
    venue = follower.venue
    venue.order("a", SELL, 100, 10)
    venue.order("b", BUY, 100, 4)
    venue.send("a", CancelOrder(order_id="id-1"))
    follower.catch_up()

    cancelled = follower.views.market.order("a", "id-1")
    assert cancelled is not None
    assert (cancelled.status, cancelled.open_quantity, cancelled.filled_quantity, cancelled.quantity) == (
        OrderStatus.CANCELLED, 0, 4, 10,
    )  # fmt: skip


def test_the_rest_of_an_ioc_order_leaves_no_depth() -> None:
    follower = a_follower()
    follower.venue.order("a", SELL, 100, 4)
    follower.venue.order("b", BUY, 100, 10, TimeInForce.IOC)
    follower.catch_up()

    taken = follower.views.market.order("b", "id-2")
    assert taken is not None and (taken.status, taken.filled_quantity) == (OrderStatus.CANCELLED, 4)
    book = follower.views.market.books["LM358"]
    assert book.bids == book.asks == {}


def test_orders_of_one_owner_shrink_without_a_trade() -> None:
    follower = a_follower()
    follower.venue.order("c", SELL, 100, 4)
    follower.venue.order("d", BUY, 100, 10)
    follower.catch_up()

    gone, left = (follower.views.market.order(*each) for each in (("c", "id-1"), ("d", "id-2")))
    assert gone is not None and (gone.status, gone.filled_quantity) == (OrderStatus.CANCELLED, 0)
    assert left is not None and (left.quantity, left.open_quantity, left.filled_quantity) == (6, 6, 0)
    assert not follower.views.market.books["LM358"].trades


AMENDS = [
    ("less keeps the place", {"quantity": 6}, {100: 6}, 100, 6),
    ("more loses it", {"quantity": 14}, {100: 14}, 100, 14),
    ("another price", {"price": 98}, {98: 10}, 98, 10),
]


@pytest.mark.parametrize("case,change,bids,price,quantity", AMENDS)
def test_an_amended_order_stands_where_it_says(
    case: str, change: dict[str, int], bids: dict[int, int], price: int, quantity: int
) -> None:
    follower = a_follower()
    follower.venue.order("a", BUY, 100, 10)
    follower.venue.send("a", AmendOrder(order_id="id-1", **change))
    follower.catch_up()

    order = follower.views.market.order("a", "id-1")
    assert follower.views.market.books["LM358"].bids == bids
    assert order is not None
    assert (order.price, order.quantity, order.open_quantity) == (price, quantity, quantity)


def test_trades_are_kept_with_their_instants_and_sum_up() -> None:
    follower = a_follower()
    venue, book = follower.venue, follower.views.market.books["LM358"]
    venue.order("a", SELL, 100, 4)
    venue.order("b", BUY, 105, 3)
    first_us = venue.at_us
    venue.order("b", BUY, 105, 1)
    follower.catch_up()

    assert list(book.trades) == [Print(1, 100, 3, BUY, first_us), Print(2, 100, 1, BUY, venue.at_us)]
    assert (book.last_price, book.last_quantity, book.volume) == (100, 1, 4)


def test_only_a_watched_book_notes_its_changes() -> None:
    follower = a_follower()
    venue, views = follower.venue, follower.views.market
    venue.order("a", SELL, 100, 4)
    follower.catch_up()
    assert views.changed == []

    views.books["LM358"].watch()
    venue.order("b", BUY, 100, 3)
    follower.catch_up()

    assert views.changed == [views.books["LM358"]]
    assert views.changed[0].delta(SELL) == [(100, 1)]
    assert [trade.quantity for trade in views.changed[0].fresh] == [3]

    venue.member("e")
    follower.catch_up()
    assert views.changed == []


def test_only_so_many_closed_orders_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(market, "CLOSED_ORDERS_KEPT", 2)
    follower = a_follower()
    for number in range(1, 4):
        follower.venue.order("a", SELL, 100, 4)
        follower.venue.send("a", CancelOrder(order_id=f"id-{number}"))
    follower.catch_up()

    kept = [order.order_id for order in follower.views.market.recently_closed("a")]
    assert kept == ["id-2", "id-3"]
    assert follower.views.market.order("a", "id-1") is None
