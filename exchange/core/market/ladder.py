"""The resting orders of one side of a book, in price-time priority.

Guarantees: the best level is at hand. To join or to leave touches one level and its neighbours in the
queue, however many orders rest; a level that appears or vanishes costs a step of a heap, and nothing at
all where it stood empty before. Ladders that hold the same iterate alike, whatever their history.

A ladder knows no rules: what is admissible and what trades is the book's affair. Where an order rests, by
its terms, is its own.

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
from exchange.core.market.terms import Terms
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
    session: int  # of the member, in which it was placed; 0: over REST
    level: "Level | None" = None  # none: it does not rest
    ahead: "Order | None" = None
    behind: "Order | None" = None

    @property
    def filled(self) -> int:
        """What has traded."""
        return self.quantity - self.open


class TermOrder(Order, gc=False, eq=False, kw_only=True):
    """An order with terms; `shown` is what is left of an iceberg's slice, `refills` counts those after the first."""

    terms: Terms
    shown: int = 0
    refills: int = 0


def visible(order: Order) -> int:
    """What a resting order shows of itself."""
    if type(order) is not TermOrder:
        return order.open
    if order.terms.min_fill_quantity:
        return 0
    return order.shown if order.terms.display_quantity else order.open


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
    """Every resting order of all ladders by its id, and those of each member.

    The order in which they stand here tells nothing: it depends on restarts.
    """

    __slots__ = ("orders", "own")

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.own: dict[str, dict[str, Order]] = {}

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
        """Put the order at the back of the level of its price, whatever its terms."""
        orders, own = self._register.orders, self._register.own
        order_id, member_id, rank = order.order_id, order.member_id, order.price * self.sign
        assert order_id not in orders, "an id is never given twice"
        orders[order_id] = order
        try:
            own[member_id][order_id] = order
        except KeyError:  # its first; asking beforehand would cost every other order more
            own[member_id] = {order_id: order}
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
        """Take the order out from wherever it stands, whatever its terms."""
        register, order_id = self._register, order.order_id
        del register.orders[order_id]
        del register.own[order.member_id][order_id]
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


class Half(Ladder):
    """One side of a book by the terms of its orders.

    Orders with a minimum fill rest in `hidden`, a ladder of their own; `special` counts them and the icebergs:
    while it is 0, whoever comes meets one order after the other and need not ask about their terms.
    """

    __slots__ = ("hidden", "special")

    def __init__(self, side: Side, register: Register) -> None:
        super().__init__(side, register)
        self.hidden = Ladder(side, register)
        self.special = 0

    def rest(self, order: Order) -> None:
        """Join by the order's terms: shown in full, by slices, or hidden."""
        if type(order) is TermOrder:
            terms = order.terms
            if terms.min_fill_quantity:
                self.special += 1
                self.hidden.join(order)
                return
            if terms.display_quantity:
                self.special += 1
                order.shown = min(terms.display_quantity, order.open)
        self.join(order)

    def take_out(self, order: Order) -> None:
        """Leave by the order's terms: the reverse of `rest`."""
        if type(order) is TermOrder:
            order.shown = 0
            if order.terms.min_fill_quantity:
                self.special -= 1
                self.hidden.leave(order)
                return
            self.special -= order.terms.display_quantity > 0
        self.leave(order)
