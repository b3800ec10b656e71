"""`exchange member statement`, `exchange member note` and `exchange event report`: papers, as a table, JSON, CSV or PDF."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final

from cyclopts import Parameter

from exchange.accounting.period import DAY, period_of
from exchange.console import WrongUsage
from exchange.console.remote import HERE, Remote, say, segment
from exchange.console.tables import titled

From = Annotated[date | None, Parameter("--from", help="First day (UTC).")]
To = Annotated[date | None, Parameter("--to", help="The day after the last one; by default, tomorrow.")]


MEDIA: Final = {".csv": "text/csv", ".pdf": "application/pdf"}


@Parameter(name="*")
@dataclass(frozen=True)
class Form:
    """What a paper is asked for as, instead of as a table or JSON.

    Parameters
    ----------
    csv
        As CSV.
    pdf
        As PDF.
    out
        File to write, whole or not at all, as the end of its name says: .csv or .pdf; without it, stdout.
    """

    csv: Annotated[bool, Parameter(negative="")] = False
    pdf: Annotated[bool, Parameter(negative="")] = False
    out: Path | None = None

    def is_written(self, path: str, query: dict[str, str], remote: Remote) -> bool:
        """Write it as it comes; False where a table or JSON was asked for. Raises WrongUsage."""
        if self.csv + self.pdf + remote.as_json > 1:
            raise WrongUsage("Give one of --json, --csv and --pdf.")
        media = self._media()
        if self.out and not media:
            raise WrongUsage("Give --csv or --pdf with --out, or a file that ends in .csv or .pdf.")
        if media == MEDIA[".pdf"] and not self.out and sys.stdout.isatty():
            raise WrongUsage("A PDF is not for a terminal: give --out.")
        if not media:
            return False
        with _opened(self.out) as to:
            remote.download(path, query, media, to)
        return True

    def _media(self) -> str:
        """What is written; nothing for a table or JSON."""
        if self.csv or self.pdf:
            return MEDIA[".csv" if self.csv else ".pdf"]
        return MEDIA.get(self.out.suffix.lower(), "") if self.out else ""


SHOWN: Final = Form()


def statement(
    member_id: str = "",
    *,
    month: str = "",
    first: From = None,
    end: To = None,
    form: Form = SHOWN,
    remote: Remote = HERE,
) -> None:
    """Tell what a member had, every movement, and what it has.

    Parameters
    ----------
    member_id
        Whose; without it that of the key. Only the operator may name another.
    month
        2026-01 say; without any period, this month so far by the exchange's clock.
    """
    query = _period(month, first, end, remote) | ({"member_id": member_id} if member_id else {})
    if form.is_written("/v1/statements", query, remote):
        return
    answer = remote.all_pages("/v1/statements", "movements", query)
    if remote.as_json:
        remote.show(answer)
        return
    finality = "final" if answer["final"] else "not final yet"
    say(f"{answer['member_id']}: {answer['from']} to {answer['to']}, which is not included; {finality}")
    remote.show(answer, "accounts")
    remote.show(answer, "movements")


def note(
    contract_id: str,
    line: int = 1,
    *,
    member_id: str = "",
    form: Form = SHOWN,
    remote: Remote = HERE,
) -> None:
    """Tell how a line of a contract was settled: its receipt, with a proof of its place in the journal.

    Parameters
    ----------
    contract_id
        The order's id too.
    line
        Which of its fills, from 1.
    member_id
        Whose contract it is, for the operator.
    """
    path = f"/v1/contracts/{segment(contract_id)}/lines/{line}/settlement-note"
    query = {"member_id": member_id} if member_id else {}
    if form.is_written(path, query, remote):
        return
    answer = remote.call("GET", path, query=query)
    if remote.as_json:
        remote.show(answer)
        return
    proof = answer.pop("proof")
    rows = (answer | {name: proof[name] for name in ("sequence", "leaf", "chain")}).items()
    remote.show({"facts": [{"what": name, "figure": figure} for name, figure in rows]}, "facts")


def report(
    event_id: str,
    *,
    form: Form = SHOWN,
    remote: Remote = HERE,
) -> None:
    """Tell what an event asked for, how it ran and what it saved (buyer): rules, timetable, bids by alias, awards."""
    path = f"/v1/events/{segment(event_id)}/report"
    if form.is_written(path, {}, remote):
        return
    answer = remote.all_pages(path, "bids")
    if remote.as_json:
        remote.show(answer)
        return
    finality = "final" if answer["final"] else "provisional"
    say(f"{titled(answer)}: {answer['state']}; {finality}; prices and amounts in {answer['currency']}")
    titles = {lot["lot_id"]: lot["title"] for lot in answer["lots"]}
    lots = [_saved(lot) for lot in answer["lots"]]
    lots += [{"lot": "all lots", **answer["savings"]}] if len(lots) > 1 else []
    remote.show({"lots": lots}, "lots")
    for rows in ("timetable", "bids"):
        say(f"\n{rows}, times in UTC")
        remote.show({rows: [_of_lot(row, titles) for row in answer[rows]]}, rows)


def _of_lot(row: dict[str, Any], titles: dict[str, str]) -> dict[str, Any]:
    """A step or a bid, with its lot's title in place of its id."""
    return {
        "at": row["at"], "lot": titles.get(row.get("lot_id", ""), ""),
        **{name: each for name, each in row.items() if name != "lot_id"},
    }  # fmt: skip


def _saved(lot: dict[str, Any]) -> dict[str, Any]:
    """A lot of a report in a line."""
    names = ("state", "quantity", "baseline", "price_before", "price_after")
    told = {"lot": lot["title"]} | {name: lot[name] for name in names} | (lot["savings"] or {})
    winners = [f"{won['alias']}={won['winner_id'] or '-'}" for won in lot["awards"]]
    return told | {"winners": winners, "reason": lot["reason"]}


def _period(month: str, first: date | None, end: date | None, remote: Remote) -> dict[str, str]:
    """The query for a month, for days, or for this month so far."""
    if month and (first or end):
        raise WrongUsage("Give --month, or --from and --to.")
    if month:
        return {"month": month}
    if end and not first:
        raise WrongUsage("Give --from too.")
    if not first or not end:
        today = date.fromisoformat(remote.call("GET", "/v1/time")["at"][:10])
        first, end = first or today.replace(day=1), today + DAY
    period_of(first, end)
    return {"from": str(first), "to": str(end)}


@contextmanager
def _opened(path: Path | None) -> Iterator[BinaryIO]:
    """Stdout, or the file, which is there only when it is whole."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        with unfinished.open("wb") as to:
            yield to
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
