"""`exchange export`: books for an auditor, in the formats of beancount and hledger."""

import sys
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Annotated, Final, TextIO

import uvloop
from cyclopts import App, Parameter
from rich.console import Console

from exchange.accounting.export import FORMATS, export
from exchange.accounting.period import Period, period_of
from exchange.config import DEFAULT_DATA, Data, DatabaseUrl, Settings
from exchange.console.stored import stored

app: Final = App(name="export", help="Write books of a period for an auditor, made of the history.")
err: Final = Console(stderr=True)

From = Annotated[date, Parameter("--from", help="First day (UTC).")]
To = Annotated[date, Parameter("--to", help="The day after the last one.")]
Out = Annotated[Path | None, Parameter(help="File to write, whole or not at all; without it, stdout.")]


@app.command
def beancount(
    *, first: From, end: To, out: Out = None, data: Data = DEFAULT_DATA, database_url: DatabaseUrl = ""
) -> None:
    """Books that `bean-check` accepts, with every balance asserted at each month's end and at the period's.

    Works beside a running exchange. Refuses if the history has not caught up with the journal.
    """
    _export("beancount", period_of(first, end), out, Settings(data=data, database_url=database_url))


@app.command
def hledger(
    *, first: From, end: To, out: Out = None, data: Data = DEFAULT_DATA, database_url: DatabaseUrl = ""
) -> None:
    """The same books as a journal for hledger."""
    _export("hledger", period_of(first, end), out, Settings(data=data, database_url=database_url))


def _export(name: str, period: Period, out: Path | None, settings: Settings) -> None:
    with ExitStack() as stack:
        file: TextIO = sys.stdout
        unfinished = out.with_name(f"{out.name}.unfinished") if out else None
        if unfinished:
            file = stack.enter_context(unfinished.open("w", encoding="utf-8"))
            stack.callback(unfinished.unlink, missing_ok=True)
        uvloop.run(_write(name, period, file, settings))
        if out and unfinished:
            file.close()
            unfinished.replace(out)


async def _write(name: str, period: Period, file: TextIO, settings: Settings) -> None:
    async with stored(settings) as dsn:
        position = await export(dsn, FORMATS[name], period, file.write)
    err.print(f"Made of the history up to sequence {position.seq:,}.", highlight=False, soft_wrap=True)
