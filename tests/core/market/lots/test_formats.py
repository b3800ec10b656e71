"""What each format takes is in its record, and a draft is held to it."""

import pytest

from exchange.core.market.lots.formats import FORMATS
from exchange.core.market.lots.terms import rules_refusal
from exchange.core.messages.lot_rules import ClockRules, LotDirection, LotFormat, LotRules
from exchange.core.messages.sourcing import AddLot
from exchange.core.rejects import Reject, RejectCode


def refusal(rules: LotRules) -> Reject | None:
    command = AddLot(event_id="e", title="t", quantity=1, ceiling_price=1_000, min_step=10, rules=rules)
    return rules_refusal(command, LotDirection.REVERSE)


def test_every_format_has_its_record() -> None:
    assert list(FORMATS) == list(LotFormat)


@pytest.mark.parametrize("form", [each for each in LotFormat if not FORMATS[each].offered])
def test_a_format_that_is_not_offered_is_refused_by_name(form: LotFormat) -> None:
    assert refusal(LotRules(format=form)) == Reject(RejectCode.RULES_CONTRADICT, 0, "rules.format")


def test_an_english_lot_has_no_clock() -> None:
    rules = LotRules(clock=ClockRules(level_us=2_000_000))

    assert refusal(rules) == Reject(RejectCode.RULES_CONTRADICT, 0, "rules.clock")
