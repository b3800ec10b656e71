"""A member's program: the real session logic of the client, driven over the simulated net on a host of its own.

What a program would keep on its disk survives the host: the session's number, the refs in flight, and what it knows.
After a restart it asks for each of those refs, as it does whenever an outcome is unknown.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple, Protocol

from exchange_client import shown
from exchange_client.channels import ChannelRefused, Resynced, Update
from exchange_client.errors import ExchangeError, NotExecuted, Rejected, Stopped, Unknown
from exchange_client.inflight import NEVER, Posted
from exchange_client.messages import AnyCommand
from exchange_client.resolving import Resolution
from exchange_client.session import FIRST, Complaint, Event, Position, Session
from tests.simulation.loop import SimLoop
from tests.simulation.net import Link, Weather
from tests.simulation.pictures import Pictures
from tests.simulation.server import Caller, Server
from tests.simulation.temper import SECOND, Temper
from tests.simulation.truth import Broken

UNSETTLED_MAX = 12
"""Commands of one client that wait for their end; more would say nothing new and only take long."""

IDLE_TICK_US = SECOND
"""How often a client without anything in flight looks at its watchdogs: a driver may be late."""

Final = shown.Ack | Rejected | NotExecuted | Unknown
"""How it ended, as far as anybody could find out."""
Learn = Callable[[AnyCommand, Final], None]


class Claim(NamedTuple):
    """What a client was told of a command."""

    member_id: str
    session: int
    ref: int
    command: AnyCommand
    outcome: Final


class Surroundings(Protocol):
    """The world, as a client sees it."""

    loop: SimLoop
    chance: Random
    temper: Temper
    weather: Weather
    stormy: bool
    claims: list[Claim]

    def listening(self) -> Server | None:
        """Whoever takes connections now."""
        ...


def learn_nothing(_command: AnyCommand, _outcome: Final) -> None:
    """For whoever does not care."""


class Client:
    """One program of one member, which may be started again."""

    def __init__(self, world: Surroundings, name: str, member_id: str, key: str) -> None:
        self.world = world
        self.name = name
        self.member_id = member_id
        self.channels: dict[str, None] = {}
        self.refused: dict[str, None] = {}
        self.pictures = Pictures()
        self.starts = 0
        self.caller: Caller | None = None
        self._key = key
        self._position = FIRST
        self._learning: dict[Posted, Learn] = {}
        self._doubtful: dict[int, tuple[AnyCommand, Learn]] = {}  # what has to be asked for, by ref
        self._connecting = False
        self._timer_us = 0
        self.begin()

    @property
    def host(self) -> str:
        """The host of this start."""
        return f"{self.name}-{self.starts}"

    @property
    def unsettled(self) -> int:
        """Commands and questions without an outcome."""
        return len(self.session._inflight.open) + len(self._doubtful)

    @property
    def link(self) -> Link | None:
        """The connection, while there is one."""
        return self.caller.link if self.caller else None

    # --- life ------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start the program."""
        world = self.world
        self.starts += 1
        self.caller, self._connecting, self._timer_us = None, False, 0
        self._learning = {}
        self.pictures = Pictures()
        settings = world.temper.client
        draw = world.chance.randrange
        self.session = Session(self._key, draw, position=self._position, settings=settings)
        for channel in self.channels:
            self.session.subscribe(channel, world.loop.now_us)
        for ref in self._doubtful:
            self.session.resolve(Resolution(ref, NEVER), world.loop.now_us)
        self._arm(world.loop.now_us)

    def crash(self) -> None:
        """The program dies without a word; its disk stays."""
        inflight = self.session._inflight
        for posted in inflight.open.values():
            if posted.copies:
                self._doubtful[posted.ref] = (posted.command, self._learning.get(posted, learn_nothing))
        self._position = Position(inflight.session, inflight.next_ref - 1)
        self.world.loop.cut_power(self.host)
        if self.link:
            self.link.tear(lambda: self.world.chance.randrange(2 * SECOND))

    # --- what its owner does with it ---------------------------------------------------------------

    def post(self, command: AnyCommand, learn: Learn = learn_nothing) -> bool:
        """Send a command; `learn` hears of its end, also if that has to be found out. False: not now."""
        if self.unsettled >= UNSETTLED_MAX:
            return False
        world, temper = self.world, self.world.temper
        deadline_us = NEVER
        if world.stormy and world.chance.random() < temper.impatient:
            deadline_us = world.loop.now_us + world.chance.randrange(3 * SECOND)
        posted = Posted(command, deadline_us)
        try:
            self.session.post(posted)
        except ExchangeError:
            return False
        self._learning[posted] = learn
        if world.stormy and posted.on_wire and world.chance.random() < temper.twice:
            self.session._inflight._transmit(posted)
        self._flush()
        return True

    def follow(self, channel: str) -> None:
        """Subscribe to a channel."""
        if channel not in self.channels:
            self.channels[channel] = None
            self.session.subscribe(channel, self.world.loop.now_us)
            self._flush()

    def exchange_us(self) -> int:
        """What the exchange's clock may show now."""
        return self.world.loop.now_us + self.session.clock.offset_us

    # --- outcomes --------------------------------------------------------------------------------

    def _ended(self, posted: Posted) -> None:
        """What has no learner is a fence of the session's own: nobody asks for it."""
        outcome, learn = posted.outcome, self._learning.pop(posted, None)
        assert outcome is not None
        self._claim(posted.ref, posted.command, outcome)
        if learn is None:
            return
        if isinstance(outcome, Unknown) and outcome.sent and outcome.session == self.session.position.session:
            self._doubtful[posted.ref] = (posted.command, learn)
            self.session.resolve(Resolution(posted.ref, NEVER), self.world.loop.now_us)
        else:
            learn(posted.command, outcome)

    def _resolved(self, resolution: Resolution) -> None:
        outcome = resolution.outcome
        assert outcome is not None
        command, learn = self._doubtful.pop(resolution.ref)
        self._claim(resolution.ref, command, outcome)
        learn(command, outcome)

    def _claim(self, ref: int, command: AnyCommand, outcome: Final) -> None:
        session = outcome.session if isinstance(outcome, Unknown) else self.session.position.session
        self.world.claims.append(Claim(self.member_id, session, ref, command, outcome))

    # --- the driver ------------------------------------------------------------------------------

    def heard(self, frame: bytes) -> None:
        """A frame came in."""
        self._take_in(self.session.receive(frame, self.world.loop.now_us))

    def hung_up(self, code: int) -> None:
        """The connection is over."""
        self.caller = None
        self._take_in(self.session.disconnected(self.world.loop.now_us, code=code))

    def _take_in(self, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case Posted():
                    self._ended(event)
                case Resolution():
                    self._resolved(event)
                case Update():
                    self.pictures.update(event)
                case Resynced():
                    self.pictures.resynced(event)
                case ChannelRefused():
                    self.refused[event.channel] = None
                    self.channels.pop(event.channel, None)
                case Complaint() | Stopped():
                    raise Broken("P10", f"{self.name} was told what cannot be: {event}")
                case _:
                    pass
        self._flush()

    def _flush(self) -> None:
        frames = self.session.frames_to_send()
        if self.link and frames:
            self.link.up.send(frames)
        if self.session.leave and self.caller:
            self.caller.link.leave()
            self.caller = None
            self._take_in(self.session.disconnected(self.world.loop.now_us))
        may_connect = self.caller is None and not self._connecting
        connect_us = self.session.connect_us if may_connect else NEVER
        is_idle = self.session.welcome is not None and not self.unsettled
        tick_us = self.world.loop.now_us + IDLE_TICK_US if is_idle else self.session.next_us()
        self._arm(min(tick_us, connect_us))

    def _arm(self, when_us: int) -> None:
        now_us = self.world.loop.now_us
        when_us = max(when_us, now_us)
        if when_us < self._timer_us or self._timer_us <= now_us:
            self._timer_us = when_us
            context = self.world.loop.context_of(self.host)
            self.world.loop.call_at_us(when_us, self._tick, when_us, context=context)

    def _tick(self, armed_us: int) -> None:
        if armed_us != self._timer_us:
            return  # an earlier one was set meanwhile, and did what was to be done
        self._timer_us = 0
        if self.caller is None and not self._connecting and self.session.connect_us <= self.world.loop.now_us:
            self._connect()
        self._take_in(self.session.tick(self.world.loop.now_us))

    def _connect(self) -> None:
        self._connecting = True
        loop = self.world.loop
        context = loop.context_of(self.host)
        loop.call_at_us(loop.now_us + 2 * self.world.weather.latency_us(), self._connected, context=context)

    def hurry(self) -> None:
        """The net works again: what was held up arrives now."""
        if self.link:
            self.link.hurry()
        elif self._connecting:
            self.world.loop.call_soon(self._connected, context=self.world.loop.context_of(self.host))

    def _connected(self) -> None:
        if not self._connecting:
            return
        self._connecting = False
        loop = self.world.loop
        server = self.world.listening()
        self.caller = server.accept(self, loop.context_of(self.host)) if server else None
        if self.caller is None:
            self._take_in(self.session.disconnected(loop.now_us, why="connection refused"))
            return
        self.session.connected(loop.now_us)
        self._flush()
