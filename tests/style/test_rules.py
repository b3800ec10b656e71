"""Each rule finds what it is there to find, and leaves alone what only looks like it."""

import ast
from collections.abc import Callable, Iterator

import pytest

from tests.style import rules

LONG_FUNCTION = "def f():\n" + "    x = 1\n" * 60
DEEP = "def f():\n if a:\n  for b in c:\n   with d:\n    while e:\n     pass\n"
ELSE_IFS = "def f():\n if a:\n  pass\n" + " elif b:\n  pass\n" * 9

IN_TREES: list[tuple[Callable[[ast.Module], Iterator[str]], str, bool]] = [
    (rules.long_functions, LONG_FUNCTION, True),
    (rules.long_functions, LONG_FUNCTION.removesuffix("    x = 1\n"), False),
    (rules.deep_functions, DEEP, True),
    (rules.deep_functions, ELSE_IFS, False),
    (rules.deep_functions, DEEP.replace("while e", "def g()"), False),
    (rules.sectioned_docstrings, 'def f():\n    """Sum.\n\n    Returns:\n        int\n    """', True),
    (rules.sectioned_docstrings, 'def f():\n    """What it returns: a sum."""', False),
    (rules.banned_names, "class OrderManager: ...", True),
    (rules.banned_names, "def lot_utils(): ...", True),
    (rules.banned_names, "def f(helper): ...", True),
    (rules.banned_names, "utility = futility()", False),
    (rules.impure_imports, "import time", True),
    (rules.impure_imports, "from os.path import join", True),
    (rules.impure_imports, "from exchange.core.values import Money", False),
    (rules.impure_calls, "digest = hash('lot')", True),
    (rules.impure_calls, "self.open(1)", False),
    (rules.floats, "fee = gross * 0.08", True),
    (rules.floats, "half = whole / 2", True),
    (rules.floats, "half = whole // 2", False),
    (rules.iterated_sets, "for each in {1, 2}: ...", True),
    (rules.iterated_sets, "def f(ids: set[int]):\n return [each for each in ids]", True),
    (rules.iterated_sets, "def f(ids: frozenset[int]):\n return tuple(ids)", True),
    (rules.iterated_sets, "self.ids = set()\nfor each in self.ids: ...", True),
    (rules.iterated_sets, "class A:\n ids: set[int]\n def f(self):\n  yield from self.ids", True),
    (rules.iterated_sets, "ids = set()\nfirst = ids.pop()", True),
    (rules.iterated_sets, "ids = set()\ntext = ','.join(ids)", True),
    (rules.iterated_sets, "ids = set()\nfor each in ids | other: ...", True),
    (rules.iterated_sets, "ids = set()\nfor each in sorted(ids): ...", False),
    (rules.iterated_sets, "ids = set()\nknown = 7 in ids and any(each > 7 for each in ids)", False),
    (rules.iterated_sets, "ids = {}\nfor each in ids: ...", False),
]

IN_TEXTS: list[tuple[Callable[[str], Iterator[str]], str, bool]] = [
    (rules.long_file, "\n" * 501, True),
    (rules.long_file, "\n" * 500, False),
    (rules.foreign_words, "see /wo" + "rk/main", True),
    (rules.foreign_words, "https://py" + "pi.org/simple", True),
    (rules.foreign_words, "the work of a subject agent", False),
    (rules.unnumbered_todos, "# TO" + "DO: later", True),
    (rules.unnumbered_todos, "# TO" + "DO #12: later", False),
    (rules.undone, "raise NotImplemented" + "Error", True),
    (rules.undone, "assert Tr" + "ue", True),
    (rules.undone, "assert trueish", False),
]

HANDLERS = [
    ("try:\n    f()\nexcept Exception:\n    pass\n", True),
    ("try:\n    f()\nexcept:\n    pass\n", True),
    ("try:\n    f()\nexcept Exception:  # A subscriber's fault is its own.\n    pass\n", False),
    ("try:\n    f()\nexcept BaseException:\n    g()\n    raise\n", False),
    ("try:\n    f()\nexcept OSError:\n    pass\n", False),
]


@pytest.mark.parametrize("rule,source,breaks", IN_TREES)
def test_a_rule_about_code_finds_what_breaks_it(
    rule: Callable[[ast.Module], Iterator[str]], source: str, breaks: bool
) -> None:
    assert bool(list(rule(ast.parse(source)))) == breaks


@pytest.mark.parametrize("rule,text,breaks", IN_TEXTS)
def test_a_rule_about_text_finds_what_breaks_it(
    rule: Callable[[str], Iterator[str]], text: str, breaks: bool
) -> None:
    assert bool(list(rule(text))) == breaks


@pytest.mark.parametrize("source,breaks", HANDLERS)
def test_catching_everything_needs_a_reason(source: str, breaks: bool) -> None:
    assert bool(list(rules.silent_handlers(ast.parse(source), source))) == breaks
