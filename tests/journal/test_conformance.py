"""What `base.Journal` promises holds on every back-end."""

import asyncio
from hashlib import sha256

import msgspec
import pytest

from exchange.journal.base import Batch, Fenced, Journal, JournalUnavailable, Tail
from exchange.journal.format import check
from tests.journal.backends import Backend
from tests.journal.builders import SECOND_US, a_batch, a_snapshot, batches_after


async def everything(journal: Journal, from_seq: int = 1, batches_max: int | None = None) -> list[Batch]:
    return [batch async for batch in journal.read(from_seq, batches_max)]


async def appended(journal: Journal, tail: Tail, *counts: int, shard: int) -> list[Batch]:
    """Batches of these sizes, all of them durable."""
    batches = batches_after(tail, *counts, shard=shard)
    for batch in batches:
        await journal.append(batch)
    return batches


async def test_an_empty_journal_ends_before_sequence_1(backend: Backend) -> None:
    assert await backend.journal().open_epoch() == Tail(
        epoch=1, next_seq=1, chain=bytes(32), last_at_us=0, alive_us=0
    )


async def test_an_empty_journal_reads_as_nothing(backend: Backend) -> None:
    journal = backend.journal()

    assert await everything(journal) == []
    assert await journal.latest_snapshot() is None
    assert await journal.quarantined() == frozenset()


async def test_batches_come_back_whole_and_in_order(backend: Backend) -> None:
    journal = backend.journal()

    batches = await appended(journal, await journal.open_epoch(), 3, 1, 500, 2, shard=backend.shard)

    assert await everything(journal) == batches


async def test_what_was_appended_is_there_for_the_next_writer(backend: Backend) -> None:
    journal = backend.journal()
    batches = await appended(journal, await journal.open_epoch(), 3, 2, shard=backend.shard)
    await journal.close()

    successor = backend.journal()
    tail = await successor.open_epoch()

    assert tail == Tail(2, 6, batches[-1].chain, batches[-1].last_at_us)
    assert await everything(successor) == batches


async def test_the_chain_goes_on_over_epochs(backend: Backend) -> None:
    tail = Tail(epoch=0)
    for _ in range(3):
        journal = backend.journal()
        await appended(journal, await journal.open_epoch(), 2, 1, shard=backend.shard)

    for batch in await everything(backend.journal()):
        check(batch, tail.chain, tail.next_seq, epoch_min=tail.epoch, at_us_min=tail.last_at_us)
        tail = tail.after(batch)

    assert (tail.epoch, tail.next_seq) == (3, 10)


@pytest.mark.parametrize(
    "from_seq, expected", [(1, [1, 4, 5]), (3, [1, 4, 5]), (4, [4, 5]), (5, [5]), (6, [5]), (7, []), (99, [])]
)
async def test_reading_begins_with_the_batch_that_contains_the_sequence(
    backend: Backend, from_seq: int, expected: list[int]
) -> None:
    journal = backend.journal()
    await appended(journal, await journal.open_epoch(), 3, 1, 2, shard=backend.shard)

    assert [batch.first_seq for batch in await everything(journal, from_seq)] == expected


@pytest.mark.parametrize("batches_max, expected", [(0, []), (1, [4]), (2, [4, 5]), (9, [4, 5])])
async def test_reading_ends_after_the_batches_asked_for(
    backend: Backend, batches_max: int, expected: list[int]
) -> None:
    journal = backend.journal()
    await appended(journal, await journal.open_epoch(), 3, 1, 2, shard=backend.shard)

    assert [batch.first_seq for batch in await everything(journal, 4, batches_max)] == expected


async def test_a_reader_finds_what_is_appended_while_it_reads(backend: Backend) -> None:
    journal = backend.journal()
    first, second = batches_after(await journal.open_epoch(), 1, 1, shard=backend.shard)
    await journal.append(first)
    found: list[Batch] = []

    async for batch in backend.journal().read(1):
        if not found:
            await journal.append(second)
        found.append(batch)
    found += await everything(journal, found[-1].next_seq)

    assert found == [first, second]


async def test_the_writer_of_an_earlier_epoch_is_fenced(backend: Backend) -> None:
    deposed, successor = backend.journal(), backend.journal()
    tail = await deposed.open_epoch()
    await successor.open_epoch()

    with pytest.raises((Fenced, JournalUnavailable)):  # PostgreSQL cut its connection
        await deposed.append(a_batch(tail, shard=backend.shard))

    assert await everything(successor) == []


