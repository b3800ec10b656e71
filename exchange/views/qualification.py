"""What events ask of their suppliers, and what of it the last commit changed.

Guarantees: it is the room of parties again, made by the same events.
"""

from collections.abc import Callable

from exchange.core.messages.base import Event
from exchange.core.messages.qualification import QualificationEvent
from exchange.core.parties.qualification import Qualification


class QualificationView:
    """`fresh` is what happened in the last commit, in its order: ask `visibility` whom it is told to."""

    def __init__(self, room: Qualification | None = None) -> None:
        self.room = room or Qualification()
        self.fresh: list[QualificationEvent] = []

    def begin(self) -> None:
        """A new commit."""
        self.fresh.clear()

    def handlers(self) -> dict[type[Event], Callable[..., None]]:
        """Who follows which event."""
        return {kind: self._noting(follow) for kind, follow in self.room.followers().items()}

    def _noting(self, follow: Callable[..., None]) -> Callable[[QualificationEvent], None]:
        def taken(event: QualificationEvent) -> None:
            follow(event)
            self.fresh.append(event)

        return taken
