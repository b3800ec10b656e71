"""The running digest of outcomes: replaying the journal must give it again, byte for byte.

Per command a CRC32 finds the first outcome that differs; per batch a SHA-256 over all outcomes so far
proves that none does.
"""

from array import array
from collections.abc import Iterable
from hashlib import sha256
from typing import Final
from zlib import crc32

from msgspec import msgpack

from exchange.core.messages import Outcome

EMPTY: Final = bytes(32)
_encode = msgpack.Encoder().encode


class RunningDigest:
    """`digest` covers every outcome up to the last sealed batch."""

    def __init__(self, digest: bytes = EMPTY) -> None:
        self.digest = digest
        self._batch: list[bytes] = []

    def add(self, outcome: Outcome) -> int:
        """Take the next outcome of the batch; its CRC32."""
        encoded = _encode(outcome)
        self._batch.append(encoded)
        return crc32(encoded)

    def add_all(self, outcomes: Iterable[Outcome]) -> "array[int]":
        """Take the next outcomes of the batch, all at once; the CRC32 of each."""
        encoded = [_encode(outcome) for outcome in outcomes]
        self._batch += encoded
        return array("I", map(crc32, encoded))

    def seal(self) -> bytes:
        """End the batch; the digest over everything up to here."""
        self.digest = sha256(self.digest + b"".join(self._batch)).digest()
        self._batch.clear()
        return self.digest
