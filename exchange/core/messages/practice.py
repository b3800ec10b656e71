"""Practice events: that an event is one, and what becomes of its lots.

An award in one binds nobody and tells nobody who the other is.
"""

from exchange.core.messages.awards import WonPart
from exchange.core.messages.base import Event


class PracticeSet(Event, frozen=True, tag="practice_set"):
    """The draft is of a practice event and stays so; comes after its EventCreated."""

    event_id: str


class PracticeAwarded(Event, frozen=True, tag="practice_awarded"):
    """The lot of a practice event is decided: no fee, contract or bond follows, and no side learns the other.

    No parts: to nobody.
    """

    lot_id: str
    event_id: str
    alias: int  # 0: nobody, or several
    parts: tuple[WonPart, ...]
    reason: str


PracticeEvent = PracticeSet | PracticeAwarded
