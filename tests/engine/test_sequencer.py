"""The engine keeps its promises on a journal that fails where a test wants it to."""

import asyncio
from collections.abc import Sequence

import pytest

from exchange.core.messages import (
    AddLot,
    CreateEvent,
    CreateInstrument,
    FireDeadlines,
    InviteSupplier,
    PublishEvent,
    RegisterMember,
    Reply,
    Role,
    SetCommission,
    SubmitBid,
)
from exchange.core.messages.lot_rules import EventRules, LotSchedule
from exchange.core.messages.sourcing import LotClosed, LotOpened, LotShifted
from exchange.core.rejects import Reject, RejectCode
from exchange.engine.base import EngineState, Released
from exchange.engine.sequencer import Engine, EngineSettings
from exchange.journal.base import JournalUnavailable
from exchange.journal.memory import MemoryJournal, MemoryStore
from tests.engine.venue import Asked, HandClock, an_engine, an_operator, ask, running

SECOND = 1_000_000
HOUR = 3_600 * SECOND


async def test_a_command_is_acknowledged_after_its_commit() -> None:
    gate = asyncio.Event()

    async def fault(step: str) -> None:
        if step == "appended":
            await gate.wait()

    engine = an_engine(MemoryJournal(MemoryStore(), fault=fault))
    async with running(engine) as seen:
        asked = Asked()
        engine.submit("", 0, RegisterMember(roles=(Role.OPERATOR,)), asked)
        for _ in range(20):
            await asyncio.sleep(0)

        assert not asked.heard.done() and not seen and not engine.views.members
        gate.set()
        reply = await asked.heard

    assert isinstance(reply, Reply) and reply.code == 0
    assert [released.seq for released in seen] == [1]


async def test_what_waits_while_a_commit_runs_is_committed_together() -> None:
    engine = an_engine(MemoryJournal(MemoryStore()))
    async with running(engine):
        operator = await an_operator(engine)
        commits = engine.metrics.commits
        asked = [Asked() for _ in range(200)]
        for number, sink in enumerate(asked):
            engine.submit(operator, 1, SetCommission(rate_bps=number, ref=number + 1), sink)
        await asyncio.gather(*(sink.heard for sink in asked))

    assert engine.metrics.commits - commits <= 2


async def test_a_repeated_ref_hears_the_first_reply_and_has_no_effect() -> None:
    engine = an_engine(MemoryJournal(MemoryStore()))
    async with running(engine) as seen:
        operator = await an_operator(engine)
        command = CreateInstrument(symbol="A", currency="USD", price_scale=2, ref=1)
        first = await ask(engine, operator, command, session=1)
        count = len(seen)
        again = await ask(engine, operator, command, session=1)
        other = await ask(engine, operator, SetCommission(rate_bps=1, ref=1), session=1)

    assert again == first
    assert isinstance(other, Reply) and other.code == RejectCode.REF_REUSED
    assert len(seen) == count


async def test_a_full_inbox_answers_busy_and_queues_nothing() -> None:
    engine = an_engine(MemoryJournal(MemoryStore()), settings=EngineSettings(inbox_max=1))
    async with running(engine):
        first, second = Asked(), Asked()
        assert engine.submit("", 0, RegisterMember(roles=(Role.OPERATOR,)), first) is None
        refused = engine.submit("", 0, RegisterMember(roles=(Role.OPERATOR,)), second)
        await first.heard

        assert refused == Reject(RejectCode.BUSY)
        assert not second.heard.done()
        assert len(engine.views.members) == 1


async def test_a_late_follower_makes_the_engine_busy() -> None:
    engine = an_engine(MemoryJournal(MemoryStore()), settings=EngineSettings(follower_lag_max=0))
    async with running(engine):
        await an_operator(engine)
        engine.follower_seq = 1
        refused = engine.submit("", 0, RegisterMember(roles=(Role.OPERATOR,)), None)

    assert refused == Reject(RejectCode.BUSY)


async def test_an_engine_comes_back_with_everything_it_acknowledged() -> None:
    store = MemoryStore()
    first = an_engine(MemoryJournal(store))
    async with running(first):
        operator = await an_operator(first)
        made = await ask(first, operator, CreateInstrument(symbol="A", currency="USD", price_scale=2))

    second = an_engine(MemoryJournal(store))
    async with running(second):
        assert isinstance(made, Reply)
        assert made.id in second.views.instruments
        assert second.epoch > first.epoch


