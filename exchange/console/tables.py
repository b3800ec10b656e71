"""Answers for people: rows as a table, or, where that is wider than the screen, each row as lines of its own.

Guarantees: nothing is cut or folded, so that an id can be copied; no text of an answer steers the terminal.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Final

Row = Mapping[str, Any]
GAP: Final = "  "


def table(rows: Sequence[Row], width: int | None = None) -> str:
    """All rows under the names of their columns. Without a width it may be as wide as it has to."""
    names = list(dict.fromkeys(chain.from_iterable(rows)))
    cells = [names, *([text(row.get(name)) for name in names] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    if width is not None and sum(widths) + len(GAP) * (len(widths) - 1) > width:
        return "\n\n".join(map(lines, rows))
    return "\n".join(_aligned(row, widths) for row in cells)


def lines(row: Row) -> str:
    """One row, a line for each of its values."""
    width = max(map(len, row), default=0)
    return "\n".join(_aligned((name, text(value)), (width, 0)) for name, value in row.items())


def prose(said: str) -> str:
    """A text of several lines as it was written. Control characters are shown as what they are."""
    return "\n".join(map(text, said.rstrip().splitlines()))


def titled(event: dict[str, Any]) -> str:
    """The event's title; a practice event says that it is one."""
    return f"PRACTICE, nothing binds: {event['title']}" if event.get("practice") else str(event["title"])


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    return GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def text(value: object) -> str:
    """A value in one line. Control characters are shown as what they are."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and not any(isinstance(each, dict | list) for each in value):
        return " ".join(map(text, value))
    said = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in said)
