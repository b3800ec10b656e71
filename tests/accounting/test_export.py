"""An export is of one instant, tells how far it goes, and writes nothing that the history does not have."""

import asyncio
from datetime import date
from io import StringIO

import asyncpg
import pytest

from benchmarks.audit import SECOND_MONTH, WHOLE
from exchange.accounting import export as exports
from exchange.accounting.beancount import Beancount
from exchange.accounting.export import HistoryBehind, export
from exchange.accounting.period import Period
from exchange.accounting.transfers import Position, TransferMissing, chains_of, reading
from exchange.follower.archive import Archive
from exchange.follower.history import History
from tests.accounting.markets import a_market, books_of
from tests.core.venue import Venue
from tests.engine.days import a_day, batches_of
from tests.follower.tables import journaled, released_of

JANUARY = Period(date(2026, 1, 1), date(2026, 2, 1))
FIRST = Period(date(2025, 12, 1), date(2025, 12, 30))
DAY = a_day(3)


async def archive(dsn: str, day: Venue, until: int) -> None:
    connection = await asyncpg.connect(dsn)
    archive, history = Archive(connection), History()
    history.add(released_of(day)[await archive.open() : until])
    await archive.write(history)
    await connection.close()


async def test_a_history_that_is_behind_is_refused_with_how_far_it_is(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "WAIT_S_MAX", 0.0)
    await archive(database_url, DAY, 100)
    text = StringIO()

    async with journaled(database_url, batches_of(DAY.log, 50)):
        with pytest.raises(HistoryBehind, match=f"sequence 100 of {len(DAY.log)}"):
            await export(database_url, Beancount(), JANUARY, text.write)

    assert text.getvalue() == ""


async def test_it_waits_for_what_was_journaled_when_it_was_asked(database_url: str) -> None:
    await archive(database_url, DAY, 100)
    text = StringIO()

    async with journaled(database_url, batches_of(DAY.log, 50)):
        waiting = asyncio.ensure_future(export(database_url, Beancount(), JANUARY, text.write))
        await archive(database_url, DAY, len(DAY.log))
        position = await waiting

    assert position.seq == len(DAY.log)
    assert f"sequence {len(DAY.log):,} of" in text.getvalue()


async def test_of_a_period_that_is_over_nothing_is_to_come(database_url: str) -> None:
    await archive(database_url, DAY, 100)

    async with journaled(database_url, batches_of(DAY.log, 50)):
        position = await export(database_url, Beancount(), FIRST, StringIO().write)

    assert position == Position(100, DAY.log[99].at_us, len(DAY.log))


async def test_the_same_history_gives_the_same_bytes(database_url: str) -> None:
    await a_market(database_url, 40)

    once, again = [await books_of(database_url, Beancount(), SECOND_MONTH) for _ in range(2)]

    assert once == again


@pytest.mark.parametrize("number", [1, 70])
async def test_a_transfer_that_is_missing_is_noticed(database_url: str, number: int) -> None:
    await a_market(database_url, 12)
    connection = await asyncpg.connect(database_url)
    await connection.execute("delete from transfers where number = $1", number)
    await connection.close()

    with pytest.raises(TransferMissing, match="Restore"):
        await books_of(database_url, Beancount(), WHOLE)


async def test_every_transfer_is_in_one_chain_and_a_chain_is_of_one_command(database_url: str) -> None:
    await a_market(database_url, 60)

    async with reading(database_url) as connection:
        chains = [chain async for chain in chains_of(connection, WHOLE)]
        count = await connection.fetchval("select count(*) from transfers")

    numbers = sorted(transfer.number for chain in chains for transfer in chain)
    assert numbers == list(range(1, count + 1))
    assert all(len({(each.seq, each.linked) for each in chain}) == 1 for chain in chains)
    assert all(len(chain) == 1 or chain[0].linked == chain[0].number for chain in chains)
    assert max(map(len, chains)) >= 5
