"""Who is told what of an event's terms and qualification.

Guarantees: an addendum is for all who are invited to a published event; what a supplier answered is for the buyer and
the operator; a decision is for its supplier, who isn't told who decided; that somebody asked is told to the buyer without its
name, the answer to all. That somebody accepted terms is told to
operators alone: it comes right before a first bid, and would name whose it is.
"""

from collections.abc import Callable, Sequence
from typing import Final

from exchange.core.market.sourcing import SourcingEvent
from exchange.core.messages.base import Event
from exchange.core.messages.inquiries import InquiryAnswered, InquiryEvent, InquiryMade
from exchange.core.messages.invitations import (
    InvitationAnswered,
    InvitationEvent,
    InvitationWithdrawn,
)
from exchange.core.messages.lifecycles import QualificationState
from exchange.core.messages.qualification import (
    AddendumPublished,
    QualificationDecided,
    QualificationEvent,
    QuestionnaireAnswered,
)
from exchange.core.messages.shown_qualification import (
    OwnAddendum,
    OwnAnswers,
    OwnInquiry,
    OwnInquiryAnswered,
    OwnInvitationAnswer,
    OwnQualification,
    OwnWithdrawal,
    QualificationNews,
)
from exchange.core.visibility.lots import show_invitation

ToldEvent = QualificationEvent | InquiryEvent | InvitationEvent
Told = Sequence[tuple[str, QualificationNews]]
"""To whom, and what."""


def announced(event: ToldEvent, sourcing: SourcingEvent) -> Told:
    """Whom the event is told to on their own channel."""
    tell = _TOLD.get(type(event))
    return () if tell is None else tell(event, sourcing)


def _addendum(event: AddendumPublished, sourcing: SourcingEvent) -> Told:
    return _to_all(sourcing, OwnAddendum(event.event_id, event.terms.version))


def _answered(event: QuestionnaireAnswered, sourcing: SourcingEvent) -> Told:
    news = OwnQualification(event.event_id, QualificationState.ANSWERED)
    return [(event.member_id, news), (sourcing.buyer_id, OwnAnswers(event.event_id))]


def _decided(event: QualificationDecided, sourcing: SourcingEvent) -> Told:
    """Before publication the supplier knows of nothing."""
    if show_invitation(sourcing, event.member_id) is None:
        return ()
    state = QualificationState.QUALIFIED if event.approved else QualificationState.REFUSED
    return [(event.member_id, OwnQualification(event.event_id, state, event.lots))]


def _asked(event: InquiryMade, sourcing: SourcingEvent) -> Told:
    return [(sourcing.buyer_id, OwnInquiry(event.event_id, event.inquiry_id))]


def _inquiry_answered(event: InquiryAnswered, sourcing: SourcingEvent) -> Told:
    return _to_all(sourcing, OwnInquiryAnswered(event.event_id, event.inquiry_id))


def _invitation_answered(event: InvitationAnswered, sourcing: SourcingEvent) -> Told:
    return [(sourcing.buyer_id, OwnInvitationAnswer(event.event_id))]


def _withdrawn(event: InvitationWithdrawn, sourcing: SourcingEvent) -> Told:
    """Of a draft its supplier never knew."""
    if not any(lot.published for lot in sourcing.lots):
        return ()
    return [(event.member_id, OwnWithdrawal(event.event_id))]


def _to_all(sourcing: SourcingEvent, news: QualificationNews) -> Told:
    return [(each, news) for each in sourcing.invited if show_invitation(sourcing, each) is not None]


_TOLD: Final[dict[type[Event], Callable[..., Told]]] = {
    AddendumPublished: _addendum,
    QuestionnaireAnswered: _answered,
    QualificationDecided: _decided,
    InquiryMade: _asked,
    InquiryAnswered: _inquiry_answered,
    InvitationAnswered: _invitation_answered,
    InvitationWithdrawn: _withdrawn,
}
