"""A dump is loaded whole into an empty database of its own version, or not at all."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from exchange.database import DatabaseError
from exchange.database.dump import BackupRefused, Dump, Ran
from exchange.database.load import load_dump, migrations_of
from exchange.database.migrate import Connection, migrate_to_latest
from tests.conftest import Databases
from tests.database.test_dump import ALL, ROWS, fetch, ignore, migrations, no_more, written

LATER = "-- migrate:up\nalter table makers add column country text not null default 'NL';\n"


@pytest.fixture
async def dump(empty_database_url: str, tmp_path: Path) -> Any:
    await migrate_to_latest(empty_database_url, migrations=migrations(tmp_path / "sql"))
    await fetch(empty_database_url, ROWS, "select 1")
    await written(empty_database_url, tmp_path / "dump")
    with Dump(tmp_path / "dump") as dump:
        yield dump


@pytest.fixture
async def target(databases: Databases) -> str:
    return databases.server.url_of(await asyncio.to_thread(databases.create, "template0"))


async def test_a_later_program_restores_at_the_version_of_the_backup_and_goes_on(
    dump: Dump, target: str, tmp_path: Path
) -> None:
    later = migrations(tmp_path / "sql", m0002_later=LATER)
    await load_dump(target, dump, no_more, ignore, known=later)
    then = await fetch(target, "select version from schema_migrations")
    ran = await migrate_to_latest(target, migrations=later)

    assert [row["version"] for row in then] == ["0001"]
    assert ran == ["0002_later.sql"]
    assert {row["country"] for row in await fetch(target, "select country from makers")} == {"NL"}


async def test_what_fails_at_the_end_leaves_no_row_and_can_be_tried_again(
    dump: Dump, target: str, empty_database_url: str, tmp_path: Path
) -> None:
    async def fails(connection: Connection) -> None:
        await connection.execute("select 1 / 0")

    known = migrations(tmp_path / "sql")
    with pytest.raises(DatabaseError, match=r"division by zero\. Nothing of it was kept"):
        await load_dump(target, dump, fails, ignore, known=known)
    await fetch(target, "delete from makers", "delete from counted")
    await load_dump(target, dump, no_more, ignore, known=known)

    assert await fetch(target, ALL) == await fetch(empty_database_url, ALL)


async def test_a_database_with_rows_or_of_another_version_is_left_as_it_is(
    dump: Dump, target: str, tmp_path: Path
) -> None:
    known = migrations(tmp_path / "sql")
    later = migrations(tmp_path / "sql", m0002_later=LATER)
    await fetch(target, "create table theirs (n int)", "insert into theirs values (1)", "select 1")
    with pytest.raises(BackupRefused, match="table theirs has rows"):
        await load_dump(target, dump, no_more, ignore, known=known)
    await fetch(target, "drop table theirs", "select 1")
    await migrate_to_latest(target, migrations=later)
    await fetch(target, "delete from makers", "delete from counted")
    with pytest.raises(BackupRefused, match="of another version"):
        await load_dump(target, dump, no_more, ignore, known=later)

    assert await fetch(target, "select 1 from makers") == []


def test_a_backup_of_a_newer_or_another_program_is_refused(dump: Dump, tmp_path: Path) -> None:
    known = migrations(tmp_path / "sql")
    newer = replace(dump.manifest, migrations=(*dump.manifest.migrations, Ran("0099", None)))
    other = replace(dump.manifest, migrations=(Ran("0001", "00"),))
    by_dbmate = replace(dump.manifest, migrations=(Ran("0001", None),))

    with pytest.raises(BackupRefused, match=r"newer program \(1.0\): it has migration 0099"):
        migrations_of(newer, known)
    with pytest.raises(BackupRefused, match=r"0001_tables.sql is not the migration that ran"):
        migrations_of(other, known)
    assert migrations_of(by_dbmate, known) == migrations_of(dump.manifest, known) == known
