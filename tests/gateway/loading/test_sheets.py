"""Spreadsheets as office programs write them become rows of texts, or are refused with a remedy."""

import io
import zipfile
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from exchange.gateway.loading.sheets import CSV, XLSX, Grid, Unreadable, grid_of

LINES = [(2, ["LM358", "3"])]


def a_book(*rows: list[object]) -> bytes:
    """An XLSX workbook of one sheet."""
    book, file = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        b"part,qty\nLM358,3\n",
        b"\xef\xbb\xbfpart;qty\r\nLM358;3\r\n",
        b"part\tqty\nLM358\t3",
        "part;qty\nLM358;3\n".encode("utf-16"),
        b'"part",qty\n"LM358",3\n\n,\n',
    ],
)
def test_a_table_is_read_however_it_is_separated_and_encoded(raw: bytes) -> None:
    assert grid_of(raw, CSV) == Grid(["part", "qty"], LINES, {})


def test_numbers_of_a_workbook_are_texts_as_they_are_written() -> None:
    grid = grid_of(a_book(["part", "price"], [7805, 0.125], ["LM358", 3], [True, None]), XLSX)

    assert grid.lines == [(2, ["7805", "0.125"]), (3, ["LM358", "3"]), (4, ["TRUE", ""])]


def test_cells_that_would_be_a_guess_are_faults_of_their_place() -> None:
    book = a_book(["part", "price"], ["LM358", "=1+1"], [date(2026, 1, 2), 3])
    table = b"part,price\nLM358,=1+1\n@SUM(A1),3\n"

    assert grid_of(book, XLSX).unfit.keys() == {(2, 1), (3, 0)}
    assert grid_of(table, CSV).unfit.keys() == {(2, 1), (3, 0)}


def test_blank_rows_count_but_say_nothing() -> None:
    assert grid_of(b"part\n\n\nLM358\n", CSV).lines == [(4, ["LM358"])]


def a_bomb() -> bytes:
    """A workbook of a few kilobytes whose sheet unpacks to 300 MB."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(a_book(["part"]))) as good,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book,
    ):
        for entry in good.infolist():
            if entry.filename != "xl/worksheets/sheet1.xml":
                book.writestr(entry.filename, good.read(entry))
        book.writestr("xl/worksheets/sheet1.xml", b" " * 300_000_000)
    return file.getvalue()


def an_empty_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as book:
        book.writestr("readme.txt", "no workbook")
    return file.getvalue()


UNREADABLE: dict[str, tuple[bytes, str, str]] = {
    "nothing": (b"", CSV, "no row"),
    "only blanks": (b"\n,,\n", CSV, "no row"),
    "Latin-1": (b"maker\nW\xfcrth\n", CSV, "CSV in UTF-8"),
    "a workbook called CSV": (a_book(["part"]), CSV, "CSV in UTF-8"),
    "a CSV called workbook": (b"part\nLM358\n", XLSX, "Save it again as XLSX or CSV"),
    "an open quote": (b'part\n"LM358\n', CSV, "no CSV"),
    "a cell as long as a book": (b"part\n" + b"x" * 5_000, CSV, "no CSV"),
    "too many rows": (b"part\n" + b"x\n" * 100_002, CSV, "Divide it"),
    "too many columns": (b"a," * 101 + b"\nx", CSV, "Remove some"),
    "a formula for a header": (b"=A1,b\nx,y\n", CSV, "name the columns"),
    "a bomb": (a_bomb(), XLSX, "Save the table alone"),
    "another zip": (an_empty_zip(), XLSX, "no XLSX workbook"),
    "half a workbook": (a_book(["part"])[:-200], XLSX, "no XLSX workbook"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_is_no_table_is_refused_with_a_remedy(case: str) -> None:
    raw, media, remedy = UNREADABLE[case]

    with pytest.raises(Unreadable, match=remedy):
        grid_of(raw, media)


@given(
    st.binary(max_size=300) | st.text('ab,;"\n\r\t\ufeff=\x00', max_size=60).map(str.encode),
    st.sampled_from([CSV, XLSX]),
)
def test_whatever_comes_in_the_end_is_a_table_or_a_refusal(raw: bytes, media: str) -> None:
    with suppress(Unreadable):
        assert grid_of(raw, media).header
