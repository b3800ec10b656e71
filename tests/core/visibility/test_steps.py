"""The step that goes with a missed bound: by the lot's rules at that bound, whatever stands in the lot."""

import pytest

from exchange.core.messages.lot_rules import LotRules, StepBand
from exchange.core.rejects import RejectCode
from exchange.core.visibility.steps import step_told
from tests.core.market.room import a_lot_with

BANDS = LotRules(step_bands=[StepBand(0, 10), StepBand(500, 50)])
TOO_SMALL = RejectCode.STEP_TOO_SMALL


@pytest.mark.parametrize("bound,step", [(500, 10), (501, 50), (900, 50)])
def test_the_step_is_that_of_the_bounds_own_band(bound: int, step: int) -> None:
    lot = a_lot_with(BANDS).auctions.lot_of("lot-1")

    assert step_told(lot, "s1", TOO_SMALL, bound) == step


@pytest.mark.parametrize("code,bound", [(TOO_SMALL, 0), (RejectCode.BID_ABOVE_CEILING, 900), (0, 0)])
def test_no_other_answer_tells_a_step(code: int, bound: int) -> None:
    lot = a_lot_with(BANDS).auctions.lot_of("lot-1")

    assert step_told(lot, "s1", code, bound) == 0
    assert step_told(None, "s1", TOO_SMALL, 900) == 0
