"""A sample of the simulation: the program keeps its promises, and every bug that is planted in it is found."""

from functools import cache
from math import inf

import pytest

from exchange.core.messages import COMMANDS
from tests.simulation.mutants import MUTANTS, first_found
from tests.simulation.run import Course, run_seed, tag_of
from tests.simulation.wide import WideWorld

SEEDS = range(1, 13)
WIDE_SEEDS = range(1, 9)
WIDE_SEEDS_MAX = 40
"""In so many worlds at most, every command is done at least once; in twelve or so as a rule."""


@cache
def wide(seed: int) -> Course:
    return run_seed(seed, world_of=WideWorld)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_promise_is_kept_under_faults(seed: int) -> None:
    course = run_seed(seed)

    assert course.failure == "", "\n".join([course.failure, *course.last])


@pytest.mark.parametrize("seed", WIDE_SEEDS)
def test_every_promise_is_kept_where_members_use_every_command(seed: int) -> None:
    course = wide(seed)

    assert course.failure == "", "\n".join([course.failure, *course.last])


@pytest.mark.timeout(400)
def test_every_command_there_is_is_done_in_some_world_and_not_only_refused() -> None:
    missing = {tag_of(kind) for kind in COMMANDS}
    for seed in range(1, WIDE_SEEDS_MAX + 1):
        missing -= wide(seed).done.keys()
        if not missing:
            return

    assert sorted(missing) == []


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_a_planted_bug_is_found_in_seeds_that_are_sound_without_it(name: str) -> None:
    assert first_found(name, SEEDS, inf)


def test_there_are_faults_and_there_is_trade() -> None:
    courses = [run_seed(seed) for seed in (1, 4)]

    assert all(course.crashes and course.acked > 100 and course.trades for course in courses)


def test_a_seed_does_the_same_again() -> None:
    assert run_seed(4).digest == run_seed(4).digest
    assert run_seed(2, world_of=WideWorld).digest == wide(2).digest