async def test_a_batch_of_an_earlier_epoch_is_fenced(backend: Backend) -> None:
    first, second = backend.journal(), backend.journal()
    stale = await first.open_epoch()
    tail = await second.open_epoch()

    with pytest.raises(Fenced):
        await second.append(a_batch(stale, shard=backend.shard))

    assert (stale.epoch, tail.epoch) == (1, 2)
    assert await everything(second) == []


async def test_a_deposed_writer_never_takes_the_journal_back(backend: Backend) -> None:
    deposed, successor = backend.journal(), backend.journal()
    await deposed.open_epoch()
    tail = await successor.open_epoch()

    for _ in range(2):
        with pytest.raises(Fenced):
            await deposed.open_epoch()
    await appended(successor, tail, 1, shard=backend.shard)

    assert tail.epoch == 2


async def test_a_writer_may_open_its_own_journal_again(backend: Backend) -> None:
    journal = backend.journal()

    assert [(await journal.open_epoch()).epoch for _ in range(3)] == [1, 2, 3]


WRONG_PLACES = {
    "the sequence again": {"next_seq": 1},
    "a sequence inside the last batch": {"next_seq": 3},
    "a sequence left out": {"next_seq": 5},
    "another chain": {"chain": b"\x01" * 32},
    "the chain before the first batch": {"chain": bytes(32)},
    "a later epoch": {"epoch": 2},
}


@pytest.mark.parametrize("change", WRONG_PLACES.values(), ids=WRONG_PLACES)
async def test_a_batch_that_does_not_continue_the_tail_is_fenced(
    backend: Backend, change: dict[str, object]
) -> None:
    journal = backend.journal()
    (first,) = await appended(journal, await journal.open_epoch(), 3, shard=backend.shard)
    elsewhere = msgspec.structs.replace(Tail(epoch=1).after(first), **change)

    with pytest.raises(Fenced):
        await journal.append(a_batch(elsewhere, shard=backend.shard))

    assert await everything(journal) == [first]


async def test_a_fenced_writer_takes_nothing_until_it_opens_again(backend: Backend) -> None:
    journal = backend.journal()
    tail = await journal.open_epoch()
    batch = a_batch(tail, shard=backend.shard)
    with pytest.raises(Fenced):
        await journal.append(a_batch(msgspec.structs.replace(tail, next_seq=7), shard=backend.shard))

    with pytest.raises(JournalUnavailable):
        await journal.append(batch)

    assert (await journal.open_epoch()).next_seq == 1


async def test_a_journal_nobody_opened_takes_nothing(backend: Backend) -> None:
    journal = backend.journal()

    with pytest.raises(JournalUnavailable):
        await journal.append(a_batch(Tail(epoch=1), shard=backend.shard))
    with pytest.raises(JournalUnavailable):
        await journal.mark_alive(SECOND_US)

    assert await everything(journal) == []


async def test_a_full_disk_takes_nothing_and_the_journal_goes_on_when_there_is_room(backend: Backend) -> None:
    journal = backend.journal()
    tail = await journal.open_epoch()
    (first,) = await appended(journal, tail, 2, shard=backend.shard)
    second = a_batch(tail.after(first), shard=backend.shard)

    async with backend.full():
        with pytest.raises(JournalUnavailable):
            await journal.append(second)
    with pytest.raises(JournalUnavailable):  # its caller must find out first
        await journal.append(second)
    tail = await journal.open_epoch()
    (third,) = await appended(journal, tail, 1, shard=backend.shard)

    assert (tail.epoch, tail.next_seq) == (2, 3)
    assert await everything(journal) == [first, third]


async def test_an_append_whose_answer_got_lost_is_found_when_the_journal_is_opened_again(
    backend: Backend,
) -> None:
    journal = backend.impatient_journal()
    tail = await journal.open_epoch()
    batch = a_batch(tail, shard=backend.shard)

    async with backend.unanswered():
        with pytest.raises(JournalUnavailable):
            await journal.append(batch)

    again = await journal.open_epoch()
    assert again == msgspec.structs.replace(tail.after(batch), epoch=2)
    assert await everything(journal) == [batch]


async def test_an_append_that_hangs_never_lands_once_another_writer_took_over(backend: Backend) -> None:
    deposed, successor = backend.journal(), backend.journal()
    tail = await deposed.open_epoch()

    async with backend.stalled() as until_stalled:
        hanging = asyncio.create_task(deposed.append(a_batch(tail, word="late", shard=backend.shard)))
        await until_stalled()
        tail = await successor.open_epoch()
    with pytest.raises((Fenced, JournalUnavailable)):
        await hanging
    (batch,) = await appended(successor, tail, 2, shard=backend.shard)

    assert (tail.epoch, tail.next_seq) == (2, 1)
    assert await everything(successor) == [batch]


