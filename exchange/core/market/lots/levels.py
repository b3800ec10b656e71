"""Dutch and Japanese lots: a clock that shows one price after the other, to be accepted.

Guarantees: the clock goes in steps of `min_step` between floor (or the tick) and ceiling; the last level is the
edge itself. A Dutch clock goes from the best price for the buyer to the worst and stays there until the close; the
first acceptance wins. A Japanese clock goes the other way; whoever lets a level pass is out. It ends when no more
than `stop_at_active` have accepted a level, or after the last one. An acceptance is a bid at the level's price, so
the lot's standing has the winner: if all drop out at one level, those of the level before, by the tie policy. Who
takes an acceptance back is in as long as a later one, or that of the level before the clock's, still stands.

Known limits: that a Japanese lot goes on tells that more than `stop_at_active` are still in it.
"""

from itertools import islice, takewhile

from exchange.core.market.lots.formats import Clock, format_of
from exchange.core.market.sourcing import Lot
from exchange.core.messages.lot_clocks import LevelSet
from exchange.core.messages.lot_rules import LotDirection
from exchange.core.rejects import Reject, RejectCode


def levels(span: int, step: int) -> int:
    """How many levels there are between two prices, both included."""
    return -(-span // step) + 1


def level_price(lot: Lot, number: int) -> int:
    """The price of a level, counted from 1."""
    lowest, offset = max(lot.rules.floor_price, lot.tick), (number - 1) * lot.min_step
    yields = format_of(lot.rules).clock is Clock.YIELDING
    if yields == (lot.direction is LotDirection.REVERSE):
        return min(lowest + offset, lot.ceiling_price)
    return max(lot.ceiling_price - offset, lowest)


def level_set(lot: Lot, number: int, at_us: int) -> LevelSet:
    """The level from this instant on."""
    stays = number == _last(lot) and format_of(lot.rules).clock is Clock.YIELDING
    return LevelSet(
        lot.lot_id, number, level_price(lot, number), 0 if stays else at_us + lot.rules.clock.level_us
    )


def next_level(lot: Lot) -> LevelSet | None:
    """What the clock shows after the level that has ended; nothing where the lot closes."""
    hands, clock = lot.hands, lot.rules.clock
    if format_of(lot.rules).clock is Clock.IMPROVING:
        standing = (bid.price for bid in lot.board.ranking())
        accepted = takewhile(lambda price: price == hands.price, standing)
        goes_on = next(islice(accepted, clock.stop_at_active, None), None) is not None
        if not goes_on or hands.number == _last(lot):
            return None
    return level_set(lot, hands.number + 1, hands.until_us)


def still_in(lot: Lot, member_id: str) -> bool:
    """Whether the member may accept the level that stands, or has: it has accepted the one before."""
    own, number = lot.board.of(member_id), lot.hands.number
    if number == 1 or format_of(lot.rules).clock is Clock.YIELDING:
        return True
    return own is not None and own.price in (lot.hands.price, level_price(lot, number - 1))


def active(lot: Lot) -> int:
    """How many have accepted the level before the one that stands, or this one already."""
    kept = (lot.hands.price, level_price(lot, max(1, lot.hands.number - 1)))
    return sum(1 for _ in takewhile(lambda bid: bid.price in kept, lot.board.ranking()))


def accept_refusal(lot: Lot, member_id: str, price: int, at_us: int) -> Reject | None:
    """OTHER_FORMAT, DROPPED_OUT, LEVEL_STALE with the price that the clock shows, LEVEL_ACCEPTED."""
    hands = lot.hands
    if not hands.price:
        return Reject(RejectCode.OTHER_FORMAT)
    if not still_in(lot, member_id):
        return Reject(RejectCode.DROPPED_OUT)
    if hands.until_us and at_us >= hands.until_us:
        # The level is over, though that isn't in the journal yet.
        stale = hands.number < _last(lot)
        return Reject(RejectCode.LEVEL_STALE, level_price(lot, hands.number + 1) if stale else 0, "price")
    if price != hands.price:
        return Reject(RejectCode.LEVEL_STALE, hands.price, "price")
    own = lot.board.of(member_id)
    if own is not None and own.price == price:
        return Reject(RejectCode.LEVEL_ACCEPTED)
    return None


def _last(lot: Lot) -> int:
    return levels(lot.ceiling_price - max(lot.rules.floor_price, lot.tick), lot.min_step)
