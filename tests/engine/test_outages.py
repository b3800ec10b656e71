"""An outage is counted once and whole, however often the exchange fails while it comes back."""

import asyncio
from collections.abc import Callable

from exchange.core.messages import (
    AddLot,
    CreateEvent,
    EndOutage,
    InviteSupplier,
    PublishEvent,
    RegisterMember,
    Reply,
    Role,
    SetCommission,
)
from exchange.engine.base import EngineState, Released
from exchange.engine.sequencer import Engine, EngineSettings
from exchange.journal.base import JournalUnavailable
from exchange.journal.memory import MemoryJournal, MemoryStore
from tests.engine.venue import Asked, HandClock, an_engine, an_operator, ask, running

SECOND = 1_000_000
HOUR = 3_600 * SECOND


class Faults:
    """Fails at the steps that are named, as often as they are named, and does something before."""

    def __init__(self) -> None:
        self.fail_at: list[str] = []
        self.before: Callable[[str], None] = lambda _: None
        self.seen: list[str] = []

    async def __call__(self, step: str) -> None:
        self.seen.append(step)
        self.before(step)
        if step in self.fail_at:
            self.fail_at.remove(step)
            raise JournalUnavailable(f"failed at {step}")


def outages(seen: list[Released]) -> list[int]:
    """How long each journaled outage was."""
    commands = [released.sequenced.command for released in seen]
    return [command.down_us for command in commands if isinstance(command, EndOutage)]


async def a_history(store: MemoryStore, clock: HandClock) -> None:
    """A journal that holds something."""
    engine = an_engine(MemoryJournal(store), clock)
    async with running(engine):
        await an_operator(engine)


async def served(engine: Engine) -> None:
    """Wait until the engine has recovered, and has journaled it."""
    while engine.state is not EngineState.SERVING or engine.metrics.commits == 0:
        await asyncio.sleep(0.001)


async def test_an_outage_whose_end_could_not_be_journaled_goes_on() -> None:
    clock, store, faults = HandClock(), MemoryStore(), Faults()
    await a_history(store, clock)
    clock.pass_us(HOUR)
    faults.fail_at = ["append"]
    engine = an_engine(MemoryJournal(store, faults), clock, EngineSettings(retry_first_us=1_000))

    async with running(engine) as seen:
        await served(engine)

    assert outages(seen) == [HOUR]


async def test_the_end_of_an_outage_that_was_in_doubt_and_landed_is_not_counted_again() -> None:
    clock, store, faults = HandClock(), MemoryStore(), Faults()
    engine = an_engine(MemoryJournal(store, faults), clock, EngineSettings(retry_first_us=1_000))
    async with running(engine) as seen:
        await an_operator(engine)
        faults.fail_at = ["append", "appended"]  # the command's commit, then the answer to the outage's end
        faults.before = lambda step: clock.pass_us(SECOND if step == "open" else 0)
        await ask(engine, "", RegisterMember(roles=(Role.BUYER,)))
        await served(engine)

    assert outages(seen) == [SECOND, SECOND]


async def test_no_mark_of_life_hides_an_outage_whose_end_is_not_durable() -> None:
    clock, store, faults = HandClock(), MemoryStore(), Faults()
    await a_history(store, clock)
    marked_us = store.alive_us
    gate = asyncio.Event()

    async def hang(step: str) -> None:
        faults.seen.append(step)
        if step == "append":
            await gate.wait()

    engine = an_engine(MemoryJournal(store, hang), clock, EngineSettings(watch_us=1_000))
    async with running(engine):
        clock.pass_us(HOUR)
        await asyncio.sleep(0.01)
        marks_before = faults.seen.count("mark_alive")
        gate.set()
        while not faults.seen.count("mark_alive"):
            await asyncio.sleep(0.001)

    assert marks_before == 0 and marked_us == 0
    assert store.alive_us == clock.wall


async def test_an_outage_counts_from_the_commit_that_never_ended() -> None:
    clock, store, faults = HandClock(), MemoryStore(), Faults()

    async def hang(step: str) -> None:
        await faults(step)
        if step == "append" and clock.wall > began_us:
            await asyncio.Event().wait()

    first = an_engine(MemoryJournal(store, hang), clock, EngineSettings(watch_us=1_000))
    began_us = clock.wall
    async with running(first):
        await an_operator(first)
        clock.pass_us(SECOND)
        hangs_since_us = clock.wall
        first.submit("", 0, RegisterMember(roles=(Role.BUYER,)), Asked())
        appends, marks = faults.seen.count("append"), faults.seen.count("mark_alive")
        while faults.seen.count("append") == appends:
            await asyncio.sleep(0.001)
        clock.pass_us(HOUR)
        while faults.seen.count("mark_alive") < marks + 2:
            await asyncio.sleep(0.001)

    second = an_engine(MemoryJournal(store), clock)
    async with running(second) as seen:
        await served(second)

    assert store.alive_us >= hangs_since_us
    assert outages(seen) == [HOUR]


async def test_a_full_batch_is_not_asked_again_and_again_for_a_deadline_that_fell_due() -> None:
    clock, store, faults = HandClock(), MemoryStore(), Faults()
    engine = an_engine(MemoryJournal(store, faults), clock, EngineSettings(batch_max=1))
    async with running(engine):
        operator = await an_operator(engine)
        await a_lot_that_opens_in_a_second(engine, operator)
        asked = [Asked() for _ in range(4)]
        timers: list[bool] = []

        def look(step: str) -> None:
            if step == "appended":
                timers.append(engine._timer is None)

        faults.before = look
        for ref, sink in enumerate(asked, 1):
            engine.submit(operator, 1, SetCommission(rate_bps=ref, ref=ref), sink)
        clock.pass_us(2 * SECOND)
        await asyncio.gather(*(sink.heard for sink in asked))

    assert timers[0] and not timers[-1]


async def a_lot_that_opens_in_a_second(engine: Engine, operator: str) -> None:
    """With one supplier."""
    supplier = await ask(engine, operator, RegisterMember(roles=(Role.SELLER,)))
    opens_us = engine.now_us() + SECOND
    event = await ask(
        engine, operator, CreateEvent(title="E", currency="USD", open_at_us=opens_us, duration_us=HOUR)
    )
    assert isinstance(supplier, Reply) and isinstance(event, Reply)
    await ask(engine, operator, AddLot(event_id=event.id, title="L", quantity=1, ceiling_price=9, min_step=1))
    await ask(engine, operator, InviteSupplier(event_id=event.id, member_id=supplier.id))
    await ask(engine, operator, PublishEvent(event_id=event.id))
