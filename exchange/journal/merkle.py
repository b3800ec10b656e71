"""Merkle trees in the shape of RFC 6962 section 2.1, over salted commands.

A leaf is SHA-256(0x00 ‖ salt ‖ command), an inner node SHA-256(0x01 ‖ left ‖ right); a node without a
sibling rises unchanged. Guarantees: a path proves that one command stands at one place among `count`.
Doesn't do: hide the place or the count.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from struct import iter_unpack

from msgspec import Raw


def leaf_of(salt: bytes, entry: bytes | Raw) -> bytes:
    """The leaf of one command."""
    return sha256(b"".join((b"\x00", salt, entry))).digest()


def leaves_of(entries: Iterable[bytes | Raw], salts: bytes) -> list[bytes]:
    """The leaves of a batch; `salts` holds 16 bytes an entry."""
    # This loop runs once a command on the hot path, hence no call of leaf_of.
    return [
        sha256(b"".join((b"\x00", salt, entry))).digest()
        for (salt,), entry in zip(iter_unpack("16s", salts), entries, strict=True)
    ]


def root_of(entries: Iterable[bytes | Raw], salts: bytes) -> bytes:
    """The Merkle root of a batch of at least one command."""
    level = leaves_of(entries, salts)
    while len(level) > 1:
        level = _level_above(level)
    return level[0]


def merkle_path(leaves: Sequence[bytes], place: int) -> tuple[bytes, ...]:
    """The siblings on the way from the leaf at `place` (0-based) up to the root, lowest first."""
    assert 0 <= place < len(leaves), "the place lies within the batch"
    path: list[bytes] = []
    level = list(leaves)
    while len(level) > 1:
        if place ^ 1 < len(level):
            path.append(level[place ^ 1])
        level, place = _level_above(level), place >> 1
    return tuple(path)


def verify_path(leaf: bytes, place: int, count: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` leads from `leaf` at `place` among `count` leaves to `root`."""
    if not 0 <= place < count:
        return False
    siblings = iter(path)
    node = leaf
    while count > 1:
        if place ^ 1 < count:
            sibling = next(siblings, None)
            if sibling is None:
                return False
            left, right = (sibling, node) if place & 1 else (node, sibling)
            node = sha256(b"\x01" + left + right).digest()
        place, count = place >> 1, (count + 1) >> 1
    return next(siblings, None) is None and node == root


def _level_above(level: Sequence[bytes]) -> list[bytes]:
    nodes = iter(level)
    above = [sha256(b"\x01" + left + right).digest() for left, right in zip(nodes, nodes, strict=False)]
    if len(level) & 1:
        above.append(level[-1])
    return above
