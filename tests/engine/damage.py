"""Journals of a day that were tampered with, and the first sequence that can't be trusted in each."""

from array import array
from collections.abc import Callable
from typing import Final

from msgspec import msgpack
from msgspec.structs import replace

from exchange.core.kernel import RULES, Exchange
from exchange.core.messages import Sequenced
from exchange.journal.base import Batch, Tail
from exchange.journal.format import chain_of, header_of, unpack
from tests.engine.days import a_day, batches_of, sealed

SIZE: Final = 7
BAD: Final = 5
"""The batch that is damaged, from 0."""
FIRST: Final = BAD * SIZE + 1
"""Its first sequence."""

LOG: Final[list[Sequenced]] = a_day(4).log


def intact() -> list[Batch]:
    """The day as it was."""
    return batches_of(LOG, SIZE)


def _with(batches: list[Batch], batch: Batch) -> list[Batch]:
    return [*batches[:BAD], batch, *batches[BAD + 1 :]]


def flipped_bit(batches: list[Batch]) -> list[Batch]:
    body = batches[BAD].body
    middle = len(body) // 2
    return _with(
        batches, replace(batches[BAD], body=body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :])
    )


def cut_short(batches: list[Batch]) -> list[Batch]:
    return _with(batches, replace(batches[BAD], body=batches[BAD].body[:-1]))


def moved_instant(batches: list[Batch]) -> list[Batch]:
    return _with(batches, replace(batches[BAD], last_at_us=batches[BAD].last_at_us + 1))


def dropped(batches: list[Batch]) -> list[Batch]:
    return batches[:BAD] + batches[BAD + 1 :]


def swapped(batches: list[Batch]) -> list[Batch]:
    return [*batches[:BAD], batches[BAD + 1], batches[BAD], *batches[BAD + 2 :]]


def twice(batches: list[Batch]) -> list[Batch]:
    return batches[: BAD + 1] + batches[BAD:]


# From here on the forger knew the format: each journal holds together, and only a replay tells.


def _resealed(entries: list[bytes], crcs: "array[int]", digest: bytes) -> list[Batch]:
    """The day up to a batch of these entries and outcomes."""
    before = intact()[:BAD]
    tail = Tail(epoch=1).after(before[-1])
    return [*before, sealed(tail, entries, crcs, digest, LOG[FIRST - 1 : FIRST - 1 + SIZE])]


def changed_command(_: list[Batch]) -> list[Batch]:
    """The third command is another member's; its journaled outcome is that of the real one."""
    real = intact()[BAD]
    entries = [bytes(entry) for entry in unpack(real.body).entries()]
    command = LOG[FIRST + 1]
    entries[2] = msgpack.encode(replace(command, member_id="M3" if command.member_id != "M3" else "M2"))
    return _resealed(entries, unpack(real.body).outcome_crcs, real.outcome_digest)


def changed_outcome(_: list[Batch]) -> list[Batch]:
    """The journal says that the last command of the batch went otherwise."""
    real = intact()[BAD]
    packed = unpack(real.body)
    packed.outcome_crcs[-1] ^= 1
    return _resealed([bytes(each) for each in packed.entries()], packed.outcome_crcs, real.outcome_digest)


def changed_digest(_: list[Batch]) -> list[Batch]:
    real = intact()[BAD]
    packed = unpack(real.body)
    return _resealed([bytes(each) for each in packed.entries()], packed.outcome_crcs, bytes(32))


def no_command(_: list[Batch]) -> list[Batch]:
    """Something that was never a command."""
    real = intact()[BAD]
    entries = [bytes(each) for each in unpack(real.body).entries()]
    entries[0] = msgpack.encode(["submit_bid", 1])
    return _resealed(entries, unpack(real.body).outcome_crcs, real.outcome_digest)


def newer_rules(_: list[Batch]) -> list[Batch]:
    """A later program wrote it."""
    batches = intact()[: BAD + 1]
    newer = replace(batches[-1], rules=RULES + 1)
    return [*batches[:-1], replace(newer, chain=chain_of(newer.previous, header_of(newer)))]


CORRUPT: Final[dict[Callable[[list[Batch]], list[Batch]], int]] = {
    flipped_bit: FIRST,
    cut_short: FIRST,
    moved_instant: FIRST,
    dropped: FIRST,
    swapped: FIRST,
    twice: FIRST + SIZE,
    no_command: FIRST,
}
DIVERGED: Final[dict[Callable[[list[Batch]], list[Batch]], int]] = {
    changed_command: FIRST + 2,
    changed_outcome: FIRST + SIZE - 1,
    changed_digest: FIRST,
    newer_rules: FIRST,
}


def state_of(log: list[Sequenced]) -> bytes:
    """What a kernel of its own makes of the log, batch by batch."""
    kernel = Exchange()
    batches_of(log, SIZE, kernel)
    return kernel.dump()
