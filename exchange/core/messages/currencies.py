"""Bids in other currencies than their event's: the rates that its buyer sets, and what each supplier bids in.

Guarantees: a rate is an exact decimal, set for a draft, and frozen by its publication.
"""

from typing import Annotated

from msgspec import Meta, Struct

from exchange.core.limits import BID_CURRENCIES_MAX, PRICE_MAX, RATE_PPB_MAX
from exchange.core.messages.base import Command, ConditionalCommand, Currency, Event, PublicId

RatePpb = Annotated[int, Meta(ge=1, le=RATE_PPB_MAX)]
"""What one unit of a currency is worth, in billionths of the event's currency."""


class BidCurrency(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A currency that may be bid in, at this rate; its prices have the event's decimals."""

    currency: Currency
    rate_ppb: RatePpb
    tick: Annotated[int, Meta(ge=0, le=PRICE_MAX)] = 0  # of its prices; 0: the number that is the lot's


class SetCurrencies(ConditionalCommand, frozen=True, tag="set_currencies"):
    """Buyer: name the currencies that a draft may be bid in beside its own, in place of those named before."""

    event_id: PublicId
    currencies: Annotated[tuple[BidCurrency, ...], Meta(max_length=BID_CURRENCIES_MAX)]


class CurrenciesSet(Event, frozen=True, tag="currencies_set"):
    """The draft may be bid in these beside its own currency; everybody who is invited is shown the rates."""

    event_id: str
    currencies: tuple[BidCurrency, ...]


class ChooseCurrency(Command, frozen=True, tag="choose_currency"):
    """Supplier: before the first bid in any lot of the event, say which of its currencies all own prices are in.

    Without a word they are in the event's own.
    """

    event_id: PublicId
    currency: Currency


class CurrencyChosen(Event, frozen=True, tag="currency_chosen"):
    """The supplier's prices in the event are in this currency; nobody else is told before an award."""

    event_id: str
    member_id: str
    currency: str


CurrencyCommand = SetCurrencies | ChooseCurrency
CurrencyEvent = CurrenciesSet | CurrencyChosen
