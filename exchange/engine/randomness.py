"""Public ids and salts from a source of random bytes that is handed in."""

from binascii import b2a_base64
from collections.abc import Callable
from typing import Final

ID_BYTES: Final = 16
"""128 bits: nobody guesses one, and two never meet."""
_IDS_PER_DRAW: Final = 256
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")


class Randomness:
    """Draws bytes in blocks, since asking the system costs more than the bytes."""

    def __init__(self, source: Callable[[int], bytes]) -> None:
        self._source = source
        self._block = b""
        self._used = 0

    def public_id(self) -> str:
        """22 characters of the URL-safe alphabet."""
        if self._used == len(self._block):
            self._block = self._source(ID_BYTES * _IDS_PER_DRAW)
            self._used = 0
        drawn = self._block[self._used : self._used + ID_BYTES]
        self._used += ID_BYTES
        return b2a_base64(drawn, newline=False)[:22].translate(_URL_SAFE).decode("ascii")

    def salts(self, length: int) -> bytes:
        """`length` fresh bytes."""
        return self._source(length)
