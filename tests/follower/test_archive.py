"""Rows and position move together: whatever happens to a follower, each row is there once."""

from random import Random

import asyncpg
import pytest

from exchange.follower.archive import Archive, Overtaken
from exchange.follower.history import History
from tests.core.venue import Venue
from tests.engine.days import a_day
from tests.follower.tables import Connection, Database, expected, position, released_of, tables

KILL = """
create function kill_writer() returns trigger language plpgsql as $$
begin
    perform pg_terminate_backend(pg_backend_pid());
    return new;
end
$$
"""
STATEMENTS = [
    ("update", "follower_position"),
    ("insert", "orders"),
    ("insert", "order_terms"),
    ("insert", "trades"),
    ("insert", "bids"),
    ("insert", "bid_notes"),
    ("insert", "event_steps"),
    ("insert", "transfers"),
    ("insert", "contract_lines"),
    ("insert", "invoices"),
    ("insert", "invoice_lines"),
    ("update", "orders"),
    ("update", "contract_lines"),
]


async def write(archive: Archive, day: Venue, until: int) -> None:
    """The stretch from where the archive stands."""
    history = History()
    history.add(released_of(day)[archive.seq : until])
    await archive.write(history)


@pytest.mark.parametrize("seed, longest", [(1, 3), (2, 20), (3, 90), (4, 1_000)])
async def test_however_the_day_is_cut_the_tables_hold_what_happened(
    database: Database, reader: Connection, seed: int, longest: int
) -> None:
    day, random = a_day(seed), Random(seed)
    archive = await database.archive()

    while archive.seq < len(day.log):
        await write(archive, day, archive.seq + random.randint(1, longest))
        assert await position(reader) == archive.seq
        assert await reader.fetchval("select coalesce(max(seq), 0) from transfers") <= archive.seq

    assert await tables(reader) == expected(day)


@pytest.mark.parametrize("statement, table", STATEMENTS)
async def test_a_writer_that_dies_leaves_nothing_and_the_next_one_goes_on(
    database: Database, reader: Connection, statement: str, table: str
) -> None:
    day, cut = a_day(6), 90
    archive = await database.archive()
    await write(archive, day, cut)
    await reader.execute(KILL)
    await reader.execute(
        f"create trigger kill_writer before {statement} on {table} for each row execute function kill_writer()"
    )

    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await write(archive, day, len(day.log))

    assert (await position(reader), await tables(reader)) == (cut, expected(day, cut))
    await reader.execute(f"drop trigger kill_writer on {table}")
    next_one = await database.archive()
    assert next_one.seq == cut
    await write(next_one, day, len(day.log))
    assert (await position(reader), await tables(reader)) == (len(day.log), expected(day))


async def test_of_two_writers_the_later_one_is_told_that_it_was_overtaken(
    database: Database, reader: Connection
) -> None:
    day = a_day(6)
    first, second = await database.archive(), await database.archive()
    await write(first, day, 50)

    with pytest.raises(Overtaken, match="not at sequence 0"):
        await write(second, day, 70)

    assert (await position(reader), await tables(reader)) == (50, expected(day, 50))
    assert await second.open() == 50
    await write(second, day, 70)
    assert await tables(reader) == expected(day, 70)
