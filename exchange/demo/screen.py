"""The market on one screen while it runs: totals, the busiest books, goods and money, the last lots. For a terminal only.

Doesn't count anything: it shows the tally. Known limits: a terminal below some 80 columns cuts columns.
"""

from types import TracebackType
from typing import Final, Self

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from exchange.demo.tally import BookTally, Tally

BOOKS_SHOWN: Final = 8
LOTS_SHOWN: Final = 3
FIGURE_WIDTHS: Final = (3, 3, 3, 5)
"""Of the totals' columns, to one another: money is longest."""
REFRESH_PER_S: Final = 4


class Screen:
    """Redraws in place; what is said meanwhile scrolls above it. `with` gives the terminal back."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, refresh_per_second=REFRESH_PER_S, redirect_stdout=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, tally: Tally, passed_s: float, seconds: float) -> None:
        """The market as it is now."""
        self._live.update(picture(tally, passed_s, seconds))


def picture(tally: Tally, passed_s: float, seconds: float) -> Group:
    """One screen; `seconds` 0: until interrupted."""
    left = f"{passed_s:.0f} of {seconds:.0f} s" if seconds else f"{passed_s:.0f} s, ^C ends it"
    left = f"{passed_s:.0f} s, no more trade: the rest is delivered and paid" if tally.closing else left
    last = list(tally.lots.values())[-LOTS_SHOWN:] or ["the first one is being drafted"]
    lots = Text("\n".join(last), overflow="ellipsis", no_wrap=True)
    return Group(
        Panel(_figures(_totals(tally, passed_s)), title="[b]Quickmatch[/b]: a live market", subtitle=left),
        _books(tally),
        Panel(_deals(tally), title="Goods through the hub, and money in USD"),
        Panel(lots, title=f"Reverse lots: saved {tally.saved:,.2f} USD", height=LOTS_SHOWN + 2),
    )


def _totals(tally: Tally, passed_s: float) -> dict[str, str]:
    return {
        "orders": f"{tally.orders_acked:,}",
        "trades": f"{tally.trades:,}",
        "settled": f"{tally.settled:,}",
        "turnover USD": f"{sum(book.turnover for book in tally.books.values()):,.2f}",
        "orders/s": f"{tally.orders_acked / passed_s:,.0f}" if passed_s else "0",
        "bids": f"{tally.bids_acked:,}",
        "refused": f"{sum(tally.refused.values()):,}",
        "commission USD": f"{tally.commission_minor / 100:,.2f}",
    }


def _deals(tally: Tally) -> Table:
    """Boxes, lots and parcels where they are, and the money that waits for them."""
    told = {
        "inbound": f"{tally.consigned - tally.received:,}",
        "at the hub": f"{tally.received - tally.passed - tally.in_part - tally.failed:,}",
        "under way": f"{tally.shipped - tally.delivered:,}",
        "held": f"{sum(tally.held_minor.values()) / 100:,.2f}",
        "passed": f"{tally.passed:,}",
        "in part": f"{tally.in_part:,}",
        "accepted": f"{tally.accepted:,}",
        "in escrow": f"{tally.escrow_minor / 100:,.2f}",
        "failed": f"{tally.failed:,}",
        "claims": f"{tally.claims:,}",
        "remedied": f"{tally.remedied:,}",
        "paid out": f"{tally.paid_out_minor / 100:,.2f}",
    }
    return _figures(told)


def _figures(told: dict[str, str]) -> Table:
    """Named figures in columns."""
    cells = [Text.assemble((value, "bold"), (f" {name}", "dim")) for name, value in told.items()]
    table = Table.grid(expand=True)
    for ratio in FIGURE_WIDTHS:
        table.add_column(ratio=ratio, no_wrap=True)
    for start in range(0, len(cells), len(FIGURE_WIDTHS)):
        table.add_row(*cells[start : start + len(FIGURE_WIDTHS)])
    return table


def _books(tally: Tally) -> Table:
    table = Table(expand=True, title_justify="left", header_style="dim", box=None)
    table.add_column("Busiest books", no_wrap=True)
    for name in ("last", "low", "high", "trades", "pieces", "turnover USD"):
        table.add_column(name, justify="right", no_wrap=True)
    busiest = sorted(tally.books.items(), key=lambda each: -each[1].trades)[:BOOKS_SHOWN]
    for symbol, book in busiest:
        table.add_row(symbol, *_row(book))
    for _ in range(BOOKS_SHOWN - len(busiest)):
        table.add_row("")  # so that the screen keeps its height
    return table


def _row(book: BookTally) -> tuple[Text | str, ...]:
    style = "green" if book.last > book.before else "red" if book.last < book.before else ""
    return (
        Text(f"{book.last}", style=style),
        f"{book.low}",
        f"{book.high}",
        f"{book.trades:,}",
        f"{book.quantity:,}",
        f"{book.turnover:,.2f}",
    )
