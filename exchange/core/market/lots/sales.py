"""Surplus lots in their own terms: what a lot of stock takes, and where the sale of an awarded one stands.

Guarantees: a lot from stock is priced as its instrument is, so that its amount never rounds; the events alone rebuild
the sales. Does not move money or goods: the flow does.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol

from msgspec import Struct

from exchange.core.market.sourcing import SourcingEvent
from exchange.core.messages.lot_sales import LotSaleMoved, SaleState
from exchange.core.messages.sourcing import AddLot
from exchange.core.rejects import Reject, RejectCode


class Listed(Protocol):
    """What a lot must fit of the instrument that it offers."""

    @property
    def currency(self) -> str:
        """Of its prices."""
        ...

    @property
    def price_scale(self) -> int:
        """Of its prices."""
        ...

    @property
    def tick(self) -> int:
        """Its prices are multiples of it."""
        ...

    @property
    def lot_multiple(self) -> int:
        """Its quantities are multiples of it."""
        ...


def instrument_refusal(event: SourcingEvent, command: AddLot, instrument: Listed | None) -> Reject | None:
    """INSTRUMENT_UNKNOWN, LOT_PRICED_OTHERWISE (another currency or scale than the event's; the bound is the
    instrument's scale), PRICE_OFF_TICK, QUANTITY_OFF_LOT. Asked of a lot in an event from stock.
    """
    if instrument is None:
        return Reject(RejectCode.INSTRUMENT_UNKNOWN, field="instrument_id")
    if (instrument.currency, instrument.price_scale) != (event.currency, event.price_scale):
        return Reject(RejectCode.LOT_PRICED_OTHERWISE, instrument.price_scale, "instrument_id")
    if command.tick % instrument.tick:
        return Reject(RejectCode.PRICE_OFF_TICK, instrument.tick, "tick")
    if command.quantity % instrument.lot_multiple:
        return Reject(RejectCode.QUANTITY_OFF_LOT, instrument.lot_multiple, "quantity")
    return None


class LotSale(Struct, frozen=True, array_like=True, gc=False):
    """The last sale of a lot; fields as in LotSaleMoved."""

    lot_id: str
    winner_id: str
    alias: int
    state: SaleState
    price: int
    quantity: int
    amount_minor: int
    need_minor: int
    due_us: int
    contract_id: str


class Sales:
    """By lot; a lot that was never awarded, or that isn't from stock, has none."""

    def __init__(self, sales: Iterable[LotSale] = ()) -> None:
        self._by_lot = {sale.lot_id: sale for sale in sales}

    def get(self, lot_id: str) -> LotSale | None:
        """The last one, or nothing."""
        return self._by_lot.get(lot_id)

    def waiting(self) -> Iterator[LotSale]:
        """All that wait for money, by lot."""
        return (sale for sale in self.dump() if sale.state is SaleState.WAITS)

    def waits(self, lot_id: str) -> LotSale | None:
        """The lot's sale, while it waits for its winner's money."""
        sale = self._by_lot.get(lot_id)
        return sale if sale is not None and sale.state is SaleState.WAITS else None

    def moved(self, event: LotSaleMoved) -> None:
        """Another state, or another winner."""
        self._by_lot[event.lot_id] = LotSale(
            event.lot_id,
            event.winner_id,
            event.alias,
            event.state,
            event.price,
            event.quantity,
            event.amount_minor,
            event.need_minor,
            event.due_us,
            event.contract_id,
        )

    def dump(self) -> list[LotSale]:
        """By lot."""
        return [self._by_lot[lot_id] for lot_id in sorted(self._by_lot)]


def any_unpaid(event: SourcingEvent, sales: Sales) -> bool:
    """Whether a sale of the event waits for its winner's money."""
    return any(sales.waits(lot.lot_id) for lot in event.lots)
