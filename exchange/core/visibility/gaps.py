"""How far a bidder is behind the lead, where its event discloses that: as a price, or as a traffic light.

Guarantees: told only to who has a bid that stands, of its own price against the lead in its own terms. The gap tells
the lead's price exactly, the light a range of it; bounds of refusals go no further for either.
"""

from typing import Any

from exchange.core.limits import PRICE_MAX
from exchange.core.market.sourcing import Lot
from exchange.core.messages.lot_rules import Light
from exchange.core.messages.sourcing import Disclosure


def gap_fields(lot: Lot, viewer: str, disclosure: Disclosure) -> dict[str, Any]:
    """By the names of the frame's fields; a gap of a scored lot is rounded up to a unit of the price, where several
    currencies are bid in to the viewer's tick (as the lead is that it is shown), and is PRICE_MAX where it is more.
    """
    own, lead = lot.board.of(viewer), lot.board.lead
    if own is None or lead is None:
        return {}
    met = lot.board.in_terms_of(viewer, lead)
    gap = max(own.price - met, met - own.price)
    told: dict[str, Any] = {}
    if disclosure.gap:
        unit = 1 if lot.currencies is None else lot.tick_of(viewer)
        told["gap"] = min(int(-(-gap // unit)) * unit, PRICE_MAX)
    if (limits := disclosure.light) is not None:
        share, leads = gap * 10_000, own.member_id == lead.member_id
        if leads or share <= limits.green_bps * met:
            told["light"] = Light.GREEN
        else:
            told["light"] = Light.YELLOW if share <= limits.yellow_bps * met else Light.RED
    return told
