"""One connection to PostgreSQL that is made when needed and cut when it doesn't answer in time.

Guarantees: one question at a time; whatever the outside world does ends in `JournalUnavailable` within the
time allowed, and the next question starts on a fresh connection.
Doesn't do: retry, or ask the server to cancel: a cut connection says nothing about what was committed.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final, TypeAlias

import asyncpg

from exchange.database.world import WORLD
from exchange.journal.base import JournalUnavailable

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

CLOSE_S_MAX: Final = 2.0
"""Patience for a polite farewell; then the connection is cut."""


class Link:
    """A connection for one purpose, named in the server's `application_name`."""

    def __init__(self, dsn: str, name: str, connect_timeout_s: float) -> None:
        self.name = name
        self._dsn = dsn
        self._connect_timeout_s = connect_timeout_s
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    @property
    def is_up(self) -> bool:
        """Whether a connection stands, as far as this side knows."""
        return self._connection is not None and not self._connection.is_closed()

    @property
    def is_busy(self) -> bool:
        """Whether a question is under way."""
        return self._turn.locked()

    @asynccontextmanager
    async def turn(self, what: str, timeout_s: float) -> AsyncIterator[Connection]:
        """The connection for the length of one question, answered within `timeout_s` once it stands.

        `what` begins the message of `JournalUnavailable`. After any error the connection is cut.
        """
        async with self._turn:
            try:
                connection = await self._connected()
                deadline = asyncio.get_running_loop().call_later(timeout_s, connection.terminate)
                try:
                    yield connection
                finally:
                    deadline.cancel()
            except WORLD as error:
                self.cut()
                raise JournalUnavailable(f"{what}: {str(error) or type(error).__name__}") from error
            except BaseException:
                self.cut()
                raise

    def cut(self) -> None:
        """Drop the connection at once; what it had under way may still happen."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def close(self) -> None:
        """End the connection in order if nothing is under way, else cut it."""
        if self._connection is not None and not self.is_busy:
            with suppress(*WORLD):
                await self._connection.close(timeout=CLOSE_S_MAX)
        self.cut()

    async def _connected(self) -> Connection:
        if self._connection is None or not self.is_up:
            self._connection = await asyncpg.connect(
                self._dsn,
                timeout=self._connect_timeout_s,
                server_settings={"application_name": self.name},
            )
        return self._connection
