"""The follower's loop: read the journal, execute it again, compare, archive, and now and then snapshot.

Guarantees: exactly once from its own position; an outcome that differs from the journaled one stops it
with the first such sequence. It runs beside the engine at a lower priority and never blocks it.
"""

import asyncio
from collections.abc import Callable
from hashlib import sha256
from typing import Final

import structlog
from msgspec import Struct

from exchange.core.kernel import RULES
from exchange.engine.replica import Replica
from exchange.follower.archive import Archive
from exchange.follower.history import History
from exchange.journal.base import Corrupt, Journal, Snapshot

log = structlog.get_logger(__name__)

STRETCH_BATCHES_MAX: Final = 256
"""Batches archived in one transaction: enough to make rows cheap, few enough to stay near the tail."""
STRETCH_COMMANDS_MAX: Final = 20_000
"""Commands archived in one transaction."""


class FollowerSettings(Struct, frozen=True):
    """How the follower works."""

    poll_us: int = 50_000
    """Pause when the journal has nothing new."""
    snapshot_every: int = 200_000
    """Commands between two snapshots: about two seconds of replay."""


class Follower:
    """Follows one journal into one archive. `open` first, then `run` or `catch_up`."""

    def __init__(self, journal: Journal, archive: Archive, settings: FollowerSettings | None = None) -> None:
        self.journal = journal
        self.archive = archive
        self.settings = settings or FollowerSettings()
        self.replica = Replica()
        self._snapshot_seq = 0

    @property
    def seq(self) -> int:
        """The last sequence that is archived."""
        return self.archive.seq

    async def open(self) -> None:
        """Stand where the archive stands: the nearest snapshot before it, and replay from there.

        Raises `Corrupt` and `Diverged`; a journal that ends before its history is damaged too.
        """
        position = await self.archive.open()
        snapshot = await self.journal.latest_snapshot(position)
        self.replica = Replica(snapshot)
        self._snapshot_seq = snapshot.seq if snapshot else 0
        if self.replica.next_seq <= position:
            async for batch in self.journal.read(self.replica.next_seq):
                self.replica.apply(batch)
                if self.replica.next_seq > position:
                    break
        if self.replica.next_seq != position + 1:
            raise Corrupt(self.replica.next_seq, f"the history goes on to sequence {position}")
        if await self.archive.keep_instruments(self.replica.kernel.instruments.dump()):
            log.info("instruments_made_searchable", seq=position)
        log.info("following", seq=position, snapshot_seq=self._snapshot_seq)

    async def catch_up(self) -> int:
        """Archive one stretch; how many commands it held, 0 at the tail. Raises `Corrupt` and `Diverged`."""
        history, told, first_seq = History(), None, self.replica.next_seq
        async for batch in self.journal.read(first_seq, STRETCH_BATCHES_MAX):
            told = told or await self.archive.listening()
            released = self.replica.apply(batch)
            history.add(released)
            told.add(released, self.replica.kernel)
            if self.replica.next_seq - first_seq >= STRETCH_COMMANDS_MAX:
                break
        if count := self.replica.next_seq - first_seq:
            await self.archive.write(history, told)
        if self.seq - self._snapshot_seq >= self.settings.snapshot_every:
            await self.snapshot()
        return count

    async def snapshot(self) -> None:
        """Keep the state at the archive's position, so that recovery replays only what came after."""
        state = self.replica.kernel.dump()
        await self.journal.save_snapshot(
            Snapshot(
                seq=self.seq,
                rules=RULES,
                chain=self.replica.chain,
                outcome_digest=self.replica.kernel.digest.digest,
                digest=sha256(state).digest(),
                state=state,
            )
        )
        self._snapshot_seq = self.seq
        log.info("snapshot", seq=self.seq, bytes=len(state))

    async def run(self, stopping: Callable[[], bool]) -> None:
        """Follow until `stopping` says so, then archive what is left and keep a snapshot of it."""
        while True:
            if await self.catch_up():
                continue
            if stopping():
                break
            await asyncio.sleep(self.settings.poll_us / 1e6)
        if self.seq > self._snapshot_seq:
            await self.snapshot()
