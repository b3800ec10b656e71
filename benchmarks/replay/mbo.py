"""Replays market-by-order records: every order of one instrument, with the makers that each trade met.

Rules: A rests an order, C takes that much away from one, R clears the book. A T with side A or B is an incoming
IOC order from that side; the F records of the same sequence that follow name the makers it hit, and of the C
records of that sequence it has already done what its fills did. A T with side N is off the book.
An order that the replay doesn't know can't be cancelled; such records are counted and passed over.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from msgspec import Struct

from benchmarks.replay.depth import Depth
from benchmarks.replay.desk import Hit, Key
from benchmarks.replay.files import BadFile, opened
from exchange_client import Side

COLUMNS: Final = ("ts_event", "action", "side", "price", "size", "order_id", "sequence")
SIDES: Final = {"A": Side.SELL, "B": Side.BUY}
OFF_BOOK: Final = "N"
MISMATCHES_KEPT: Final = 100


class Line(NamedTuple):
    """A line of the file as it is written; `number` counts from 1, the header included."""

    number: int
    ts_event: str
    action: str
    side: str
    price: str
    size: int
    order_id: str
    sequence: str

    @property
    def has_price(self) -> bool:
        """Whether the price matters: what rests has one, and what comes in."""
        return self.action == "A" or (self.action == "T" and self.side in SIDES)


class Record(NamedTuple):
    """What a line says; the price in steps of the file's scale, 0 where it doesn't matter."""

    line: Line
    price: int


class Mismatch(Struct, frozen=True):
    """A trade that met others than the record names, or otherwise; pairs of order id and quantity."""

    line: int
    sequence: str
    named: list[tuple[str, int]]
    met: list[tuple[str, int]]


class Market(Protocol):
    """What a replay asks of the desk."""

    depth: Depth

    @property
    def keys(self) -> list[Key]:
        """All orders."""
        ...

    def open(self, key: Key) -> int:
        """What is left of an order."""
        ...

    async def add(self, key: Key, side: Side, price: int, quantity: int) -> None:
        """Rest an order."""
        ...

    async def reduce(self, key: Key, quantity: int) -> int:
        """Take that much away from an order, or all that is left of it; how much that was."""
        ...

    async def take(self, side: Side, price: int, quantity: int) -> list[Hit]:
        """Send an IOC order; whom it met, in order."""
        ...

    def afterwards(self, then: Callable[[], None]) -> None:
        """Call it when everything sent so far is done and `depth` shows it."""
        ...


def lines(path: Path) -> Iterator[Line]:
    """The lines of a file whose header names COLUMNS, among others. Raises BadFile, OSError."""
    with opened(path) as file:
        reader = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise BadFile(path, 1, f"a header with the columns {', '.join(COLUMNS)} is expected")
        for row in reader:
            yield _line(path, reader.line_num, row)


def _line(path: Path, number: int, row: dict[str, str]) -> Line:
    at, action, side, price, size, order_id, sequence = (row[name] for name in COLUMNS)
    if action not in _HANDLERS or side not in {*SIDES, OFF_BOOK}:
        raise BadFile(path, number, "an action of A, C, T, F, R and a side of A, B, N are expected")
    if action == "A" and side not in SIDES:
        raise BadFile(path, number, "an order is added on side A or B")
    try:
        return Line(number, at, action, side, price, int(size or 0), order_id, sequence)
    except ValueError:
        raise BadFile(path, number, f"the size must be an integer, not {size!r}") from None


def records(path: Path, decimals: int, unit: int = 1) -> Iterator[Record]:
    """The lines with prices in steps of `unit` x 10^-decimals. Raises BadFile, OSError."""
    for line in lines(path):
        price = price_of(path, line, decimals) // unit if line.has_price else 0
        yield Record(line, price)


def decimals_of(line: Line) -> int:
    """How many decimals the price has, zeros at its end left out."""
    return len(line.price.partition(".")[2].rstrip("0"))


def price_of(path: Path, line: Line, decimals: int) -> int:
    """The price in 10^-decimals. Raises BadFile."""
    whole, _, rest = line.price.partition(".")
    try:
        price = int(whole + rest[:decimals].ljust(decimals, "0"))
    except ValueError:
        price = 0
    if price <= 0:
        raise BadFile(path, line.number, f"the price must be a decimal above zero, not {line.price!r}")
    return price


class Outcome:
    """What a replay found."""

    def __init__(self) -> None:
        self.records = 0
        self.trades = 0
        self.makers_equal = 0
        self.fills_equal = 0
        self.off_book = 0
        self.unknown_orders = 0
        self.mismatches: list[Mismatch] = []


class _Trade:
    """A trade whose makers are being named."""

    def __init__(self, line: Line, hits: list[Hit]) -> None:
        self.line = line
        self.met = [(str(hit.key), hit.quantity) for hit in hits]
        self.named: list[tuple[str, int]] = []


class Replay:
    """Plays records at a desk. `after` is told the depth after each record, once it is known."""

    def __init__(self, market: Market, after: Callable[[Line, Depth], None] | None = None) -> None:
        self.outcome = Outcome()
        self._market = market
        self._after = after
        self._sequence = ""
        self._trade: _Trade | None = None
        self._done: Counter[str] = Counter()  # of this sequence: what its trades took away already, by order

    async def play(self, record: Record) -> None:
        """The next record."""
        line = record.line
        if line.sequence != self._sequence:
            self.end()
            self._sequence = line.sequence
            self._done.clear()
        await _HANDLERS[line.action](self, record)
        self.outcome.records += 1
        if self._after is not None:
            self._market.afterwards(partial(self._after, line, self._market.depth))

    def end(self) -> None:
        """No more makers are named of the last trade."""
        trade, self._trade = self._trade, None
        if trade is None:
            return
        outcome = self.outcome
        outcome.makers_equal += [key for key, _ in trade.met] == [key for key, _ in trade.named]
        outcome.fills_equal += trade.met == trade.named
        if trade.met != trade.named and len(outcome.mismatches) < MISMATCHES_KEPT:
            outcome.mismatches.append(
                Mismatch(trade.line.number, trade.line.sequence, trade.named, trade.met)
            )

    async def _add(self, record: Record) -> None:
        line = record.line
        await self._market.reduce(line.order_id, self._market.open(line.order_id))  # an id names one order
        await self._market.add(line.order_id, SIDES[line.side], record.price, line.size)

    async def _cancel(self, record: Record) -> None:
        key, size = record.line.order_id, record.line.size
        done = min(size, self._done[key])
        self._done[key] -= done
        if done < size and not await self._market.reduce(key, size - done):
            self.outcome.unknown_orders += 1

    async def _meet(self, record: Record) -> None:
        self.end()
        line = record.line
        if line.side == OFF_BOOK:
            self.outcome.off_book += 1
            return
        hits = await self._market.take(SIDES[line.side], record.price, line.size)
        self.outcome.trades += 1
        self._trade = _Trade(line, hits)
        for key, quantity in self._trade.met:
            self._done[key] += quantity

    async def _name(self, record: Record) -> None:
        if self._trade is not None:
            self._trade.named.append((record.line.order_id, record.line.size))

    async def _clear(self, record: Record) -> None:
        for key in self._market.keys:
            await self._market.reduce(key, self._market.open(key))


_HANDLERS: Final = {
    "A": Replay._add,
    "C": Replay._cancel,
    "T": Replay._meet,
    "F": Replay._name,
    "R": Replay._clear,
}
