"""Receipts: proof, for one member, that one command stands at its place in the journal.

Guarantees: whoever holds a receipt and a later chain value can verify it offline; it tells nothing about
other commands but how many shared the batch. The command's instant (`at_us`) is part of `entry`. A proof is a
receipt without the command: for whom it concerns but did not send it; only who knows command and salt can open it.
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


class Proof(msgspec.Struct, frozen=True):
    """That something stands at a place in the journal, by its salted hash."""

    seq: int
    leaf: bytes
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


def make_proof(batch: Batch, seq: int) -> Proof:
    """The proof of command `seq`, which the batch must contain; the batch was verified before."""
    return proof_of(make_receipt(batch, seq))


def proof_of(receipt: Receipt) -> Proof:
    """The receipt without its command."""
    leaf = leaf_of(receipt.salt, receipt.entry)
    return Proof(receipt.seq, leaf, receipt.path, receipt.header, receipt.previous, receipt.chain)


def verify_receipt(receipt: Receipt) -> None:
    """Raises `Corrupt(seq, …)` unless command, place, header and chain value of the receipt agree."""
    if len(receipt.salt) != SALT_BYTES:
        raise Corrupt(receipt.seq, "the salt has another length")
    verify_proof(proof_of(receipt))


def verify_proof(proof: Proof) -> None:
    """Raises `Corrupt(seq, …)` unless leaf, place, header and chain value of the proof agree."""
    header = proof.header
    place = proof.seq - header.first_seq
    whole = len(proof.previous) == DIGEST_BYTES
    if not whole or not verify_path(proof.leaf, place, header.count, proof.path, header.merkle_root):
        raise Corrupt(proof.seq, "the command, its salt or its path differs from the Merkle root")
    try:
        chain = chain_of(proof.previous, header)
    except ValueError as error:
        raise Corrupt(proof.seq, f"{error}") from error
    if chain != proof.chain:
        raise Corrupt(proof.seq, "the header of the receipt differs from the chain")
