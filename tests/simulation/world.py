"""A whole exchange with its members, its store and its net, in one process and in virtual time, all of one seed.

The course: members are admitted and given money and goods; a storm, in which everything fails that can; the faults
stop, and whatever is in flight has to end within five seconds (liveness); the lots that are open are brought to
their close, by suppliers alone; then all is compared with the truth (`verdict`).
"""

import hashlib
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from random import Random
from typing import Any, ClassVar

from exchange.core.messages import (
    SYSTEM,
    AnyCommand,
    CreateInstrument,
    DeclareStock,
    RegisterMember,
    Reply,
    Role,
    TopUp,
)
from exchange.core.rejects import Reject
from exchange.engine.base import EngineState
from exchange.engine.sequencer import Engine
from exchange.gateway.auth import Identity, Scope
from exchange.journal.memory import Fault, MemoryJournal, MemoryStore
from tests.simulation.archive import Tables, follow
from tests.simulation.client import Claim, Client
from tests.simulation.clocks import MachineClock
from tests.simulation.faults import StoreFaults
from tests.simulation.loop import SimLoop
from tests.simulation.net import Weather
from tests.simulation.oracle import NaiveOracle, Oracle
from tests.simulation.postman import Postman
from tests.simulation.server import KeyRing, Server
from tests.simulation.temper import MINUTE, MS, SECOND, Temper, temper_of
from tests.simulation.traders import Goods, Offer, Operator, Organizer, Supplier, Trader
from tests.simulation.truth import Broken, Truth

SETTLE_US = 5 * SECOND
"""Within this time after the last fault every command has to have an outcome."""
QUIET_US = 15 * SECOND
"""Within this time after that every follower of a channel has to have the whole picture."""
QUIET_TRIES = 20
"""Seconds without anything new are waited for no longer."""
CLOSING_US_MAX = 25 * MINUTE
CRASHES_MAX = 100
"""More would say nothing new and only take long."""
LISTENING = (EngineState.SERVING, EngineState.HALTED)

ROLES = {
    "operator": (Role.OPERATOR,),
    "trader-1": (Role.BUYER, Role.SELLER),
    "trader-2": (Role.BUYER, Role.SELLER),
    "trader-3": (Role.BUYER, Role.SELLER),
    "trader-4": (Role.BUYER, Role.SELLER),
    "buyer": (Role.BUYER,),
    "supplier-1": (Role.SELLER,),
    "supplier-2": (Role.SELLER,),
    "supplier-3": (Role.SELLER,),
}
OWNERS = {"trader-3": "group", "trader-4": "group", "supplier-3": "group"}
INSTRUMENTS = (
    CreateInstrument(symbol="BOLT", currency="USD", price_scale=2, price_min=81, price_max=119),
    CreateInstrument(symbol="NUT", currency="EUR", tick=25, lot_multiple=20, price_min=125, price_max=500),
    CreateInstrument(symbol="GEAR", currency="JPY", price_scale=0, price_min=1, price_max=9),
)


Habit = Callable[[], Coroutine[Any, Any, None]]


