"""What one WebSocket connection says and hears, without any I/O.

Guarantees: nothing is done for whoever has not shown a valid key; every command that is understood ends in one
ack or rejected, or in one `unresolved` if the exchange halted before it knew; whatever else comes in gets one
error and disturbs nothing. Nothing here waits: a burst of frames is a burst of submits.
Doesn't decide who may do what (policy does), nor what is done (the core does).

    state          hello        command            subscribe, resolve …   closes
    CONNECTED      -> OPENING   NOT_AUTHENTICATED  NOT_AUTHENTICATED      4501 after a while, 4502 for a bad key
    OPENING        refused      NOT_AUTHENTICATED  NOT_AUTHENTICATED
    READING        -> OPENING   SESSION_UNKNOWN    answered
    SERVING        refused      submitted          answered
    CLOSED         -            -                  -

READING is a connection without a session: an error has told why there is none (the exchange is halted or busy,
the session unknown), and a welcome with session 0 follows. It can read; another hello asks for a session again.
"""

from collections.abc import Callable
from enum import Enum
from typing import Final, Protocol

from msgspec import Struct

from exchange.core.limits import REF_MAX, SESSION_OUTCOMES_KEPT
from exchange.core.messages import AnyCommand, CancelAll, Command, MemberCommand, OpenSession, Reply
from exchange.core.messages.shown import (
    Error,
    Hello,
    Resolve,
    Subscribe,
    SyncTime,
    Time,
    Unresolved,
    Unsubscribe,
    Welcome,
)
from exchange.core.rejects import Reject, RejectCode
from exchange.core.visibility.steps import bound_told, step_told
from exchange.engine.base import Sink
from exchange.gateway import policy, public_events
from exchange.gateway.auth import Identity
from exchange.gateway.limits import HEARTBEAT_US, IN_FLIGHT_MAX
from exchange.gateway.notation import decimal_of
from exchange.gateway.problems import Scales, bound_of
from exchange.gateway.remedies import remedy_told
from exchange.gateway.websocket.closing import CloseCode
from exchange.gateway.websocket.feed import Feed
from exchange.gateway.websocket.outlet import Connection, Outlet
from exchange.gateway.websocket.wire import Incoming, answered, decode, encode, error, rejected

NOT_AUTHENTICATED: Final = Reject(RejectCode.NOT_AUTHENTICATED)
SESSION_UNKNOWN: Final = Reject(RejectCode.SESSION_UNKNOWN)
TOO_MANY_IN_FLIGHT: Final = Reject(RejectCode.BUSY, IN_FLIGHT_MAX)


class Engine(Protocol):
    """What a session asks of the engine."""

    def submit(
        self, member_id: str, session: int, command: AnyCommand, sink: Sink | None, /
    ) -> Reject | None:
        """Queue a command, or refuse it at once."""
        ...

    def resolve(self, member_id: str, session: int, ref: int, sink: Sink, /) -> Reject | None:
        """Tell the sink what became of a ref, once everything before is on disk."""
        ...

    def now_us(self) -> int:
        """The exchange's clock."""
        ...


class Keys(Protocol):
    """Where a key is looked up."""

    def find(self, key: str, /) -> Identity | None:
        """Who holds it."""
        ...


