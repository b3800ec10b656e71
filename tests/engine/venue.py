"""An engine on a memory journal, with a clock that tests set by hand."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import shake_128

from exchange.core.messages import (
    SYSTEM,
    AnyCommand,
    OpenSession,
    RegisterMember,
    Reply,
    Role,
)
from exchange.core.rejects import Reject
from exchange.engine.base import Released
from exchange.engine.clock import EngineClock
from exchange.engine.randomness import Randomness
from exchange.engine.sequencer import Engine, EngineSettings
from exchange.journal.base import Journal

NOON = 1_767_268_800_000_000


class HandClock:
    """Wall and monotonic time that move when told."""

    def __init__(self, wall_us: int = NOON) -> None:
        self.wall = wall_us
        self.monotonic = 0

    def pass_us(self, us: int) -> None:
        """Let time pass."""
        self.wall += us
        self.monotonic += us

    def step_wall(self, us: int) -> None:
        """Set the wall clock to another time, as an operator might."""
        self.wall += us


class CountingSource:
    """A source of bytes for tests."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, length: int) -> bytes:
        self.calls += 1
        return shake_128(self.calls.to_bytes(8, "big")).digest(length)


class Asked:
    """A sink that remembers what it heard."""

    def __init__(self) -> None:
        self.heard: asyncio.Future[Reply | Reject] = asyncio.get_running_loop().create_future()

    def settled(self, reply: Reply) -> None:
        """A durable outcome."""
        self.heard.set_result(reply)

    def lost(self, reject: Reject) -> None:
        """An unknown outcome."""
        self.heard.set_result(reject)


def an_engine(
    journal: Journal, clock: HandClock | None = None, settings: EngineSettings | None = None
) -> Engine:
    """An engine that was not started."""
    time = clock or HandClock()
    return Engine(
        journal,
        EngineClock(lambda: time.wall, lambda: time.monotonic),
        Randomness(CountingSource()),
        settings or EngineSettings(),
    )


@asynccontextmanager
async def running(engine: Engine) -> AsyncIterator[list[Released]]:
    """Start the engine and run it; yields the list that all released commands are added to."""
    seen: list[Released] = []

    def remember(released: Sequence[Released]) -> None:
        seen.extend(released)

    engine.on_release = remember
    await engine.start()
    task = asyncio.create_task(engine.run())
    try:
        yield seen
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def ask(
    engine: Engine, member_id: str, command: AnyCommand, session: int = 0, key: str = ""
) -> Reply | Reject:
    """Submit and wait."""
    asked = Asked()
    refused = engine.submit(member_id, session, command, asked, key)
    return refused or await asked.heard


async def an_operator(engine: Engine) -> str:
    """The first member, with a session 1."""
    reply = await ask(engine, SYSTEM, RegisterMember(roles=tuple(Role)))
    assert isinstance(reply, Reply)
    await ask(engine, reply.id, OpenSession())
    return reply.id
