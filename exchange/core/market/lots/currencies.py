"""What the suppliers of an event bid in, and what that is worth in the event's currency.

Guarantees: exact. A rate is a fraction, of what one unit of a price is in units of a price of the event, and nothing
is rounded but what is told: `converted` is a price of the event's currency, rounded half away from zero. All lots of an
event share one `Currencies`. Decides neither who may choose nor when.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from exchange.core.messages.currencies import BidCurrency
from exchange.core.values import divided_half_away

PPB: Final = 1_000_000_000


class Currencies:
    """Those that may be bid in beside the event's own, and whose prices are in which of them."""

    def __init__(self, allowed: Sequence[BidCurrency], chosen: dict[str, str] | None = None) -> None:
        self.allowed = {each.currency: each for each in allowed}
        self.chosen = dict(chosen or {})
        self._rates = {each.currency: Fraction(each.rate_ppb, PPB) for each in allowed}

    def of(self, member_id: str) -> BidCurrency | None:
        """What the member bids in; nothing where that is the event's own currency."""
        return self.allowed.get(self.chosen.get(member_id, ""))

    def rate_of(self, member_id: str) -> int | Fraction:
        """What the member's prices are multiplied by; 1 where they are in the event's currency."""
        return self._rates.get(self.chosen.get(member_id, ""), 1)

    def tick_of(self, member_id: str) -> int:
        """Of the member's prices; 0 where it is the lot's."""
        own = self.of(member_id)
        return 0 if own is None else own.tick


def currencies_of(allowed: Sequence[BidCurrency], chosen: dict[str, str] | None = None) -> Currencies | None:
    """Nothing where all bid in the event's own."""
    return Currencies(allowed, chosen) if allowed else None


def converted(price: int, rate: int | Fraction) -> int:
    """The price in the event's currency."""
    worth = Fraction(price * rate)
    return divided_half_away(worth.numerator, worth.denominator)