class Flight:
    """How many commands of one member wait for their commit, over all its connections."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


class Seats(Protocol):
    """Counts the connections of each member."""

    def take(self, session: "Session", identity: Identity, /) -> bool:
        """Whether there was a place left, where it shares the flight of all; it is given back when the session ends."""
        ...


class State(Enum):
    """Where the connection stands: see the table above."""

    CONNECTED = "connected"
    OPENING = "opening"
    READING = "reading"
    SERVING = "serving"
    CLOSED = "closed"


# Bound once: a member looked up on its class costs as much as the rest of a small method.
_CONNECTED: Final = State.CONNECTED
_OPENING: Final = State.OPENING
_READING: Final = State.READING
_SERVING: Final = State.SERVING
_CLOSED: Final = State.CLOSED


class Session:
    """One connection. `number` is that of the session it speaks in, 0 while it has none."""

    def __init__(self, connection: Connection, engine: Engine, keys: Keys, feed: Feed, seats: Seats) -> None:
        self.state = _CONNECTED
        self.identity: Identity | None = None
        self.number = 0
        self.flight = Flight()
        self._cancels = False  # its orders, when it is lost
        self._allowed: set[type[Command]] = set()  # a key's scopes and a member's roles never change
        self.outlet = Outlet(connection, feed.post)
        self._engine = engine
        self._keys = keys
        self._feed = feed
        self._seats = seats

    @property
    def member_id(self) -> str:
        """Who speaks; only after a hello."""
        assert self.identity is not None, "a valid hello came first"
        return self.identity.member_id

    # --- what the shell reports --------------------------------------------------------------------

    def receive(self, frame: bytes) -> None:
        """A text frame came."""
        if self.state is _CLOSED:
            return
        message = decode(frame)
        _ANSWERS.get(type(message), Session._command)(self, message)

    def receive_binary(self) -> None:
        """A binary frame came."""
        if self.state is not _CLOSED:
            self._fail(RejectCode.NOT_TEXT)

    def hello_overdue(self) -> None:
        """The time for a hello is over."""
        if self.state is _CONNECTED:
            self.close(CloseCode.HELLO_MISSING)

    def ended(self) -> None:
        """The connection is gone; what it has in flight goes on without it."""
        self.state = _CLOSED
        self.outlet.shut()

    def last_wish(self) -> CancelAll | None:
        """What is to be done when the connection is lost, where its hello asked for it and its key may."""
        if not self._cancels or not self.number or self.identity is None:
            return None
        refused = policy.refusal(self.identity, CancelAll, self._feed.views.members)
        return None if refused else CancelAll(placed_in=self.number)

    def close(self, code: CloseCode) -> None:
        """Send what waits and close."""
        self.state = _CLOSED
        self.outlet.close(code)

    # --- commands ----------------------------------------------------------------------------------

    def _command(self, command: MemberCommand) -> None:
        """Submit, or refuse at once.

        Checks: NOT_AUTHENTICATED, REF_MISSING, SESSION_UNKNOWN, BUSY (too much in flight), policy's, those of
        `public_events`, the engine's.
        """
        ref = command.ref
        may_go = (
            type(command) in self._allowed  # asked before, and answered for good
            and self.state is _SERVING
            and self.flight.count < IN_FLIGHT_MAX
            and ref > 0
        )
        refused = None if may_go else self._refusal(command)
        if refused is None:
            self.flight.count += 1
            assert self.identity is not None
            subject = getattr(command, "lot_id", "") or getattr(command, "event_id", "")
            refused = self._engine.submit(
                self.identity.member_id,
                self.number,
                command,
                _AskedOfLot(self, ref, subject) if subject else _Asked(self, ref),
            )
            if refused is None:
                return
            self.flight.count -= 1
        self.outlet.send(encode(rejected(ref, refused)))

    def answer_of_lot(self, subject: str, reply: Reply) -> bytes:
        """The answer to a command about a lot or an event, of this id: a refusal's remedy is told in its prices."""
        if not reply.code:
            return answered(reply)
        sourcing = self._feed.views.sourcing
        lot = sourcing.lots.get(subject)
        event = sourcing.events.get(subject if lot is None else lot.event_id)
        if event is None:
            return answered(reply)
        code, scale = RejectCode(reply.code), event.price_scale
        step = step_told(lot, self.member_id, code, reply.bound)
        # In words alone: a repeated answer has the fields of the first one, whatever the lot has come to.
        missed = bound_told(lot, code, reply.bound, reply.at_us)
        bound = bound_of(Reject(code, missed, reply.field), Scales(scale, event.currency))
        direction = event.rules.direction
        in_words = decimal_of(step, scale) if step else ""
        return answered(reply, step, remedy_told(code, bound, step=in_words, direction=direction))

    def _refusal(self, command: Command) -> Reject | None:
        identity = self.identity
        if identity is None or self.state is _OPENING:
            return NOT_AUTHENTICATED
        if not command.ref:
            return Reject(RejectCode.REF_MISSING, field="ref")
        if self.state is not _SERVING:
            return SESSION_UNKNOWN
        if self.flight.count >= IN_FLIGHT_MAX:
            return TOO_MANY_IN_FLIGHT
        kind = type(command)
        if kind in self._allowed:
            return None
        views = self._feed.views
        refused = policy.refusal(identity, kind, views.members)
        refused = refused or public_events.refusal(command, views.sourcing)
        if refused is None and kind not in public_events.DRAFTING:
            self._allowed.add(kind)
        return refused

    def settled(self, frame: bytes) -> None:
        """A command's answer is there."""
        self.flight.count -= 1
        if self.state is not _CLOSED:
            self.outlet.send(frame)

    # --- hello -------------------------------------------------------------------------------------

    def _hello(self, hello: Hello) -> None:
        """Find out who speaks; open a session, or find the one that is named.

        Checks: not said before, the key, the member's connections.
        """
        if self.state is _SERVING or self.state is _OPENING:
            self._fail(RejectCode.MALFORMED, "Hello was said before.", "type")
            return
        identity = self._keys.find(hello.key)
        if identity is None or (self.identity and identity.key_id != self.identity.key_id):
            self._fail(RejectCode.NOT_AUTHENTICATED, field="key")
            self.close(CloseCode.KEY_REFUSED)
            return
        if self.identity is None and not self._seats.take(self, identity):
            self._fail(RejectCode.TOO_MANY_CONNECTIONS)
            self.close(CloseCode.TOO_MANY_CONNECTIONS)
            return
        self.identity = identity
        self._cancels = hello.cancel_on_disconnect
        self.state = _OPENING
        self._find_session(identity, hello.session)

    def _find_session(self, identity: Identity, number: int) -> None:
        """Ask the engine, which answers after everything before is on disk."""
        sink = _Opening(self, number)
        if number:
            refused = self._engine.resolve(identity.member_id, number, BEYOND_ALL_REFS, sink)
        else:
            refused = policy.refusal(identity, OpenSession, self._feed.views.members)
            refused = refused or self._engine.submit(identity.member_id, 0, OpenSession(), sink)
        if refused is not None:
            self.sessionless(refused)

    def welcome(self, number: int, high_ref: int) -> None:
        """Here is who speaks, and in which session."""
        if self.state is not _OPENING:
            return  # it was closed meanwhile
        self.number = number
        self.state = _SERVING if number else _READING
        now_us = self._engine.now_us()
        self.outlet.send(
            encode(Welcome(self.member_id, number, high_ref, self._feed.epoch, now_us, HEARTBEAT_US))
        )

    def sessionless(self, reject: Reject) -> None:
        """Say why there is no session, and welcome the connection as a reader."""
        if self.state is _OPENING:
            self._fail(reject.code, field="session")
            self.welcome(0, 0)

    # --- the other frames --------------------------------------------------------------------------

    def _subscribe(self, wish: Subscribe) -> None:
        """Checks: NOT_AUTHENTICATED, policy's, the feed's."""
        identity = self._reader()
        if identity is None:
            return
        refused = policy.channel_refusal(identity, wish.channel, self._feed.views.members)
        refused = refused or self._feed.subscribe(self.outlet, identity.member_id, wish)
        if refused is not None:
            self._complain(error(refused.code, field="channel", channel=wish.channel))

    def _unsubscribe(self, wish: Unsubscribe) -> None:
        refused = self._feed.unsubscribe(self.outlet, wish.channel) if self._reader() else None
        if refused is not None:
            self._complain(error(refused.code, field="channel", channel=wish.channel))

    def _resolve(self, wish: Resolve) -> None:
        """Checks: NOT_AUTHENTICATED, SESSION_UNKNOWN, BUSY (too much in flight), the engine's."""
        identity = self._reader()
        if identity is None:
            return
        refused: Reject | None = SESSION_UNKNOWN
        if self.state is _SERVING:
            refused = TOO_MANY_IN_FLIGHT
        if refused is TOO_MANY_IN_FLIGHT and self.flight.count < IN_FLIGHT_MAX:
            self.flight.count += 1
            sink = _Resolving(self, wish.ref)
            refused = self._engine.resolve(identity.member_id, self.number, wish.ref, sink)
            self.flight.count -= refused is not None
        if refused is not None:
            self.outlet.send(encode(rejected(wish.ref, refused)))

    def _sync_time(self, wish: SyncTime) -> None:
        if self._reader():
            self.outlet.send(encode(Time(wish.client_us, self._engine.now_us())))

    def _reader(self) -> Identity | None:
        """Who speaks; whoever has not been welcomed is told so."""
        if self.state is _SERVING or self.state is _READING:
            return self.identity
        self._fail(RejectCode.NOT_AUTHENTICATED)
        return None

    def _complain(self, complaint: Error) -> None:
        self.outlet.send(encode(complaint))

    def _fail(self, code: RejectCode, message: str = "", field: str = "") -> None:
        self._complain(error(code, message, field=field))


