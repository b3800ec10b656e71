"""Bring a database to this program's version.

Guarantees: each migration runs once and in order, however many programs start at the same moment; one that
fails leaves no trace; a file that was changed after it ran, and a database that is newer than this program,
are refused before anything is changed. The bookkeeping is dbmate's table `schema_migrations` with the hash of
the file beside the version, so dbmate works on the same database.

Known limits: forward only. The lock belongs to a session, so connect to the server itself, not through a pool
that shares sessions. A migration outside a transaction that dies midway has to be cleaned up by hand.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeAlias

import asyncpg

from exchange.database.migrations import Migration, MigrationError, load_migrations

LOCK = 0x717569636B6D6967  # the key of our advisory lock; any constant that nobody else uses
LOCK_POLL_S = 0.05
LOCK_S_MAX = 600.0  # another program may be building a large index
CONNECT_S_MAX = 10.0

TABLE = """
create table if not exists schema_migrations (version varchar(128) primary key);
alter table schema_migrations
    add column if not exists sha256 bytea,
    add column if not exists applied_at timestamptz not null default now();
"""
RECORD = "insert into schema_migrations (version, sha256) values ($1, $2)"

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Progress: TypeAlias = Callable[[int, int, str], None]
"""Told before each migration: how many of this run are done, how many there are, the name of the next."""


async def migrate_to_latest(
    dsn: str, *, migrations: Sequence[Migration] | None = None, on_progress: Progress | None = None
) -> list[str]:
    """Run what is missing and return the names of what ran; safe to call at every start.

    MigrationError, in this order: no connection; another program holds the lock for ten minutes; the database is
    newer; a file was changed; a statement failed.
    """
    wanted = load_migrations() if migrations is None else migrations
    connection = await connect(dsn)
    try:
        await _take_lock(connection)
        missing = await _missing(connection, wanted)
        for done, migration in enumerate(missing):
            if on_progress:
                on_progress(done, len(missing), migration.name)
            await _run(connection, migration)
        return [migration.name for migration in missing]
    finally:
        await connection.close()  # The lock ends with its session.


async def refuse_unmigrated(dsn: str) -> None:
    """Raises MigrationError unless the database is at this program's version; changes nothing."""
    connection = await connect(dsn)
    try:
        missing = _missing_of(load_migrations(), await _recorded(connection))
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError):
        missing = load_migrations()
    finally:
        await connection.close()
    if missing:
        raise MigrationError(
            f"The database lacks {missing[0].name}. Run `exchange migrate`, or start the exchange once."
        )


async def connect(dsn: str) -> Connection:
    """A connection; MigrationError if there is none within ten seconds."""
    try:
        return await asyncpg.connect(dsn, timeout=CONNECT_S_MAX)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise MigrationError(
            f"The database doesn't answer: {str(error) or type(error).__name__}. "
            "Check DATABASE_URL and whether the server runs."
        ) from error


async def _take_lock(connection: Connection) -> None:
    """Poll: a session blocked in pg_advisory_lock would hold a snapshot that a concurrent index build waits for."""
    loop = asyncio.get_running_loop()
    give_up_s = loop.time() + LOCK_S_MAX
    while not await connection.fetchval("select pg_try_advisory_lock($1)", LOCK):
        if loop.time() > give_up_s:
            raise MigrationError(
                f"Another program has been migrating this database for {LOCK_S_MAX:.0f} s. "
                "Let it finish or stop it, then start again."
            )
        await asyncio.sleep(LOCK_POLL_S)


async def _missing(connection: Connection, wanted: Sequence[Migration]) -> list[Migration]:
    await connection.execute(TABLE)
    return _missing_of(wanted, await _recorded(connection))


async def _recorded(connection: Connection) -> dict[str, bytes | None]:
    """What ran, with the hash of its file."""
    rows = await connection.fetch("select version, sha256 from schema_migrations")
    return {row["version"]: row["sha256"] for row in rows}


def _missing_of(wanted: Sequence[Migration], ran: dict[str, bytes | None]) -> list[Migration]:
    if unknown := sorted(ran.keys() - {migration.version for migration in wanted}):
        raise MigrationError(
            f"The database is newer than this program: it has migration {', '.join(unknown)}. "
            "Start the program that made it, or a later one."
        )
    for migration in wanted:
        # dbmate records no hash; what it ran is taken on trust.
        if ran.get(migration.version) not in (None, migration.sha256):
            raise MigrationError(
                f"{migration.name} was changed after it ran on this database. Restore the file, and put the "
                "change into a new migration."
            )
    return [migration for migration in wanted if migration.version not in ran]


async def _run(connection: Connection, migration: Migration) -> None:
    try:
        if migration.in_transaction:
            async with connection.transaction():
                await connection.execute(migration.sql)
                await connection.execute(RECORD, migration.version, migration.sha256)
        else:
            await connection.execute(migration.sql)
            await connection.execute(RECORD, migration.version, migration.sha256)
    except asyncpg.PostgresError as error:
        left = "Nothing of it was kept" if migration.in_transaction else "What it had done by then stays"
        raise MigrationError(
            f"{_place(migration, error)}: {error}. {left}; mend the cause and start again."
        ) from error


def _place(migration: Migration, error: asyncpg.PostgresError) -> str:
    """The file, and the line if the server told a position."""
    position = getattr(error, "position", None)
    if position is None:
        return migration.name
    line = migration.first_line + migration.sql.count("\n", 0, int(position) - 1)
    return f"{migration.name}, line {line}"
