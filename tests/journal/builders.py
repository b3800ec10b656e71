"""Batches, chains and snapshots with good defaults."""

from array import array
from hashlib import sha256
from zlib import crc32

import msgspec

from exchange.journal.base import Batch, Snapshot, Tail
from exchange.journal.format import SALT_BYTES, seal

SECOND_US = 1_000_000


def entries_of(count: int, word: str = "submit_bid") -> list[bytes]:
    return [msgspec.msgpack.encode([word, number]) for number in range(count)]


def salts_of(count: int, seed: bytes = b"") -> bytes:
    return b"".join(sha256(seed + number.to_bytes(4)).digest()[:SALT_BYTES] for number in range(count))


def crcs_of(entries: list[bytes]) -> "array[int]":
    return array("I", [crc32(entry) for entry in entries])


def a_batch(
    tail: Tail, count: int = 3, *, word: str = "submit_bid", at_us: int | None = None, shard: int = 0
) -> Batch:
    """A batch that continues `tail`, a second later unless `at_us` says when."""
    entries = entries_of(count, word)
    first_at_us = tail.last_at_us + SECOND_US if at_us is None else at_us
    return seal(
        tail,
        entries,
        salts_of(count, tail.chain),
        crcs_of(entries),
        first_at_us=first_at_us,
        last_at_us=first_at_us + count - 1,
        rules=1,
        outcome_digest=sha256(word.encode()).digest(),
        shard=shard,
    )


def batches_after(tail: Tail, *counts: int, shard: int = 0) -> list[Batch]:
    """Batches of these sizes, each on top of the one before."""
    batches = []
    for count in counts:
        batches.append(a_batch(tail, count, shard=shard))
        tail = tail.after(batches[-1])
    return batches


def a_snapshot(seq: int, state: bytes = b"state") -> Snapshot:
    digest = sha256(state).digest()
    return Snapshot(seq=seq, rules=1, chain=bytes(32), outcome_digest=bytes(32), digest=digest, state=state)
