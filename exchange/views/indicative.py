"""What a call would come to now, for everybody who looks at the book."""

from exchange.core.market.phases import COLLECTING
from exchange.core.market.uncross import Uncross, uncross
from exchange.core.messages.base import Side
from exchange.views.books import BookView


def indicated(book: BookView) -> Uncross | None:
    """Price, volume and surplus while orders are collected; nothing where none meet, and in other phases.

    What icebergs hide counts, since it trades in the call; orders with a minimum fill don't.
    """
    bids, asks = book.bids, book.asks
    if book.phase not in COLLECTING or not bids or not asks:
        return None
    best_bid, best_ask = max(bids), min(asks)
    reaching = [(price, bids[price]) for price in bids if price >= best_ask]
    reached = [(price, asks[price]) for price in asks if price <= best_bid]
    if not reaching or not reached:
        return None
    for order in book.icebergs.values():
        if order.shown:
            depth = reaching if order.side is Side.BUY else reached
            depth.append((order.price, order.open_quantity - order.shown))
    return uncross(sorted(reaching, reverse=True), sorted(reached), book.tick, book.reference)
