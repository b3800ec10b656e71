"""Instruments and stock."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from exchange.core.limits import (
    AMOUNT_MINOR_MAX,
    CALL_US_MAX,
    DATE_CODE_MAX,
    LEAD_DAYS_MAX,
    PART_NUMBER_LENGTH_MAX,
    PRICE_MAX,
    PRICE_SCALE_MAX,
    SYMBOL_LENGTH_MAX,
)
from exchange.core.messages.base import (
    BasisPoints,
    Command,
    Currency,
    Event,
    Price,
    PublicId,
    Quantity,
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


class Condition(StrEnum):
    """What state the goods are in."""

    FACTORY_SEALED = "NEW-FACTORY-SEALED"  # in the maker's own unopened packaging
    OPEN = "NEW-OPEN"  # unused, the packaging was opened
    NOS = "NOS"  # new old stock: unused, out of production
    REFURB = "REFURB"  # used, then made as new
    PULL = "PULL"  # taken from assembled boards


class Packaging(StrEnum):
    """What the goods lie in."""

    UNSPECIFIED = "UNSPECIFIED"
    REEL = "REEL"
    CUT_TAPE = "CUT-TAPE"
    AMMO = "AMMO"
    TUBE = "TUBE"
    TRAY = "TRAY"
    BOX = "BOX"
    BULK = "BULK"


class Rohs(StrEnum):
    """Whether the goods keep to the European directive on hazardous substances."""

    UNKNOWN = "UNKNOWN"
    YES = "YES"
    NO = "NO"
    EXEMPT = "EXEMPT"


class Traceability(StrEnum):
    """How far back papers follow the goods."""

    NONE = "NONE"
    PARTIAL = "PARTIAL"  # some owner's papers are missing
    DISTRIBUTOR = "DISTRIBUTOR"  # to an authorised distributor
    MANUFACTURER = "MANUFACTURER"  # to the maker's own certificate


DateCode = Annotated[int, Meta(ge=0, le=DATE_CODE_MAX)]
"""Year x 100 + ISO week of making, 202314 say; 0: no bound."""
PartText = Annotated[
    str, Meta(pattern="^[^\\u0000-\\u001f\\u007f]*$", min_length=1, max_length=PART_NUMBER_LENGTH_MAX)
]


class Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """What goods are, so that equal ones are one instrument. Who makes them and their number as people write it."""

    manufacturer: PartText
    part_number: PartText
    condition: Condition
    packaging: Packaging = Packaging.UNSPECIFIED
    date_code_from: DateCode = 0  # both ends are admissible
    date_code_to: DateCode = 0
    rohs: Rohs = Rohs.UNKNOWN
    origin: Annotated[str, Meta(pattern="^([A-Z]{2})?$")] = ""  # ISO 3166 alpha-2; empty: any
    traceability: Traceability = Traceability.NONE


class CreateInstrument(Command, frozen=True, kw_only=True, tag="create_instrument"):
    """Operator: describe fungible goods that can be traded.

    Refused unless `tick` x `lot_multiple` is a whole number of minor units, so that no fill ever rounds.
    """

    symbol: Annotated[str, Meta(max_length=SYMBOL_LENGTH_MAX)] = ""  # empty: derived from the part
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
    part: Part | None = None
    reference_price: Annotated[int, Meta(ge=0, le=PRICE_MAX)] = 0  # an admissible price, or 0 for none
    text_hash: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = (
        ""  # SHA-256 of a description kept elsewhere
    )
    min_amount_minor: Annotated[int, Meta(ge=0, le=AMOUNT_MINOR_MAX)] = 0  # of an order; 0: none
    dynamic_band_bps: BasisPoints = 0  # an order that would trade further from the last price starts a call
    call_us: Annotated[int, Meta(ge=0, le=CALL_US_MAX)] = 0  # of such a call; 0: five minutes


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


class PartDescribed(Event, frozen=True, tag="part_described"):
    """Which part a new instrument is; no other instrument is the same."""

    instrument_id: str
    part: Part


class ReferencePriceSet(Event, frozen=True, tag="reference_price_set"):
    """What a piece of the instrument is about worth; nothing has to trade there."""

    instrument_id: str
    price: int


class TextAttached(Event, frozen=True, tag="text_attached"):
    """A new instrument has a description for people, which the core knows by its hash."""

    instrument_id: str
    text_hash: str


class LeastAmountSet(Event, frozen=True, tag="least_amount_set"):
    """Orders in a new instrument amount to at least this; fixed for its life."""

    instrument_id: str
    min_amount_minor: int


class DeclareStock(Command, frozen=True, tag="declare_stock"):
    """Seller: bring a quantity to the market; sell orders draw on it. An advert tells all, but not whose it is."""

    instrument_id: PublicId
    quantity: Quantity
    advertise: bool = False
    lead_days: Annotated[int, Meta(ge=0, le=LEAD_DAYS_MAX)] = 0  # of the advert: until the goods can leave


class StockDeclared(Event, frozen=True, tag="stock_declared"):
    """The seller's stock rose by `quantity`."""

    member_id: str
    instrument_id: str
    quantity: int


class StockAdvertised(Event, frozen=True, tag="stock_advertised"):
    """The seller made known that it has the goods; only the instrument, the size and the days are shown."""

    member_id: str
    instrument_id: str
    quantity: int
    lead_days: int


class WithdrawStock(Command, frozen=True, tag="withdraw_stock"):
    """Seller: take back stock that no order reserves."""

    instrument_id: PublicId
    quantity: Quantity


class StockWithdrawn(Event, frozen=True, tag="stock_withdrawn"):
    """The seller's stock fell by `quantity`."""

    member_id: str
    instrument_id: str
    quantity: int


GoodsCommand = CreateInstrument | DeclareStock | WithdrawStock
GoodsEvent = (
    InstrumentCreated
    | DealTermsSet
    | PartDescribed
    | ReferencePriceSet
    | TextAttached
    | LeastAmountSet
    | StockDeclared
    | StockAdvertised
    | StockWithdrawn
)
