"""The standstill between award and contract: complaints of bidders against an award, and what becomes of it."""

from exchange.core.messages.awards import Alias
from exchange.core.messages.base import Command, Event, PublicId
from exchange.core.messages.inquiries import TextHash
from exchange.core.messages.lifecycles import AwardState, ComplaintState


class FileComplaint(Command, frozen=True, tag="file_complaint"):
    """Supplier: object to the award of a lot that one has bid for, while it stands still; once an award."""

    lot_id: PublicId
    text_hash: TextHash


class AnswerComplaint(Command, frozen=True, tag="answer_complaint"):
    """Buyer or operator: uphold the complaint of an alias, which withdraws the award, or reject it."""

    lot_id: PublicId
    alias: Alias
    uphold: bool
    text_hash: TextHash


class AwardMoved(Event, frozen=True, tag="award_moved"):
    """Where a provisional award stands; final no sooner than this instant."""

    lot_id: str
    event_id: str
    state: AwardState
    until_us: int


class ComplaintMoved(Event, frozen=True, tag="complaint_moved"):
    """Where a complaint stands. The words are outside the journal, by their hashes."""

    lot_id: str
    event_id: str
    member_id: str
    alias: int
    state: ComplaintState
    text_hash: str
    answer_hash: str


class AwardWithdrawn(Event, frozen=True, tag="award_withdrawn"):
    """The lot is closed again, and may be awarded to anybody."""

    lot_id: str
    event_id: str


StandstillCommand = FileComplaint | AnswerComplaint
StandstillEvent = AwardMoved | ComplaintMoved | AwardWithdrawn
