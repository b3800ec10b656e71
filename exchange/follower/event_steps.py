"""Rows of what happened to sourcing events and their lots beside the bids.

Guarantees: a row a step, in the order in which they happened; its subject is the lot, or where the step is about all
lots, their event.
"""

from collections.abc import Callable
from typing import Any, Final

from exchange.core.messages import AnyEvent
from exchange.core.messages.awards import LotSplit, WinnerDefaulted
from exchange.core.messages.lot_sales import LotSaleMoved
from exchange.core.messages.practice import PracticeAwarded
from exchange.core.messages.preview import LotsPreviewed
from exchange.core.messages.review import AwardReasoned, LotReopened
from exchange.core.messages.sourcing import (
    CloseExtended,
    EventCancelled,
    EventPublished,
    LotAwarded,
    LotClosed,
    LotOpened,
    LotShifted,
    SeedRevealed,
)
from exchange.core.messages.steering import (
    EventPaused,
    EventResumed,
    LotEnded,
    LotExtended,
    LotMoved,
    LotPostponed,
)

COLUMNS: Final = ("subject", "seq", "place", "at_us", "kind", "open_at_us", "close_at_us", "by_us", "reason")
Said = tuple[str, str, int, int, int, str]
"""Subject, kind, opening, close, by how much, and why; 0 and empty where there is no such thing."""


def _step(subject: str, kind: str, *, opens: int = 0, closes: int = 0, by: int = 0, reason: str = "") -> Said:
    return subject, kind, opens, closes, by, reason


STEPS: Final[dict[type[AnyEvent], Callable[[Any], Said]]] = {
    EventPublished: lambda e: _step(e.event_id, "published"),
    LotsPreviewed: lambda e: _step(e.event_id, "previewed"),
    EventPaused: lambda e: _step(e.event_id, "paused", reason=e.reason),
    EventResumed: lambda e: _step(e.event_id, "resumed", by=e.paused_us),
    EventCancelled: lambda e: _step(e.event_id, "cancelled", reason=e.reason),
    LotOpened: lambda e: _step(e.lot_id, "opened", closes=e.close_at_us),
    LotPostponed: lambda e: _step(e.lot_id, "postponed", by=e.by_us),
    CloseExtended: lambda e: _step(e.lot_id, "overtime", closes=e.close_at_us, by=e.overtime_us),
    LotExtended: lambda e: _step(e.lot_id, "extended", closes=e.close_at_us),
    LotMoved: lambda e: _step(e.lot_id, "moved", opens=e.open_at_us, closes=e.close_at_us),
    LotShifted: lambda e: _step(e.lot_id, "outage", opens=e.open_at_us, closes=e.close_at_us),
    LotEnded: lambda e: _step(e.lot_id, "ended", reason=e.reason),
    LotClosed: lambda e: _step(e.lot_id, "closed"),
    LotReopened: lambda e: _step(e.lot_id, "reopened", closes=e.close_at_us, reason=e.reason),
    SeedRevealed: lambda e: _step(e.lot_id, "ties_drawn"),
    LotAwarded: lambda e: _step(e.lot_id, "awarded"),
    PracticeAwarded: lambda e: _step(e.lot_id, "awarded", reason=e.reason),
    AwardReasoned: lambda e: _step(e.lot_id, "award_reasoned", reason=e.reason),
    LotSplit: lambda e: _step(e.lot_id, "awarded", reason=e.reason),
    LotSaleMoved: lambda e: _step(e.lot_id, f"sale_{e.state}", closes=e.due_us),
    WinnerDefaulted: lambda e: _step(e.lot_id, "defaulted", reason=e.reason),
}
"""What each event says."""


class EventSteps:
    """The rows of a stretch."""

    def __init__(self) -> None:
        self.rows: list[tuple[object, ...]] = []
        self._seq = self._place = 0

    def add(self, event: AnyEvent, seq: int, at_us: int) -> None:
        """A step of the command of this sequence."""
        self._place = self._place + 1 if seq == self._seq else 1
        self._seq = seq
        subject, *said = STEPS[type(event)](event)
        self.rows.append((subject, seq, self._place, at_us, *said))
