"""The command line: what cannot be run says why, in one line, and with its own exit code."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "arguments,code,said",
    [
        (["replay", "mbo", "nowhere.csv"], 3, "nowhere.csv"),
        (
            ["replay", "mbo", "pyproject.toml", "--json"],
            3,
            "pyproject.toml, line 1: a header with the columns",
        ),
        (["replay", "lobster", "pyproject.toml", "pyproject.toml"], 3, "pyproject.toml, line 1: "),
        (["nothing"], 2, "nothing"),
    ],
)
def test_what_cannot_be_run_says_why(arguments: list[str], code: int, said: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == code
    assert said in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    assert code == 2 or len(ended.stderr.splitlines()) == 1


def test_without_a_name_it_tells_them_all() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert all(name in ended.stdout for name in ("core", "e2e", "recovery", "replay"))
