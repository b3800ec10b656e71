"""An exchange without sockets and without a journal: real kernel, views, feed and sessions; commits by hand."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from exchange.core.messages import AnyCommand, PlaceOrder, Reply, Role, Side, shown
from exchange.core.rejects import Reject, RejectCode
from exchange.engine.base import Released, Sink
from exchange.gateway.auth import Identity, Scope
from exchange.gateway.websocket.feed import Feed
from exchange.gateway.websocket.outlet import Post
from exchange.gateway.websocket.seats import Seats
from exchange.gateway.websocket.session import Session
from exchange.views.views import Views
from tests.core.venue import Venue

EPOCH = 5
EVERY_SCOPE = frozenset(Scope)

_decode = msgspec.json.Decoder(shown.ServerFrame).decode
_encode = msgspec.json.Encoder().encode


def payloads(frames: bytes) -> list[bytes]:
    """The payloads of whole unmasked text frames."""
    found = []
    while frames:
        assert frames[0] == 0x81, "a text frame that is whole"
        wide = {126: 2, 127: 8}.get(frames[1], 0)
        header = 2 + wide
        length = int.from_bytes(frames[2:header], "big") if wide else frames[1]
        assert len(frames) >= header + length
        found.append(frames[header : header + length])
        frames = frames[header + length :]
    return found


def applied(delta: shown.LotDelta, lot: shown.Lot) -> shown.Lot:
    """The whole lot after a change, as a client makes it of both."""
    place = {"offset": delta.offset, "at_us": delta.at_us}
    fields = msgspec.to_builtins(lot) | delta.changed | place
    return msgspec.convert({name: value for name, value in fields.items() if value is not None}, shown.Lot)


class Line:
    """The far end of a connection: what was written to it, until it is heard. It may stop to read."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.reads = True
        self.stuck_bytes = 0
        self.closed: tuple[int, str] | None = None

    def write(self, frames: bytes) -> None:
        assert self.closed is None, "nothing follows a close"
        assert frames
        self.writes.append(frames)
        self.stuck_bytes += 0 if self.reads else len(frames)

    def buffered(self) -> int:
        return self.stuck_bytes

    def close(self, code: int, reason: str) -> None:
        assert self.closed is None, "closed once"
        self.closed = code, reason

    def heard_bytes(self) -> list[bytes]:
        """Payloads of everything that was written since the last time."""
        writes, self.writes = self.writes, []
        return payloads(b"".join(writes))

    def heard(self) -> list[shown.ServerFrame]:
        """The same as messages."""
        return [_decode(payload) for payload in self.heard_bytes()]


class _Waiting(NamedTuple):
    member_id: str
    session: int
    command: AnyCommand | None
    sink: Sink | None
    ref: int


