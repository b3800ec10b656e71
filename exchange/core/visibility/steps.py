"""The step that a bidder is told with the bound that its bid missed."""

from exchange.core.market.lots.admission import step_at
from exchange.core.market.sourcing import Lot
from exchange.core.rejects import RejectCode


def step_told(lot: Lot | None, code: int, bound: int) -> int:
    """What one step is at the bound, by the lot's rules alone, so that it tells nothing beside the bound; 0 for none."""
    if lot is None or not bound or code != RejectCode.STEP_TOO_SMALL:
        return 0
    return step_at(lot, bound)
