"""A naive desk, and recorded flow made with it: one list of orders, sorted afresh whenever anybody asks."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from benchmarks.replay.depth import Depth, Level
from benchmarks.replay.desk import Hit, Key
from exchange_client import Side

LEVELS = 10


@dataclass
class NaiveOrder:
    key: Key
    side: Side
    price: int
    open: int


class NaiveDesk:
    """Does what a desk does, at once."""

    def __init__(self) -> None:
        self.orders: list[NaiveOrder] = []
        self.refused = 0
        self.trades = 0
        self.depth = Depth()

    # --- what stands

    @property
    def keys(self) -> list[Key]:
        return [order.key for order in self.orders]

    def open(self, key: Key) -> int:
        return sum(order.open for order in self.orders if order.key == key)

    def at(self, side: Side, price: int) -> list[Key]:
        return [order.key for order in self.orders if (order.side, order.price) == (side, price)]

    def top(self, side: Side) -> list[Level]:
        prices = sorted(
            {order.price for order in self.orders if order.side is side}, reverse=side is Side.BUY
        )
        return [(price, sum(map(self.open, self.at(side, price)))) for price in prices[:LEVELS]]

    def makers(self, side: Side, price: int) -> list[NaiveOrder]:
        """Whom an order would meet, in their order."""
        sign = 1 if side is Side.BUY else -1
        facing = [
            order for order in self.orders if order.side is not side and sign * order.price <= sign * price
        ]
        return sorted(facing, key=lambda order: sign * order.price)

    # --- what happens

    async def add(self, key: Key, side: Side, price: int, quantity: int) -> None:
        if self.makers(side, price):
            self.refused += 1
        else:
            self.orders.append(NaiveOrder(key, side, price, quantity))
        self._look()

    async def reduce(self, key: Key, quantity: int) -> int:
        taken = min(quantity, self.open(key))
        for order in self.orders:
            order.open -= taken if order.key == key else 0
        self._look()
        return taken

    async def take(self, side: Side, price: int, quantity: int) -> list[Hit]:
        hits = []
        for maker in self.makers(side, price):
            met = min(quantity, maker.open)
            if met:
                self.trades += 1
                hits.append(Hit(maker.key, maker.price, met, self.trades))
            maker.open -= met
            quantity -= met
        self._look()
        return hits

    def afterwards(self, then: Callable[[], None]) -> None:
        then()

    async def settled(self) -> None:
        """Everything is."""

    def _look(self) -> None:
        self.orders = [order for order in self.orders if order.open]
        self.depth.clear()
        for order in self.orders:
            before = self.depth.quantity(order.side, order.price)
            self.depth.apply(order.side, [(order.price, before + order.open)])


class Recorder:
    """Makes market-by-order lines from a seed, and remembers the book that each leaves."""

    def __init__(self, seed: int, price: int = 10_000) -> None:
        self.desk = NaiveDesk()
        self.lines: list[str] = []
        self.books: list[tuple[list[Level], list[Level]]] = []
        """Asks and bids after each line."""
        self.trades = 0
        self._chance = Random(seed)
        self._price = price
        self._sequence = 0
        self._orders = 0

    async def record(self, records: int) -> None:
        """At least so many lines: of ten happenings five add, three cancel, two trade; rarely all is cleared."""
        while len(self.lines) < records:
            self._sequence += self._chance.randint(1, 3)
            drawn = self._chance.random()
            if drawn < 0.005:
                await self._clear()
            elif drawn < 0.02:
                self._write("T", "N", self._price, 7, "0")
            elif drawn < 0.3 and self.desk.orders:
                await self._cancel()
            elif drawn < 0.5:
                await self._trade()
            else:
                await self._add()

    async def _add(self) -> None:
        self._price += self._chance.choice((-1, 0, 0, 1))
        side, behind = self._chance.choice(list(Side)), self._chance.randint(1, 12)
        price = self._price - behind if side is Side.BUY else self._price + behind
        if self.desk.makers(side, price):
            return
        self._orders += 1
        key, size = str(10**15 + self._orders), self._chance.randint(1, 500)
        await self.desk.add(key, side, price, size)
        self._write("A", _LETTER[side], price, size, key)

    async def _cancel(self) -> None:
        """All of an order, or part of it."""
        order = self._chance.choice(self.desk.orders)
        size = order.open if self._chance.random() < 0.6 else self._chance.randint(1, order.open)
        await self.desk.reduce(order.key, size)
        self._write("C", _LETTER[order.side], order.price, size, str(order.key))

    async def _trade(self) -> None:
        side = self._chance.choice(list(Side))
        makers = self.desk.makers(side, 0 if side is Side.SELL else 10**9)
        if not makers:
            return
        limit = makers[min(2, len(makers) - 1)].price
        size = self._chance.randint(1, sum(maker.open for maker in self.desk.makers(side, limit)))
        hits = await self.desk.take(side, limit, size)
        self.trades += 1
        self._write("T", _LETTER[side], limit, size, "0")
        makers_side = _LETTER[Side.BUY if side is Side.SELL else Side.SELL]
        fills = [(hit.price, hit.quantity, str(hit.key)) for hit in hits]
        in_pairs = self._chance.random() < 0.5
        for fill in fills:
            self._write("F", makers_side, *fill)
            if in_pairs:
                self._write("C", makers_side, *fill)
        for fill in fills if not in_pairs else ():
            self._write("C", makers_side, *fill)

    async def _clear(self) -> None:
        self.desk.orders.clear()
        await self.desk.reduce("nothing", 1)
        self._write("R", "N", 0, 0, "0")

    def _write(self, action: str, side: str, price: int, size: int, key: str) -> None:
        at = f"2026-01-02T14:30:00.{len(self.lines):09}Z"
        decimal = f"{price // 100}.{price % 100:02}0000000" if price else ""
        self.lines.append(f"{at},{action},{side},{decimal},{size},{key},{self._sequence}")
        self.books.append((self.desk.top(Side.SELL), self.desk.top(Side.BUY)))


_LETTER = {Side.BUY: "B", Side.SELL: "A"}
HEADER = "ts_event,action,side,price,size,order_id,sequence"
