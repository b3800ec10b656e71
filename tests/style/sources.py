"""The files that the style tests read: found by walking, since git need not be on the machine."""

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHON_FOLDERS = ("exchange", "clients/python", "tests", "benchmarks")
SHOWN_DOT_NAMES = {".ci", ".editorconfig", ".gitignore"}
UNWRITTEN_FOLDERS = {"__pycache__", "dist", "node_modules"}


def name_of(path: Path) -> str:
    """As the tables and messages of these tests spell it."""
    return path.relative_to(ROOT).as_posix()


def python_files(*folders: str) -> list[Path]:
    """Our own modules below the folders, all of them by default."""
    return [
        path
        for path in text_files()
        if path.suffix == ".py" and name_of(path).startswith(folders or PYTHON_FOLDERS)
    ]


@cache
def tree_of(path: Path) -> ast.Module:
    """Parsed once a run."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def text_files() -> tuple[Path, ...]:
    """Everything that somebody wrote: no environment, no cache, nothing a tool made."""
    return tuple(_walk(ROOT))


def _walk(folder: Path) -> Iterator[Path]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name in UNWRITTEN_FOLDERS or (
            entry.name.startswith(".") and entry.name not in SHOWN_DOT_NAMES
        ):
            continue
        if entry.is_dir():
            yield from _walk(Path(entry.path))
        else:
            yield Path(entry.path)
