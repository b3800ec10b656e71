"""Replays a LOBSTER sample: Nasdaq's order flow of one stock, with the first levels of the book after each event.

Rules: row 0 is the book after message 0, and the replay begins from it, one order a level. Then 1 is a new limit
order, 2 reduces, 3 deletes, 4 is an IOC order from the opposite side at that price and size, and 5, 6 and 7 do
nothing to the visible book. What an unknown order loses is taken from what stood at its price before row 0.

The sample leaves out events beyond its levels: a level that the row before did not show may appear, vanish or
have changed its size unseen. Such a level is put right and listed; any other difference is a failure.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from msgspec import Struct

from benchmarks.replay.depth import Depth, Level
from benchmarks.replay.desk import Hit, Key
from benchmarks.replay.files import BadFile, integers
from exchange_client import Side

NEW, REDUCE, DELETE, EXECUTE = 1, 2, 3, 4
EFFECTS: Final = frozenset({NEW, REDUCE, DELETE, EXECUTE})
NO_EFFECT: Final = frozenset({5, 6, 7})
"""Execution of a hidden order, cross trade, halt."""
FIELDS: Final = 5
"""What is read of a message."""


class Message(NamedTuple):
    """A line of the message file; `side` is that of the resting order."""

    kind: int
    order_id: int
    size: int
    price: int
    side: Side


class Row(NamedTuple):
    """A line of the book file: the levels of each side, best first."""

    bids: list[Level]
    asks: list[Level]
    levels: int  # that it has room for

    def side(self, side: Side) -> list[Level]:
        """One of the two."""
        return self.bids if side is Side.BUY else self.asks


class Difference(Struct, frozen=True):
    """A level that is not as the row says. `unseen`: the row before did not show it, so that it may."""

    row: int
    side: Side
    price: int
    had: int
    shown: int
    unseen: bool


class Market(Protocol):
    """What a replay asks of the desk."""

    depth: Depth

    def at(self, side: Side, price: int) -> list[Key]:
        """The orders at a price, oldest first."""
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
        """Send an IOC order; whom it met."""
        ...

    async def settled(self) -> None:
        """Until `depth` shows everything."""
        ...


class Unnamed(NamedTuple):
    """An order that stands for what was there before, or came unseen."""

    row: int
    side: Side
    price: int


class Outcome:
    """What a replay found."""

    def __init__(self) -> None:
        self.rows = 0
        self.rows_equal = 0
        self.executions = 0
        self.executions_equal = 0
        self.same_maker = 0
        self.unnamed_maker = 0
        self.unknown_orders = 0
        self.differences: list[Difference] = []

    @property
    def rows_allowed(self) -> int:
        """Rows that are equal only after unseen levels were put right."""
        failed = {each.row for each in self.differences if not each.unseen}
        return len({each.row for each in self.differences if each.unseen} - failed)


def messages(path: Path, unit: int = 1) -> Iterator[Message]:
    """The lines of a message file, prices in steps of `unit`. Raises BadFile, OSError."""
    for number, line in enumerate(integers(path, slice(1, 6)), 1):
        if len(line) < FIELDS:
            raise BadFile(path, number, "time, type, order id, size, price and direction are expected")
        kind, order_id, size, price, direction = line
        if kind not in NO_EFFECT and (kind not in EFFECTS or abs(direction) != 1):
            raise BadFile(path, number, "a type from 1 to 7 and a direction of 1 or -1 are expected")
        yield Message(kind, order_id, size, price // unit, Side.BUY if direction == 1 else Side.SELL)


def rows(path: Path, unit: int = 1) -> Iterator[Row]:
    """The lines of a book file, of as many levels as it has. Raises BadFile, OSError."""
    for number, line in enumerate(integers(path, slice(None)), 1):
        if not line or len(line) % 4:
            raise BadFile(
                path, number, "ask price, ask size, bid price and bid size of each level are expected"
            )
        asks, bids = _levels(line[0::4], line[1::4], unit), _levels(line[2::4], line[3::4], unit)
        yield Row(bids, asks, len(line) // 4)


def _levels(prices: list[int], sizes: list[int], unit: int) -> list[Level]:
    """Without those that are not there: their size is 0."""
    return [(price // unit, size) for price, size in zip(prices, sizes, strict=True) if size]


class Replay:
    """Plays messages at a desk and compares its depth with the row after each."""

    def __init__(self, market: Market) -> None:
        self.outcome = Outcome()
        self._market = market
        self._before: Row | None = None  # the row of the message before

    async def play(self, message: Message, row: Row) -> None:
        """The next message of the sample, and the row that belongs to it; the first row only makes the book."""
        if self._before is None:
            await self._begin(message, row)
        else:
            await self._do(message)
            await self._market.settled()
            self.outcome.rows += 1
            self.outcome.rows_equal += await self._put_right(row, self._before)
        self._before = row

    async def _begin(self, message: Message, row: Row) -> None:
        """Everything that row 0 shows; what message 0 brought keeps its name."""
        for side in Side:
            for price, size in row.side(side):
                named = message.kind == NEW and (message.side, message.price) == (side, price)
                if named and message.size < size:
                    await self._market.add(Unnamed(0, side, price), side, price, size - message.size)
                key = message.order_id if named else Unnamed(0, side, price)
                await self._market.add(key, side, price, min(size, message.size) if named else size)

    async def _do(self, message: Message) -> None:
        if message.kind == NEW:
            await self._market.add(message.order_id, message.side, message.price, message.size)
        elif message.kind == EXECUTE:
            await self._execute(message)
        elif message.kind in {REDUCE, DELETE}:
            await self._take_away(message)

    async def _take_away(self, message: Message) -> None:
        key: Key = message.order_id
        if left := self._market.open(key):
            await self._market.reduce(key, left if message.kind == DELETE else message.size)
            return
        missing = message.size
        for key in self._market.at(message.side, message.price):
            if isinstance(key, Unnamed) and missing:
                missing -= await self._market.reduce(key, missing)
        self.outcome.unknown_orders += missing == message.size

    async def _execute(self, message: Message) -> None:
        taker = Side.SELL if message.side is Side.BUY else Side.BUY
        hits = await self._market.take(taker, message.price, message.size)
        outcome = self.outcome
        outcome.executions += 1
        at_price = all(hit.price == message.price for hit in hits)
        outcome.executions_equal += at_price and sum(hit.quantity for hit in hits) == message.size
        outcome.same_maker += [hit.key for hit in hits] == [message.order_id]
        outcome.unnamed_maker += any(isinstance(hit.key, Unnamed) for hit in hits)

    async def _put_right(self, row: Row, before: Row) -> bool:
        """Whether the row was equal, but for what may differ; afterwards the depth shows the row."""
        number, depth = self.outcome.rows, self._market.depth
        found = [each for side in Side for each in differences(number, side, depth, row, before)]
        for each in found:
            await self._correct(each)
        await self._market.settled()
        self.outcome.differences += found
        equal = all(depth.top(side, row.levels)[: len(row.side(side))] == row.side(side) for side in Side)
        return equal and all(each.unseen for each in found)

    async def _correct(self, difference: Difference) -> None:
        """Add what is missing behind the others; take what is too much from the youngest."""
        row, side, price = difference.row, difference.side, difference.price
        surplus = difference.had - difference.shown
        if surplus < 0:
            await self._market.add(Unnamed(row, side, price), side, price, -surplus)
        for key in reversed(self._market.at(side, price)):
            if surplus > 0:
                surplus -= await self._market.reduce(key, surplus)


def differences(number: int, side: Side, depth: Depth, row: Row, before: Row) -> Iterator[Difference]:
    """Every level that the row shows otherwise, and every one that it should show and doesn't."""
    levels, seen = row.side(side), {price for price, _ in before.side(side)}
    for price, quantity in levels:
        if (had := depth.quantity(side, price)) != quantity:
            yield Difference(number, side, price, had, quantity, price not in seen)
    expected = {price for price, _ in levels}
    last_price = levels[-1][0] if len(levels) == row.levels else 0
    for price, had in depth.before(side, last_price):
        if price not in expected:
            yield Difference(number, side, price, had, 0, price not in seen)
