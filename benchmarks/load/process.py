"""The load generator, seen from the benchmark that started it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.load.connection import LoadError
from benchmarks.load.orders import Round, Seen
from benchmarks.machine import other_core

ROOT: Final = Path(__file__).parents[2]
PREPARED_S_MAX: Final = 60.0
SLACK_S: Final = 60.0
"""For connecting and for the last answers of a round."""


class Generator:
    """A running load generator whose scripts are ready."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def run(self, order: Round) -> Seen:
        """One round. Raises LoadError if it could not be run to its end."""
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(order) + b"\n")
        return msgspec.json.decode(await self.line(order.seconds + order.warm_up_s + SLACK_S), type=Seen)

    async def line(self, patience_s: float) -> bytes:
        """The next thing it says."""
        assert self._process.stdout is not None
        async with asyncio.timeout(patience_s):
            line = await self._process.stdout.readline()
        if not line:
            raise LoadError("the load generator ended early; what it complained about stands above")
        return line


@asynccontextmanager
async def generator(
    *, seed: int, connections: int, instruments: int, length: int
) -> AsyncIterator[Generator]:
    """Start one that has `length` commands ready for each connection; on a core of its own if there are two."""
    arguments = map(str, (seed, connections, instruments, length, other_core()))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.load", *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )  # fmt: skip
    try:
        started = Generator(process)
        await started.line(PREPARED_S_MAX)
        yield started
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