_ANSWERS: Final[dict[type[Incoming | Error], Callable[..., None]]] = {
    Error: Session._complain,
    Hello: Session._hello,
    Subscribe: Session._subscribe,
    Unsubscribe: Session._unsubscribe,
    Resolve: Session._resolve,
    SyncTime: Session._sync_time,
}
"""Everything else is a command."""

BEYOND_ALL_REFS: Final = REF_MAX + 1
"""No command can carry it, so asking what became of it tells the highest ref that was used."""


class _Asked(Struct, frozen=True, gc=False):
    """A command in flight."""

    session: Session
    ref: int

    def settled(self, reply: Reply) -> None:
        """As the session's own, in one step for what is answered most."""
        session = self.session
        session.flight.count -= 1
        if session.state is not _CLOSED:
            session.outlet.send(answered(reply))

    def lost(self, reject: Reject) -> None:
        """A command in quarantine was undone for good; of any other nobody knows yet."""
        if reject.code is RejectCode.QUARANTINED:
            self.session.settled(encode(rejected(self.ref, reject)))
        else:
            self.session.settled(encode(Unresolved(self.ref, never=False)))


class _AskedOfLot(_Asked, frozen=True, gc=False):
    """A command in flight about a lot or an event, whose refusal is told in its prices."""

    subject: str

    def settled(self, reply: Reply) -> None:
        self.session.settled(self.session.answer_of_lot(self.subject, reply))


