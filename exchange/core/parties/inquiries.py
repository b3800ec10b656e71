"""What suppliers asked about events, and what they were answered.

Guarantees: an inquiry is answered once; a supplier has a bounded number of unanswered ones in an event. Its state is
what its events say (`followers`), so a read model is the same room again.
Doesn't know who is invited or whose an event is, nor any words: their hashes. Known limits: an answer is never
changed, an addendum corrects it; inquiries are kept for ever.
"""

from collections.abc import Callable, Iterable

from msgspec import Struct
from msgspec.structs import replace

from exchange.core.limits import OPEN_INQUIRIES_MAX
from exchange.core.messages.base import Event
from exchange.core.messages.inquiries import InquiryAnswered, InquiryMade
from exchange.core.rejects import Reject, RejectCode


class Inquiry(Struct, frozen=True, array_like=True, gc=False):
    """A question about an event; `answered_at_us` is 0 while nobody has answered."""

    inquiry_id: str
    event_id: str
    member_id: str
    text_hash: str
    at_us: int
    answer_hash: str = ""
    answered_at_us: int = 0

    @property
    def shown_at_us(self) -> int:
        """Since when it reads as it does."""
        return self.answered_at_us or self.at_us


class InquiriesDump(Struct, frozen=True, array_like=True):
    """All of them, in the order in which they were made."""

    inquiries: list[Inquiry] = []


class Inquiries:
    """All inquiries, by id and by event."""

    def __init__(self) -> None:
        self._inquiries: dict[str, Inquiry] = {}
        self._of_event: dict[str, dict[str, None]] = {}

    def get(self, inquiry_id: str) -> Inquiry | None:
        """The inquiry, or nothing."""
        return self._inquiries.get(inquiry_id)

    def of_event(self, event_id: str) -> Iterable[Inquiry]:
        """Those about the event, in the order in which they were made."""
        return (self._inquiries[each] for each in self._of_event.get(event_id, ()))

    def inquire_refusal(self, member_id: str, event_id: str) -> Reject | None:
        """TOO_MANY_INQUIRIES, of the supplier's own that nobody has answered."""
        own = [each for each in self.of_event(event_id) if each.member_id == member_id]
        if sum(not each.answered_at_us for each in own) >= OPEN_INQUIRIES_MAX:
            return Reject(RejectCode.TOO_MANY_INQUIRIES, OPEN_INQUIRIES_MAX)
        return None

    def answer_refusal(self, inquiry: Inquiry) -> Reject | None:
        """INQUIRY_ANSWERED."""
        return Reject(RejectCode.INQUIRY_ANSWERED) if inquiry.answered_at_us else None

    def followers(self) -> dict[type[Event], Callable[..., None]]:
        """Who follows which event."""
        return {InquiryMade: self.made, InquiryAnswered: self.answered}

    def made(self, event: InquiryMade) -> None:
        """It waits for its answer."""
        self._take(Inquiry(event.inquiry_id, event.event_id, event.member_id, event.text_hash, event.at_us))

    def answered(self, event: InquiryAnswered) -> None:
        """For all."""
        asked = self._inquiries[event.inquiry_id]
        self._take(replace(asked, answer_hash=event.text_hash, answered_at_us=event.at_us))

    def _take(self, inquiry: Inquiry) -> None:
        self._inquiries[inquiry.inquiry_id] = inquiry
        self._of_event.setdefault(inquiry.event_id, {})[inquiry.inquiry_id] = None

    def dump(self) -> InquiriesDump:
        """Everything, in the order in which it came."""
        return InquiriesDump(list(self._inquiries.values()))

    @classmethod
    def load(cls, state: InquiriesDump) -> "Inquiries":
        """The inquiries of a dump."""
        room = cls()
        for inquiry in state.inquiries:
            room._take(inquiry)
        return room
