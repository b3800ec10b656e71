"""What events ask of their suppliers and are asked by them, and what of it the last commit changed.

Guarantees: these are the rooms of parties again, made by the same events.
"""

from collections.abc import Callable

from exchange.core.messages.base import Event
from exchange.core.parties.inquiries import Inquiries
from exchange.core.parties.qualification import Qualification
from exchange.core.visibility.qualification import ToldEvent


class QualificationView:
    """`fresh` is what happened in the last commit, in its order: ask `visibility` whom it is told to."""

    def __init__(self, room: Qualification | None = None, inquiries: Inquiries | None = None) -> None:
        self.room = room or Qualification()
        self.inquiries = inquiries or Inquiries()
        self.fresh: list[ToldEvent] = []
        self._followers = self.room.followers() | self.inquiries.followers()

    def begin(self) -> None:
        """A new commit."""
        self.fresh.clear()

    def handlers(self) -> dict[type[Event], Callable[..., None]]:
        """Who follows which event."""
        return dict.fromkeys(self._followers, self.take)

    def take(self, event: ToldEvent) -> None:
        """Follow it, and keep it until the next commit."""
        self._followers[type(event)](event)
        self.fresh.append(event)