class _Resolving(_Asked, frozen=True, gc=False):
    """A question about a ref in flight."""

    def settled(self, reply: Reply) -> None:
        """A ref that was passed over, and is not older than what is remembered, can't be used any more."""
        code = reply.code
        if code == RejectCode.NOT_FOUND:
            self.session.settled(encode(Unresolved(self.ref, never=False)))
        elif code == RejectCode.REF_TOO_OLD and reply.bound - self.ref < SESSION_OUTCOMES_KEPT:
            self.session.settled(encode(Unresolved(self.ref, never=True)))
        else:
            self.session.settled(answered(reply))


class _Opening:
    """A hello in flight: a new session (0), or one that is to be found."""

    __slots__ = ("number", "session")

    def __init__(self, session: Session, number: int) -> None:
        self.session = session
        self.number = number

    def settled(self, reply: Reply) -> None:
        """NOT_FOUND of a named session means that it is there: no command carries the ref that was asked for."""
        if self.number and reply.code == RejectCode.NOT_FOUND:
            self.session.welcome(self.number, reply.bound)
        elif reply.code:
            self.session.sessionless(Reject(RejectCode(reply.code)))
        else:
            self.session.welcome(reply.number, 0)

    def lost(self, reject: Reject) -> None:
        self.session.sessionless(reject)
