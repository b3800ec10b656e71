"""A whole database in one file: every table as of one instant, with the sums that prove it.

The file is a zip archive: `tables/NAME` holds a table in PostgreSQL's binary COPY format, `manifest.json`, which
comes last, tells what there is. Any tool opens it; only `load` puts it back.
Guarantees: all tables are of one repeatable-read snapshot, so writers are neither stopped nor seen by half; the
file appears under its name whole and flushed, or not at all, and only its owner reads it; a file that was cut or
changed is found out by `Dump.check`, and whatever its bytes are, reading them ends in `BackupDamaged` at worst.
Known limits: the database must be the exchange's own; generated columns are made again, not copied; nothing is
signed, so a deliberate change shows in the journal's chain only.
"""

import os
import struct
import tempfile
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from graphlib import TopologicalSorter
from hashlib import sha256
from pathlib import Path
from typing import IO, Final, Self, TypeAlias
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import asyncpg
from msgspec import MsgspecError, Struct, json

from exchange.database import DatabaseError
from exchange.database.migrate import Connection, connect

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
MANIFEST_BYTES_MAX: Final = 4 << 20
"""4 MiB: some ten thousand tables; whatever is larger is no manifest."""
PIECE_BYTES: Final = 1 << 20
COMPRESSION: Final = 1
"""zlib's fastest: history shrinks to a third; salts, most of the journal, hardly shrink at any level."""

OnBytes: TypeAlias = Callable[[int], None]
"""Told how many more bytes of tables are done."""

_DAMAGE: Final = (
    BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    OSError,  # or leads before the file's beginning
    OverflowError,
    RuntimeError,  # it asks for an unknown compression or a password
    ValueError,
    MsgspecError,
)
"""What the standard library raises when it reads a damaged archive."""


class BackupDamaged(Exception):
    """The file is not what was written, or never was a backup."""


class BackupRefused(Exception):
    """The backup or its target is not fit for what was asked; nothing was changed."""


class JournalEnd(Struct, frozen=True):
    """The last command in the backup; `chain` in hexadecimal."""

    seq: int
    chain: str
    rules: int


class Ran(Struct, frozen=True):
    """A migration that the database had; without a hash if dbmate ran it."""

    version: str
    sha256: str | None


class Table(Struct, frozen=True):
    """One table, and what must be read back of it."""

    name: str
    columns: tuple[str, ...]
    rows: int
    size_bytes: int
    sha256: str


class Sequence(Struct, frozen=True):
    """Where a sequence stands."""

    name: str
    value: int
    called: bool


class Manifest(Struct, frozen=True):
    """What a backup holds. Tables come in the order in which foreign keys let them be filled."""

    format: int
    program: str
    taken_at_us: int
    journal: JournalEnd
    migrations: tuple[Ran, ...]
    tables: tuple[Table, ...]
    sequences: tuple[Sequence, ...]

    @property
    def size_bytes(self) -> int:
        """Of all tables, unpacked."""
        return sum(table.size_bytes for table in self.tables)


_OURS: Final = """
    relnamespace = current_schema()::regnamespace and not relispartition
    and not exists (select 1 from pg_depend where objid = pg_class.oid and deptype = 'e')
"""
_TABLES: Final = f"""
    select oid::bigint, relname, pg_table_size(oid) as size,
        array(select attname::text from pg_attribute
            where attrelid = pg_class.oid and attnum > 0 and not attisdropped and attgenerated = ''
            order by attnum) as columns,
        array(select confrelid::bigint from pg_constraint
            where conrelid = pg_class.oid and contype = 'f' and confrelid <> pg_class.oid) as needs
    from pg_class where relkind in ('r', 'p') and {_OURS} order by relname
"""  # noqa: S608  # made of constants
_SEQUENCES: Final = """
    select sequencename, coalesce(last_value, start_value), last_value is not null
    from pg_sequences where schemaname = current_schema() order by sequencename
"""
_RAN: Final = "select version, encode(sha256, 'hex') from schema_migrations order by version"
BOOKKEEPING: Final = "schema_migrations"
"""The table that migrating fills."""


def quoted(name: str) -> str:
    """A name within a statement."""
    return '"' + name.replace('"', '""') + '"'


async def tables_of(connection: Connection) -> list[asyncpg.Record]:
    """Tables of the exchange in an order in which they can be filled."""
    found = {row["oid"]: row for row in await connection.fetch(_TABLES) if row["relname"] != BOOKKEEPING}
    order = TopologicalSorter({oid: row["needs"] for oid, row in found.items()}).static_order()
    return [found[oid] for oid in order]


# --- writing -----------------------------------------------------------------------------------------


