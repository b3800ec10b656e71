"""Bugs planted on purpose: a simulator is trusted only as far as it finds them.

Each mutant replaces a few functions for as long as it is planted. What it breaks stands in its sentence.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from exchange.core.deadlines import Deadline, Deadlines
from exchange.core.flows.holds import EXPIRE_ORDER, Holds
from exchange.core.flows.lot_sale import LOT_PAYMENT, LotSales
from exchange.core.flows.market_phases import END_CALL
from exchange.core.ledger import schedules
from exchange.core.ledger.commission import Commission
from exchange.core.ledger.payments import Payments, PaymentsState
from exchange.core.market import book
from exchange.core.market.auction import Auctions, AuctionsState
from exchange.core.market.ladder import Ladder, Order
from exchange.core.market.lots import clock
from exchange.core.market.sourcing import Lot
from exchange.core.market.steering import Steering
from exchange.core.messages import AnyEvent, Reply, Traded
from exchange.core.messages.ledger import Payer
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode
from exchange.core.sessions import Sessions, SessionsState
from exchange.engine.clock import EngineClock
from exchange.engine.gathering import Waiting
from exchange.engine.sequencer import Engine
from exchange.gateway.websocket.feed import Feed
from exchange.gateway.websocket.streams import KeptStream
from exchange.journal.base import Batch, JournalUnavailable
from exchange.journal.memory import MemoryJournal
from tests.simulation.close_mutants import CLOSE_MUTANTS
from tests.simulation.lot_mutants import LOT_MUTANTS
from tests.simulation.money_mutants import MONEY_MUTANTS
from tests.simulation.planting import Healthy, Mutant, Patch
from tests.simulation.run import run_seed
from tests.simulation.sale_mutants import SALE_MUTANTS
from tests.simulation.seal_mutants import SEAL_MUTANTS
from tests.simulation.wide import WideWorld


class Found(NamedTuple):
    """The seed that shows a mutant, the promise that it breaks there, and how long it took to find."""

    seed: int
    promise: str
    seconds: float


def first_found(name: str, seeds: Iterable[int], seconds_max: float) -> Found | None:
    """The first seed in which a mutant breaks one of its promises, as far as it is looked for."""
    began = time.process_time()
    for seed in seeds:
        with planted(name):
            promise = run_seed(seed, world_of=MUTANTS[name].world_of).failure.partition(":")[0]
        took_s = round(time.process_time() - began, 1)
        if promise in MUTANTS[name].breaks.split():
            return Found(seed, promise, took_s)
        if took_s > seconds_max:
            break
    return None


@contextmanager
def planted(name: str) -> Iterator[None]:
    """The mutant is in the program for as long as the block lasts; nothing is for an empty name."""
    with ExitStack() as stack:
        for owner, attribute, make in MUTANTS[name].patches if name else ():
            healthy = owner.__dict__[attribute]
            stack.callback(setattr, owner, attribute, healthy)
            setattr(owner, attribute, make(healthy))
        yield


# --- journal and engine --------------------------------------------------------------------------


def _unsynced(healthy: Healthy) -> Healthy:
    async def append(self: MemoryJournal, batch: Batch) -> None:
        held: list[Batch] = self.__dict__.setdefault("held", [])
        held.append(batch)
        await asyncio.sleep(0)
        if len(held) % 4 == 0:
            while held:
                await healthy(self, held[0])
                held.pop(0)

    return append


def _in_background(healthy: Healthy) -> Healthy:
    async def append(self: MemoryJournal, batch: Batch) -> None:
        earlier: asyncio.Task[None] | None = self.__dict__.get("under_way")

        async def work() -> None:
            if earlier is not None:
                await earlier
            try:
                await healthy(self, batch)
            except JournalUnavailable:
                return

        self.__dict__["under_way"] = asyncio.get_running_loop().create_task(work())

    return append


def _unfenced(healthy: Healthy) -> Healthy:
    async def append(self: MemoryJournal, batch: Batch) -> None:
        await self._fault("append")
        self._store.batches.append(batch)
        await self._fault("appended")

    return append


def _echo_at_once(healthy: Healthy) -> Healthy:
    def echo(self: Engine, waiting: Waiting, answer: Reply | Reject) -> None:
        if isinstance(answer, Reply) and waiting.sink is not None:
            waiting.sink.settled(answer)
        else:
            healthy(self, waiting, answer)

    return echo


def _doubt_is_success(healthy: Healthy) -> Healthy:
    def lose_everything(self: Engine) -> None:
        if self._committing:
            for command in self._committing.released:
                if command.sink is not None:
                    command.sink.settled(command.outcome.reply)
            self._committing = None
        healthy(self)

    return lose_everything


def _feed_at_once(healthy: Healthy) -> Healthy:
    def execute(self: Engine, waiting: Waiting) -> None:
        count = len(self._open.released)
        healthy(self, waiting)
        fresh = self._open.released[count:]
        if fresh and self.state.value == "serving":
            self.views.apply(fresh)
            self.on_release(fresh)

    return execute


def _polled(healthy: Healthy) -> Healthy:
    def next_us(self: Deadlines) -> int | None:
        due_us: int | None = healthy(self)
        return None if due_us is None else -(-due_us // 1_000_000) * 1_000_000

    return next_us


def _check_early(healthy: Healthy) -> Healthy:
    def submit(
        self: Engine, member_id: str, session: int, command: Any, sink: Any, idempotency: str = ""
    ) -> Any:
        seen = self._kernel.seen(member_id, session, idempotency, command) if session else None
        if seen is None or self.state.value != "serving":
            return healthy(self, member_id, session, command, sink, idempotency)
        self._echo(Waiting(self.clock.now_us(), member_id, session, idempotency, command, sink), seen)
        self._work.set()
        return None

    return submit


def _act_late(healthy: Healthy) -> Healthy:
    def take(self: Engine, waiting: Waiting) -> None:
        if waiting.command is None:
            healthy(self, waiting)
        else:
            self._execute(waiting)

    return take


def _wall_clock(healthy: Healthy) -> Healthy:
    def now_us(self: EngineClock) -> int:
        self._last_us = max(self._last_us, self._wall_us())
        return self._last_us

    return now_us


# --- sessions ------------------------------------------------------------------------------------


def _forgetful(healthy: Any) -> Any:
    def load(cls: type[Sessions], state: SessionsState) -> Sessions:
        loaded: Sessions = healthy.__func__(cls, state)
        for sessions in loaded._members.values():
            for session in sessions.values():
                session.high_water = 0
                session.outcomes.clear()
                session.refs.clear()
        return loaded

    return classmethod(load)


def _keyless(healthy: Any) -> Any:
    def load(cls: type[Sessions], state: SessionsState) -> Sessions:
        loaded: Sessions = healthy.__func__(cls, SessionsState(state.members, []))
        return loaded

    return classmethod(load)


def _never_too_soon(healthy: Healthy) -> Healthy:
    def reply_to(self: Sessions, member_id: str, session: int, ref: int) -> Reply | Reject:
        answer: Reply | Reject = healthy(self, member_id, session, ref)
        is_open = isinstance(answer, Reject) and answer.code is RejectCode.NOT_FOUND and ref < 1_000_000
        return Reject(RejectCode.REF_TOO_OLD, ref, "ref") if is_open else answer

    return reply_to


# --- market and money ----------------------------------------------------------------------------


def _newest_first(healthy: Healthy) -> Healthy:
    def join(self: Ladder, order: Order) -> None:
        healthy(self, order)
        level = order.level
        assert level is not None
        if order.ahead is not None and level.first is not None:
            order.ahead.behind, level.last = None, order.ahead
            order.ahead, order.behind, level.first.ahead = None, level.first, order
            level.first = order

    return join


def _at_takers_price(healthy: Healthy) -> Healthy:
    def traded(number: int, maker: Order, taker: Order, *rest: Any) -> Traded:
        event: Traded = healthy(number, maker, taker, *rest)
        return replace(event, price=taker.price)

    return traded


def _fee_per_fill(healthy: Healthy) -> Healthy:
    def due(
        self: Commission, version: int, side: Payer, before: Any, base_minor: int, bearable_minor: int
    ) -> Any:
        return healthy(self, version, side, (0, 0, 0), base_minor, bearable_minor)

    return due


def _float_rate(healthy: Healthy) -> Healthy:
    def divided(numerator: int, denominator: int) -> int:
        return int(numerator * (1 / denominator))

    return divided


def _hold_kept(healthy: Healthy) -> Healthy:
    def end_order(self: Holds, order_id: str, events: list[AnyEvent]) -> None:
        del self.ledger.holds[order_id]
        self.contracts.close_order(order_id, events)

    return end_order


def _own_owner(healthy: Healthy) -> Healthy:
    def owner_of(self: Members, member_id: str) -> str:
        return member_id

    return owner_of


def _does_nothing(healthy: Healthy) -> Healthy:
    return lambda *_arguments: None


def _from_the_close(healthy: Healthy) -> Healthy:
    def extend(self: Auctions, lot: Any, at_us: int, deadlines: Any, events: list[AnyEvent]) -> None:
        window_us = self._events[lot.event_id].overtime.window_us
        healthy(
            self, lot, lot.close_at_us if at_us >= lot.close_at_us - window_us else at_us, deadlines, events
        )

    return extend


# --- what only the wide world does ---------------------------------------------------------------


def _without(kind: str) -> Callable[[Healthy], Any]:
    def make(healthy: Any) -> Any:
        def load(cls: type[Deadlines], dumped: tuple[int, list[Deadline]]) -> Deadlines:
            number, live = dumped
            loaded: Deadlines = healthy.__func__(cls, (number, [each for each in live if each.kind != kind]))
            return loaded

        return classmethod(load)

    return make


def _clock_stays(healthy: Healthy) -> Healthy:
    def reschedule(self: Lot, open_at_us: int, close_at_us: int) -> None:
        hands = self.hands
        healthy(self, open_at_us, close_at_us)
        self.hands = hands

    return reschedule


def _event_by_event(healthy: Any) -> Any:
    def load(cls: type[Auctions], state: AuctionsState) -> Auctions:
        loaded: Auctions = healthy.__func__(cls, AuctionsState(state.events))
        return loaded

    return classmethod(load)


def _no_details(healthy: Any) -> Any:
    def load(cls: type[Payments], state: PaymentsState) -> Payments:
        loaded: Payments = healthy.__func__(cls, replace(state, details={}))
        return loaded

    return classmethod(load)


# --- feeds ---------------------------------------------------------------------------------------


def _drops_the_first(healthy: Healthy) -> Healthy:
    def missed_since(self: KeptStream, epoch: int, offset: int) -> list[bytes] | None:
        missed: list[bytes] | None = healthy(self, epoch, offset)
        return missed[1:] if missed else missed

    return missed_since


def _one_epoch(healthy: Healthy) -> Healthy:
    def begin(self: Feed, views: Any, epoch: int, now_us: Any, post: Any) -> None:
        healthy(self, views, 1, now_us, post)

    return begin


MUTANTS: Final[dict[str, Mutant]] = {
    "no_fsync": Mutant(
        "a batch is acknowledged before it is stored", "P6", [Patch(MemoryJournal, "append", _unsynced)]
    ),
    "early_ack": Mutant(
        "the commit goes on behind the ack", "P6", [Patch(MemoryJournal, "append", _in_background)]
    ),
    "no_fence": Mutant("a deposed writer goes on writing", "P1", [Patch(MemoryJournal, "append", _unfenced)]),
    "early_duplicate": Mutant(
        "a duplicate is answered before the commit of the first",
        "P6",
        [Patch(Engine, "_echo", _echo_at_once)],
    ),
    "doubt_is_success": Mutant(
        "a batch in doubt is acknowledged", "P6", [Patch(Engine, "_lose_everything", _doubt_is_success)]
    ),
    "feed_before_commit": Mutant(
        "feeds show what was executed, durable or not", "P6", [Patch(Engine, "_execute", _feed_at_once)]
    ),
    "polled_close": Mutant(
        "lots close by polling once a second", "P7", [Patch(Deadlines, "next_us", _polled)]
    ),
    "check_then_wait": Mutant(
        "whether a ref is new is asked in one turn and used in another",
        "P1",
        [Patch(Engine, "submit", _check_early), Patch(Engine, "_take", _act_late)],
    ),
    "wall_clock": Mutant(
        "instants are those of the wall clock", "P7", [Patch(EngineClock, "now_us", _wall_clock)]
    ),
    "forgotten_refs": Mutant("a snapshot forgets the refs", "P2 P3", [Patch(Sessions, "load", _forgetful)]),
    "forgotten_keys": Mutant(
        "a snapshot forgets the Idempotency-Keys", "P2", [Patch(Sessions, "load", _keyless)]
    ),
    "never_too_soon": Mutant(
        "a ref that may still come in is said to be lost for ever",
        "P6 P10",
        [Patch(Sessions, "reply_to", _never_too_soon)],
    ),
    "newest_first": Mutant(
        "at one price the newest order trades first", "P3", [Patch(Ladder, "join", _newest_first)]
    ),
    "no_improvement": Mutant(
        "trades print at the taker's price", "P3", [Patch(book, "traded", _at_takers_price)]
    ),
    "fee_per_fill": Mutant(
        "commission is rounded per fill", "P3 P4", [Patch(Commission, "_due", _fee_per_fill)]
    ),
    "float_rate": Mutant(
        "a rate is a float, and its product cut off",
        "P3 P4",
        [Patch(schedules, "divided_half_away", _float_rate)],
    ),
    "hold_kept": Mutant("what an order held stays held", "P4", [Patch(Holds, "end_order", _hold_kept)]),
    "trades_with_itself": Mutant(
        "members of one owner trade with each other", "P3", [Patch(Members, "owner_of", _own_owner)]
    ),
    "outage_ignored": Mutant("an outage shifts no lot", "P7", [Patch(Steering, "end_outage", _does_nothing)]),
    "no_notice": Mutant(
        "a lot may close right after an outage",
        "P7",
        [Patch(clock, "OUTAGE_NOTICE_US", lambda _healthy: 0)],
    ),
    "overtime_from_close": Mutant(
        "overtime counts from the close, not from the bid",
        "P3",
        [Patch(Auctions, "_extend", _from_the_close)],
    ),
    "lost_delta": Mutant(
        "who comes back to a channel misses a frame",
        "P5",
        [Patch(KeptStream, "missed_since", _drops_the_first)],
    ),
    "one_epoch": Mutant(
        "feeds have the same epoch after every start", "P5", [Patch(Feed, "__init__", _one_epoch)]
    ),
    "lost_expiry": Mutant(
        "a snapshot forgets when orders expire",
        "P1 P3 P7",
        [Patch(Deadlines, "load", _without(EXPIRE_ORDER))],
        WideWorld,
    ),
    "clock_in_outage": Mutant(
        "an outage shifts the close of a lot and not its clock",
        "P7",
        [Patch(Lot, "reschedule", _clock_stays)],
        WideWorld,
    ),
    "lots_reordered": Mutant(
        "a snapshot forgets in which order lots were drafted",
        "P1 P7",
        [Patch(Auctions, "load", _event_by_event)],
        WideWorld,
    ),
    "details_forgotten": Mutant(
        "a snapshot forgets bank details", "P1 P3", [Patch(Payments, "load", _no_details)], WideWorld
    ),
    "call_forgotten": Mutant(
        "a snapshot forgets when a call ends",
        "P1 P3 P7",
        [Patch(Deadlines, "load", _without(END_CALL))],
        WideWorld,
    ),
    "payment_forgotten": Mutant(
        "a snapshot forgets when payments are due",
        "P1 P3 P7",
        [Patch(Deadlines, "load", _without(LOT_PAYMENT))],
        WideWorld,
    ),
    "payment_in_outage": Mutant(
        "an outage costs winners their time to pay",
        "P7",
        [Patch(LotSales, "end_outage", _does_nothing)],
        WideWorld,
    ),
    **LOT_MUTANTS,
    **CLOSE_MUTANTS,
    **MONEY_MUTANTS,
    **SEAL_MUTANTS,
    **SALE_MUTANTS,
}
