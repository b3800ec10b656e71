"""REST of invitations: a supplier lists and answers its own, who invited takes one back.

Guarantees: a supplier sees its own invitations alone, and none to a draft.
"""

from typing import Final

from msgspec import UNSET, Struct, UnsetType

from exchange.core.market.sourcing import EventState, SourcingEvent
from exchange.core.messages.invitations import AnswerInvitation, WithdrawInvitation
from exchange.core.messages.lifecycles import InvitationState, QualificationState
from exchange.core.parties.qualification import NOBODY
from exchange.core.visibility.lots import relation
from exchange.core.visibility.practice import mark_of
from exchange.gateway.notation import InstantText, instant_of
from exchange.gateway.paging import IdKey, PageQuery, key_of, page_of
from exchange.gateway.rest.sourcing import EventSettled
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route
from exchange.views.views import Views


class InvitationReply(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the supplier means to take part."""

    accept: bool


class OwnInvitation(Struct, frozen=True):
    """An event that one is invited to, with what is still asked before a bid.

    Terms are to be accepted while `accepted_version` is below `terms_version`; `qualification` counts where one is needed.
    """

    event_id: str
    title: str
    state: EventState
    open_at: InstantText
    invitation: InvitationState
    terms_version: int
    accepted_version: int
    qualification_needed: bool
    qualification: QualificationState
    practice: bool | UnsetType = UNSET  # true: to train; one may bid at once, and nothing binds


class InvitationPage(Struct, frozen=True):
    """Own invitations by the event's id."""

    invitations: list[OwnInvitation]
    next: str


async def answer_invitation(call: Call[InvitationReply, NoQuery]) -> EventSettled:
    """Supplier: accept or decline; who declined bids no more, unless it accepts after all."""
    command = AnswerInvitation(event_id=call.id("event_id"), accept=call.body.accept)
    return EventSettled.of(await call.settle(command))


async def withdraw_invitation(call: Call[NoBody, NoQuery]) -> EventSettled:
    """Buyer, before a lot opens, or operator: take back the invitation of a supplier that has not bid."""
    command = WithdrawInvitation(event_id=call.id("event_id"), member_id=call.id("member_id"))
    return EventSettled.of(await call.settle(command))


async def list_invitations(call: Call[NoBody, PageQuery]) -> InvitationPage:
    """Own invitations to published events."""
    after, member_id = key_of(call.query.cursor, IdKey), call.member_id
    invited = sorted(
        event.event_id
        for event in call.views.sourcing.events.values()
        if member_id in event.invited
        and relation(event, member_id, is_operator=False)
        and (after is None or event.event_id > after.id)
    )
    page, following = page_of(invited, call.query.limit, lambda each: (each,))
    events = [call.views.sourcing.events[each] for each in page]
    return InvitationPage([_shown(call.views, event, member_id) for event in events], following)


def _shown(views: Views, event: SourcingEvent, member_id: str) -> OwnInvitation:
    asked = views.qualification.room.of_event(event.event_id)
    own = NOBODY if asked is None else asked.of(member_id)
    return OwnInvitation(
        event.event_id,
        event.title,
        event.state,
        instant_of(event.open_at_us),
        own.invitation,
        0 if asked is None else asked.version,
        own.accepted,
        asked is not None and asked.needed,
        own.state,
        mark_of(event),
    )


_INVITATIONS: Final = "/v1/events/{event_id}/invitations"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("GET", "/v1/invitations", "List own invitations", list_invitations, NoBody, PageQuery, InvitationPage),
    Route(
        "PUT", f"{_INVITATIONS}/own", "Answer an invitation", answer_invitation,
        InvitationReply, NoQuery, EventSettled, AnswerInvitation,
    ),
    Route(
        "DELETE", f"{_INVITATIONS}/{{member_id}}", "Withdraw an invitation", withdraw_invitation,
        NoBody, NoQuery, EventSettled, WithdrawInvitation,
    ),
)  # fmt: skip
