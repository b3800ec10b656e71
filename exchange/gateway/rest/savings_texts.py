"""How REST writes what a lot or an event saves."""

from msgspec import Struct

from exchange.core.market.lots.savings import Savings
from exchange.gateway.notation import Decimals, SignedDecimals, decimal_of, scale_of_unit


class SavingsShown(Struct, frozen=True):
    """Amounts of whole lots in the event's currency; below zero it costs more than before, forward it brings less.

    `saved_percent` is of the amount before; null where that is none.
    """

    amount_before: Decimals
    amount: Decimals
    saved: SignedDecimals
    saved_percent: SignedDecimals | None


def savings_shown(savings: Savings, currency: str) -> SavingsShown:
    """As decimal strings."""
    scale, bps = scale_of_unit(currency), savings.saved_bps
    return SavingsShown(
        decimal_of(savings.before_minor, scale),
        decimal_of(savings.after_minor, scale),
        decimal_of(savings.saved_minor, scale),
        None if bps is None else decimal_of(bps, 2),
    )
