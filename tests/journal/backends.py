"""The two stores a journal can stand on, each with the same ways to fail.

A backend is one store; each `journal()` is one process's view of it. The faults are context managers that
strike appends: `full` (a full disk), `stalled` (hangs in mid-write, yields a wait for that moment), and
`unanswered` (the batch lands, its writer never hears of it; for an impatient journal).
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import asyncpg
import msgspec

from exchange.journal.base import Journal, JournalUnavailable, Snapshot
from exchange.journal.memory import MemoryJournal, MemoryStore, Step
from exchange.journal.postgres import PostgresJournal

PATIENCE_S = 30
"""After so long, a state that must come won't: only a broken test waits for it."""

Reached = Callable[[], Awaitable[None]]

FAULTS = """
create table test_fault (shard bigint primary key, kind text not null);
create function test_fault() returns trigger language plpgsql as $$
declare
    fault text := (select kind from test_fault where shard = new.shard);
begin
    if fault = 'full' then
        raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';
    elsif fault = 'stalled' then
        perform pg_advisory_xact_lock_shared(new.shard);
    end if;
    return new;
end
$$;
create trigger test_fault before insert on journal_batch for each row execute function test_fault();
"""


class Backend(Protocol):
    """One store with nothing in it, and its faults."""

    shard: int

    def journal(self) -> Journal: ...
    def impatient_journal(self) -> Journal: ...
    def full(self) -> AbstractAsyncContextManager[None]: ...
    def stalled(self) -> AbstractAsyncContextManager[Reached]: ...
    def unanswered(self) -> AbstractAsyncContextManager[None]: ...
    async def damage(self, snapshot: Snapshot) -> None: ...
    async def close(self) -> None: ...


class MemoryBackend:
    """Faults by the fault port."""

    def __init__(self) -> None:
        self.shard = 0
        self.store = MemoryStore()
        self._faults: dict[Step, Callable[[], Awaitable[None]]] = {}

    def journal(self) -> Journal:
        return MemoryJournal(self.store, self._strike)

    def impatient_journal(self) -> Journal:
        return self.journal()

    async def _strike(self, step: Step) -> None:
        if step in self._faults:
            await self._faults[step]()

    @asynccontextmanager
    async def full(self) -> AsyncIterator[None]:
        self._faults["append"] = _unavailable
        yield
        self._faults.clear()

    @asynccontextmanager
    async def stalled(self) -> AsyncIterator[Reached]:
        reached, released = asyncio.Event(), asyncio.Event()

        async def stall() -> None:
            reached.set()
            await released.wait()

        async def until_reached() -> None:
            await reached.wait()

        self._faults["append"] = stall
        yield until_reached
        self._faults.clear()
        released.set()

    @asynccontextmanager
    async def unanswered(self) -> AsyncIterator[None]:
        self._faults["appended"] = _unavailable
        yield
        self._faults.clear()

    async def damage(self, snapshot: Snapshot) -> None:
        self.store.snapshots[snapshot.seq] = msgspec.structs.replace(snapshot, state=b"damaged")

    async def close(self) -> None:
        """Nothing to let go of."""


async def _unavailable() -> None:
    raise JournalUnavailable("the fault asked for")


class PostgresBackend:
    """One shard of a real database; faults by a trigger, and by stopping the writer's back-end."""

    def __init__(self, dsn: str, shard: int, admin: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.dsn = dsn
        self.shard = shard
        self.admin = admin
        self._journals: list[PostgresJournal] = []

    def journal(
        self, *, append_timeout_s: float = PATIENCE_S, open_timeout_s: float = PATIENCE_S
    ) -> PostgresJournal:
        journal = PostgresJournal(
            self.dsn,
            self.shard,
            append_timeout_s=append_timeout_s,
            connect_timeout_s=min(PATIENCE_S, open_timeout_s),
            open_timeout_s=open_timeout_s,
        )
        self._journals.append(journal)
        return journal

    def impatient_journal(self) -> PostgresJournal:
        return self.journal(append_timeout_s=0.2)

    @asynccontextmanager
    async def full(self) -> AsyncIterator[None]:
        await self._set_fault("full")
        yield
        await self._set_fault(None)

    @asynccontextmanager
    async def stalled(self) -> AsyncIterator[Reached]:
        await self.admin.execute("select pg_advisory_lock($1)", self.shard)
        await self._set_fault("stalled")
        yield self._until_stalled
        await self._set_fault(None)
        await self.admin.execute("select pg_advisory_unlock($1)", self.shard)

    @asynccontextmanager
    async def unanswered(self) -> AsyncIterator[None]:
        """The back-end is stopped before the append reaches it, and goes on when its writer has given up."""
        rows = await self.rows()
        async with self.frozen():
            yield
        async with asyncio.timeout(PATIENCE_S):
            while await self.rows() == rows:
                pass

    @asynccontextmanager
    async def frozen(self) -> AsyncIterator[int]:
        """The writer's back-end takes no step; yields its process."""
        (pid,) = await self.writers()
        os.kill(pid, signal.SIGSTOP)
        try:
            yield pid
        finally:
            os.kill(pid, signal.SIGCONT)

    async def writers(self) -> list[int]:
        """Back-ends that serve, or served, a writer of this shard."""
        rows = await self.admin.fetch(
            "select pid from pg_stat_activity where application_name = $1",
            f"exchange journal writer {self.shard}",
        )
        return [row["pid"] for row in rows]

    async def rows(self) -> int:
        """Batches that stand."""
        found = await self.admin.fetchval("select count(*) from journal_batch where shard = $1", self.shard)
        assert isinstance(found, int)
        return found

    async def damage(self, snapshot: Snapshot) -> None:
        await self.admin.execute(
            "update journal_snapshot_chunk set chunk = 'damaged' where shard = $1 and seq = $2",
            self.shard,
            snapshot.seq,
        )

    async def close(self) -> None:
        for journal in self._journals:
            await journal.close()
        await self.admin.close()

    async def _set_fault(self, kind: str | None) -> None:
        await self.admin.execute("delete from test_fault where shard = $1", self.shard)
        if kind:
            await self.admin.execute("insert into test_fault values ($1, $2)", self.shard, kind)

    async def _until_stalled(self) -> None:
        query = "select count(*) from pg_locks where locktype = 'advisory' and objid = $1 and not granted"
        async with asyncio.timeout(PATIENCE_S):
            while await self.admin.fetchval(query, self.shard) == 0:
                pass


async def postgres_backend(dsn: str, shard: int) -> PostgresBackend:
    return PostgresBackend(dsn, shard, await asyncpg.connect(dsn))
