"""The journal on PostgreSQL: one row a batch, fenced and made durable by one statement.

Guarantees: those of `base.Journal`, as long as the server flushes what it commits; one that doesn't is
refused. Every failure of server, network or disk is a `JournalUnavailable`.
Doesn't do: retry, migrate, start a server. Known limits: writers are told apart by `application_name`, so
no pooler that shares server sessions may stand in between; a back-end stopped in the middle of its commit
holds the journal until it goes on or dies, and `open_epoch` says so for as long.
"""

from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import asyncpg
import structlog

from exchange.journal import sql
from exchange.journal.base import (
    APPEND_S_MAX,
    SNAPSHOTS_KEPT,
    Batch,
    Fenced,
    JournalUnavailable,
    Snapshot,
    Tail,
    UnfitStore,
)
from exchange.journal.link import Connection, Link

if TYPE_CHECKING:
    from asyncpg.prepared_stmt import PreparedStatement

CONNECT_S_MAX: Final = 5.0
OPEN_S_MAX: Final = 20.0
"""Includes the wait for writers that are cut off."""
CUT_OFF_MS_MAX: Final = 1_000
"""Wait for one writer left behind to be gone; fenced it is anyway."""
SIDE_S_MAX: Final = 60.0
"""Patience for anything off the hot path; a snapshot is the longest."""

ROWS_A_READ: Final = 1_000
BYTES_A_READ: Final = 8 << 20
"""8 MiB of bodies a round trip: some hundred large batches, and little beside the state in memory."""
CHUNK_BYTES: Final = 16 << 20
"""16 MiB: a value's limit is 1 GiB, and the server copies each value several times on its way."""

SEQ_MAX: Final = (1 << 63) - 1

log = structlog.get_logger(__name__)


