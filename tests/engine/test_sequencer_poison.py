"""Nothing is done on a kernel that a bug has left half changed; whatever follows waits for the rebuilt one."""

import asyncio

from exchange.core.messages import FireDeadlines, Reply, Sequenced, SetCommission, SubmitBid
from exchange.core.messages.sourcing import LotOpened
from exchange.core.rejects import Reject, RejectCode
from exchange.engine.base import EngineState
from exchange.engine.sequencer import Engine
from exchange.journal.memory import MemoryJournal, MemoryStore
from tests.engine.test_sequencer import SECOND, a_published_lot, events_of
from tests.engine.venue import Asked, HandClock, an_engine, an_operator, running

POISON = SetCommission(rate_bps=7)


def plant_a_bug_that_spoils(engine: Engine, lot_id: str) -> None:
    """A new commission moves the close of a lot, and then trips an assertion."""
    kernel = engine._kernel

    def spoil(sent: Sequenced, command: SetCommission, events: list[object]) -> None:
        lot = kernel.auctions.lot(lot_id)
        assert lot is not None
        lot.close_at_us += 1
        raise AssertionError("planted")

    kernel._handlers[SetCommission] = spoil  # type: ignore[assignment]


async def test_a_deadline_that_is_due_after_a_poison_waits_for_the_rebuilt_kernel() -> None:
    clock = HandClock()
    engine = an_engine(MemoryJournal(MemoryStore()), clock)
    async with running(engine) as seen:
        operator, _, lot = await a_published_lot(engine, clock)
        opens = engine.now_us() + SECOND
        plant_a_bug_that_spoils(engine, lot)
        asked = Asked()
        engine.submit(operator, 0, POISON, asked)
        clock.pass_us(2 * SECOND)  # before the inbox is looked at
        heard = await asked.heard
        while not events_of(seen, LotOpened) and engine.state is EngineState.SERVING:
            await asyncio.sleep(0.001)

        assert heard == Reject(RejectCode.QUARANTINED)
        assert engine.state is EngineState.SERVING
        assert events_of(seen, LotOpened) == [opens]
        assert isinstance(seen[-1].sequenced.command, FireDeadlines)


async def test_nothing_is_acknowledged_after_the_exchange_tripped_over_itself() -> None:
    clock = HandClock()
    engine = an_engine(MemoryJournal(MemoryStore()), clock)
    async with running(engine) as seen:
        _, supplier, lot = await a_published_lot(engine, clock)
        engine._kernel.auctions._lots.clear()  # a bug, planted: the deadline's lot is gone
        count = len(seen)
        clock.pass_us(2 * SECOND)
        asked = Asked()
        engine.submit(supplier, 0, SubmitBid(lot_id=lot, price=50), asked)

        assert await asked.heard == Reject(RejectCode.HALTED)
        assert len(seen) == count


async def test_equals_of_a_poison_that_wait_behind_it_are_refused_without_another_rebuild() -> None:
    engine = an_engine(MemoryJournal(MemoryStore()))
    async with running(engine):
        operator = await an_operator(engine)
        del engine._kernel.commission.schedules  # a bug, planted
        sinks = [Asked() for _ in range(5)]
        for ref, sink in enumerate(sinks, 1):
            engine.submit(operator, 1, SetCommission(rate_bps=7, ref=ref), sink)
        healthy = Asked()
        engine.submit(operator, 1, SetCommission(rate_bps=8, ref=6), healthy)

        assert [await sink.heard for sink in sinks] == [Reject(RejectCode.QUARANTINED)] * 5
        answer = await healthy.heard
        assert isinstance(answer, Reply) and answer.code == 0
        assert engine.metrics.quarantined == 1
