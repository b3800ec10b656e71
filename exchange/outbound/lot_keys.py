"""The key pairs of sealed lots: a port, and files outside the database that keep them.

Guarantees: a key is in every folder, flushed to disk and readable by its owner only, before anybody is told its public
half. It is drawn once: asked again for a lot, the port gives the same key. Nothing but `opened` ever reads a private
key, and nothing of it is logged. A key that isn't the lot's, as a damaged file holds one, is none: it would open
nothing, and every bid would be void for good.

Another port may split a key among several holders: `opened` then waits for enough of them, or says that it can't.
"""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

KEY_BYTES: Final = PrivateKey.SIZE
FOLDER: Final = "lot-keys"
"""In the data folder."""


class KeyMissing(Exception):
    """The private key of a lot is not there; the message is for the operator and says where it was looked for."""


class LotKeys(Protocol):
    """Where the private keys of lots are."""

    async def drawn(self, lot_ids: Sequence[str]) -> list[str]:
        """The public keys of lots, in hexadecimal; their private ones are stored safely. Raises OSError."""
        ...

    async def opened(self, lot_id: str, public_key: str, envelopes: Sequence[bytes]) -> list[bytes | None]:
        """What is in each envelope, nothing where the lot's key doesn't open it; `public_key` is its other half. Raises
        KeyMissing.
        """
        ...


class FileLotKeys:
    """A file per lot, in the first folder and as a copy in every other one.

    Known limits: the copies are only as safe as where they are; a key outlives its lot.
    """

    def __init__(self, folders: Sequence[Path], source: Callable[[int], bytes] = os.urandom) -> None:
        self._folders = tuple(folders)
        self._source = source

    async def drawn(self, lot_ids: Sequence[str]) -> list[str]:
        """Of lots whose key was drawn before, that one."""
        return await asyncio.to_thread(self._draw_all, lot_ids)

    async def opened(self, lot_id: str, public_key: str, envelopes: Sequence[bytes]) -> list[bytes | None]:
        """From whichever folder still has the key."""
        return await asyncio.to_thread(self._open, lot_id, public_key, envelopes)

    def _draw_all(self, lot_ids: Sequence[str]) -> list[str]:
        for folder in self._folders:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        keys = [next(self._stored(each), None) or PrivateKey(self._source(KEY_BYTES)) for each in lot_ids]
        for folder in self._folders:
            for lot_id, key in zip(lot_ids, keys, strict=True):
                _store(folder / f"{lot_id}.key", bytes(key).hex())
            _flush_folder(folder)
        return [bytes(key.public_key).hex() for key in keys]

    def _open(self, lot_id: str, public_key: str, envelopes: Sequence[bytes]) -> list[bytes | None]:
        fits = (key for key in self._stored(lot_id) if bytes(key.public_key).hex() == public_key)
        key = next(fits, None)
        if key is None:
            looked_in = ", ".join(str(folder) for folder in self._folders)
            raise KeyMissing(f"There is no key {lot_id}.key in {looked_in}. Bring it back from a copy.")
        box = SealedBox(key)
        return [_decrypted(box, envelope) for envelope in envelopes]

    def _stored(self, lot_id: str) -> Iterator[PrivateKey]:
        for folder in self._folders:
            try:
                found = bytes.fromhex((folder / f"{lot_id}.key").read_text("ascii"))
            except (OSError, ValueError):
                continue
            if len(found) == KEY_BYTES:
                yield PrivateKey(found)


def _decrypted(box: "SealedBox[PrivateKey]", envelope: bytes) -> bytes | None:
    try:
        return box.decrypt(envelope)
    except CryptoError:
        return None


def _store(path: Path, secret: str) -> None:
    """Whole or not at all; a file that holds it already stays."""
    if path.exists() and path.read_text("ascii", errors="replace").strip() == secret:
        return
    aside = path.with_suffix(".part")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret + "\n")
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def _flush_folder(folder: Path) -> None:
    """So that the names are on disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
