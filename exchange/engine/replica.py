"""A kernel that follows the journal: recovery, the follower and `verify` are this and nothing else.

Guarantees: every batch is checked as far as it can be without a kernel, then executed again, and each
outcome is compared with what was journaled; the first difference is named.
"""

from array import array
from collections.abc import AsyncIterator
from typing import Final

from msgspec import DecodeError, ValidationError, msgpack

from exchange.core.kernel import RULES, Exchange
from exchange.core.messages import Sequenced
from exchange.engine.base import Diverged, Released
from exchange.journal.base import GENESIS, Batch, Corrupt, Journal, Snapshot
from exchange.journal.format import check

_decode: Final = msgpack.Decoder(list[Sequenced]).decode


class Replica:
    """The state after the last batch that it was given.

    A snapshot of older rules is passed over: its state has another form, and replay needs none.
    """

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        if snapshot is not None and snapshot.rules < RULES:
            snapshot = None
        self.kernel = Exchange.load(snapshot.state) if snapshot else Exchange()
        self.next_seq = snapshot.seq + 1 if snapshot else 1
        self.chain = snapshot.chain if snapshot else GENESIS
        self.epoch = 0
        self.last_at_us = 0

    def apply(self, batch: Batch) -> list[Released]:
        """Execute the batch that comes next. Raises `Corrupt` or `Diverged` with the first bad sequence."""
        packed = check(batch, self.chain, self.next_seq, epoch_min=self.epoch, at_us_min=self.last_at_us)
        if batch.rules > RULES:
            raise Diverged(batch.first_seq, f"rules {batch.rules} are newer than this program's {RULES}")
        try:
            commands = _decode(packed.entries_array)
        except (ValidationError, DecodeError) as error:
            raise Corrupt(batch.first_seq, f"a command cannot be read: {error}") from error
        released = self._execute(commands, packed.outcome_crcs, batch)
        self.next_seq, self.chain = batch.next_seq, batch.chain
        self.epoch, self.last_at_us = batch.epoch, batch.last_at_us
        return released

    def _execute(self, commands: list[Sequenced], crcs: "array[int]", batch: Batch) -> list[Released]:
        released: list[Released] = []
        execute, add = self.kernel.execute, self.kernel.digest.add
        seq = batch.first_seq
        for sequenced, crc in zip(commands, crcs, strict=True):
            outcome = execute(sequenced)
            if add(outcome) != crc:
                raise Diverged(seq, f"{type(sequenced.command).__name__} has another outcome")
            released.append(Released(seq, sequenced, outcome, None))
            seq += 1
        if self.kernel.digest.seal() != batch.outcome_digest:
            raise Diverged(batch.first_seq, "the digest of all outcomes differs")
        return released


async def replayed(
    journal: Journal, replica: Replica, until_seq: int | None = None
) -> AsyncIterator[list[Released]]:
    """Bring the replica up to the journal's tail, or to the batch before `until_seq`, a batch at a time."""
    async for batch in journal.read(replica.next_seq):
        if until_seq is not None and batch.first_seq >= until_seq:
            return
        yield replica.apply(batch)
