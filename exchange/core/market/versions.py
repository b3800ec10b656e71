"""What an order, a sourcing event or a lot is like, as one number that tells whether somebody has changed it.

Guarantees: equal versions mean that whoever governs the thing would read the same of it; core and read models give
the same. A bid in an open lot changes no version: it is nobody's change of the lot, and its buyer could never
catch up with it; the overtime that it brings does. Fills change an order's.
Known limits: what is changed and changed back has its old version again, though an order has lost its place.
A version is for those who govern the thing: it counts what suppliers must not. That of an event from stock counts the
invited without naming them, since its seller may not learn them.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import json

from exchange.core.market.sourcing import EventState, Lot, LotState, SourcingEvent
from exchange.core.values import version_of

_DECIDED: Final = frozenset({LotState.CLOSED, LotState.AWARDED})


def order_version(price: int, quantity: int, open_quantity: int) -> int:
    """Of an order of this price and total quantity, of which so much is open."""
    return version_of(price, quantity, open_quantity)


def event_version(event: SourcingEvent) -> int:
    """Of a sourcing event with all its lots."""
    lots = (part for lot in event.lots for part in (*_parts(lot), *_drafted(event, lot)))
    drafted = _drafted(event, event)
    named = () if event.from_stock else event.invited
    return version_of(event.state, event.paused_at_us, len(event.invited), *named, *drafted, *lots)


def lot_version(event: SourcingEvent, lot: Lot) -> int:
    """Of one lot of an event."""
    return version_of(event.state, event.paused_at_us, *_parts(lot), *_drafted(event, lot))


def _drafted(event: SourcingEvent, what: SourcingEvent | Lot) -> Iterator[object]:
    """What may still change of a draft; maps leave their defaults out, so they can grow."""
    if event.state is not EventState.DRAFT:
        return
    yield json.encode((what.title, what.rules))
    if isinstance(what, Lot):
        yield from (what.quantity, what.ceiling_price, what.min_step, what.tick)
    else:
        yield json.encode((what.open_at_us, what.duration_us, what.overtime, what.disclosure))
        if what.sale is not None:
            yield json.encode(what.sale)
        if what.currencies is not None:
            yield json.encode(list(what.currencies.allowed.values()))


def _parts(lot: Lot) -> Iterator[object]:
    yield from (lot.lot_id, lot.state, lot.open_at_us, lot.close_at_us, lot.awarded_alias, lot.board.seed)
    if lot.state in _DECIDED:
        for bid in lot.board.ranking():
            yield from (bid.alias, bid.price)
