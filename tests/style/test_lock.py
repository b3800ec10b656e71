"""The lock names exactly what is installed, and no place to fetch it from."""

import re
import tomllib
from itertools import chain
from typing import Any

from tests.style.sources import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINNED = re.compile(
    r"^([a-z0-9.-]+)==\S+(?: ; [^\\\n]+)? \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", re.MULTILINE
)
OURS = {"quickmatch-client", "quickmatch-exchange"}


def _project(path: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / path).read_text(encoding="utf-8"))


def _wanted() -> list[str]:
    """Every requirement that somebody wrote down."""
    server, client = _project("pyproject.toml"), _project("clients/python/pyproject.toml")
    groups = chain.from_iterable(server["dependency-groups"].values())
    return [
        *server["project"]["dependencies"],
        *chain.from_iterable(server["project"]["optional-dependencies"].values()),
        *client["project"]["dependencies"],
        *(each for each in groups if isinstance(each, str)),
    ]


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def test_the_lock_holds_pins_and_hashes_and_nothing_else() -> None:
    assert PINNED.sub("", LOCK) == ""


def test_every_requirement_is_locked() -> None:
    locked = {found[1] for found in PINNED.finditer(LOCK)}

    assert {_name(each) for each in _wanted()} - locked - OURS == set()
