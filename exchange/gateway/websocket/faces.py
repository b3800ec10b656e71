"""A lot as the classes of its viewers see it, commit by commit.

Guarantees: what all viewers of a class see is made, compared and encoded once a commit, and only for classes that
follow the lot; frames that are alike are one object. Of what is a viewer's own there are only the ranks, found for
a whole crowd in one pass.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, Final, Protocol

import msgspec
from msgspec import UNSET
from msgspec.structs import astuple

from exchange.core.market.sourcing import Lot, SourcingEvent
from exchange.core.messages import shown
from exchange.core.visibility.lots import (
    LotFace,
    Relation,
    Times,
    at_times,
    lot_face,
    lot_relations,
    own_in_time,
    sees_as_newcomer,
    time_alone,
    times_of,
)
from exchange.core.visibility.own_lots import OwnStanding, own_names
from exchange.gateway.websocket.wire import text_frame
from exchange.views.views import Views

AT_ONCE: Final = 64
"""Viewers of a lot who are told and written to before the next are: so few that the first need not wait for the last, so
many that whoever reads on the same machine is woken less often."""
RANKED_AT_ONCE: Final = 8
"""From one viewer in so many bidders on, all ranks together cost less than each alone."""
_encode: Final = msgspec.json.Encoder().encode
_NAMES: Final = shown.Lot.__struct_fields__
_TIMED: Final = Times.__struct_fields__
_timed: Final[Callable[[shown.Lot], tuple[Any, ...]]] = attrgetter(*_TIMED)
_SUPPLIER: Final = Relation.SUPPLIER
NO_STANDING: Final[OwnStanding] = (UNSET, UNSET, UNSET, UNSET)
NO_MORE: Final[dict[str, Any]] = {}
_HEADS: Final = {name: b'"%b":' % name.encode() for name in _NAMES}


def changed(names: Iterable[str], before: Sequence[Any], now: Sequence[Any]) -> bytes:
    """The fields that differ as the inside of a JSON object, without braces; null for what isn't there any more."""
    pairs = zip(names, before, now, strict=True)
    return b",".join([
        _HEADS[name] + (b"null" if new is UNSET else _encode(new))
        for name, old, new in pairs
        if old is not new and old != new
    ])  # fmt: skip


class Face:
    """What a class of viewers sees of a lot, and the `change` by which it differs from what it was before the last commit
    that touched the lot. That is not kept: to free it would cost more than to tell what changed.
    """

    __slots__ = ("_lot", "_moved", "_times", "change", "newcomer", "own", "seen_as")

    def __init__(self, face: LotFace, seen_as: Relation, *, newcomer: bool) -> None:
        self.seen_as, self.newcomer = seen_as, newcomer
        self.own = face.own
        self.change = b""
        self._look_at(face.lot)

    def _look_at(self, lot: shown.Lot) -> None:
        self._lot, self._times, self._moved = lot, Times(*_timed(lot)), False

    def picture(self) -> shown.Lot:
        """The lot as it is: as it was last looked at, and where time alone has moved it since."""
        return at_times(self._lot, self._times) if self._moved else self._lot

    def turn(self, event: SourcingEvent, lot: Lot) -> None:
        """A new commit."""
        face = lot_face(event, lot, self.seen_as, newcomer=self.newcomer)
        self.own = face.own
        self.change = changed(_NAMES, astuple(self.picture()), astuple(face.lot))
        if self.change:
            self._look_at(face.lot)

    def turn_in_time(self, event: SourcingEvent, lot: Lot, turn: "Turn") -> None:
        """A new commit that did no more than move the lot's timetable."""
        if self.own is not None:
            self.own = own_in_time(event, lot, self._lot, self.own, newcomer=self.newcomer)
        self.change = turn.moved(self._times)
        if self.change:
            self._times, self._moved = turn.times, True


Sight = tuple[Face, OwnStanding, dict[str, Any]]
"""What one viewer sees: what its class does, and of itself its standing and more."""


class Turn:
    """One commit, lot by lot: the frames that tell its viewers. Frames that are alike are one object, and so are the times
    of lots that follow each other and move alike.
    """

    __slots__ = (
        "_before", "_begun", "_change", "_head", "_instant", "_shared", "_told", "rank_of", "roster", "times",
    )  # fmt: skip
    rank_of: Callable[[int], int]
    """By alias."""

    def __init__(self) -> None:
        self._head = self._instant = b""
        self._begun: dict[tuple[int, bytes], bytes] = {}  # by the offset and what the class is told
        self._shared: dict[tuple[int, bytes], bytes] = {}
        self.times = self._before = self._told = Times("", 0, 0, 0, UNSET, UNSET)
        self._change = b""
        self.roster = 0

    def commit(self, at_us: int, roster: int) -> None:
        """The next commit, after which members stand as in this `roster` of the views."""
        self._instant, self.roster = b',"at_us":%d,"changed":{' % at_us, roster

    def begin(self, head: bytes, rank_of: Callable[[int], int]) -> None:
        """The next lot."""
        self._head, self.rank_of = head, rank_of
        self._begun.clear()
        self._shared.clear()

    def move(self, times: Times) -> None:
        """The next lot's timetable stands so by now."""
        if times != self.times:
            self.times = times

    def moved(self, before: Times) -> bytes:
        """As `changed`, of the next lot's times."""
        if self.times is not self._told or before != self._before:
            self._change = changed(_TIMED, astuple(before), astuple(self.times))
            self._before, self._told = before, self.times
        return self._change

    def frame(self, offset: int, change: bytes) -> bytes:
        """What a viewer is told, at this offset of its stream, of whom nothing of its own has changed."""
        at = offset, change
        frame = self._shared.get(at)
        if frame is None:
            payload = b"%b%d%b%b}}" % (self._head, offset, self._instant, change)
            frame = self._shared[at] = text_frame(payload)
        return frame

    def own_frame(self, offset: int, change: bytes, mine: bytes) -> bytes:
        """The same with what is its own."""
        begun = self._begun.get((offset, change)) or self._begin(offset, change)
        return text_frame(b"%b%b}}" % (begun, mine))

    def _begin(self, offset: int, change: bytes) -> bytes:
        """All of a frame's payload before what is a viewer's own."""
        parts = self._head, b"%d" % offset, self._instant, change, b"," if change else b""
        begun = self._begun[offset, change] = b"".join(parts)
        return begun


