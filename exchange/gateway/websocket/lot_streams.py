"""The channel `lot`: a lot as one viewer may see it, whole at first, then what changes.

Guarantees: as all streams; nothing is sent where a viewer sees what it saw before, whatever others did. What all
viewers of a class see is compared and encoded once a commit, so that a viewer costs little more than its own rank:
a bid may have to be told to ten thousand of them.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import UNSET
from msgspec.structs import asdict, replace

from exchange.core.messages import shown
from exchange.core.visibility.lots import LotFace, Relation, lot_face, lot_relation, own_fields
from exchange.gateway.websocket.streams import Name, Source, Stream
from exchange.gateway.websocket.wire import text_frame
from exchange.views.views import Views

CROWD: Final = 8
"""From one viewer in so many bidders on, all ranks together cost less than each alone."""
_SUPPLIER: Final = Relation.SUPPLIER
_encode: Final = msgspec.json.Encoder().encode
_HEADS: Final = {name: b'"%b":' % name.encode() for name in shown.Lot.__struct_fields__}


def changed_fields(before: dict[str, Any], now: dict[str, Any]) -> bytes:
    """What has changed as the inside of a JSON object, without braces; null for what isn't there any more."""
    parts = [
        _HEADS[name] + (b"null" if value is UNSET else _encode(value))
        for name, value in now.items()
        if before.get(name, UNSET) != value
    ]
    if before.keys() != now.keys():
        parts += [_HEADS[name] + b"null" for name in before if name not in now]
    return b",".join(parts)


class Face:
    """What a class of viewers sees of a lot: the face as it is, and in which version it is that."""

    __slots__ = ("change", "face", "version")

    def __init__(self, face: LotFace) -> None:
        self.face = face
        self.version = 0
        self.change = b""
        """From the version before."""

    def take(self, face: LotFace) -> None:
        """A new commit."""
        if face.lot != self.face.lot:
            self.change = changed_fields(asdict(self.face.lot), asdict(face.lot))
            self.version += 1
        self.face = face


class Faces:
    """The faces of one lot, for as long as anybody follows it; `turn` brings them up to a commit."""

    def __init__(self, views: Views, lot_id: str) -> None:
        self._views = views
        self._lot_id = lot_id
        self._faces: dict[Relation, Face] = {}
        self._ranks: dict[str, int] = {}
        self._ranked = False

    def of(self, seen_as: Relation) -> Face:
        """The face for viewers of this relation."""
        face = self._faces.get(seen_as)
        if face is None:
            face = self._faces[seen_as] = Face(self._made(seen_as))
        return face

    def turn(self) -> None:
        """The lot has changed."""
        self._ranked = False
        for seen_as, face in self._faces.items():
            face.take(self._made(seen_as))

    def rank_of(self, viewers: int) -> Callable[[str], int]:
        """How to find the rank of a bidder in this commit, where so many may be asked for."""
        board = self._views.sourcing.lots[self._lot_id].board
        if viewers * CROWD < board.bidders:
            return board.rank_of
        if not self._ranked:
            self._ranks, self._ranked = board.ranks(), True
        return self._ranks.__getitem__

    def _made(self, seen_as: Relation) -> LotFace:
        lot = self._views.sourcing.lots[self._lot_id]
        return lot_face(self._views.sourcing.events[lot.event_id], lot, seen_as)


class LotStream(Stream):
    """One lot as one viewer may see it, whenever that changes."""

    def __init__(self, name: Name, source: Source, offset: int) -> None:
        super().__init__(name, source, offset)
        self._at_us = source.now_us()
        self._head = b'{"type":"lot_delta","channel":"%b","epoch":%d,"offset":' % (
            self.channel.encode(),
            self.epoch,
        )

    def join(self, faces: Faces) -> None:
        """Begin with the lot as it is."""
        self._faces = faces
        seen_as = self._seen_as()
        assert seen_as is not None, "nobody follows a lot that it may not see"
        self._face = faces.of(seen_as)
        self._version, self._shown = self._face.version, self._face.face.lot
        self._own = self._own_fields(self._face, None) if seen_as is _SUPPLIER else {}

    def follow(self, rank_of: Callable[[str], int] | None = None) -> None:
        """Nothing is sent where this viewer sees what it saw before, whatever others did."""
        seen_as = self._seen_as()
        if seen_as is None:
            return
        face = self._faces.of(seen_as)
        own = self._own_fields(face, rank_of) if seen_as is _SUPPLIER else {}
        same_face = face is self._face and face.version == self._version
        if same_face and own == self._own:
            return
        change = b"" if same_face else self._class_change(face)
        mine = changed_fields(self._own, own)
        self._face, self._version, self._shown, self._own = face, face.version, face.face.lot, own
        self._at_us = self.views.at_us
        if change or mine:
            parts = b"%b,%b" % (change, mine) if change and mine else change or mine
            payload = b'%b%d,"at_us":%d,"changed":{%b}}' % (self._head, self.offset + 1, self._at_us, parts)
            self.publish_frame(text_frame(payload))

    def picture(self) -> shown.Lot:
        """The lot as it was last seen: its `at_us` tells nothing of what others did since."""
        place = {"channel": self.channel, "epoch": self.epoch, "offset": self.offset, "at_us": self._at_us}
        return replace(self._shown, **place, **self._own)

    def _class_change(self, face: Face) -> bytes:
        if face is self._face and face.version == self._version + 1:
            return face.change
        return changed_fields(asdict(self._shown), asdict(face.face.lot))

    def _seen_as(self) -> Relation | None:
        """What the viewer is to the lot; nothing once it may not see it any more."""
        views, member_id = self.views, self.name.member_id
        lot = views.sourcing.lots[self.name.subject]
        event = views.sourcing.events[lot.event_id]
        return lot_relation(event, lot, member_id, is_operator=views.is_operator(member_id))

    def _own_fields(self, face: Face, rank_of: Callable[[str], int] | None) -> dict[str, Any]:
        lot = self.views.sourcing.lots[self.name.subject]
        event = self.views.sourcing.events[lot.event_id]
        return own_fields(event, lot, self.name.member_id, face.face, rank_of)
