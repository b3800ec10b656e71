"""The step that a bidder is told with the bound that its bid missed."""

from fractions import Fraction

from exchange.core.market.lots.admission import step_at, up_to
from exchange.core.market.sourcing import Lot
from exchange.core.rejects import RejectCode


def step_told(lot: Lot | None, bidder_id: str, code: int, bound: int) -> int:
    """What one step is at the bidder's bound, by the lot's rules alone, so that it tells nothing beside the bound; 0 for
    none. In another currency than the event's rounded up to its tick.
    """
    if lot is None or not bound or code != RejectCode.STEP_TOO_SMALL:
        return 0
    rate, tick = lot.rate_of(bidder_id), lot.tick_of(bidder_id)
    if rate == 1:
        return step_at(lot, bound)
    return int(up_to(tick, Fraction(step_at(lot, bound * rate), rate)))
