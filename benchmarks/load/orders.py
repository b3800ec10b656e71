"""What the load generator is told to do, and what it tells of it."""

from collections.abc import Sequence

from msgspec import Struct

from benchmarks.load.connection import Tally


class Round(Struct, frozen=True):
    """One round against one server: a connection for each key, `in_flight` commands over all of them."""

    host: str
    port: int
    keys: list[str]
    instruments: list[str]
    engine_pid: int
    in_flight: int
    warm_up_s: float
    seconds: float


class Seen(Struct, frozen=True):
    """What came of it. CPU is that of the counted time."""

    acked: int
    rejected: int
    seconds: float
    p50_ms: float
    p99_ms: float
    generator_cpu_s: float
    engine_cpu_s: float

    @classmethod
    def of(cls, tally: Tally, seconds: float, generator_cpu_s: float, engine_cpu_s: float) -> "Seen":
        """The round that was tallied."""
        p50, p99 = quantiles(tally.latencies_ns, tally.weights, (0.5, 0.99))
        return cls(tally.acked, tally.rejected, seconds, p50 / 1e6, p99 / 1e6, generator_cpu_s, engine_cpu_s)

    @property
    def per_s(self) -> float:
        """Commands acknowledged per second."""
        return self.acked / self.seconds

    @property
    def engine_us(self) -> float:
        """CPU of the engine per command that was answered, in microseconds."""
        return self.engine_cpu_s * 1e6 / max(1, self.acked + self.rejected)


def quantiles(values: Sequence[int], weights: Sequence[int], shares: Sequence[float]) -> list[int]:
    """The value below which each share of the weight lies; shares rise. Zeros where nothing was seen."""
    ordered, wanted, found = sorted(zip(values, weights, strict=True)), list(shares), list[int]()
    total, passed = sum(weights), 0
    for value, weight in ordered:
        passed += weight
        while wanted and passed >= wanted[0] * total:
            found.append(value)
            wanted.pop(0)
    return found + [0] * len(wanted)
