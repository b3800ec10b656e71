"""The house rules that a program can check: each takes a parsed module or a text and yields what breaks it.

Known limits: what isn't visible in one file isn't seen: a set that arrives through an unannotated name, a
long sentence that says nothing.
"""

import ast
import re
from collections.abc import Iterator

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60
NESTING_MAX = 3

BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

# Spelt in halves, so that this file holds none of them itself.
FOREIGN = re.compile(
    r"/wo" r"rk/|/fa" r"rm\b|\bsub" r"agent|\bsh" r"ared/(?:design|data|recipes)"
    r"|py" r"pi\.org|python" r"hosted\.|registry\.npm" r"js|deb\.deb" r"ian\.org|crates" r"\.io"
)  # fmt: skip
UNNUMBERED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b(?!.*#\d)")  # fmt: skip
UNDONE = re.compile(r"NotImplemented" r"Error|pytest\.mark\.(?:sk" r"ip|xf" r"ail)|assert Tr" r"ue\b")  # fmt: skip
SECTIONS = re.compile(
    r"^\s*(?:Args|Arguments|Parameters|Returns|Raises|Yields):|:param |:returns?:", re.MULTILINE
)

BANNED_WORDS = frozenset({"helper", "helpers", "manager", "managers", "util", "utils"})

PURE_MODULES = frozenset({
    "__future__", "abc", "array", "bisect", "collections", "dataclasses", "datetime", "enum", "exchange",
    "fractions", "functools", "hashlib", "heapq", "itertools", "math", "operator", "re", "struct", "types", "typing", "zlib",
    "msgspec", "sortedcontainers",
})  # fmt: skip
# hash() of a string and id() of anything differ from run to run.
IMPURE_CALLS = frozenset({"breakpoint", "eval", "exec", "hash", "id", "input", "open", "print"})

SET_TYPES = frozenset({"AbstractSet", "FrozenSet", "MutableSet", "Set", "frozenset", "set"})
# These give the same whatever the order.
ORDERLESS = frozenset({"all", "any", "frozenset", "len", "max", "min", "set", "sorted", "sum"})
IN_ORDER = frozenset(
    {"deque", "dict", "enumerate", "filter", "iter", "list", "map", "next", "reversed", "tuple", "zip"}
)


def long_file(text: str) -> Iterator[str]:
    """A file of more than 500 lines."""
    if (lines := len(text.splitlines())) > FILE_LINES_MAX:
        yield f"{lines} lines; at most {FILE_LINES_MAX}"


def long_functions(tree: ast.Module) -> Iterator[str]:
    """Functions of more than 60 lines, decorators aside."""
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield f"{node.name}: {lines} lines; at most {FUNCTION_LINES_MAX}"


def deep_functions(tree: ast.Module) -> Iterator[str]:
    """Functions with blocks in blocks in blocks in blocks; an `elif` is no deeper than its `if`."""
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS) and (depth := max(map(_depth, node.body))) > NESTING_MAX:
            yield f"{node.name}: {depth} levels; at most {NESTING_MAX}"


def _depth(node: ast.AST) -> int:
    if isinstance(node, FUNCTIONS):
        return 0  # counted on its own
    below = max(map(_depth, ast.iter_child_nodes(node)), default=0)
    if isinstance(node, ast.If) and len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        return max(1 + max(map(_depth, node.body)), _depth(node.orelse[0]))
    return below + isinstance(node, BLOCKS)


def foreign_words(text: str) -> Iterator[str]:
    """The places and tools this was written with, and addresses of package registries."""
    yield from _found(FOREIGN, text)


def unnumbered_todos(text: str) -> Iterator[str]:
    """Notes to self that name no issue."""
    yield from _found(UNNUMBERED, text)


def undone(text: str) -> Iterator[str]:
    """Stubs, tests that don't run, checks that can't fail."""
    yield from _found(UNDONE, text)


def _found(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        if found := pattern.search(line):
            yield f"line {number}: {found[0]!r}"


def sectioned_docstrings(tree: ast.Module) -> Iterator[str]:
    """Docstrings that repeat the signature in sections."""
    for node in ast.walk(tree):
        if isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Module)):
            found = SECTIONS.search(ast.get_docstring(node) or "")
            if found:
                yield f"{getattr(node, 'name', 'module')}: {found[0].strip()!r}"


