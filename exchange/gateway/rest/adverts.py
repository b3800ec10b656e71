"""REST of adverts: what sellers made known of new stock, without saying who they are; as the channel `notices` has it.

Guarantees: everybody is answered the same. Neither an instant nor a number is told: both could tell two sellers apart.
"""

from typing import Final

from msgspec import Struct

from exchange.gateway.notation import Id
from exchange.gateway.routes import AnyRoute, Call, NoBody, Route


class AdvertQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Of which instrument; left out: of all."""

    instrument_id: Id | None = None


class AdvertListed(Struct, frozen=True):
    """At least `quantity_from` and less than ten times as many pieces; ready to leave within `lead_days`."""

    instrument_id: str
    symbol: str
    quantity_from: int
    lead_days: int


class AdvertList(Struct, frozen=True):
    """Those of the last week, newest first; of more than 1,000 the newest."""

    adverts: list[AdvertListed]


async def list_adverts(call: Call[NoBody, AdvertQuery]) -> AdvertList:
    """News of stock; an advert stays for a week, also when its goods are sold."""
    catalogue, wanted = call.views.catalogue, call.query.instrument_id
    current = catalogue.current_adverts(call.ports.engine.now_us())
    return AdvertList(
        [
            AdvertListed(
                each.instrument_id,
                catalogue.instruments[each.instrument_id].symbol,
                each.quantity_from,
                each.lead_days,
            )
            for each in current
            if wanted in {None, each.instrument_id}
        ]
    )


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("GET", "/v1/adverts", "List adverts", list_adverts, NoBody, AdvertQuery, AdvertList),
)
