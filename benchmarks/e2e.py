"""End to end: orders acknowledged per second over WebSocket, durable, and what durability costs.

Four servers run side by side and take turns, so that what else the machine does meets all alike: as an operator
starts it, with the journal in memory, and with a commit for each command. A follower works while its own server
is measured, and is stopped while another one is. A fourth only answers each frame with another (`echo`): its CPU per
frame is what the engine's CPU per order is held against.

Known limits: one machine is both sides; where there are only two cores, generator, PostgreSQL and follower share
the one that the engine leaves.
"""

import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from statistics import median
from time import perf_counter
from typing import Final

import msgspec
from msgspec import Struct

from benchmarks.echo import echoing
from benchmarks.flow import PRICE_SCALE
from benchmarks.load.orders import Round, Seen
from benchmarks.load.process import Generator, generator
from benchmarks.machine import cpu_seconds
from benchmarks.market import Market
from benchmarks.progress import Bar, bar
from benchmarks.report import Report
from benchmarks.server import Server, serving

SEED: Final = 7
IN_FLIGHT: Final = 512
CONNECTIONS: Final = 8
INSTRUMENTS: Final = 4
ROUNDS: Final = 3
WARM_UP_S: Final = 1.0
ROUND_S: Final = 3.0
SCRIPT_LENGTH: Final = 70_000
"""Commands prepared for each connection: enough for 140,000 a second."""

VARIANTS: Final[dict[str, tuple[str, ...]]] = {
    "durable": (),
    "journal_off": ("--no-journal",),
    "commit_per_order": ("--batch-max", "1"),
}
"""Options of `exchange serve` for each server."""
LIMITS: Final = {"durable_over_commit_per_order": 12.0, "durable_over_journal_off": 0.65}
ECHO: Final = "echo"


class Candidate:
    """One of the servers, with a market that is ready for the load."""

    def __init__(self, server: Server, keys: list[str], instruments: list[str]) -> None:
        self.server = server
        self.seen: list[Seen] = []
        self.keys = keys
        self.instruments = instruments
        self._follower_pid = server.follower_pid
        self._follower_cpu_s = 0.0

    @property
    def follower_worked(self) -> bool:
        """Whether a follower ran, and did something, while this server was measured."""
        return self._follower_cpu_s > 0

    async def measure(self, load: Generator, *, seconds: float, warm_up_s: float) -> None:
        """One round, with its follower at work."""
        order = Round(
            host=self.server.host,
            port=self.server.port,
            keys=self.keys,
            instruments=self.instruments,
            engine_pid=self.server.pid,
            in_flight=IN_FLIGHT,
            warm_up_s=warm_up_s,
            seconds=seconds,
        )
        self.rest(signal.SIGCONT)
        before = cpu_seconds(self._follower_pid)
        self.seen.append(await load.run(order))
        self._follower_cpu_s += cpu_seconds(self._follower_pid) - before
        self.rest(signal.SIGSTOP)

    def rest(self, number: signal.Signals) -> None:
        """Stop the follower, or let it go on."""
        if self._follower_pid:
            with suppress(ProcessLookupError):
                os.kill(self._follower_pid, number)

    def middle(self, figure: str) -> float:
        """The median of a figure over all rounds."""
        return float(median(getattr(seen, figure) for seen in self.seen))


async def run(*, rounds: int = ROUNDS, round_s: float = ROUND_S) -> Report:
    """Measure all four."""
    began = perf_counter()
    with bar("rounds", rounds * (1 + len(VARIANTS))) as progress:
        load_of = generator(seed=SEED, connections=CONNECTIONS, instruments=INSTRUMENTS, length=SCRIPT_LENGTH)
        async with load_of as load, AsyncExitStack() as stack:
            candidates = {
                name: await stack.enter_async_context(candidate(*options))
                for name, options in VARIANTS.items()
            }
            candidates[ECHO] = await stack.enter_async_context(echo_candidate(candidates["durable"]))
            await _take_turns(load, list(candidates.values()), rounds, round_s, progress)
    return reported(candidates, perf_counter() - began)


@asynccontextmanager
async def candidate(*options: str) -> AsyncIterator[Candidate]:
    """A server with members, instruments, money and stock; its follower rests."""
    async with serving(*options) as server:
        async with Market(server) as market:
            symbols = [f"BENCH-{number}" for number in range(INSTRUMENTS)]
            instruments = [await market.instrument(symbol, PRICE_SCALE) for symbol in symbols]
            members = [await market.member(f"member {n}", instruments) for n in range(CONNECTIONS)]
        ready = Candidate(server, [member.key for member in members], instruments)
        ready.rest(signal.SIGSTOP)
        yield ready


@asynccontextmanager
async def echo_candidate(like: Candidate) -> AsyncIterator[Candidate]:
    """The peer that only answers, under the same load."""
    async with echoing() as server:
        yield Candidate(server, like.keys, like.instruments)


async def _take_turns(
    load: Generator, candidates: Sequence[Candidate], rounds: int, round_s: float, progress: Bar
) -> None:
    for _ in range(rounds):
        for each in candidates:
            await each.measure(load, seconds=round_s, warm_up_s=WARM_UP_S)
            progress.advance()


def reported(candidates: dict[str, Candidate], took_s: float) -> Report:
    """All figures are medians over the rounds, ratios those of medians."""
    durable, memory, single, echo = (candidates[name] for name in (*VARIANTS, ECHO))
    all_seen = [seen for each in candidates.values() for seen in each.seen]
    figures = {
        "durable_per_s": round(durable.middle("per_s")),
        "journal_off_per_s": round(memory.middle("per_s")),
        "commit_per_order_per_s": round(single.middle("per_s")),
        "durable_over_commit_per_order": round(durable.middle("per_s") / single.middle("per_s"), 2),
        "durable_over_journal_off": round(durable.middle("per_s") / memory.middle("per_s"), 3),
        "p50_ms": round(durable.middle("p50_ms"), 3),
        "p99_ms": round(durable.middle("p99_ms"), 3),
        "engine_us_per_order": round(durable.middle("engine_us"), 2),
        "echo_us_per_frame": round(echo.middle("engine_us"), 2),
        "engine_us_over_echo": round(durable.middle("engine_us") / echo.middle("engine_us"), 2),
        "follower_running": durable.follower_worked,
        "in_flight": IN_FLIGHT,
        "connections": CONNECTIONS,
        "generator_cpu_share": round(max(seen.generator_cpu_s / seen.seconds for seen in all_seen), 3),
        "rejected_share": round(max(seen.rejected / max(1, seen.acked) for seen in all_seen), 4),
        "took_s": round(took_s, 1),
    }
    rounds = {name: [_row(seen) for seen in each.seen] for name, each in candidates.items()}
    return Report("e2e", figures, LIMITS, {"rounds": rounds, "seed": SEED})


def _row(seen: Seen) -> dict[str, Struct | float | int]:
    row: dict[str, Struct | float | int] = msgspec.to_builtins(seen)
    return row | {"per_s": round(seen.per_s), "engine_us": round(seen.engine_us, 2)}
