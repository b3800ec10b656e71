"""A dump is a whole database as of one instant, or no file; loaded again it is the same database."""

import asyncio
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZipFile

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.database import DatabaseError
from exchange.database.dump import (
    MANIFEST,
    BackupDamaged,
    BackupRefused,
    Dump,
    JournalEnd,
    Manifest,
    write_dump,
)
from exchange.database.load import load_dump
from exchange.database.migrate import Connection, migrate_to_latest
from exchange.database.migrations import Migration, load_migrations

END = JournalEnd(7, "ab", 1)
TABLES = """-- migrate:up
create table makers (
    maker_id text primary key,
    name text not null,
    loud text generated always as (upper(name)) stored,
    tags text[] not null default '{}',
    since timestamptz not null default now(),
    raw bytea
);
create table "Odd ""parts" (number bigserial primary key, maker_id text references makers, price numeric(12, 4));
create table links (link_id bigint generated always as identity, parent bigint, about jsonb);
alter table links add primary key (link_id), add foreign key (parent) references links;
insert into makers values ('seed', 'made by the migration');
create table counted (n bigint);
insert into counted values (0);
create function count_up() returns trigger language plpgsql as $$
begin update counted set n = n + 1; return new; end $$;
create trigger count_up after insert on makers for each row execute function count_up();
"""
ROWS = """
insert into makers values ('m1', E'é\\t\\n\\\\', default, '{a,"b,c",NULL}', '2026-01-01T00:00:00Z', '\\x00ff');
insert into makers values ('m2', '', default, '{}', 'infinity', null);
insert into "Odd ""parts" (maker_id, price) values ('m1', 0.0001), (null, 'NaN');
insert into links (parent, about) values (2, '{"a": [1, null]}'), (null, null);
delete from makers where maker_id = 'seed';
"""
ALL = """
select (select array_agg(makers order by maker_id)::text from makers),
    (select array_agg(parts order by number)::text from "Odd ""parts" as parts),
    (select array_agg(links order by link_id)::text from links), (select n from counted)
"""


def migrations(folder: Path, **texts: str) -> list[Migration]:
    folder.mkdir(exist_ok=True)
    for name, text in {"m0001_tables": TABLES, **texts}.items():
        (folder / f"{name.removeprefix('m')}.sql").write_text(text)
    return load_migrations(folder)


