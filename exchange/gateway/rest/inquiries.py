"""REST of inquiries: an invited supplier asks, buyer or operator answers to all who are invited.

Guarantees: nobody but operators reads who asked, not even the buyer. The other suppliers read an inquiry once it is
answered, and then only when it was answered, not when it was asked. Words are on disk before the command that carries
their hash. Known limits: whoever asks must not name itself; its words are shown as they are.
"""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from exchange.core.messages.inquiries import AnswerInquiry, Inquire
from exchange.core.parties.inquiries import Inquiry
from exchange.core.visibility.lots import Relation
from exchange.gateway.notation import InstantText, instant_of
from exchange.gateway.paging import DatedKey, PageQuery, key_of, page_of
from exchange.gateway.rest.qualification import WORDS_LENGTH_MAX
from exchange.gateway.rest.sourcing import event_of
from exchange.gateway.rest.terms import SOME_LINES, written
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route, Settled


class InquiryText(Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked, or answered: all who are invited will read it."""

    text: Annotated[str, Meta(pattern=SOME_LINES, min_length=1, max_length=WORDS_LENGTH_MAX)]


class InquirySettled(Settled, frozen=True):
    """The inquiry that was made or answered."""

    inquiry_id: str


class InquiryShown(Struct, frozen=True):
    """`asked_at` is shown to who asked, to the buyer and to operators; `member_id` to operators."""

    inquiry_id: str
    text: str
    answer: str | UnsetType = UNSET
    answered_at: InstantText | UnsetType = UNSET
    asked_at: InstantText | UnsetType = UNSET
    own: bool | UnsetType = UNSET
    member_id: str | UnsetType = UNSET


class InquiryPage(Struct, frozen=True):
    """Inquiries in the order in which they came to read as they do."""

    inquiries: list[InquiryShown]
    next: str


async def inquire(call: Call[InquiryText, NoQuery]) -> InquirySettled:
    """Supplier: ask something about an event that one is invited to."""
    command = Inquire(event_id=call.id("event_id"), text_hash=await written(call, call.body.text))
    reply = await call.settle(command)
    return InquirySettled(reply.sequence, instant_of(reply.at_us), reply.id)


async def answer_inquiry(call: Call[InquiryText, NoQuery]) -> InquirySettled:
    """Buyer or operator: answer to all who are invited."""
    command = AnswerInquiry(inquiry_id=call.id("inquiry_id"), text_hash=await written(call, call.body.text))
    reply = await call.settle(command)
    return InquirySettled(reply.sequence, instant_of(reply.at_us), reply.id)


async def list_inquiries(call: Call[NoBody, PageQuery]) -> InquiryPage:
    """What was asked and answered; to a supplier the answered ones and its own."""
    event, seen_as = event_of(call.views, call.id("event_id"), call.member_id)
    after = key_of(call.query.cursor, DatedKey)
    read = [
        each
        for each in call.views.qualification.inquiries.of_event(event.event_id)
        if seen_as is not Relation.SUPPLIER or each.answered_at_us or each.member_id == call.member_id
    ]
    read = [each for each in read if after is None or _key(each) > (after.at_us, after.id)]
    page, following = page_of(sorted(read, key=_key), call.query.limit, _key)
    hashes = [text_hash for each in page for text_hash in (each.text_hash, each.answer_hash)]
    words = await call.ports.deal_texts.read(hashes)
    return InquiryPage([_shown(each, words, call.member_id, seen_as) for each in page], following)


def _key(inquiry: Inquiry) -> tuple[int, str]:
    return inquiry.shown_at_us, inquiry.inquiry_id


def _shown(inquiry: Inquiry, words: dict[str, str], viewer: str, seen_as: Relation) -> InquiryShown:
    supplier, own = seen_as is Relation.SUPPLIER, inquiry.member_id == viewer
    return InquiryShown(
        inquiry.inquiry_id,
        words.get(inquiry.text_hash, ""),
        words.get(inquiry.answer_hash, "") if inquiry.answered_at_us else UNSET,
        instant_of(inquiry.answered_at_us) if inquiry.answered_at_us else UNSET,
        UNSET if supplier and not own else instant_of(inquiry.at_us),
        own if supplier else UNSET,
        inquiry.member_id if seen_as is Relation.OPERATOR else UNSET,
    )


_INQUIRIES: Final = "/v1/events/{event_id}/inquiries"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("POST", _INQUIRIES, "Make an inquiry", inquire, InquiryText, NoQuery, InquirySettled, Inquire, 201),
    Route("GET", _INQUIRIES, "List inquiries", list_inquiries, NoBody, PageQuery, InquiryPage),
    Route(
        "PUT", "/v1/inquiries/{inquiry_id}/answer", "Answer an inquiry", answer_inquiry,
        InquiryText, NoQuery, InquirySettled, AnswerInquiry,
    ),
)  # fmt: skip
