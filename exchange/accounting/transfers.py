"""The history's transfers as an auditor reads them: linked chains, and balances at two instants.

Guarantees: within one `reading` everything is of one instant of the database; rows come in portions, so that
memory does not grow with the period. A chain is what stands or falls together: transfers of one command with one
`linked`, or one transfer alone.
Known limits: balances are sums from the first transfer on, so a late month of a long history costs a walk
over all of it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, NamedTuple, TypeAlias

import asyncpg
from msgspec import Struct

from exchange.accounting.period import Period
from exchange.database import DatabaseError
from exchange.database.world import WORLD

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

PORTION: Final = 1_000
"""Rows that are fetched at once."""

_POSITION: Final = """
select coalesce((select seq from follower_position where shard = 0), 0),
    coalesce((select at_us from follower_position where shard = 0), 0),
    coalesce((select first_seq + count - 1 from journal_batch where shard = 0 order by first_seq desc limit 1), 0)
"""
_COUNT: Final = "select count(*), coalesce(max(number), 0) from transfers where at_us < $1"
_UNITS: Final = "select distinct unit from transfers where at_us < $1 order by unit"
_BALANCES: Final = """
select account, unit, coalesce(sum(amount) filter (where at_us < $1), 0)::bigint, sum(amount)::bigint
from postings where at_us < $2
group by account, unit
having max(at_us) >= $1 or sum(amount) filter (where at_us < $1) <> 0
order by account, unit
"""
_TRANSFERS: Final = """
select number, unit, debit, credit, amount, reason, subject, linked, seq, at_us
from transfers where at_us >= $1 and at_us < $2 order by number
"""


class Position(NamedTuple):
    """How far the history goes: the last sequence in the tables, its instant, and the journal's last sequence."""

    seq: int
    at_us: int
    journal_seq: int

    def has(self, period: Period, asked_seq: int) -> bool:
        """Whether all of the period is there, as far as it was journaled up to `asked_seq`.

        Instants never fall, so a command past the period's end tells that nothing of it is to come.
        """
        return self.seq >= asked_seq or self.at_us >= period.until_us


class Balance(NamedTuple):
    """Debits minus credits of an account before a period, and at its end."""

    account: str
    unit: str
    opening: int
    closing: int


class Transfer(Struct, frozen=True, gc=False):
    """A row of the table."""

    number: int
    unit: str
    debit: str
    credit: str
    amount: int
    reason: str
    subject: str
    linked: int
    seq: int
    at_us: int


Chain: TypeAlias = list[Transfer]


class TransferMissing(Exception):
    """Not every number is there, so that the table is not what the follower wrote."""


@asynccontextmanager
async def reading(dsn: str) -> AsyncIterator[Connection]:
    """A connection that sees one instant of the database for as long as the block lasts.

    Raises DatabaseError when the server goes away.
    """
    connection = await _connected(dsn)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield connection
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise DatabaseError(f"The database can't be read: {error}.") from error
    finally:
        connection.terminate()


async def _connected(dsn: str) -> Connection:
    try:
        return await asyncpg.connect(dsn, timeout=10, server_settings={"application_name": "exchange export"})
    except WORLD as error:
        said = str(error) or type(error).__name__
        raise DatabaseError(f"The database can't be reached: {said}.") from error


async def position_of(connection: Connection) -> Position:
    """Where history and journal stand."""
    row = await connection.fetchrow(_POSITION)
    assert row is not None
    return Position(*row)


async def refuse_gaps(connection: Connection, period: Period) -> None:
    """Raises `TransferMissing` unless every number up to the period's last one is there."""
    row = await connection.fetchrow(_COUNT, period.until_us)
    assert row is not None
    count, last = row
    if count != last:
        raise TransferMissing(
            f"The history has {count} transfers, and the last one is number {last}. Restore its tables."
        )


async def units_of(connection: Connection, period: Period) -> AsyncIterator[str]:
    """Every unit that was moved until the period's end."""
    async for row in connection.cursor(_UNITS, period.until_us, prefetch=PORTION):
        yield row[0]


async def balances_of(connection: Connection, period: Period) -> AsyncIterator[Balance]:
    """Accounts that something moved in the period, or that had a balance before it."""
    async for row in connection.cursor(_BALANCES, period.from_us, period.until_us, prefetch=PORTION):
        yield Balance(*row)


async def chains_of(connection: Connection, period: Period) -> AsyncIterator[Chain]:
    """The period's transfers in their order, those of a chain together."""
    seq, open_chains = 0, dict[int, Chain]()
    async for row in connection.cursor(_TRANSFERS, period.from_us, period.until_us, prefetch=PORTION):
        transfer = Transfer(*row)
        if transfer.seq != seq:
            for chain in open_chains.values():
                yield chain
            seq, open_chains = transfer.seq, {}
        open_chains.setdefault(transfer.linked or transfer.number, []).append(transfer)
    for chain in open_chains.values():
        yield chain
