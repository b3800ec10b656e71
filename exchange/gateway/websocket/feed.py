"""Feeds: who follows which channel, and what each commit sends them.

Guarantees: everything comes from the views, so nothing unflushed is ever sent; each commit makes each frame
once and ends with one write per connection; a channel that a member may not follow answers as if there were
none. A stream that nobody follows any more goes on for a minute, so that whoever comes back misses nothing;
after that its numbers leave a gap, so that nobody takes an old position for a current one.
Doesn't check scopes: the session asks policy first.
"""

from collections.abc import Callable, Sequence
from typing import Final

from exchange.core.messages.shown import Subscribe, Subscribed, Unsubscribed
from exchange.core.rejects import Reject, RejectCode
from exchange.core.visibility.lots import lot_relation
from exchange.gateway.limits import IDLE_US_MAX, SUBSCRIPTIONS_MAX
from exchange.gateway.websocket.drop_stream import DropStream
from exchange.gateway.websocket.faces import AT_ONCE, Faces, Turn
from exchange.gateway.websocket.lot_streams import LotStream
from exchange.gateway.websocket.market_streams import OrdersStream, PhaseStream
from exchange.gateway.websocket.outlet import Outlet, Post
from exchange.gateway.websocket.streams import (
    BookStream,
    KeptStream,
    Name,
    NoticesStream,
    OwnStream,
    Source,
    Stream,
    TickerStream,
    TradesStream,
)
from exchange.gateway.websocket.wire import encode
from exchange.views.views import Views

UNKNOWN: Final = Reject(RejectCode.CHANNEL_UNKNOWN, field="channel")
TOO_MANY: Final = Reject(RejectCode.TOO_MANY_SUBSCRIPTIONS, SUBSCRIPTIONS_MAX, "channel")

KEPT_KINDS: Final[dict[str, type[KeptStream]]] = {
    "book": BookStream,
    "trades": TradesStream,
    "ticker": TickerStream,
    "orders": OrdersStream,
    "phase": PhaseStream,
    "notices": NoticesStream,
    "own": OwnStream,
    "drop_copy": DropStream,
}
"""By the part of a channel's name before the colon."""
KINDS: Final[dict[str, type[Stream]]] = KEPT_KINDS | {"lot": LotStream}
BOOK_KINDS: Final = ("book", "trades", "ticker", "orders", "phase")
NOBODY: Final[dict[str, KeptStream]] = {}
UNNAMED_KINDS: Final = frozenset({"notices", "own", "drop_copy"})
"""Channels that are one for each member, or one for all: their name has no second part."""


