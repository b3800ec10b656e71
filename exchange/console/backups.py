"""`exchange backup` and `exchange restore`: a copy of a whole exchange, and an exchange from a copy.

Guarantees: a backup holds all that was acknowledged before it began, and is taken while the exchange serves; a
restored exchange is audited from its first command and ends where its backup says, or it is not there at all.
No secret is in a backup: keys are in it as hashes, `operator.key` is not. Who restores gets an operator's key of
their own; every other key works as before. Names and contacts of members are in it: keep it like the database.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from exchange import __version__
from exchange.app import OPERATOR_KEY, database, make_folder, renew_operator_key
from exchange.config import Settings
from exchange.console.stored import stored
from exchange.core.kernel import RULES
from exchange.database.dump import (
    BackupDamaged,
    BackupRefused,
    Dump,
    JournalEnd,
    Manifest,
    OnBytes,
    write_dump,
)
from exchange.database.load import load_dump, migrations_of
from exchange.database.migrate import Connection
from exchange.engine.audit import audit
from exchange.journal.postgres import PostgresJournal
from exchange.journal.sql import TAIL

SHARD: Final = 0
_RULES: Final = "select coalesce(max(rules), 0) from journal_batch where shard = $1"
_LEAP: Final = "update journal_shard set epoch = greatest(epoch + 1, $1)"
err: Final = Console(stderr=True)


class Summary(Struct, frozen=True):
    """What was copied, for people and programs."""

    file: str
    size_bytes: int
    taken_at_us: int
    commands: int
    chain: str
    rows: int
    operator_key_file: str | None = None

    def as_text(self) -> str:
        """Two or three lines."""
        told = (
            f"{self.commands:,} commands and {self.rows:,} rows in {self.file} ({self.size_bytes:,} bytes).\n"
            f"Chain {self.chain}"
        )
        return (
            f"{told}\nThe operator's key is in {self.operator_key_file}" if self.operator_key_file else told
        )


# --- taking one --------------------------------------------------------------------------------------


async def back_up(target: Path, settings: Settings) -> Summary:
    """Copy the exchange into a new file, beside a running server or without one."""
    now_us = time.time_ns() // 1_000
    with _progress() as progress:
        task = progress.add_task("copying", total=None)
        async with stored(settings) as dsn:
            manifest = await write_dump(
                dsn, target, __version__, now_us, _end_of_journal,
                lambda total: progress.update(task, total=total), _advance(progress, task),
            )  # fmt: skip
    return _summary(target, manifest)


async def _end_of_journal(connection: Connection) -> JournalEnd:
    row = await connection.fetchrow(TAIL, SHARD)
    if row is None:
        raise BackupRefused(
            "The database holds no exchange yet: it was never started. There is nothing to copy."
        )
    _, next_seq, chain, _, _ = row
    return JournalEnd(next_seq - 1, chain.hex(), await connection.fetchval(_RULES, SHARD))


# --- bringing one back -------------------------------------------------------------------------------


async def restore(source: Path, settings: Settings) -> Summary:
    """An exchange in a new folder, or in an empty external database, from a backup.

    In this order: BackupRefused or BackupDamaged for the file; BackupRefused for the target; BackupDamaged if what
    was loaded doesn't replay to the journal's end that the manifest names.
    """
    with Dump(source) as dump, _progress() as progress:
        _refuse_newer(dump.manifest)
        _refuse_taken(settings)
        checking = progress.add_task("checking", total=dump.manifest.size_bytes)
        dump.check(_advance(progress, checking))
        loading = progress.add_task("loading", total=dump.manifest.size_bytes)
        auditing = progress.add_task("verifying commands", total=dump.manifest.journal.seq)
        with _new_folder(settings) as room:
            async with database(room) as dsn:
                await load_dump(dsn, dump, _leap, _advance(progress, loading))
                key_file = await _audited(
                    dsn, dump, room.data / OPERATOR_KEY, lambda seq: progress.update(auditing, completed=seq)
                )
    return _summary(source, dump.manifest, str(settings.data / OPERATOR_KEY) if key_file else None)


def _refuse_newer(manifest: Manifest) -> None:
    migrations_of(manifest)
    if manifest.journal.rules > RULES:
        raise BackupRefused(
            f"The backup's journal follows rules {manifest.journal.rules}, this program knows {RULES}. "
            f"Restore it with program {manifest.program} or a later one."
        )


def _refuse_taken(settings: Settings) -> None:
    if not settings.database_url and _is_taken(settings.data):
        raise BackupRefused(f"{settings.data} is not empty. Name a new folder with --data.")


def _is_taken(folder: Path) -> bool:
    return any(folder.iterdir()) if folder.is_dir() else folder.exists() or folder.is_symlink()


@contextmanager
def _new_folder(settings: Settings) -> Iterator[Settings]:
    """Settings for a folder beside the target, which becomes the target when the block ends well.

    With an external database the folder is there for the key only, and may hold other things.
    """
    if settings.database_url:
        make_folder(settings.data)
        yield settings
        return
    make_folder(settings.data.absolute().parent)
    room = Path(tempfile.mkdtemp(prefix=f".{settings.data.name}.", suffix=".part", dir=settings.data.parent))
    try:
        yield Settings(data=room)
        room.rename(settings.data)  # over an empty folder, if there is one
    except BaseException:
        with suppress(OSError):
            shutil.rmtree(room)
        raise


async def _leap(connection: Connection) -> None:
    """The epoch leaps to the second of the restore: whoever followed the old exchange sees that this is another."""
    await connection.execute(_LEAP, time.time_ns() // 1_000_000_000)


async def _audited(dsn: str, dump: Dump, key_file: Path, on_progress: OnBytes) -> bool:
    """Replay everything, compare the end, and give the operator a key; whether there is an operator."""
    journal = PostgresJournal(dsn)
    verdict, kernel = await audit(journal, on_progress)
    await journal.close()
    end = dump.manifest.journal
    if not verdict.ok:
        raise BackupDamaged(
            f"{dump.path} holds a journal that was wrong when it was copied, from sequence {verdict.first_bad_seq} on: "
            f"{verdict.what}. Restore an older backup."
        )
    if (verdict.commands, verdict.chain) != (end.seq, end.chain):
        raise BackupDamaged(
            f"{dump.path} ends at sequence {verdict.commands} and not at {end.seq}. Restore another one."
        )
    return await renew_operator_key(dsn, kernel.members.dump().members, key_file)


# --- what people see ---------------------------------------------------------------------------------


def _summary(file: Path, manifest: Manifest, key_file: str | None = None) -> Summary:
    return Summary(
        str(file), file.stat().st_size, manifest.taken_at_us, manifest.journal.seq, manifest.journal.chain,
        sum(table.rows for table in manifest.tables), key_file,
    )  # fmt: skip


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(),
        console=err, transient=True, disable=not err.is_terminal,
    )  # fmt: skip


def _advance(progress: Progress, task: TaskID) -> OnBytes:
    return lambda more: progress.advance(task, more)
