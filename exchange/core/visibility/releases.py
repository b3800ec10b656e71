"""A sourcing event as a release after the Open Contracting Data Standard 1.1, for its buyer, operators and the public.

Guarantees: buyer and operators read who bought and who won what. The public reads an event only where its rules say so,
never the buyer, and of an award no more than a bidder who lost: its price and its winner where the event discloses them.
Nobody reads of bids, nor of suppliers that won nothing; a close that overtime moved tells that somebody bid late.

Source: Open Contracting Data Standard, release reference, 1.1. Known limit: the ocid has no registered prefix; whoever
publishes releases puts its own in front.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec import Raw, json

from exchange.core.market.lots.awards import LotAward
from exchange.core.market.lots.pricing import amount_minor
from exchange.core.market.sourcing import EventState, Lot, LotState, SourcingEvent
from exchange.core.messages.awards import WonPart
from exchange.core.messages.lot_rules import LotDirection, ResultDisclosure
from exchange.core.values import decimal_of, instant_of, scale_of_unit, version_of
from exchange.core.visibility.lots import Relation

PREFIX: Final = "exchange"
_PRICED: Final = (ResultDisclosure.PRICE, ResultDisclosure.WINNER)

Json = dict[str, Any]


def may_release(event: SourcingEvent, seen_as: Relation | None) -> bool:
    """Whether the viewer may read the event's release; None: it is nobody in particular, or a supplier.

    The public reads none before suppliers are shown the lots. A practice event has none: nothing is bought by it.
    """
    if event.practice:
        return False
    if seen_as in (Relation.BUYER, Relation.OPERATOR):
        return True
    return event.rules.public and any(event.shows(lot) for lot in event.lots)


def release(
    event: SourcingEvent,
    awards: dict[str, LotAward],
    provisional: Callable[[str], bool],
    at_us: int,
    *,
    insider: bool,
) -> Json:
    """The release as of `at_us`; the event must have been published. `awards` are by lot, `provisional` says of a lot
    whether its award may still be withdrawn: it is pending then, contested or not.

    Its id is another one whenever it tells something else, and tells nothing beside that.
    """
    decided = [lot for lot in event.lots if lot.state is LotState.AWARDED]
    told = [_award(event, lot, awards[lot.lot_id], insider=insider) for lot in decided]
    for award in told:
        if provisional(award["id"]):
            award["status"] = "pending"
    document: Json = {
        "ocid": f"{PREFIX}-{event.event_id}",
        "tag": _tags(event, decided),
        "initiationType": "tender",
        "language": "en",
        "parties": _parties(event, told, insider=insider),
        "tender": _tender(event),
    }
    if insider:
        document["buyer"] = {"id": event.buyer_id}
    if told:
        document["awards"] = told
    version = version_of(json.encode(document))
    return document | {"id": f"{event.event_id}-{version}", "date": instant_of(at_us)}


def _tags(event: SourcingEvent, decided: list[Lot]) -> list[str]:
    if event.state is EventState.CANCELLED:
        return ["tenderCancellation"]
    return ["tender", "award"] if decided else ["tender"]


def _parties(event: SourcingEvent, awards: list[Json], *, insider: bool) -> list[Json]:
    roles: dict[str, list[str]] = {event.buyer_id: ["buyer"]} if insider else {}
    for award in awards:
        for supplier in award.get("suppliers", ()):
            roles.setdefault(supplier["id"], ["supplier"])
    return [{"id": member_id, "roles": its} for member_id, its in roles.items()]


def _tender(event: SourcingEvent) -> Json:
    published = [lot for lot in event.lots if lot.published]
    scored = any(lot.rules.scoring is not None for lot in published)
    tender: Json = {
        "id": event.event_id,
        "title": event.title,
        "status": _status(event),
        "procurementMethod": "selective",
        "mainProcurementCategory": "goods",
        "submissionMethod": ["electronicAuction"],
        "awardCriteria": "ratedCriteria" if scored else "priceOnly",
        "tenderPeriod": {
            "startDate": instant_of(min(lot.open_at_us for lot in published)),
            "endDate": instant_of(max(lot.close_at_us for lot in published)),
        },
        "items": [_item(lot, lot.quantity) for lot in published],
    }
    if event.rules.direction is LotDirection.REVERSE:
        ceilings = [amount_minor(event, lot.ceiling_price, lot.quantity) for lot in published]
        tender["value"] = _value(event, sum(ceilings))
    return tender


def _status(event: SourcingEvent) -> str:
    if event.state is EventState.CANCELLED:
        return "cancelled"
    states = [lot.state for lot in event.lots]
    if LotState.OPEN in states or LotState.CLOSED in states:
        return "active"
    if LotState.WAITING in states:
        return "planned" if all(state is LotState.WAITING for state in states) else "active"
    return "complete"


def _award(event: SourcingEvent, lot: Lot, award: LotAward, *, insider: bool) -> Json:
    told: Json = {
        "id": lot.lot_id,
        "title": lot.title,
        "status": "active" if award.parts else "unsuccessful",
        "items": [_item(lot, lot.quantity)],
    }
    if award.parts and (insider or event.rules.results in _PRICED):
        told["value"] = _value(event, sum(part.amount_minor for part in award.parts))
    if award.parts and (insider or event.rules.results is ResultDisclosure.WINNER):
        told["suppliers"] = [{"id": member_id} for member_id in _winners(award.parts)]
    return told


def _winners(parts: tuple[WonPart, ...]) -> list[str]:
    return list(dict.fromkeys(part.winner_id for part in parts))


def _item(lot: Lot, quantity: int) -> Json:
    return {"id": lot.lot_id, "description": lot.title, "quantity": quantity}


def _value(event: SourcingEvent, amount: int) -> Json:
    """In the currency's own unit; a number, as the standard asks, and exact."""
    number = decimal_of(amount, scale_of_unit(event.currency))
    return {"amount": Raw(number.encode()), "currency": event.currency}
