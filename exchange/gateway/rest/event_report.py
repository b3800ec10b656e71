"""REST of the event report: rules, timetable, every bid by alias, prices before and after, and the awards.

Guarantees: its buyer and the operator get it, nobody else; suppliers stand in it by their aliases, winners as
`visibility` shows awards. It can be read at any time; a final one has the same facts whenever it is asked for.

Known limits: what happened before there was a table of steps is not in the timetable, and such an event is never final.
"""

from collections.abc import AsyncIterator
from typing import Final

from msgspec import UNSET, Struct
from msgspec.structs import replace

from exchange.accounting.printer import PDF_ROWS_MAX, PrinterBusy
from exchange.core.market.lots.awards import expected_parts
from exchange.core.market.lots.currencies import converted
from exchange.core.market.lots.savings import Savings, baseline_of, savings_at, savings_of, sum_of
from exchange.core.market.lots.standstill import any_waits
from exchange.core.market.sourcing import EventState, LotState, SourcingEvent
from exchange.core.market.sourcing import Lot as LotAtWork
from exchange.core.messages.awards import WonPart
from exchange.core.rejects import RejectCode
from exchange.core.values import divided_half_away
from exchange.core.visibility.awards import show_result
from exchange.core.visibility.bids import expected_by_alias, price_by_alias
from exchange.core.visibility.lots import Relation, lot_face
from exchange.core.visibility.practice import mark_of
from exchange.gateway.notation import decimal_of, instant_of, scale_of_unit
from exchange.gateway.paging import Number, PageQuery, cursor_of, key_of
from exchange.gateway.problems import Refused, field_refused
from exchange.gateway.rest.event_papers import report_csv, report_paper, rows_of
from exchange.gateway.rest.event_report_shown import (
    AwardReported,
    BidReported,
    LotReported,
    ReportPage,
    StepReported,
)
from exchange.gateway.rest.monitor import governed_event, notes_of
from exchange.gateway.rest.savings_texts import savings_shown
from exchange.gateway.rest.sourcing import event_shown
from exchange.gateway.rest.statements import Format, accepted
from exchange.gateway.routes import AnyRoute, Call, NoBody, Route, Streamed
from exchange.gateway.stored import event_history
from exchange.gateway.stored.records import Row

_LED: Final = frozenset({LotState.OPEN, LotState.CLOSED})
"""Where the lead may become the award."""


class ReportQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`format` goes before the header Accept. `limit` and `cursor` are for the bids in JSON: the others are whole."""

    format: Format | None = None


class BidKey(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Behind a bid of the lot of this number, from 0."""

    lot_number: Number
    bid_number: Number


async def get_report(call: Call[NoBody, ReportQuery]) -> ReportPage | Streamed | bytes:
    """Buyer or operator: what an event asked for, how it ran, and what it saved.

    As JSON (bids in pages), as CSV (`text/csv`) or as PDF (`application/pdf`, up to 5,000 lines).
    """
    event, seen_as = governed_event(call)
    records, lot_ids = call.ports.records, [lot.lot_id for lot in event.lots]
    wanted = call.query.format or accepted(call.request.headers.get("Accept", ""))
    steps = await event_history.steps(records, [event.event_id, *lot_ids])
    if wanted == "json":
        return await _page(call, event, seen_as, steps)
    page = _report(call, event, seen_as, steps, [], "")
    call.headers["Content-Disposition"] = f'attachment; filename="event-{event.event_id}.{wanted}"'
    if wanted == "csv":
        return Streamed("text/csv", report_csv(page, _portions(call, event)))
    call.headers["Content-Type"] = "application/pdf"
    left = PDF_ROWS_MAX - rows_of(page)
    if left < 0 or await event_history.count_bids(records, lot_ids, left + 1) > left:
        raise field_refused("format", f"A PDF has at most {PDF_ROWS_MAX:,} lines. Ask for CSV.")
    bids = [bid async for portion in _portions(call, event) for bid in portion]
    try:
        return await call.ports.printer.print(report_paper(page, bids))
    except PrinterBusy as error:
        raise Refused(RejectCode.TOO_MANY_REQUESTS, "Other papers are being printed.") from error


async def _page(
    call: Call[NoBody, ReportQuery], event: SourcingEvent, seen_as: Relation, steps: list[Row]
) -> ReportPage:
    key, limit = key_of(call.query.cursor, BidKey) or BidKey(0, 0), call.query.limit
    lot_ids = [lot.lot_id for lot in event.lots]
    rows = await event_history.bids(call.ports.records, lot_ids, key.lot_number, key.bid_number, limit + 1)
    following = ""
    if len(rows) > limit:
        last = rows[limit - 1]
        following = cursor_of(lot_ids.index(last["lot_id"]), last["bid_number"])
    return _report(call, event, seen_as, steps, [_bid(call, row, event) for row in rows[:limit]], following)


async def _portions(
    call: Call[NoBody, ReportQuery], event: SourcingEvent
) -> AsyncIterator[list[BidReported]]:
    async for rows in event_history.all_bids(call.ports.records, [lot.lot_id for lot in event.lots]):
        yield [_bid(call, row, event) for row in rows]


