"""What this member bids in, where it isn't the currency of the lot's event."""

from decimal import ROUND_DOWN, Decimal
from typing import Final

from msgspec import Struct

from exchange_client.currencies import BidCurrency
from exchange_client.money import decimal_price

_RATE_SCALE: Final = 9


class OwnCurrency(Struct, frozen=True):
    """The rate is what one unit of it is worth in the event's currency, the tick that of own prices."""

    currency: str
    rate: Decimal
    tick: Decimal

    @classmethod
    def of(cls, told: BidCurrency, lot_tick: int, price_scale: int) -> "OwnCurrency":
        """As the frame tells it."""
        rate = decimal_price(told.rate_ppb, _RATE_SCALE)
        return cls(told.currency, rate, decimal_price(told.tick or lot_tick, price_scale))

    def at_most(self, price: Decimal) -> Decimal:
        """The highest price in it that is worth no more than this one in the event's currency."""
        ticks = (price / self.rate / self.tick).to_integral_value(ROUND_DOWN)
        return (ticks * self.tick).quantize(self.tick)
