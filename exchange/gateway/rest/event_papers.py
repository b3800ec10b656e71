"""The event report as CSV and on paper: the same facts as its JSON, in words and tables.

Guarantees: no text of a CSV is a formula, as of all papers.
"""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import msgspec
from msgspec import UNSET

from exchange.accounting.paper import Column, Paper, Table, csv_of
from exchange.core.market.lots.standstill import WAITS
from exchange.core.values import span_of
from exchange.gateway.rest.event_report_shown import BidReported, LotReported, ReportPage, StepReported

TITLE_WIDTH: Final = 56
"""What is left of a page's width; a longer title is cut on paper."""
COLUMNS: Final = [
    Column("section", 10),
    Column("at", 27),
    Column("lot", 24),
    Column("what", 24),
    Column("alias", 5, is_number=True),
    Column("price", 14, is_number=True),
    Column("quantity", 12, is_number=True),
    Column("amount", 16, is_number=True),
    Column("text", 40),
]
LOTS: Final = [
    Column("lot", TITLE_WIDTH),
    Column("pieces", 10, is_number=True),
    Column("baseline", 9),
    Column("price before", 13, is_number=True),
    Column("price after", 13, is_number=True),
    Column("before", 16, is_number=True),
    Column("after", 16, is_number=True),
    Column("saved", 16, is_number=True),
    Column("%", 8, is_number=True),
    Column("overtime", 10, is_number=True),
]
AWARDS: Final = [
    Column("awarded lot", TITLE_WIDTH),
    Column("alias", 5, is_number=True),
    Column("supplier", 24),
    Column("price", 13, is_number=True),
    Column("pieces", 10, is_number=True),
    Column("amount", 16, is_number=True),
    Column("reason", 48),
]
TERMS: Final = [Column("of", TITLE_WIDTH), Column("rule", 40), Column("is", 84)]
TIMETABLE: Final = [
    Column("at (UTC)", 27),
    Column("lot", TITLE_WIDTH),
    Column("what", 12),
    Column("detail", 84),
]
BIDS: Final = [
    Column("bid at (UTC)", 27),
    Column("lot", TITLE_WIDTH),
    Column("number", 8, is_number=True),
    Column("alias", 6, is_number=True),
    Column("price", 14, is_number=True),
    Column("note", 40),
]
Row = list[str]
PRACTICE: Final = "nothing in it bound anybody, and nothing was saved"


async def report_csv(page: ReportPage, bids: AsyncIterator[list[BidReported]]) -> AsyncIterator[bytes]:
    """One table: a section after the other, the bids last."""
    titles = _titles(page)
    rows = [_line("status", what="practice", text=PRACTICE)] if page.practice else []
    rows.append(_line("status", text=_status(page)))
    rows += [_line("term", lot=of, what=name, text=text) for of, name, text in _terms(page)]
    rows += [row for lot in page.lots for row in _lot_lines(lot)]
    rows += _savings_lines("", page.savings)
    for step in page.timetable:
        detail = _detail(step)
        rows.append(_line("timetable", at=step.at, lot=_title(titles, step), what=step.kind, text=detail))
    yield csv_of(COLUMNS, rows)
    async for portion in bids:
        rows = [
            _line(
                "bid",
                at=bid.at,
                lot=titles[bid.lot_id],
                what="revoked" if bid.revoked is not UNSET else "bid",
                alias=str(bid.alias),
                price=bid.price,
                text=_note(bid),
            )
            for bid in portion
        ]
        yield csv_of(COLUMNS, rows, heads=False)


def report_paper(page: ReportPage, bids: list[BidReported]) -> Paper:
    """Facts, then tables: lots, awards, rules, timetable, bids."""
    titles, saved = _titles(page), page.savings
    percent = "" if saved.saved_percent is None else f" ({saved.saved_percent} %)"
    facts = [
        ("Event", f"{page.title} ({page.event_id})"),
        *([("Practice", PRACTICE)] if page.practice else []),
        ("State", str(page.state)),
        ("Status", _status(page)),
        ("Prices", f"in {page.currency}"),
        ("Before", f"{saved.amount_before} {page.currency}"),
        ("After", f"{saved.amount} {page.currency}"),
        ("Saved", f"{saved.saved} {page.currency}{percent}"),
    ]
    tables = [
        Table(LOTS, [_lot_row(lot) for lot in page.lots]),
        Table(AWARDS, [row for lot in page.lots for row in _award_rows(lot)]),
        Table(TERMS, [[of, *_worded(name, text)] for of, name, text in _terms(page)]),
        Table(
            TIMETABLE, [[each.at, _title(titles, each), each.kind, _detail(each)] for each in page.timetable]
        ),
        Table(BIDS, [_bid_row(titles, bid) for bid in bids]),
    ]
    return Paper("Practice event report" if page.practice else "Event report", facts, tables)


