"""What a client sends of an event's terms and questionnaire. Words go over REST; a command carries their hash."""

from enum import StrEnum

from msgspec import Struct

from exchange_client.command import Command, ConditionalCommand


class Document(Struct, frozen=True):
    """A file that lies elsewhere, by its SHA-256 in hexadecimal."""

    name: str
    sha256: str


class SetTerms(Command, frozen=True, tag="set_terms"):
    """Buyer: what every bidder accepts before its first bid, while the event is a draft. With nothing: no terms."""

    event_id: str
    text_hash: str = ""
    documents: tuple[Document, ...] = ()


class PublishAddendum(Command, frozen=True, tag="publish_addendum"):
    """Buyer: add to the terms of a published event; every bidder accepts again before its next bid."""

    event_id: str
    text_hash: str
    documents: tuple[Document, ...] = ()
    ends_proxies: bool = False  # of those who may not bid themselves from now on


class AcceptTerms(Command, frozen=True, tag="accept_terms"):
    """Supplier: accept the terms with all addenda up to this version, which must be the last one."""

    event_id: str
    version: int


class QuestionKind(StrEnum):
    """How a question is answered."""

    YES_NO = "yes_no"  # 1 or 0
    CHOICE = "choice"  # which one, from 1
    NUMBER = "number"
    TEXT = "text"
    DOCUMENT = "document"  # its SHA-256


class Question(Struct, frozen=True, omit_defaults=True):
    """A question of an event's questionnaire."""

    kind: QuestionKind
    text_hash: str
    required: bool = True
    choices: tuple[str, ...] = ()
    number_min: int = 0
    number_max: int = 2**53 - 1


class Answer(Struct, frozen=True, omit_defaults=True):
    """The answer to the question at this place, from 1; `hash` is that of a text or a document."""

    place: int
    value: int = 0
    hash: str = ""


class SetQuestionnaire(Command, frozen=True, tag="set_questionnaire"):
    """Buyer: only qualified suppliers bid. Without questions they are approved by hand; not `needed`: all may bid."""

    event_id: str
    questions: tuple[Question, ...] = ()
    needed: bool = True


class AnswerQuestionnaire(Command, frozen=True, tag="answer_questionnaire"):
    """Supplier: all answers at once, in place of those before; until it is qualified."""

    event_id: str
    answers: tuple[Answer, ...] = ()


class DecideQualification(Command, frozen=True, tag="decide_qualification"):
    """Buyer or operator: let an invited supplier bid in these lots (none named: in all), or refuse it with a reason."""

    event_id: str
    member_id: str
    approve: bool
    lots: tuple[str, ...] = ()
    reason_hash: str = ""
    ends_proxies: bool = False  # of those who may not bid themselves from now on


class AnswerInvitation(Command, frozen=True, tag="answer_invitation"):
    """Supplier: say whether it will take part. Nobody needs to accept before it bids; who declined bids no more."""

    event_id: str
    accept: bool


class WithdrawInvitation(Command, frozen=True, tag="withdraw_invitation"):
    """Buyer, before a lot opens, or operator: take back the invitation of a supplier that has not bid."""

    event_id: str
    member_id: str


class Inquire(Command, frozen=True, tag="inquire"):
    """Supplier: ask something about an event. Nobody but operators is told who asked."""

    event_id: str
    text_hash: str


class AnswerInquiry(Command, frozen=True, tag="answer_inquiry"):
    """Buyer or operator: answer to all who are invited."""

    inquiry_id: str
    text_hash: str


class SetSupplierProfile(Command, frozen=True, tag="set_supplier_profile"):
    """Supplier: be found by buyers by this profile, whose words go over REST; empty: by none."""

    profile_hash: str = ""


class InviteSuppliers(ConditionalCommand, frozen=True, tag="invite_suppliers"):
    """Buyer or operator: admit all of these members or none; a refusal's bound is the place of the first that can't be."""

    event_id: str
    member_ids: tuple[str, ...]


QualificationCommand = (
    SetTerms
    | PublishAddendum
    | AcceptTerms
    | SetQuestionnaire
    | AnswerQuestionnaire
    | DecideQualification
    | AnswerInvitation
    | WithdrawInvitation
    | Inquire
    | AnswerInquiry
    | SetSupplierProfile
    | InviteSuppliers
)
