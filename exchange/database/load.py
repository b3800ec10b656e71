"""Puts a dump into an empty database: all of its tables in one transaction, or none.

The database is first migrated to exactly the version of the backup, by this program's own migrations; later ones run
when the exchange starts. So a backup can be restored by every later program, and onto every later PostgreSQL.
Doesn't do: decide whether what was loaded is right; `exchange restore` audits it afterwards.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from exchange.database import DatabaseError
from exchange.database.dump import (
    BOOKKEEPING,
    BackupRefused,
    Dump,
    Manifest,
    OnBytes,
    quoted,
    tables_of,
)
from exchange.database.migrate import Connection, connect, migrate_to_latest
from exchange.database.migrations import Migration, load_migrations
from exchange.database.world import WORLD

_RAN: Final = "select version from schema_migrations order by version"
_IS_THERE: Final = "select to_regclass(quote_ident($1)) is not null"


def migrations_of(manifest: Manifest, known: Sequence[Migration] | None = None) -> list[Migration]:
    """The migrations that the backup's database had; BackupRefused if this program has another history."""
    ours = {migration.version: migration for migration in (load_migrations() if known is None else known)}
    wanted = []
    for ran in manifest.migrations:
        if ran.version not in ours:
            raise BackupRefused(
                f"The backup is of a newer program ({manifest.program}): it has migration {ran.version}. "
                "Restore it with that program or a later one."
            )
        if ran.sha256 not in (None, ours[ran.version].sha256.hex()):
            raise BackupRefused(
                f"{ours[ran.version].name} is not the migration that ran on the backup's database. Restore it with the "
                f"program that made it ({manifest.program}) or a later one."
            )
        wanted.append(ours[ran.version])
    return wanted


async def refuse_filled(dsn: str, manifest: Manifest) -> None:
    """BackupRefused unless the database is empty, or holds nothing but the backup's own tables without a row."""
    connection = await connect(dsn)
    try:
        for row in await tables_of(connection):
            if await connection.fetchval(f"select exists (select 1 from {quoted(row['relname'])})"):  # noqa: S608
                raise BackupRefused(
                    f"The database is not empty: table {row['relname']} has rows. Name a new, empty database."
                )
        if await connection.fetchval(_IS_THERE, BOOKKEEPING):
            there = [row["version"] for row in await connection.fetch(_RAN)]
            if set(there) - {ran.version for ran in manifest.migrations}:
                raise BackupRefused(
                    "The database has tables of another version than the backup's. Name a new, empty database."
                )
    finally:
        connection.terminate()


async def load_dump(
    dsn: str,
    dump: Dump,
    finish: Callable[[Connection], Awaitable[None]],
    on_bytes: OnBytes,
    *,
    known: Sequence[Migration] | None = None,
) -> None:
    """Fill the database; `finish` is called within the same transaction, at its end."""
    wanted = migrations_of(dump.manifest, known)
    await refuse_filled(dsn, dump.manifest)
    await migrate_to_latest(dsn, migrations=wanted)
    connection = await connect(dsn)
    try:
        async with connection.transaction():
            await _fill(connection, dump, on_bytes)
            await finish(connection)
    except WORLD as error:
        raise DatabaseError(f"The backup can't be loaded: {error}. Nothing of it was kept.") from error
    finally:
        connection.terminate()


async def _fill(connection: Connection, dump: Dump, on_bytes: OnBytes) -> None:
    """Every row as it was: triggers of our own rest meanwhile, rows that migrations made give way."""
    names = [table.name for table in dump.manifest.tables]
    for name in names:
        await connection.execute(f"alter table {quoted(name)} disable trigger user")
    for name in reversed(names):
        await connection.execute(f"delete from {quoted(name)}")  # noqa: S608
    for table in dump.manifest.tables:
        await connection.copy_to_table(
            table.name, source=dump.pieces(table, on_bytes), columns=table.columns, format="binary"
        )
    for sequence in dump.manifest.sequences:
        await connection.execute(
            "select setval(quote_ident($1)::regclass, $2, $3)", sequence.name, sequence.value, sequence.called
        )
    for name in names:
        await connection.execute(f"alter table {quoted(name)} enable trigger user")
