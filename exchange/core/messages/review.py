"""Between a close and its award: the review period, a lot that is reopened in it, and why an award went to whom."""

from exchange.core.messages.base import ConditionalCommand, Event, Instant, PublicId, Symbol


class ReviewBegan(Event, frozen=True, tag="review_began"):
    """The lot has closed, and can be reopened before this instant; once more where an outage moved that."""

    lot_id: str
    until_us: int


class ReopenLot(ConditionalCommand, frozen=True, tag="reopen_lot"):
    """Buyer or operator: take bids for a closed lot again, up to a new close, within its review period.

    Bids stand as they stood, and overtime counts from nothing.
    """

    lot_id: PublicId
    close_at_us: Instant
    reason: Symbol


class LotReopened(Event, frozen=True, tag="lot_reopened"):
    """Bids are taken again until the close, which overtime may move."""

    lot_id: str
    event_id: str
    close_at_us: int
    reason: str


class AwardReasoned(Event, frozen=True, tag="award_reasoned"):
    """Why the lot goes to this alias; its LotAwarded comes right before."""

    lot_id: str
    event_id: str
    alias: int
    reason: str


ReviewCommand = ReopenLot
ReviewEvent = ReviewBegan | LotReopened | AwardReasoned