def _report(
    call: Call[NoBody, ReportQuery],
    event: SourcingEvent,
    seen_as: Relation,
    steps: list[Row],
    bids: list[BidReported],
    following: str,
) -> ReportPage:
    last = {row["subject"]: row for row in steps if row["kind"] in {"awarded", "defaulted", "cancelled"}}
    lots, every = list[LotReported](), list[Savings]()
    for lot in event.lots:
        parts = _parts(call, event, lot, seen_as)
        counted = parts or _expected(call, event, lot, seen_as)
        after = _after(event, lot, counted, seen_as)
        savings = savings_of(event, lot, counted) if counted or not after else savings_at(event, lot, after)
        every += [savings] if savings else []
        reason = last[lot.lot_id]["reason"] if parts and lot.lot_id in last else ""
        told = _lot(event, lot, parts, after, savings, reason, seen_as)
        stands = call.views.sourcing.standstills.get(lot.lot_id) if parts else None
        lots.append(told if stands is None else replace(told, award_state=stands.state))
    return ReportPage(
        event.event_id,
        event.title,
        event.state,
        event.currency,
        event.price_scale,
        _is_final(event, last) and not any_waits(event, call.views.sourcing.standstills),
        event_shown(event, call.member_id, seen_as),
        savings_shown(sum_of(every), event.currency),
        lots,
        [_step(row, event.event_id) for row in steps],
        bids,
        following,
        mark_of(event),
    )


def _is_final(event: SourcingEvent, last: dict[str, Row]) -> bool:
    if event.state is EventState.CANCELLED:
        return event.event_id in last
    awarded = [lot.lot_id in last and last[lot.lot_id]["kind"] == "awarded" for lot in event.lots]
    return event.state is EventState.ENDED and all(awarded)


def _parts(
    call: Call[NoBody, ReportQuery], event: SourcingEvent, lot: LotAtWork, seen_as: Relation
) -> list[WonPart]:
    award = call.views.sourcing.awards.of(lot.lot_id)
    told = show_result(event, lot, award, call.member_id, seen_as)
    return [
        part if currency == event.currency else _in_its_currency(lot, part)
        for part, currency in zip(told.parts, told.currencies, strict=True)
    ]


def _expected(
    call: Call[NoBody, ReportQuery], event: SourcingEvent, lot: LotAtWork, seen_as: Relation
) -> list[WonPart]:
    """What the best of a lot of units would get, before its award."""
    if lot.rules.winners == 1 or not _lead(event, lot, seen_as):
        return []
    return expected_by_alias(event, lot, expected_parts(event, lot, call.views.sourcing.awards))


def _in_its_currency(lot: LotAtWork, part: WonPart) -> WonPart:
    """With its price in the event's currency, as all prices of a report are."""
    return replace(part, price=converted(part.price, lot.rate_of(part.winner_id)))


def _lead(event: SourcingEvent, lot: LotAtWork, seen_as: Relation) -> int:
    return lot_face(event, lot, seen_as).lot.lead_price or 0 if lot.state in _LED else 0


def _after(event: SourcingEvent, lot: LotAtWork, parts: list[WonPart], seen_as: Relation) -> int:
    """The price of these parts, of several the mean; without any that of the lead, 0 without one or while it is sealed."""
    if parts:
        worth = sum(part.price * part.quantity for part in parts)
        return divided_half_away(worth, sum(part.quantity for part in parts))
    return _lead(event, lot, seen_as)


def _lot(
    event: SourcingEvent,
    lot: LotAtWork,
    parts: list[WonPart],
    after: int,
    savings: Savings | None,
    reason: str,
    seen_as: Relation,
) -> LotReported:
    baseline, scale = baseline_of(lot), event.price_scale
    return LotReported(
        lot.lot_id,
        lot.title,
        lot.state,
        lot.quantity,
        baseline[1] if baseline else None,
        decimal_of(baseline[0], scale) if baseline else None,
        decimal_of(after, scale) if after else None,
        savings_shown(savings, event.currency) if savings else None,
        lot.overtime_us,
        lot.extensions,
        lot_face(event, lot, seen_as).lot.participants,
        [
            AwardReported(
                part.alias,
                part.winner_id,
                decimal_of(part.price, scale),
                part.quantity,
                decimal_of(part.amount_minor, scale_of_unit(event.currency)),
            )
            for part in parts
        ],
        reason,
    )


def _step(row: Row, event_id: str) -> StepReported:
    return StepReported(
        instant_of(row["at_us"]),
        row["kind"],
        UNSET if row["subject"] == event_id else row["subject"],
        instant_of(row["open_at_us"]) if row["open_at_us"] else UNSET,
        instant_of(row["close_at_us"]) if row["close_at_us"] else UNSET,
        row["by_us"] or UNSET,
        row["reason"] or UNSET,
    )


def _bid(call: Call[NoBody, ReportQuery], row: Row, event: SourcingEvent) -> BidReported:
    lot = call.views.sourcing.lots[row["lot_id"]]
    price = decimal_of(price_by_alias(lot, row["alias"], row["price"]), event.price_scale)
    at = instant_of(row["at_us"])
    return BidReported(row["lot_id"], row["bid_number"], row["alias"], price, at, *notes_of(row))


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "GET", "/v1/events/{event_id}/report", "Read the report of an event", get_report,
        NoBody, ReportQuery, ReportPage,
    ),
)  # fmt: skip
