"""What is true: the store's durable batches, told by an oracle. Nothing else may be told to anybody.

It follows the store batch by batch and holds the journal to its promises as it goes: that it can be replayed (P1),
holds nothing twice (P2) and in order (P3), that instants are those of a steady clock and that no outage cost a
bidder its chance (P7). Whatever leaves the exchange is compared with it (`tap`), and so is all that is left at the
end (`verdict`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple
from zlib import crc32

from msgspec import msgpack
from msgspec.structs import replace

from exchange.core.limits import OUTAGE_NOTICE_US
from exchange.core.messages import (
    AnyEvent,
    EndOutage,
    FireDeadlines,
    LotClosed,
    LotOpened,
    Reply,
    Sequenced,
    Side,
    Traded,
)
from exchange.core.messages.corrections import TradeBusted, TradeCorrected, TradeStatus
from exchange.core.messages.lot_clocks import LevelSet, RoundPaused, TurnBegan
from exchange.core.messages.phases import CallTraded
from exchange.core.messages.review import LotReopened
from exchange.core.messages.shown import Lot, Print
from exchange.core.visibility import show_print
from exchange.core.visibility.calls import show_call_print
from exchange.engine.base import Released
from exchange.gateway.websocket.streams import CHECKED_LEVELS
from exchange.journal.base import GENESIS, Batch
from exchange.journal.format import check
from exchange.journal.memory import MemoryStore
from tests.models.exchange import Foretold
from tests.simulation.clocks import Anchor
from tests.simulation.oracle import Levels, Oracle

POISON = "the poison"
"""What the one assertion says that the simulation itself plants in the kernel."""

_decode = msgpack.Decoder(list[Sequenced]).decode

Told = Callable[[str, bytes], None]
"""(where, bytes): something leaves the exchange, or is kept by it."""
Key = tuple[str, int, int]
"""Member, session, ref."""


class Broken(AssertionError):
    """A promise was broken."""

    def __init__(self, promise: str, what: str) -> None:
        super().__init__(f"{promise}: {what}")
        self.promise = promise


class Term(NamedTuple):
    """One stretch of time in which an exchange served. `epoch` is that of its start."""

    epoch: int
    began_us: int
    ended_us: int | None  # in virtual time; nothing while it serves
    ended_at_us: int  # the same on the exchange's own clock


class Truth:
    """Everything durable, by what it may be asked for."""

    def __init__(self, store: MemoryStore, oracle: Oracle, overhear: Told = lambda *_: None) -> None:
        self.oracle = oracle
        self.overhear = overhear  # shown all that leaves the exchange or is kept by it
        self._snapshots = 0
        self.foretold: list[Foretold] = []  # by sequence, from 1
        self.commands: list[Sequenced] = []
        self.replies: dict[Key, Reply] = {}
        self.by_key: dict[tuple[str, str], Reply] = {}  # by member and Idempotency-Key
        self.high: dict[tuple[str, int], int] = {}
        self.never: dict[Key, str] = {}  # what was promised never to be executed, and by what
        self.arrivals: dict[Key, list[int]] = {}  # when a command reached the exchange, in virtual time
        self.checksums: dict[str, set[int]] = {}  # of a book, after each batch
        self.tops: dict[str, set[tuple[int, int, int, int]]] = {}
        self.prints: dict[str, dict[int, Print]] = {}
        self.restated: dict[tuple[str, int], list[Print]] = {}  # by instrument and number, after corrections
        self.fills: dict[tuple[str, str, str, int], tuple[int, int]] = {}
        self.pictures: dict[
            tuple[str, str, int, int], Lot
        ] = {}  # of lots: by viewer, channel, epoch and offset
        self.anchors: dict[int, Anchor] = {}  # by epoch
        self.terms: list[Term] = []
        self._store = store
        self._read = 0
        self._chain = GENESIS
        self._epoch = 0
        self._at_us = 0
        self._resumed: dict[int, int] = {}  # by epoch, when an outage ended as the journal has it
        self._opened: dict[str, int] = {}  # lots that are open: since when, in virtual time
        self._stages: dict[
            str, tuple[int, int]
        ] = {}  # what a lot's clock shows: since when, and for how long
        self.broken: Exception | None = None  # what went wrong first

    @property
    def seq(self) -> int:
        """Sequence of the last durable command."""
        return len(self.commands)

    def catch_up(self) -> None:
        """Take in what became durable since. The first broken promise is raised again and again."""
        batches = self._store.batches
        with self._remembering():
            while self._read < len(batches):
                self._read += 1
                self._take(batches[self._read - 1])
            for snapshot in list(self._store.snapshots.values())[self._snapshots :]:
                self._snapshots += 1
                self.overhear(f"the snapshot at {snapshot.seq}", snapshot.state)
            for reason in self._store.quarantine.values():
                if POISON not in reason:
                    raise Broken("P1", f"a command tripped an assertion: {reason}")

    @contextmanager
    def _remembering(self) -> Iterator[None]:
        """A task that fails may take a while to end, and what fails meanwhile must not hide why."""
        if self.broken is not None:
            raise self.broken
        try:
            yield
        except Exception as error:
            self.broken = error
            raise

    # --- batch by batch --------------------------------------------------------------------------

    def _take(self, batch: Batch) -> None:
        packed = check(batch, self._chain, self.seq + 1, epoch_min=self._epoch, at_us_min=self._at_us)
        commands = _decode(packed.entries_array)
        if self.seq and batch.epoch != self._epoch:
            self._check_outage(batch.epoch, commands[0])
        self._chain, self._epoch = batch.chain, batch.epoch
        events: list[AnyEvent] = []
        for sent in commands:
            foretold = self.oracle.execute(sent)
            if self.oracle.objections:
                promise, _, why = self.oracle.objections[0].partition(": ")
                raise Broken(promise, f"sequence {self.seq + 1}, {sent}: {why}")
            self._remember(sent, foretold)
            events += foretold.events
        self.overhear(f"the batch from {batch.first_seq}", bytes(packed.entries_array))
        self._at_us = batch.last_at_us
        self.oracle.boundary(commands, events)
        self._note_boundary(events)

    def _remember(self, sent: Sequenced, foretold: Foretold) -> None:
        self.commands.append(sent)
        self.foretold.append(foretold)
        key = sent.member_id, sent.session, sent.command.ref
        if sent.idempotency:
            self.by_key[sent.member_id, sent.idempotency] = foretold.reply
        if sent.session:
            if key in self.never:
                raise Broken("P10", f"{key} was executed after {self.never[key]} said that it never would be")
            self.replies[key] = foretold.reply
            self.high[key[:2]] = sent.command.ref
            self._check_instant(sent, key)
        for event in foretold.events:
            match event:
                case Traded():
                    makers = (event.maker_member_id, event.maker_order_id)
                    takers = (event.taker_member_id, event.taker_order_id)
                    self._note_trade(event, show_print(event, sent.at_us), makers, takers)
                case CallTraded():
                    buyers = (event.buyer_id, event.buy_order_id)
                    sellers = (event.seller_id, event.sell_order_id)
                    self._note_trade(event, show_call_print(event, sent.at_us), buyers, sellers)
                case TradeBusted():
                    self._restate(event, event.price, event.quantity, TradeStatus.BUSTED)
                case TradeCorrected():
                    self._restate(event, event.price, event.quantity, TradeStatus.CORRECTED)
                case LotOpened() | LotReopened():
                    self._opened[event.lot_id] = self.anchors[self._epoch].true_at(sent.at_us)
                case LotClosed():
                    self._stages.pop(event.lot_id, None)
                    self._check_chance(event.lot_id, self.anchors[self._epoch].true_at(sent.at_us))
                case LevelSet() | RoundPaused() | TurnBegan():
                    self._check_stage(event, sent)
                case _:
                    pass

    def _note_trade(self, event: Traded | CallTraded, shown: Print, *sides: tuple[str, str]) -> None:
        self.prints.setdefault(event.instrument_id, {})[event.trade_number] = shown
        for member_id, order_id in sides:
            key = member_id, order_id, event.instrument_id, event.trade_number
            self.fills[key] = event.price, event.quantity

    def _restate(
        self, event: TradeBusted | TradeCorrected, price: int, quantity: int, status: TradeStatus
    ) -> None:
        """The print as a later snapshot has it."""
        instrument_id, number = event.sides.instrument_id, event.trade_number
        shown = replace(self.prints[instrument_id][number], price=price, quantity=quantity, status=status)
        self.restated.setdefault((instrument_id, number), []).append(shown)

    def _note_boundary(self, events: list[AnyEvent]) -> None:
        """What can be seen from outside is the state between two batches."""
        for instrument_id in self.oracle.books(events):
            bids, asks = (self.levels(instrument_id, side) for side in (Side.BUY, Side.SELL))
            self.checksums.setdefault(instrument_id, set()).add(checksum(bids, asks))
            top = (bids or [(0, 0)])[0] + (asks or [(0, 0)])[0]
            self.tops.setdefault(instrument_id, set()).add(top)

    def levels(self, instrument_id: str, side: Side) -> Levels:
        """Price and quantity, best first."""
        return self.oracle.levels(instrument_id, side)

    # --- time ------------------------------------------------------------------------------------

    def _check_instant(self, sent: Sequenced, key: Key) -> None:
        """A command bears the instant at which it came in, on a clock that only drifts and slews."""
        anchor = self.anchors[self._epoch]
        ranges = [anchor.exchange_at(true_us) for true_us in self.arrivals.get(key, ())]
        if not any(first <= sent.at_us <= last for first, last in ranges):
            raise Broken("P7", f"{sent} bears another instant than that at which it came in: {ranges}")

    def _check_outage(self, epoch: int, first: Sequenced) -> None:
        """Who takes over says first how long nobody served: from the end of the last term, no more, no less."""
        command = first.command
        if not isinstance(command, EndOutage):
            raise Broken("P7", f"epoch {epoch} begins with {first}, not with the end of the outage")
        away_since_us = first.at_us - command.down_us
        ends_us = [term.ended_at_us for term in self.terms if term.epoch <= self._epoch]
        last_us = max(self._at_us, *ends_us)
        if not self._at_us <= away_since_us <= last_us:
            between = f"{self._at_us} and {last_us}"
            raise Broken(
                "P7", f"epoch {epoch} counts the outage from {away_since_us}, not from between {between}"
            )
        self._resumed[epoch] = self.anchors[epoch].true_at(first.at_us)

    def _check_chance(self, lot_id: str, closed_us: int) -> None:
        """From opening to close the exchange served as long as the event lasts, and long enough after an outage.

        An outage ends with the instant of its `EndOutage`: what its commit takes is as short as any commit.
        """
        opened_us = self._opened.pop(lot_id)
        owed_us = self.oracle.duration_us(lot_id)
        spans = self._spans(opened_us, closed_us)
        served = [last - first for first, last in spans]
        if sum(served) < owed_us * 0.998 - 1_000:
            raise Broken("P7", f"lot {lot_id} was open for {sum(served)} µs of {owed_us}")
        was_interrupted = owed_us and (len(spans) > 1 or spans[0][0] > opened_us)
        if was_interrupted and served[-1] < OUTAGE_NOTICE_US * 0.998 - 1_000:
            raise Broken("P7", f"lot {lot_id} closed {served[-1]} µs after an outage")

    def _check_stage(self, event: LevelSet | RoundPaused | TurnBegan, sent: Sequenced) -> None:
        """What the clock of a lot showed before stood its whole time while the exchange served.

        Only what passes by itself is held to that: a bid, too, ends a turn or a level.
        """
        now_us = self.anchors[self._epoch].true_at(sent.at_us)
        since_us, owed_us = self._stages.get(event.lot_id, (0, 0))
        if since_us and isinstance(sent.command, FireDeadlines):
            served_us = sum(last - first for first, last in self._spans(since_us, now_us))
            if served_us < owed_us * 0.998 - 1_000:
                shown = f"the clock of lot {event.lot_id} stood for {served_us} µs of {owed_us}"
                raise Broken("P7", f"{shown} before {event}")
        self._stages[event.lot_id] = now_us, max(0, event.until_us - sent.at_us)

    def _spans(self, opened_us: int, closed_us: int) -> list[tuple[int, int]]:
        """When in between the exchange served, in virtual time."""
        begun = [(self._resumed.get(term.epoch, term.began_us), term) for term in self.terms]
        spans = [
            (max(began_us, opened_us), min(term.ended_us or closed_us, closed_us)) for began_us, term in begun
        ]
        return [(first, last) for first, last in spans if first < last]

    # --- what the exchange says of itself --------------------------------------------------------

    def released(self, released: Sequence[Released]) -> None:
        """The exchange tells what these commands did: it must be what they had to do, and durable."""
        self.catch_up()
        with self._remembering():
            for each in released:
                self._check_released(each)

    def _check_released(self, each: Released) -> None:
        if each.seq > self.seq:
            raise Broken("P6", f"sequence {each.seq} is told of and not durable: {each.sequenced}")
        if each.sequenced != self.commands[each.seq - 1]:
            raise Broken("P1", f"sequence {each.seq} is {each.sequenced}, not {self.commands[each.seq - 1]}")
        foretold, done = self.foretold[each.seq - 1], self.oracle.told(each.outcome)
        if done != foretold:
            only_money = (done.reply, done.events) == (foretold.reply, foretold.events)
            promise = PROMISE_OF.get(type(each.sequenced.command), "P4" if only_money else "P3")
            raise Broken(promise, _difference(each, foretold, done))


PROMISE_OF = {EndOutage: "P7", FireDeadlines: "P7"}


def _difference(each: Released, foretold: Foretold, done: Foretold) -> str:
    parts = [
        f"{name} is {now}, not {due}"
        for name, due, now in zip(Foretold._fields, foretold, done, strict=True)
        if due != now
    ]
    return f"sequence {each.seq}, {each.sequenced}: {'; '.join(parts)}"


def checksum(bids: list[tuple[int, int]], asks: list[tuple[int, int]]) -> int:
    """What a book's frame says of its top levels."""
    best = bids[:CHECKED_LEVELS] + asks[:CHECKED_LEVELS]
    return crc32(",".join(f"{price}:{quantity}" for price, quantity in best).encode())
