"""A lot as the classes of its viewers see it, commit by commit.

Guarantees: what all viewers of a class see is made, compared and encoded once a commit, and only for classes that
follow the lot; frames that are alike are one object. Of what is a viewer's own there are only the ranks, found for
a whole crowd in one pass.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import compress
from operator import attrgetter, is_not
from typing import Any, Final

import msgspec
from msgspec import UNSET
from msgspec.structs import astuple

from exchange.core.market.sourcing import Lot, SourcingEvent
from exchange.core.messages import shown
from exchange.core.visibility.lots import (
    TIMED,
    LotFace,
    Relation,
    lot_face,
    lot_relations,
    sees_as_newcomer,
    timed_face,
)
from exchange.core.visibility.own_lots import OwnStanding, own_names
from exchange.gateway.websocket.wire import text_frame
from exchange.views.views import Views

CROWD: Final = 64
"""Viewers of one lot, from which on they are written to one by one."""
RANKED_AT_ONCE: Final = 8
"""From one viewer in so many bidders on, all ranks together cost less than each alone."""
_encode: Final = msgspec.json.Encoder().encode
_NAMES: Final = shown.Lot.__struct_fields__
_times: Final = attrgetter(*TIMED)
NO_STANDING: Final[OwnStanding] = (UNSET, UNSET, UNSET, UNSET)
NO_MORE: Final[dict[str, Any]] = {}
_HEADS: Final = {name: b'"%b":' % name.encode() for name in _NAMES}


def changed(names: Iterable[str], before: Sequence[Any], now: Sequence[Any]) -> bytes:
    """The fields that differ as the inside of a JSON object, without braces; null for what isn't there any more."""
    others = compress(
        zip(names, before, now, strict=True), map(is_not, before, now)
    )  # a quick look: nearly none
    return b",".join([
        _HEADS[name] + (b"null" if new is UNSET else _encode(new)) for name, old, new in others if old != new
    ])  # fmt: skip


def changed_lot(before: shown.Lot, now: shown.Lot) -> bytes:
    """The same of two faces."""
    return changed(_NAMES, astuple(before), astuple(now))


def changed_times(before: shown.Lot, now: shown.Lot) -> bytes:
    """The same where nothing but the timetable can differ."""
    return changed(TIMED, _times(before), _times(now))


class Face:
    """What a class of viewers sees of a lot. `lot` is another object if and only if it is another picture than before."""

    __slots__ = ("before", "change", "lot", "own")

    def __init__(self, face: LotFace) -> None:
        self.lot = self.before = face.lot
        self.own = face.own
        self.change = b""
        """From `before` to `lot`."""

    def turn(self, event: SourcingEvent, lot: Lot, seen_as: Relation, *, newcomer: bool, timed: bool) -> None:
        """A new commit; `timed`: it did no more than move the lot's timetable."""
        face = timed_face(event, lot, LotFace(self.lot, self.own), newcomer=newcomer) if timed else None
        change = changed_lot if face is None else changed_times
        face = face or lot_face(event, lot, seen_as, newcomer=newcomer)
        self.own = face.own
        if face.lot != self.lot:
            self.change = change(self.lot, face.lot)
            self.before, self.lot = self.lot, face.lot

    def change_from(self, lot: shown.Lot) -> bytes:
        """What is told to whom that was shown."""
        return self.change if lot is self.before else changed_lot(lot, self.lot)


Sight = tuple[Face, OwnStanding, dict[str, Any]]
"""What one viewer sees: what its class does, and of itself its standing and more."""


