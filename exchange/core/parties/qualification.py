"""Who may bid in which lot, as far as that is not a matter of price: terms accepted, supplier qualified.

Guarantees: an event that asks for nothing lets everybody bid whom it invited; whatever was accepted counts for its
version alone, so an addendum stops everybody until it accepts again; a supplier bids where it was admitted and nowhere
else. Its state is what its events say (`followers`), so a read model is the same room again.
Doesn't know who is invited, what is published or who asks: the flow does. Questions (`…_refusal`) change nothing.
"""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from exchange.core.limits import ADDENDA_MAX
from exchange.core.messages.base import Event
from exchange.core.messages.invitations import InvitationAnswered, InvitationWithdrawn
from exchange.core.messages.lifecycles import (
    INVITATION,
    QUALIFICATION,
    InvitationState,
    InvitationStep,
    QualificationState,
    QualificationStep,
    after,
    allows,
)
from exchange.core.messages.qualification import (
    AddendumPublished,
    Answer,
    QualificationDecided,
    Question,
    QuestionKind,
    QuestionnaireAnswered,
    QuestionnaireSet,
    Terms,
    TermsAccepted,
    TermsSet,
)
from exchange.core.rejects import Reject, RejectCode

_ANSWER: Final = QualificationStep.ANSWER
_APPROVE: Final = QualificationStep.APPROVE
_REFUSE: Final = QualificationStep.REFUSE
_ACCEPT: Final = InvitationStep.ACCEPT
_DECLINE: Final = InvitationStep.DECLINE
_DECLINED: Final = InvitationState.DECLINED
_QUALIFIED: Final = QualificationState.QUALIFIED
CHOICES_MIN: Final = 2
_WORDS: Final = frozenset({QuestionKind.TEXT, QuestionKind.DOCUMENT})


class Participant(Struct, frozen=True, array_like=True):
    """A supplier as one event has it. No lots: all of them."""

    accepted: int = 0  # the version of the terms
    state: QualificationState = QualificationState.AWAITED
    lots: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    reason_hash: str = ""
    invitation: InvitationState = InvitationState.INVITED

    def admitted(self, lot_id: str) -> bool:
        """Whether it qualified for this lot."""
        return self.state is QualificationState.QUALIFIED and (not self.lots or lot_id in self.lots)


NOBODY: Final = Participant()
"""A supplier of whom nothing is known yet."""


class Asked(Struct, array_like=True):
    """What an event asks of its suppliers, and what they answered; participants in the order of their first word."""

    event_id: str
    terms: list[Terms]
    needed: bool
    questions: tuple[Question, ...]
    participants: dict[str, Participant]

    @property
    def version(self) -> int:
        """Of the terms that a bidder must have accepted; 0: there are none."""
        return self.terms[-1].version if self.terms else 0

    def of(self, member_id: str) -> Participant:
        """What is known of the supplier."""
        return self.participants.get(member_id, NOBODY)


class QualificationDump(Struct, frozen=True, array_like=True):
    """Events that ask for something, in the order in which they began to."""

    asked: list[Asked] = []


