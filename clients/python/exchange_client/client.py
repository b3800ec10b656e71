"""The client: one session with the exchange over one WebSocket at a time, kept up until it is closed.

Guarantees: it connects again by itself, with growing pauses, and goes on where it was; every command ends in
exactly one of its Ack, `Rejected`, `Unknown`; a feed has no silent gap; nothing it holds grows without bound.
It ends when the block is left, or when the exchange says that another connection would be turned away too.

Known limits: one event loop, one program per session; leaving the block waits for the commands that are open, each
for no longer than its own time-out.
"""

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from math import inf
from ssl import SSLContext
from types import TracebackType
from typing import Final, Self

import aiohttp

from exchange_client.calls import Calls
from exchange_client.channels import ChannelRefused, Resynced, Update
from exchange_client.clock import ExchangeClock
from exchange_client.drops import DropFeed
from exchange_client.errors import Closed, NotExecuted, Stopped, Unknown, Unreachable
from exchange_client.feeds import BookFeed, OwnFeed, Reader, TickerFeed, TradesFeed
from exchange_client.inflight import NEVER, Posted
from exchange_client.instruments import Instruments
from exchange_client.messages import AnyCommand
from exchange_client.posts import Post, Question
from exchange_client.queues import PhaseFeed, QueuesFeed
from exchange_client.resolving import Resolution
from exchange_client.rooms import Room
from exchange_client.session import (
    FIRST,
    Complaint,
    Connected,
    Disconnected,
    Event,
    Position,
    Session,
    Settings,
)
from exchange_client.shown import Ack
from exchange_client.transport import Connection, Unconnected, checked_url, http_session
from exchange_client.updates import Instrument

HANDSHAKE_S_MAX: Final = 10.0
"""For one attempt to connect."""

log = logging.getLogger("exchange_client")


