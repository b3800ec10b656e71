"""REST of cloning: a draft made after an event of one's own."""

from typing import Final

from msgspec import Struct

from exchange.core.messages.cloning import CloneEvent
from exchange.gateway.notation import InstantInput, ShortText, instant_of, microseconds_of
from exchange.gateway.rest.lot_rules import Commitment
from exchange.gateway.rest.sourcing import INSTANTS, event_of
from exchange.gateway.routes import AnyRoute, Call, NoQuery, Route, Settled


class NewClone(Struct, frozen=True, forbid_unknown_fields=True):
    """When the clone opens, and what else is another's. A lottery needs the commitment of another seed."""

    open_at: InstantInput
    title: ShortText | None = None  # that of the template
    invitations: bool = False  # whether whom it invited is invited again
    lottery_sha256: Commitment = ""
    practice: bool | None = None  # to train, or in earnest; as the template, unless given


class EventCloned(Settled, frozen=True):
    """The draft, and how many suppliers are invited."""

    event_id: str
    invited: int


async def clone_event(call: Call[NewClone, NoQuery]) -> EventCloned:
    """Buyer: draft an event with the rules, lots, terms and questionnaire of another of its own."""
    event, _ = event_of(call.views, call.id("event_id"), call.member_id)
    body = call.body
    command = CloneEvent(
        event_id=event.event_id,
        open_at_us=microseconds_of(body.open_at),
        title=body.title,
        invitations=body.invitations,
        lottery_sha256=body.lottery_sha256,
        practice=body.practice,
    )
    reply = await call.settle(command, names=INSTANTS)
    call.headers["Location"] = f"/v1/events/{reply.id}"
    return EventCloned(reply.sequence, instant_of(reply.at_us), reply.id, reply.number)


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "POST", "/v1/events/{event_id}/clone", "Clone an event", clone_event,
        NewClone, NoQuery, EventCloned, CloneEvent, 201,
    ),
)  # fmt: skip
