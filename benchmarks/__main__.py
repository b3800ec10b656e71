"""`python -m benchmarks NAME`: each prints its figures, its limits and whether they were met.

Exit codes: 0 every limit is met, 1 one is not, 2 wrong usage, 3 it could not be run, 130 interrupted.
"""

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, Final

import uvloop
from cyclopts import App, Parameter
from rich.console import Console

from benchmarks.load.connection import LoadError
from benchmarks.market import MarketRefused
from benchmarks.replay.files import BadFile
from benchmarks.replay.tapes import ReplayBroken
from benchmarks.report import Report
from benchmarks.server import ServerFailed
from exchange_client import ExchangeError

UNABLE, INTERRUPTED = 3, 130
CANNOT_RUN: Final = (BadFile, ExchangeError, LoadError, MarketRefused, ReplayBroken, ServerFailed, OSError)

app: Final = App(name="python -m benchmarks", help=__doc__)
AsJson = Annotated[bool, Parameter("--json", negative="", help="Print one JSON object.")]
Journal = Annotated[bool, Parameter(help="Without it the server's journal is in memory: for long files.")]


def _run(work: Coroutine[Any, Any, Report], *, as_json: bool) -> int:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work).show(as_json=as_json)


@app.command
def core(*, messages: int = 200_000, as_json: AsJson = False) -> int:
    """Messages a second through the bare book, without journal, ledger or wire.

    Parameters
    ----------
    messages
        How many in each scenario.
    """
    from benchmarks import core

    return core.main(["--messages", str(messages), *(["--json"] if as_json else [])])


@app.command
def e2e(*, as_json: AsJson = False) -> int:
    """Orders acknowledged per second over WebSocket: durable, without a journal, with a commit per order."""
    from benchmarks import e2e

    return _run(e2e.run(), as_json=as_json)


@app.command
def stages(*, as_json: AsJson = False) -> int:
    """Microseconds of CPU that an order takes at each step, from its frame to its answer, without sockets."""
    from benchmarks import stages

    return _run(stages.run(), as_json=as_json)


@app.command
def ledger(*, as_json: AsJson = False) -> int:
    """Transfers a second: in the core, durable, durable with one hot account, and a SQL batch beside it."""
    from benchmarks import ledger

    return _run(ledger.run(), as_json=as_json)


@app.command
def recovery(*, as_json: AsJson = False) -> int:
    """Commands replayed per second from a journal in PostgreSQL, and what a snapshot saves."""
    from benchmarks import recovery

    return _run(recovery.run(), as_json=as_json)


@app.command
def audit(*, trades: int = 20_000, as_json: AsJson = False) -> int:
    """Books of a random market, exported and judged by the real bean-check.

    Parameters
    ----------
    trades
        How many the market makes.
    """
    from benchmarks import audit

    return _run(audit.run(trades=trades), as_json=as_json)


@app.command
def catalogue(*, rows: int = 100_000, as_json: AsJson = False) -> int:
    """Rows a second of a bulk load, and milliseconds of a search among them, each beside bare SQL.

    Parameters
    ----------
    rows
        Instruments to load and to search.
    """
    from benchmarks import catalogue

    return _run(catalogue.run(rows=rows), as_json=as_json)


@app.command
def auction(
    *,
    lots: int = 10_000,
    open_lots: int = 100_000,
    bidders: tuple[int, ...] = (1_000, 10_000),
    as_json: AsJson = False,
) -> int:
    """Lots that close in one millisecond, lots that wait, and one that a crowd of bidders watches.

    Parameters
    ----------
    lots
        How many close together.
    open_lots
        How many are open while nothing happens.
    bidders
        How many are connected to one lot, for each measurement.
    """
    from benchmarks import auction

    return _run(auction.run(lots=lots, open_lots=open_lots, bidders=bidders), as_json=as_json)


replays: Final = App(name="replay", help="Recorded order flow through the public interface.")
app.command(replays)


@replays.command(name="lobster")
def replay_lobster(messages: Path, book: Path, *, journal: Journal = True, as_json: AsJson = False) -> int:
    """A LOBSTER sample: every row of its book must be what the feed shows.

    Parameters
    ----------
    messages
        The message file, plain or gzipped.
    book
        The order book file that belongs to it.
    """
    from benchmarks.replay import runs

    return _run(runs.replay_lobster(messages, book, journal=journal), as_json=as_json)


@replays.command(name="mbo")
def replay_mbo(
    records: Path, *, book_out: Path | None = None, journal: Journal = True, as_json: AsJson = False
) -> int:
    """Market-by-order records: every trade must meet the makers that the file names.

    Parameters
    ----------
    records
        CSV with the columns ts_event, action, side, price, size, order_id and sequence, plain or gzipped.
    book_out
        Where to write the ten best levels after each record, as CSV.
    """
    from benchmarks.replay import runs

    return _run(runs.replay_mbo(records, book_out, journal=journal), as_json=as_json)


@replays.command(name="tsuchiura")
def replay_tsuchiura(auctions: Path, *, journal: Journal = True, as_json: AsJson = False) -> int:
    """Sealed auctions of a city: each must go to the bidder that won it, or to an equal one.

    Parameters
    ----------
    auctions
        CSV with the columns pid, reserveprice, minprice, bid, bidresult_details and winner, plain or gzipped.
    """
    from benchmarks.replay import runs

    return _run(runs.replay_tsuchiura(auctions, journal=journal), as_json=as_json)


def main() -> None:
    """Entry point."""
    try:
        code = app()
    except CANNOT_RUN as error:
        said = Console(stderr=True, soft_wrap=True)
        said.print(f"benchmarks: {error}", style="red", markup=False, highlight=False)
        code = UNABLE
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