async def test_a_journal_that_fails_halts_and_the_outcome_is_unknown_until_it_is_resolved() -> None:
    broken = False

    async def fault(step: str) -> None:
        if broken and step == "appended":
            raise JournalUnavailable("the answer was lost")

    settings = EngineSettings(retry_first_us=1_000)
    engine = an_engine(MemoryJournal(MemoryStore(), fault=fault), settings=settings)
    states: list[EngineState] = []
    engine.on_state = states.append
    async with running(engine):
        operator = await an_operator(engine)
        broken = True
        command = CreateInstrument(symbol="A", currency="USD", price_scale=2, ref=1)
        unknown = await ask(engine, operator, command, session=1)
        broken = False
        while engine.state is not EngineState.SERVING:
            await asyncio.sleep(0.001)
        again = await ask(engine, operator, command, session=1)

        assert unknown == Reject(RejectCode.HALTED)
        assert isinstance(again, Reply) and again.code == 0
        assert list(engine.views.instruments) == [again.id]
        assert states == [EngineState.SERVING, EngineState.HALTED, EngineState.SERVING]


async def test_resolve_tells_what_became_of_a_ref() -> None:
    engine = an_engine(MemoryJournal(MemoryStore()))
    async with running(engine):
        operator = await an_operator(engine)
        done = await ask(engine, operator, SetCommission(rate_bps=1, ref=5), session=1)
        answers = []
        for ref in (5, 4, 6):
            asked = Asked()
            assert engine.resolve(operator, 1, ref, asked) is None
            answers.append(await asked.heard)

    codes = [answer.code for answer in answers]
    assert answers[0] == done
    assert codes[1:] == [RejectCode.REF_TOO_OLD, RejectCode.NOT_FOUND]


async def test_a_command_that_trips_an_assertion_is_refused_from_then_on() -> None:
    store = MemoryStore()
    engine = an_engine(MemoryJournal(store))
    async with running(engine) as seen:
        operator = await an_operator(engine)
        # A bug, planted: the kernel has lost its schedules, and the command asserts that there is one.
        del engine._kernel.commission.schedules
        poison = SetCommission(rate_bps=7, ref=1)
        first = await ask(engine, operator, poison, session=1)
        second = await ask(engine, operator, SetCommission(rate_bps=7, ref=2), session=1)
        healthy = await ask(engine, operator, SetCommission(rate_bps=8, ref=3), session=1)

    assert first == Reject(RejectCode.QUARANTINED)
    assert second == Reject(RejectCode.QUARANTINED)
    assert isinstance(healthy, Reply) and healthy.code == 0
    assert [released.seq for released in seen] == list(range(1, len(seen) + 1))


async def a_published_lot(engine: Engine, clock: HandClock, lots: int = 1) -> tuple[str, str, str]:
    """Operator, supplier and lot; the lot opens in a second and closes an hour later, and so do others if there are."""
    operator = await an_operator(engine)
    supplier = await ask(engine, operator, RegisterMember(roles=(Role.SELLER,)))
    event = await ask(
        engine,
        operator,
        CreateEvent(
            title="E",
            currency="USD",
            open_at_us=engine.now_us() + SECOND,
            duration_us=HOUR,
            rules=EventRules(schedule=LotSchedule.SINGLE if lots == 1 else LotSchedule.PARALLEL),
        ),
    )
    assert isinstance(supplier, Reply) and isinstance(event, Reply)
    add = AddLot(event_id=event.id, title="L", quantity=1, ceiling_price=100, min_step=1)
    *_, lot = [await ask(engine, operator, add) for _ in range(lots)]
    await ask(engine, operator, InviteSupplier(event_id=event.id, member_id=supplier.id))
    await ask(engine, operator, PublishEvent(event_id=event.id))
    assert isinstance(lot, Reply)
    return operator, supplier.id, lot.id


def events_of(seen: list[Released], kind: type) -> list[int]:
    """Instants of the commands that caused such an event."""
    return [
        released.sequenced.at_us
        for released in seen
        for event in released.outcome.events
        if isinstance(event, kind)
    ]


def kinds(released: Sequence[Released]) -> list[str]:
    """Of which type each command is."""
    return [type(each.sequenced.command).__name__ for each in released]


async def test_deadlines_are_journaled_at_their_instant_before_the_command_that_comes_later() -> None:
    clock = HandClock()
    engine = an_engine(MemoryJournal(MemoryStore()), clock)
    async with running(engine) as seen:
        _, supplier, lot = await a_published_lot(engine, clock)
        opens = engine.now_us() + SECOND
        clock.pass_us(SECOND + HOUR)

        late = await ask(engine, supplier, SubmitBid(lot_id=lot, price=50))

    assert isinstance(late, Reply) and late.code == RejectCode.LOT_NOT_OPEN
    assert events_of(seen, LotOpened) == [opens]
    assert events_of(seen, LotClosed) == [opens + HOUR]
    assert [type(r.sequenced.command) for r in seen[-3:]] == [FireDeadlines, FireDeadlines, SubmitBid]


