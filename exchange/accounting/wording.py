"""Statements as papers: which columns, in which words."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from exchange.accounting.paper import Column, Paper, Table, csv_of
from exchange.accounting.period import DAY, Period
from exchange.accounting.statement import Movement, Reader, Summary
from exchange.core.values import decimal_of, instant_of, scale_of_unit

MOVEMENTS: Final = [
    Column("at", 27),
    Column("account", 19),
    Column("unit", 22),
    Column("what", 16),
    Column("reason", 20),
    Column("subject", 24),
    Column("amount", 17, is_number=True),
    Column("balance", 17, is_number=True),
]
SUMMARIES: Final = [
    Column("account", 19),
    Column("unit", 22),
    Column("opening", 20, is_number=True),
    Column("movements", 20, is_number=True),
    Column("closing", 20, is_number=True),
]


async def statement_csv(reader: Reader, period: Period, summaries: Sequence[Summary]) -> AsyncIterator[bytes]:
    """The statement as one table: an opening line for each account, the movements, a closing line for each."""
    first, end = instant_of(period.from_us), instant_of(period.until_us)
    yield csv_of(MOVEMENTS, [_edge(each, first, "opening", each.opening) for each in summaries])
    async for portion in reader.portions():
        yield csv_of(MOVEMENTS, [_row(each) for each in portion], heads=False)
    yield csv_of(MOVEMENTS, [_edge(each, end, "closing", each.closing) for each in summaries], heads=False)


async def statement_paper(
    reader: Reader, member_id: str, period: Period, summaries: Sequence[Summary], *, is_final: bool
) -> Paper:
    """The statement as two tables."""
    rows = [_row(each) async for portion in reader.portions() for each in portion]
    facts = [
        ("Member", member_id),
        ("From", str(period.first)),
        ("To", f"{period.end - DAY}, both days included (UTC)"),
        (
            "Status",
            "final" if is_final else "provisional: the period is not over, or not all of it is recorded",
        ),
    ]
    return Paper(
        "Statement of account",
        facts,
        [Table(SUMMARIES, [_sum(each) for each in summaries]), Table(MOVEMENTS, rows)],
    )


def _row(each: Movement) -> list[str]:
    scale = scale_of_unit(each.unit)
    return [
        instant_of(each.at_us),
        each.kind,
        each.unit,
        each.term,
        each.reason,
        each.subject,
        decimal_of(each.amount, scale),
        decimal_of(each.balance, scale),
    ]


def _edge(each: Summary, at: str, what: str, balance: int) -> list[str]:
    return [at, each.kind, each.unit, what, "", "", "", decimal_of(balance, scale_of_unit(each.unit))]


def _sum(each: Summary) -> list[str]:
    numbers = (each.opening, each.closing - each.opening, each.closing)
    return [each.kind, each.unit, *(decimal_of(number, scale_of_unit(each.unit)) for number in numbers)]
