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
        self._ids: list[str] = []  # the last one is the next

    def public_id(self) -> str:
        """22 characters of the URL-safe alphabet. None begins with a dash, which a command line takes for an option."""
        while not self._ids:
            drawn = _ids_of(self._source(ID_BYTES * _IDS_PER_DRAW))
            self._ids = [each for each in reversed(drawn) if each[0] != "-"]
        return self._ids.pop()

    def salts(self, length: int) -> bytes:
        """`length` fresh bytes."""
        return self._source(length)


def _ids_of(block: bytes) -> list[str]:
    """The base64 of every 16 bytes, without its padding; written at once, since a call for each costs more."""
    count = len(block) // ID_BYTES
    padded = bytearray(18 * count)  # a multiple of three bytes makes whole groups of letters
    for place in range(ID_BYTES):
        padded[place::18] = block[place::ID_BYTES]
    text = b2a_base64(padded, newline=False).translate(_URL_SAFE).decode("ascii")
    return [text[at : at + 22] for at in range(0, 24 * count, 24)]
