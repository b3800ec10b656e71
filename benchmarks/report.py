"""What a benchmark says: its figures, the limits they have to meet, and the machine.

Guarantees: with `--json` one object on stdout and nothing else; without it the same as a table. The exit code
is 0 when every limit is met, 1 when one is not.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct
from rich.console import Console
from rich.table import Table

from benchmarks.machine import facts

MET, MISSED = 0, 1
Figure = bool | int | float | str

out: Final = Console()


class Report(Struct, frozen=True):
    """`limits` gives the least admissible value of some figures, `most` the greatest; `details` is shown in JSON only."""

    name: str
    figures: Mapping[str, Figure]
    limits: Mapping[str, float] = {}
    details: Mapping[str, Any] = {}
    most: Mapping[str, float] = {}

    @property
    def missed(self) -> list[str]:
        """Figures beyond their limits."""
        return [
            *(name for name, least in self.limits.items() if not float(self.figures[name]) >= least),
            *(name for name, most in self.most.items() if not float(self.figures[name]) <= most),
        ]

    def show(self, *, as_json: bool) -> int:
        """Print it; the exit code."""
        if as_json:
            print(json.dumps(self._document()))
        else:
            out.print(self._table())
        return MISSED if self.missed else MET

    def _document(self) -> dict[str, Any]:
        limits = {
            name: {word: bound, "met": name not in self.missed}
            for word, bounds in (("least", self.limits), ("most", self.most))
            for name, bound in bounds.items()
        }
        return {**self.figures, "limits": limits, **self.details, "machine": facts()}

    def _table(self) -> Table:
        table = Table(title=self.name, caption=", ".join(f"{name} {fact}" for name, fact in facts().items()))
        table.add_column("figure")
        table.add_column("value", justify="right")
        table.add_column("limit", justify="right")
        for name, figure in self.figures.items():
            table.add_row(name, _text(figure), self._verdict(name))
        return table

    def _verdict(self, name: str) -> str:
        met = "missed" if name in self.missed else "met"
        if name in self.limits:
            return f"≥ {_text(self.limits[name])}: {met}"
        return f"≤ {_text(self.most[name])}: {met}" if name in self.most else ""


def _text(figure: Figure) -> str:
    if isinstance(figure, float):
        return f"{figure:,.0f}" if figure >= 1_000 else f"{figure:,.3g}"
    return f"{figure:,}" if isinstance(figure, int) and not isinstance(figure, bool) else str(figure)
