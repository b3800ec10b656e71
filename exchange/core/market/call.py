"""The end of a call auction: who trades with whom at the one price.

Guarantees: the volume of the uncross price trades whole, in price-time order on both sides; at one price what
is displayed comes before what icebergs hide, each in the order of the queue. Orders of one owner may meet: there
is no self-trade prevention here. Orders with a minimum fill stay out and wait for the continuous phase.
After it no two orders that took part could still trade.
"""

from collections.abc import Iterator
from typing import Final

from exchange.core.market.book import Book
from exchange.core.market.ladder import Half, Order, TermOrder, visible
from exchange.core.market.uncross import Uncross, pairs, shares, uncross
from exchange.core.messages import AnyEvent
from exchange.core.messages.base import Side
from exchange.core.messages.orders import Traded
from exchange.core.messages.phases import CallTraded, Uncrossed

_BUY: Final = Side.BUY


def indicated(book: Book) -> Uncross | None:
    """What the call would come to now, or nothing."""
    bids, asks = book.ladders(_BUY)
    return uncross(_depth(bids), _depth(asks), book.tick, book.stage.reference)


def trade_at_one_price(book: Book, events: list[AnyEvent]) -> dict[str, Order]:
    """Let the book trade: Uncrossed, and a CallTraded for each match, or nothing at all.

    The buy orders that traded, by their ids: what they held is the caller's to settle.
    """
    found = indicated(book)
    if found is None:
        return {}
    bids, asks = book.ladders(_BUY)
    buys, sells = (list(shares(_queue(half), found.volume)) for half in (bids, asks))
    events.append(Uncrossed(book.instrument_id, found.price, found.volume, found.surplus, found.side))
    for buyer, seller, quantity in pairs(buys, sells):
        book.trades += 1
        buyer.open -= quantity
        seller.open -= quantity
        events.append(_traded(book, found, buyer, seller, quantity))
    book.stage.reference = found.price
    _leave(book, bids, buys, events)
    _leave(book, asks, sells, events)
    return {order.order_id: order for order, _ in buys}


def _leave(book: Book, half: Half, filled: list[tuple[Order, int]], events: list[AnyEvent]) -> None:
    """Take out who is filled; an iceberg whose slice is used up shows the next one at the back of its level."""
    for order in {order.order_id: order for order, _ in filled}.values():
        if not order.open:
            half.take_out(order)
        elif type(order) is TermOrder and order.terms.display_quantity:
            order.shown -= sum(quantity for each, quantity in filled if each is order)
            if order.shown <= 0:
                book.refill(order, half, events)


def as_taken(event: CallTraded) -> Traded:
    """The trade as records keep it, as though the side that pressed had been the taker."""
    head = event.instrument_id, event.trade_number, event.price, event.quantity, event.pressed_by
    buy, sell = (
        (event.buy_order_id, event.buyer_id, event.buy_open),
        (event.sell_order_id, event.seller_id, event.sell_open),
    )
    taker, maker = (buy, sell) if event.pressed_by is _BUY else (sell, buy)
    return Traded(*head, maker[0], taker[0], maker[1], taker[1], maker[2], taker[2])


def _depth(half: Half) -> Iterator[tuple[int, int]]:
    """Price and whole open quantity of each order that takes part, best first."""
    for order in half:
        yield order.price, order.open


def _queue(half: Half) -> Iterator[tuple[Order, int]]:
    """Who stands in which order for how much."""
    for level in half.levels():
        for order in level:
            yield order, visible(order)
        for order in level:
            if (reserve := order.open - visible(order)) > 0:
                yield order, reserve


def _traded(book: Book, found: Uncross, buyer: Order, seller: Order, quantity: int) -> CallTraded:
    return CallTraded(
        book.instrument_id,
        book.trades,
        found.price,
        quantity,
        found.side or _BUY,
        buyer.order_id,
        seller.order_id,
        buyer.member_id,
        seller.member_id,
        buyer.price,
        seller.price,
        buyer.open,
        seller.open,
    )
