"""The currencies that an event may be bid in, as REST writes them: rates and ticks as decimals.

Guarantees: a rate is an exact decimal both ways.
"""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from exchange.core.limits import BID_CURRENCIES_MAX, RATE_PPB_MAX
from exchange.core.market.sourcing import SourcingEvent
from exchange.core.messages.base import Currency
from exchange.core.messages.currencies import BidCurrency
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway.decoding import price_of
from exchange.gateway.notation import Decimals, decimal_of, number_of
from exchange.gateway.problems import Refused

RATE_SCALE: Final = 9


class BidCurrencyBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A currency that may be bid in: `rate` is what one unit of it is worth in the event's, with up to nine decimals.

    `tick` is that of its prices, which have the event's decimals; without one it is the number that is the lot's.
    """

    currency: Currency
    rate: Decimals
    tick: Decimals | UnsetType = UNSET


class NewCurrencies(Struct, frozen=True, forbid_unknown_fields=True):
    """All that the event may be bid in beside its own."""

    currencies: Annotated[list[BidCurrencyBody], Meta(max_length=BID_CURRENCIES_MAX)]


def currencies_of(bodies: list[BidCurrencyBody], scale: int) -> tuple[BidCurrency, ...]:
    """The currencies in integers; refuses what doesn't fit, by its name."""
    return tuple(
        BidCurrency(
            each.currency,
            _rate_of(each.rate),
            0 if each.tick is UNSET else price_of("currencies", each.tick, scale),
        )
        for each in bodies
    )


def currencies_shown(event: SourcingEvent) -> list[BidCurrencyBody] | UnsetType:
    """Those that the event may be bid in beside its own."""
    if event.currencies is None:
        return UNSET
    return [currency_body(each, event.price_scale) for each in event.currencies.allowed.values()]


def currency_body(each: BidCurrency, scale: int) -> BidCurrencyBody:
    """The currency as it is shown."""
    tick = decimal_of(each.tick, scale) if each.tick else UNSET
    return BidCurrencyBody(each.currency, decimal_of(each.rate_ppb, RATE_SCALE), tick)


def _rate_of(text: str) -> int:
    number = number_of(text, RATE_SCALE)
    if number is None or not 1 <= number <= RATE_PPB_MAX:
        raise Refused(Reject(RejectCode.MALFORMED, RATE_PPB_MAX, "currencies"))
    return number
