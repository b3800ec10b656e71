"""Bids in other currencies than their event's: the rates that its rules fix, and what a supplier bids in."""

from msgspec import Struct

from exchange_client.command import Command, ConditionalCommand


class BidCurrency(Struct, frozen=True, omit_defaults=True):
    """A currency that may be bid in: what one unit of it is worth, in billionths of the event's currency."""

    currency: str
    rate_ppb: int
    tick: int = 0  # of its prices; 0: the number that is the lot's


class SetCurrencies(ConditionalCommand, frozen=True, tag="set_currencies"):
    """Buyer: name the currencies that a draft may be bid in beside its own, in place of those named before."""

    event_id: str
    currencies: tuple[BidCurrency, ...]


class ChooseCurrency(Command, frozen=True, tag="choose_currency"):
    """Supplier: before the first bid in any lot of the event, say which of its currencies all own prices are in."""

    event_id: str
    currency: str
