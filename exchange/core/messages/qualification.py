"""What an event asks of its suppliers before they bid: terms to accept, a questionnaire to answer.

Texts stay outside: the core holds their salted hashes, and the SHA-256 of documents.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from exchange.core.limits import (
    CHOICES_MAX,
    DOCUMENTS_MAX,
    LOTS_PER_EVENT_MAX,
    QUESTIONS_MAX,
    WIRE_INTEGER_MAX,
)
from exchange.core.messages.base import Command, Event, PublicId, Symbol

TextHash = Annotated[str, Meta(max_length=64)]
"""Of a text in SQL; empty: no words."""
Number = Annotated[int, Meta(ge=0, le=WIRE_INTEGER_MAX)]
Version = Annotated[int, Meta(ge=1, le=1_000)]
Place = Annotated[int, Meta(ge=1, le=QUESTIONS_MAX)]


class Document(Struct, frozen=True, forbid_unknown_fields=True):
    """A file that lies elsewhere; whoever has it can check that it is the one."""

    name: Symbol
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


Documents = Annotated[tuple[Document, ...], Meta(max_length=DOCUMENTS_MAX)]


class Terms(Struct, frozen=True, array_like=True):
    """One version of an event's terms: what was published first, then an addendum each."""

    version: int
    text_hash: str
    documents: tuple[Document, ...]
    at_us: int


class SetTerms(Command, frozen=True, tag="set_terms"):
    """Buyer: what every bidder accepts before its first bid, while the event is a draft. With nothing: no terms."""

    event_id: PublicId
    text_hash: TextHash = ""
    documents: Documents = ()


class TermsSet(Event, frozen=True, tag="terms_set"):
    """The draft's terms; without words and documents it has none."""

    event_id: str
    terms: Terms


class PublishAddendum(Command, frozen=True, tag="publish_addendum"):
    """Buyer: add to the terms of a published event; every bidder accepts again before its next bid."""

    event_id: PublicId
    text_hash: Annotated[str, Meta(min_length=1, max_length=64)]
    documents: Documents = ()
    ends_proxies: bool = False  # of those who may not bid themselves from now on


class AddendumPublished(Event, frozen=True, tag="addendum_published"):
    """The terms have one version more; all who are invited are told."""

    event_id: str
    terms: Terms


class AcceptTerms(Command, frozen=True, tag="accept_terms"):
    """Supplier: accept the terms with all addenda up to this version, which must be the last one."""

    event_id: PublicId
    version: Version


class TermsAccepted(Event, frozen=True, tag="terms_accepted"):
    """The supplier may bid, as far as the terms go."""

    event_id: str
    member_id: str
    version: int


class QuestionKind(StrEnum):
    """How a question is answered."""

    YES_NO = "yes_no"  # 1 or 0
    CHOICE = "choice"  # which one, from 1
    NUMBER = "number"  # a whole one
    TEXT = "text"
    DOCUMENT = "document"  # its SHA-256


class Question(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A question of an event's questionnaire. A number is refused outside its bounds."""

    kind: QuestionKind
    text_hash: Annotated[str, Meta(min_length=1, max_length=64)]
    required: bool = True
    choices: Annotated[tuple[Symbol, ...], Meta(max_length=CHOICES_MAX)] = ()
    number_min: Number = 0
    number_max: Number = WIRE_INTEGER_MAX


class Answer(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The answer to the question at this place, from 1; `hash` is that of a text or a document."""

    place: Place
    value: Number = 0
    hash: TextHash = ""


class SetQuestionnaire(Command, frozen=True, tag="set_questionnaire"):
    """Buyer: only qualified suppliers bid. Without questions they are approved by hand; not `needed`: all may bid."""

    event_id: PublicId
    questions: Annotated[tuple[Question, ...], Meta(max_length=QUESTIONS_MAX)] = ()
    needed: bool = True


class QuestionnaireSet(Event, frozen=True, tag="questionnaire_set"):
    """What the draft asks."""

    event_id: str
    needed: bool
    questions: tuple[Question, ...]


class AnswerQuestionnaire(Command, frozen=True, tag="answer_questionnaire"):
    """Supplier: all answers at once, in place of those before; until it is qualified."""

    event_id: PublicId
    answers: Annotated[tuple[Answer, ...], Meta(max_length=QUESTIONS_MAX)] = ()


class QuestionnaireAnswered(Event, frozen=True, tag="questionnaire_answered"):
    """The answers wait for a decision."""

    event_id: str
    member_id: str
    answers: tuple[Answer, ...]


class DecideQualification(Command, frozen=True, tag="decide_qualification"):
    """Buyer or operator: let an invited supplier bid in these lots (none named: in all), or refuse it with a reason."""

    event_id: PublicId
    member_id: PublicId
    approve: bool
    lots: Annotated[tuple[PublicId, ...], Meta(max_length=LOTS_PER_EVENT_MAX)] = ()
    reason_hash: TextHash = ""
    ends_proxies: bool = False  # of those who may not bid themselves from now on


class QualificationDecided(Event, frozen=True, tag="qualification_decided"):
    """The supplier is told, with the reason but not by whom."""

    event_id: str
    member_id: str
    decider_id: str
    approved: bool
    lots: tuple[str, ...]
    reason_hash: str


QualificationCommand = (
    SetTerms | PublishAddendum | AcceptTerms | SetQuestionnaire | AnswerQuestionnaire | DecideQualification
)
QualificationEvent = (
    TermsSet
    | AddendumPublished
    | TermsAccepted
    | QuestionnaireSet
    | QuestionnaireAnswered
    | QualificationDecided
)
