"""Migrations run once and in order, or not at all."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from exchange.database.migrate import migrate_to_latest, refuse_unmigrated
from exchange.database.migrations import Migration, MigrationError, load_migrations

LOTS = "-- migrate:up\ncreate table lots (n int);\n\n-- migrate:down\ndrop table lots;\n"
BIDS = "-- migrate:up\ncreate table bids (n int);\ninsert into bids values (1);\n"
INDEX = "-- migrate:up transaction:false\ncreate index concurrently lots_by_n on lots (n);\n"


def migrations_of(folder: Path, **texts: str) -> list[Migration]:
    for name, text in texts.items():
        (folder / f"{name.removeprefix('m')}.sql").write_text(text)
    return load_migrations(folder)


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_what_is_missing_runs_in_order_and_only_once(empty_database_url: str, tmp_path: Path) -> None:
    migrations = migrations_of(tmp_path, m0002_bids=BIDS, m0001_lots=LOTS)
    told: list[tuple[int, int, str]] = []

    first = await migrate_to_latest(
        empty_database_url, migrations=migrations, on_progress=lambda *step: told.append(step)
    )
    second = await migrate_to_latest(empty_database_url, migrations=migrations)

    assert first == ["0001_lots.sql", "0002_bids.sql"]
    assert told == [(0, 2, "0001_lots.sql"), (1, 2, "0002_bids.sql")]
    assert second == []
    assert await ask(
        empty_database_url, "select array_agg(version order by version) from schema_migrations"
    ) == [
        "0001",
        "0002",
    ]


async def test_programs_that_start_together_migrate_once(empty_database_url: str, tmp_path: Path) -> None:
    migrations = migrations_of(tmp_path, m0001_lots=LOTS, m0002_index=INDEX, m0003_bids=BIDS)

    ran = await asyncio.gather(
        *(migrate_to_latest(empty_database_url, migrations=migrations) for _ in range(8))
    )

    assert sorted(ran, key=len) == [[]] * 7 + [["0001_lots.sql", "0002_index.sql", "0003_bids.sql"]]
    assert await ask(empty_database_url, "select count(*) from bids") == 1


async def test_a_failing_migration_leaves_no_trace_and_is_told_with_its_line(
    empty_database_url: str, tmp_path: Path
) -> None:
    bad = "-- Bids.\n-- migrate:up\ncreate table bids (n int);\ncreate table\n  lots (n int);\n"
    migrations = migrations_of(tmp_path, m0001_lots=LOTS, m0002_bad=bad + "selec 1;\n")

    with pytest.raises(
        MigrationError, match=r'0002_bad\.sql, line 6: syntax error at or near "selec".*Nothing'
    ):
        await migrate_to_latest(empty_database_url, migrations=migrations)
    assert await ask(empty_database_url, "select to_regclass('bids')") is None

    mended = migrations_of(tmp_path, m0002_bad=BIDS)
    assert await migrate_to_latest(empty_database_url, migrations=mended) == ["0002_bad.sql"]


async def test_a_migration_that_cannot_be_recorded_is_not_kept(
    empty_database_url: str, tmp_path: Path
) -> None:
    await migrate_to_latest(empty_database_url, migrations=[])
    await ask(empty_database_url, "alter table schema_migrations add check (version <> '0001')")

    with pytest.raises(MigrationError, match=r"0001_lots\.sql: .*violates check constraint"):
        await migrate_to_latest(empty_database_url, migrations=migrations_of(tmp_path, m0001_lots=LOTS))

    assert await ask(empty_database_url, "select to_regclass('lots')") is None


async def test_a_migration_that_was_changed_after_it_ran_is_refused(
    empty_database_url: str, tmp_path: Path
) -> None:
    await migrate_to_latest(empty_database_url, migrations=migrations_of(tmp_path, m0001_lots=LOTS))
    changed = migrations_of(tmp_path, m0001_lots=LOTS + "-- better\n", m0002_bids=BIDS)

    with pytest.raises(MigrationError, match=r"0001_lots\.sql was changed after it ran.*Restore the file"):
        await migrate_to_latest(empty_database_url, migrations=changed)

    assert await ask(empty_database_url, "select to_regclass('bids')") is None


async def test_a_newer_database_is_refused(empty_database_url: str, tmp_path: Path) -> None:
    migrations = migrations_of(tmp_path, m0001_lots=LOTS, m0002_bids=BIDS)
    await migrate_to_latest(empty_database_url, migrations=migrations)

    with pytest.raises(MigrationError, match="newer than this program: it has migration 0002"):
        await migrate_to_latest(empty_database_url, migrations=migrations[:1])


async def test_what_dbmate_ran_does_not_run_again(empty_database_url: str, tmp_path: Path) -> None:
    await ask(empty_database_url, "create table schema_migrations (version varchar(128) primary key)")
    await ask(empty_database_url, "insert into schema_migrations values ('0001')")
    migrations = migrations_of(tmp_path, m0001_lots=LOTS, m0002_bids=BIDS)

    assert await migrate_to_latest(empty_database_url, migrations=migrations) == ["0002_bids.sql"]


async def test_a_database_that_does_not_answer_is_told_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match=r"doesn't answer.*Check DATABASE_URL"):
        await migrate_to_latest(f"postgresql://exchange@/postgres?host={tmp_path}", migrations=[])


async def test_our_own_migrations_run_on_an_empty_database(empty_database_url: str) -> None:
    ran = await migrate_to_latest(empty_database_url)

    assert ran == [migration.name for migration in load_migrations()]
    assert ran


async def test_a_database_that_lacks_a_migration_is_told_and_not_touched(empty_database_url: str) -> None:
    with pytest.raises(MigrationError, match=r"lacks 0001_\w+\.sql\. Run `exchange migrate`"):
        await refuse_unmigrated(empty_database_url)
    tables = await ask(empty_database_url, "select count(*) from pg_tables where schemaname = 'public'")
    await migrate_to_latest(empty_database_url)
    await ask(empty_database_url, "delete from schema_migrations where version = '0003'")

    assert tables == 0
    with pytest.raises(MigrationError, match="lacks 0003_"):
        await refuse_unmigrated(empty_database_url)


async def test_a_database_that_was_migrated_is_fit(empty_database_url: str) -> None:
    await migrate_to_latest(empty_database_url)

    await refuse_unmigrated(empty_database_url)


@pytest.mark.parametrize(
    "texts,remedy",
    [
        ({"0001_lots": "create table lots (n int);"}, "Put one above its first statement"),
        ({"first": LOTS}, "not named like 0001_what_it_does.sql"),
        ({"0001_lots": LOTS, "0001_bids": BIDS}, "have the same version"),
    ],
)
def test_a_file_that_is_not_in_the_format_is_refused(
    tmp_path: Path, texts: dict[str, str], remedy: str
) -> None:
    with pytest.raises(MigrationError, match=remedy):
        migrations_of(tmp_path, **texts)


def test_only_the_part_above_the_down_mark_is_run(tmp_path: Path) -> None:
    lots, index = migrations_of(tmp_path, m0001_lots=LOTS, m0002_index=INDEX)

    assert (lots.sql.strip(), lots.first_line, lots.in_transaction) == ("create table lots (n int);", 2, True)
    assert (index.version, index.in_transaction) == ("0002", False)


async def test_a_server_that_cannot_search_is_told_with_its_own_hint(
    empty_database_url: str, tmp_path: Path
) -> None:
    wanted = migrations_of(tmp_path, m0001_search="-- migrate:up\ncreate extension no_such_extension;")

    with pytest.raises(MigrationError, match=r"not available.*\n.* must first be installed"):
        await migrate_to_latest(empty_database_url, migrations=wanted)
