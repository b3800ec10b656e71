"""One lot, many bidders who all watch: how long until the last of them knows its new rank.

Guarantees: the peer sends frames of the same length to as many sockets of a like process on the same core, in the same run, its
rounds taking turns with ours. Every bid takes the lead, so that everybody is told.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from benchmarks.arena.crowd import Bid, Gather, Poke, Stand, Task, Told
from benchmarks.arena.setting import CEILING, SECOND_US, Setting, now_us
from benchmarks.load.connection import LoadError
from benchmarks.machine import other_core
from benchmarks.server import Server

ROOT: Final = Path(__file__).parents[2]
STEP: Final = 1_000
PATIENCE_S: Final = 300.0
HOUR_US: Final = 3_600 * SECOND_US


class Ranked(Struct, frozen=True):
    """Milliseconds until the last bidder was told, of every round, sorted; and of the peer's."""

    bidders: int
    frame_bytes: int
    last_ms: list[float]
    peer_ms: list[float]


class Asked:
    """The crowd, seen from whoever started it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def __call__(self, task: Task) -> Told:
        """What came of one task. Raises LoadError if the crowd has ended."""
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(task) + b"\n")
        return msgspec.json.decode(await self.line(), type=Told)

    async def line(self) -> bytes:
        """The next thing it says."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            line = await self._process.stdout.readline()
        if not line:
            raise LoadError("the crowd ended early; what it complained about stands above")
        return line


@asynccontextmanager
async def crowded() -> AsyncIterator[Asked]:
    """A crowd of its own process, on a core of its own if there are two."""
    async with _started("benchmarks.arena.crowd", str(other_core())) as process:
        asked = Asked(process)
        await asked.line()
        yield asked


@asynccontextmanager
async def _started(module: str, argument: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, argument,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=ROOT, limit=2**24,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def rank_everybody(server: Server, bidders: int, rounds: int) -> Ranked:
    """A lot with that many connected bidders, and that many bids."""
    async with Setting(server) as setting, crowded() as ask, crowded() as ask_bare:
        suppliers = await setting.suppliers(bidders)
        open_at_us = now_us() + 2 * SECOND_US + bidders * 400
        [lot_id] = await setting.published(1, suppliers, open_at_us=open_at_us, duration_us=HOUR_US)
        await asyncio.sleep(max(0.0, (open_at_us - now_us()) / SECOND_US) + 0.2)
        await ask(
            Gather(
                server.host,
                server.port,
                [each.key for each in suppliers],
                [[f"lot:{lot_id}"] for _ in suppliers],
                [CEILING - STEP * number for number in range(1, bidders + 1)],
                lot_id,
            )
        )
        return await _measured(ask, ask_bare, bidders, rounds, lot_id)


async def _measured(ask: Asked, ask_bare: Asked, bidders: int, rounds: int, lot_id: str) -> Ranked:
    """Whoever stands last takes the lead, over and over; the first round warms up.

    The bare peer has a crowd of its own: both in one process would need more open files than most machines allow.
    """
    price = CEILING - STEP * bidders
    told = [await ask(Bid(0, lot_id, price - STEP))]
    length = told[0].frame_bytes
    async with _started("benchmarks.arena.peer", str(length)) as process:
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        await ask_bare(Stand("127.0.0.1", port, bidders))
        poked = [await ask_bare(Poke())]
        for number in range(1, rounds + 1):
            told.append(await ask(Bid(number % bidders, lot_id, price - STEP * (number + 1))))
            poked.append(await ask_bare(Poke()))
    return Ranked(
        bidders,
        length,
        sorted(each.last_ms for each in told[1:]),
        sorted(each.last_ms for each in poked[1:]),
    )
