"""Instruments and stock."""

from typing import Annotated

from msgspec import Meta

from exchange.core.limits import PRICE_MAX, PRICE_SCALE_MAX
from exchange.core.messages.base import Command, Currency, Event, Price, PublicId, Quantity, Symbol


class CreateInstrument(Command, frozen=True, tag="create_instrument"):
    """Operator: describe fungible goods that can be traded.

    Refused unless `tick` x `lot_multiple` is a whole number of minor units, so that no fill ever rounds.
    """

    symbol: Symbol
    currency: Currency
    price_scale: Annotated[int, Meta(ge=0, le=PRICE_SCALE_MAX)] = 4
    tick: Price = 1
    lot_multiple: Quantity = 1
    price_min: Price = 1  # the price band; both ends are admissible
    price_max: Price = PRICE_MAX


class InstrumentCreated(Event, frozen=True, tag="instrument_created"):
    """Its book is open from now on."""

    instrument_id: str
    symbol: str
    currency: str
    price_scale: int
    tick: int
    lot_multiple: int
    price_min: int
    price_max: int


class DeclareStock(Command, frozen=True, tag="declare_stock"):
    """Seller: bring a quantity to the market; sell orders draw on it."""

    instrument_id: PublicId
    quantity: Quantity


class StockDeclared(Event, frozen=True, tag="stock_declared"):
    """The seller's stock rose by `quantity`."""

    member_id: str
    instrument_id: str
    quantity: int


class WithdrawStock(Command, frozen=True, tag="withdraw_stock"):
    """Seller: take back stock that no order reserves."""

    instrument_id: PublicId
    quantity: Quantity


class StockWithdrawn(Event, frozen=True, tag="stock_withdrawn"):
    """The seller's stock fell by `quantity`."""

    member_id: str
    instrument_id: str
    quantity: int
