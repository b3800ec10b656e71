"""The book after each record, as CSV: of every record its time and sequence, then the first ten levels.

Levels are written as LOBSTER does: ask price, ask size, bid price, bid size, best first; empty where there is no
level. Prices have the decimals of the file that was replayed.
"""

from itertools import chain
from typing import IO, Final

from benchmarks.replay.depth import Depth, Level
from benchmarks.replay.mbo import Line
from exchange.gateway.notation import decimal_of
from exchange_client import Side

LEVELS: Final = 10
_LEVEL: Final = ("ask_price_{}", "ask_size_{}", "bid_price_{}", "bid_size_{}")
HEADER: Final = ("ts_event", "sequence", *(name.format(n + 1) for n in range(LEVELS) for name in _LEVEL))


class BookFile:
    """Writes lines into an open file; `unit` is one step of the exchange's price in 10^-decimals."""

    def __init__(self, file: IO[str], decimals: int, unit: int) -> None:
        self._file = file
        self._decimals = decimals
        self._unit = unit
        self._last: tuple[list[Level], list[Level]] = ([], [])
        self._cells = self._written(*self._last)
        file.write(",".join(HEADER) + "\n")

    def write(self, line: Line, depth: Depth) -> None:
        """The book after a record."""
        levels = depth.top(Side.SELL, LEVELS), depth.top(Side.BUY, LEVELS)
        if levels != self._last:
            self._last, self._cells = levels, self._written(*levels)
        self._file.write(f"{line.ts_event},{line.sequence},{self._cells}\n")

    def _written(self, asks: list[Level], bids: list[Level]) -> str:
        pairs = zip(self._filled(asks), self._filled(bids), strict=True)
        return ",".join(chain.from_iterable((*ask, *bid) for ask, bid in pairs))

    def _filled(self, levels: list[Level]) -> list[tuple[str, str]]:
        """Ten levels, the missing ones empty."""
        written = [
            (decimal_of(price * self._unit, self._decimals), str(quantity)) for price, quantity in levels
        ]
        return written + [("", "")] * (LEVELS - len(levels))
