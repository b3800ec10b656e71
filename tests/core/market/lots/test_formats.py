"""What each format takes is in its record, and a draft is held to it."""

from collections.abc import Callable

import pytest

from exchange.core.market.lots.formats import FORMATS, Clock, Format
from exchange.core.market.lots.terms import rules_refusal
from exchange.core.messages.lot_rules import (
    ClockRules,
    EventRules,
    ImproveOn,
    LotDirection,
    LotFormat,
    LotRules,
    LotSchedule,
    LotsToExtend,
    Overtime,
    StepBand,
    TiePolicy,
)
from exchange.core.messages.sourcing import AddLot, Disclosure
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.room import CLOSE, MINUTE, OPEN, SECOND, AuctionRoom


def refusal(rules: LotRules) -> Reject | None:
    command = AddLot(event_id="e", title="t", quantity=1, ceiling_price=1_000, min_step=10, rules=rules)
    return rules_refusal(command, LotDirection.REVERSE)


def test_every_format_has_its_record() -> None:
    assert list(FORMATS) == list(LotFormat)


def test_an_english_lot_has_no_clock() -> None:
    rules = LotRules(clock=ClockRules(level_us=2_000_000))

    assert refusal(rules) == Reject(RejectCode.RULES_CONTRADICT, 0, "rules.clock")


CLOCKED = [LotFormat.DUTCH, LotFormat.JAPANESE, LotFormat.ROUNDS]
FOREIGN = [
    ("step_bands", [StepBand(0, 10)], lambda form: form.improves),
    ("step_bps", 100, lambda form: form.improves),
    ("step_multiple_only", True, lambda form: form.improves),
    ("max_step", 100, lambda form: form.improves),
    ("improve_on", ImproveOn.MARKET_LEAD, lambda form: form.meets_lead),
    ("front_buffer", 5, lambda form: form.meets_lead),
    ("qualification_price", 500, lambda form: form.qualification),
    ("buy_now_price", 500, lambda form: form.buy_now),
    ("tie_policy", TiePolicy.FORBID_ANY, lambda form: TiePolicy.FORBID_ANY in form.ties),
    ("tie_policy", TiePolicy.EQUAL_WORST, lambda form: TiePolicy.EQUAL_WORST in form.ties),
]


@pytest.mark.parametrize("form", CLOCKED)
@pytest.mark.parametrize("field,value,taken", FOREIGN, ids=lambda each: str(each)[:20])
def test_a_rule_that_the_format_does_not_take_is_refused_by_name(
    form: LotFormat, field: str, value: object, taken: Callable[[Format], bool]
) -> None:
    rules = LotRules(format=form, **{field: value})  # type: ignore[arg-type]
    expected = None if taken(FORMATS[form]) else Reject(RejectCode.RULES_CONTRADICT, 0, f"rules.{field}")

    assert refusal(rules) == expected


def added(
    rules: LotRules, *, duration_us: int = CLOSE - OPEN, hard_us: int = 0, counted: bool = True
) -> object:
    """What a draft answers to a lot with a ceiling of 1,000 and a step of 10."""
    room = AuctionRoom()
    disclosure = Disclosure(participant_count=counted)
    overtime = Overtime(hard_deadline_us=hard_us)
    room.create(duration_us=duration_us, disclosure=disclosure, overtime=overtime)
    outcome = room.add_lot(rules=rules)
    return (outcome.code, outcome.field) if isinstance(outcome, Reject) else None


@pytest.mark.parametrize("form", [LotFormat.DUTCH, LotFormat.JAPANESE])
def test_all_levels_must_fit_between_opening_and_close(form: LotFormat) -> None:
    rules = LotRules(format=form, floor_price=900, clock=ClockRules(level_us=MINUTE))  # 11 levels

    assert added(rules, duration_us=11 * MINUTE) is None
    assert added(rules, duration_us=11 * MINUTE - 1) == (RejectCode.RULES_CONTRADICT, "rules.clock")


def test_rounds_tell_how_many_bid_and_end_when_they_end() -> None:
    rules, contradiction = LotRules(format=LotFormat.ROUNDS), (RejectCode.RULES_CONTRADICT, "rules.format")

    assert added(rules) is None
    assert added(rules, counted=False) == contradiction
    assert added(rules, hard_us=CLOSE + MINUTE) == contradiction


def test_an_auto_bidder_is_never_enabled_on_a_sealed_or_clocked_lot() -> None:
    assert [form for form, record in FORMATS.items() if record.proxies] == [LotFormat.ENGLISH]
    assert not any(
        record.prebids for record in FORMATS.values() if record.sealed or record.clock is not Clock.NONE
    )


def test_a_lot_that_other_lots_move_is_not_moved_while_its_clock_runs() -> None:
    """Overtime of an English lot takes along what is open, but no clock."""
    room = AuctionRoom()
    rules = EventRules(schedule=LotSchedule.PARALLEL)
    room.create(overtime=Overtime(lots_to_extend=LotsToExtend.ALL), rules=rules)
    room.add_lot("english")
    room.add_lot("english-2")
    room.add_lot("dutch", rules=LotRules(format=LotFormat.DUTCH, floor_price=900))
    room.invite("s1")
    room.publish()
    room.pass_to(OPEN)

    assert isinstance(room.bid("s1", 500, CLOSE - SECOND, "english"), list)
    closes = [room.lot(each).close_at_us - CLOSE for each in ("english", "english-2", "dutch")]
    assert closes == [2 * MINUTE - SECOND, 2 * MINUTE - SECOND, 0]
