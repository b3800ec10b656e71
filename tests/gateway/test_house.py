"""The house of these tests forgets: what one test left in the tables is unknown to the next."""

import asyncpg

from tests.gateway.house import a_house


async def test_a_house_opens_on_empty_tables_whatever_tables_there_are(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("create table of_tomorrow (number bigint); insert into of_tomorrow values (1)")
    versions = await connection.fetchval("select count(*) from schema_migrations")

    async with a_house(database_url):
        found = await connection.fetch("select * from of_tomorrow")

    assert (found, await connection.fetchval("select count(*) from schema_migrations")) == ([], versions)
    await connection.close()
