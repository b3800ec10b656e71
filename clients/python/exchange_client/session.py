"""One client's session with the exchange, without any input or output: frames in, frames out, time passed in.

The driver, over a real or a simulated net, does this: connect when `connect_us` has come; tell `connected`;
give every frame to `receive`; send what `frames_to_send` returns after each call; call `tick` at `next_us`; leave
the connection when `leave` says so; tell `disconnected` whenever a connection ended or did not come about.

Guarantees: every command ends in exactly one outcome and takes effect at most once (`inflight`); channels have
no silent gaps (`channels`); nothing here waits, reads a clock or draws chance.

Known limits: deadlines and watchdogs are looked at four times a second; one session serves one program: two
that share its number take each other's refs.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, get_args

from msgspec import DecodeError, Struct
from msgspec.json import Encoder

from exchange_client import shown
from exchange_client.backoff import Backoff, Draw
from exchange_client.book import Book
from exchange_client.channels import ChannelRefused, Channels, Resynced, Update
from exchange_client.clock import SAMPLES_KEPT, ClockEstimate
from exchange_client.errors import Invalid, Rejected, Stopped
from exchange_client.frames import Hello, SyncTime
from exchange_client.inflight import BUSY, HALTED, NEVER, SESSION_UNKNOWN, InFlight, Posted
from exchange_client.resolving import Resolution, Resolving

CHECK_US: Final = 250_000
"""How often deadlines and watchdogs are looked at."""
LATE_US: Final = 1_000_000
"""A look that comes so late tells more of us than of the exchange."""
TOO_MANY_CONNECTIONS: Final = 606
FATAL_CODES: Final = frozenset({1008, *range(4500, 5000)})
"""Close codes after which a new connection would meet the same end."""

_encode: Final = Encoder().encode


class Settings(Struct, frozen=True):
    """Times of a session, in microseconds."""

    resend: bool = True  # what was unanswered when a connection ended; else it is unknown at once
    reconnect_us_first: int = 250_000  # bound of the first pause; it doubles up to the last
    reconnect_us_last: int = 10_000_000
    healthy_us: int = 10_000_000  # a connection that lasted this long starts the pauses anew
    busy_us_first: int = 10_000  # bound of the first pause after BUSY or HALTED
    busy_us_last: int = 1_000_000
    sync_us: int = 10_000_000  # between two questions for the time; a second until eight were answered
    silence_us_max: int = 15_000_000  # without any frame: the connection is mute
    heartbeats_missed_max: int = 5  # the same where a book's heartbeats are expected


class Position(NamedTuple):
    """A session and the highest ref used in it: with both a program can go on after a restart."""

    session: int
    ref: int


FIRST: Final = Position(0, 0)
"""Nothing was done yet: a new session will be opened."""


class Connected(NamedTuple):
    """The exchange let us in."""

    welcome: shown.Welcome


class Disconnected(NamedTuple):
    """The connection ended, or did not come about; another one follows."""

    why: str


class Complaint(NamedTuple):
    """The exchange did not understand a frame that was no command: a fault of this client."""

    error: shown.Error


Event = (
    Posted | Resolution | Update | Resynced | ChannelRefused | Connected | Disconnected | Complaint | Stopped
)


class Session:
    """The state of one session. `key` is sent in the first frame of each connection and nowhere else.

    With `cancel_on_disconnect` the exchange cancels the session's orders whenever a connection is lost.
    """

    def __init__(
        self,
        key: str,
        draw: Draw,
        *,
        position: Position = FIRST,
        settings: Settings | None = None,
        cancel_on_disconnect: bool = False,
    ) -> None:
        settings = settings or Settings()
        self.settings = settings
        self.clock = ClockEstimate()
        self.welcome: shown.Welcome | None = None  # of the connection that stands
        self.stopped: Stopped | None = None
        self.connect_us = 0  # when to connect; NEVER while connected or stopped
        self.leave = ""  # why the driver has to end this connection
        self.barred: Rejected | None = None  # why this key can't open a session; it can read
        self._key = key
        self._cancels = cancel_on_disconnect
        self._hello: list[bytes] = []
        self._out: list[bytes] = []
        self._greeting = False  # hello was said and not answered: nothing else may be sent
        self._hello_us = NEVER  # when to ask again for a session
        self._reconnect = Backoff(settings.reconnect_us_first, settings.reconnect_us_last, draw)
        self._reopen = Backoff(settings.busy_us_first, settings.busy_us_last, draw)
        self._inflight = InFlight(self._out, Backoff(settings.busy_us_first, settings.busy_us_last, draw))
        self._resolving = Resolving(self._out, self._inflight)
        self._channels = Channels(self._out, draw)
        self._inflight.session, self._inflight.next_ref = position.session, position.ref + 1
        self._resumes = position.session > 0  # refs may be used up to a number that only Welcome tells
        self._check_us = 0
        self._spared = False  # the last look was put off
        self._heard_us = 0
        self._ready_us = 0
        self._sync_us = NEVER
        self._handlers: dict[type, Callable[[Any, int], Sequence[Event]]] = {
            shown.Welcome: self._welcomed,
            shown.Ack: self._acked,
            shown.Rejected: self._refused,
            shown.Error: self._erred,
            shown.Unresolved: self._unresolved,
            shown.Time: self._timed,
            shown.Heartbeat: self._beat,
            shown.Subscribed: self._subscribed,
            shown.Unsubscribed: self._unsubscribed,
            **dict.fromkeys(get_args(shown.FeedFrame), self._fed),
        }

    # --- what the caller wants ---------------------------------------------------------------------

    @property
    def position(self) -> Position:
        """The session's number (0: not opened yet) and the highest ref given out."""
        return Position(self._inflight.session, self._inflight.next_ref - 1)

    @property
    def resumes(self) -> bool:
        """Whether a session that is taken up again has yet to be welcomed; until then nothing can be posted."""
        return self._resumes

    @property
    def open(self) -> int:
        """How many commands have no outcome yet."""
        return len(self._inflight.open)

    @property
    def room(self) -> int:
        """How many commands can be posted now."""
        return self._inflight.room()

    def post(self, posted: Posted) -> None:
        """Send a command, at once or when it can be; it comes back as an event when it is settled.

        Raises, in this order: Stopped; Rejected (the key can't open a session); Invalid (a session that is taken
        up again has not been welcomed yet; the command is too large); TooManyOpen.
        """
        if self.stopped:
            raise self.stopped
        if self.barred:
            raise self.barred
        if self._resumes:
            raise Invalid("wait until the exchange has welcomed this session: its refs aren't known before")
        self._inflight.post(posted)

    def resolve(self, resolution: Resolution, now_us: int) -> Resolution:
        """Ask what became of a ref whose command ended as unknown; gives the question that stands if there is one.

        It comes back as an event when it is settled. Raises Stopped, Invalid (the ref is open, or was never used).
        """
        if self.stopped:
            raise self.stopped
        return self._resolving.ask(resolution, now_us)

    def subscribe(self, channel: str, now_us: int) -> bool:
        """Follow a channel. False: it is followed already, and nothing happens."""
        return self._channels.subscribe(channel, now_us)

    def unsubscribe(self, channel: str, now_us: int) -> None:
        """Stop following a channel."""
        self._channels.unsubscribe(channel, now_us)

    def refresh(self, channel: str, now_us: int, *, missed: str = "") -> None:
        """Have a channel begin anew with a snapshot; with a reason, `Resynced` comes before it."""
        self._channels.refresh(channel, now_us, missed=missed)

    def book(self, channel: str) -> Book | None:
        """The local copy that a `book:` channel keeps, once its snapshot is there; a new one after `Resynced`."""
        return self._channels.book(channel)

    def close(self, end: Stopped) -> Sequence[Event]:
        """End for good: everything open is unknown."""
        if self.stopped:
            return []
        self.stopped = end
        self.leave = self.leave or end.reason
        self.connect_us = NEVER
        return [*self._inflight.give_up(end.reason), *self._resolving.give_up(end.reason), end]

    # --- what the driver tells ---------------------------------------------------------------------

    def frames_to_send(self) -> list[bytes]:
        """What is to be sent now, in this order; each is the text of one frame."""
        waiting = self._hello if self._greeting else self._out
        frames = waiting.copy()
        waiting.clear()
        return frames

    def connected(self, now_us: int) -> None:
        """A connection stands: say who we are."""
        self.connect_us = NEVER
        self.leave = ""
        self._heard_us = now_us
        self._say_hello()

    def disconnected(self, now_us: int, *, code: int = 0, why: str = "") -> Sequence[Event]:
        """The connection ended, with a close code if there was one, or did not come about."""
        if self.welcome and now_us - self._ready_us >= self.settings.healthy_us:
            self._reconnect.reset()
        self.welcome = None
        self.barred = None
        self._greeting = False
        self._sync_us = self._hello_us = NEVER
        self._hello.clear()
        self._out.clear()
        self._inflight.offline()
        self._resolving.offline()
        self._channels.offline()
        if self.stopped:
            return []
        why = self.leave or why or f"close code {code}"
        if code in FATAL_CODES and not self.leave:
            return self.close(Stopped(why, code))
        self.connect_us = now_us + self._reconnect.pause_us()
        unknown = [] if self.settings.resend else self._inflight.give_up_sent(why)
        return [*unknown, Disconnected(why)]

    def receive(self, frame: bytes | str, now_us: int) -> Sequence[Event]:
        """What a frame means. A frame that can't be read condemns the connection, not the session."""
        if self.leave:
            return []
        self._heard_us = now_us
        try:
            read = shown.decoded(frame)
        except DecodeError as error:
            self.leave = f"unreadable frame: {error}"
            return []
        if read is None:
            return []
        handler = self._handlers.get(type(read))
        return handler(read, now_us) if handler else []

    def next_us(self) -> int:
        """When `tick` is to be called next."""
        hello_us = NEVER if self._greeting else self._hello_us
        return min(self._check_us, self._inflight.resume_us, hello_us)

    def tick(self, now_us: int) -> Sequence[Event]:
        """Do what is due."""
        if now_us >= self._hello_us and not self._greeting:
            self._say_hello()
        late_us = now_us - self._check_us
        if late_us >= 0:
            self._check_us = now_us + CHECK_US
            # Whoever drives us was held up, so answers may lie unread: they come first, once.
            self._spared = late_us > LATE_US and not self._spared
            if self._spared:
                return []
        expired = self._inflight.expire(now_us)
        self._inflight.resume(now_us)
        if late_us < 0:
            return expired
        if self.connect_us == NEVER and not self.stopped:
            self._watch(now_us)
        return [*expired, *self._resolving.check(now_us)]

    def _watch(self, now_us: int) -> None:
        silent_us = now_us - self._heard_us
        if silent_us > self._silence_us_max():
            self.leave = self.leave or f"nothing was heard for {silent_us // 1000} ms"
        elif not self._channels.check(now_us):
            self.leave = self.leave or "a subscription was not answered"
        if now_us >= self._sync_us:
            self._ask_time(now_us)

    def _silence_us_max(self) -> int:
        if self.welcome and self._channels.has_live_book:
            beats_us = self.settings.heartbeats_missed_max * self.welcome.heartbeat_us
            return min(beats_us or NEVER, self.settings.silence_us_max)
        return self.settings.silence_us_max

    def _ask_time(self, now_us: int) -> None:
        settled = len(self.clock.samples) == SAMPLES_KEPT
        self._sync_us = now_us + (self.settings.sync_us if settled else min(1_000_000, self.settings.sync_us))
        self._out.append(_encode(SyncTime(now_us)))

    # --- hello -------------------------------------------------------------------------------------

    def _say_hello(self) -> None:
        self._greeting = True
        self._hello_us = NEVER
        self._hello.append(_encode(Hello(self._key, self._inflight.session, self._cancels)))

    def _welcomed(self, welcome: shown.Welcome, now_us: int) -> Sequence[Event]:
        """We are in; with session 0 we can only read, and ask for a session again where that may help."""
        self._greeting = False
        if self.welcome is None:
            self._ready_us = now_us
            self._channels.online(now_us, welcome.heartbeat_us or NEVER)
            self._ask_time(now_us)
        self.welcome = welcome
        if not welcome.session:
            if now_us >= self._hello_us:
                self._say_hello()
            return [Connected(welcome)]
        known = self._inflight.session
        lost = self._start_over(0) if known not in {0, welcome.session} else []
        self._resumes = False
        self._reopen.reset()
        self._inflight.online(welcome.session, welcome.high_ref)
        self._resolving.online(now_us)
        return [*lost, Connected(welcome)]

    def _sessionless(self, error: shown.Error, now_us: int) -> Sequence[Event]:
        """Why there is no session; a welcome as a reader follows."""
        if error.code in {BUSY, HALTED}:
            self._hello_us = now_us + self._reopen.pause_us()
            return []
        if error.code == SESSION_UNKNOWN:
            self._hello_us = now_us
            return self._start_over(0)
        self._resumes = False
        self.barred = Rejected.of(error)
        return self._inflight.turn_away(self.barred)

    def _turned_away(self, error: shown.Error) -> Sequence[Event]:
        """We don't get in."""
        if error.code in {BUSY, HALTED, TOO_MANY_CONNECTIONS}:
            self.leave = error.reason
            return []
        return self.close(Stopped(f"{error.reason}: {error.message} {error.remedy}"))

    def _start_over(self, unexecuted_ref: int) -> Sequence[Event]:
        """The session is forgotten: go on in a new one, with what was not executed for sure."""
        self._resumes = False
        unanswered = self._resolving.give_up("the exchange has forgotten the session")
        return [*self._inflight.start_over(unexecuted_ref), *unanswered]

    # --- what the exchange says --------------------------------------------------------------------

    def _acked(self, ack: shown.Ack, now_us: int) -> Sequence[Event]:
        posted = self._inflight.acked(ack)
        return _one(posted or self._resolving.answered(ack, now_us))

    def _refused(self, frame: shown.Rejected | shown.Error, now_us: int) -> Sequence[Event]:
        if frame.code == SESSION_UNKNOWN:
            self.leave = "the exchange has forgotten the session"
            return self._start_over(frame.ref)
        return _one(self._inflight.refused(frame, now_us) or self._resolving.answered(frame, now_us))

    def _erred(self, error: shown.Error, now_us: int) -> Sequence[Event]:
        if error.channel:
            return self._channels.refused(error)
        if error.ref:
            return self._refused(error, now_us)
        if not self._greeting:
            return [Complaint(error)]
        return self._sessionless(error, now_us) if error.field == "session" else self._turned_away(error)

    def _unresolved(self, frame: shown.Unresolved, now_us: int) -> Sequence[Event]:
        return _one(self._inflight.unresolved(frame, now_us) or self._resolving.unresolved(frame, now_us))

    def _timed(self, frame: shown.Time, now_us: int) -> Sequence[Event]:
        self.clock.add(frame.client_us, frame.server_us, now_us)
        return []

    def _beat(self, frame: shown.Heartbeat, now_us: int) -> Sequence[Event]:
        self._channels.heartbeat(frame, now_us)
        return []

    def _subscribed(self, frame: shown.Subscribed, now_us: int) -> Sequence[Event]:
        self._channels.subscribed(frame, now_us)
        return []

    def _unsubscribed(self, frame: shown.Unsubscribed, now_us: int) -> Sequence[Event]:
        self._channels.unsubscribed(frame)
        return []

    def _fed(self, frame: shown.FeedFrame, now_us: int) -> Sequence[Event]:
        return self._channels.received(frame, now_us)


def _one(event: Posted | Resolution | None) -> Sequence[Event]:
    return [event] if event is not None else []
