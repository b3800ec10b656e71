"""Whom an order would meet, in which order and by how much: the rules of terms in one place.

Guarantees: asking changes nothing; the best price comes first, at one price what is shown in the order of its
arrival, each refilled slice behind it, and orders with a minimum fill last. Both sides' minimum is kept: a piece
is at least the minimum, or all that is left. Who misses it is passed over and blocks nobody.

Known limits: a taker gives up on minimum fills after passing PASSED_OVER_MAX orders; a taker that has a minimum
itself gives up altogether.
"""

from collections import deque
from collections.abc import Iterator
from heapq import merge
from itertools import chain
from typing import Final, NamedTuple, Protocol

from exchange.core.limits import FOK_MAKERS_MAX, PASSED_OVER_MAX
from exchange.core.market.ladder import Half, Level, Order, TermOrder
from exchange.core.messages.orders import SelfTradeMode

_DECREMENT: Final = SelfTradeMode.DECREMENT
_OLDEST: Final = SelfTradeMode.CANCEL_OLDEST


class Cap(Protocol):
    """How much an order may still spend. It never changes: spending makes another one."""

    def most(self, price: int) -> int:
        """The largest admissible quantity that it can pay at the price."""
        ...

    def less(self, price: int, quantity: int) -> "Cap":
        """What is left of it after such a trade."""
        ...


class Taker(NamedTuple):
    """What decides whom an order meets: `quantity` is what it has open, `limit` the worst rank that it takes."""

    limit: int
    owner: str
    quantity: int
    min_fill: int = 0
    self_trade: SelfTradeMode = _DECREMENT
    cap: Cap | None = None


class Meeting(NamedTuple):
    """One step: a trade, or two orders of one owner that may not trade."""

    maker: Order
    quantity: int
    own: bool


def meetings(taker: Taker, facing: Half, looks: int = -1) -> Iterator[Meeting]:
    """The steps of the taker in their order; to be read before anything changes.

    It ends where nothing is left of the taker, its price or its budget, or where its owner meets itself and the
    taker is to be cancelled for it; and where what is left is less than the taker's minimum, so that somebody who
    was passed over would be met now: then ask again. At most `looks` makers are looked at; -1: all.
    """
    limit, owner, left, min_fill, mode, cap = taker
    passed = 0
    for rank, is_hidden, level in _levels(facing):
        if rank > limit:
            return
        if is_hidden and passed >= PASSED_OVER_MAX:
            continue
        again: deque[tuple[Order, int]] = deque()
        for maker, open_quantity in chain(_opens(level), _drained(again)):
            if not looks:
                return
            looks -= 1
            piece, own = _piece(maker, open_quantity), maker.owner == owner
            quantity = _quantity(piece, left, cap, maker.price, own=own)
            if not quantity:
                return
            missed = quantity < max(min(min_fill, left), min(_min_fill(maker), open_quantity))
            passed += missed
            if missed and passed < PASSED_OVER_MAX:
                continue
            if missed and min_fill:
                return
            if missed:
                break
            yield Meeting(maker, quantity, own)
            if own and mode is _OLDEST:
                continue
            if own and mode is not _DECREMENT:
                return
            if cap is not None and not own:
                cap = cap.less(maker.price, quantity)
            left -= quantity
            if not left or (passed and left < min_fill):
                return
            if quantity == piece and piece < open_quantity:
                again.append((maker, open_quantity - piece))


def fillable(taker: Taker, facing: Half) -> int:
    """What others would trade with the taker at once: own quantity never counts.

    Where own orders are cancelled before the taker they are not in its way, else they end the count. Only the first
    FOK_MAKERS_MAX makers count, since the question is free to whoever asks it.
    """
    found = 0
    for step in meetings(taker, facing, FOK_MAKERS_MAX):
        if not step.own:
            found += step.quantity
        elif taker.self_trade is not _OLDEST:
            break
    return found


def _levels(facing: Half) -> Iterator[tuple[int, bool, Level]]:
    """Rank, whether it is hidden, and the level: best first, the shown before the hidden."""
    shown: Iterator[tuple[int, bool, Level]] = ((level.rank, False, level) for level in facing.levels())
    if facing.hidden.best is None:
        return shown
    return merge(shown, ((level.rank, True, level) for level in facing.hidden.levels()))


def _opens(level: Level) -> Iterator[tuple[Order, int]]:
    for order in level:
        yield order, order.open


def _drained(again: deque[tuple[Order, int]]) -> Iterator[tuple[Order, int]]:
    """The orders that came again to the back of the level, those that come while it is read included."""
    while again:
        yield again.popleft()


def _piece(maker: Order, open_quantity: int) -> int:
    """What of the maker can be met at once: of an iceberg its slice, refilled where less is open than there was."""
    if type(maker) is not TermOrder or not maker.terms.display_quantity:
        return open_quantity
    if open_quantity == maker.open:
        return maker.shown
    return min(maker.terms.display_quantity, open_quantity)


def _quantity(piece: int, left: int, cap: Cap | None, price: int, *, own: bool) -> int:
    """What of a piece the taker takes: own quantity costs nothing, yet who has nothing left to spend is done."""
    quantity = min(piece, left)
    if cap is None:
        return quantity
    most = cap.most(price)
    return min(quantity, most) if most and not own else quantity * (most > 0)


def _min_fill(maker: Order) -> int:
    return maker.terms.min_fill_quantity if type(maker) is TermOrder else 0
