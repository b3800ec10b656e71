"""The command line: `exchange serve`, `demo`, `migrate`, `verify`, `backup`, `restore`, `describe`, `export`, `member`, `key`.

Exit codes: 0 done, 1 what was checked is wrong, 2 wrong usage or settings, 3 the database or the exchange
cannot be reached, 130 interrupted. Results go to stdout, progress and logs to stderr.
"""

import asyncio
import json
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import msgspec
import uvloop
from cyclopts import App, Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from exchange import __version__
from exchange.accounting.export import HistoryBehind
from exchange.accounting.period import NoPeriod
from exchange.accounting.transfers import TransferMissing
from exchange.app import Running, database, serving
from exchange.config import DEFAULT_DATA, DEFAULTS, Data, DatabaseUrl, Port, Settings
from exchange.console import (
    ConsoleError,
    WrongUsage,
    backups,
    bank,
    catalogue,
    events,
    exports,
    keys,
    loads,
    members,
    sealed,
)
from exchange.console.stored import stored
from exchange.database import DatabaseError
from exchange.database.dump import BackupDamaged, BackupRefused
from exchange.database.migrate import migrate_to_latest
from exchange.demo.server import DemoFailed
from exchange.describe import FOLDER, described
from exchange.engine.audit import audit
from exchange.engine.base import Diverged
from exchange.follower.process import FollowerStopped
from exchange.gateway.server import AddressTaken, UnfitSettings
from exchange.gateway.stored.records import RecordsUnavailable
from exchange.journal.base import Corrupt, Fenced, JournalUnavailable, UnfitStore
from exchange.journal.postgres import PostgresJournal
from exchange.logs import log_as_json

WRONG, USAGE, UNREACHABLE, INTERRUPTED = 1, 2, 3, 130

app: Final = App(
    name="exchange",
    help="An intermediary auction exchange: anonymous order books and timed reverse lots on one durable journal.",
    help_format="plaintext",
    help_epilogue="""Exit codes:
  0    done
  1    what was checked is wrong
  2    wrong usage or settings
  3    the database or the exchange cannot be reached
  130  interrupted""",
    version=__version__,
)
app.command(members.app)
app.command(bank.app)
app.command(keys.app)
app.command(catalogue.search)
app.command(loads.app)
app.command(exports.app)
app.command(events.app)
app.command(events.bid)
app.command(  # by its name, since it needs the client, which the others do without
    "exchange.console.watch:watch",
    name="watch",
    help="Watch the lots of an event live, until all of them are closed.",
)
app.command(sealed.seal)
app.command(sealed.reveal)
err: Final = Console(stderr=True)

OUTCOMES: Final = (
    ((BackupDamaged, Corrupt, Diverged, Fenced, FollowerStopped, TransferMissing), WRONG),
    (
        (
            AddressTaken,
            DatabaseError,
            JournalUnavailable,
            UnfitStore,
            ConsoleError,
            DemoFailed,
            HistoryBehind,
            RecordsUnavailable,
            OSError,
        ),
        UNREACHABLE,
    ),
    ((BackupRefused, UnfitSettings, NoPeriod, WrongUsage), USAGE),
)
"""What can end a command, and the exit code that tells it; the first line that fits."""

T = TypeVar("T")
AsJson = Annotated[bool, Parameter("--json", negative="", help="Print one JSON object.")]


def _run(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


@app.command
def serve(settings: Settings = DEFAULTS) -> int:
    """Run the exchange until it is interrupted; prints its address as one JSON object."""
    log_as_json()
    return _run(_serve(settings))


async def _serve(settings: Settings) -> int:
    """Until SIGINT or SIGTERM, which may come while it still starts: then it ends in order just as well."""
    task = asyncio.current_task()
    assert task is not None
    interrupted = asyncio.Event()

    def interrupt() -> None:
        if not interrupted.is_set():  # a second ^C must not disturb the end
            interrupted.set()
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, interrupt)
    serves = False
    try:
        async with serving(settings) as exchange:
            serves = True
            print(json.dumps({"url": exchange.url, "operator_key_file": _shown(exchange)}), flush=True)
            await asyncio.wait((exchange.ended,))
            exchange.ended.result()
    except asyncio.CancelledError:
        return 0 if serves else INTERRUPTED
    return 0


