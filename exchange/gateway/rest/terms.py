"""REST of an event's terms: set with the draft, added to after publication, accepted by each bidder.

Guarantees: texts are on disk before the command that carries their hash; documents lie elsewhere and are named with
their SHA-256. A supplier reads which version it accepted itself; nobody but operators reads who else did.
"""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from exchange.core.limits import DOCUMENTS_MAX
from exchange.core.messages.qualification import (
    AcceptTerms,
    Document,
    PublishAddendum,
    SetTerms,
    Version,
)
from exchange.core.messages.qualification import Terms as TermsKept
from exchange.core.visibility.lots import Relation
from exchange.gateway.notation import InstantText, instant_of
from exchange.gateway.rest.sourcing import event_of
from exchange.gateway.routes import AnyRoute, B, Call, NoBody, NoQuery, Q, Route, Settled

TERMS_LENGTH_MAX: Final = 20_000
"""Characters: a few pages; more belongs into a document."""
SOME_LINES: Final = "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f]*$"
"""No control characters but tabs and ends of lines."""
Documents = Annotated[list[Document], Meta(max_length=DOCUMENTS_MAX)]
TermsText = Annotated[str, Meta(pattern=SOME_LINES, max_length=TERMS_LENGTH_MAX)]


class NewEventTerms(Struct, frozen=True, forbid_unknown_fields=True):
    """In place of those before; with nothing: the event has no terms."""

    text: TermsText = ""
    documents: Documents = []


class NewAddendum(Struct, frozen=True, forbid_unknown_fields=True):
    """What is added or changed."""

    text: Annotated[str, Meta(pattern=SOME_LINES, min_length=1, max_length=TERMS_LENGTH_MAX)]
    documents: Documents = []


class AcceptedTerms(Struct, frozen=True, forbid_unknown_fields=True):
    """The last version that was read."""

    version: Version


class TermsSettled(Settled, frozen=True):
    """The version that counts now."""

    event_id: str
    version: int


class TermsVersion(Struct, frozen=True):
    """What was published first, or an addendum."""

    version: int
    text: str
    documents: list[Document]
    at: InstantText


class EventTerms(Struct, frozen=True):
    """All versions together are the terms. `accepted` is a supplier's own version, 0 before its first."""

    event_id: str
    version: int
    versions: list[TermsVersion]
    accepted: int | UnsetType = UNSET


async def set_terms(call: Call[NewEventTerms, NoQuery]) -> TermsSettled:
    """Buyer: what every bidder accepts before its first bid, while the event is a draft."""
    text_hash = await written(call, call.body.text)
    command = SetTerms(
        event_id=call.id("event_id"), text_hash=text_hash, documents=tuple(call.body.documents)
    )
    return await _settled(call, command)


async def publish_addendum(call: Call[NewAddendum, NoQuery]) -> TermsSettled:
    """Buyer: add to the terms of a published event; every bidder accepts again before its next bid, and proxies end."""
    text_hash, documents = await written(call, call.body.text), tuple(call.body.documents)
    command = PublishAddendum(
        event_id=call.id("event_id"), text_hash=text_hash, documents=documents, ends_proxies=True
    )
    return await _settled(call, command)


async def accept_terms(call: Call[AcceptedTerms, NoQuery]) -> TermsSettled:
    """Supplier: accept the terms with all addenda; the version says which was read."""
    return await _settled(call, AcceptTerms(event_id=call.id("event_id"), version=call.body.version))


async def get_terms(call: Call[NoBody, NoQuery]) -> EventTerms:
    """The terms with their addenda, to whoever may see the event."""
    event, seen_as = event_of(call.views, call.id("event_id"), call.member_id)
    asked = call.views.qualification.room.of_event(event.event_id)
    versions = [] if asked is None else asked.terms
    words = await call.ports.deal_texts.read(each.text_hash for each in versions)
    own = call.views.qualification.room.participant(event.event_id, call.member_id)
    return EventTerms(
        event.event_id,
        versions[-1].version if versions else 0,
        [_shown(each, words) for each in versions],
        own.accepted if seen_as is Relation.SUPPLIER else UNSET,
    )


async def written(call: Call[B, Q], words: str) -> str:
    """The hash of words that are on disk."""
    now_us = call.ports.engine.now_us()
    return await call.ports.deal_texts.write(call.member_id, words, call.idempotency, now_us)


async def _settled(call: Call[B, NoQuery], command: SetTerms | PublishAddendum | AcceptTerms) -> TermsSettled:
    reply = await call.settle(command, names={"text_hash": "text"})
    return TermsSettled(reply.sequence, instant_of(reply.at_us), reply.id, reply.number)


def _shown(terms: TermsKept, words: dict[str, str]) -> TermsVersion:
    text = words.get(terms.text_hash, "")
    return TermsVersion(terms.version, text, list(terms.documents), instant_of(terms.at_us))


_EVENT: Final = "/v1/events/{event_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("PUT", f"{_EVENT}/terms", "Set the terms", set_terms, NewEventTerms, NoQuery, TermsSettled, SetTerms),
    Route("GET", f"{_EVENT}/terms", "Read the terms", get_terms, NoBody, NoQuery, EventTerms),
    Route(
        "POST", f"{_EVENT}/addenda", "Publish an addendum", publish_addendum,
        NewAddendum, NoQuery, TermsSettled, PublishAddendum, 201,
    ),
    Route(
        "POST", f"{_EVENT}/terms/acceptance", "Accept the terms", accept_terms,
        AcceptedTerms, NoQuery, TermsSettled, AcceptTerms,
    ),
)  # fmt: skip