class PostgresJournal:
    """One shard's journal in the database at `dsn`; connects when first used.

    `throwaway` accepts a server that may lose commits when power fails: for tests only.
    """

    def __init__(
        self,
        dsn: str,
        shard: int = 0,
        *,
        append_timeout_s: float = APPEND_S_MAX,
        connect_timeout_s: float = CONNECT_S_MAX,
        open_timeout_s: float = OPEN_S_MAX,
        side_timeout_s: float = SIDE_S_MAX,
        throwaway: bool = False,
    ) -> None:
        self._shard = shard
        self._append_timeout_s = append_timeout_s
        self._open_timeout_s = open_timeout_s
        self._side_timeout_s = side_timeout_s
        self._throwaway = throwaway
        self._writer = Link(dsn, f"exchange journal writer {shard}", connect_timeout_s)
        self._side = Link(dsn, f"exchange journal reader {shard}", connect_timeout_s)
        self._insert: PreparedStatement[asyncpg.Record] | None = None
        self._epoch = 0  # the last epoch this object took; 0 while it took none or doesn't know

    async def open_epoch(self) -> Tail:
        """See `Journal.open_epoch`."""
        self._insert = None
        self._writer.cut()
        async with self._writer.turn("the journal can't be opened", self._open_timeout_s) as connection:
            await self._refuse_unfit(connection)
            epoch = await self._next_epoch(connection)
            # asyncpg leaves a prepared statement's implicit transaction open, with its locks, until the
            # next question is answered: so prepare before asking for the tail.
            insert = await connection.prepare(sql.APPEND)
            tail = Tail(*await _one_row(connection, sql.TAIL, self._shard))
        if tail.epoch != epoch:
            raise Fenced(f"epoch {epoch} was taken over by epoch {tail.epoch} at once")
        self._insert = insert
        return tail

    async def append(self, batch: Batch) -> None:
        """See `Journal.append`."""
        assert not self._writer.is_busy, "one append at a time"
        if self._insert is None or not self._writer.is_up:
            raise JournalUnavailable("the journal must be opened again: its last append is in doubt")
        insert, self._insert = self._insert, None  # whatever goes wrong now needs open_epoch
        async with self._writer.turn("the append is in doubt", self._append_timeout_s):
            landed = await insert.fetchval(
                batch.shard,
                batch.epoch,
                batch.first_seq,
                batch.count,
                batch.first_at_us,
                batch.last_at_us,
                batch.rules,
                batch.merkle_root,
                batch.outcome_digest,
                batch.previous,
                batch.chain,
                batch.body,
            )
        if landed is None:
            raise Fenced(f"sequence {batch.first_seq} of epoch {batch.epoch} doesn't continue the journal")
        self._insert = insert

    async def read(self, from_seq: int, batches_max: int | None = None) -> AsyncIterator[Batch]:
        """See `Journal.read`; takes up to a thousand rows or 8 MiB a round trip."""
        left = SEQ_MAX if batches_max is None else batches_max
        while left > 0:
            rows_max = min(left, ROWS_A_READ)
            async with self._side.turn("the journal can't be read", self._side_timeout_s) as connection:
                rows = await connection.fetch(sql.READ, self._shard, from_seq, rows_max, BYTES_A_READ)
            if not rows:
                return
            for row in rows:
                yield Batch(*row)
            from_seq = rows[-1]["first_seq"] + rows[-1]["count"]
            left -= len(rows)

    async def mark_alive(self, at_us: int) -> None:
        """See `Journal.mark_alive`."""
        if self._epoch == 0:
            raise JournalUnavailable("the journal must be opened first")
        async with self._side.turn(
            "the writer's mark can't be written", self._append_timeout_s
        ) as connection:
            marked = await connection.fetchval(sql.MARK_ALIVE, self._shard, self._epoch, at_us)
        if marked is None:
            raise Fenced(f"epoch {self._epoch} is no longer the current one")

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """See `Journal.save_snapshot`; the state travels in chunks of 16 MiB."""
        key = (self._shard, snapshot.seq)
        header = (snapshot.rules, snapshot.chain, snapshot.outcome_digest, snapshot.digest)
        async with (
            self._side.turn("the snapshot can't be saved", self._side_timeout_s) as connection,
            connection.transaction(),
        ):
            await connection.execute(sql.REMOVE_SNAPSHOT, *key)
            await connection.execute(sql.ADD_SNAPSHOT, *key, *header)
            for number, chunk in enumerate(_chunks_of(snapshot.state)):
                await connection.execute(sql.ADD_CHUNK, *key, number, chunk)
            await connection.execute(sql.KEEP_NEWEST_SNAPSHOTS, self._shard, SNAPSHOTS_KEPT)

    async def latest_snapshot(self, max_seq: int | None = None) -> Snapshot | None:
        """See `Journal.latest_snapshot`; logs each damaged one."""
        seq_max = SEQ_MAX if max_seq is None else max_seq
        async with (
            self._side.turn("the snapshot can't be read", self._side_timeout_s) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            for row in await connection.fetch(sql.SNAPSHOTS, self._shard, seq_max):
                chunks = await connection.fetch(sql.CHUNKS, self._shard, row["seq"])
                snapshot = Snapshot(**dict(row), state=b"".join([chunk for (chunk,) in chunks]))
                if sha256(snapshot.state).digest() == snapshot.digest:
                    return snapshot
                log.error("snapshot_damaged", shard=self._shard, seq=snapshot.seq)
        return None

    async def quarantine(self, command_hash: bytes, reason: str) -> None:
        """See `Journal.quarantine`."""
        async with self._side.turn("the quarantine can't be written", self._side_timeout_s) as connection:
            await connection.execute(sql.QUARANTINE, self._shard, command_hash, reason)

    async def quarantined(self) -> frozenset[bytes]:
        """See `Journal.quarantined`."""
        async with self._side.turn("the quarantine can't be read", self._side_timeout_s) as connection:
            rows = await connection.fetch(sql.QUARANTINED, self._shard)
        return frozenset(row["command_hash"] for row in rows)

    async def close(self) -> None:
        """See `Journal.close`."""
        self._insert = None
        await self._writer.close()
        await self._side.close()

    async def _refuse_unfit(self, connection: Connection) -> None:
        if await connection.fetchval("select to_regclass('journal_batch')") is None:
            raise UnfitStore("The database has no journal. Run `exchange migrate` first.")
        if self._throwaway:
            return
        off = [row["name"] for row in await connection.fetch(sql.UNFIT_SETTINGS)]
        if off:
            statements = " ".join(f"alter system set {name} = on;" for name in off)
            raise UnfitStore(
                f"PostgreSQL would lose what it acknowledges: {', '.join(off)} is off. As superuser run "
                f"{statements} then reload the server, and drop settings of the same name that the "
                "database, the role, the connection string or the server's command line has."
            )

    async def _next_epoch(self, connection: Connection) -> int:
        """Cut earlier writers off, then take the epoch; on return no earlier append is under way."""
        await connection.execute(sql.ADD_SHARD, self._shard)
        held = self._epoch
        # A deposed writer must not cut its successor off, so it looks first.
        if held not in {0, await connection.fetchval(sql.EPOCH, self._shard)}:
            raise Fenced(f"another writer took over from epoch {held}")
        await connection.fetchval(sql.CUT_OFF_WRITERS, self._writer.name, CUT_OFF_MS_MAX)
        # If the answer to this gets lost, we don't know our own epoch, and any must do the next time.
        self._epoch = 0
        epoch: int | None = await connection.fetchval(sql.NEXT_EPOCH, self._shard, held)
        self._epoch = epoch or held
        if epoch is None:
            raise Fenced(f"another writer took over from epoch {held}")
        return epoch


async def _one_row(connection: Connection, query: str, *arguments: object) -> asyncpg.Record:
    row = await connection.fetchrow(query, *arguments)
    assert row is not None, "the query joins rows that were just written"
    return row


def _chunks_of(state: bytes) -> Iterator[memoryview]:
    whole = memoryview(state)
    for at in range(0, len(state), CHUNK_BYTES):
        yield whole[at : at + CHUNK_BYTES]
