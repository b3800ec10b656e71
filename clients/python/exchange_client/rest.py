"""`Rest`: everything of the exchange's REST that isn't a command of `Client`."""

from exchange_client.rest_base import Answer, Refused
from exchange_client.rest_deals import DealRest
from exchange_client.rest_events import EventRest
from exchange_client.rest_market import MarketRest
from exchange_client.rest_members import MemberRest
from exchange_client.rest_money import MoneyRest

__all__ = ["Answer", "Refused", "Rest"]


class Rest(EventRest, MemberRest, MarketRest, DealRest, MoneyRest):
    """One key at one exchange: `async with Rest("http://127.0.0.1:8080", key=key) as rest`."""
