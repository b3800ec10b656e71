"""A remedy names the bound that was missed, in words that the sender can follow."""

import pytest

from exchange.core.messages.lot_rules import LotDirection
from exchange.core.rejects import EXPLANATIONS, RejectCode
from exchange.gateway.remedies import UNTOLD, remedy_told

C = RejectCode
REVERSE, FORWARD = LotDirection.REVERSE, LotDirection.FORWARD


@pytest.mark.parametrize(
    "code,direction,told",
    [
        (C.STEP_TOO_SMALL, REVERSE, "Bid 1.4120 or lower."),
        (C.STEP_TOO_SMALL, FORWARD, "Bid 1.4120 or higher."),
        (C.STEP_TOO_SMALL, None, "Bid 1.4120 or better."),
        (C.STEP_TOO_LARGE, REVERSE, "Bid no lower than 1.4120."),
        (C.STEP_TOO_LARGE, FORWARD, "Bid no higher than 1.4120."),
        (C.TOO_NEAR_LEAD, REVERSE, "Bid 1.4120, or higher."),
        (C.BID_ABOVE_CEILING, REVERSE, "Bid 1.4120 or lower."),
        (C.LEVEL_STALE, REVERSE, "Accept 1.4120, if it suits you."),
        (C.LINE_NOT_FREE, REVERSE, "Price the line whose number is 1.4120."),
        (C.LOT_NOT_OPEN, REVERSE, "It could take them until 1.4120."),
        (C.LOT_NOT_SEALED, REVERSE, "Bid as its format says."),
    ],
)
def test_a_remedy_names_its_bound(code: RejectCode, direction: LotDirection | None, told: str) -> None:
    assert remedy_told(code, "1.4120", direction=direction) == told


def test_too_small_a_step_is_told_with_the_step() -> None:
    told = remedy_told(C.STEP_TOO_SMALL, "1.4120", step="0.0060", direction=REVERSE)

    assert told == "Bid 1.4120 or lower; one step is 0.0060."


@pytest.mark.parametrize("code", RejectCode)
def test_no_remedy_speaks_of_a_bound_that_it_does_not_name(code: RejectCode) -> None:
    remedy = EXPLANATIONS[code].remedy

    assert remedy_told(code) == (UNTOLD if "the bound" in remedy else remedy)
    for direction in (None, *LotDirection):
        assert "the bound" not in remedy_told(code, "12.00", direction=direction)