async def test_a_cancelled_append_is_in_doubt(backend: Backend) -> None:
    journal = backend.journal()
    tail = await journal.open_epoch()
    batch = a_batch(tail, shard=backend.shard)

    async with backend.stalled() as until_stalled:
        hanging = asyncio.create_task(journal.append(batch))
        await until_stalled()
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
    with pytest.raises(JournalUnavailable):
        await journal.append(batch)
    tail = await journal.open_epoch()

    found = await everything(journal)
    assert (tail.next_seq, found) in [(1, []), (batch.next_seq, [batch])]


async def test_a_second_append_at_the_same_time_is_a_bug(backend: Backend) -> None:
    journal = backend.journal()
    first, second = batches_after(await journal.open_epoch(), 1, 1, shard=backend.shard)

    async with backend.stalled() as until_stalled:
        hanging = asyncio.create_task(journal.append(first))
        await until_stalled()
        with pytest.raises(AssertionError):
            await journal.append(second)
    await hanging

    assert await everything(journal) == [first]


async def test_a_closed_journal_takes_nothing_until_it_is_opened_again(backend: Backend) -> None:
    journal = backend.journal()
    tail = await journal.open_epoch()
    await journal.close()

    with pytest.raises(JournalUnavailable):
        await journal.append(a_batch(tail, shard=backend.shard))

    assert (await journal.open_epoch()).next_seq == 1


async def test_the_latest_mark_of_life_stands_in_the_tail(backend: Backend) -> None:
    journal = backend.journal()
    await journal.open_epoch()

    for at_us in (5 * SECOND_US, 7 * SECOND_US, 6 * SECOND_US):  # marks never go back
        await journal.mark_alive(at_us)

    assert (await backend.journal().open_epoch()).alive_us == 7 * SECOND_US


async def test_a_mark_of_life_tells_a_deposed_writer_so(backend: Backend) -> None:
    deposed, successor = backend.journal(), backend.journal()
    await deposed.open_epoch()
    await successor.open_epoch()

    with pytest.raises(Fenced):
        await deposed.mark_alive(9 * SECOND_US)

    assert (await backend.journal().open_epoch()).alive_us == 0


async def test_the_newest_snapshot_up_to_a_sequence_comes_back(backend: Backend) -> None:
    journal = backend.journal()
    snapshots = [a_snapshot(seq, b"state %d" % seq) for seq in (10, 30, 20)]
    for snapshot in snapshots:
        await journal.save_snapshot(snapshot)

    found = [await journal.latest_snapshot(max_seq) for max_seq in (None, 30, 29, 20, 10, 9)]

    ten, thirty, twenty = snapshots
    assert found == [thirty, thirty, twenty, twenty, ten, None]


async def test_three_snapshots_stay(backend: Backend) -> None:
    journal = backend.journal()
    for seq in (40, 10, 30, 20, 50):
        await journal.save_snapshot(a_snapshot(seq))

    assert [await journal.latest_snapshot(seq) for seq in (50, 40, 30, 29)] == [
        *map(a_snapshot, (50, 40, 30)),
        None,
    ]


async def test_a_snapshot_taken_again_replaces_the_first(backend: Backend) -> None:
    journal = backend.journal()
    await journal.save_snapshot(a_snapshot(10, b"old"))
    await journal.save_snapshot(a_snapshot(10, b"new"))

    assert await journal.latest_snapshot() == a_snapshot(10, b"new")


async def test_an_empty_state_is_a_state(backend: Backend) -> None:
    journal = backend.journal()
    await journal.save_snapshot(a_snapshot(1, b""))

    assert await journal.latest_snapshot() == a_snapshot(1, b"")


async def test_a_damaged_snapshot_is_passed_over(backend: Backend) -> None:
    journal = backend.journal()
    for seq in (10, 20):
        await journal.save_snapshot(a_snapshot(seq))

    await backend.damage(a_snapshot(20))

    assert await journal.latest_snapshot() == a_snapshot(10)


async def test_a_quarantined_command_stays_so(backend: Backend) -> None:
    journal = backend.journal()
    bad, worse = sha256(b"bad").digest(), sha256(b"worse").digest()

    for command_hash in (bad, worse, bad):
        await journal.quarantine(command_hash, "an assertion")

    assert await backend.journal().quarantined() == {bad, worse}
