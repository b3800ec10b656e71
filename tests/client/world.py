"""A session, a naive exchange and the net between them, moved by hand: the ground of the tests of whole runs.

The net: frames of a live connection come in order. A cut loses all that was on its way to the client; what was
on its way to the exchange may still come in later, among the frames of the next connection.
"""

from collections import Counter, deque
from collections.abc import Callable, Sequence

from exchange_client import shown
from exchange_client.errors import NotExecuted, Rejected, Unknown
from exchange_client.inflight import NEVER, Outcome, Posted
from exchange_client.messages import PlaceOrder, Side
from exchange_client.resolving import Resolution, Resolved
from exchange_client.session import Event, Session, Settings
from tests.client.naive_exchange import KEY, NaiveConnection, NaiveExchange

SECOND = 1_000_000
PATIENCE_US = 20 * SECOND  # of virtual time, until everything is settled once the faults have stopped
BOOK = "book:i-1"


class Wire:
    """A connection with what is on its way in both directions."""

    def __init__(self, end: NaiveConnection) -> None:
        self.end = end
        self.up: deque[bytes] = deque()
        self.down: deque[bytes] = deque()


class World:
    """Every method is one thing that may happen; where it can't happen now, nothing does."""

    def __init__(self, draw: Callable[[int], int], *, resend: bool = True) -> None:
        self.exchange = NaiveExchange()
        self.session = Session(KEY, draw, settings=Settings(resend=resend))
        self.session.subscribe(BOOK, 0)
        self.now_us = SECOND
        self.wire: Wire | None = None
        self.late: deque[tuple[NaiveConnection, bytes]] = deque()
        self.orders: list[Posted] = []  # their quantities are 1, 2, 3 …
        self.ended: Counter[Posted] = Counter()
        self.asked: dict[Posted, Resolution] = {}
        self.forgot = False

    # --- the net ---------------------------------------------------------------------------------

    def connect(self) -> None:
        if self.wire is None and self.session.connect_us != NEVER:
            self.now_us = max(self.now_us, self.session.connect_us)
            self.wire = Wire(self.exchange.connect())
            self.session.connected(self.now_us)
            self._flush()

    def deliver(self, up: int, down: int) -> None:
        """So many frames arrive at the exchange, then so many at the client."""
        while self.wire and self.wire.up and up:
            self.exchange.take(self.wire.end, self.wire.up.popleft())
            up -= 1
        self._gather()
        while self.wire and self.wire.down and down:
            self._hear(self.session.receive(self.wire.down.popleft(), self.now_us))
            down -= 1

    def deliver_late(self) -> None:
        """A frame of an older connection: the exchange reads it, and answers into the void."""
        if self.late:
            self.exchange.take(*self.late.popleft())
            self._gather()

    def lose_late(self) -> None:
        self.late.clear()

    def cut(self, code: int = 0) -> None:
        if self.wire:
            self.late.extend((self.wire.end, frame) for frame in self.wire.up)
            self.exchange.cut(self.wire.end)
            self.wire = None
            self._hear(self.session.disconnected(self.now_us, code=code))

    def _flush(self) -> None:
        frames = self.session.frames_to_send()
        if self.wire:
            self.wire.up.extend(frames)

    def _gather(self) -> None:
        if self.wire:
            self.wire.down.extend(self.wire.end.out)
            self.wire.end.out.clear()

    def _hear(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, Posted):
                self.ended[event] += 1
        self._flush()
        if self.session.leave:
            self.cut()

    # --- the caller ------------------------------------------------------------------------------

    def post(self, commands: int, patience_us: int = NEVER) -> None:
        for _ in range(commands):
            quantity = len(self.orders) + 1
            order = PlaceOrder(instrument_id="i-1", side=Side.BUY, price=1, quantity=quantity)
            self.orders.append(Posted(order, min(self.now_us + patience_us, NEVER)))
            self.session.post(self.orders[-1])
        self._flush()

    def resolve(self) -> None:
        """Ask about every command whose outcome is unknown and can still be known."""
        for posted in self.orders:
            outcome = posted.outcome
            known_session = self.session.position.session
            if isinstance(outcome, Unknown) and outcome.sent and outcome.session == known_session:
                question = Resolution(outcome.ref, NEVER)
                self.asked[posted] = self.session.resolve(question, self.now_us)
        self._flush()

    def refresh(self) -> None:
        """Somebody else follows the book too, and begins with a snapshot."""
        self.session.refresh(BOOK, self.now_us)
        self._flush()

    def come_back(self) -> None:
        """Leave the book, and follow it again at once."""
        self.session.unsubscribe(BOOK, self.now_us)
        self.session.subscribe(BOOK, self.now_us)
        self._flush()

    def wait(self, pause_us: int) -> None:
        self.now_us += pause_us
        self.exchange.now_us = self.now_us
        self._hear(self.session.tick(self.now_us))

    # --- the exchange ----------------------------------------------------------------------------

    def trouble(self, *, busy: bool, halted: bool, losing: bool, keeps_history: bool) -> None:
        self.exchange.busy, self.exchange.halted, self.exchange.losing = busy, halted, losing
        self.exchange.keeps_history = keeps_history

    def move(self, side: str, price: int, quantity: int, fault: str = "") -> None:
        self.exchange.move(side, price, quantity, lost=fault == "lost", spoilt=fault == "spoilt")
        self._gather()

    def beat(self) -> None:
        self.exchange.beat()
        self._gather()

    def restart(self) -> None:
        """The exchange is killed and comes back; what was on its way is lost."""
        self.cut()
        self.late.clear()
        self.exchange.restart()

    def forget(self) -> None:
        self.exchange.forget_sessions()
        self.forgot = True

    # --- what has to hold ------------------------------------------------------------------------

    def check_so_far(self) -> None:
        """Nothing took effect twice; what ended was told once, and nothing else."""
        effects = [frame["quantity"] for frame in self.exchange.executed]
        assert len(effects) == len(set(effects))
        assert all(self.ended[posted] == (posted.outcome is not None) for posted in self.orders)

    def settle(self) -> None:
        """The faults stop; everything in flight comes to its end, and what was late comes in."""
        self.trouble(busy=False, halted=False, losing=False, keeps_history=True)
        self._run()
        self.resolve()
        self._run()
        while self.late:
            self.deliver_late()

    def _run(self) -> None:
        end_us = self.now_us + PATIENCE_US
        while self.now_us < end_us:
            self.connect()
            for _ in range(4):
                self.deliver(10_000, 10_000)
            self.beat()
            self.wait(100_000)

    def check_end(self) -> None:
        """Every command has the outcome that is true, and the local book is the exchange's."""
        self.check_so_far()
        effects = {frame["quantity"] for frame in self.exchange.executed}
        for posted in self.orders:
            took_effect = order_of(posted).quantity in effects
            assert is_true(posted.outcome, took_effect=took_effect)
            if posted in self.asked:
                answer = self.asked[posted].outcome
                assert is_true(answer, took_effect=took_effect)
                assert self.forgot or not isinstance(answer, Unknown)
        book = self.session.book(BOOK)
        assert book is not None
        assert [list(level) for level in book.top(Side.BUY, 1_000)] == self.exchange.levels("bids")
        assert [list(level) for level in book.top(Side.SELL, 1_000)] == self.exchange.levels("asks")


def order_of(posted: Posted) -> PlaceOrder:
    """The order that was posted."""
    assert isinstance(posted.command, PlaceOrder)
    return posted.command


def is_true(outcome: Outcome | Resolved | None, *, took_effect: bool) -> bool:
    """Whether this may be said of a command."""
    match outcome:
        case shown.Ack():
            return took_effect
        case Rejected(reason="MONEY_SHORT" | "BUSY" | "HALTED") | NotExecuted() | Unknown(sent=False):
            return not took_effect
        case Unknown():
            return True
        case _:
            return False
