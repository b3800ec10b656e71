"""Keeps adapters going: again and again, after an error later, and never so that one stops another."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol

import asyncpg
import structlog

from exchange.database.world import WORLD

POLL_S: Final = 0.5
CONNECT_S_MAX: Final = 10.0
PAUSE_S_MAX: Final = 30.0
"""Between two attempts after errors; it doubles up to here."""

log = structlog.get_logger(__name__)

Connection = Any
"""An asyncpg connection; its stubs do not fit both of its kinds."""


class Adapter(Protocol):
    """One way to the outside, with a cursor of its own in SQL."""

    @property
    def name(self) -> str:
        """For logs."""
        ...

    async def step(self) -> int:
        """Do what waits; how much it was. Whatever it did may be done again after a crash."""
        ...


async def keep_going(adapters: Sequence[Adapter], stopping: Callable[[], bool]) -> None:
    """Step every adapter in turn until `stopping`; what an error of the world stopped is tried again."""
    pause_s = POLL_S
    while not stopping():
        done = 0
        try:
            for adapter in adapters:
                done += await adapter.step()
            pause_s = POLL_S
        except WORLD as error:
            pause_s = min(2 * pause_s, PAUSE_S_MAX)
            log.warning("outbound_waits", reason=type(error).__name__, again_s=pause_s)
        if not done:
            await _pause(pause_s, stopping)


async def connected(
    dsn: str, name: str, stopping: Callable[[], bool], work: Callable[[Connection], Awaitable[None]]
) -> None:
    """Do the work over a connection until `stopping`; another one where it is lost."""
    while not stopping():
        try:
            connection = await asyncpg.connect(
                dsn, timeout=CONNECT_S_MAX, server_settings={"application_name": f"exchange {name}"}
            )
        except WORLD as error:
            log.warning("outbound_waits", name=name, reason=type(error).__name__)
            await asyncio.sleep(POLL_S)
            continue
        try:
            await work(connection)
        finally:
            connection.terminate()


async def _pause(seconds: float, stopping: Callable[[], bool]) -> None:
    while seconds > 0 and not stopping():
        await asyncio.sleep(min(seconds, POLL_S))
        seconds -= POLL_S
