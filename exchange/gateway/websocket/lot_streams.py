"""The channel `lot`: a lot as one viewer may see it, whole at first, then what changes.

Guarantees: as all streams; nothing is sent where a viewer sees what it saw before, whatever others did. A viewer costs
little more than its own rank: a bid may have to be told to ten thousand of them.
"""

from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from exchange.core.messages import shown
from exchange.core.visibility.own_lots import OwnStanding
from exchange.gateway.limits import LOT_RING_FRAMES_MAX
from exchange.gateway.websocket.faces import changed, picture
from exchange.gateway.websocket.streams import Name, Source, Stream


class LotStream(Stream):
    """One lot as one viewer may see it, whenever that changes."""

    __slots__ = ("_at_us", "_faces", "_more", "_shown", "_standing", "_viewer")
    frames_max = LOT_RING_FRAMES_MAX

    def __init__(self, name: Name, source: Source, offset: int) -> None:
        super().__init__(name, source, offset)
        self._viewer = name.member_id
        self._at_us = source.now_us()
        self._faces = source.faces_of(name.subject)
        sight = self._faces.sight(self._viewer)
        assert sight is not None, "nobody follows a lot that it may not see"
        face, self._standing, self._more = sight
        self._shown = face.seen

    def follow(self) -> None:
        """Nothing is sent where this viewer sees what it saw before, whatever others did."""
        turn = self._faces.now
        sight = turn.sights.get(self._viewer)
        if sight is None:
            return
        face, standing, more = sight
        change = mine = b""
        if face.seen is not self._shown:
            change = face.change_from(self._shown)
            self._shown = face.seen
        if standing != self._standing or more != self._more:
            mine = self._own_change(standing, more)
            self._standing, self._more = standing, more
        if change or mine:
            self._at_us = self.views.at_us
            self.publish_frame(turn.frame(self.offset + 1, change, mine), now=turn.crowded)

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
