"""REST of commission invoices: a payer's own, as JSON, CSV and PDF; issuing them is the treasury's.

Guarantees: a member gets its own, the operator everybody's; the same invoice is the same bytes for ever, for as
long as the payer's profile is kept. An invoice that is another's is answered as one that does not exist.
Known limits: numbers are consecutive over all payers, as an invoice's have to be, so two of one's own tell how many
were issued between them.
"""

from typing import Final

from msgspec import Struct

from exchange.accounting.invoice import Invoice, invoice_csv, invoice_of, invoice_paper, month_name
from exchange.accounting.printer import PrinterBusy
from exchange.core.messages.ledger import Payer
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway import policy
from exchange.gateway.notation import (
    Decimals,
    Id,
    InstantText,
    SignedDecimals,
    decimal_of,
    instant_of,
    scale_of_unit,
)
from exchange.gateway.paging import NumberKey, PageQuery, key_of, page_of
from exchange.gateway.problems import Refused
from exchange.gateway.rest.statements import Format, accepted
from exchange.gateway.routes import AnyRoute, Call, NoBody, Route
from exchange.gateway.stored.records import Row

_HEADS: Final = """
select number, payer, period, currency, at_us from invoices
where ($1 = '' or payer = $1) and number > $2 order by number limit $3
"""
_HEAD: Final = "select number, payer, period, currency, at_us from invoices where number = $1"
_LINES: Final = "select * from invoice_lines where number = any($1) order by number, line"


class InvoiceQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose; an operator who names no member gets all."""

    member_id: Id | None = None


class FormatQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """`format` goes before the header Accept."""

    format: Format | None = None


class InvoiceLineShown(Struct, frozen=True):
    """Sums under one schedule version; `period` is an earlier month where charges of it are given back.

    `side` is what the payer was in the deals, `share_bps` how much of the fee that side bears.
    """

    schedule_version: int
    period: str
    side: Payer
    share_bps: int
    rate_bps: int
    tax_bps: int
    tax_category: str
    base: SignedDecimals
    fee: SignedDecimals
    tax: SignedDecimals


class InvoiceShown(Struct, frozen=True):
    """What was charged; all but `owed` was settled out of deals."""

    number: int
    payer: str
    period: str
    currency: str
    at: InstantText
    base: SignedDecimals
    fee: SignedDecimals
    tax: SignedDecimals
    total: SignedDecimals
    owed: Decimals
    lines: list[InvoiceLineShown]


class InvoicePage(Struct, frozen=True):
    """Invoices by number."""

    invoices: list[InvoiceShown]
    next: str


async def list_invoices(call: Call[NoBody, InvoiceQuery]) -> InvoicePage:
    """A payer's invoices, from the records; for an operator who names no member, all."""
    query = call.query
    operates = policy.operates(call.identity, call.views.members)
    payer = "" if query.member_id is None and operates else call.subject(query.member_id)
    key = key_of(query.cursor, NumberKey) or NumberKey(0)
    heads = await call.ports.records.fetch(_HEADS, payer, key.number, query.limit + 1)
    page, following = page_of(heads, query.limit, lambda head: (head["number"],))
    return InvoicePage([_shown(each) for each in await _whole(call, page)], following)


async def get_invoice(call: Call[NoBody, FormatQuery]) -> InvoiceShown | bytes:
    """One invoice as JSON, CSV (`text/csv`) or PDF (`application/pdf`)."""
    number = call.id("number")
    unknown = Refused(Reject(RejectCode.INVOICE_UNKNOWN, field="number"))
    if not (number.isascii() and number.isdigit() and len(number) <= 15):
        raise unknown
    head = await call.ports.records.fetch_row(_HEAD, int(number))
    is_own = head is not None and head["payer"] == call.member_id
    if head is None or not (is_own or policy.operates(call.identity, call.views.members)):
        raise unknown
    (invoice,) = await _whole(call, [head])
    wanted = call.query.format or accepted(call.request.headers.get("Accept", ""))
    if wanted == "json":
        return _shown(invoice)
    call.headers["Content-Disposition"] = f'attachment; filename="invoice-{invoice.number}.{wanted}"'
    if wanted == "csv":
        call.headers["Content-Type"] = "text/csv; charset=utf-8"
        return invoice_csv(invoice)
    profile = (await call.ports.profiles.of_members([invoice.payer])).get(invoice.payer)
    paper = invoice_paper(invoice, profile.name if profile else "", profile.country if profile else "")
    call.headers["Content-Type"] = "application/pdf"
    try:
        return await call.ports.printer.print(paper)
    except PrinterBusy as error:
        raise Refused(RejectCode.TOO_MANY_REQUESTS, "Other papers are being printed.") from error


async def _whole(
    call: Call[NoBody, InvoiceQuery] | Call[NoBody, FormatQuery], heads: list[Row]
) -> list[Invoice]:
    lines: dict[int, list[Row]] = {head["number"]: [] for head in heads}
    for row in await call.ports.records.fetch(_LINES, list(lines)):
        lines[row["number"]].append(row)
    schedule = call.views.payments.schedules.schedule
    return [invoice_of(head, lines[head["number"]], schedule) for head in heads]


def _shown(invoice: Invoice) -> InvoiceShown:
    scale = scale_of_unit(invoice.currency)
    return InvoiceShown(
        invoice.number,
        invoice.payer,
        month_name(invoice.period),
        invoice.currency,
        instant_of(invoice.at_us),
        decimal_of(invoice.base_minor, scale),
        decimal_of(invoice.fee_minor, scale),
        decimal_of(invoice.tax_minor, scale),
        decimal_of(invoice.fee_minor + invoice.tax_minor, scale),
        decimal_of(invoice.owed_minor, scale),
        [
            InvoiceLineShown(
                line.schedule_version,
                month_name(line.charged_period),
                line.side,
                line.share_bps,
                line.rate_bps,
                line.tax_bps,
                line.tax_category,
                decimal_of(line.base_minor, scale),
                decimal_of(line.fee_minor, scale),
                decimal_of(line.tax_minor, scale),
            )
            for line in invoice.lines
        ],
    )


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("GET", "/v1/invoices", "List invoices", list_invoices, NoBody, InvoiceQuery, InvoicePage),
    Route("GET", "/v1/invoices/{number}", "Read an invoice", get_invoice, NoBody, FormatQuery, InvoiceShown),
)
