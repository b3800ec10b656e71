"""The drop copy: every member's orders and executions, for operators and auditors."""

from exchange.core.messages.shown_drops import DropCopy, DropSnapshot
from exchange.gateway.websocket.streams import KeptStream, Name, Source


class DropStream(KeptStream):
    """What each commit did to orders, whosever they are, in the order of the journal. Never thinned out."""

    conflates = False

    def __init__(self, name: Name, source: Source, offset: int) -> None:
        super().__init__(name, source, offset)
        self.views.drops.watchers += 1

    def end(self) -> None:
        """This overseer follows it no more."""
        super().end()
        self.views.drops.watchers -= 1

    def follow(self) -> None:
        """The entries of the commit."""
        head = self.channel, self.epoch, self.offset + 1
        self.publish(DropCopy(*head, list(self.views.drops.fresh)))

    def picture(self) -> DropSnapshot:
        """The open orders, and after which command."""
        orders, left_out = self.views.drops.orders()
        return DropSnapshot(self.channel, self.epoch, self.offset, self.views.drops.seq, orders, left_out)
