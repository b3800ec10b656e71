"""Level 3 of the books that somebody follows so closely: every order that shows, in the order of its queue.

Guarantees: an order is known by its number alone, which counts what came to rest and shows in its book; nothing
tells its id, its member, or which slices belong to one iceberg. The changes of a commit, applied to the queues
before it, give those after it. Whoever follows no queue pays nothing for this.
"""

from collections.abc import Iterator

from msgspec import Struct

from exchange.core.messages import AnyEvent
from exchange.core.messages.base import Side
from exchange.core.messages.orders import (
    OrderAmended,
    OrderCancelled,
    OrderRested,
    SelfTradePrevented,
    SliceRefilled,
    Traded,
)
from exchange.core.messages.phases import CallTraded
from exchange.core.messages.shown_queues import QueueChange, Queued, QueueStep
from exchange.views.market import Market, OrderView

_ADD, _MODIFY, _DELETE, _TRADE = QueueStep.ADD, QueueStep.MODIFY, QueueStep.DELETE, QueueStep.TRADE
_OF_ONE = (OrderRested, SliceRefilled, OrderCancelled, OrderAmended)
_OF_TWO = (Traded, SelfTradePrevented)


class Seen(Struct, frozen=True, gc=False):
    """What everybody sees of an order."""

    number: int
    side: Side
    price: int
    quantity: int


class Queues:
    """`watched` holds, by instrument, what shows in its book; `changed` what this commit changed there."""

    def __init__(self, market: Market) -> None:
        self.watched: dict[str, dict[str, Seen]] = {}
        self.changed: dict[str, list[QueueChange]] = {}
        self._market = market

    def watch(self, instrument_id: str) -> None:
        """Follow a book from the next commit on; it is walked once."""
        shows = self.watched[instrument_id] = {}
        for mine in self._market.orders.values():
            for order in mine.values():
                if order.instrument_id == instrument_id and (seen := _seen(order)) is not None:
                    shows[order.order_id] = seen

    def unwatch(self, instrument_id: str) -> None:
        """Nobody follows it any more."""
        del self.watched[instrument_id]

    def side(self, instrument_id: str, side: Side) -> list[Queued]:
        """All that shows on one side, best first, then first come first."""
        sign = -1 if side is Side.BUY else 1
        shows = [seen for seen in self.watched[instrument_id].values() if seen.side is side]
        shows.sort(key=lambda seen: (seen.price * sign, seen.number))
        return [Queued(seen.number, seen.price, seen.quantity) for seen in shows]

    def take(self, event: AnyEvent) -> None:
        """Note what the event, which the market has taken in, changed of what shows."""
        for member_id, order_id, traded, trade_number in _concerned(event):
            order = self._market.order(member_id, order_id)
            if order is not None and (shows := self.watched.get(order.instrument_id)) is not None:
                self._compare(shows, order, traded, trade_number)

    def _compare(self, shows: dict[str, Seen], order: OrderView, traded: int, trade_number: int) -> None:
        before, now = shows.get(order.order_id), _seen(order)
        if before == now:
            return
        changes = self.changed.setdefault(order.instrument_id, [])
        kept = before is not None and now is not None and before.number == now.number
        if before is not None:
            left = now.quantity if now is not None and kept else 0
            ids = before.number, before.side, before.price
            gone = before.quantity - left
            if traded and gone:
                changes.append(QueueChange(_TRADE, *ids, gone, trade_number))
            else:
                changes.append(QueueChange(_MODIFY if kept else _DELETE, *ids, left, 0))
        if now is None:
            del shows[order.order_id]
            return
        if not kept:
            changes.append(QueueChange(_ADD, now.number, now.side, now.price, now.quantity, 0))
        shows[order.order_id] = now


def _seen(order: OrderView) -> Seen | None:
    """What the order shows in its queue; nothing where it stands nowhere, or hidden."""
    quantity = order.open_quantity if order.terms is None else order.shown
    if not order.number or not quantity:
        return None
    return Seen(order.number, order.side, order.price, quantity)


def _concerned(event: AnyEvent) -> Iterator[tuple[str, str, int, int]]:
    """Member, order, what it traded and in which trade: each order that the event may show otherwise."""
    if isinstance(event, _OF_ONE):
        yield event.member_id, event.order_id, 0, 0
    elif isinstance(event, _OF_TWO):
        number = event.trade_number if isinstance(event, Traded) else 0
        traded = event.quantity if number else 0
        yield event.maker_member_id, event.maker_order_id, traded, number
        yield event.taker_member_id, event.taker_order_id, traded, number
    elif isinstance(event, CallTraded):
        yield event.buyer_id, event.buy_order_id, event.quantity, event.trade_number
        yield event.seller_id, event.sell_order_id, event.quantity, event.trade_number
