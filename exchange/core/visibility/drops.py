"""What an overseer is shown of every order: who did what, as the journal has it."""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from exchange.core.messages.base import Event, Side
from exchange.core.messages.corrections import TradeBusted, TradeCorrected
from exchange.core.messages.orders import (
    OrderAmended,
    OrderCancelled,
    OrderPlaced,
    SelfTradePrevented,
    Traded,
)
from exchange.core.messages.phases import CallTraded
from exchange.core.messages.shown_drops import DropEntry, DropKind

_BUY, _SELL = Side.BUY, Side.SELL


class Place(NamedTuple):
    """Sequence and instant of the command."""

    seq: int
    at_us: int


def drops(event: Event, place: Place) -> Iterator[DropEntry]:
    """An entry for each order that the event is about; none for what is about no order."""
    told = _TOLD.get(type(event))
    return iter(()) if told is None else told(event, place)


def _accepted(event: OrderPlaced, place: Place) -> Iterator[DropEntry]:
    ids = event.member_id, event.order_id, event.instrument_id, event.side
    yield DropEntry(
        place.seq, place.at_us, DropKind.ACCEPTED, *ids, event.price, event.quantity, event.quantity
    )


def _amended(event: OrderAmended, place: Place) -> Iterator[DropEntry]:
    ids = event.member_id, event.order_id, event.instrument_id, event.side
    yield DropEntry(
        place.seq, place.at_us, DropKind.AMENDED, *ids, event.price, event.quantity, event.open_quantity
    )


def _cancelled(event: OrderCancelled, place: Place) -> Iterator[DropEntry]:
    ids = event.member_id, event.order_id, event.instrument_id, event.side
    yield DropEntry(
        place.seq, place.at_us, DropKind.CANCELLED, *ids, event.price, event.open_quantity, 0, 0, event.cause
    )


def _met(event: Traded | SelfTradePrevented, place: Place) -> Iterator[DropEntry]:
    """Maker, then taker."""
    kind, number = DropKind.REDUCED, 0
    if isinstance(event, Traded):
        kind, number = DropKind.FILLED, event.trade_number
    terms = event.price, event.quantity
    maker_side = _SELL if event.taker_side is _BUY else _BUY
    maker = event.maker_member_id, event.maker_order_id, event.instrument_id, maker_side
    taker = event.taker_member_id, event.taker_order_id, event.instrument_id, event.taker_side
    yield DropEntry(place.seq, place.at_us, kind, *maker, *terms, event.maker_open, number)
    yield DropEntry(place.seq, place.at_us, kind, *taker, *terms, event.taker_open, number)


def _call_filled(event: CallTraded, place: Place) -> Iterator[DropEntry]:
    """Buyer, then seller."""
    unit, terms, number = event.instrument_id, (event.price, event.quantity), event.trade_number
    bought = event.buyer_id, event.buy_order_id, unit, _BUY
    sold = event.seller_id, event.sell_order_id, unit, _SELL
    yield DropEntry(place.seq, place.at_us, DropKind.FILLED, *bought, *terms, event.buy_open, number)
    yield DropEntry(place.seq, place.at_us, DropKind.FILLED, *sold, *terms, event.sell_open, number)


def _restated(event: TradeBusted | TradeCorrected, place: Place) -> Iterator[DropEntry]:
    """Buyer, then seller; a contract has the id of its order."""
    kind = DropKind.BUSTED if isinstance(event, TradeBusted) else DropKind.CORRECTED
    sides, terms = event.sides, (event.price, event.quantity, 0, event.trade_number)
    bought = sides.buyer_id, sides.buyer_contract_id, sides.instrument_id, _BUY
    sold = sides.seller_id, sides.seller_contract_id, sides.instrument_id, _SELL
    yield DropEntry(place.seq, place.at_us, kind, *bought, *terms, event.cause)
    yield DropEntry(place.seq, place.at_us, kind, *sold, *terms, event.cause)


_TOLD: Final[dict[type[Event], Callable[[Any, Place], Iterator[DropEntry]]]] = {
    OrderPlaced: _accepted,
    OrderAmended: _amended,
    OrderCancelled: _cancelled,
    Traded: _met,
    SelfTradePrevented: _met,
    CallTraded: _call_filled,
    TradeBusted: _restated,
    TradeCorrected: _restated,
}
