"""What a member says of a finished deal. Its words stay outside; the core holds their salted hash."""

from typing import Annotated

from msgspec import Meta

from exchange.core.messages.base import Command, Event, PublicId

Choice = Annotated[int, Meta(ge=1, le=5)]
"""1 is worst, 5 best."""


class GiveFeedback(Command, frozen=True, tag="give_feedback"):
    """Rate a deal of which nothing is open any more, for 30 days after its last line was settled; the last word counts."""

    contract_id: PublicId
    as_described: Choice
    delivery: Choice
    communication: Choice
    text_hash: Annotated[str, Meta(max_length=64)] = ""  # empty: without words


class FeedbackGiven(Event, frozen=True, tag="feedback_given"):
    """It counts for each of `rated`, who stood behind the contract, from the month after `month` (yyyymm) on.

    `rater_owner` is the beneficial owner of who gave it. A repeated event for a contract replaces the one before.
    """

    contract_id: str
    member_id: str
    rater_owner: str
    rated: tuple[str, ...]
    month: int
    as_described: int
    delivery: int
    communication: int
    text_hash: str
