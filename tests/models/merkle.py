"""RFC 6962 section 2.1 as it is written there: recursive, slow, obviously right."""

from collections.abc import Sequence
from hashlib import sha256


def root_of(leaves: Sequence[bytes]) -> bytes:
    """MTH over leaves that are hashed already."""
    if len(leaves) == 1:
        return leaves[0]
    split = _split_of(len(leaves))
    return sha256(b"\x01" + root_of(leaves[:split]) + root_of(leaves[split:])).digest()


def path_of(leaves: Sequence[bytes], place: int) -> tuple[bytes, ...]:
    """PATH(m, D[n]) of section 2.1.1."""
    if len(leaves) == 1:
        return ()
    split = _split_of(len(leaves))
    if place < split:
        return (*path_of(leaves[:split], place), root_of(leaves[split:]))
    return (*path_of(leaves[split:], place - split), root_of(leaves[:split]))


def _split_of(count: int) -> int:
    """The largest power of two below `count`."""
    split = 1
    while split * 2 < count:
        split *= 2
    return split
