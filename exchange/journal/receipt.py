"""Receipts: proof, for one member, that one command stands at its place in the journal.

Guarantees: whoever holds a receipt and a later chain value can verify it offline; it tells nothing about
other commands but how many shared the batch. The command's instant (`at_us`) is part of `entry`.
Doesn't do: prove that the chain value is the published one: compare it.
"""

import msgspec

from exchange.journal.base import DIGEST_BYTES, Batch, Corrupt
from exchange.journal.format import SALT_BYTES, Header, chain_of, header_of, unpack
from exchange.journal.merkle import leaf_of, leaves_of, merkle_path, verify_path


class Receipt(msgspec.Struct, frozen=True):
    """One command with all that is needed to recompute the chain value of its batch."""

    seq: int
    salt: bytes
    entry: bytes
    path: tuple[bytes, ...]
    header: Header
    previous: bytes
    chain: bytes


def make_receipt(batch: Batch, seq: int) -> Receipt:
    """The receipt of command `seq`, which the batch must contain; the batch was verified before."""
    assert batch.first_seq <= seq <= batch.last_seq, "the batch contains the sequence"
    packed = unpack(batch.body)
    entries = packed.entries()
    place = seq - batch.first_seq
    return Receipt(
        seq=seq,
        salt=packed.salts[place * SALT_BYTES : (place + 1) * SALT_BYTES],
        entry=bytes(entries[place]),
        path=merkle_path(leaves_of(entries, packed.salts), place),
        header=header_of(batch),
        previous=batch.previous,
        chain=batch.chain,
    )


def verify_receipt(receipt: Receipt) -> None:
    """Raises `Corrupt(seq, …)` unless command, place, header and chain value of the receipt agree."""
    header = receipt.header
    place = receipt.seq - header.first_seq
    leaf = leaf_of(receipt.salt, receipt.entry)
    whole = len(receipt.salt) == SALT_BYTES and len(receipt.previous) == DIGEST_BYTES
    if not whole or not verify_path(leaf, place, header.count, receipt.path, header.merkle_root):
        raise Corrupt(receipt.seq, "the command, its salt or its path differs from the Merkle root")
    try:
        chain = chain_of(receipt.previous, header)
    except ValueError as error:
        raise Corrupt(receipt.seq, f"{error}") from error
    if chain != receipt.chain:
        raise Corrupt(receipt.seq, "the header of the receipt differs from the chain")
