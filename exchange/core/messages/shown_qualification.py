"""What a member is told of events that ask something of it: addenda, decisions on its answers,
inquiries and their answers.
"""

from msgspec import Struct

from exchange.core.messages.lifecycles import QualificationState


class OwnAddendum(Struct, frozen=True, gc=False, tag_field="type", tag="addendum", omit_defaults=True):
    """To all who are invited: the terms have this version now, to be accepted before the next bid."""

    event_id: str
    version: int


class OwnQualification(
    Struct, frozen=True, gc=False, tag_field="type", tag="qualification", omit_defaults=True
):
    """To a supplier: where it stands, and in which lots it may bid; none named: in all."""

    event_id: str
    state: QualificationState
    lots: tuple[str, ...] = ()


class OwnAnswers(
    Struct, frozen=True, gc=False, tag_field="type", tag="questionnaire_answered", omit_defaults=True
):
    """To the buyer: an invited supplier's answers wait for a decision; REST lists whose."""

    event_id: str


class OwnInquiry(Struct, frozen=True, gc=False, tag_field="type", tag="inquiry", omit_defaults=True):
    """To the buyer: an invited supplier asks; REST has its words."""

    event_id: str
    inquiry_id: str


class OwnInquiryAnswered(
    Struct, frozen=True, gc=False, tag_field="type", tag="inquiry_answered", omit_defaults=True
):
    """To all who are invited: what somebody asked is answered."""

    event_id: str
    inquiry_id: str


class OwnInvitationAnswer(
    Struct, frozen=True, gc=False, tag_field="type", tag="invitation_answered", omit_defaults=True
):
    """To the buyer: an invited supplier accepted or declined; REST lists which."""

    event_id: str


class OwnWithdrawal(
    Struct, frozen=True, gc=False, tag_field="type", tag="invitation_withdrawn", omit_defaults=True
):
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
