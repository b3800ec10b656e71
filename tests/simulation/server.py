"""One start of the exchange: engine, feeds and sessions as they are, on a host whose power may go at any step."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextvars import Context
from typing import Any, Protocol

from exchange.core.messages import AnyCommand
from exchange.core.rejects import Reject
from exchange.engine.base import EngineState, Released, Sink
from exchange.engine.clock import EngineClock
from exchange.engine.randomness import Randomness
from exchange.engine.sequencer import Engine
from exchange.gateway.auth import Identity
from exchange.gateway.limits import HEARTBEAT_US, HELLO_US_MAX
from exchange.gateway.websocket.closing import CloseCode
from exchange.gateway.websocket.feed import Feed
from exchange.gateway.websocket.outlet import Post
from exchange.gateway.websocket.seats import Seats
from exchange.gateway.websocket.session import Session
from exchange.journal.base import Fenced, JournalUnavailable
from exchange.journal.memory import Fault, MemoryJournal, MemoryStore, Step
from tests.simulation.clocks import Anchor, MachineClock
from tests.simulation.loop import SimLoop
from tests.simulation.net import End, Link, Weather
from tests.simulation.tap import Tap
from tests.simulation.temper import Temper
from tests.simulation.truth import Broken, Term, Truth


class Ground(Protocol):
    """What every start of the exchange stands on."""

    loop: SimLoop
    temper: Temper
    weather: Weather
    clock: MachineClock
    store: MemoryStore
    truth: Truth
    keys: "KeyRing"
    serving: "Server | None"
    journal_of: Callable[[MemoryStore, Fault], MemoryJournal]

    def random_bytes(self, length: int) -> bytes:
        """From the exchange's source of randomness."""
        ...

    def fault_of(self, server: "Server") -> Fault:
        """The fault port of the server's journal."""
        ...

    def note(self, what: str) -> None:
        """Something worth telling happened."""
        ...

    def followed_seq(self) -> int | None:
        """Where the follower stands, if there is one."""
        ...

    def beside(self, engine: Engine) -> list[Coroutine[Any, Any, None]]:
        """What runs beside an engine that has started."""
        ...


class KeyRing:
    """The keys of all members, as if they had been loaded."""

    def __init__(self) -> None:
        self.identities: dict[str, Identity] = {}
        self._others: dict[str, list[bytes]] = {}

    def find(self, key: str) -> Identity | None:
        """Who holds it."""
        return self.identities.get(key)

    def others(self, member_id: str) -> list[bytes]:
        """The ids of everybody else, as they would stand in a frame; asked for when all are known."""
        if member_id not in self._others:
            ids = [identity.member_id for identity in self.identities.values()]
            self._others[member_id] = [each.encode() for each in ids if each != member_id]
        return self._others[member_id]


class Caller:
    """The server's end of one connection."""

    def __init__(self, server: "Server", client: End, context: Context) -> None:
        ground = server.ground
        self.tap = Tap(ground.truth, server.others_of, server.clock_range)
        own = (self.heard, self.ended, ground.loop.context_of(server.host))
        self.link = Link(ground.loop, ground.weather, (client, context), own, self.tap.down)
        assert server.feed is not None
        self.session = Session(self.link, server.door, ground.keys, server.feed, server.seats)
        self.tap.session = self.session
        self._server = server
        overdue = self.session.hello_overdue
        ground.loop.call_later(HELLO_US_MAX / 1e6, overdue, context=ground.loop.context_of(server.host))

    def heard(self, frame: bytes) -> None:
        """A frame came in."""
        self.tap.up(frame)
        self.session.receive(frame)

    def ended(self) -> None:
        """The connection is gone."""
        self._server.callers.pop(self, None)
        self._server.seats.rise(self.session)
        self.session.ended()


class Door:
    """The engine as sessions see it; notes when a command came in."""

    def __init__(self, server: "Server") -> None:
        self._engine = server.engine
        self._arrivals = server.ground.truth.arrivals
        self._loop = server.ground.loop

    def submit(self, member_id: str, session: int, command: AnyCommand, sink: Sink | None) -> Reject | None:
        """See the engine."""
        if session:
            self._arrivals.setdefault((member_id, session, command.ref), []).append(self._loop.now_us)
        return self._engine.submit(member_id, session, command, sink)

    def resolve(self, member_id: str, session: int, ref: int, sink: Sink) -> Reject | None:
        """See the engine."""
        return self._engine.resolve(member_id, session, ref, sink)

    def now_us(self) -> int:
        """See the engine."""
        return self._engine.now_us()


