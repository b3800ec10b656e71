"""What members said of finished deals, and the band in which each of them stands.

Guarantees: a deal is rated once per side and only within its term, the last word counts; a band moves at the turn of
a month only, by a batch of at least BATCH_OWNERS_MIN owners, and exists only from VOICES_MIN voices on. So nobody can
watch one rating move a band, and few enough bands exist that a lot's band leaves its seller in a crowd.
Doesn't do: know words, tell anybody who rated. Known limits: every rating is kept and weighs alike for ever.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

from exchange.core.messages import AnyEvent
from exchange.core.messages.feedback import FeedbackGiven, GiveFeedback
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import divided_half_away, month_of

TERM_US: Final = 30 * 24 * 3_600 * 1_000_000
"""30 days from the last settled line: longer than goods travel, short enough to remember."""
BATCH_OWNERS_MIN: Final = 5
"""Owners whose ratings are released together; until so many are there, a month waits for the next one."""
VOICES_MIN: Final = 10
"""Voices before a member leaves the band NEW: two batches at least."""
FORGOTTEN_A_TURN_MAX: Final = 8
"""Deals over their term that are dropped when a line is settled, so that none of it is a long pause."""
CHOICES: Final = 3
PARTS: Final = 100
"""A voice counts in hundredths of a point, so that an owner's several ratings of a month are one voice."""


class Band(StrEnum):
    """All that others ever see of a member's ratings."""

    NEW = "new"
    FAIR = "fair"
    GOOD = "good"
    EXCELLENT = "excellent"


GOOD_MIN: Final = 350 * CHOICES
EXCELLENT_MIN: Final = 450 * CHOICES
"""Least mean voice, in hundredths of the sum of three choices: 3.5 and 4.5 of 5."""


class Deal(Struct, frozen=True, array_like=True, gc=False):
    """One side of a deal that can be rated until `until_us`; `others` stood on the other side, in order."""

    contract_id: str
    member_id: str
    others: tuple[str, ...]
    until_us: int
    rated: bool


class FeedbackState(Struct, frozen=True, array_like=True):
    """Deals as they were settled, ratings as they were first given."""

    deals: list[Deal]
    given: list[FeedbackGiven]


class Score(Struct, frozen=True):
    """A band, with the released voices that made it: the number is for the operator alone."""

    band: Band
    voices: int
    mean_hundredths: int
    """Of the sum of three choices; 0 without voices."""


class Feedback:
    """Deals that can be rated, and every rating that was given."""

    def __init__(self) -> None:
        self._deals: dict[str, Deal] = {}  # by contract, last settled last
        self._given: dict[str, FeedbackGiven] = {}  # by contract
        self._said: dict[str, dict[str, FeedbackGiven]] = {}  # by who is rated, then by contract

    def settled(self, contract_id: str, member_id: str, other_id: str, at_us: int) -> None:
        """A line was settled with this member on the other side. A rated deal keeps its term."""
        deal = self._deals.pop(contract_id, None)
        until_us, rated = at_us + TERM_US, False
        others: tuple[str, ...] = ()
        if deal is not None and at_us <= deal.until_us:
            others, rated = deal.others, deal.rated
            until_us = deal.until_us if rated else until_us
        if other_id not in others:
            others = (*others, other_id)
        self._deals[contract_id] = Deal(contract_id, member_id, others, until_us, rated)
        self._forget(at_us)

    def _forget(self, at_us: int) -> None:
        over = [deal.contract_id for deal in self._oldest() if deal.until_us < at_us]
        for contract_id in over:
            del self._deals[contract_id]

    def _oldest(self) -> list[Deal]:
        return [deal for deal, _ in zip(self._deals.values(), range(FORGOTTEN_A_TURN_MAX), strict=False)]

    def refusal(self, member_id: str, contract_id: str, at_us: int) -> Reject | None:
        """NO_DEAL_TO_RATE: nobody's, another's, nothing of it settled, or over its term: one answer for all of them."""
        deal = self._deals.get(contract_id)
        if deal is None or deal.member_id != member_id or at_us > deal.until_us:
            return Reject(RejectCode.NO_DEAL_TO_RATE, field="contract_id")
        return None

    def give(self, member_id: str, owner: str, command: GiveFeedback, events: list[AnyEvent]) -> int:
        """Take a rating in place of the one before; the month in which it still waits."""
        deal = self._deals[command.contract_id]
        assert deal.member_id == member_id, "refused before"
        self._deals[command.contract_id] = Deal(
            deal.contract_id, member_id, deal.others, deal.until_us, rated=True
        )
        given = FeedbackGiven(
            command.contract_id, member_id, owner, deal.others, month_of(deal.until_us),
            command.as_described, command.delivery, command.communication, command.text_hash,
        )  # fmt: skip
        self.count(given)
        events.append(given)
        return given.month

    def count(self, given: FeedbackGiven) -> None:
        """Let the rating count for everybody whom it rates, in place of the contract's earlier one."""
        self._given[given.contract_id] = given
        for rated_id in given.rated:
            self._said.setdefault(rated_id, {})[given.contract_id] = given

    def score(self, member_id: str, at_us: int) -> Score:
        """Where the member stands at the instant: of months that are over, batch by batch."""
        voices = total = 0
        waiting: dict[str, list[int]] = {}  # points by owner
        for month in self._months_before(member_id, month_of(at_us)):
            for given in month:
                points = given.as_described + given.delivery + given.communication
                waiting.setdefault(given.rater_owner, []).append(points)
            if len(waiting) >= BATCH_OWNERS_MIN:
                voices += len(waiting)
                total += sum(divided_half_away(sum(each) * PARTS, len(each)) for each in waiting.values())
                waiting = {}
        mean = divided_half_away(total, voices) if voices else 0
        return Score(_band_of(voices, mean), voices, mean)

    def rated_members(self) -> list[str]:
        """Everybody of whom anything was ever said, by id."""
        return sorted(self._said)

    def text_hashes(self) -> list[str]:
        """Of all last words that have a text."""
        return [given.text_hash for given in self._given.values() if given.text_hash]

    def said_of(self, member_id: str) -> Mapping[str, FeedbackGiven]:
        """The last word of each contract on the member."""
        return self._said.get(member_id, {})

    def _months_before(self, member_id: str, before: int) -> list[list[FeedbackGiven]]:
        months: dict[int, list[FeedbackGiven]] = {}
        for given in self.said_of(member_id).values():
            if given.month < before:
                months.setdefault(given.month, []).append(given)
        return [months[month] for month in sorted(months)]

    def dump(self) -> FeedbackState:
        """Everything, in the order in which it came."""
        return FeedbackState(list(self._deals.values()), list(self._given.values()))

    @classmethod
    def load(cls, state: FeedbackState) -> "Feedback":
        """The feedback of a dump."""
        feedback = cls()
        feedback._deals = {deal.contract_id: deal for deal in state.deals}
        for given in state.given:
            feedback.count(given)
        return feedback


def _band_of(voices: int, mean: int) -> Band:
    if voices < VOICES_MIN:
        return Band.NEW
    if mean < GOOD_MIN:
        return Band.FAIR
    return Band.GOOD if mean < EXCELLENT_MIN else Band.EXCELLENT