def banned_names(tree: ast.Module) -> Iterator[str]:
    """Definitions whose name says nothing: what does a manager do?"""
    for name, line in _defined(tree):
        words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)
        yield from (f"line {line}: {name}" for word in words if word.lower() in BANNED_WORDS)


def _defined(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno


def silent_handlers(tree: ast.Module, text: str) -> Iterator[str]:
    """Handlers of every exception that neither raise again nor say why in a comment."""
    lines = text.splitlines()
    for node in ast.walk(tree):
        if not isinstance(node, ast.ExceptHandler) or not _catches_all(node):
            continue
        raises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
        if not raises and "#" not in "".join(lines[node.lineno - 2 : node.body[0].lineno]):
            yield f"line {node.lineno}: everything is caught and no comment says why"


def _catches_all(handler: ast.ExceptHandler) -> bool:
    caught = handler.type
    return caught is None or (isinstance(caught, ast.Name) and caught.id in {"BaseException", "Exception"})


def impure_imports(tree: ast.Module) -> Iterator[str]:
    """Imports of anything that isn't known to be pure."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        yield from (f"line {node.lineno}: {name}" for name in names if name.split(".")[0] not in PURE_MODULES)


def impure_calls(tree: ast.Module) -> Iterator[str]:
    """Calls whose answer differs between two runs, or that leave the core."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_CALLS:
            yield f"line {node.lineno}: {node.func.id}()"


def floats(tree: ast.Module) -> Iterator[str]:
    """Places where a float is born: money, prices, quantities and time are integers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"line {node.lineno}: {node.value}"
        elif isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Div):
            yield f"line {node.lineno}: true division"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            yield f"line {node.lineno}: float()"


def iterated_sets(tree: ast.Module) -> Iterator[str]:
    """Loops over sets: their order may differ between two runs. `sorted(…)` and `in` are fine."""
    names = set(_names_of_sets(tree))
    harmless = {
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ORDERLESS
        for argument in node.args
    }
    for node in ast.walk(tree):
        if id(node) not in harmless:
            yield from (
                f"line {each.lineno}: {ast.unparse(each)}" for each in _walked(node) if _is_set(each, names)
            )


def _names_of_sets(tree: ast.Module) -> Iterator[str]:
    """Names and attributes that are annotated as sets or given one, anywhere in the module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and _names_set_type(node.annotation):
            yield node.arg
        elif isinstance(node, ast.AnnAssign) and _names_set_type(node.annotation):
            yield ast.unparse(node.target)
            yield f"self.{ast.unparse(node.target)}"  # a field in a class body
        elif isinstance(node, ast.Assign) and _is_set(node.value, set()):
            yield from map(ast.unparse, node.targets)


def _names_set_type(annotation: ast.expr | None) -> bool:
    if isinstance(annotation, ast.Subscript):
        annotation = annotation.value
    return isinstance(annotation, ast.Name) and annotation.id in SET_TYPES


def _is_set(node: ast.expr, names: set[str]) -> bool:
    if isinstance(node, (ast.Set, ast.SetComp)):
        return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in {"frozenset", "set"}
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitAnd, ast.BitOr, ast.BitXor, ast.Sub)):
        return _is_set(node.left, names) or _is_set(node.right, names)
    return isinstance(node, (ast.Attribute, ast.Name)) and ast.unparse(node) in names


def _walked(node: ast.AST) -> list[ast.expr]:
    """What this node goes through in order."""
    if isinstance(node, (ast.For, ast.AsyncFor)):
        return [node.iter]
    if isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.DictComp)):
        return [clause.iter for clause in node.generators]
    if isinstance(node, (ast.Starred, ast.YieldFrom)):
        return [node.value]
    if not isinstance(node, ast.Call):
        return []
    if isinstance(node.func, ast.Attribute):
        joins = node.func.attr in {"extend", "join", "fromkeys"}
        pops = node.func.attr == "pop" and not node.args
        return node.args if joins else [node.func.value] if pops else []
    return node.args if isinstance(node.func, ast.Name) and node.func.id in IN_ORDER else []
