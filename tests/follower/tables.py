"""The history tables as they are, and journals for the follower to read."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias

import asyncpg

from exchange.engine.base import Released
from exchange.follower.archive import Archive
from exchange.journal.base import Batch, Journal
from exchange.journal.postgres import PostgresJournal
from tests.core.venue import Venue
from tests.models.history import Row, everything, tables_of

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

KEYS = {
    "orders": "order_id",
    "order_terms": "order_id",
    "trades": "instrument_id, trade_number",
    "bids": "lot_id, bid_number",
    "envelopes": "lot_id, number",
    "bid_notes": "lot_id, bid_number, kind",
    "event_steps": "seq, place",
    "transfers": "number",
    "hub_addresses": "seq",
    "contract_lines": "contract_id, line",
    "invoices": "number",
    "invoice_lines": "number, line",
}


class Database:
    """A database in which followers write, each over a connection of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connections: list[Connection] = []

    async def archive(self) -> Archive:
        """Another archive, opened."""
        self._connections.append(await asyncpg.connect(self.url))
        archive = Archive(self._connections[-1])
        await archive.open()
        return archive

    async def close(self) -> None:
        """End all connections, those that died included."""
        for connection in self._connections:
            await connection.close()


def released_of(day: Venue, count: int | None = None) -> list[Released]:
    """What the engine let go of on that day, or of its first commands."""
    pairs = list(zip(day.log, day.outcomes, strict=True))[:count]
    return [Released(seq, sequenced, outcome, None) for seq, (sequenced, outcome) in enumerate(pairs, 1)]


def expected(day: Venue, count: int | None = None) -> dict[str, list[Row]]:
    """What the tables should hold after so many commands."""
    return tables_of(everything(day.log[:count], day.outcomes[:count]))


async def tables(connection: Connection) -> dict[str, list[Row]]:
    """What they hold, ordered by their keys."""
    return {
        name: [tuple(row) for row in await connection.fetch(f"select * from {name} order by {key}")]
        for name, key in KEYS.items()
    }


async def position(connection: Connection) -> int:
    """The last sequence whose rows are there."""
    found = await connection.fetchval("select seq from follower_position where shard = 0")
    return int(found or 0)


@asynccontextmanager
async def journaled(dsn: str, batches: Sequence[Batch]) -> AsyncIterator[Journal]:
    """The journal of a database with these batches in it, held by the engine of its first epoch."""
    journal = PostgresJournal(dsn, throwaway=True)
    tail = await journal.open_epoch()
    assert tail.epoch == 1
    for batch in batches:
        await journal.append(batch)
    yield journal
    await journal.close()
