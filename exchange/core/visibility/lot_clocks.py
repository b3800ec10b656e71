"""The clock of a lot as each viewer may see it.

Guarantees: the price and the end of what stands are the same for all; beyond them a supplier learns of itself
alone, unless the event discloses the number of participants or their prices by alias.
"""

from typing import Final

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from exchange.core.market.board import StandingBid
from exchange.core.market.lots.formats import Clock, format_of
from exchange.core.market.lots.levels import active, still_in
from exchange.core.market.sourcing import Lot, LotState
from exchange.core.messages.shown_lots import LotClock

_LEVELS: Final = (Clock.YIELDING, Clock.IMPROVING)


def ranks_tell(lot: Lot) -> bool:
    """Whether an own rank would tell how many have accepted the level that stands."""
    return lot.state is LotState.OPEN and format_of(lot.rules).clock in _LEVELS


def clock_face(lot: Lot, *, counts: bool, by_alias: bool) -> LotClock | UnsetType:
    """What all viewers of a class are shown of the clock: with numbers, with aliases, or neither."""
    hands = lot.hands
    if not hands.number:
        return UNSET
    if hands.price:
        told = active(lot) if counts and hands.number > 1 else UNSET
        return LotClock(level_price=hands.price, until_us=hands.until_us, active=told)
    alias = hands.order[0] if by_alias and hands.order else UNSET
    return LotClock(round_number=hands.number, until_us=hands.until_us, turn_alias=alias)


def own_clock(
    face: LotClock | UnsetType, lot: Lot, viewer: str, own: StandingBid | None
) -> LotClock | UnsetType:
    """The clock with what is a supplier's own; `own` is its bid."""
    hands = lot.hands
    if face is UNSET:
        return UNSET
    if hands.price:
        taken = own is not None and own.price == hands.price
        return replace(face, taken=taken, dropped_out=not still_in(lot, viewer))
    turn = own is not None and hands.order[:1] == [own.alias]
    return replace(face, own_turn=turn and not hands.used, taken=turn and hands.used)
