"""`python -m tests.simulation [--seed S | --seeds N] [--wide] [--mutant NAME | --mutants] [--golden NAME] [--json]`.

Exit code 1 where a promise was broken (or, with --mutants, where a planted bug was not found). A seed that breaks one
is told with the promise and the last things that happened; it does the same again, to the same digest.
"""

import sys
import time
from argparse import ArgumentParser, Namespace
from collections import Counter

import msgspec

from tests.golden.__main__ import keep
from tests.simulation.mutants import MUTANTS, Found, first_found, planted
from tests.simulation.run import Course, run_seed
from tests.simulation.wide import WideWorld
from tests.simulation.world import World

SEEDS_A_MUTANT = 40
SECONDS_A_MUTANT = 60


def main() -> int:
    """Run what was asked for."""
    parser = ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="one seed")
    parser.add_argument("--seeds", type=int, default=20, help="so many seeds")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--wide", action="store_true", help="in the world with the whole command set")
    parser.add_argument("--mutant", choices=sorted(MUTANTS), default="", help="with this bug planted")
    parser.add_argument("--mutants", action="store_true", help="look for every planted bug")
    parser.add_argument("--golden", default="", help="keep the journal of --seed under this name")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.golden and given.seed is None:
        parser.error("--golden keeps the journal of one seed: name it with --seed")
    return _mutants(given) if given.mutants else _seeds(given)


def _seeds(given: Namespace) -> int:
    seeds = range(given.first, given.first + given.seeds) if given.seed is None else [given.seed]
    courses, began = list[Course](), time.monotonic()
    for seed in seeds:
        with planted(given.mutant):
            course = run_seed(seed, world_of=WideWorld if given.wide else World)
        courses.append(course)
        if course.failure:
            _tell(course, " WIDE=1" if given.wide else "")
    if given.golden:
        keep(given.golden, courses[0].journal)
    summary = _summary(courses, time.monotonic() - began)
    if given.json:
        print(msgspec.json.encode(summary).decode())
    else:
        print("  ".join(f"{name} {value}" for name, value in summary.items()))
    return 1 if summary["failed"] else 0


def _summary(courses: list[Course], wall_s: float) -> dict[str, object]:
    crashes_at: Counter[str] = Counter()
    for course in courses:
        crashes_at.update(course.crashes_at)
    summary: dict[str, object] = {
        "seeds": len(courses),
        "failed": [course.seed for course in courses if course.failure],
        "virtual_hours": round(sum(course.virtual_us for course in courses) / 3.6e9, 2),
        "crashes": sum(course.crashes for course in courses),
        "crashes_at": dict(sorted(crashes_at.items())),
        "acknowledged": sum(course.acked for course in courses),
        "commands": sum(course.commands for course in courses),
        "trades": sum(course.trades for course in courses),
        "bids": sum(course.bids for course in courses),
        "kinds_done": len({kind for course in courses for kind in course.done}),
        "seconds": round(wall_s, 1),
        "cpu_seconds": round(sum(course.cpu_s for course in courses), 1),
    }
    return summary | ({"digest": courses[0].digest} if len(courses) == 1 else {})


def _tell(course: Course, kind: str) -> None:
    """What broke, and how to see it again."""
    print(f"seed {course.seed} breaks {course.failure}", file=sys.stderr)
    for line in course.last:
        print(f"  {line}", file=sys.stderr)
    print(f"again: make sim SEED={course.seed}{kind}   digest {course.digest}", file=sys.stderr)


def _mutants(given: Namespace) -> int:
    """Look for each in one seed after the other, and list them."""
    found = {}
    for name, mutant in MUTANTS.items():
        found[name] = first_found(name, range(1, SEEDS_A_MUTANT + 1), SECONDS_A_MUTANT)
        if not given.json:
            print(_line(name, mutant.what, found[name]), flush=True)
    if given.json:
        print(msgspec.json.encode(found).decode())
    return 0 if all(found.values()) else 1


def _line(name: str, what: str, found: Found | None) -> str:
    if found is None:
        return f"{name:20} NOT FOUND            {what}"
    return f"{name:20} seed {found.seed:<3} {found.promise:3} {found.seconds:5.1f} s  {what}"


if __name__ == "__main__":
    sys.exit(main())
