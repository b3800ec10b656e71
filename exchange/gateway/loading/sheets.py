"""Spreadsheets as rows of texts: CSV in the ways that office programs write it, and XLSX.

Guarantees: whatever bytes come in, the end is a `Grid` or `Unreadable` with a remedy; a cell whose text would be
a guess (a formula, a date, an error) is a fault of its row and column and never a value.
Does not know what the columns mean. Runs in a process of its own, whose memory and time are bounded: a sheet
that unpacks to more than that takes nobody else along.
Known limits: of a workbook only the first sheet is read; text is UTF-8, or UTF-16 with its mark.
"""

import csv
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

import python_calamine
from msgspec import Struct

CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA: Final = (CSV, XLSX)

ROWS_MAX: Final = 100_000
COLUMNS_MAX: Final = 100
CELL_LENGTH_MAX: Final = 4_000
"""Characters: more than the longest description."""
UNPACKED_BYTES_MAX: Final = 256 * 1024 * 1024
"""What a workbook of that many rows can need."""
ENTRIES_MAX: Final = 1_000
"""Files inside a workbook."""

_FORMULA: Final = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<(?:\w+:)?f[\s/>]')
_SHEET: Final = re.compile(rb'<(?:\w+:)?sheet\b[^>]*?\br:id="([^"]+)"')
_RELATION: Final = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, KeyError, RuntimeError, EOFError, OSError, ValueError
)  # fmt: skip
"""What reading a broken or locked archive ends in."""
_A_FORMULA: Final = "It is a formula: paste its value."


class Unreadable(ValueError):
    """The file is no table that can be read; the text says what to do."""


class Fault(Struct, frozen=True, array_like=True):
    """What is wrong with one cell; rows count from 1 with the header, columns are named by it."""

    row: int
    column: str
    detail: str


class Grid(Struct, frozen=True):
    """The header, the lines below it with their row numbers, and cells that can't be read by (row, column)."""

    header: list[str]
    lines: list[tuple[int, list[str]]]
    unfit: dict[tuple[int, int], str]


def grid_of(raw: bytes, media: str) -> Grid:
    """The table. Raises Unreadable."""
    unfit: dict[tuple[int, int], str] = {}
    rows = _csv_rows(raw, unfit) if media == CSV else _xlsx_rows(raw, unfit)
    lines = [(number, line) for number, line in rows if any(line) or _is_unfit(unfit, number)]
    if not lines:
        raise Unreadable("The file holds no row. Put the names of the columns into the first one.")
    (first, header), *below = lines
    if len(header) > COLUMNS_MAX:
        raise Unreadable(f"It has {len(header)} columns, at most {COLUMNS_MAX} are read. Remove some.")
    if _is_unfit(unfit, first):
        raise Unreadable("The first row must name the columns, as plain text.")
    return Grid([name.strip() for name in header], below, unfit)


def _is_unfit(unfit: dict[tuple[int, int], str], row: int) -> bool:
    return bool(unfit) and any(number == row for number, _ in unfit)


# --- CSV --------------------------------------------------------------------------------------------


def _csv_rows(raw: bytes, unfit: dict[tuple[int, int], str]) -> Iterator[tuple[int, list[str]]]:
    text = _text_of(raw)
    csv.field_size_limit(CELL_LENGTH_MAX)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            _refuse_more(number)
            formulas = [column for column, cell in enumerate(cells) if cell.startswith(("=", "@"))]
            unfit.update({(number, column): _A_FORMULA for column in formulas})
            yield number, cells
    except csv.Error as error:
        raise Unreadable(f"Row {number + 1} is no CSV: {error}. Save it again as CSV.") from error


def _text_of(raw: bytes) -> str:
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"Byte {error.start} is not {encoding[:6].upper()}. Save it as CSV in UTF-8."
        ) from error
    if "\0" in text:
        raise Unreadable("It holds NUL bytes, so it is no text. Save it as CSV in UTF-8.")
    return text


def _delimiter(text: str) -> str:
    """The one that the first line has most of."""
    first = text.lstrip("\r\n").partition("\n")[0]
    return max(",;\t|", key=first.count)


def _refuse_more(number: int) -> None:
    if number > ROWS_MAX + 1:
        raise Unreadable(f"It has more than {ROWS_MAX} rows. Divide it.")


# --- XLSX -------------------------------------------------------------------------------------------


def _xlsx_rows(raw: bytes, unfit: dict[tuple[int, int], str]) -> list[tuple[int, list[str]]]:
    _note_formulas(raw, unfit)
    try:
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0)
        _refuse_more(sheet.total_height)
        if sheet.total_width > COLUMNS_MAX:
            raise Unreadable(f"It has over {COLUMNS_MAX} columns. Remove what lies beside the table.")
        rows = sheet.to_python(skip_empty_area=False)
    except Unreadable:
        raise
    except Exception as error:  # The library has its own for each part of a workbook.
        raise Unreadable(
            f"It is no workbook that can be read: {error}. Save it again as XLSX or CSV."
        ) from error
    found = []
    for number, cells in enumerate(rows, 1):
        line = []
        for column, cell in enumerate(cells):
            text = _text_in(cell)
            if text is None or len(text) > CELL_LENGTH_MAX:
                unfit.setdefault((number, column), _unfit_cell(cell))
            line.append(text or "")
        found.append((number, line))
    return found


def _note_formulas(raw: bytes, unfit: dict[tuple[int, int], str]) -> None:
    """Formulas of the first sheet, whose remembered results anybody could have written there."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            entries = book.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if len(entries) > ENTRIES_MAX or unpacked > UNPACKED_BYTES_MAX:
                raise Unreadable(
                    f"It unpacks to {unpacked} bytes in {len(entries)} files. Save the table alone."
                )
            content = book.read(_first_sheet(book))
    except Unreadable:
        raise
    except _BROKEN as error:
        raise Unreadable(f"It is no XLSX workbook: {error}. Save it again as XLSX or CSV.") from error
    for letters, digits in _FORMULA.findall(content):
        unfit[int(digits), _column_of(letters)] = _A_FORMULA


def _first_sheet(book: zipfile.ZipFile) -> str:
    """The entry of the sheet that the workbook names first."""
    named = _SHEET.search(book.read("xl/workbook.xml"))
    for relation in _RELATION.findall(book.read("xl/_rels/workbook.xml.rels")) if named else ():
        if (
            named
            and b'Id="%s"' % named[1] in relation
            and (target := re.search(rb'Target="([^"]+)"', relation))
        ):
            path = target[1].decode()
            return path.lstrip("/") if path.startswith("/") else f"xl/{path}"
    return "xl/worksheets/sheet1.xml"


def _column_of(letters: bytes) -> int:
    """A is 0, Z 25, AA 26."""
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column - 1


def _text_in(cell: object) -> str | None:
    """A cell as text, numbers as they are written; None for what would be a guess."""
    match cell:
        case bool():
            return "TRUE" if cell else "FALSE"
        case str():
            return cell
        case int():
            return str(cell)
        case float():
            return str(int(cell)) if cell.is_integer() else repr(cell)
        case _:
            return None


def _unfit_cell(cell: object) -> str:
    if isinstance(cell, datetime | date | time | timedelta):
        return "It is a date: format the column as text and write it again."
    return (
        f"It has over {CELL_LENGTH_MAX} characters." if isinstance(cell, str) else "It can't be read as text."
    )