async def write_dump(
    dsn: str,
    target: Path,
    program: str,
    taken_at_us: int,
    journal_end: Callable[[Connection], Awaitable[JournalEnd]],
    on_size: OnBytes,
    on_bytes: OnBytes,
) -> Manifest:
    """Write the database to a file that isn't there yet; `journal_end` is asked within the same snapshot.

    `on_size` is told about how many bytes `on_bytes` will be told of. BackupRefused if the target is there or its
    folder isn't; DatabaseError if the database fails.
    """
    if target.exists() or target.is_symlink():
        raise BackupRefused(f"{target} is there already. Name a new file.")
    if not target.parent.is_dir():
        raise BackupRefused(f"There is no folder {target.parent}. Make it, or name another.")
    connection = await connect(dsn)
    try:
        with (
            _appearing(target) as file,
            ZipFile(file, "w", ZIP_DEFLATED, compresslevel=COMPRESSION) as archive,
        ):
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                end = await journal_end(connection)
                began = Manifest(FORMAT, program, taken_at_us, end, (), (), ())
                return await _copy_out(connection, archive, began, on_size, on_bytes)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise DatabaseError(
            f"The database can't be copied: {error}. Nothing was written; try again."
        ) from error
    finally:
        connection.terminate()


@contextmanager
def _appearing(target: Path) -> Iterator[IO[bytes]]:
    """A file that gets its name when the block ends well."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


async def _copy_out(
    connection: Connection, archive: ZipFile, manifest: Manifest, on_size: OnBytes, on_bytes: OnBytes
) -> Manifest:
    found = await tables_of(connection)
    on_size(sum(row["size"] for row in found))
    tables = [await _copy_table_out(connection, archive, row, on_bytes) for row in found]
    sequences = [Sequence(*row) for row in await connection.fetch(_SEQUENCES)]
    ran = [Ran(version, digest) for version, digest in await connection.fetch(_RAN)]
    whole = Manifest(
        manifest.format, manifest.program, manifest.taken_at_us, manifest.journal,
        tuple(ran), tuple(tables), tuple(sequences),
    )  # fmt: skip
    archive.writestr(MANIFEST, json.format(json.encode(whole)))
    return whole


async def _copy_table_out(
    connection: Connection, archive: ZipFile, row: asyncpg.Record, on_bytes: OnBytes
) -> Table:
    name, columns, sum_, size = row["relname"], tuple(row["columns"]), sha256(), 0
    with archive.open(f"tables/{name}", "w", force_zip64=True) as out:

        async def take(piece: bytes) -> None:
            nonlocal size
            out.write(piece)
            sum_.update(piece)
            size += len(piece)
            on_bytes(len(piece))

        statement = f"select {', '.join(map(quoted, columns))} from {quoted(name)}"  # noqa: S608  # names of the database
        status = await connection.copy_from_query(statement, output=take, format="binary")
    return Table(name, columns, int(status.rpartition(" ")[2]), size, sum_.hexdigest())


# --- reading -----------------------------------------------------------------------------------------


class Dump:
    """A backup that is read; `with` closes it."""

    def __init__(self, path: Path) -> None:
        """BackupRefused if there is no such file, or it is of a newer program; BackupDamaged if it can't be read."""
        self.path = path
        if not path.is_file():
            raise BackupRefused(f"There is no backup {path}. Name the file that `exchange backup` wrote.")
        with self._damage():
            self._archive = ZipFile(path)
            self.manifest = self._read_manifest()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def check(self, on_bytes: OnBytes) -> None:
        """Read all of it and compare every sum; BackupDamaged names the first table that differs."""
        for table in self.manifest.tables:
            sum_, size = sha256(), 0
            for piece in self._pieces(table):
                sum_.update(piece)
                size += len(piece)
                on_bytes(len(piece))
            if (size, sum_.hexdigest()) != (table.size_bytes, table.sha256):
                raise self._damaged(f"table {table.name} is not what was written")

    async def pieces(self, table: Table, on_bytes: OnBytes) -> AsyncIterator[bytes]:
        """The table's bytes, for COPY."""
        for piece in self._pieces(table):
            on_bytes(len(piece))
            yield piece

    def _pieces(self, table: Table) -> Iterator[bytes]:
        with self._damage(), self._archive.open(f"tables/{table.name}") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece

    def _read_manifest(self) -> Manifest:
        if self._archive.getinfo(MANIFEST).file_size > MANIFEST_BYTES_MAX:
            raise self._damaged("its manifest is too long")
        text = self._archive.read(MANIFEST)
        told = json.decode(text, type=dict[str, object])
        if isinstance(told.get("format"), int) and told["format"] != FORMAT:
            raise BackupRefused(
                f"{self.path} was made by a newer program ({told.get('program')}). Restore it with that one."
            )
        return json.decode(text, type=Manifest)

    @contextmanager
    def _damage(self) -> Iterator[None]:
        try:
            yield
        except _DAMAGE as error:
            raise self._damaged(str(error) or type(error).__name__) from error

    def _damaged(self, what: str) -> BackupDamaged:
        return BackupDamaged(
            f"{self.path} is damaged, or no backup: {what}. Take another copy of it, or an older backup."
        )
