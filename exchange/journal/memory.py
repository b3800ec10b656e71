"""The journal in memory: the twin for tests and simulation, with a port for faults.

Guarantees: those of `base.Journal`, for as long as its store lives; a batch is in the store whole or absent,
wherever a fault strikes. Several journals on one store are several processes on one database.
Doesn't do: survive the program, or any I/O of its own: every pause comes from the fault port.
"""

from bisect import bisect_left
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from operator import attrgetter
from typing import Literal, TypeAlias

from exchange.journal.base import SNAPSHOTS_KEPT, Batch, Fenced, JournalUnavailable, Snapshot, Tail

Step: TypeAlias = Literal[
    "open", "opened", "append", "appended", "read", "mark_alive", "snapshot", "quarantine"
]
"""Where a fault may strike. `open` and `append` come before the write, `opened` and `appended` when it
stands and the caller doesn't know yet; `read` comes before each batch, the rest before their work."""

Fault: TypeAlias = Callable[[Step], Awaitable[None]]
"""Awaited at every step. It may wait (a slow flush, a frozen server), raise `JournalUnavailable` (a full
disk, a lost connection), never return (the caller then cancels), or return at once."""


async def no_fault(_step: Step) -> None:
    """The store that always works."""


@dataclass
class MemoryStore:
    """What outlives a crash: hand the same store to the next journal."""

    epoch: int = 0
    batches: list[Batch] = field(default_factory=list)
    alive_us: int = 0
    snapshots: dict[int, Snapshot] = field(default_factory=dict)
    quarantine: dict[bytes, str] = field(default_factory=dict)

    def tail(self) -> Tail:
        """Where the journal ends, durable batches only."""
        if not self.batches:
            return Tail(self.epoch, alive_us=self.alive_us)
        last = self.batches[-1]
        return Tail(self.epoch, last.next_seq, last.chain, last.last_at_us, self.alive_us)


class MemoryJournal:
    """One process's view of a store."""

    def __init__(self, store: MemoryStore, fault: Fault = no_fault) -> None:
        self._store = store
        self._fault = fault
        self._epoch = 0  # the last epoch this object took; 0 while it took none or doesn't know
        self._is_open = False
        self._is_appending = False

    async def open_epoch(self) -> Tail:
        """See `Journal.open_epoch`."""
        self._is_open = False
        await self._fault("open")
        if self._epoch not in {0, self._store.epoch}:
            raise Fenced(f"another writer took over from epoch {self._epoch}")
        self._store.epoch += 1
        # If the answer gets lost, this object doesn't know its own epoch, and any must do the next time.
        self._epoch = 0
        tail = self._store.tail()
        await self._fault("opened")
        if tail.epoch != self._store.epoch:
            raise Fenced(f"epoch {tail.epoch} was taken over by epoch {self._store.epoch} at once")
        self._epoch = tail.epoch
        self._is_open = True
        return tail

    async def append(self, batch: Batch) -> None:
        """See `Journal.append`."""
        assert not self._is_appending, "one append at a time"
        if not self._is_open:
            raise JournalUnavailable("the journal must be opened again: its last append is in doubt")
        self._is_open, self._is_appending = False, True  # whatever goes wrong now needs open_epoch
        try:
            await self._fault("append")
            tail = self._store.tail()
            if (batch.epoch, batch.first_seq, batch.previous) != (tail.epoch, tail.next_seq, tail.chain):
                raise Fenced(
                    f"sequence {batch.first_seq} of epoch {batch.epoch} doesn't continue the journal"
                )
            self._store.batches.append(batch)
            await self._fault("appended")
        finally:
            self._is_appending = False
        self._is_open = True

    async def read(self, from_seq: int, batches_max: int | None = None) -> AsyncIterator[Batch]:
        """See `Journal.read`."""
        batches = self._store.batches
        place = bisect_left(batches, from_seq, key=attrgetter("last_seq"))
        end = None if batches_max is None else place + batches_max
        while place < len(batches) and place != end:
            await self._fault("read")
            yield batches[place]
            place += 1

    async def mark_alive(self, at_us: int) -> None:
        """See `Journal.mark_alive`."""
        await self._fault("mark_alive")
        if self._epoch == 0:
            raise JournalUnavailable("the journal must be opened first")
        if self._epoch != self._store.epoch:
            raise Fenced(f"epoch {self._epoch} is no longer the current one")
        self._store.alive_us = max(self._store.alive_us, at_us)

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """See `Journal.save_snapshot`."""
        await self._fault("snapshot")
        kept = self._store.snapshots | {snapshot.seq: snapshot}
        self._store.snapshots = {seq: kept[seq] for seq in sorted(kept)[-SNAPSHOTS_KEPT:]}

    async def latest_snapshot(self, max_seq: int | None = None) -> Snapshot | None:
        """See `Journal.latest_snapshot`."""
        await self._fault("snapshot")
        for seq in sorted(self._store.snapshots, reverse=True):
            snapshot = self._store.snapshots[seq]
            if (max_seq is None or seq <= max_seq) and sha256(snapshot.state).digest() == snapshot.digest:
                return snapshot
        return None

    async def quarantine(self, command_hash: bytes, reason: str) -> None:
        """See `Journal.quarantine`."""
        await self._fault("quarantine")
        self._store.quarantine.setdefault(command_hash, reason)

    async def quarantined(self) -> frozenset[bytes]:
        """See `Journal.quarantined`."""
        await self._fault("quarantine")
        return frozenset(self._store.quarantine)

    async def close(self) -> None:
        """See `Journal.close`."""
        self._is_open = False
