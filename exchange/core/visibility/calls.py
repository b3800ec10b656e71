"""What is shown of a trade of a call: to its sides as a fill, to everybody as a print."""

from collections.abc import Sequence

from exchange.core.messages import shown
from exchange.core.messages.base import Side
from exchange.core.messages.phases import CallTraded


def both_sides(event: CallTraded) -> tuple[str, ...]:
    """Buyer and seller, each once."""
    return (event.buyer_id, event.seller_id) if event.buyer_id != event.seller_id else (event.buyer_id,)


def filled(event: CallTraded, viewer: str) -> Sequence[shown.OwnEvent]:
    """Both sides of the match where the viewer traded with itself, which a call allows."""
    told: list[shown.OwnEvent] = []
    price, quantity = event.price, event.quantity
    for member_id, order_id, left, side in (
        (event.buyer_id, event.buy_order_id, event.buy_open, Side.BUY),
        (event.seller_id, event.sell_order_id, event.sell_open, Side.SELL),
    ):
        if member_id == viewer:
            ids = order_id, event.instrument_id, side, event.trade_number
            told.append(shown.OwnFill(*ids, price, quantity, left, side is not event.pressed_by, True))
    return told


def show_call_print(trade: CallTraded, at_us: int) -> shown.Print:
    """A trade of a call, likewise."""
    return shown.Print(trade.trade_number, trade.price, trade.quantity, trade.pressed_by, at_us, True)
