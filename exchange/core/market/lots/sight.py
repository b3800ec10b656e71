"""Whose prices a supplier may learn from a bound.

Guarantees: where the event shows the lead only after an own bid, a newcomer, who has no bid in the lot that stands,
learns nothing of the lead: its bids are judged as if there were none, so that no refusal tells of it either. So its first
bid may come nearer to the lead than the buffers would let it, or not improve on the lead at all.
"""

from exchange.core.market.lots.rounds import takes_first_prices
from exchange.core.market.sourcing import Lot, Sight, SourcingEvent


def is_newcomer(event: SourcingEvent, lot: Lot, member_id: str) -> bool:
    """Whether the lead is hidden from the supplier for want of an own bid."""
    return event.disclosure.lead_visible_after_valid_bid and lot.board.of(member_id) is None


def sight_in(event: SourcingEvent, lot: Lot, *, newcomer: bool) -> Sight:
    """Whose prices a supplier may learn now."""
    return Sight.OWN if newcomer or takes_first_prices(lot) else event.sight
