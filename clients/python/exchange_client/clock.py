"""The exchange's clock, estimated as NTP does: from the exchange of two instants with the least delay.

Guarantees: of the last eight exchanges the quickest counts, since the least delay bounds the error best; the
estimate is off by no more than half its round trip.
"""

from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

SAMPLES_KEPT: Final = 8


class Sample(NamedTuple):
    """One exchange of instants, in microseconds."""

    round_trip_us: int
    offset_us: int


class ClockEstimate:
    """How far the exchange's clock is ahead of the caller's own."""

    __slots__ = ("samples",)

    def __init__(self) -> None:
        self.samples: deque[Sample] = deque(maxlen=SAMPLES_KEPT)

    def add(self, sent_us: int, server_us: int, received_us: int) -> None:
        """Take in an answer; the first and the last instant are the caller's."""
        round_trip_us = max(received_us - sent_us, 0)
        self.samples.append(Sample(round_trip_us, server_us - sent_us - round_trip_us // 2))

    @property
    def best(self) -> Sample | None:
        """The exchange that counts; nothing before the first one."""
        return min(self.samples, default=None)

    @property
    def offset_us(self) -> int:
        """Exchange minus caller; 0 before the first answer."""
        best = self.best
        return best.offset_us if best else 0

    @property
    def round_trip_us(self) -> int:
        """There and back, of the exchange that counts; 0 before the first answer."""
        best = self.best
        return best.round_trip_us if best else 0


class ExchangeClock:
    """The exchange's clock as seen from here. Before the first answer it is the caller's own."""

    def __init__(self, estimate: ClockEstimate, own_us: Callable[[], int]) -> None:
        self._estimate = estimate
        self._own_us = own_us

    def now_us(self) -> int:
        """Microseconds UTC, by the exchange's clock; off by no more than half of `round_trip_us`."""
        return self._own_us() + self._estimate.offset_us

    @property
    def offset_us(self) -> int:
        """How far the exchange's clock is ahead of this machine's."""
        return self._estimate.offset_us

    @property
    def round_trip_us(self) -> int:
        """There and back, of the exchange of instants that counts; 0 before the first answer."""
        return self._estimate.round_trip_us
