"""Frames of a channel as they come, without a queue: every one counts, and a gap spoils all."""

from collections.abc import Callable

from exchange_client import Resynced, shown
from exchange_client.channels import Update
from exchange_client.feeds import FeedEvent


class ReplayBroken(Exception):
    """The replay cannot go on, or what it saw cannot be trusted; the message says why."""


class Tape:
    """Hands the frames of one channel on. `broken` says why it isn't whole, if it isn't."""

    def __init__(
        self, channel: str, take: Callable[[shown.FeedFrame], None], wake: Callable[[], None]
    ) -> None:
        self.channel = channel
        self.broken = ""
        self._take = take
        self._wake = wake

    def take(self, event: FeedEvent) -> None:
        """The next event of the channel; the client calls this."""
        if isinstance(event, Update):
            self._take(event.frame)
        elif isinstance(event, Resynced):
            self.broken = f"the feed {self.channel} had a gap: {event.why}"
        else:
            self.broken = f"the feed {self.channel} ended: {event}"
        self._wake()
