"""A naive reader of feeds: it objects to every gap, repetition and wrong checksum, and keeps what it is told."""

from zlib import crc32

from exchange.core.messages import shown


class BookReader:
    """Rebuilds one book from snapshots and deltas; `resyncs` counts pictures that replaced another."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.bids: dict[int, int] = {}
        self.asks: dict[int, int] = {}
        self.epoch = 0
        self.offset = -1
        self.pictures = 0

    def read(self, frames: list[shown.ServerFrame]) -> None:
        """Take in what concerns this channel."""
        for frame in frames:
            if getattr(frame, "channel", "") == self.channel:
                self._take(frame)

    def _take(self, frame: shown.ServerFrame) -> None:
        if isinstance(frame, shown.BookSnapshot):
            assert frame.offset >= self.offset or frame.epoch != self.epoch
            self.pictures += 1
            self.epoch, self.offset = frame.epoch, frame.offset
            self.bids, self.asks = dict(frame.bids), dict(frame.asks)
            assert list(self.bids) == sorted(self.bids, reverse=True)
            assert list(self.asks) == sorted(self.asks)
            assert frame.crc32 == self.checksum()
        elif isinstance(frame, shown.BookDelta):
            assert (frame.epoch, frame.offset) == (self.epoch, self.offset + 1), "a gap without a picture"
            assert frame.bids or frame.asks
            self.offset += 1
            _change(self.bids, frame.bids)
            _change(self.asks, frame.asks)
            assert frame.crc32 == self.checksum()
        elif isinstance(frame, shown.Heartbeat):
            assert (frame.epoch, frame.offset) == (self.epoch, self.offset), "something was missed"

    def checksum(self) -> int:
        """Over the top ten of both sides, as the contract has it."""
        top = sorted(self.bids.items(), reverse=True)[:10] + sorted(self.asks.items())[:10]
        return crc32(",".join(f"{price}:{quantity}" for price, quantity in top).encode())


def _change(side: dict[int, int], levels: list[shown.Level]) -> None:
    for price, quantity in levels:
        assert side.get(price, 0) != quantity, "a level that did not change"
        side[price] = quantity
        if not quantity:
            del side[price]
