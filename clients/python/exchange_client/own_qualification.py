"""What a member is told, on the channel `own`, of events that ask something of it."""

from enum import StrEnum

from msgspec import Struct


class QualificationState(StrEnum):
    """Where a supplier stands in an event that asks for qualification."""

    AWAITED = "awaited"
    ANSWERED = "answered"
    QUALIFIED = "qualified"
    REFUSED = "refused"


class OwnAddendum(Struct, frozen=True, gc=False, tag_field="type", tag="addendum"):
    """To all who are invited: the terms have this version now, to be accepted before the next bid."""

    event_id: str
    version: int


class OwnQualification(Struct, frozen=True, gc=False, tag_field="type", tag="qualification"):
    """To a supplier: where it stands, and in which lots it may bid; none named: in all."""

    event_id: str
    state: QualificationState
    lots: tuple[str, ...] = ()


class OwnAnswers(Struct, frozen=True, gc=False, tag_field="type", tag="questionnaire_answered"):
    """To the buyer: an invited supplier's answers wait for a decision; REST lists whose."""

    event_id: str


class OwnInquiry(Struct, frozen=True, gc=False, tag_field="type", tag="inquiry"):
    """To the buyer: an invited supplier asks; REST has its words."""

    event_id: str
    inquiry_id: str


class OwnInquiryAnswered(Struct, frozen=True, gc=False, tag_field="type", tag="inquiry_answered"):
    """To all who are invited: what somebody asked is answered."""

    event_id: str
    inquiry_id: str


class OwnInvitationAnswer(Struct, frozen=True, gc=False, tag_field="type", tag="invitation_answered"):
    """To the buyer: an invited supplier accepted or declined; REST lists which."""

    event_id: str


class OwnWithdrawal(Struct, frozen=True, gc=False, tag_field="type", tag="invitation_withdrawn"):
    """To a supplier: there is no such event for it any more."""

    event_id: str


QualificationNews = (
    OwnAddendum
    | OwnQualification
    | OwnAnswers
    | OwnInquiry
    | OwnInquiryAnswered
    | OwnInvitationAnswer
    | OwnWithdrawal
)
