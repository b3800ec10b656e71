"""Who is told what of an event's terms and qualification.

Guarantees: an addendum is for all who are invited to a published event; what a supplier answered is for the buyer and
the operator; a decision is for its supplier, who isn't told who decided. That somebody accepted terms is told to
operators alone: it comes right before a first bid, and would name whose it is.
"""

from collections.abc import Callable, Sequence
from typing import Final

from exchange.core.market.sourcing import SourcingEvent
from exchange.core.messages.base import Event
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
    OwnQualification,
    QualificationNews,
)
from exchange.core.visibility.lots import show_invitation

Told = Sequence[tuple[str, QualificationNews]]
"""To whom, and what."""


def announced(event: QualificationEvent, sourcing: SourcingEvent) -> Told:
    """Whom the event is told to on their own channel."""
    tell = _TOLD.get(type(event))
    return () if tell is None else tell(event, sourcing)


def _addendum(event: AddendumPublished, sourcing: SourcingEvent) -> Told:
    news = OwnAddendum(event.event_id, event.terms.version)
    return [(each, news) for each in sourcing.invited if show_invitation(sourcing, each) is not None]


def _answered(event: QuestionnaireAnswered, sourcing: SourcingEvent) -> Told:
    news = OwnQualification(event.event_id, QualificationState.ANSWERED)
    return [(event.member_id, news), (sourcing.buyer_id, OwnAnswers(event.event_id))]


def _decided(event: QualificationDecided, sourcing: SourcingEvent) -> Told:
    """Before publication the supplier knows of nothing."""
    if show_invitation(sourcing, event.member_id) is None:
        return ()
    state = QualificationState.QUALIFIED if event.approved else QualificationState.REFUSED
    return [(event.member_id, OwnQualification(event.event_id, state, event.lots))]


_TOLD: Final[dict[type[Event], Callable[..., Told]]] = {
    AddendumPublished: _addendum,
    QuestionnaireAnswered: _answered,
    QualificationDecided: _decided,
}
