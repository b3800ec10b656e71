"""What an operator undoes of trades: a bust takes a trade back, a correction gives it other terms."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from exchange.core.limits import WIRE_INTEGER_MAX
from exchange.core.messages.base import Command, Event, Price, PublicId
from exchange.core.messages.delivery import Sides
from exchange.core.messages.orders import QuantityOrNone

TradeNumber = Annotated[int, Meta(ge=1, le=WIRE_INTEGER_MAX)]


class BustCause(StrEnum):
    """Why a trade does not stand as it was made."""

    ERRONEOUS = "erroneous"  # at terms that nobody can have meant
    CONSENT = "consent"  # both sides asked for it
    SUPERVISORY = "supervisory"  # the exchange's own decision


class TradeStatus(StrEnum):
    """Whether a trade stands, and how."""

    STANDING = "standing"  # as it was made
    CORRECTED = "corrected"  # at other terms
    BUSTED = "busted"  # it never was


class BustTrade(Command, frozen=True, tag="bust_trade"):
    """Operator: take a trade back that is neither settled nor dispatched, within a day.

    Its money goes to the buyer's wallet and its goods to the seller's stock; the orders do not come back.
    """

    instrument_id: PublicId
    trade_number: TradeNumber
    cause: BustCause = BustCause.ERRONEOUS


class CorrectTrade(Command, frozen=True, tag="correct_trade"):
    """Operator: give a trade that could be busted another price, a smaller quantity, or both; 0 leaves the quantity.

    It is a bust and a trade at the new terms in one: the buyer's wallet pays what is more.
    """

    instrument_id: PublicId
    trade_number: TradeNumber
    price: Price
    quantity: QuantityOrNone = 0
    cause: BustCause = BustCause.ERRONEOUS


class TradeBusted(Event, frozen=True, tag="trade_busted"):
    """The trade never was: both lines are gone, money and goods are back. A transfer of both is linked.

    `reference_price` is where the instrument's market goes on from: the last trade that stands.
    """

    sides: Sides
    trade_number: int
    price: int
    quantity: int
    amount_minor: int
    goods_tax_minor: int
    cause: BustCause
    reference_price: int


class TradeCorrected(Event, frozen=True, tag="trade_corrected"):
    """The lines of `sides` are gone, and new ones take their place: a ContractLineAdded for each side follows.

    The `old_…` are the terms that stood until now.
    """

    sides: Sides
    trade_number: int
    old_price: int
    old_quantity: int
    old_amount_minor: int
    old_goods_tax_minor: int
    price: int
    quantity: int
    amount_minor: int
    goods_tax_minor: int
    buyer_line: int
    seller_line: int
    cause: BustCause
    reference_price: int


CorrectionCommand = BustTrade | CorrectTrade
CorrectionEvent = TradeBusted | TradeCorrected
