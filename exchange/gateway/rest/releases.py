"""REST of releases: a published event after the Open Contracting Data Standard.

Guarantees: whoever may not read the release is told that there is no such event, with a key and without one.
"""

from typing import Final

from exchange.core.rejects import Reject, RejectCode
from exchange.core.visibility.lots import Relation, relation
from exchange.core.visibility.releases import may_release, release
from exchange.gateway.auth import Scope
from exchange.gateway.notation import json_of
from exchange.gateway.problems import Refused
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route

MEDIA: Final = "application/json"
_INSIDERS: Final = (Relation.BUYER, Relation.OPERATOR)


async def get_release(call: Call[NoBody, NoQuery]) -> bytes:
    """Buyer, operator: the event as an OCDS 1.1 release. Anybody, without a key: that of an event that is public."""
    sourcing = call.views.sourcing
    event = sourcing.events.get(call.id("event_id"))
    viewer = call.holder.member_id if call.holder and Scope.READ in call.holder.scopes else ""
    seen_as = relation(event, viewer, is_operator=call.views.is_operator(viewer)) if event else None
    if event is None or not may_release(event, seen_as):
        raise Refused(Reject(RejectCode.EVENT_UNKNOWN, field="event_id"))
    if not any(lot.published for lot in event.lots):
        raise Refused(Reject(RejectCode.EVENT_NOT_PUBLISHED, field="event_id"))
    awards = {lot.lot_id: sourcing.awards.of(lot.lot_id) for lot in event.lots}
    insider, provisional = seen_as in _INSIDERS, sourcing.standstills.waits
    document = release(event, awards, provisional, call.ports.engine.now_us(), insider=insider)
    call.headers["Content-Type"] = MEDIA
    return json_of(document)


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "GET", "/v1/events/{event_id}/release", "Read an event as an OCDS release", get_release,
        NoBody, NoQuery, bytes, media=MEDIA,
    ),
)  # fmt: skip