class Faces:
    """The faces of one lot, for as long as anybody follows it.

    `sights` are those of the last commit; nobody's who may not see the lot any more.
    """

    __slots__ = (
        "_begun", "_event", "_faces", "_for_newcomers", "_head", "_instant", "_lot", "_shared", "_views", "crowded",
        "sights",
    )  # fmt: skip

    def __init__(self, views: Views, lot_id: str, epoch: int) -> None:
        self._views = views
        self._lot = views.sourcing.lots[lot_id]
        self._event = views.sourcing.event_of(self._lot)
        self._faces: dict[Relation, Face] = {}
        self._for_newcomers: dict[Relation, Face] = {}
        self.sights: dict[str, Sight] = {}
        self.crowded = False
        self._head = b'{"type":"lot_delta","channel":"lot:%b","epoch":%d,"offset":' % (lot_id.encode(), epoch)
        self._instant = b""
        self._begun: dict[tuple[int, bytes], bytes] = {}  # by the offset and what the class is told
        self._shared: dict[tuple[int, bytes], bytes] = {}

    def turn(self, viewers: Sequence[str], *, timed: bool) -> None:
        """The lot has changed, or `timed` alone has: this is what these viewers see of it now."""
        event, lot, board = self._event, self._lot, self._lot.board
        self.crowded = len(viewers) >= CROWD
        self._instant = b',"at_us":%d,"changed":{' % self._views.at_us
        self._begun, self._shared = {}, {}
        for seen_as, face in self._faces.items():
            face.turn(event, lot, seen_as, newcomer=False, timed=timed)
        for seen_as, face in self._for_newcomers.items():
            face.turn(event, lot, seen_as, newcomer=True, timed=timed)
        rank_of: Callable[[str], int] = board.rank_of
        if Relation.SUPPLIER in self._faces and len(viewers) * RANKED_AT_ONCE >= board.bidders:
            rank_of = board.ranks().__getitem__
        self.sights = self._seen(viewers, rank_of)

    def sight(self, viewer: str) -> Sight | None:
        """What somebody who has not followed the lot sees of it; nothing where it may not."""
        return self._seen([viewer], self._lot.board.rank_of).get(viewer)

    def _seen(self, viewers: Sequence[str], rank_of: Callable[[str], int]) -> dict[str, Sight]:
        sights: dict[str, Sight] = {}
        hides = self._event.disclosure.lead_visible_after_valid_bid
        relations = lot_relations(self._event, self._lot, viewers, self._views.operators)
        for viewer, seen_as in zip(viewers, relations, strict=True):
            if seen_as is None:
                continue
            newcomer = hides and sees_as_newcomer(self._event, self._lot, viewer, seen_as)
            faces = self._for_newcomers if newcomer else self._faces
            face = faces.get(seen_as)
            if face is None:
                made = lot_face(self._event, self._lot, seen_as, newcomer=newcomer)
                face = faces[seen_as] = Face(made)
            own = face.own
            if own is None:
                sights[viewer] = face, NO_STANDING, NO_MORE
            else:
                more = own.more(viewer) if own.extras or viewer in own.few else NO_MORE
                sights[viewer] = face, own.standing(viewer, rank_of), more
        return sights

    def own_names(self) -> tuple[str, str, str, str]:
        """What the parts of an own standing are called."""
        return own_names(self._lot)

    def own_change(self, before: OwnStanding, now: OwnStanding) -> bytes:
        """As `changed`, of an own standing."""
        rank = now[1]
        if rank is not UNSET and now == (before[0], rank, before[2], before[3]):  # a crowd's, nearly always
            return b'"own_rank":%d' % rank
        return changed(own_names(self._lot), before, now)

    def frame(self, offset: int, change: bytes, mine: bytes) -> bytes:
        """What a viewer is told in this commit, at this offset of its stream: of its class, and of its own."""
        if not mine:
            return self._shared.get((offset, change)) or self._share(offset, change)
        begun = self._begun.get((offset, change)) or self._begin(offset, change)
        return text_frame(begun + mine + b"}}")

    def _begin(self, offset: int, change: bytes) -> bytes:
        """All of a frame's payload before what is a viewer's own."""
        parts = self._head, b"%d" % offset, self._instant, change, b"," if change else b""
        begun = self._begun[offset, change] = b"".join(parts)
        return begun

    def _share(self, offset: int, change: bytes) -> bytes:
        payload = b"%b%d%b%b}}" % (self._head, offset, self._instant, change)
        frame = self._shared[offset, change] = text_frame(payload)
        return frame