def _status(page: ReportPage) -> str:
    if page.final:
        return "final"
    if any(lot.award_state in WAITS for lot in page.lots):
        return "provisional: an award stands still, and bidders may complain of it"
    return "provisional: not every lot is awarded, or not all is recorded"


def rows_of(page: ReportPage) -> int:
    """Lines on paper beside the bids."""
    return len(page.lots) + len(page.timetable) + sum(1 for _ in _terms(page))


def _titles(page: ReportPage) -> dict[str, str]:
    return {lot.lot_id: lot.title for lot in page.lots}


def _title(titles: dict[str, str], step: StepReported) -> str:
    return titles[step.lot_id] if step.lot_id else ""


def _terms(page: ReportPage) -> Iterator[tuple[str, str, str]]:
    """The rules of the event and of its lots: whose, which, and what."""
    event = msgspec.to_builtins(page.event)
    for name in ("currency", "open_at", "duration_us", "overtime", "disclosure", "rules"):
        if name in event:
            yield from (("", *each) for each in _flat(name, event[name]))
    for lot in event["lots"]:
        for name in ("ceiling_price", "min_step", "tick", "rules"):
            if name in lot:
                yield from ((lot["title"], *each) for each in _flat(name, lot[name]))


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """A rule, or those that it is made of."""
    if isinstance(value, dict):
        for inner, each in value.items():
            yield from _flat(f"{name}.{inner}", each)
    else:
        yield name, value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _worded(name: str, text: str) -> tuple[str, str]:
    """A rule for people: durations as they are typed, no names of a program."""
    words = name.replace("_", " ").replace(".", ": ")
    duration = re.sub(r" us\b", "", words)
    if duration != words and text.isdecimal():
        return duration, span_of(int(text))
    return words, {"true": "yes", "false": "no", "null": "none"}.get(text, text)


def _line(
    section: str,
    *,
    at: str = "",
    lot: str = "",
    what: str = "",
    alias: str = "",
    price: str = "",
    quantity: str = "",
    amount: str = "",
    text: str = "",
) -> Row:
    return [section, at, lot, what, alias, price, quantity, amount, text]


def _lot_lines(lot: LotReported) -> Iterator[Row]:
    quantity = str(lot.quantity)
    yield _line(
        "lot",
        lot=lot.title,
        what="before",
        price=lot.price_before or "",
        quantity=quantity,
        text=lot.baseline or "",
    )
    yield _line(
        "lot", lot=lot.title, what="after", price=lot.price_after or "", quantity=quantity, text=lot.state
    )
    if lot.savings:
        yield from _savings_lines(lot.title, lot.savings)
    for won in lot.awards:
        yield _line(
            "award",
            lot=lot.title,
            what=won.winner_id,
            alias=str(won.alias),
            price=won.price,
            quantity=str(won.quantity),
            amount=won.amount,
            text=lot.reason,
        )


def _savings_lines(lot: str, savings: Any) -> list[Row]:
    percent = "" if savings.saved_percent is None else f"{savings.saved_percent} %"
    return [
        _line("savings", lot=lot, what="amount before", amount=savings.amount_before),
        _line("savings", lot=lot, what="amount after", amount=savings.amount),
        _line("savings", lot=lot, what="saved", amount=savings.saved, text=percent),
    ]


def _lot_row(lot: LotReported) -> Row:
    saved = lot.savings
    amounts = (
        [saved.amount_before, saved.amount, saved.saved, saved.saved_percent or ""] if saved else [""] * 4
    )
    prices = [lot.price_before or "", lot.price_after or ""]
    return [
        lot.title,
        str(lot.quantity),
        lot.baseline or "",
        *prices,
        *amounts,
        span_of(lot.overtime_us),
    ]


def _award_rows(lot: LotReported) -> Iterator[Row]:
    for won in lot.awards:
        yield [lot.title, str(won.alias), won.winner_id, won.price, str(won.quantity), won.amount, lot.reason]


def _bid_row(titles: dict[str, str], bid: BidReported) -> Row:
    return [bid.at, titles[bid.lot_id], str(bid.number), str(bid.alias), bid.price, _note(bid)]


def _note(bid: BidReported) -> str:
    """What there is to know of a bid beyond its price."""
    surrogate = f"by an operator for its bidder: {bid.surrogate}" if bid.surrogate else ""
    revoked = f"revoked: {bid.revoked}" if bid.revoked else ""
    return "; ".join(each for each in (surrogate, revoked) if each)


def _detail(step: StepReported) -> str:
    """What the step led to, and why."""
    said = [
        f"opens {step.open_at}" if step.open_at else "",
        f"closes {step.close_at}" if step.close_at else "",
        span_of(step.by_us) if step.by_us else "",
        step.reason or "",
    ]
    return "; ".join(each for each in said if each)
