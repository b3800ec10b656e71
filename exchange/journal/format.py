"""The frozen encoding of a batch: body, Merkle root, chain. Pure functions, no I/O.

Guarantees: any change to a stored batch (a flipped bit; a batch dropped, swapped or cut) is found by
`check`, which names the first sequence that can't be trusted.
Doesn't do: read commands or recompute outcomes (a replay does), or notice that whole batches are missing
at the end: compare the tail with a snapshot, a receipt or the follower's position for that.
Known limits: a chain proves order and content only to those who hold one of its later values.
"""

import struct
import sys
from array import array
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

import msgspec

from exchange.journal.base import DIGEST_BYTES, Batch, Corrupt, Tail
from exchange.journal.merkle import root_of

FORMAT_VERSION: Final = 1
"""First byte of every body and every header; another layout takes another number, old ones stay readable."""

SALT_BYTES: Final = 16
"""128 random bits before each command, so that nobody can guess a command from its hash."""

BODY_BYTES_MAX: Final = 64 << 20
"""64 MiB: a batch of 512 commands of 64 KiB fits twice, and PostgreSQL's limit for a value is 1 GiB."""

COUNT_MAX: Final = 1 << 20
"""Commands in one batch; keeps a Merkle path within 20 digests."""

WHOLE_MAX: Final = 1 << 53
"""Sequences and instants stay below it, so that every reader's numbers hold them exactly."""

CRC_BYTES: Final = 4
ARRAY32: Final = 0xDD  # msgpack: an array whose length is the next four bytes
_PREFIX: Final = struct.Struct(">BI")
_HEADER: Final = struct.Struct(f">BIQQIQQI{DIGEST_BYTES}s{DIGEST_BYTES}s")
_RAW_ENTRIES: Final = msgspec.msgpack.Decoder(list[msgspec.Raw])


class Packed(msgspec.Struct, frozen=True, gc=False):
    """A body taken apart; `entries_array` is one msgpack array of all commands."""

    entries_array: bytes
    salts: bytes
    outcome_crcs: "array[int]"
    """CRC32 of each command's outcome, as `array('I')`."""

    @property
    def count(self) -> int:
        """Number of commands."""
        return len(self.outcome_crcs)

    def entries(self) -> list[msgspec.Raw]:
        """The msgpack of each command, uncopied."""
        return _RAW_ENTRIES.decode(self.entries_array)


class Header(msgspec.Struct, frozen=True, gc=False):
    """What the chain covers of a batch, and all that a receipt shows of it.

    `outcome_seal` stands for the outcome digest: it is salted, so a receipt holder can't guess what
    happened to the other commands of the batch.
    """

    shard: int
    epoch: int
    first_seq: int
    count: int
    first_at_us: int
    last_at_us: int
    rules: int
    merkle_root: bytes
    outcome_seal: bytes

    def to_bytes(self) -> bytes:
        """The fixed-width form (offsets in the room's README); raises ValueError for what doesn't fit it."""
        if len(self.merkle_root) != DIGEST_BYTES or len(self.outcome_seal) != DIGEST_BYTES:
            raise ValueError("a digest in the header has the wrong length")
        try:
            return _HEADER.pack(
                FORMAT_VERSION,
                self.shard,
                self.epoch,
                self.first_seq,
                self.count,
                self.first_at_us,
                self.last_at_us,
                self.rules,
                self.merkle_root,
                self.outcome_seal,
            )
        except struct.error as error:
            raise ValueError(f"the header doesn't fit its width: {error}") from error


def pack(entries: Sequence[bytes], salts: bytes, outcome_crcs: "array[int] | bytes") -> bytes:
    """The body of a batch: `entries` are the msgpack of one sequenced command each.

    `salts` holds 16 bytes and `outcome_crcs` an `array('I')` value (or 4 little-endian bytes) a command.
    """
    count = len(entries)
    assert 1 <= count <= COUNT_MAX, "a batch holds at least one command and at most COUNT_MAX"
    crcs = outcome_crcs if isinstance(outcome_crcs, bytes) else _little_endian(outcome_crcs).tobytes()
    assert len(salts) == SALT_BYTES * count, "one salt a command"
    assert len(crcs) == CRC_BYTES * count, "one outcome CRC a command"
    body = b"".join(
        (_PREFIX.pack(FORMAT_VERSION, count), salts, crcs, _PREFIX.pack(ARRAY32, count), *entries)
    )
    assert len(body) <= BODY_BYTES_MAX, "the sequencer bounds a batch well below this"
    return body


def unpack(body: bytes) -> Packed:
    """Take a body apart; raises ValueError, with a sentence, when its frame is not one that `pack` makes."""
    if len(body) < _PREFIX.size:
        raise ValueError("the body is cut short")
    version, count = _PREFIX.unpack_from(body)
    if version != FORMAT_VERSION:
        raise ValueError(f"format version {version} is not known to this program")
    crcs_at = _PREFIX.size + SALT_BYTES * count
    entries_at = crcs_at + CRC_BYTES * count
    if len(body) < entries_at + _PREFIX.size:
        raise ValueError("the body is cut short")
    if _PREFIX.unpack_from(body, entries_at) != (ARRAY32, count):
        raise ValueError("the array of commands doesn't begin where it should")
    crcs = array("I", body[crcs_at:entries_at])
    return Packed(body[entries_at:], body[_PREFIX.size : crcs_at], _little_endian(crcs))


