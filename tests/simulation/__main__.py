"""`python -m tests.simulation --seed S | --seeds N [--mutant NAME] [--mutants] [--json]`.

Exit code 1 where a promise was broken (or, with --mutants, where a planted bug was not found).
"""

import sys
import time
from argparse import ArgumentParser, Namespace

import msgspec

from tests.simulation.mutants import MUTANTS, planted
from tests.simulation.run import Course, run_seed

SEEDS_A_MUTANT = 40
SECONDS_A_MUTANT = 60


def main() -> int:
    """Run what was asked for."""
    parser = ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="one seed, told in full")
    parser.add_argument("--seeds", type=int, default=20, help="seeds from 1 to this")
    parser.add_argument("--mutant", choices=sorted(MUTANTS), default="", help="with this bug planted")
    parser.add_argument("--mutants", action="store_true", help="look for every planted bug")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    return _every_mutant() if given.mutants else _seeds(given)


def _seeds(given: Namespace) -> int:
    seeds = range(1, given.seeds + 1) if given.seed is None else [given.seed]
    courses, began = list[Course](), time.monotonic()
    for seed in seeds:
        with planted(given.mutant):
            course = run_seed(seed)
        courses.append(course)
        if course.failure:
            _tell(course)
    summary = {
        "seeds": len(courses),
        "failed": [course.seed for course in courses if course.failure],
        "virtual_hours": round(sum(course.virtual_us for course in courses) / 3.6e9, 2),
        "crashes": sum(course.crashes for course in courses),
        "acknowledged": sum(course.acked for course in courses),
        "commands": sum(course.commands for course in courses),
        "trades": sum(course.trades for course in courses),
        "bids": sum(course.bids for course in courses),
        "seconds": round(time.monotonic() - began, 1),
    }
    if given.seed is not None:
        summary["digest"] = courses[0].digest
    if given.json:
        print(msgspec.json.encode(summary).decode())
    else:
        print("  ".join(f"{name} {value}" for name, value in summary.items()))
    return 1 if summary["failed"] else 0


def _tell(course: Course) -> None:
    """What broke, and how to see it again."""
    print(f"seed {course.seed} breaks {course.failure}", file=sys.stderr)
    for line in course.last:
        print(f"  {line}", file=sys.stderr)
    print(f"again: make sim SEED={course.seed}   digest {course.digest}", file=sys.stderr)


def _every_mutant() -> int:
    missed = 0
    for name, mutant in MUTANTS.items():
        began = time.monotonic()
        seed = _first_failing_seed(name)
        took = f"{time.monotonic() - began:.1f} s"
        print(
            f"{name:20} {'seed ' + str(seed) if seed else 'NOT FOUND':10} {took:>8}  {mutant.what}",
            flush=True,
        )
        missed += not seed
    return 1 if missed else 0


def _first_failing_seed(name: str) -> int:
    give_up = time.monotonic() + SECONDS_A_MUTANT
    for seed in range(1, SEEDS_A_MUTANT + 1):
        with planted(name):
            if run_seed(seed).failure:
                return seed
        if time.monotonic() > give_up:
            break
    return 0


if __name__ == "__main__":
    sys.exit(main())
