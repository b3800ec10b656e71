"""Whether an opened bid counts: the price rules of a sealed lot.

Guarantees: a bid is held against the rules of its lot and the envelope that it was in, never against other bids.
The first reason in the order of `VoidReason` is told.
"""

from fractions import Fraction

from exchange.core.market.sourcing import Lot
from exchange.core.messages.lot_rules import LotDirection
from exchange.core.messages.sealed import OpenedBid, VoidReason


def void_reason(lot: Lot, member_id: str, opened: OpenedBid) -> VoidReason | None:
    """Why the bid that this member's envelope held doesn't count; nothing where it does.

    The reserve binds sealed bids: a second price could not lie between a bid and a reserve that it misses.
    """
    if not opened.price:
        return VoidReason.UNREADABLE
    if opened.lot_id != lot.lot_id:
        return VoidReason.OTHER_LOT
    if opened.member_id != member_id:
        return VoidReason.OTHER_MEMBER
    return price_fault(lot, member_id, opened.price)


def price_fault(lot: Lot, member_id: str, price: int) -> VoidReason | None:
    """Which rule of the lot the member's price breaks, in whichever currency it is."""
    rules, worth = lot.rules, price * lot.rate_of(member_id)
    for reason, broken in (
        (VoidReason.OFF_TICK, price % lot.tick_of(member_id) != 0),
        (VoidReason.ABOVE_CEILING, worth > lot.ceiling_price),
        (VoidReason.BELOW_FLOOR, worth < rules.floor_price),
        (VoidReason.NOT_QUALIFYING, _worse(lot, worth, rules.qualification_price)),
        (VoidReason.RESERVE_NOT_MET, _worse(lot, worth, rules.reserve_price)),
    ):
        if broken:
            return reason
    return None


def _worse(lot: Lot, price: int | Fraction, bound: int) -> bool:
    """Whether there is such a bound, and the price lies on its wrong side."""
    if not bound:
        return False
    return price > bound if lot.direction is LotDirection.REVERSE else price < bound
