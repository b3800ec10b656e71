"""A sample of the simulation, and the bugs planted in it: each is found, and the program itself keeps its promises."""

import pytest

from tests.simulation.mutants import planted
from tests.simulation.run import run_seed

SEEDS = range(1, 13)

FOUND_BY = {
    "no_fsync": 1,
    "early_ack": 1,
    "early_duplicate": 2,
    "doubt_is_success": 1,
    "feed_before_commit": 1,
    "wall_clock": 3,
    "forgotten_refs": 1,
    "never_too_soon": 1,
    "newest_first": 1,
    "fee_per_fill": 3,
    "float_rate": 2,
    "hold_kept": 1,
    "trades_with_itself": 1,
    "outage_ignored": 1,
    "no_notice": 1,
    "overtime_from_close": 5,
    "lost_delta": 3,
    "one_epoch": 1,
}
"""A seed that finds each planted bug; all of them are among SEEDS, which pass without it."""


@pytest.mark.parametrize("seed", SEEDS)
def test_every_promise_is_kept_under_faults(seed: int) -> None:
    course = run_seed(seed)

    assert course.failure == "", "\n".join([course.failure, *course.last])


def test_the_seeds_have_faults_and_load() -> None:
    courses = [run_seed(seed) for seed in (1, 4)]

    assert all(course.crashes and course.acked > 100 and course.trades for course in courses)


def test_a_seed_runs_the_same_again() -> None:
    assert run_seed(4).digest == run_seed(4).digest


@pytest.mark.parametrize("name", sorted(FOUND_BY))
def test_a_planted_bug_is_found(name: str) -> None:
    assert FOUND_BY[name] in SEEDS

    with planted(name):
        course = run_seed(FOUND_BY[name])

    assert course.failure