@pytest.mark.parametrize(
    "settings, parts",
    [
        (EngineSettings(met_max=1), [["FireDeadlines"], ["FireDeadlines", "SubmitBid"]]),
        (EngineSettings(batch_max=3, met_max=2), [["FireDeadlines", "FireDeadlines"], ["SubmitBid"]]),
    ],
    ids=["in_parts", "so_much_that_it_leaves_no_room"],
)
async def test_what_falls_due_at_once_is_committed_before_the_command_that_comes_later(
    settings: EngineSettings, parts: list[list[str]]
) -> None:
    clock = HandClock()
    engine = an_engine(MemoryJournal(MemoryStore()), clock, settings)
    commits: list[list[str]] = []
    async with running(engine):
        _, supplier, lot = await a_published_lot(engine, clock)
        engine.on_release = lambda released: commits.append(kinds(released))
        clock.pass_us(SECOND + HOUR)

        late = await ask(engine, supplier, SubmitBid(lot_id=lot, price=50))

    assert isinstance(late, Reply) and late.code == RejectCode.LOT_NOT_OPEN
    assert commits == parts


@pytest.mark.parametrize(
    "met_max, parts",
    [
        (4, [["FireDeadlines", "FireDeadlines", "SubmitBid"]]),
        (3, [["FireDeadlines"], ["FireDeadlines", "SubmitBid"]]),
    ],
    ids=["room_for_one_more", "full"],
)
async def test_a_commit_is_full_of_deadlines_by_what_they_made_happen(
    met_max: int, parts: list[list[str]]
) -> None:
    clock = HandClock()
    engine = an_engine(MemoryJournal(MemoryStore()), clock, EngineSettings(met_max=met_max))
    commits: list[list[str]] = []
    async with running(engine):
        _, supplier, lot = await a_published_lot(engine, clock, lots=3)
        engine.on_release = lambda released: commits.append(kinds(released))
        clock.pass_us(SECOND + HOUR)

        await ask(engine, supplier, SubmitBid(lot_id=lot, price=50))

    assert commits == parts


async def test_what_one_commit_leaves_due_falls_due_with_the_next_though_nobody_asks() -> None:
    clock = HandClock()
    engine = an_engine(MemoryJournal(MemoryStore()), clock, EngineSettings(met_max=1))
    commits: list[list[str]] = []
    async with running(engine):
        _, supplier, lot = await a_published_lot(engine, clock)
        done = asyncio.get_running_loop().create_future()

        def told(released: Sequence[Released]) -> None:
            commits.append(kinds(released))
            if events_of(list(released), LotClosed):
                done.set_result(None)

        engine.on_release = told
        engine.submit(supplier, 0, SubmitBid(lot_id=lot, price=50), None)
        clock.pass_us(SECOND + HOUR)
        await done

    assert commits == [["SubmitBid", "FireDeadlines"], ["FireDeadlines"]]


async def test_an_hour_down_costs_no_bidder_its_chance() -> None:
    clock, store = HandClock(), MemoryStore()
    first = an_engine(MemoryJournal(store), clock)
    async with running(first):
        _, supplier, lot = await a_published_lot(first, clock)
        clock.pass_us(SECOND)
        await ask(first, supplier, SubmitBid(lot_id=lot, price=50))

    clock.pass_us(2 * HOUR)
    second = an_engine(MemoryJournal(store), clock)
    async with running(second) as seen:
        bid = await ask(second, supplier, SubmitBid(lot_id=lot, price=40))

    assert isinstance(bid, Reply) and bid.code == 0
    assert len(events_of(seen, LotShifted)) == 1
    assert events_of(seen, LotClosed) == []


async def test_a_stepped_wall_clock_neither_closes_nor_extends_a_lot() -> None:
    clock = HandClock()
    engine = an_engine(MemoryJournal(MemoryStore()), clock)
    async with running(engine) as seen:
        _, supplier, lot = await a_published_lot(engine, clock)
        clock.pass_us(SECOND)
        for step in (2 * HOUR, -4 * HOUR):
            clock.step_wall(step)
            engine.clock.slew()
            bid = await ask(engine, supplier, SubmitBid(lot_id=lot, price=90 + (step < 0) * -10))
            assert isinstance(bid, Reply) and bid.code == 0

    assert events_of(seen, LotClosed) == []
