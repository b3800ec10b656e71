"""Adverts: what sellers made known of new stock, without saying who they are.

Guarantees: an advert holds nothing that identifies a seller, nor its exact quantity: two adverts of one seller
look like those of two. The latest ones are kept, each for a week.
Known limits: an advert stays when its goods are sold or withdrawn; to take it away would tell whose they were.
"""

from collections import deque

from msgspec import Struct

from exchange.core.limits import ADVERT_KEPT_US, ADVERTS_KEPT
from exchange.core.messages.goods import StockAdvertised


class Advert(Struct, frozen=True, array_like=True, gc=False):
    """At least `quantity_from` and less than ten times as many pieces; ready to leave within `lead_days`."""

    at_us: int
    instrument_id: str
    quantity_from: int
    lead_days: int


def advert_of(event: StockAdvertised, at_us: int) -> Advert:
    """What of it may be known: the quantity by its power of ten."""
    quantity_from = 10 ** (len(str(event.quantity)) - 1)
    return Advert(at_us, event.instrument_id, quantity_from, event.lead_days)


class Adverts:
    """The latest adverts, oldest first."""

    def __init__(self, kept: list[Advert] | None = None) -> None:
        self._kept = deque(kept or (), maxlen=ADVERTS_KEPT)

    def add(self, event: StockAdvertised, at_us: int) -> Advert:
        """The newest one."""
        advert = advert_of(event, at_us)
        self._kept.append(advert)
        return advert

    def current(self, at_us: int) -> list[Advert]:
        """Those of the last week, newest first."""
        return [advert for advert in reversed(self._kept) if at_us - advert.at_us < ADVERT_KEPT_US]

    def dump(self) -> list[Advert]:
        """All that are kept, oldest first."""
        return list(self._kept)
