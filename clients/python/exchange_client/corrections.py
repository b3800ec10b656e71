"""Trades that do not stand as they were made, and how the operator undoes them."""

from enum import StrEnum

from exchange_client.command import Command


class BustCause(StrEnum):
    """Why a trade does not stand as it was made."""

    ERRONEOUS = "erroneous"
    CONSENT = "consent"
    SUPERVISORY = "supervisory"


class TradeStatus(StrEnum):
    """Whether a trade stands, and how."""

    STANDING = "standing"
    CORRECTED = "corrected"
    BUSTED = "busted"


class BustTrade(Command, frozen=True, tag="bust_trade"):
    """Operator: take a trade back that is neither settled nor dispatched, within a day."""

    instrument_id: str
    trade_number: int
    cause: BustCause = BustCause.ERRONEOUS


class CorrectTrade(Command, frozen=True, tag="correct_trade"):
    """Operator: give such a trade another price, a smaller quantity, or both; 0 leaves the quantity."""

    instrument_id: str
    trade_number: int
    price: int
    quantity: int = 0
    cause: BustCause = BustCause.ERRONEOUS
