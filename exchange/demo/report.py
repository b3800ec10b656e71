"""What the reverse lots saved: from the event reports that their buyer reads, once the records have everything."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from msgspec import Struct

from exchange.demo.office import Office

ARCHIVED_S_MAX: Final = 20.0
"""For the records to hold all that happened."""
ASKED_EVERY_S: Final = 0.3
PAGE: Final = 500


class Compared(Struct, frozen=True):
    """What lots of another format came to, over all rounds; `price_after` is that of the last."""

    kind: str
    events: int
    price_after: Decimal
    saved: Decimal

    def as_text(self, currency: str) -> str:
        """For people."""
        return f"{self.kind}s: {self.events} awarded, the last at {self.price_after}, saved {self.saved:,.2f} {currency}"


class Report(Struct, frozen=True):
    """The last event that was awarded, and what all of them saved; `final` says whether every report was."""

    events: int
    final: bool
    title: str
    currency: str
    bids: int
    bidders: int
    extensions: int
    overtime_us: int
    steps: list[str]
    price_before: Decimal
    price_after: Decimal
    saved: Decimal
    saved_percent: Decimal
    saved_in_all: Decimal
    compared: list[Compared] = []

    def as_text(self) -> str:
        """For people."""
        beside = "".join(f"  {each.as_text(self.currency)}\n" for each in self.compared)
        overtime = f"{self.extensions} extensions, overtime {self.overtime_us / 1_000_000:.1f} s"
        return (
            f"report of {self.title}: {self.bids} bids by {self.bidders} suppliers, {overtime}\n"
            f"  {', '.join(_counted(self.steps))}\n"
            f"  price before {self.price_before}, after {self.price_after} {self.currency}: "
            f"saved {self.saved:,.2f} {self.currency} ({self.saved_percent} %)\n"
            f"{beside}"
            f"  {self.events} events awarded, saved in all {self.saved_in_all:,.2f} {self.currency}; "
            f"{'final' if self.final else 'NOT FINAL'}"
        )


def _counted(steps: Sequence[str]) -> list[str]:
    """Equal steps that follow each other, as one."""
    groups = ((kind, len(list(same))) for kind, same in groupby(steps))
    return [kind if count == 1 else f"{count} x {kind}" for kind, count in groups]


async def read_report(
    office: Office, event_ids: Sequence[str], compared: Sequence[tuple[str, str]] = ()
) -> Report | None:
    """Of these events over their buyer's key; nothing where there is none. `compared` are others, with their kind."""
    reports = [await _final(office, event_id) for event_id in event_ids]
    if not reports:
        return None
    others = [(kind, await _final(office, event_id)) for kind, event_id in compared]
    last, whole = reports[-1], [*reports, *(report for _, report in others)]
    (lot,) = last["lots"]
    bids = [bid async for bid in office.all(_path(event_ids[-1]), "bids", limit=PAGE)]
    return Report(
        len(whole),
        all(each["final"] for each in whole),
        last["title"],
        last["currency"],
        len(bids),
        lot["bidders"],
        lot["extensions"],
        lot["overtime_us"],
        [each["kind"] for each in last["timetable"]],
        Decimal(lot["price_before"]),
        Decimal(lot["price_after"]),
        Decimal(lot["savings"]["saved"]),
        Decimal(lot["savings"]["saved_percent"]),
        _saved(whole),
        [_compared(kind, [of for name, of in others if name == kind]) for kind in sorted(dict(others))],
    )


def _compared(kind: str, reports: Sequence[Any]) -> Compared:
    (lot,) = reports[-1]["lots"]
    return Compared(kind, len(reports), Decimal(lot["price_after"]), _saved(reports))


def _saved(reports: Sequence[Any]) -> Decimal:
    return sum((Decimal(each["savings"]["saved"]) for each in reports), Decimal(0))


async def _final(office: Office, event_id: str) -> Any:
    """The report once it is final, or as it is when that takes too long."""
    until = asyncio.get_running_loop().time() + ARCHIVED_S_MAX
    report = await office.get(_path(event_id))
    while not report["final"] and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(ASKED_EVERY_S)
        report = await office.get(_path(event_id))
    return report


def _path(event_id: str) -> str:
    return f"/v1/events/{event_id}/report"
