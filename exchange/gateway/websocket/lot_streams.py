"""The channel `lot`: a lot as one viewer may see it, whole at first, then what changes.

Guarantees: as all streams; nothing is sent where a viewer sees what it saw before, whatever others did. A viewer costs
little more than its own rank: a bid may have to be told to ten thousand of them.
"""

from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from exchange.core.messages import shown
from exchange.core.visibility.own_lots import OwnStanding
from exchange.gateway.websocket.faces import Face, Faces, Sight, Turn, changed, changed_lot, picture
from exchange.gateway.websocket.streams import Name, Source, Stream


class LotStream(Stream):
    """One lot as one viewer may see it, whenever that changes."""

    __slots__ = ("_at_us", "_faces", "_more", "_shown", "_standing", "face", "seen_as", "viewer")

    def __init__(self, name: Name, source: Source, offset: int, faces: Faces) -> None:
        super().__init__(name, source, offset)
        self.viewer = name.member_id
        self._at_us = source.now_us()
        self._faces = faces
        [self.seen_as] = faces.relations([self.viewer])
        assert self.seen_as is not None, "nobody follows a lot that it may not see"
        self.face: Face | None
        self.face, self._standing, self._more = faces.sight(self.viewer, self.seen_as)
        self._shown = self.face.seen
        faces.followers[self.viewer] = self

    def end(self) -> None:
        """The lot is not told to its viewer any more."""
        del self._faces.followers[self.viewer]

    def see(self, turn: Turn, sight: Sight) -> None:
        """Nothing is sent where this viewer sees what it saw before, whatever others did."""
        face, standing, more = sight
        change = mine = b""
        if face is not self.face:
            change = self._look_anew(sight)
        else:
            if face.seen is not self._shown:
                change, self._shown = face.change, face.seen
            if standing != self._standing or (more is not self._more and more != self._more):
                mine = self._own_change(standing, more)
                self._standing, self._more = standing, more
        if mine:
            self.offset += 1
            frame = turn.own_frame(self.offset, change, mine)
        elif change:
            self.offset += 1
            frame = turn.frame(self.offset, change)
        else:
            return
        self._at_us = self.views.at_us
        self.deliver(frame)

    def _look_anew(self, sight: Sight) -> bytes:
        """As one of another class, or after it could not see the lot: what belongs to a class there is a viewer's own here."""
        before = self.picture()
        self.face, self._standing, self._more = sight
        self._shown = self.face.seen
        return changed_lot(before, self.picture())

    def _own_change(self, standing: OwnStanding, more: dict[str, Any]) -> bytes:
        mine = self._faces.own_change(self._standing, standing)
        if more == self._more:
            return mine
        names = self._more | more
        others = changed(names, *([each.get(name, UNSET) for name in names] for each in (self._more, more)))
        return b"%b,%b" % (mine, others) if mine else others

    def picture(self) -> shown.Lot:
        """The lot as it was last seen: its `at_us` tells nothing of what others did since."""
        place = {"channel": self.channel, "epoch": self.epoch, "offset": self.offset, "at_us": self._at_us}
        standing = dict(zip(self._faces.own_names(), self._standing, strict=True))
        return replace(picture(self._shown), **place, **standing, **self._more)
