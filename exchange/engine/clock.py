"""The only time that decides anything: microseconds UTC that never fall and never jump.

It is anchored once, at the later of the wall clock and the last journaled instant, and then runs with
the monotonic clock. It is drawn toward the wall clock by at most 500 millionths, so that a stepped wall
clock neither closes nor extends a lot.
"""

from collections.abc import Callable
from typing import Final

SLEW_PER_MILLION: Final = 500
"""How much faster or slower than the monotonic clock it may run; the limit that NTP keeps too."""

Source = Callable[[], int]
"""A clock in microseconds."""


class EngineClock:
    """Reads the two clocks that it was given; `start` anchors it."""

    def __init__(self, wall_us: Source, monotonic_us: Source) -> None:
        self._wall_us = wall_us
        self._monotonic_us = monotonic_us
        self._offset_us = 0
        self._slewed_at_us = 0
        self._last_us = 0
        self.drift_us = 0  # wall clock minus this one, at the last slew

    def start(self, not_before_us: int) -> None:
        """Anchor at the wall clock, or at `not_before_us` where that is later."""
        monotonic_us = self._monotonic_us()
        self._last_us = max(self._wall_us(), not_before_us, self._last_us)
        self._offset_us = self._last_us - monotonic_us
        self._slewed_at_us = monotonic_us

    def now_us(self) -> int:
        """The instant; equal to or later than every one before it."""
        now_us = self._monotonic_us() + self._offset_us
        if now_us <= self._last_us:
            return self._last_us
        self._last_us = now_us
        return now_us

    def slew(self) -> None:
        """Draw it a little toward the wall clock; called about once a second."""
        monotonic_us = self._monotonic_us()
        passed_us = monotonic_us - self._slewed_at_us
        self._slewed_at_us = monotonic_us
        self.drift_us = self._wall_us() - (monotonic_us + self._offset_us)
        bound_us = passed_us * SLEW_PER_MILLION // 1_000_000
        self._offset_us += max(-bound_us, min(bound_us, self.drift_us))
