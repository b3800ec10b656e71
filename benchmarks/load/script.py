"""What each connection will send, encoded before anything is measured.

Guarantees: the frames of one seed are the same in every round and against every server; only the instruments'
ids are put in for each server.
"""

from array import array
from collections.abc import Sequence
from itertools import islice
from typing import Final

import msgspec

from benchmarks.flow import commands
from benchmarks.load.frames import text_frame

ID_LENGTH: Final = 22
"""Characters of a public id: a stand-in of the same length keeps every frame as long as it is."""

_encode: Final = msgspec.json.Encoder().encode


class Script:
    """The frames of one connection. `offsets` has one more entry than there are frames."""

    def __init__(self, frames: bytes, offsets: "array[int]") -> None:
        self._frames = frames
        self._offsets = offsets

    @classmethod
    def of(cls, seed: int, member: int, instruments: int, length: int) -> "Script":
        """The first `length` commands of a member, for instruments that are not known yet."""
        offsets, frames = array("Q", [0]), []
        for command in islice(commands(seed, member, stand_ins(instruments)), length):
            frames.append(text_frame(_encode(command)))
            offsets.append(offsets[-1] + len(frames[-1]))
        return cls(b"".join(frames), offsets)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def named(self, instruments: Sequence[str]) -> "Script":
        """The same for instruments of a server."""
        frames = self._frames
        for stand_in, instrument_id in zip(stand_ins(len(instruments)), instruments, strict=True):
            assert len(instrument_id) == ID_LENGTH
            frames = frames.replace(stand_in.encode(), instrument_id.encode())
        return Script(frames, self._offsets)

    def frames(self, start: int, count: int) -> bytes:
        """`count` frames from the one numbered `start` on, ready to be written."""
        return self._frames[self._offsets[start] : self._offsets[start + count]]


def stand_ins(instruments: int) -> list[str]:
    """Names that no id is like."""
    return [f"instrument.{number}".ljust(ID_LENGTH, ".") for number in range(instruments)]
