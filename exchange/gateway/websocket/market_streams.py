"""Two more channels of a book: every shown order in its queue (level 3), and the market's phase.

Guarantees: as all streams; an order is named by the book's own count, and nothing here is of anybody in
particular. What several commands of one commit did to the phase, or to the price a call would come to, is sent
as one frame.
"""

from exchange.core.messages import Side
from exchange.core.messages.shown_queues import MarketPhase, OrdersDelta, OrdersSnapshot
from exchange.gateway.websocket.streams import BookBound, Name, Source
from exchange.views.indicative import indicated


class OrdersStream(BookBound):
    """Level 3: what each commit did to the orders that show."""

    def __init__(self, name: Name, source: Source, offset: int) -> None:
        super().__init__(name, source, offset)
        source.views.queues.watch(name.subject)

    def end(self) -> None:
        """Nobody follows the queues any more."""
        super().end()
        self.views.queues.unwatch(self.name.subject)

    def follow(self) -> None:
        """Nothing is sent where the queues are as they were."""
        changes = self.views.queues.changed.get(self.name.subject)
        if changes:
            head = self.channel, self.epoch, self.offset + 1, self.views.at_us
            self.publish(OrdersDelta(*head, list(changes)))

    def picture(self) -> OrdersSnapshot:
        """Both queues."""
        instrument, queues = self.views.instruments[self.name.subject], self.views.queues
        return OrdersSnapshot(
            self.channel,
            self.epoch,
            self.offset,
            instrument.currency,
            instrument.price_scale,
            queues.side(self.name.subject, Side.BUY),
            queues.side(self.name.subject, Side.SELL),
        )


class PhaseStream(BookBound):
    """The phase, and the indicative price while orders are collected."""

    def __init__(self, name: Name, source: Source, offset: int) -> None:
        super().__init__(name, source, offset)
        self._last = self._phase(offset, source.now_us())

    def follow(self) -> None:
        """Nothing is sent where both are as they were."""
        last = self._last
        now = self._phase(last.offset, last.at_us)
        if now != last:
            self._last = self._phase(self.offset + 1, self.views.at_us)
            self.publish(self._last)

    def picture(self) -> MarketPhase:
        """As it was last sent."""
        return self._last

    def _phase(self, offset: int, at_us: int) -> MarketPhase:
        book, found = self.book, indicated(self.book)
        head = self.channel, self.epoch, offset, book.phase, at_us, book.ends_at_us, book.extensions
        if found is None:
            return MarketPhase(*head)
        return MarketPhase(*head, found.price, found.volume, found.surplus, found.side)
