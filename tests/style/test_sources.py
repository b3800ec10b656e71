"""The house rules hold in every file."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.style import rules
from tests.style.sources import ROOT, name_of, python_files, text_files, tree_of

# What may break a rule of size, and why. A line that is no longer needed fails.
LONGER_FILES: dict[str, str] = {}
LONGER_FUNCTIONS: dict[str, str] = {}
DEEPER_FUNCTIONS: dict[str, str] = {
    "tests/whole/test_follower.py: test_the_exchange_waits_for_a_follower_that_is_too_far_behind": (
        "each level holds a process in a state"
    ),
    "tests/whole/test_outage.py: test_without_its_database_it_halts_shows_what_it_knows_and_comes_back": (
        "each level holds a process in a state"
    ),
}

PURE = ("exchange/core", "exchange/edi")
NO_ROOMS = {"messages"}  # words that every room speaks


def _breaches(rule: Callable[[ast.Module], Iterator[str]], *folders: str) -> list[str]:
    return [f"{name_of(path)}: {breach}" for path in python_files(*folders) for breach in rule(tree_of(path))]


def _breaches_in_text(
    rule: Callable[[str], Iterator[str]], paths: list[Path] | tuple[Path, ...]
) -> list[str]:
    found = []
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # no text
        found += [f"{name_of(path)}: {breach}" for breach in rule(text)]
    return found


def _unexcused(breaches: list[str], excuses: dict[str, str]) -> list[str]:
    """Breaches without an excuse, and excuses without a breach."""
    names = [breach.rsplit(": ", 1)[0] for breach in breaches]
    idle = [f"{name}: needs no excuse any more" for name in excuses if name not in names]
    return [breach for breach, name in zip(breaches, names, strict=True) if name not in excuses] + idle


def test_files_are_short() -> None:
    written = [path for path in text_files() if path.suffix in {".md", ".py", ".sql", ".ts"}]

    assert _unexcused(_breaches_in_text(rules.long_file, written), LONGER_FILES) == []


def test_functions_are_short() -> None:
    assert _unexcused(_breaches(rules.long_functions), LONGER_FUNCTIONS) == []


def test_functions_are_flat() -> None:
    assert _unexcused(_breaches(rules.deep_functions), DEEPER_FUNCTIONS) == []


def test_docstrings_say_what_a_caller_cannot_see() -> None:
    assert _breaches(rules.sectioned_docstrings) == []


def test_names_say_what_a_thing_is() -> None:
    assert _breaches(rules.banned_names) == []
    assert [path for path in python_files() if path.stem in rules.BANNED_WORDS] == []


def test_whoever_catches_everything_says_why() -> None:
    found = [
        f"{name_of(path)}: {breach}"
        for path in python_files()
        for breach in rules.silent_handlers(tree_of(path), path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_the_project_speaks_of_itself_alone() -> None:
    assert _breaches_in_text(rules.foreign_words, text_files()) == []


def test_a_todo_has_a_number() -> None:
    assert _breaches_in_text(rules.unnumbered_todos, python_files()) == []


def test_nothing_is_left_undone() -> None:
    assert _breaches_in_text(rules.undone, python_files()) == []


def test_the_core_imports_only_what_is_pure() -> None:
    assert _breaches(rules.impure_imports, *PURE) == []


def test_the_core_calls_nothing_that_differs_between_runs() -> None:
    assert _breaches(rules.impure_calls, *PURE) == []


def test_the_core_knows_integers_only() -> None:
    assert _breaches(rules.floats, *PURE) == []


def test_the_core_never_walks_a_set() -> None:
    assert _breaches(rules.iterated_sets, *PURE) == []


@pytest.mark.parametrize("floor", ["exchange", "exchange/core"])
def test_every_room_says_what_it_is_for(floor: str) -> None:
    rooms = [
        path
        for path in (ROOT / floor).iterdir()
        if (path / "__init__.py").exists() and path.name not in NO_ROOMS
    ]

    assert [name_of(room) for room in rooms if not (room / "README.md").exists()] == []
