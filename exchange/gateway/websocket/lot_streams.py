"""The channel `lot`: a lot as one viewer may see it, whole at first and as somebody else to it, then what changes.

Guarantees: as all streams; nothing is sent where a viewer sees what it saw before, whatever others did. A viewer costs
little more than its own rank: a bid may have to be told to ten thousand of them.
"""

from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from exchange.core.messages import shown
from exchange.core.visibility.own_lots import OwnStanding
from exchange.gateway.websocket.faces import Face, Faces, Sight, Turn, changed
from exchange.gateway.websocket.streams import Name, Source, Stream


class LotStream(Stream):
    """One lot as one viewer may see it, whenever that changes."""

    __slots__ = ("_at_us", "_faces", "_more", "_standing", "face", "seen_as", "viewer")

    def __init__(self, name: Name, source: Source, offset: int, faces: Faces) -> None:
        super().__init__(name, source, offset)
        self.viewer = name.member_id
        self._faces = faces
        [self.seen_as] = faces.relations([self.viewer])
        assert self.seen_as is not None, "nobody asks for a lot that it may not see"
        self._begin(faces.sight(self.viewer, self.seen_as), offset, source.now_us())
        faces.followers[self.viewer] = self

    def end(self) -> None:
        """The lot is not told to its viewer any more."""
        del self._faces.followers[self.viewer]

    def _begin(self, sight: Sight, offset: int, at_us: int) -> None:
        self.face: Face | None
        self.face, self._standing, self._more = sight
        self.offset, self._at_us = offset, at_us

    def see(self, turn: Turn, sight: Sight) -> None:
        """Nothing is sent where this viewer sees what it saw before, whatever others did. It begins anew as one of another
        class, or after it could not see the lot.
        """
        face, standing, more = sight
        if face is not self.face:
            self._begin(sight, self.offset + 1, self.views.at_us)
            self.deliver(self.snapshot())
            return
        change, mine = face.change, b""
        if standing != self._standing or (more is not self._more and more != self._more):
            mine = self._own_change(standing, more)
            self._standing, self._more = standing, more
        if mine:
            self.hear(turn.own_frame(self.offset + 1, change, mine))
        elif change:
            self.hear(turn.frame(self.offset + 1, change))

    def hear(self, frame: bytes) -> None:
        """The frame is the next one of this stream."""
        self.offset += 1
        self._at_us = self.views.at_us
        self.deliver(frame)

    def _own_change(self, standing: OwnStanding, more: dict[str, Any]) -> bytes:
        mine = self._faces.own_change(self._standing, standing)
        if more == self._more:
            return mine
        names = self._more | more
        others = changed(names, *([each.get(name, UNSET) for name in names] for each in (self._more, more)))
        return b"%b,%b" % (mine, others) if mine else others

    def lose_sight(self) -> None:
        """Nothing is sent until the viewer sees the lot again, nor to a reader who is behind."""
        self.face = None
        for outlet in self.outlets:
            outlet.missed.pop(self, None)

    def picture(self) -> shown.Lot:
        """The lot as it was last seen: its `at_us` tells nothing of what others did since."""
        assert self.face is not None, "who sees nothing is sent nothing"
        place = {"channel": self.channel, "epoch": self.epoch, "offset": self.offset, "at_us": self._at_us}
        standing = dict(zip(self._faces.own_names(), self._standing, strict=True))
        return replace(self.face.picture(), **place, **standing, **self._more)
