"""What invited suppliers ask about an event, and what all of them are answered. Words are hashes of texts in SQL."""

from typing import Annotated

from msgspec import Meta

from exchange.core.messages.base import Command, Event, PublicId

TextHash = Annotated[str, Meta(min_length=1, max_length=64)]


class Inquire(Command, frozen=True, tag="inquire"):
    """Supplier: ask something about an event. Nobody but operators is told who asked."""

    event_id: PublicId
    text_hash: TextHash


class InquiryMade(Event, frozen=True, tag="inquiry_made"):
    """The buyer and operators read it; the other suppliers when it is answered."""

    inquiry_id: str
    event_id: str
    member_id: str
    text_hash: str
    at_us: int


class AnswerInquiry(Command, frozen=True, tag="answer_inquiry"):
    """Buyer or operator: answer to all who are invited, with the words that were asked."""

    inquiry_id: PublicId
    text_hash: TextHash


class InquiryAnswered(Event, frozen=True, tag="inquiry_answered"):
    """Everybody who is invited reads both."""

    inquiry_id: str
    event_id: str
    text_hash: str
    at_us: int


InquiryCommand = Inquire | AnswerInquiry
InquiryEvent = InquiryMade | InquiryAnswered