class Qualification:
    """What every event asks, by event; an event that never asked for anything isn't here."""

    def __init__(self) -> None:
        self._asked: dict[str, Asked] = {}

    def of_event(self, event_id: str) -> Asked | None:
        """What the event asks; nothing where it never asked for anything."""
        return self._asked.get(event_id)

    def participant(self, event_id: str, member_id: str) -> Participant:
        """What is known of the supplier in this event."""
        asked = self._asked.get(event_id)
        return NOBODY if asked is None else asked.of(member_id)

    # --- questions -------------------------------------------------------------------------------

    def bid_refusal(
        self, member_id: str, event_id: str, lot_id: str, *, practice: bool = False
    ) -> Reject | None:
        """INVITATION_DECLINED, TERMS_NOT_ACCEPTED with the version to accept, NOT_QUALIFIED. Of an invited supplier, for any bid.

        To practise, no more is asked than not to have declined.
        """
        asked = self._asked.get(event_id)
        if asked is None:
            return None
        participant = asked.of(member_id)
        if participant.invitation is _DECLINED:
            return Reject(RejectCode.INVITATION_DECLINED)
        if practice:
            return None
        if participant.accepted < asked.version:
            return Reject(RejectCode.TERMS_NOT_ACCEPTED, asked.version)
        if asked.needed and not participant.admitted(lot_id):
            return Reject(RejectCode.NOT_QUALIFIED)
        return None

    def takes_part(self, member_id: str, event_id: str, *, practice: bool = False) -> bool:
        """Whether the invited supplier counts as one who can bid: terms can still be accepted, so they don't matter."""
        asked = self._asked.get(event_id)
        if asked is None:
            return True
        participant = asked.of(member_id)
        if participant.invitation is _DECLINED:
            return False
        return practice or not asked.needed or participant.state is _QUALIFIED

    def invitation_refusal(self, member_id: str, event_id: str, *, accept: bool) -> Reject | None:
        """INVITATION_ANSWERED: it said so before."""
        state = self.participant(event_id, member_id).invitation
        if not allows(INVITATION, state, _ACCEPT if accept else _DECLINE):
            return Reject(RejectCode.INVITATION_ANSWERED)
        return None

    def addendum_refusal(self, event_id: str) -> Reject | None:
        """TOO_MANY_ADDENDA."""
        asked = self._asked.get(event_id)
        if asked is not None and len(asked.terms) > ADDENDA_MAX:
            return Reject(RejectCode.TOO_MANY_ADDENDA, ADDENDA_MAX)
        return None

    def accept_refusal(self, event_id: str, version: int) -> Reject | None:
        """NO_TERMS, TERMS_OTHER_VERSION with the version that counts. What is accepted already is accepted again."""
        asked = self._asked.get(event_id)
        if asked is None or not asked.terms:
            return Reject(RejectCode.NO_TERMS)
        if version != asked.version:
            return Reject(RejectCode.TERMS_OTHER_VERSION, asked.version, "version")
        return None

    def questionnaire_refusal(self, questions: Sequence[Question]) -> Reject | None:
        """QUESTION_UNFIT with its place: a choice of fewer than two, choices of what isn't one, bounds crossed."""
        for place, question in enumerate(questions, 1):
            chooses = question.kind is QuestionKind.CHOICE
            named = len(dict.fromkeys(question.choices))
            fits = named >= CHOICES_MIN if chooses else not question.choices
            if not fits or named < len(question.choices) or question.number_min > question.number_max:
                return Reject(RejectCode.QUESTION_UNFIT, place, "questions")
        return None

    def answer_refusal(self, member_id: str, event_id: str, answers: Sequence[Answer]) -> Reject | None:
        """NO_QUESTIONNAIRE, ALREADY_QUALIFIED, ANSWER_UNFIT with its place (to no question, twice, of another kind,
        out of bounds), ANSWER_MISSING with the place of the first required one.
        """
        asked = self._asked.get(event_id)
        if asked is None or not asked.needed:
            return Reject(RejectCode.NO_QUESTIONNAIRE)
        if not allows(QUALIFICATION, asked.of(member_id).state, _ANSWER):
            return Reject(RejectCode.ALREADY_QUALIFIED)
        answered: dict[int, Answer] = {}
        for answer in answers:
            known = answer.place <= len(asked.questions) and answer.place not in answered
            if not known or not _fits(asked.questions[answer.place - 1], answer):
                return Reject(RejectCode.ANSWER_UNFIT, answer.place, "answers")
            answered[answer.place] = answer
        for place, question in enumerate(asked.questions, 1):
            if question.required and place not in answered:
                return Reject(RejectCode.ANSWER_MISSING, place, "answers")
        return None

    def decide_refusal(self, event_id: str, *, approve: bool, reason_hash: str) -> Reject | None:
        """NO_QUESTIONNAIRE, REASON_MISSING. An approval needs no answers: who decides may know the supplier."""
        asked = self._asked.get(event_id)
        if asked is None or not asked.needed:
            return Reject(RejectCode.NO_QUESTIONNAIRE)
        if not approve and not reason_hash:
            return Reject(RejectCode.REASON_MISSING, field="reason_hash")
        return None

    # --- changes ---------------------------------------------------------------------------------

    def next_version(self, event_id: str) -> int:
        """Of the addendum that would come now."""
        asked = self._asked.get(event_id)
        return 1 if asked is None else asked.version + 1

    def followers(self) -> dict[type[Event], Callable[..., None]]:
        """Who follows which event: one line each."""
        return {
            TermsSet: self.terms_set,
            AddendumPublished: self.addendum_published,
            TermsAccepted: self.terms_accepted,
            QuestionnaireSet: self.questionnaire_set,
            QuestionnaireAnswered: self.questionnaire_answered,
            QualificationDecided: self.decided,
            InvitationAnswered: self.invitation_answered,
            InvitationWithdrawn: self.invitation_withdrawn,
        }

    def terms_set(self, event: TermsSet) -> None:
        """In place of those before, or none."""
        said = event.terms.text_hash or event.terms.documents
        self._of(event.event_id).terms = [event.terms] if said else []

    def addendum_published(self, event: AddendumPublished) -> None:
        """One version more; nobody has accepted it yet."""
        self._of(event.event_id).terms.append(event.terms)

    def terms_accepted(self, event: TermsAccepted) -> None:
        """This version and all before."""
        self._set(event.event_id, event.member_id, accepted=event.version)

    def questionnaire_set(self, event: QuestionnaireSet) -> None:
        """Nobody has answered yet: only a draft is asked. Decisions stay."""
        asked = self._of(event.event_id)
        asked.needed, asked.questions = event.needed, event.questions

    def questionnaire_answered(self, event: QuestionnaireAnswered) -> None:
        """The answers wait."""
        self._step(event.event_id, event.member_id, _ANSWER, answers=event.answers, reason_hash="", lots=())

    def decided(self, event: QualificationDecided) -> None:
        """Admitted where, or refused why."""
        step = _APPROVE if event.approved else _REFUSE
        lots = event.lots if event.approved else ()
        self._step(event.event_id, event.member_id, step, lots=lots, reason_hash=event.reason_hash)

    def invitation_answered(self, event: InvitationAnswered) -> None:
        """Accepted, or declined."""
        state = self.participant(event.event_id, event.member_id).invitation
        step = _ACCEPT if event.accepted else _DECLINE
        self._set(event.event_id, event.member_id, invitation=after(INVITATION, state, step))

    def invitation_withdrawn(self, event: InvitationWithdrawn) -> None:
        """Nothing is known of the supplier any more."""
        state = self.participant(event.event_id, event.member_id).invitation
        after(INVITATION, state, InvitationStep.WITHDRAW)
        if (asked := self._asked.get(event.event_id)) is not None:
            asked.participants.pop(event.member_id, None)

    def _step(self, event_id: str, member_id: str, step: QualificationStep, **changes: object) -> None:
        state = after(QUALIFICATION, self.participant(event_id, member_id).state, step)
        self._set(event_id, member_id, state=state, **changes)

    def _set(self, event_id: str, member_id: str, **changes: object) -> None:
        participants = self._of(event_id).participants
        participants[member_id] = replace(participants.get(member_id, NOBODY), **changes)

    def _of(self, event_id: str) -> Asked:
        asked = self._asked.get(event_id)
        if asked is None:
            asked = self._asked[event_id] = Asked(event_id, [], False, (), {})
        return asked

    # --- snapshots -------------------------------------------------------------------------------

    def dump(self) -> QualificationDump:
        """Everything, in the order in which it came."""
        return QualificationDump([_copy(each) for each in self._asked.values()])

    @classmethod
    def load(cls, state: QualificationDump) -> "Qualification":
        """The room of a dump."""
        room = cls()
        room._asked = {each.event_id: _copy(each) for each in state.asked}
        return room


def _copy(asked: Asked) -> Asked:
    return replace(asked, terms=list(asked.terms), participants=dict(asked.participants))


def _fits(question: Question, answer: Answer) -> bool:
    """Words and documents are hashes, all else is a number within bounds."""
    if question.kind in _WORDS:
        return bool(answer.hash) and not answer.value
    least, most = {
        QuestionKind.YES_NO: (0, 1),
        QuestionKind.CHOICE: (1, len(question.choices)),
    }.get(question.kind, (question.number_min, question.number_max))
    return not answer.hash and least <= answer.value <= most
