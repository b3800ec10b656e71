"""The clock of a lot, whatever its format: what it shows first, what follows, and what that does to the lot.

Guarantees: kernel and read models let `follow` alone move the hands of a clock. Each end of a level, a turn or a
pause is a deadline at its own instant; what follows is reckoned from that instant, so a clock never drifts.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from exchange.core.market.lots.formats import Clock, format_of
from exchange.core.market.lots.hands import Hands
from exchange.core.market.lots.levels import level_set, next_level
from exchange.core.market.lots.rounds import next_turn
from exchange.core.market.sourcing import Lot
from exchange.core.messages.lot_clocks import (
    LevelSet,
    LotClockEvent,
    RoundPaused,
    RoundsStarted,
    TurnBegan,
)


def opening(lot: Lot, at_us: int) -> Sequence[LotClockEvent]:
    """What the clock shows as the lot opens."""
    clock = format_of(lot.rules).clock
    return [level_set(lot, 1, at_us)] if clock in (Clock.YIELDING, Clock.IMPROVING) else []


def following(lot: Lot) -> LotClockEvent | None:
    """What the clock shows after what has ended; nothing where the lot closes."""
    return next_turn(lot) if format_of(lot.rules).clock is Clock.TURNS else next_level(lot)


def follow(lot: Lot, event: LotClockEvent) -> None:
    """Move the hands, or the close at the end of the first prices."""
    match event:
        case LevelSet():
            lot.hands = Hands(event.number, event.price, event.until_us)
        case TurnBegan():
            lot.hands = Hands(event.round_number, 0, event.until_us, event.order)
        case RoundPaused():
            lot.hands = Hands(event.round_number, 0, event.until_us)
        case RoundsStarted():
            lot.close_at_us = event.close_at_us


def bid_taken(lot: Lot) -> None:
    """In a turn there is one bid."""
    if lot.hands.order:
        lot.hands = replace(lot.hands, used=True)
