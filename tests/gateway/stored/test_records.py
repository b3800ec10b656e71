"""The gateway's tables answer soon or are unavailable; nothing else comes of a database that fails."""

import asyncpg
import pytest

from exchange.gateway.stored.records import Records, RecordsUnavailable


async def test_it_starts_without_a_server_and_says_so_when_asked() -> None:
    async with Records("postgresql://nobody@127.0.0.1:1/none") as records:
        with pytest.raises(RecordsUnavailable):
            await records.fetch("select 1")


async def test_a_server_session_that_is_cut_off_heals_by_itself(database_url: str) -> None:
    async with Records(database_url) as records:
        with pytest.raises(RecordsUnavailable):
            await records.fetch("select pg_terminate_backend(pg_backend_pid())")

        assert [tuple(row) for row in await records.fetch("select 1")] == [(1,)]


async def test_a_statement_of_ours_that_is_wrong_is_a_bug_and_not_an_outage(database_url: str) -> None:
    async with Records(database_url) as records:
        with pytest.raises(asyncpg.UndefinedTableError):
            await records.fetch("select * from no_such_table")


async def test_a_change_tells_how_many_rows_it_met(database_url: str) -> None:
    async with Records(database_url) as records:
        await records.fetch("create table numbers (number int)")

        assert await records.execute("insert into numbers values (1), (2), (2)") == 3
        assert await records.execute("delete from numbers where number = 2") == 2
        assert await records.fetch_row("select * from numbers where number = 2") is None
