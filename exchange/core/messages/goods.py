"""Instruments and stock."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from exchange.core.limits import PRICE_MAX, PRICE_SCALE_MAX
from exchange.core.messages.base import (
    BasisPoints,
    Command,
    Currency,
    Event,
    Price,
    PublicId,
    Quantity,
    Symbol,
)


class Delivery(StrEnum):
    """The way of the goods from the seller to the buyer."""

    DIRECT = "direct"  # to the buyer, who confirms the receipt
    HUB = "hub"  # through the exchange's hub, which inspects and guarantees


class TaxRegime(StrEnum):
    """In whose name goods are sold, and so who owes which tax."""

    NONE = "none"  # no tax on goods
    OWN_NAME = "own_name"  # the exchange buys and sells, with tax on both
    DISCLOSED_AGENT = "disclosed_agent"  # the seller's own affair; the exchange taxes its fee only


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
    delivery: Delivery = Delivery.DIRECT
    guarantee_bps: BasisPoints = 0  # of the goods' price, set aside when they pass inspection; hub only
    tax_regime: TaxRegime = TaxRegime.NONE
    goods_tax_bps: BasisPoints = 0  # on the goods' price, paid by the buyer; only with own_name


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


class DealTermsSet(Event, frozen=True, tag="deal_terms_set"):
    """How deals in a new instrument differ from direct delivery without tax; fixed for its life."""

    instrument_id: str
    delivery: Delivery
    guarantee_bps: int
    tax_regime: TaxRegime
    goods_tax_bps: int


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
