"""`python -m exchange.accounting.pdf`: a paper as JSON comes in, its PDF goes out; started by the server.

A program of its own, at a lower priority, so that nothing slow runs beside the engine's loop. The same paper gives
the same bytes: no date of making, no name of a maker but ours.
Known limits: characters outside of Latin-1 are drawn as question marks; a text too long for its column is cut.
"""

import os
import sys
from io import BytesIO
from typing import Final

import msgspec
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from exchange.accounting.paper import Column, Paper, Table

WIDTH, HEIGHT = landscape(A4)
MARGIN: Final = 36
LINE: Final = 9
FONT, BOLD = "Courier", "Courier-Bold"
SIZE: Final = 6.5
CHARACTER: Final = 0.6 * SIZE
"""Every character of the font is as wide."""
NICENESS: Final = 10


class Press:
    """Draws line after line, and goes on to the next page when one is full."""

    def __init__(self, paper: Paper) -> None:
        self._file = BytesIO()
        self._canvas = Canvas(self._file, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1)
        self._canvas.setTitle(paper.title)
        self._canvas.setAuthor("The exchange")
        self._canvas.setCreator("The exchange")
        self._canvas.setProducer("The exchange")
        self._canvas.setSubject("")
        self._paper = paper
        self._pages = 0
        self._y = 0.0

    def print(self) -> bytes:
        """The whole paper."""
        self._turn()
        for label, fact in self._paper.facts:
            self._line([f"{label:<12}", fact], [0, 13])
        for table in self._paper.tables:
            self._table(table)
        self._canvas.save()
        return self._file.getvalue()

    def _table(self, table: Table) -> None:
        places = [0]
        for column in table.columns:
            places.append(places[-1] + column.width + 2)
        self._y -= LINE
        heads = [_fitted(column.heading, column) for column in table.columns]
        self._line(heads, places, BOLD)
        for row in table.rows:
            if self._y < MARGIN + 2 * LINE:
                self._turn()
                self._line(heads, places, BOLD)
            cells = [_fitted(cell, column) for cell, column in zip(row, table.columns, strict=True)]
            self._line(cells, places)

    def _line(self, cells: list[str], places: list[int], font: str = FONT) -> None:
        if self._y < MARGIN + 2 * LINE:
            self._turn()
        self._canvas.setFont(font, SIZE)
        for place, cell in zip(places, cells, strict=False):
            self._canvas.drawString(MARGIN + place * CHARACTER, self._y, cell)
        self._y -= LINE

    def _turn(self) -> None:
        """Begin a page under the title, with its number at the bottom."""
        if self._pages:
            self._canvas.showPage()
        self._pages += 1
        self._canvas.setFont(BOLD, 9)
        self._canvas.drawString(MARGIN, HEIGHT - MARGIN, _drawn(self._paper.title))
        self._canvas.setFont(FONT, SIZE)
        self._canvas.drawRightString(WIDTH - MARGIN, MARGIN, str(self._pages))
        self._y = HEIGHT - MARGIN - 2 * LINE


def _fitted(text: str, column: Column) -> str:
    """As wide as its column. A number is never cut: it overhangs."""
    if column.is_number:
        return text.rjust(column.width)
    text = _drawn(text)
    return text if len(text) <= column.width else f"{text[: column.width - 1]}~"


def _drawn(text: str) -> str:
    return text.encode("latin-1", "replace").decode("latin-1")


def main() -> int:
    """Print one paper."""
    os.nice(NICENESS)
    paper = msgspec.json.decode(sys.stdin.buffer.read(), type=Paper)
    sys.stdout.buffer.write(Press(paper).print())
    return 0


if __name__ == "__main__":
    sys.exit(main())