class Client(Calls):
    """A member's access to the exchange: `async with Client("https://…", key=…) as client`.

    `timeout_s` ends a command that has no outcome by then as `Unknown` (or as `Rejected`, if the exchange was busy
    all the time); `math.inf` waits for ever. `position` takes up the session of an earlier run. With
    `cancel_on_disconnect` the exchange cancels this session's orders whenever the connection is lost, also at the end.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str,
        timeout_s: float = 30.0,
        connect_s_max: float = 15.0,
        position: Position = FIRST,
        ssl: SSLContext | bool = True,
        settings: Settings | None = None,
        cancel_on_disconnect: bool = False,
    ) -> None:
        """`url` is the exchange's own, http://127.0.0.1:8080 say, or its WebSocket's. `connect_s_max` bounds only the first connection; later ones are tried for as long as it takes."""
        self._url = checked_url(url, key)
        self._ssl = ssl
        self._timeout_s = timeout_s
        self._connect_s_max = connect_s_max
        self._began_us = time.time_ns() // 1_000 - time.monotonic_ns() // 1_000
        self._session = Session(
            key,
            random.randrange,
            position=position,
            settings=settings,
            cancel_on_disconnect=cancel_on_disconnect,
        )
        self.clock = ExchangeClock(self._session.clock, self._now_us)
        self._instruments = Instruments(self)
        self._readers: dict[str, list[Reader]] = {}
        self._connection: Connection | None = None
        self._running: asyncio.Task[None] | None = None
        self._entered = asyncio.Event()
        self._settled: deque[asyncio.Future[None]] = deque()  # who waits until fewer commands are open
        self._timer: asyncio.TimerHandle | None = None
        self._timer_us = NEVER
        self._flushing = False
        self._why = "no attempt was made"
        self._member_id = ""

    def _now_us(self) -> int:
        """The wall clock's time at the start, and steady from then on."""
        return self._began_us + time.monotonic_ns() // 1_000

    # --- life ------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        """Connect. Raises Unreachable (not within `connect_s_max`), Stopped (the key is refused, for one)."""
        self._running = asyncio.create_task(self._run(), name="exchange client")
        try:
            async with asyncio.timeout(self._connect_s_max):
                await self._entered.wait()
        except TimeoutError:
            await self.close()
            raise Unreachable(
                f"no connection to {self._url} within {self._connect_s_max} s: {self._why}"
            ) from None
        except BaseException:
            await self.close()
            raise
        if self._session.stopped:
            await self.close()
            raise self._session.stopped
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                await self.drain()
        finally:
            await self.close()

    async def close(self) -> None:
        """End now: what is open is unknown. Does nothing if it is closed already."""
        self._deliver(self._session.close(Closed("the client was closed")))
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
            await asyncio.wait([running])
            if not running.cancelled():
                running.result()  # A bug of this client is not kept from its caller.

    async def drain(self, below: int = 1) -> None:
        """Wait until fewer than so many commands are open."""
        while self._session.open >= below:
            await self._next_settled()

    async def _next_settled(self) -> None:
        future = asyncio.get_running_loop().create_future()
        self._settled.append(future)
        await future

    @property
    def position(self) -> Position:
        """The session and its highest ref: keep both, and a later run can take up the session."""
        return self._session.position

    @property
    def member_id(self) -> str:
        """Who this key speaks for; empty before the first connection."""
        welcome = self._session.welcome
        self._member_id = welcome.member_id if welcome else self._member_id
        return self._member_id

    # --- commands --------------------------------------------------------------------------------

    def post(
        self,
        command: AnyCommand,
        *,
        timeout_s: float | None = None,
        then: Callable[[Post], object] | None = None,
    ) -> Post:
        """Send a command without waiting; many can be under way. What is returned can be awaited.

        Raises Stopped, Rejected (the key can't open a session), Invalid (too large), TooManyOpen.
        """
        post = Post(command, self._deadline_us(timeout_s), then)
        self._session.post(post)
        if not self._flushing:
            self._flush_soon()
        return post

    async def send(self, command: AnyCommand, *, timeout_s: float | None = None) -> Ack:
        """Send a command and await its outcome; waits for its turn while too many are open."""
        while not self._session.room and not self._session.stopped:
            await self._next_settled()
        return await self.post(command, timeout_s=timeout_s)

    async def resolve(self, unknown: Unknown | int, *, timeout_s: float | None = None) -> Ack:
        """Find out what became of a command: its Ack, or raised: its Rejected, NotExecuted, or still Unknown.

        By its exception, or by its ref in this session. Raises Invalid where that ref is open or was never used.
        """
        ref = unknown if isinstance(unknown, int) else unknown.ref
        if isinstance(unknown, Unknown):
            if not unknown.sent:
                raise NotExecuted(ref)
            if unknown.session != self._session.position.session:
                raise unknown
        question = self._session.resolve(Question(ref, self._deadline_us(timeout_s)), self._now_us())
        assert isinstance(question, Question)
        self._flush_soon()
        return await question

    def _deadline_us(self, timeout_s: float | None) -> int:
        seconds = self._timeout_s if timeout_s is None else timeout_s
        return NEVER if seconds == inf else self._now_us() + int(seconds * 1_000_000)

    # --- feeds -----------------------------------------------------------------------------------

    def book(self, instrument: str | Instrument) -> BookFeed:
        """Follow a book; the instrument is given by itself or by its id."""
        return BookFeed(self, _id_of(instrument))

    def trades(self, instrument: str | Instrument) -> TradesFeed:
        """Follow the trades of an instrument."""
        return TradesFeed(self, _id_of(instrument))

    def ticker(self, instrument: str | Instrument) -> TickerFeed:
        """Follow best bid and offer and the last trade."""
        return TickerFeed(self, _id_of(instrument))

    def queues(self, instrument: str | Instrument) -> QueuesFeed:
        """Follow every order that shows in a book, in the order of its queue."""
        return QueuesFeed(self, _id_of(instrument))

    def phase(self, instrument: str | Instrument) -> PhaseFeed:
        """Follow the market's phase, and what a call would come to."""
        return PhaseFeed(self, _id_of(instrument))

    def drop_copy(self) -> DropFeed:
        """Follow what becomes of everybody's orders; the exchange shows it to operators and auditors alone."""
        return DropFeed(self)

    def own(self) -> OwnFeed:
        """Follow what happens to this member: orders, fills, contracts, balances."""
        return OwnFeed(self)

    def lot(self, lot_id: str) -> Room:
        """Follow a lot, and bid in it."""
        return Room(self, self, lot_id, lambda: self.member_id)

    async def lot_scale(self, lot_id: str) -> int:
        """The scale of a lot's prices, asked for each time: follow the lot, or keep the scale, to bid fast."""
        async with self.lot(lot_id) as room:
            return room.state.price_scale

    async def instrument(self, name: str) -> Instrument:
        """The instrument of this id or symbol. Raises Invalid (there is none), Stopped."""
        return await self._instruments.find(name)

    def attach(self, reader: Reader) -> None:
        """Give a reader a snapshot of its channel, and what follows. Raises Stopped."""
        if self._session.stopped:
            raise self._session.stopped
        self._readers.setdefault(reader.channel, []).append(reader)
        if not self._session.subscribe(reader.channel, self._now_us()):
            self._session.refresh(reader.channel, self._now_us())
        self._flush_soon()

    def detach(self, reader: Reader) -> None:
        """Give a reader no more; a channel without readers is left."""
        readers = self._readers.get(reader.channel, [])
        if reader in readers:
            readers.remove(reader)
        if not readers and self._readers.pop(reader.channel, None) is not None:
            self._session.unsubscribe(reader.channel, self._now_us())
            self._flush_soon()

    def refresh(self, channel: str, missed: str) -> None:
        """Have a channel begin anew; its readers are told why something may be missing."""
        self._session.refresh(channel, self._now_us(), missed=missed)
        self._flush_soon()

    # --- the connection --------------------------------------------------------------------------

    async def _run(self) -> None:
        """Keep a connection until the session ends."""
        try:
            async with http_session() as http:
                while not self._session.stopped:
                    await asyncio.sleep(max(self._session.connect_us - self._now_us(), 0) / 1e6)
                    await self._connect(http)
        except Exception as error:
            # A bug of this client: nobody may wait for it any longer.
            self._deliver(self._session.close(Stopped(f"the client failed: {error!r}")))
            raise
        finally:
            if self._timer is not None:
                self._timer.cancel()

    async def _connect(self, http: aiohttp.ClientSession) -> None:
        """One connection, from handshake to end; or none."""
        try:
            async with asyncio.timeout(HANDSHAKE_S_MAX):
                connection = await Connection.open(http, self._url, self._ssl)
        except TimeoutError:
            self._deliver(self._session.disconnected(self._now_us(), why="the handshake took too long"))
        except Unconnected as error:
            if error.final:
                self._deliver(self._session.close(Stopped(str(error))))
            self._deliver(self._session.disconnected(self._now_us(), why=str(error)))
        else:
            await self._talk(connection)

    async def _talk(self, connection: Connection) -> None:
        """Read until either side ends it."""
        session = self._session
        self._connection = connection
        session.connected(self._now_us())
        self._flush()
        try:
            while (frame := await connection.receive()) is not None:
                self._deliver(session.receive(frame, self._now_us()))
                if session.leave:
                    break
                self._flush_soon()
        finally:
            self._connection = None
            await connection.close()
        self._deliver(session.disconnected(self._now_us(), code=connection.close_code, why=connection.why))

    def _flush_soon(self) -> None:
        """Gather what this turn of the loop sends, then write it at once."""
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        if self._connection is not None:
            self._connection.send(self._session.frames_to_send())
        due_us = self._session.next_us()
        if due_us < self._timer_us and self._running is not None:
            self._arm(due_us)

    def _arm(self, due_us: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_us = due_us
        delay_s = max(due_us - self._now_us(), 0) / 1e6
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._tick)

    def _tick(self) -> None:
        self._timer_us = NEVER
        self._deliver(self._session.tick(self._now_us()))
        if self._session.leave and self._connection is not None:
            self._connection.abort()
        if not self._session.stopped:
            self._flush()

    # --- what it means ---------------------------------------------------------------------------

    def _deliver(self, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case Post() | Question():
                    event.wake()
                case Update(channel=channel) | Resynced(channel=channel) | ChannelRefused(channel=channel):
                    for reader in self._readers.get(channel, ()):
                        reader.take(event)
                case Connected():
                    if not self._session.resumes:
                        self._entered.set()
                case Disconnected(why=why):
                    self._why = why
                    log.info("disconnected from %s: %s", self._url, why)
                case Complaint(error=error):
                    log.warning("the exchange did not understand this client: %s", error)
                case Stopped():
                    self._end(event)
                case Posted() | Resolution():
                    continue  # A command of the session's own.
        if events and self._settled and (self._session.room > 0 or self._session.stopped):
            self._wake_settled()

    def _wake_settled(self) -> None:
        """Each of them looks for itself whether it may go on."""
        while self._settled:
            future = self._settled.popleft()
            if not future.done():
                future.set_result(None)

    def _end(self, stopped: Stopped) -> None:
        self._entered.set()
        for readers in list(self._readers.values()):
            for reader in list(readers):
                reader.take(stopped)


def _id_of(instrument: str | Instrument) -> str:
    return instrument if isinstance(instrument, str) else instrument.instrument_id
