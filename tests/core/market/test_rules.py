"""The page of rules names tests that there are, and leaves no rule without one."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pytest

TESTS: Final = Path(__file__).parents[2]
PAGE: Final = TESTS.parent / "exchange/core/market/RULES.md"
NAMED: Final = re.compile(r"`((?:\w+/)+test_\w+)::(\w+)`")


class Line(NamedTuple):
    """A row of the page."""

    section: str
    rule: str
    tests: str


def lines() -> list[Line]:
    """All rows below their headings, without the heads of the tables."""
    found, section = [], ""
    for text in PAGE.read_text().splitlines():
        section = text.removeprefix("## ") if text.startswith("## ") else section
        cells = [each.strip() for each in text.strip("|").split("|")]
        if text.startswith("|") and cells[-1] not in {"tests", "---"}:
            found.append(Line(section, *cells))
    return found


@cache
def names_in(path: Path) -> frozenset[str]:
    """What pytest collects from a file: its functions, and the cases of its state machines."""
    body = ast.parse(path.read_text()).body
    functions = {
        each.name.removeprefix("test_")
        for each in body
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name.startswith("test_")
    }
    cases = {
        target.id
        for each in body
        if isinstance(each, ast.Assign)
        for target in each.targets
        if isinstance(target, ast.Name) and target.id.startswith("Test")
    }
    return frozenset(functions | cases)


@pytest.mark.parametrize("line", lines(), ids=lambda line: line.rule)
def test_every_rule_is_stated_by_tests_that_there_are(line: Line) -> None:
    named = NAMED.findall(line.tests)

    assert named and not NAMED.sub("", line.tests).strip(), "tests, and nothing else"
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (TESTS / f"{path}.py").is_file() or name not in names_in(TESTS / f"{path}.py")
    ]
    assert missing == []


def test_no_rule_is_there_twice_and_every_numbered_defect_is() -> None:
    rules = [(line.section, line.rule) for line in lines()]
    defects = {rule[0] for section, rule in rules if section.startswith("Defects")}

    assert len(rules) == len(set(rules))
    assert set("12345678") <= defects
