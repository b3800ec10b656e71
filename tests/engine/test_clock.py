"""The exchange's clock never falls, never jumps, and is drawn toward the wall clock by at most 500 millionths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.engine.clock import EngineClock
from tests.engine.venue import NOON, HandClock

SECOND = 1_000_000
HOUR = 3_600 * SECOND
SLEW_PER_MILLION = 500


def a_clock(time: HandClock, not_before_us: int = 0) -> EngineClock:
    clock = EngineClock(lambda: time.wall, lambda: time.monotonic)
    clock.start(not_before_us)
    return clock


@pytest.mark.parametrize(
    "journaled_us, anchor_us", [(0, NOON), (NOON - HOUR, NOON), (NOON + HOUR, NOON + HOUR)]
)
def test_it_is_anchored_at_the_later_of_wall_clock_and_journal(journaled_us: int, anchor_us: int) -> None:
    time = HandClock()
    clock = a_clock(time, journaled_us)

    time.pass_us(SECOND)

    assert clock.now_us() == anchor_us + SECOND


def test_anchored_again_it_stands_where_it_stood_at_least() -> None:
    time = HandClock()
    clock = a_clock(time, NOON + HOUR)

    clock.start(0)

    assert clock.now_us() == NOON + HOUR


def test_it_is_drawn_toward_the_wall_clock_until_it_shows_the_same() -> None:
    time = HandClock()
    clock = a_clock(time)
    time.step_wall(SECOND)

    slews = 0
    while clock.now_us() != time.wall:
        time.pass_us(SECOND)
        clock.slew()
        slews += 1

    assert slews == SECOND // SLEW_PER_MILLION
    clock.slew()
    assert (clock.drift_us, clock.now_us()) == (0, time.wall)


# What happens to the clocks, and by how many microseconds.
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["pass", "pass", "pass", "step", "slew", "read"]), st.integers(-2 * HOUR, 2 * HOUR)
    ),
    max_size=40,
)


@given(HAPPENINGS)
def test_whatever_the_wall_clock_does_it_runs_as_fast_as_the_steady_one_within_the_slew(
    happenings: list[tuple[str, int]],
) -> None:
    time = HandClock()
    clock = a_clock(time)
    shown = [clock.now_us()]
    for kind, us in happenings:
        if kind == "pass":
            time.pass_us(abs(us))
        elif kind == "step":
            time.step_wall(us)
        elif kind == "slew":
            clock.slew()
        shown.append(clock.now_us())

        slewed_us = shown[-1] - NOON - time.monotonic
        assert abs(slewed_us) <= time.monotonic * SLEW_PER_MILLION // 1_000_000
    assert shown == sorted(shown)