async def fetch(url: str, *statements: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetch(statements[-1])
    finally:
        await connection.close()


async def no_more(connection: Connection) -> None:
    """Nothing to do at the end."""


async def end_of(connection: Connection) -> JournalEnd:
    return END


def ignore(count: int) -> None:
    """Nobody looks at the progress."""


async def written(url: str, target: Path) -> Manifest:
    return await write_dump(url, target, "1.0", 5, end_of, ignore, ignore)


@pytest.fixture
async def file(empty_database_url: str, tmp_path: Path) -> Path:
    """A dump of a database with every kind of column that there is."""
    await migrate_to_latest(empty_database_url, migrations=migrations(tmp_path / "sql"))
    await fetch(empty_database_url, ROWS, "select 1")
    await written(empty_database_url, tmp_path / "dump")
    return tmp_path / "dump"


async def test_a_loaded_dump_is_the_same_database(
    file: Path, empty_database_url: str, databases: Any, tmp_path: Path
) -> None:
    target = databases.server.url_of(await asyncio.to_thread(databases.create, "template0"))
    with Dump(file) as dump:
        dump.check(ignore)
        await load_dump(target, dump, no_more, ignore, known=migrations(tmp_path / "sql"))
        told = dump.manifest

    assert (told.journal, told.program, told.taken_at_us) == (END, "1.0", 5)
    assert {table.name: table.rows for table in told.tables} == {
        "makers": 2, 'Odd "parts': 2, "links": 2, "counted": 1,
    }  # fmt: skip
    assert await fetch(target, ALL) == await fetch(empty_database_url, ALL)
    # Sequences go on where they stood, and triggers work again.
    more = 'insert into "Odd ""parts" (maker_id) values (null) returning number'
    assert await fetch(target, more) == await fetch(empty_database_url, more)
    more = "with made as (insert into makers values ('m3', 'x', default, '{}', 'infinity')) select 1"
    assert await fetch(target, more, ALL) == await fetch(empty_database_url, more, ALL)


async def test_a_dump_is_of_one_instant_however_much_is_written_meanwhile(
    empty_database_url: str, tmp_path: Path
) -> None:
    """A writer puts the same row into two tables while the dump is between them."""
    both = "create table a (n int); create table z (n int);"
    await migrate_to_latest(
        empty_database_url, migrations=migrations(tmp_path / "sql", m0002_both=f"-- migrate:up\n{both}")
    )

    async def meanwhile(connection: Connection) -> JournalEnd:
        assert await connection.fetchval("select count(*) from a") == 0
        await fetch(empty_database_url, "insert into a values (1)", "insert into z values (1)", "select 1")
        return END

    manifest = await write_dump(empty_database_url, tmp_path / "dump", "1.0", 5, meanwhile, ignore, ignore)

    assert {table.rows for table in manifest.tables if table.name in "az"} == {0}


async def test_what_fails_while_it_is_written_leaves_nothing(empty_database_url: str, tmp_path: Path) -> None:
    await migrate_to_latest(empty_database_url, migrations=migrations(tmp_path / "sql"))
    folder = tmp_path / "backups"
    folder.mkdir()

    async def dies(connection: Connection) -> JournalEnd:
        await fetch(
            empty_database_url, f"select pg_terminate_backend({connection.get_server_pid()})", "select 1"
        )
        return END

    async def is_interrupted(connection: Connection) -> JournalEnd:
        raise KeyboardInterrupt

    with pytest.raises(DatabaseError, match="Nothing was written"):
        await write_dump(empty_database_url, folder / "dump", "1.0", 5, dies, ignore, ignore)
    with pytest.raises(KeyboardInterrupt):
        await write_dump(empty_database_url, folder / "dump", "1.0", 5, is_interrupted, ignore, ignore)

    assert not list(folder.iterdir())


async def test_a_file_that_is_there_is_never_written_over(file: Path, empty_database_url: str) -> None:
    was = file.read_bytes()
    dangling = file.with_name("link")
    dangling.symlink_to("nowhere")

    for target in (file, dangling, file.parent):
        with pytest.raises(BackupRefused, match="is there already"):
            await written(empty_database_url, target)
    with pytest.raises(BackupRefused, match="no folder"):
        await written(empty_database_url, file.parent / "none" / "dump")

    assert file.read_bytes() == was
    assert file.stat().st_mode & 0o777 == 0o600


# --- damage ------------------------------------------------------------------------------------------


def read(path: Path) -> dict[str, bytes]:
    """All that a dump tells, after its own check."""
    with Dump(path) as dump:
        dump.check(ignore)
        told = {table.name: b"".join(dump._pieces(table)) for table in dump.manifest.tables}
        return told | {"": repr(dump.manifest).encode()}


@pytest.mark.parametrize("seed", range(20))
async def test_a_changed_or_cut_file_is_told_or_reads_as_it_was(file: Path, seed: int) -> None:
    """Some bytes of an archive mean nothing, a date say; a change to any other is found."""
    random, whole, right = Random(seed), file.read_bytes(), read(file)
    found = 0
    for _ in range(100):
        at = random.randrange(len(whole))
        flipped = whole[:at] + bytes([whole[at] ^ 1 << random.randrange(8)]) + whole[at + 1 :]
        file.write_bytes(flipped if random.random() < 0.7 else whole[:at])
        try:
            assert read(file) == right
        except (BackupDamaged, BackupRefused):
            found += 1

    assert found > 60


@given(st.binary(max_size=200))
def test_any_bytes_are_no_backup(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(content)

    with pytest.raises(BackupDamaged, match="or no backup"):
        Dump(path)


MANIFESTS = [
    ("{}", BackupDamaged, "missing required field"),
    ("[]", BackupDamaged, "Expected `object`"),
    ('{"format": 2, "program": "9.9"}', BackupRefused, r"newer program \(9.9\)"),
    ('{"format": "1"}', BackupDamaged, "Expected `int`"),
    (" " * (5 << 20), BackupDamaged, "too long"),
]


@pytest.mark.parametrize("text, kind, told", MANIFESTS, ids=[repr(text)[:20] for text, _, _ in MANIFESTS])
def test_a_strange_manifest_is_told(tmp_path: Path, text: str, kind: type[Exception], told: str) -> None:
    with ZipFile(tmp_path / "dump", "w") as archive:
        archive.writestr(MANIFEST, text)

    with pytest.raises(kind, match=told):
        Dump(tmp_path / "dump")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(BackupRefused, match="There is no backup"):
            Dump(path)
