"""The resting orders of one side of a book, in price-time priority.

Guarantees: the best level is at hand. To join or to leave touches one level and its neighbours in the
queue, however many orders rest; a level that appears or vanishes costs a step of a heap, and nothing at
all where it stood empty before. Ladders that hold the same iterate alike, whatever their history.

A ladder knows no rules: what is admissible and what trades is the book's affair.

Known limits: empty levels are kept until they would be the best or outnumber the others; they are then
forgotten all at once, a pause of some milliseconds in a book of 100,000 levels. Orders and levels point
at each other and the garbage collector does not track them, so a ring that is let go whole would stay in
memory: an order that leaves is taken out of it, and the register does the same for all when it goes.
"""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from typing import Final

from msgspec import Struct

from exchange.core.limits import PRICE_MAX
from exchange.core.messages.base import Side

NO_RANK: Final = PRICE_MAX + 1
"""Behind every price of either side."""
_EMPTY_LEVELS_MIN: Final = 64
"""Levels; fewer empty ones are not worth a clearing."""


class Order(Struct, gc=False, eq=False):
    """An order from the moment it is taken; while it rests, a link in the queue of its level.

    `quantity` is what is filled plus what is open: what self-trade prevention or a cancel took away
    does not count any more. `open` is 0 as soon as the order neither rests nor matches.
    """

    order_id: str
    member_id: str
    owner: str
    instrument_id: str
    side: Side
    price: int
    quantity: int
    open: int
    post_only: bool
    level: "Level | None" = None  # none: it does not rest
    ahead: "Order | None" = None
    behind: "Order | None" = None

    @property
    def filled(self) -> int:
        """What has traded."""
        return self.quantity - self.open


class Level(Struct, gc=False, eq=False):
    """All resting orders of one side at one price, first come first."""

    rank: int
    first: Order | None = None
    last: Order | None = None

    @property
    def price(self) -> int:
        """In 10^-price_scale."""
        return abs(self.rank)

    def __iter__(self) -> Iterator[Order]:
        """The oldest order first; to be read before anything changes."""
        order = self.first
        while order is not None:
            yield order
            order = order.behind


class Register:
    """Every resting order of all ladders by its id, and how many each member has."""

    __slots__ = ("counts", "orders")

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.counts: dict[str, int] = {}

    def __del__(self) -> None:
        """Take the rings apart that nothing else could free."""
        for order in self.orders.values():
            order.level = order.ahead = order.behind = None


class Ladder:
    """Levels by rank: `price * sign`, so that on either side the lower rank is met first.

    An opposite order meets the levels up to the rank of its own price. What rests is in the register too.
    """

    __slots__ = ("_empty", "_levels", "_ranks", "_register", "best", "best_rank", "sign")

    def __init__(self, side: Side, register: Register) -> None:
        self.sign = -1 if side is Side.BUY else 1
        self._register = register
        self.best: Level | None = None
        self.best_rank = NO_RANK
        self._levels: dict[int, Level] = {}
        self._ranks: list[int] = []  # a heap of exactly the keys of _levels
        self._empty = 0  # levels without an order; none of them is ahead of the best

    def join(self, order: Order) -> None:
        """Put the order at the back of the level of its price."""
        orders, counts = self._register.orders, self._register.counts
        order_id, member_id, rank = order.order_id, order.member_id, order.price * self.sign
        assert order_id not in orders, "an id is never given twice"
        orders[order_id] = order
        counts[member_id] = counts.get(member_id, 0) + 1
        level = self._levels.get(rank)
        if level is None:
            level = self._new_level(rank)
        last = level.last
        if last is None:
            level.first = order
            self._empty -= 1
        else:
            last.behind = order
            order.ahead = last
        level.last = order
        order.level = level

    def leave(self, order: Order) -> None:
        """Take the order out from wherever it stands."""
        register = self._register
        del register.orders[order.order_id]
        register.counts[order.member_id] -= 1
        level, ahead, behind = order.level, order.ahead, order.behind
        assert level is not None, "it rests"
        if ahead is None:
            level.first = behind
        else:
            ahead.behind = behind
        if behind is None:
            level.last = ahead
        else:
            behind.ahead = ahead
        order.level = order.ahead = order.behind = None
        if level.first is None:
            self._empty += 1
            if level is self.best:
                self._find_best()
            elif self._empty > _EMPTY_LEVELS_MIN and 2 * self._empty > len(self._levels):
                self._forget_empty()

    def levels(self) -> Iterator[Level]:
        """Best first; to be read before anything changes."""
        ranks = self._ranks
        frontier = [(rank, 0) for rank in ranks[:1]]
        while frontier:
            rank, at = heappop(frontier)
            for child in range(2 * at + 1, min(2 * at + 3, len(ranks))):
                heappush(frontier, (ranks[child], child))
            level = self._levels[rank]
            if level.first is not None:
                yield level

    def __iter__(self) -> Iterator[Order]:
        """The orders in the sequence in which they would be met; to be read before anything changes."""
        for level in self.levels():
            yield from level

    def _new_level(self, rank: int) -> Level:
        level = self._levels[rank] = Level(rank)
        heappush(self._ranks, rank)
        self._empty += 1
        if rank < self.best_rank:
            self.best, self.best_rank = level, rank
        return level

    def _find_best(self) -> None:
        """Forget the empty levels at the front: the next one is the best."""
        levels, ranks = self._levels, self._ranks
        while ranks:
            level = levels[ranks[0]]
            if level.first is not None:
                self.best, self.best_rank = level, level.rank
                return
            del levels[heappop(ranks)]
            self._empty -= 1
        self.best, self.best_rank = None, NO_RANK

    def _forget_empty(self) -> None:
        self._levels = {rank: level for rank, level in self._levels.items() if level.first is not None}
        self._ranks = list(self._levels)
        heapify(self._ranks)
        self._empty = 0
