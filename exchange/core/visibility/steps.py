"""What a bidder is told beside the bound that its bid missed: the step, and of a late bid the close."""

from fractions import Fraction
from typing import Final

from exchange.core.market.lots.admission import step_at, up_to
from exchange.core.market.sourcing import Lot, LotState
from exchange.core.rejects import RejectCode

_CLOSED: Final = (LotState.CLOSED, LotState.AWARDED)


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


def bound_told(lot: Lot | None, code: int, bound: int, at_us: int) -> int:
    """The bound of a refusal at this instant; of what came too late for a lot, until when that could take bids."""
    if code != RejectCode.LOT_NOT_OPEN or lot is None or lot.state not in _CLOSED:
        return bound
    return lot.close_at_us if lot.close_at_us <= at_us else bound