class Follower(Protocol):
    """The stream of one `viewer` of the lot, and what that is to the event; None if it may not see the lot any more. It
    was told all that `face` told, and began with that one; None if it has to begin anew.
    """

    viewer: str
    offset: int
    seen_as: Relation | None
    face: Face | None

    def lose_sight(self) -> None:
        """It may not see the lot as it is by now."""
        ...

    def see(self, turn: Turn, sight: Sight) -> None:
        """Tell what the commit has changed for it."""
        ...

    def hear(self, frame: bytes) -> None:
        """Send the frame that tells what the commit has changed for it."""
        ...


class Faces:
    """The faces of one lot, for as long as it has `followers`, by viewer."""

    __slots__ = ("_alone", "_event", "_faces", "_head", "_known", "_lot", "_ranked", "_views", "followers")

    def __init__(self, views: Views, lot_id: str, epoch: int) -> None:
        self.followers: dict[str, Follower] = {}
        self._views = views
        self._lot = views.sourcing.lots[lot_id]
        self._event = views.sourcing.event_of(self._lot)
        self._alone = time_alone(self._lot)  # which a commit that is `timed` leaves as it is
        self._faces: list[Face] = []  # of few classes
        self._ranked = False  # whether some have a rank of their own
        self._known = -1  # for which roster all followers were looked up
        self._head = b'{"type":"lot_delta","channel":"lot:%b","epoch":%d,"offset":' % (lot_id.encode(), epoch)

    def turn(self, turn: Turn, *, timed: bool) -> None:
        """The lot has changed, or no more than its timetable has (`timed`): begin to tell."""
        event, lot = self._event, self._lot
        if not timed:
            self._alone = time_alone(lot)
        if self._known != turn.roster:
            self._look_up(turn.roster)
        if timed and self._alone:
            turn.move(times_of(event, lot))
            for face in self._faces:
                face.turn_in_time(event, lot, turn)
        else:
            for face in self._faces:
                face.turn(event, lot)
        turn.begin(self._head, self._ranks() if self._ranked else self._rank)

    def _ranks(self) -> Callable[[int], int]:
        """All ranks at once, if that is cheaper."""
        board = self._lot.board
        all_at_once = len(self.followers) * RANKED_AT_ONCE >= board.bidders
        return board.ranks().__getitem__ if all_at_once else self._rank

    def _rank(self, alias: int) -> int:
        return self._lot.board.rank_of_alias(alias)

    def _look_up(self, roster: int) -> None:
        self._known = roster
        followers = self.followers.values()
        for follower, seen_as in zip(followers, self.relations(self.followers), strict=True):
            follower.seen_as = seen_as

    def relations(self, viewers: Iterable[str]) -> list[Relation | None]:
        """What they are to the event."""
        return lot_relations(self._event, self._lot, viewers, self._views.operators)

    def tell(self, turn: Turn, followers: Iterable[Follower]) -> None:
        """Each of these what it sees now, and did not see before."""
        sight, rank_of = self._sight, turn.rank_of
        for follower in followers:
            seen_as, face = follower.seen_as, follower.face
            if seen_as is None:
                follower.lose_sight()
            elif face is None or face.own is not None or face.seen_as is not seen_as:
                follower.see(turn, sight(follower.viewer, seen_as, rank_of))
            elif face.change:  # of who has nothing of its own
                follower.hear(turn.frame(follower.offset + 1, face.change))

    def sight(self, viewer: str, seen_as: Relation) -> Sight:
        """What somebody sees of it who has not followed the lot."""
        return self._sight(viewer, seen_as, self._rank)

    def _sight(self, viewer: str, seen_as: Relation, rank_of: Callable[[int], int]) -> Sight:
        event = self._event
        newcomer = event.disclosure.lead_visible_after_valid_bid and sees_as_newcomer(
            event, self._lot, viewer, seen_as
        )
        for face in self._faces:
            if face.seen_as is seen_as and face.newcomer is newcomer:
                break
        else:
            face = self._begin(seen_as, newcomer=newcomer)
        own = face.own
        if own is None:
            return face, NO_STANDING, NO_MORE
        more = own.more(viewer) if own.extras or viewer in own.few else NO_MORE
        return face, own.standing(viewer, rank_of), more

    def _begin(self, seen_as: Relation, *, newcomer: bool) -> Face:
        made = lot_face(self._event, self._lot, seen_as, newcomer=newcomer)
        face = Face(made, seen_as, newcomer=newcomer)
        self._faces.append(face)
        self._ranked = self._ranked or (seen_as is _SUPPLIER and not newcomer)
        return face

    def own_names(self) -> tuple[str, str, str, str]:
        """What the parts of an own standing are called."""
        return own_names(self._lot)

    def own_change(self, before: OwnStanding, now: OwnStanding) -> bytes:
        """As `changed`, of an own standing."""
        rank = now[1]
        if rank is not UNSET and now == (before[0], rank, before[2], before[3]):  # a crowd's, nearly always
            return b'"own_rank":%d' % rank
        return changed(own_names(self._lot), before, now)
