"""Counters of the engine: plain integers on the hot path, read when somebody asks."""

from bisect import bisect_left
from typing import Final

LATENCY_BOUNDS_US: Final = (250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 1_000_000)
BATCH_BOUNDS: Final = (1, 4, 16, 64, 256, 1_024)


class Histogram:
    """How many values were at or below each bound, not cumulated; the last count is above all bounds."""

    def __init__(self, bounds: tuple[int, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0

    def add(self, value: int) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class EngineMetrics:
    """Since the process started."""

    def __init__(self) -> None:
        self.commits = 0
        self.commands = 0
        self.duplicates = 0
        self.busy = 0
        self.halts = 0
        self.quarantined = 0
        self.refused: dict[int, int] = {}
        self.batch_sizes = Histogram(BATCH_BOUNDS)
        self.commit_us = Histogram(LATENCY_BOUNDS_US)
        self.ack_us = Histogram(LATENCY_BOUNDS_US)  # oldest command of each commit, from inbox to release
        self.loop_lag_us = 0