class Feed:
    """All streams. `release` is called once per commit, `tick` about once a second."""

    def __init__(self, views: Views, epoch: int, now_us: Callable[[], int], post: Post) -> None:
        self.views = views
        self.epoch = epoch
        self.post = post
        self._now_us = now_us
        self._source = Source(views, epoch, now_us)
        self._streams: dict[Name, Stream] = {}
        self._followed: dict[str, dict[str, dict[str, KeptStream]]] = {kind: {} for kind in KEPT_KINDS}
        """By subject, then by viewer."""
        self._faces: dict[str, Faces] = {}  # of the lots that are followed
        self._turn = Turn()
        self._given_up: dict[Name, int] = {}  # offsets at which streams ended

    @property
    def streams(self) -> int:
        """How many are kept up."""
        return len(self._streams)

    # --- following ---------------------------------------------------------------------------------

    def subscribe(self, outlet: Outlet, member_id: str, wish: Subscribe) -> Reject | None:
        """Follow a channel, from a position or from a snapshot; asking again for a followed one starts anew.

        Nothing for a connection that was closed while its last frames came in. Checks: CHANNEL_UNKNOWN,
        TOO_MANY_SUBSCRIPTIONS.
        """
        if not outlet.open:
            return None
        outlet.leave(wish.channel)
        name = self._name(member_id, wish.channel)
        if name is None:
            return UNKNOWN
        if len(outlet.streams) >= SUBSCRIPTIONS_MAX:
            return TOO_MANY
        stream = self._streams.get(name) or self._begin(name)
        outlet.streams[wish.channel] = stream
        stream.outlets[outlet] = None
        late = outlet.behind and stream.conflates
        missed = None if late else stream.missed_since(wish.epoch, wish.offset)
        outlet.send(encode(Subscribed(wish.channel, self.epoch, stream.offset, missed is not None)))
        if late:
            outlet.missed[stream] = None  # its snapshot comes when all before it has been read
        else:
            outlet.send_asked([stream.snapshot()] if missed is None else missed)
        return None

    def unsubscribe(self, outlet: Outlet, channel: str) -> Reject | None:
        """Stop following. Checks: CHANNEL_UNKNOWN, if it isn't followed."""
        if not outlet.leave(channel):
            return UNKNOWN
        outlet.send(encode(Unsubscribed(channel)))
        return None

    def _name(self, member_id: str, channel: str) -> Name | None:
        """The stream that the channel means for this member; nothing if there is none that it may follow."""
        kind, colon, subject = channel.partition(":")
        views = self.views
        if kind in UNNAMED_KINDS:
            if colon or (kind == "drop_copy" and not views.oversees(member_id)):
                return None
            subject = member_id if kind == "own" else ""
            return Name(channel, kind, subject, "" if kind == "notices" else member_id)
        if kind in BOOK_KINDS:
            return Name(channel, kind, subject, "") if subject in views.market.books else None
        lot = views.sourcing.lots.get(subject) if kind == "lot" else None
        if lot is None:
            return None
        event = views.sourcing.events[lot.event_id]
        seen_as = lot_relation(event, lot, member_id, is_operator=views.is_operator(member_id))
        return None if seen_as is None else Name(channel, kind, subject, member_id)

    def _begin(self, name: Name) -> Stream:
        offset = self._given_up.pop(name, -1) + 1
        stream: Stream
        if name.kind == "lot":
            stream = LotStream(name, self._source, offset, self._faces_of(name.subject))
        else:
            stream = KEPT_KINDS[name.kind](name, self._source, offset)
            self._followed[name.kind].setdefault(name.subject, {})[name.member_id] = stream
        self._streams[name] = stream
        return stream

    def _faces_of(self, lot_id: str) -> Faces:
        faces = self._faces.get(lot_id)
        if faces is None:
            faces = self._faces[lot_id] = Faces(self.views, lot_id, self.epoch)
        return faces

    def _end(self, stream: Stream) -> None:
        name = stream.name
        stream.end()
        self._given_up[name] = stream.offset
        del self._streams[name]
        if name.kind == "lot":
            if not self._faces[name.subject].followers:
                del self._faces[name.subject]
            return
        followed = self._followed[name.kind]
        del followed[name.subject][name.member_id]
        if not followed[name.subject]:
            del followed[name.subject]

    # --- what a commit sends -----------------------------------------------------------------------

    def release(self, released: Sequence[object]) -> None:
        """The views have taken the commit over: tell everybody, and write once to each connection."""
        if released and self._streams:
            self._publish()
        self.post.catch_up()
        self.post.flush()

    def _publish(self) -> None:
        views = self.views
        for book in views.market.changed:
            for kind in BOOK_KINDS:
                for stream in self._followed[kind].get(book.instrument_id, NOBODY).values():
                    stream.follow()
        for member_id in views.own.changed:
            for stream in self._followed["own"].get(member_id, NOBODY).values():
                stream.follow()
        turn, changed = self._turn, views.sourcing.changed
        turn.commit(views.at_us, views.sourcing.roster)
        if views.recast:
            changed = dict.fromkeys(self._followed_by_recast(), True) | changed
        for lot_id, timed in changed.items():
            if faces := self._faces.get(lot_id):
                faces.turn(turn, timed=timed)
                if len(faces.followers) < AT_ONCE:
                    faces.tell(turn, faces.followers.values())
                else:
                    self._tell_crowd(faces)
        if views.drops.fresh:
            self._drop()
        if views.catalogue.fresh or views.catalogue.fresh_adverts:
            for stream in self._followed["notices"].get("", NOBODY).values():
                stream.follow()

    def _followed_by_recast(self) -> list[str]:
        """The lots that members follow who began or ceased to act for the exchange."""
        recast, lots = self.views.recast, self.views.sourcing.lots
        followed = (name for name in self._streams if name.kind == "lot" and name.member_id in recast)
        return [name.subject for name in followed if name.subject in lots]

    def _tell_crowd(self, faces: Faces) -> None:
        """The first read while the frames of the last are made."""
        self.post.flush()  # acks do not wait until everybody has been told
        followers = self.post.rotated(list(faces.followers.values()))
        for first in range(0, len(followers), AT_ONCE):
            faces.tell(self._turn, followers[first : first + AT_ONCE])
            self.post.flush()

    def _drop(self) -> None:
        """Each overseer has a stream of its own, which goes on without it once it oversees no more."""
        for stream in self._followed["drop_copy"].get("", NOBODY).values():
            if not self.views.oversees(stream.name.member_id):
                for outlet in list(stream.outlets):
                    self.unsubscribe(outlet, stream.channel)
            stream.follow()

    # --- what a second sends -----------------------------------------------------------------------

    def tick(self) -> None:
        """Heartbeats on the book channels; give up streams that nobody has followed for long."""
        now_us = self._now_us()
        for stream in list(self._streams.values()):
            if stream.outlets:
                stream.idle_since_us = 0
                if isinstance(stream, (BookStream, OrdersStream)):
                    stream.heartbeat(now_us)
            elif not stream.idle_since_us:
                stream.idle_since_us = now_us
            elif now_us - stream.idle_since_us > IDLE_US_MAX:
                self._end(stream)
        self.post.catch_up()
        self.post.flush()