class World:
    """One seed at work. `note` keeps the last things that happened; `digest` covers all that was ever told."""

    roles: ClassVar[Mapping[str, tuple[Role, ...]]] = ROLES
    instruments: ClassVar[Sequence[CreateInstrument]] = INSTRUMENTS

    def __init__(
        self, seed: int, journal_of: Callable[[MemoryStore, Fault], MemoryJournal] = MemoryJournal
    ) -> None:
        self.seed = seed
        self.chance = Random(seed)
        self.temper: Temper = temper_of(self.chance)
        self.loop = SimLoop(self.chance, self.temper.dawdle, self.temper.dawdle_us_max)  # type: ignore[abstract]
        self.weather = Weather(self.chance, 200, 0.0, self.temper.bytes_weigh)
        self.clock = MachineClock(self.loop, self.temper.start_us, self.temper.drift_ppm)
        self.store = MemoryStore()
        self.faults = StoreFaults(self.loop, self.chance, self.temper)
        self.truth = Truth(self.store, self.oracle(), self.overhear)
        self.keys = KeyRing()
        self.tables = Tables(overhear=self.overhear)
        self.journal_of = journal_of
        self.members: dict[str, str] = {}
        self.goods: list[Goods] = []
        self.offers: list[Offer] = []
        self.clients: list[Client] = []
        self.claims: list[Claim] = []
        self.servers: list[Server] = []
        self.serving: Server | None = None
        self.stormy = self.trading = self.bidding = False
        self.crashes = 0
        self.follower_starts = 0
        self.last: deque[tuple[int, str]] = deque(maxlen=60)
        self._bytes = Random(seed)
        self._digest = hashlib.sha256()

    def oracle(self) -> Oracle:
        """What tells the truth of this world."""
        return NaiveOracle()

    def overhear(self, where: str, told: bytes) -> None:
        """Something leaves the exchange, or is kept by it; nothing is secret in this world."""

    def beside(self, engine: Engine) -> list[Coroutine[Any, Any, None]]:
        """What runs beside an engine that has started."""
        return []

    # --- what the others ask of it ---------------------------------------------------------------

    def random_bytes(self, length: int) -> bytes:
        """The exchange's randomness."""
        return self._bytes.randbytes(length)

    def note(self, what: str) -> None:
        """Keep it for whoever has to find out what went wrong."""
        self.last.append((self.loop.now_us, what))
        self._digest.update(b"%d %b\n" % (self.loop.now_us, what.encode()))

    @property
    def digest(self) -> str:
        """Equal for equal runs."""
        told = self._digest.copy()
        told.update(repr(self.claims).encode())
        told.update(self.store.tail().chain)
        return told.hexdigest()[:16]

    def think_us(self) -> int:
        """A while until somebody wants something again; seldom long, often short."""
        busy = 9 * self.temper.storm_us / self.temper.commands if self.trading else 10 * SECOND
        return int(self.chance.expovariate(1 / busy))

    def followed_seq(self) -> int | None:
        """Where the follower stands."""
        return self.tables.seq if self.temper.follows else None

    def fault_of(self, server: Server) -> Fault:
        """The fault port of a start of the exchange."""
        return self.faults.fault_of(server.host, lambda: self.crash(server))

    def listening(self) -> Server | None:
        """The newest start that takes connections."""
        for server in reversed(self.servers):
            if server.is_alive and server.feed is not None and server.engine.state in LISTENING:
                return server
        return None

    # --- the exchange's life and death -----------------------------------------------------------

    def start_server(self) -> None:
        """Start the exchange, on a host of its own."""
        server = Server(self, len(self.servers) + 1)
        self.servers.append(server)
        _ = self.loop.spawn(server.host, self._run_server(server))

    async def _run_server(self, server: Server) -> None:
        await server.live()
        server.has_ended = True
        self._restart_later()

    def crash(self, server: Server) -> None:
        """Its power goes; sooner or later the exchange is started again."""
        if not server.is_alive or self.crashes > CRASHES_MAX:
            return
        self.crashes += 1
        server.end_term("loses power")
        self.loop.cut_power(server.host)
        for caller in list(server.callers):
            caller.link.tear(lambda: self.chance.randrange(self.temper.crash_notice_us_max))
        self._restart_later()

    def _restart_later(self) -> None:
        pause_us = 50 * MS
        if self.stormy:
            is_long = self.chance.random() < self.temper.long_outage
            pause_us = self.chance.randrange(
                self.temper.storm_us // 3 if is_long else self.temper.restart_us_max
            )
        self.loop.call_at_us(self.loop.now_us + pause_us, self._restart, context=self.loop.context_of(""))

    def _restart(self) -> None:
        if not any(server.is_alive and not server.has_ended for server in self.servers):
            self.start_server()

    def start_follower(self) -> None:
        """Start the follower, where there is one."""
        self.follower_starts += 1
        host = f"follower-{self.follower_starts}"
        journal = MemoryJournal(self.store, self.faults.fault_of(host, self.crash_follower))
        every = self.temper.snapshot_every
        _ = self.loop.spawn(host, follow(journal, self.tables, self.chance, every, self.note))

    def crash_follower(self) -> None:
        """Its power goes, and comes back."""
        host = f"follower-{self.follower_starts}"
        if self.loop.is_dead(host) or self.crashes > CRASHES_MAX:
            return
        self.crashes += 1
        self.loop.cut_power(host)
        pause_us = self.chance.randrange(2 * SECOND) if self.stormy else 0
        self.loop.call_at_us(
            self.loop.now_us + pause_us, self.start_follower, context=self.loop.context_of("")
        )

    # --- the course ------------------------------------------------------------------------------

    def found(self) -> None:
        """The exchange starts, members come and are given money and goods."""
        self.start_server()
        _ = self.loop.spawn("founder", self._endow())
        while len(self.goods) < len(self.instruments):
            self._pass(SECOND)
        if self.temper.follows:
            self.start_follower()
        self._people()
        self._pass(SECOND)

    def _pass(self, us: int) -> None:
        self.loop.run_until(self.loop.now_us + us)
        self.truth.catch_up()

    async def _endow(self) -> None:
        """Members, instruments, money and goods, through the engine itself."""
        for name, roles in self.roles.items():
            reply = await self._ask(SYSTEM, RegisterMember(roles=roles, owner=OWNERS.get(name, "")))
            self.members[name] = reply.id
            identity = Identity(reply.id, f"key-of-{name}", frozenset(Scope))
            self.keys.identities[name] = identity
        operator = self.members["operator"]
        traders = [member_id for name, member_id in self.members.items() if name.startswith("trader")]
        for command in self.instruments:
            made = await self._ask(operator, command)
            for number, member_id in enumerate(traders):
                await self._ask(member_id, DeclareStock(instrument_id=made.id, quantity=150 * (number + 1)))
                payment = f"founding-{command.symbol}-{number}"
                amount = 5_000 * (number + 1)
                top_up = TopUp(
                    transfer_id=payment, member_id=member_id, currency=command.currency, amount_minor=amount
                )
                await self._ask(operator, top_up)
            prices = command.price_min, command.price_max
            self.goods.append(Goods(made.id, command.currency, command.tick, command.lot_multiple, *prices))

    async def _ask(self, member_id: str, command: AnyCommand) -> Reply:
        heard = self.loop.create_future()
        engine = self.servers[0].engine
        while engine.state is not EngineState.SERVING:
            await self._moment()
        refused = engine.submit(member_id, 0, command, _Asked(heard.set_result))
        assert refused is None
        reply: Reply = await heard
        assert not reply.code
        return reply

    async def _moment(self) -> None:
        moment = self.loop.create_future()
        self.loop.call_later(0.001, moment.set_result, None)
        await moment

    def _people(self) -> None:
        """Everybody starts a program; some members run a second one."""
        for name in (*self.roles, "trader-1"):
            number = sum(client.name.startswith(name) for client in self.clients)
            client = Client(self, f"{name}-{'ab'[number]}", self.members[name], name)
            self.clients.append(client)
        self.postmen = self._postmen()
        self.habits: dict[Client, list[Habit]] = {}
        for client in self.clients:
            self.habits[client] = self._habits_of(client)
            self._begin(client)

    def _habits_of(self, client: Client) -> list[Habit]:
        if client.name.startswith("operator"):
            operator = Operator(self, client)
            return [operator.live, operator.poison]
        if client.name.startswith("buyer"):
            return [Organizer(self, client).live]
        if client.name.startswith("supplier"):
            return [Supplier(self, client).live]
        postmen = [postman for postman in self.postmen if client.name.startswith("trader-2")]
        return [Trader(self, client, *postmen).live]

    def _postmen(self) -> list[Postman]:
        return [Postman(self, self.members["trader-2"])]

    def _begin(self, client: Client) -> None:
        for habit in self.habits[client]:
            _ = self.loop.spawn(client.host, habit())

    def storm(self) -> None:
        """Everything that can fail does, as often as the seed's temper has it."""
        temper = self.temper
        self.stormy = self.trading = self.bidding = self.faults.stormy = True
        self.weather.latency_us_max, self.weather.hiccup = temper.latency_us_max, temper.hiccup
        self.note("storm")
        for gap_us, strike in (
            (temper.crash_gap_us, self._crash_exchange),
            (temper.clock_step_gap_us, self._step_clock),
            (temper.down_gap_us, self._fail_store),
            (temper.tear_gap_us, self._tear),
            (temper.stall_gap_us, self._stall),
            (temper.client_crash_gap_us, self._crash_client),
            (temper.follower_crash_gap_us, self._crash_any_follower),
        ):
            if gap_us:
                _ = self.loop.spawn("", self._strike(gap_us, strike))
        self._pass(temper.storm_us)

    async def _strike(self, gap_us: int, strike: Callable[[], None]) -> None:
        while self.stormy:
            struck = self.loop.create_future()
            pause_us = int(self.chance.expovariate(1 / gap_us))
            self.loop.call_at_us(self.loop.now_us + pause_us, struck.set_result, None)
            await struck
            if self.stormy:
                strike()

    def _crash_exchange(self) -> None:
        server = self.servers[-1]
        if self.chance.random() < self.temper.takeover and server.engine.state in LISTENING:
            self.note("a second exchange starts")
            self.start_server()
        else:
            self.crash(server)

    def _step_clock(self) -> None:
        by_us = self.chance.randint(-self.temper.clock_step_us_max, self.temper.clock_step_us_max)
        self.note(f"the wall clock steps by {by_us}")
        self.clock.step(by_us)

    def _fail_store(self) -> None:
        until_us = self.loop.now_us + self.chance.randrange(self.temper.down_us_max)
        if self.chance.random() < 0.5:
            self.faults.down_until_us = until_us
        else:
            self.faults.full_until_us = until_us
        self.note(f"the store fails until {until_us}")

    def _tear(self) -> None:
        client = self.chance.choice(self.clients)
        if client.link:
            client.link.tear(lambda: self.chance.choice((0, 20 * MS, 2 * SECOND)))

    def _stall(self) -> None:
        caller = self.chance.choice(self.clients).caller
        if caller:
            caller.tap.may_skip = caller.link.slow = True
            caller.link.down.stall(self.loop.now_us + self.chance.randrange(4 * SECOND))

    def _crash_client(self) -> None:
        client = self.chance.choice(self.clients)
        self.note(f"{client.host} crashes")
        client.crash()
        client.begin()
        self._begin(client)

    def _crash_any_follower(self) -> None:
        if self.temper.follows:
            self.crash_follower()

    def settle(self) -> None:
        """The faults stop: whatever is in flight ends soon."""
        self.stormy = self.trading = self.bidding = False
        self.faults.calm()
        self.weather.calm()
        self.note("the faults are over")
        self._restart()
        for client in self.clients:
            client.hurry()
        self._pass(SETTLE_US)
        open_ = {client.name: client.unsettled for client in self.clients if client.unsettled}
        open_ |= {postman.member_id: len(postman.open) for postman in self.postmen if postman.open}
        if open_:
            raise Broken("P10", f"commands without an outcome {SETTLE_US} µs after the last fault: {open_}")

    def quieten(self) -> None:
        """Nobody does anything, until the last frame has arrived; what falls due meanwhile has to arrive, too."""
        self.note("quiet")
        self._pass(QUIET_US)
        for _ in range(QUIET_TRIES):
            seq = self.truth.seq
            self._pass(SECOND)
            if self.truth.seq == seq:
                return

    def close_lots(self) -> None:
        """Only suppliers are left, and nothing but the wall clock goes wrong, until every lot is closed."""
        self.note("only suppliers go on")
        for client in self.clients:
            if not client.name.startswith(("supplier", "buyer")):
                client.crash()
        self.bidding = True
        end_us = self.loop.now_us + CLOSING_US_MAX
        while self.loop.now_us < end_us:
            self._pass(20 * SECOND)
            if self.temper.clock_step_gap_us:
                self._step_clock()
            if not self.truth.oracle.lots_under_way():
                break
        else:
            raise Broken("P7", f"lots that do not close: {self.truth.oracle.lots_under_way()}")
        self.bidding = False

    def pass_terms(self) -> None:
        """Nothing in the plain world has a term that is longer than the storm."""


class _Asked:
    """A sink for the founder, in whose time nothing fails."""

    def __init__(self, tell: Callable[[Reply], None]) -> None:
        self.settled = tell

    def lost(self, reject: Reject) -> None:
        """Never."""
        raise Broken("P10", f"the founder was told {reject}")
