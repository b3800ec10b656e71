"""What the command line loads: the command that is called, and of the exchange no more than it needs."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from cyclopts import App

from exchange.__main__ import COMMANDS, OUTCOMES, parser

HEAVY = {
    "asyncpg",
    "icalendar",
    "openpyxl",
    "python_calamine",
    "reportlab",
    "exchange.app",
    "exchange.engine",
}
NETWORK = {"aiohttp", "uvloop"}
ELSEWHERE = ["--url", "http://127.0.0.1:1", "--key", "qm_x"]
LIGHT = [
    (["--help"], HEAVY | NETWORK | {"exchange.core"}),
    (["--version"], HEAVY | NETWORK | {"exchange.core"}),
    (["bid", "lot", "1.40", *ELSEWHERE], HEAVY | NETWORK | {"exchange.core"}),
    (["seal", "lot", "1.40", *ELSEWHERE], HEAVY | NETWORK | {"exchange.core"}),
    (["search", "lm358", *ELSEWHERE], HEAVY | NETWORK),
    (["member", "list", *ELSEWHERE], HEAVY | NETWORK),
    (["event", "--help"], HEAVY | NETWORK),
    (["event", "award", "lot", "1", *ELSEWHERE], HEAVY | NETWORK),
    (["watch", "event", *ELSEWHERE], HEAVY),
]
LISTS = """
import json, sys
from exchange.__main__ import main
sys.argv = ["exchange", *json.loads(sys.argv[1])]
try:
    main()
except SystemExit:
    pass
sys.stderr.write("\\n" + json.dumps(list(sys.modules)))
"""


@pytest.mark.parametrize(
    "words, unneeded", LIGHT, ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else ""
)
def test_a_short_command_loads_none_of_what_the_server_needs(words: list[str], unneeded: set[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LISTS, json.dumps(words)], check=True, capture_output=True, text=True
    )

    loaded = set(json.loads(ran.stderr.splitlines()[-1]))
    assert "cyclopts" in loaded
    assert not loaded & unneeded


def target(name: str) -> Any:
    module, _, attribute = COMMANDS[name][0].partition(":")
    return getattr(importlib.import_module(module), attribute)


def first_line(described: Any) -> str:
    text = described.help if isinstance(described, App) else described.__doc__
    return str(text).splitlines()[0]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_says_of_itself(name: str) -> None:
    assert first_line(target(name)) == COMMANDS[name][1]


def every_command() -> Iterator[tuple[str, ...]]:
    for name in COMMANDS:
        found = target(name)
        if isinstance(found, App):
            yield from ((name, each) for each in found if not each.startswith("-"))
        yield (name,)


@pytest.mark.parametrize("words", list(every_command()), ids=" ".join)
def test_every_command_explains_itself(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        parser(words[0])([*words, "--help"])

    told = capsys.readouterr().out
    assert not exited.value.code
    assert told.startswith(f"Usage: exchange {' '.join(words)}")
    assert "Exit codes:" in told


def test_what_ends_a_command_is_told_by_names_that_exist() -> None:
    for named in OUTCOMES.values():
        for path in named:
            module, _, kind = path.rpartition(".")
            assert issubclass(getattr(importlib.import_module(module), kind), Exception)
