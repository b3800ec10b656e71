"""Receipts of bids and the proofs of settlement notes, checked here, with nothing of the exchange's.

Guarantees: what `checked` returns stands where the receipt says in the one journal whose chain value is `chain`: any
other command, instant, place or journal would have given another value.
Doesn't do: prove that this is the journal that the exchange keeps. Compare `chain` with what an auditor, a backup or
another bidder has of the same commit.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from struct import Struct, error
from typing import Any, Final, NamedTuple

from msgspec import DecodeError, msgpack

from exchange_client.errors import NotProven

_HEADER: Final = Struct(">BIQQIQQI32s32s")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_US: Final = timedelta(microseconds=1)


class Commit(NamedTuple):
    """The commit that a command was a part of, as the journal's chain covers it."""

    version: int
    shard: int
    epoch: int
    first_sequence: int
    commands: int
    first_at_us: int
    last_at_us: int
    rules: int
    root: bytes
    outcome_seal: bytes


class Proven(NamedTuple):
    """What a receipt proves. `member_id` and `sent` are empty where it doesn't hold the command itself."""

    sequence: int
    chain: str
    member_id: str = ""
    sent: Mapping[str, Any] = {}
    """The command as the wire has it: `type`, `lot_id`, `price` and so on."""


def checked(receipt: Mapping[str, Any]) -> Proven:
    """Recompute a receipt of `Rest.bid_receipt`, or of a settlement note. Raises NotProven with what doesn't hold."""
    try:
        return _checked(receipt)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, error, DecodeError) as wrong:
        raise NotProven(f"this is no receipt: {wrong}") from wrong


def _checked(receipt: Mapping[str, Any]) -> Proven:
    proof = receipt["proof"]
    leaf, header = bytes.fromhex(proof["leaf"]), bytes.fromhex(proof["header"])
    commit = Commit(*_HEADER.unpack(header))
    place = proof["sequence"] - commit.first_sequence
    if _root(leaf, place, commit.commands, [bytes.fromhex(each) for each in proof["path"]]) != commit.root:
        raise NotProven("the command isn't at this place of its commit")
    if sha256(bytes.fromhex(proof["previous"]) + header).hexdigest() != proof["chain"]:
        raise NotProven("the commit isn't the one of this chain value")
    if not receipt.get("command"):
        return Proven(proof["sequence"], proof["chain"])
    command = bytes.fromhex(receipt["command"])
    if sha256(b"\x00" + bytes.fromhex(receipt["salt"]) + command).digest() != leaf:
        raise NotProven("the proof is that of another command")
    at_us, member_id, *_, sent = msgpack.decode(command)
    if at_us != _us(receipt["at"]) or not commit.first_at_us <= at_us <= commit.last_at_us:
        raise NotProven("the instant isn't that of the command")
    return Proven(proof["sequence"], proof["chain"], member_id, sent)


def _root(leaf: bytes, place: int, count: int, path: Sequence[bytes]) -> bytes:
    """Of a tree of `count` leaves in the shape of RFC 6962; nothing where the path has another length."""
    node, siblings = leaf, list(path)
    if not 0 <= place < count:
        return b""
    while count > 1:
        if place ^ 1 < count:
            pair = (siblings.pop(0), node) if place & 1 else (node, siblings.pop(0))
            node = sha256(b"\x01" + b"".join(pair)).digest()
        place, count = place >> 1, (count + 1) >> 1
    return b"" if siblings else node


def _us(instant: str) -> int:
    return (datetime.fromisoformat(instant) - _EPOCH) // _US
