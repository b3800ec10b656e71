"""CSV: what a spreadsheet reads is what was written, and nothing in it is computed."""

import csv
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st

from exchange.accounting.paper import Column, csv_of

COLUMNS = [Column("what", 9), Column("amount", 9, is_number=True)]
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"])) | st.sampled_from(
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "'", "", 'a "b", c', "-7_x"]
)


@given(st.lists(TEXTS, max_size=5))
def test_no_text_is_a_formula_and_no_number_is_changed(texts: list[str]) -> None:
    written = csv_of(COLUMNS, [[text, "-12.50"] for text in texts]).decode()

    head, *rows = list(csv.reader(StringIO(written, newline="")))
    assert head == ["what", "amount"]
    assert [row[1] for row in rows] == ["-12.50"] * len(texts)
    assert not any(row[0][:1] in tuple("=+-@\t\r\n") for row in rows if row[0])
    assert [row[0] for row in rows] == [
        f"'{text}" if text[:1] in tuple("=+-@\t\r\n") else text for text in texts
    ]


def test_lines_that_follow_have_no_heading() -> None:
    assert csv_of(COLUMNS, [["a", "1"]], heads=False) == b"a,1\r\n"
