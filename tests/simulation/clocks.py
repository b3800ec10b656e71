"""The clocks of the exchange's machine, and what they ought to make of the exchange's own."""

from typing import NamedTuple

from tests.simulation.loop import SimLoop

SLEW_PPM_MAX = 500


class MachineClock:
    """A wall clock that somebody sets now and then, and a monotonic one that is a little too fast or too slow."""

    def __init__(self, loop: SimLoop, start_us: int, drift_ppm: int) -> None:
        self._loop = loop
        self._start_us = start_us
        self._drift_ppm = drift_ppm

    def wall_us(self) -> int:
        """Microseconds UTC, as far as the machine knows."""
        return self._start_us + self._loop.now_us

    def monotonic_us(self) -> int:
        """Since some instant."""
        now_us = self._loop.now_us
        return now_us + now_us * self._drift_ppm // 1_000_000

    def step(self, by_us: int) -> None:
        """Set the wall clock forward or back."""
        self._start_us += by_us


class Anchor(NamedTuple):
    """The exchange's clock stood at `exchange_us` when so much virtual time had passed."""

    true_us: int
    exchange_us: int
    drift_ppm: int

    def exchange_at(self, true_us: int) -> tuple[int, int]:
        """Between which two instants the exchange's clock may stand then, if it only drifts and slews."""
        passed_us = true_us - self.true_us
        error_us = abs(passed_us) * (abs(self.drift_ppm) + SLEW_PPM_MAX) // 1_000_000 + 2
        return self.exchange_us + passed_us - error_us, self.exchange_us + passed_us + error_us

    def true_at(self, exchange_us: int) -> int:
        """About when the exchange's clock stood there, in virtual time."""
        return self.true_us + exchange_us - self.exchange_us
