"""PDF: the same paper is the same bytes, and they tell of nobody but us."""

import re
import zlib
from base64 import a85decode

from exchange.accounting.paper import Column, Paper, Table
from exchange.accounting.pdf import Press

COLUMNS = [Column("what", 12), Column("amount", 10, is_number=True)]


def a_paper(rows: int = 3, text: str = "sale") -> Paper:
    return Paper("Statement", [("Member", "M1")], [Table(COLUMNS, [[text, f"{n}.00"] for n in range(rows)])])


def drawn(pdf: bytes) -> list[str]:
    """Every text on every page, in the order of drawing."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    pages = [zlib.decompress(a85decode(each.strip().removesuffix(b"~>"))) for each in streams]
    return [
        text.decode("latin-1") for page in pages for text in re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", page)
    ]


def test_the_same_paper_is_the_same_bytes() -> None:
    assert Press(a_paper()).print() == Press(a_paper()).print()
    assert Press(a_paper()).print() != Press(a_paper(text="salf")).print()


def test_every_row_is_drawn_and_every_page_repeats_the_heading() -> None:
    texts = drawn(Press(a_paper(rows=200)).print())

    assert [text.strip() for text in texts if text.strip().endswith(".00")] == [f"{n}.00" for n in range(200)]
    assert texts.count("what") == texts.count("Statement") >= 4


def test_its_properties_name_nobody_else() -> None:
    pdf = Press(a_paper()).print()

    properties = re.search(rb"<<[^>]*/Producer.*?>>", pdf, re.DOTALL)
    assert properties
    assert b"/Producer (The exchange)" in properties[0]
    assert b"eportlab" not in properties[0].lower()
    assert b"20000101000000" in properties[0], "no date of making"


def test_odd_characters_and_long_texts_are_drawn_as_well_as_may_be() -> None:
    texts = drawn(Press(a_paper(rows=1, text="Грош €uro (a\\b)")).print())

    assert any(text.startswith("????") and text.endswith("~") for text in texts)
