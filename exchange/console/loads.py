"""`exchange load`: send a spreadsheet of instruments, of stock or of lots, and see it through."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final

from cyclopts import App, Parameter

from exchange.config import WRONG
from exchange.console import CallRefused, WrongUsage
from exchange.console.remote import HERE, Remote, segment
from exchange.console.tables import text
from exchange.core.rejects import RejectCode

POLL_S: Final = 0.2

app: Final = App(
    name="load",
    help="Load instruments (operator), stock and offers (seller) or lots (buyer) from CSV or XLSX.",
)

DryRun = Annotated[bool, Parameter(negative="", help="Check only: tell every fault and change nothing.")]
Batch = Annotated[
    str, Parameter(help="The same file takes effect once a day; under another name it counts anew.")
]


@app.command
def instruments(file: Path, *, dry_run: DryRun = False, batch: Batch = "", remote: Remote = HERE) -> int:
    """Create the instruments of a file; those that are there already stay as they are.

    Columns: manufacturer, part_number, condition, and where you like packaging, date_code, rohs, origin, traceability,
    symbol, currency, price_scale, tick, lot_multiple, price_min, price_max, delivery, guarantee_bps, tax_regime,
    goods_tax_bps, min_amount, reference_price, description; what they may say is on the page `/docs`.

    Parameters
    ----------
    file
        Its faults are told by row and column, with exit code 1.
    """
    return _load("/v1/instruments/bulk", file, dry_run, batch, remote)


@app.command
def stock(file: Path, *, dry_run: DryRun = False, batch: Batch = "", remote: Remote = HERE) -> int:
    """Declare the stock of a file, and offer what has a price.

    Columns: quantity, price, and what names the instrument: instrument_id, symbol, or part_number with the others of a part.

    Parameters
    ----------
    file
        Its faults are told by row and column, with exit code 1.
    """
    return _load("/v1/stock/bulk", file, dry_run, batch, remote)


@app.command
def lots(event: str, file: Path, *, dry_run: DryRun = False, batch: Batch = "", remote: Remote = HERE) -> int:
    """Draft the lots of a file into an event of yours, in the order of the rows: `exchange event lots` tells the columns."""
    return load_lots(event, file, dry_run, batch, remote)


def load_lots(event_id: str, file: Path, dry_run: bool, batch: str, remote: Remote) -> int:
    """Lots into a draft; the exit code."""
    return _load("/v1/lots/bulk", file, dry_run, batch, remote, {"event_id": event_id})


def _load(
    path: str,
    file: Path,
    dry_run: bool,
    batch: str,
    remote: Remote,
    subject: Mapping[str, str] = MappingProxyType({}),
) -> int:
    from exchange.gateway.loading.sheets import CSV, XLSX

    try:
        raw = file.read_bytes()
    except OSError as error:
        raise WrongUsage(f"{file} cannot be read: {error.strerror}.") from error
    query = dict(subject) | ({"dry_run": "true"} if dry_run else {})
    media = XLSX if file.suffix.lower() == ".xlsx" else CSV
    report = _report(path, raw, media, query | ({"batch": batch} if batch else {}), remote)
    if report["state"] == "running":
        report = _followed(report, remote)
    faults = report.pop("faults")
    if remote.as_json:
        remote.show(report | {"faults": faults})
    else:
        for each in faults:
            sys.stderr.write(f"row {each['row']}, {each['column']}: {text(each['detail'])}\n")
        remote.show(report)
    return WRONG if report["fault_count"] or report["state"] == "stopped" else 0


def _report(path: str, raw: bytes, media: str, query: dict[str, str], remote: Remote) -> Any:
    """How the load begins; of a file with faults, what a dry run tells of them."""
    try:
        return remote.upload(path, raw, media, query)
    except CallRefused as refused:
        if refused.reason != RejectCode.SHEET_WRONG.name:
            raise
        return remote.upload(path, raw, media, query | {"dry_run": "true"})


def _followed(report: Any, remote: Remote) -> Any:
    """The report of the load's end."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    err = Console(stderr=True)
    columns = (TextColumn("loading"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("rows", total=report["rows"])
        while report["state"] == "running":
            time.sleep(POLL_S)
            report = remote.call("GET", f"/v1/loads/{segment(report['load_id'])}")
            progress.update(task, completed=report["settled"])
    return report
