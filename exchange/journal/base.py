"""What a journal promises, and the values that cross its edge.

Guarantees: a batch is durable whole or absent whole; batches follow one another without a gap in one
chain; whoever opened the newest epoch is the only writer. Both back-ends (`memory`, `postgres`) keep
these promises under one conformance suite.
Doesn't do: read the commands (only the kernel and the auditor do), retry, or guess how an append ended.
"""

from collections.abc import AsyncIterator
from typing import Final, Protocol

import msgspec

DIGEST_BYTES: Final = 32
"""Length of every digest in the journal: SHA-256."""

GENESIS: Final = bytes(DIGEST_BYTES)
"""The chain value before the first batch."""

APPEND_S_MAX: Final = 10.0
"""Seconds that an append may take before its outcome counts as unknown."""

SNAPSHOTS_KEPT: Final = 3
"""Newest snapshots that stay; with fewer, one damaged file would cost a replay from the first command."""


class JournalUnavailable(Exception):
    """The store can't be reached or written, or the outcome of an append is unknown.

    Nothing may be released and nothing presumed lost: `open_epoch` finds out what landed.
    """


class Fenced(Exception):
    """Another writer took over, or the batch doesn't continue the journal: this one did not land.

    The writer that gets it stops; calling `open_epoch` on the same journal again raises it again, so that
    two engines never take the journal from each other in turns. A new journal object takes over.
    """


class UnfitStore(Exception):
    """The store can't keep the journal's promises as it is set up; the message says what to change."""


class Corrupt(Exception):
    """What was read is not what was written; `seq` is the first sequence that can't be trusted."""

    def __init__(self, seq: int, what: str) -> None:
        super().__init__(f"journal damaged at sequence {seq}: {what}")
        self.seq = seq
        self.what = what


class Batch(msgspec.Struct, frozen=True, gc=False):
    """One row of the journal: the commands of one commit, in the format of `format`.

    Fields up to `outcome_digest` are the header that `chain` covers, on top of `previous`.
    """

    shard: int
    epoch: int
    first_seq: int
    count: int
    first_at_us: int
    last_at_us: int
    rules: int
    merkle_root: bytes
    outcome_digest: bytes
    previous: bytes
    chain: bytes
    body: bytes

    @property
    def last_seq(self) -> int:
        """Sequence of the last command in the batch."""
        return self.first_seq + self.count - 1

    @property
    def next_seq(self) -> int:
        """Sequence that the following batch must begin with."""
        return self.first_seq + self.count


class Tail(msgspec.Struct, frozen=True, gc=False):
    """Where the journal ends, and for whom: what the next batch must continue."""

    epoch: int
    next_seq: int = 1
    chain: bytes = GENESIS
    last_at_us: int = 0
    alive_us: int = 0
    """The last instant at which a writer said it was alive; 0 if none ever did."""

    def after(self, batch: Batch) -> "Tail":
        """The tail once `batch` stands, durable or not: the next batch is sealed on top of it."""
        return Tail(batch.epoch, batch.next_seq, batch.chain, batch.last_at_us, self.alive_us)


class Snapshot(msgspec.Struct, frozen=True):
    """The state after command `seq`, the last one of a batch.

    `chain` and `outcome_digest` are those of that batch, so that replay goes on with the batch after it;
    `digest` is SHA-256 of `state`.
    """

    seq: int
    rules: int
    chain: bytes
    outcome_digest: bytes
    digest: bytes
    state: bytes


class Journal(Protocol):
    """The durable order of one shard's commands.

    One writer: `open_epoch`, then one `append` at a time. Anyone may read, at any time and beside the
    writer, without opening an epoch. Every method but `read` raises `JournalUnavailable` when the store
    doesn't answer in time; `read` raises it from the iteration.
    """

    async def open_epoch(self) -> Tail:
        """Become the only writer and tell where the journal ends.

        Once it returns, nothing that an earlier epoch still has under way can ever land, and the tail says
        whether an append in doubt did. Writers left behind are cut off, frozen ones included; while one
        of them holds the store in mid-commit this raises `JournalUnavailable`, never a guess: call again.
        Raises `Fenced` if this object was the writer and another took over since, `UnfitStore` if the
        store would lose what it acknowledges.
        """
        ...

    async def append(self, batch: Batch) -> None:
        """Make the batch durable; returns only when it is on disk and can be replayed.

        Raises `Fenced` when another epoch is current or the batch doesn't continue the tail (`first_seq`
        and `previous`): it did not land and never will. Raises `JournalUnavailable` when the outcome is
        unknown; so does every later append until `open_epoch` was called again. Cancelling has the same
        effect. An append while another is under way is a bug of the caller.
        """
        ...

    def read(self, from_seq: int, batches_max: int | None = None) -> AsyncIterator[Batch]:
        """Durable batches in order, beginning with the one that contains `from_seq` (≥ 1).

        Ends at the tail, or after `batches_max`: go on with the `next_seq` of the last one. It doesn't
        verify: `format.check` does.
        """
        ...

    async def mark_alive(self, at_us: int) -> None:
        """Note that the writer lives at this instant; an outage is counted from the latest such mark.

        Not for the hot path: about once a second. Marks never go back. Raises `Fenced` when another epoch
        is current, which tells an idle writer too.
        """
        ...

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot, whole or not at all; the newest three stay, one for the same `seq` is replaced."""
        ...

    async def latest_snapshot(self, max_seq: int | None = None) -> Snapshot | None:
        """The newest snapshot with `seq` ≤ `max_seq` whose digest holds; damaged ones are passed over."""
        ...

    async def quarantine(self, command_hash: bytes, reason: str) -> None:
        """Remember a command that tripped an assertion; a repeated hash keeps its first reason."""
        ...

    async def quarantined(self) -> frozenset[bytes]:
        """Hashes of all commands in quarantine."""
        ...

    async def close(self) -> None:
        """Let go of the store, with or without an append under way; it may then be opened again."""
        ...
