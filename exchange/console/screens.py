"""What screens that are drawn anew have in common.

Guarantees: figures are never folded nor cut while a title can give way to them.
"""

from collections.abc import Collection, Iterable

from rich.table import Table
from rich.text import Text


def columns(names: Iterable[str], figures: Collection[str], words: Collection[str]) -> Table:
    """An empty table: `figures` stand at the right, `words` give way where the screen is narrow."""
    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(name, justify="right" if name in figures else "left", no_wrap=name not in words)
    return table


def title_cell(title: str) -> Text:
    """A title in one line, as much of it as there is room for."""
    return Text(title, no_wrap=True, overflow="ellipsis")
