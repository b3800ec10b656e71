"""The fault port strikes where it says, and the store is whole whatever it does."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from exchange.journal.base import JournalUnavailable, Tail
from exchange.journal.memory import Fault, MemoryJournal, MemoryStore, Step
from tests.journal.builders import SECOND_US, a_batch, a_snapshot


def unavailable_at(struck: Step) -> Fault:
    async def strike(step: Step) -> None:
        if step == struck:
            raise JournalUnavailable(step)

    return strike


async def test_every_step_is_announced_in_its_order() -> None:
    steps: list[Step] = []

    async def note(step: Step) -> None:
        steps.append(step)

    journal = MemoryJournal(MemoryStore(), note)
    await journal.append(a_batch(await journal.open_epoch()))
    assert [batch.first_seq async for batch in journal.read(1)] == [1]
    await journal.mark_alive(SECOND_US)
    await journal.save_snapshot(a_snapshot(3))
    assert await journal.latest_snapshot() == a_snapshot(3)
    await journal.quarantine(bytes(32), "an assertion")
    assert await journal.quarantined() == {bytes(32)}

    assert steps == [
        *("open", "opened", "append", "appended", "read", "mark_alive"),
        *("snapshot", "snapshot", "quarantine", "quarantine"),
    ]


@pytest.mark.parametrize("step, next_seq", [("append", 1), ("appended", 4)])
async def test_a_batch_stands_whole_or_not_at_all(step: Step, next_seq: int) -> None:
    store = MemoryStore()
    journal = MemoryJournal(store, unavailable_at(step))
    tail = await journal.open_epoch()

    with pytest.raises(JournalUnavailable):
        await journal.append(a_batch(tail, 3))

    assert (await MemoryJournal(store).open_epoch()).next_seq == next_seq


@pytest.mark.parametrize("step, epoch", [("open", 2), ("opened", 3)])
async def test_a_lost_opening_can_be_tried_again(step: Step, epoch: int) -> None:
    struck: list[Step] = []

    async def strike_once(reached: Step) -> None:
        if reached in struck:
            struck.remove(reached)
            raise JournalUnavailable(reached)

    journal = MemoryJournal(MemoryStore(), strike_once)
    await journal.open_epoch()
    struck.append(step)
    with pytest.raises(JournalUnavailable):
        await journal.open_epoch()

    assert await journal.open_epoch() == Tail(epoch)


async def test_an_append_that_never_returns_can_be_cancelled() -> None:
    store = MemoryStore()

    async def freeze(step: Step) -> None:
        if step == "append":
            await asyncio.Event().wait()

    journal = MemoryJournal(store, freeze)
    tail = await journal.open_epoch()
    frozen = asyncio.create_task(journal.append(a_batch(tail)))
    await asyncio.sleep(0)
    frozen.cancel()

    with pytest.raises(asyncio.CancelledError):
        await frozen
    assert store.batches == []


@pytest.mark.parametrize("step", ["read", "mark_alive", "snapshot", "quarantine"])
async def test_a_fault_off_the_hot_path_changes_nothing(step: Step) -> None:
    store = MemoryStore()
    journal = MemoryJournal(store, unavailable_at(step))
    await journal.append(a_batch(await journal.open_epoch()))
    asked: dict[str, Callable[[], Awaitable[object]]] = {
        "read": lambda: anext(journal.read(1)),
        "mark_alive": lambda: journal.mark_alive(SECOND_US),
        "snapshot": lambda: journal.save_snapshot(a_snapshot(3)),
        "quarantine": lambda: journal.quarantine(bytes(32), "an assertion"),
    }

    with pytest.raises(JournalUnavailable, match=step):
        await asked[step]()

    assert (store.alive_us, store.snapshots, store.quarantine) == (0, {}, {})