def _shown(exchange: Running) -> str | None:
    """The file with the first operator's key; an exchange on an external database may have it elsewhere."""
    return str(exchange.operator_key_file) if exchange.operator_key_file.exists() else None


@app.command
def demo(
    *,
    seconds: Annotated[float, Parameter(validator=Number(gte=0))] = 30,
    data: Path | None = None,
    port: Port = 0,
    as_json: AsJson = False,
) -> int:
    """Run a live market of simulated members on an exchange of its own, and account for it at the end.

    When its time is over what was sold is delivered, inspected, accepted and paid.

    Parameters
    ----------
    seconds
        How long they trade; with 0, until interrupted.
    data
        New folder to keep; without it a temporary one is removed at the end.
    port
        Port of its exchange; 0 takes a free one.
    """
    from exchange.demo.demo import run_demo
    from exchange.demo.screen import Screen

    to = err if as_json else Console()
    screen = Screen(to) if to.is_terminal and not as_json else None

    def say(line: str) -> None:
        to.print(line, markup=False, highlight=False, soft_wrap=True)

    summary = _run(run_demo(seconds, data, port, say, screen))
    if as_json:
        print(msgspec.json.encode(summary).decode())
    else:
        print(summary.as_text())
    return 0 if summary.verify.ok and summary.books.accepted is not False else WRONG


@app.command
def migrate(*, data: Data = DEFAULT_DATA, database_url: DatabaseUrl = "") -> int:
    """Bring the database to this program's version; prints what ran."""

    async def work() -> int:
        async with database(Settings(data=data, database_url=database_url), share=True) as dsn:
            for name in await migrate_to_latest(dsn):
                print(name)
        return 0

    return _run(work())


@app.command
def verify(*, data: Data = DEFAULT_DATA, database_url: DatabaseUrl = "", as_json: AsJson = False) -> int:
    """Check the whole journal: chain, Merkle roots, every outcome by replay, and the ledger's invariants.

    Works beside a running exchange and changes nothing. Exits with 1 and the first bad sequence if anything is wrong.
    """
    verdict = _run(_verify(Settings(data=data, database_url=database_url)))
    if as_json:
        print(msgspec.json.encode(verdict).decode())
    elif verdict.ok:
        print(f"{verdict.commands:,} commands in {verdict.batches:,} batches replay to the same outcomes.")
        print(f"The ledger sums to zero in {len(verdict.ledger_sums)} units. Chain {verdict.chain}")
    else:
        print(f"Wrong at sequence {verdict.first_bad_seq}: {verdict.what}")
    return 0 if verdict.ok else WRONG


async def _verify(settings: Settings) -> Any:
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


@app.command
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
    return _told(_run(backups.back_up(target, Settings(data=data, database_url=database_url))), as_json)


@app.command
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
    return _told(_run(backups.restore(source, Settings(data=data, database_url=database_url))), as_json)


def _told(summary: backups.Summary, as_json: bool) -> int:
    print(msgspec.json.encode(summary).decode() if as_json else summary.as_text())
    return 0


@app.command
def describe(*, write: bool = False, as_json: AsJson = False) -> int:
    """Print what this program speaks: every command, frame and refusal.

    Parameters
    ----------
    write
        Write OpenAPI, AsyncAPI and the table of refusals into the package's folder `schema` instead.
    """
    documents = described()
    if write:
        FOLDER.mkdir(exist_ok=True)
        for name, text in documents.items():
            (FOLDER / name).write_text(text)
            print(FOLDER / name)
    elif as_json:
        print(documents["openapi.json"])
    else:
        print(documents["refusals.md"])
    return 0


def main() -> None:
    """Entry point. Refuses `python -O`: assertions are part of the exchange."""
    if not __debug__:
        err.print("exchange: assertions are part of the product; run Python without -O.", soft_wrap=True)
        sys.exit(USAGE)
    try:
        code = app(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BaseExceptionGroup as group:
        code = _explained(_first(group))
    except (Exception, SystemExit) as error:
        code = _explained(error)
    sys.exit(code if isinstance(code, int) else 0)


def _first(error: BaseException) -> BaseException:
    """The first cause inside nested groups."""
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


def _explained(error: BaseException) -> int:
    """Say what went wrong in one line; a bug keeps its traceback."""
    for kinds, code in OUTCOMES:
        if isinstance(error, kinds):
            err.print(f"exchange: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
            return code
    raise error


if __name__ == "__main__":
    main()
