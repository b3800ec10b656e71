"""The gateway's way to its tables: few connections, short patience, one answer when it can't be had.

Guarantees: whatever server, network or disk do ends in `RecordsUnavailable` within ANSWER_S_MAX; it starts
and stays up without a server, and heals by itself.
Does not know any table: whoever asks brings the statement.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Final, Self, TypeAlias

import asyncpg

CONNECTIONS_MAX: Final = 8
ANSWER_S_MAX: Final = 5.0
CLOSE_S_MAX: Final = 2.0

Row: TypeAlias = asyncpg.Record
Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

_WORLD: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # the server stops or starts
    asyncpg.InsufficientResourcesError,  # disk full, too many connections
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what asyncpg raises at times when the server dies
    OSError,
    TimeoutError,
)
"""What the world can do to us; any other error of a statement is our own and stays an exception."""


class RecordsUnavailable(Exception):
    """The tables can't be read or written now; whether the last change took place is unknown."""


class Records:
    """The tables at `dsn`; connects when first asked. `async with` closes it."""

    def __init__(self, dsn: str) -> None:
        self._pool = asyncpg.create_pool(
            dsn,
            min_size=0,
            max_size=CONNECTIONS_MAX,
            timeout=ANSWER_S_MAX,
            command_timeout=ANSWER_S_MAX,
            server_settings={"application_name": "exchange gateway"},
        )

    async def __aenter__(self) -> Self:
        _ = await self._pool  # opens the pool; no connection yet
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            async with asyncio.timeout(CLOSE_S_MAX):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def fetch(self, statement: str, *arguments: Any) -> list[Row]:
        """All rows of one statement."""
        async with self.connection() as connection:
            return await connection.fetch(statement, *arguments)

    async def fetch_row(self, statement: str, *arguments: Any) -> Row | None:
        """The first row of one statement, if there is one."""
        async with self.connection() as connection:
            return await connection.fetchrow(statement, *arguments)

    async def execute(self, statement: str, *arguments: Any) -> int:
        """Run one statement; the number of rows that it changed."""
        async with self.connection() as connection:
            return int((await connection.execute(statement, *arguments)).rpartition(" ")[2])

    async def execute_many(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run one statement for each row, all of them or none."""
        async with self.connection() as connection:
            await connection.executemany(statement, rows)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection for the length of the block, for statements that belong together."""
        try:
            async with (
                asyncio.timeout(2 * ANSWER_S_MAX),
                self._pool.acquire(timeout=ANSWER_S_MAX) as connection,
            ):
                yield connection
        except _WORLD as error:
            raise RecordsUnavailable(str(error) or type(error).__name__) from error
