"""REST of statements: a member's own accounts over a period, as JSON in pages, CSV as a stream, or PDF.

Guarantees: a member gets its own, the operator that of the member it names; the same final statement is the same
bytes whenever it is asked for. A statement is final once its period is over and all of it is in the records.
"""

from datetime import date
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct, field

from exchange.accounting.paper import Paper
from exchange.accounting.period import NoPeriod, Period, month, period_of
from exchange.accounting.printer import PDF_ROWS_MAX, PrinterBusy
from exchange.accounting.statement import Movement, Place, Reader, Summary
from exchange.accounting.wording import statement_csv, statement_paper
from exchange.core.rejects import RejectCode
from exchange.gateway.notation import (
    END,
    Id,
    InstantText,
    SignedDecimals,
    decimal_of,
    instant_of,
    scale_of_unit,
)
from exchange.gateway.paging import Number, PageQuery, cursor_of, key_of
from exchange.gateway.problems import Refused, field_refused
from exchange.gateway.routes import AnyRoute, Call, NoBody, Route, Streamed

Format = Literal["json", "csv", "pdf"]
MEDIA: Final[dict[str, Format]] = {
    "application/json": "json",
    "text/csv": "csv",
    "application/pdf": "pdf",
}
_POSITION: Final = "select seq, at_us from follower_position where shard = 0"


class StatementQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose accounts over which days: a `month`, or the days `from` and `to`, which is not included.

    `format` goes before the header Accept. `limit` and `cursor` are for JSON: the others are whole.
    """

    member_id: Id | None = None
    month: Annotated[str, Meta(pattern="^(19[7-9][0-9]|2[0-9]{3})-(0[1-9]|1[0-2])" + END)] | None = None
    first: date | None = field(default=None, name="from")
    end: date | None = field(default=None, name="to")
    format: Format | None = None


class StatementAccount(Struct, frozen=True):
    """What the member had before the period and has at its end; the difference is the sum of its movements."""

    kind: str
    unit: str
    opening: SignedDecimals
    closing: SignedDecimals


class StatementMovement(Struct, frozen=True):
    """What the member gained or, below zero, gave, and the balance that it left.

    `term` tells the other side in the member's words: sale, fee, tax, purchase, refund, payout, or an account of its
    own. `subject` is an order of its own or its bank's reference, else empty.
    """

    at: InstantText
    kind: str
    unit: str
    term: str
    reason: str
    subject: str
    amount: SignedDecimals
    balance: SignedDecimals


class StatementPage(Struct, frozen=True):
    """The accounts, which are the same on every page of a final statement, and some of the movements."""

    member_id: str
    first: date = field(name="from")
    end: date = field(name="to")
    is_final: bool = field(name="final")
    accounts: list[StatementAccount]
    movements: list[StatementMovement]
    next: str


class PlaceKey(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """From an instant on, behind so many of its postings."""

    at_us: Number
    skipped: Number


async def get_statement(call: Call[NoBody, StatementQuery]) -> StatementPage | Streamed | bytes:
    """Opening balances, every movement and closing balances, by account and unit.

    As JSON (in pages), as CSV (`text/csv`) or as PDF (`application/pdf`, up to 5,000 movements).
    """
    period, member_id = _period(call.query), call.subject(call.query.member_id)
    wanted = call.query.format or accepted(call.request.headers.get("Accept", ""))
    row = await call.ports.records.fetch_row(_POSITION)
    seq, at_us = (row["seq"], row["at_us"]) if row else (0, 0)
    engine = call.ports.engine
    is_final = at_us >= period.until_us or (seq >= engine.seq and engine.now_us() >= period.until_us)
    reader = Reader(call.ports.records.fetch, member_id, period, seq)
    if wanted == "json":
        return await _page(call, reader, member_id, period, is_final=is_final)
    summaries = await reader.summaries()
    name = f"statement-{period.first}-{period.end}.{wanted}"
    call.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if wanted == "csv":
        return Streamed("text/csv", statement_csv(reader, period, summaries))
    call.headers["Content-Type"] = "application/pdf"
    if await reader.count(PDF_ROWS_MAX + 1) > PDF_ROWS_MAX:
        raise field_refused(
            "format", f"A PDF has at most {PDF_ROWS_MAX:,} movements. Ask for CSV, or for a shorter period."
        )
    return await _printed(
        call, await statement_paper(reader, member_id, period, summaries, is_final=is_final)
    )


async def _page(
    call: Call[NoBody, StatementQuery], reader: Reader, member_id: str, period: Period, *, is_final: bool
) -> StatementPage:
    key = key_of(call.query.cursor, PlaceKey) or PlaceKey(period.from_us, 0)
    if not period.from_us <= key.at_us < period.until_us:
        raise field_refused("cursor", "Use the `next` of an earlier page of this statement.")
    movements, following = await reader.page(Place(key.at_us, key.skipped), call.query.limit)
    return StatementPage(
        member_id,
        period.first,
        period.end,
        is_final,
        [_account(each) for each in await reader.summaries()],
        [_movement(each) for each in movements],
        cursor_of(*following) if following else "",
    )


async def _printed(call: Call[NoBody, StatementQuery], paper: Paper) -> bytes:
    try:
        return await call.ports.printer.print(paper)
    except PrinterBusy as error:
        raise Refused(RejectCode.TOO_MANY_REQUESTS, "Other papers are being printed.") from error


def _period(query: StatementQuery) -> Period:
    """The days that are meant; refused unless they are told in exactly one way."""
    days = query.first, query.end
    if query.month is not None and days == (None, None):
        year, number = query.month.split("-")
        return month(int(year), int(number))
    if query.month is not None or query.first is None or query.end is None:
        raise field_refused("month", "Send a month such as 2026-01, or the days `from` and `to`.")
    try:
        return period_of(query.first, query.end)
    except NoPeriod as error:
        raise field_refused("to", str(error)) from error


def accepted(header: str) -> Format:
    """The first kind in the header that we have; JSON where there is none."""
    for kind in header.split(","):
        if found := MEDIA.get(kind.partition(";")[0].strip().lower()):
            return found
    return "json"


def _account(each: Summary) -> StatementAccount:
    scale = scale_of_unit(each.unit)
    return StatementAccount(
        each.kind, each.unit, decimal_of(each.opening, scale), decimal_of(each.closing, scale)
    )


def _movement(each: Movement) -> StatementMovement:
    scale = scale_of_unit(each.unit)
    return StatementMovement(
        instant_of(each.at_us),
        each.kind,
        each.unit,
        each.term,
        each.reason,
        each.subject,
        decimal_of(each.amount, scale),
        decimal_of(each.balance, scale),
    )


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "GET", "/v1/statements", "Read a statement of account", get_statement,
        NoBody, StatementQuery, StatementPage,
    ),
)  # fmt: skip