class Floor:
    """What waits is executed and released by `commit`. `refusing` is what the engine answers at once instead."""

    def __init__(self, seats: Seats | None = None, venue: Venue | None = None) -> None:
        self.venue = venue or Venue()
        self.views = Views.from_kernel(self.venue.kernel)
        self._soon: list[Callable[[], None]] = []
        self.post = Post(self.now_us, self._soon.append)
        self.feed = Feed(self.views, EPOCH, self.now_us, self.post)
        self.seats = seats or Seats()
        self.keys: dict[str, Identity] = {}
        self.refusing: Reject | None = None
        self._waiting: list[_Waiting] = []
        self._released = len(self.venue.log)

    # --- the engine's side -------------------------------------------------------------------------

    def now_us(self) -> int:
        return self.venue.at_us

    def find(self, key: str) -> Identity | None:
        return self.keys.get(key)

    def submit(self, member_id: str, session: int, command: AnyCommand, sink: Sink | None) -> Reject | None:
        if self.refusing is None:
            self._waiting.append(_Waiting(member_id, session, command, sink, 0))
        return self.refusing

    def resolve(self, member_id: str, session: int, ref: int, sink: Sink) -> Reject | None:
        if self.refusing is None:
            self._waiting.append(_Waiting(member_id, session, None, sink, ref))
        return self.refusing

    def commit(self) -> None:
        """Execute what waits; release it, and what the venue did by itself, as one commit."""
        waiting, self._waiting = self._waiting, []
        answers = [self._execute(each) for each in waiting]
        pairs = zip(self.venue.log, self.venue.outcomes, strict=True)
        everything = [Released(seq, *pair, None) for seq, pair in enumerate(pairs, 1)]
        released = everything[self._released :]
        self._released = len(everything)
        if released:
            self.views.apply(released)
        for each, reply in zip(waiting, answers, strict=True):
            if each.sink is not None:
                each.sink.settled(reply)
        self.feed.release(released)

    def _execute(self, each: _Waiting) -> Reply:
        kernel = self.venue.kernel
        if each.command is None:
            answer = kernel.sessions.reply_to(each.member_id, each.session, each.ref)
            ref = each.ref
        else:
            ref = each.command.ref
            answer = kernel.seen(each.member_id, each.session, "", each.command) or (
                self.venue.send(each.member_id, each.command, session=each.session).reply
            )
        if isinstance(answer, Reject):
            return Reply(ref, 0, self.venue.at_us, int(answer.code), answer.bound, answer.field)
        return answer

    def lose(self, reject: Reject) -> None:
        """The engine halts: nobody knows what became of what waits."""
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if each.sink is not None:
                each.sink.lost(reject)
        self.feed.release(())

    def turn(self) -> None:
        """The end of a turn of the event loop."""
        soon, self._soon[:] = list(self._soon), []
        for call in soon:
            call()

    # --- the clients' side -------------------------------------------------------------------------

    def member(self, member_id: str, *roles: Role, owner: str = "") -> str:
        """Admit a member whose key is `key-` and its id."""
        self.venue.member(member_id, *roles, owner=owner)
        self.know(member_id)
        self.commit()
        return member_id

    def know(self, member_id: str) -> None:
        """Give a member its key."""
        self.keys[f"key-{member_id}"] = Identity(member_id, f"id-of-key-{member_id}", EVERY_SCOPE)

    def connection(self) -> "Caller":
        """Somebody who has not said hello."""
        return Caller(self)

    def caller(self, member_id: str) -> "Caller":
        """A member in a new session; its welcome has been heard."""
        caller = self.connection()
        caller.say(shown.Hello(f"key-{member_id}"))
        self.commit()
        caller.line.heard()
        return caller


class Caller:
    """A client at the end of its line."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.line = Line()
        self._lots: dict[str, shown.Lot] = {}
        self.session = Session(self.line, floor, floor, floor.feed, floor.seats)

    def say(self, *messages: msgspec.Struct) -> None:
        """Send frames, all in one turn."""
        for message in messages:
            self.session.receive(_encode(message))
        self.floor.turn()

    def hear(self) -> list[shown.ServerFrame]:
        """Everything since the last time; of a lot that has changed the whole, as a client makes it of both."""
        return [self._whole(frame) for frame in self.line.heard()]

    def _whole(self, frame: shown.ServerFrame) -> shown.ServerFrame:
        if isinstance(frame, shown.LotDelta):
            frame = applied(frame, self._lots[frame.channel])
        if isinstance(frame, shown.Lot):
            self._lots[frame.channel] = frame
        return frame

    def ask(self, *messages: msgspec.Struct) -> list[shown.ServerFrame]:
        """Send frames, let them be committed, and hear what comes back."""
        self.say(*messages)
        self.floor.commit()
        return self.hear()

    def follow(self, *channels: str) -> list[shown.ServerFrame]:
        """Subscribe; what comes back."""
        self.say(*(shown.Subscribe(channel) for channel in channels))
        return self.hear()


def a_floor() -> Floor:
    """One instrument, and the member `m` with money and stock."""
    floor = Floor()
    floor.member("m")
    floor.venue.instrument()
    floor.venue.money("m", 1_000_000)
    floor.venue.stock("m", 1_000)
    floor.commit()
    return floor


def an_order(ref: int = 1, price: int = 100, side: Side = Side.BUY, quantity: int = 5) -> PlaceOrder:
    return PlaceOrder(ref=ref, instrument_id="LM358", side=side, price=price, quantity=quantity)


def codes(frames: list[shown.ServerFrame]) -> list[tuple[str, RejectCode, str]]:
    """Type, code and field of errors and refusals; nothing else may be among them."""
    found = []
    for frame in frames:
        assert isinstance(frame, shown.Error | shown.Rejected)
        found.append((type(frame).__name__, RejectCode(frame.code), frame.field))
    return found
