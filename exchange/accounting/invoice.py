"""A commission invoice: what a payer was charged in a month, by schedule version, as numbers and as a paper.

Guarantees: every line says base, fee and tax of a version, less what was given back, plus what is owed with the
invoice; the invoice's sums are those of its lines, and its tax is the tax of the payer's sum, since the core
cumulates it. A line that only gives back charges of an earlier invoice is below zero.
Known limits: the exchange's own name, address and tax number are not known here; a version's fixed parts, tiers
and bounds are told by `GET /v1/schedules`, not on the paper.
"""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from exchange.accounting.paper import Column, Paper, Table, csv_of
from exchange.accounting.statement import Row
from exchange.core.ledger.schedules import Schedule
from exchange.core.messages.ledger import Payer
from exchange.core.values import decimal_of, instant_of, scale_of_unit

ScheduleOf = Callable[[int], Schedule]
"""A published version by its number."""

COLUMNS: Final = [
    Column("version", 8, is_number=True),
    Column("month", 8),
    Column("as", 8),
    Column("rate", 10, is_number=True),
    Column("share", 10, is_number=True),
    Column("tax rate", 10, is_number=True),
    Column("category", 9),
    Column("base", 20, is_number=True),
    Column("fee", 20, is_number=True),
    Column("tax", 20, is_number=True),
]


class InvoiceLine(Struct, frozen=True):
    """Sums of one schedule version in minor units; `rate_bps` is the rate above its last tier.

    `side` says what the payer was in the deals, `share_bps` how much of the fee that side bears.
    """

    schedule_version: int
    charged_period: int
    side: Payer
    share_bps: int
    rate_bps: int
    tax_bps: int
    tax_category: str
    base_minor: int
    fee_minor: int
    tax_minor: int
    owed_minor: int


class Invoice(Struct, frozen=True):
    """The whole of it; `owed_minor` is what deals did not bear and the payer still has to pay."""

    number: int
    payer: str
    period: int
    currency: str
    at_us: int
    lines: list[InvoiceLine]

    @property
    def base_minor(self) -> int:
        """What was charged upon."""
        return sum(line.base_minor for line in self.lines)

    @property
    def fee_minor(self) -> int:
        """Before tax."""
        return sum(line.fee_minor for line in self.lines)

    @property
    def tax_minor(self) -> int:
        """On the fee."""
        return sum(line.tax_minor for line in self.lines)

    @property
    def owed_minor(self) -> int:
        """Fee and tax that were not taken out of deals."""
        return sum(line.owed_minor for line in self.lines)


def invoice_of(head: Row, lines: Sequence[Row], schedule_of: ScheduleOf) -> Invoice:
    """The invoice of its rows."""
    return Invoice(
        head["number"],
        head["payer"],
        head["period"],
        head["currency"],
        head["at_us"],
        [_line(row, schedule_of(row["schedule_version"])) for row in lines],
    )


def _line(row: Row, schedule: Schedule) -> InvoiceLine:
    return InvoiceLine(
        schedule.version,
        row["charged_period"],
        side := Payer(row["side"]),
        schedule.share_bps(side),
        schedule.rate_bps,
        schedule.tax_bps,
        schedule.tax_category,
        row["base_minor"] - row["refunded_base_minor"],
        row["fee_minor"] - row["refunded_fee_minor"] + row["owed_fee_minor"],
        row["tax_minor"] - row["refunded_tax_minor"] + row["owed_tax_minor"],
        row["owed_fee_minor"] + row["owed_tax_minor"],
    )


def invoice_csv(invoice: Invoice) -> bytes:
    """The lines, and a line of sums with the number of the invoice."""
    total = [str(invoice.number), "total", "", "", "", "", "", *_amounts(invoice, invoice)]
    return csv_of(COLUMNS, [*_rows(invoice), total])


def invoice_paper(invoice: Invoice, name: str, country: str) -> Paper:
    """The invoice on paper; name and country are the payer's."""
    scale = scale_of_unit(invoice.currency)
    total = invoice.fee_minor + invoice.tax_minor
    facts = [
        ("Number", str(invoice.number)),
        ("Issued", instant_of(invoice.at_us)),
        ("Month", month_name(invoice.period)),
        ("From", "The exchange"),
        ("To", " ".join(part for part in (name, country, f"(member {invoice.payer})") if part)),
        ("Currency", invoice.currency),
        ("Fee", decimal_of(invoice.fee_minor, scale)),
        ("Tax", decimal_of(invoice.tax_minor, scale)),
        ("Total", decimal_of(total, scale)),
        ("Settled", f"{decimal_of(total - invoice.owed_minor, scale)} out of deals"),
        ("To pay", decimal_of(invoice.owed_minor, scale)),
    ]
    return Paper("Commission invoice", facts, [Table(COLUMNS, _rows(invoice))])


def month_name(period: int) -> str:
    """Yyyymm as yyyy-mm."""
    return f"{period // 100:04}-{period % 100:02}"


def _rows(invoice: Invoice) -> list[list[str]]:
    return [
        [
            str(line.schedule_version),
            month_name(line.charged_period),
            line.side,
            f"{decimal_of(line.rate_bps, 2)}%",
            f"{decimal_of(line.share_bps, 2)}%",
            f"{decimal_of(line.tax_bps, 2)}%",
            line.tax_category,
            *_amounts(invoice, line),
        ]
        for line in invoice.lines
    ]


def _amounts(invoice: Invoice, sums: Invoice | InvoiceLine) -> list[str]:
    scale = scale_of_unit(invoice.currency)
    return [decimal_of(amount, scale) for amount in (sums.base_minor, sums.fee_minor, sums.tax_minor)]