class Server:
    """`live` is its whole life; it ends when it must not serve any more, or with the power."""

    def __init__(self, ground: Ground, number: int) -> None:
        self.ground = ground
        self.number = number
        self.host = f"exchange-{number}"
        self.feed: Feed | None = None
        self.seats = Seats()
        self.callers: dict[Caller, None] = {}
        self.anchor: Anchor | None = None
        self.has_ended = False
        self._fault = ground.fault_of(self)
        journal = ground.journal_of(ground.store, self._step)
        clock = EngineClock(ground.clock.wall_us, ground.clock.monotonic_us)
        self.engine = Engine(journal, clock, Randomness(ground.random_bytes), ground.temper.engine)
        self.engine.on_state = self._turned
        self.door = Door(self)

    @property
    def is_alive(self) -> bool:
        """Whether its host has power."""
        return not self.ground.loop.is_dead(self.host)

    async def live(self) -> None:
        """Start, serve, end: because it cannot start, or because another exchange took over."""
        try:
            await self.engine.start()
        except (JournalUnavailable, Fenced) as error:
            self.ground.note(f"{self.host} cannot start: {error}")
            return
        post = Post(self.engine.now_us, self.ground.loop.call_soon)
        self.feed = Feed(self.engine.views, self.engine.epoch, self.engine.now_us, post)
        self.engine.on_release = self._released
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.engine.run())
                tasks.create_task(self._beat())
                for work in self.ground.beside(self.engine):
                    tasks.create_task(work)
        except* Fenced:
            self.ground.note(f"{self.host} is fenced")
        for caller in list(self.callers):
            caller.session.close(CloseCode.GOING_AWAY)

    def accept(self, client: End, context: Context) -> Caller | None:
        """A connection came in; nothing if nobody listens yet or any more."""
        if self.feed is None or self.engine.state is EngineState.STOPPED:
            return None
        caller = Caller(self, client, context)
        self.callers[caller] = None
        return caller

    def others_of(self, member_id: str) -> list[bytes]:
        """Whose ids a member must not be shown; the operator may see them all."""
        return [] if self.engine.views.is_operator(member_id) else self.ground.keys.others(member_id)

    def clock_range(self) -> tuple[int, int]:
        """Between which two instants its clock may stand."""
        assert self.anchor is not None
        return self.anchor.exchange_at(self.ground.loop.now_us)

    def end_term(self, why: str) -> None:
        """It does not serve any more; nothing changes if another one serves by now."""
        ground, at_us = self.ground, self.engine.clock.now_us()
        if ground.serving is self:
            ground.serving = None
            term = ground.truth.terms[-1]
            ground.truth.terms[-1] = term._replace(ended_us=ground.loop.now_us, ended_at_us=at_us)
        ground.note(f"{self.host} {why} at {at_us}")

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_US / 1e6)
            assert self.feed is not None
            self.feed.tick()
            self.engine.follower_seq = self.ground.followed_seq()

    async def _step(self, step: Step) -> None:
        """A step of the journal; an epoch that was opened is known before anybody else can see it."""
        ground = self.ground
        if step == "opened":
            if ground.serving is not None:
                ground.serving.end_term("has been taken over")
            if self.anchor is not None:
                ground.truth.anchors[ground.store.epoch] = self.anchor
        await self._fault(step)

    def _turned(self, state: EngineState) -> None:
        ground, clock = self.ground, self.engine.clock
        if state is EngineState.SERVING:
            if self.anchor is None:
                self.anchor = Anchor(ground.loop.now_us, clock.now_us(), ground.temper.drift_ppm)
                ground.truth.anchors[self.engine.epoch] = self.anchor
            ground.serving = self
            ground.truth.terms.append(Term(self.engine.epoch, ground.loop.now_us, None, clock.now_us()))
            ground.note(f"{self.host} serves in epoch {self.engine.epoch} at {clock.now_us()}")
        elif state is EngineState.HALTED:
            self.end_term("halts")

    def _released(self, released: Sequence[Released]) -> None:
        if not self.is_alive:
            raise Broken("P6", "a dead exchange tells something")
        self.ground.truth.released(released)
        assert self.feed is not None
        self.feed.release(released)
