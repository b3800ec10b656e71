"""A paper: a title, facts, and tables of texts; as CSV here, as PDF by the program `pdf`.

Guarantees: the same content gives the same bytes. No text of a CSV is a formula to a spreadsheet: one that begins
with `=`, `+`, `-`, `@`, a tab or a line end stands behind an apostrophe; numbers are left as they are.
"""

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Final

from msgspec import Struct

_FORMULA: Final = frozenset("=+-@\t\r\n")


class Column(Struct, frozen=True):
    """A column's heading and width in characters; numbers stand at its right."""

    heading: str
    width: int
    is_number: bool = False


class Table(Struct, frozen=True):
    """Rows of texts under columns."""

    columns: list[Column]
    rows: list[list[str]]


class Paper(Struct, frozen=True):
    """Everything that is printed."""

    title: str
    facts: list[tuple[str, str]]
    tables: list[Table]


def csv_of(columns: list[Column], rows: Iterable[list[str]], *, heads: bool = True) -> bytes:
    """Lines of CSV (RFC 4180, UTF-8), the headings first where they are wanted."""
    text = StringIO()
    writer = csv.writer(text)
    if heads:
        writer.writerow([column.heading for column in columns])
    for row in rows:
        writer.writerow(
            [cell if column.is_number else unarmed(cell) for column, cell in zip(columns, row, strict=True)]
        )
    return text.getvalue().encode()


def unarmed(text: str) -> str:
    """The text as a cell that no spreadsheet computes."""
    return f"'{text}" if text[:1] in _FORMULA and text else text
