"""The follower does everything again, once, and stops at the first outcome that comes out otherwise."""

from collections.abc import Callable
from random import Random

import pytest
from structlog.testing import capture_logs

from exchange.engine.base import Diverged
from exchange.engine.replica import Replica, replayed
from exchange.follower import follower as stretches
from exchange.follower.follower import Follower, FollowerSettings
from exchange.journal.base import Batch, Corrupt
from exchange.journal.memory import MemoryJournal, MemoryStore, Step
from tests.engine.damage import CORRUPT, DIVERGED, LOG, SIZE, intact, state_of
from tests.engine.days import a_day
from tests.follower.tables import Connection, Database, expected, position, tables

NEVER = FollowerSettings(snapshot_every=10**9)
DAY = a_day(4)


class Reading:
    """A store that counts the batches read from it."""

    def __init__(self, batches: list[Batch]) -> None:
        self.store = MemoryStore(batches=batches)
        self.batches = 0

    def journal(self) -> MemoryJournal:
        return MemoryJournal(self.store, self._count)

    async def _count(self, step: Step) -> None:
        self.batches += step == "read"


async def a_follower(
    database: Database, journal: MemoryJournal, settings: FollowerSettings = NEVER
) -> Follower:
    follower = Follower(journal, await database.archive(), settings)
    await follower.open()
    return follower


async def caught_up(follower: Follower) -> Follower:
    while await follower.catch_up():
        pass
    return follower


async def test_it_archives_everything_and_then_says_that_it_is_at_the_tail(
    database: Database, reader: Connection
) -> None:
    follower = await a_follower(database, MemoryJournal(MemoryStore(batches=intact())))

    counts = [await follower.catch_up(), await follower.catch_up()]

    assert counts == [len(LOG), 0]
    assert follower.seq == await position(reader) == len(LOG)
    assert await tables(reader) == expected(DAY)


async def test_restarted_wherever_it_stands_it_writes_each_row_once(
    database: Database, reader: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    random, store, batches = Random(9), MemoryStore(), intact()
    follower = await a_follower(database, MemoryJournal(store))
    while follower.seq < len(LOG):
        monkeypatch.setattr(stretches, "STRETCH_BATCHES_MAX", random.randint(1, 4))
        match random.randint(0, 3):
            case 0:
                store.batches += batches[len(store.batches) :][: random.randint(1, 6)]
            case 1:
                follower = await a_follower(database, MemoryJournal(store))
            case 2:
                await follower.catch_up()
            case 3 if follower.seq:
                await follower.snapshot()
        assert await position(reader) == follower.seq == follower.replica.next_seq - 1

    assert await tables(reader) == expected(DAY)
    assert follower.replica.kernel.dump() == state_of(LOG)


async def test_a_stretch_is_bounded_in_commands_too(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "STRETCH_COMMANDS_MAX", 2 * SIZE)
    follower = await a_follower(database, MemoryJournal(MemoryStore(batches=intact())))

    assert [await follower.catch_up(), await follower.catch_up()] == [2 * SIZE, 2 * SIZE]


async def test_a_snapshot_is_the_state_that_replay_gives_and_recovery_goes_on_from_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "STRETCH_BATCHES_MAX", 1)
    reading = Reading(intact())
    follower = await a_follower(database, reading.journal(), FollowerSettings(snapshot_every=10 * SIZE))
    await caught_up(follower)

    snapshot = await reading.journal().latest_snapshot()
    assert snapshot
    assert snapshot.seq == len(LOG) // (10 * SIZE) * 10 * SIZE
    assert snapshot.state == state_of(LOG[: snapshot.seq])
    reading.batches = 0
    recovered = Replica(snapshot)
    async for _ in replayed(reading.journal(), recovered):
        pass
    assert recovered.kernel.dump() == state_of(LOG)
    assert reading.batches == len(intact()) - 10 * (len(LOG) // (10 * SIZE))


async def test_it_starts_from_the_snapshot_and_not_from_the_first_command(
    database: Database, reader: Connection
) -> None:
    reading = Reading(intact())
    await (await caught_up(await a_follower(database, reading.journal()))).snapshot()
    reading.batches = 0

    again = await caught_up(await a_follower(database, reading.journal()))

    assert (again.seq, reading.batches) == (len(LOG), 0)
    assert again.replica.kernel.dump() == state_of(LOG)
    assert await tables(reader) == expected(DAY)


async def test_told_to_stop_it_archives_the_rest_and_leaves_a_snapshot_of_it(
    database: Database, reader: Connection
) -> None:
    store = MemoryStore(batches=intact())
    follower = await a_follower(database, MemoryJournal(store))

    await follower.run(lambda: True)

    assert await position(reader) == len(LOG)
    assert list(store.snapshots) == [len(LOG)]


@pytest.mark.parametrize("damage", CORRUPT | DIVERGED, ids=lambda damage: damage.__name__)
async def test_it_stops_at_the_first_sequence_that_cannot_be_trusted(
    database: Database, reader: Connection, damage: Callable[[list[Batch]], list[Batch]]
) -> None:
    follower = await a_follower(database, MemoryJournal(MemoryStore(batches=damage(intact()))))

    with pytest.raises((Corrupt, Diverged)) as caught:
        await caught_up(follower)

    assert isinstance(caught.value, (Corrupt, Diverged))
    assert caught.value.seq == (CORRUPT | DIVERGED)[damage]
    assert await position(reader) < caught.value.seq
    assert await tables(reader) == expected(DAY, follower.seq)


async def test_a_journal_that_ends_before_its_history_is_not_followed(database: Database) -> None:
    batches = intact()
    await caught_up(await a_follower(database, MemoryJournal(MemoryStore(batches=batches))))

    with pytest.raises(Corrupt) as caught:
        await a_follower(database, MemoryJournal(MemoryStore(batches=batches[:-3])))

    assert caught.value.seq == batches[-3].first_seq


async def test_where_it_begins_is_logged(database: Database) -> None:
    with capture_logs() as logs:
        await a_follower(database, MemoryJournal(MemoryStore(batches=intact())))

    assert [(line["event"], line["seq"], line["snapshot_seq"]) for line in logs] == [("following", 0, 0)]