def seal(
    tail: Tail,
    entries: Sequence[bytes],
    salts: bytes,
    outcome_crcs: "array[int] | bytes",
    *,
    first_at_us: int,
    last_at_us: int,
    rules: int,
    outcome_digest: bytes,
    shard: int = 0,
) -> Batch:
    """The batch that continues `tail`; `tail.after(batch)` is what the next one continues.

    `outcome_digest` (32 bytes, made by the engine over the outcomes of this batch) is carried, not read.
    """
    body = pack(entries, salts, outcome_crcs)
    assert tail.last_at_us <= first_at_us <= last_at_us < WHOLE_MAX, "instants never go back"
    assert tail.next_seq + len(entries) <= WHOLE_MAX, "sequences stay below 2^53"
    assert len(outcome_digest) == DIGEST_BYTES, "an outcome digest is a SHA-256"
    header = Header(
        shard=shard,
        epoch=tail.epoch,
        first_seq=tail.next_seq,
        count=len(entries),
        first_at_us=first_at_us,
        last_at_us=last_at_us,
        rules=rules,
        merkle_root=root_of(entries, salts),
        outcome_seal=_outcome_seal(outcome_digest, body, len(entries)),
    )
    return Batch(
        header.shard,
        header.epoch,
        header.first_seq,
        header.count,
        first_at_us,
        last_at_us,
        rules,
        header.merkle_root,
        outcome_digest,
        tail.chain,
        chain_of(tail.chain, header),
        body,
    )


def header_of(batch: Batch) -> Header:
    """The header of a stored batch, its outcome digest sealed."""
    return Header(
        batch.shard,
        batch.epoch,
        batch.first_seq,
        batch.count,
        batch.first_at_us,
        batch.last_at_us,
        batch.rules,
        batch.merkle_root,
        _outcome_seal(batch.outcome_digest, batch.body, batch.count),
    )


def chain_of(previous: bytes, header: Header) -> bytes:
    """The chain value after a batch: SHA-256(previous ‖ header)."""
    return sha256(previous + header.to_bytes()).digest()


def check(batch: Batch, previous: bytes, first_seq: int, *, epoch_min: int = 0, at_us_min: int = 0) -> Packed:
    """Verify all that can be verified without a kernel, and return the body taken apart.

    In this order: sequence, count, epoch (never below `epoch_min`), instants (never before `at_us_min`),
    chain, body, Merkle root. Raises `Corrupt(first_seq, …)` at the first that fails: of a batch that
    doesn't hold together no command can be trusted.
    """
    try:
        _check_header(batch, previous, first_seq, epoch_min, at_us_min)
        packed = unpack(batch.body)
        entries = packed.entries()
        if len(entries) != batch.count:
            raise ValueError(f"the body holds {len(entries)} commands, the header says {batch.count}")
        if root_of(entries, packed.salts) != batch.merkle_root:
            raise ValueError("a command or its salt differs from the Merkle root")
    except (ValueError, msgspec.DecodeError, RecursionError) as error:  # the last one: nested without end
        raise Corrupt(first_seq, f"{error}") from error
    return packed


def _check_header(batch: Batch, previous: bytes, first_seq: int, epoch_min: int, at_us_min: int) -> None:
    if batch.first_seq != first_seq:
        raise ValueError(f"the batch here begins with sequence {batch.first_seq}")
    if not 1 <= batch.count <= COUNT_MAX:
        raise ValueError(f"a batch can't hold {batch.count} commands")
    if batch.epoch < epoch_min:
        raise ValueError(f"epoch {batch.epoch} comes after epoch {epoch_min}")
    if not at_us_min <= batch.first_at_us <= batch.last_at_us < WHOLE_MAX:
        raise ValueError(f"instants go back: {at_us_min}, {batch.first_at_us}, {batch.last_at_us}")
    if batch.previous != previous:
        raise ValueError("the batch doesn't continue the chain of the one before")
    if len(batch.outcome_digest) != DIGEST_BYTES or batch.chain != chain_of(previous, header_of(batch)):
        raise ValueError("the header, the salts or the outcome CRCs differ from the chain")


def _outcome_seal(outcome_digest: bytes, body: bytes, count: int) -> bytes:
    """SHA-256(outcome digest ‖ salts ‖ outcome CRCs): the salts keep the outcomes from being guessed."""
    salted = body[_PREFIX.size : _PREFIX.size + (SALT_BYTES + CRC_BYTES) * count]
    return sha256(outcome_digest + salted).digest()


def _little_endian(crcs: "array[int]") -> "array[int]":
    """The same CRCs with their bytes turned where the machine is big-endian; the argument stays as it is."""
    if sys.byteorder == "little":
        return crcs
    turned = array("I", crcs)
    turned.byteswap()
    return turned
