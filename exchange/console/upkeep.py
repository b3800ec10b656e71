"""`exchange migrate`, `verify`, `backup` and `restore`: what an operator does to the database of an exchange."""

import json
from pathlib import Path
from typing import Final

import msgspec
import uvloop
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from exchange.app import database
from exchange.config import DEFAULT_DATA, WRONG, AsJson, Data, DatabaseUrl, Settings
from exchange.console import backups
from exchange.console.remote import say
from exchange.console.stored import stored
from exchange.database.migrate import migrate_to_latest
from exchange.engine.audit import Verdict, audit
from exchange.journal.postgres import PostgresJournal

err: Final = Console(stderr=True)


def migrate(*, data: Data = DEFAULT_DATA, database_url: DatabaseUrl = "", as_json: AsJson = False) -> int:
    """Bring the database to this program's version; prints what ran."""
    ran = uvloop.run(_migrate(Settings(data=data, database_url=database_url)))
    for line in [json.dumps({"ran": ran})] if as_json else ran:
        say(line)
    return 0


async def _migrate(settings: Settings) -> list[str]:
    async with database(settings, share=True) as dsn:
        return await migrate_to_latest(dsn)


def verify(*, data: Data = DEFAULT_DATA, database_url: DatabaseUrl = "", as_json: AsJson = False) -> int:
    """Check the whole journal: chain, Merkle roots, every outcome by replay, and the ledger's invariants.

    Works beside a running exchange and changes nothing. Exits with 1 and the first bad sequence if anything is wrong.
    """
    verdict = uvloop.run(_verify(Settings(data=data, database_url=database_url)))
    say(msgspec.json.encode(verdict).decode() if as_json else _sentences(verdict))
    return 0 if verdict.ok else WRONG


async def _verify(settings: Settings) -> Verdict:
    columns = (
        TextColumn("verifying"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} commands"),
        TimeElapsedColumn(),
    )
    async with stored(settings) as dsn:
        journal = PostgresJournal(dsn)
        with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
            task = progress.add_task("commands", total=None)
            verdict, _ = await audit(journal, lambda seq: progress.update(task, completed=seq))
        await journal.close()
    return verdict


def _sentences(verdict: Verdict) -> str:
    if not verdict.ok:
        return f"Wrong at sequence {verdict.first_bad_seq}: {verdict.what}"
    return (
        f"{verdict.commands:,} commands in {verdict.batches:,} batches replay to the same outcomes.\n"
        f"The ledger sums to zero in {len(verdict.ledger_sums)} units. Chain {verdict.chain}"
    )


def backup(
    target: Path, *, data: Data = DEFAULT_DATA, database_url: DatabaseUrl = "", as_json: AsJson = False
) -> int:
    """Copy the whole exchange into one new file, while it serves or not.

    It holds everything that was acknowledged before, and no secret; it does hold the members' names.

    Parameters
    ----------
    target
        File to write; it appears when it is whole.
    """
    return _told(uvloop.run(backups.back_up(target, Settings(data=data, database_url=database_url))), as_json)


def restore(
    source: Path, *, data: Data = DEFAULT_DATA, database_url: DatabaseUrl = "", as_json: AsJson = False
) -> int:
    """Make an exchange from a backup, in a new folder or an empty external database, and verify it.

    The operator gets a new key in the folder's `operator.key`; all other keys work as before. Stop the old
    exchange first: what it still acknowledges is not in the new one.

    Parameters
    ----------
    source
        File that `exchange backup` wrote.
    """
    return _told(uvloop.run(backups.restore(source, Settings(data=data, database_url=database_url))), as_json)


def _told(summary: backups.Summary, as_json: bool) -> int:
    say(msgspec.json.encode(summary).decode() if as_json else summary.as_text())
    return 0
