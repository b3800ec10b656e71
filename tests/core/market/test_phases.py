"""Phases by their table, and the dynamic band."""

from pathlib import Path

import pytest

import exchange.core.market
from exchange.core.market.phases import TRANSITIONS, Stage, phase_refusal
from exchange.core.messages.phases import Phase, PhaseCause
from exchange.core.rejects import Reject, RejectCode

README = Path(exchange.core.market.__path__[0], "README.md").read_text(encoding="utf-8")


def test_the_readme_draws_the_phases_as_they_are() -> None:
    drawn = "\n".join(
        f"    {phase} → {after}: {', '.join(causes)}"
        for phase, ways in TRANSITIONS.items()
        for after, causes in ways.items()
    )

    assert drawn in README


def test_every_phase_is_in_the_table_and_can_be_reached() -> None:
    assert list(TRANSITIONS) == list(Phase)
    assert {after for ways in TRANSITIONS.values() for after in ways} == set(Phase)


def test_the_continuous_phase_follows_a_call_only() -> None:
    before = [phase for phase, ways in TRANSITIONS.items() if Phase.CONTINUOUS in ways]

    assert before == [Phase.CALL_AUCTION]
    assert TRANSITIONS[Phase.CALL_AUCTION][Phase.CONTINUOUS] == (PhaseCause.UNCROSS,)


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("after", Phase)
@pytest.mark.parametrize("cause", PhaseCause)
def test_what_the_table_does_not_know_is_refused_and_else_a_bug(
    phase: Phase, after: Phase, cause: PhaseCause
) -> None:
    stage = Stage([], phase=phase)
    known = cause in TRANSITIONS[phase].get(after, ())
    refused = phase_refusal(stage, after, cause)

    assert refused == (None if known else Reject(RejectCode.PHASE_NOT_REACHABLE, 0, "phase"))
    if known:
        stage.enter(after, cause)
        assert stage.phase is after
    else:
        with pytest.raises(AssertionError):
            stage.enter(after, cause)


@pytest.mark.parametrize(
    "reference,bps,band",
    [(1_000, 500, (950, 1_050)), (999, 500, (950, 1_048)), (7, 1_000, (7, 7)), (10, 10_000, (0, 20))],
)
def test_the_band_is_drawn_in_to_whole_prices(reference: int, bps: int, band: tuple[int, int]) -> None:
    stage = Stage([], reference=reference, band_bps=bps)
    low, high = band

    assert stage.band() == band
    assert [stage.leaves_band(price) for price in (low - 1, low, high, high + 1)] == [
        True,
        False,
        False,
        True,
    ]


def test_without_a_reference_or_a_width_there_is_no_band() -> None:
    assert not Stage([], reference=0, band_bps=500).leaves_band(1)
    assert not Stage([], reference=100, band_bps=0).leaves_band(10_000)
