"""`exchange demo`: a live market of simulated members, and an account of it."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import uvloop
from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console

from exchange.config import WRONG, AsJson, Port
from exchange.demo.demo import run_demo
from exchange.demo.screen import Screen


def demo(
    *,
    seconds: Annotated[float, Parameter(validator=Number(gte=0))] = 30,
    data: Path | None = None,
    port: Port = 0,
    as_json: AsJson = False,
) -> int:
    """Run a live market of simulated members on an exchange of its own, and account for it at the end.

    When its time is over what was sold is delivered, inspected, accepted and paid.

    Parameters
    ----------
    seconds
        How long they trade; with 0, until interrupted.
    data
        New folder to keep; without it a temporary one is removed at the end.
    port
        Port of its exchange; 0 takes a free one.
    """
    to = Console(stderr=as_json)
    screen = Screen(to) if to.is_terminal and not as_json else None

    def say(line: str) -> None:
        to.print(line, markup=False, highlight=False, soft_wrap=True)

    summary = uvloop.run(run_demo(seconds, data, port, say, screen))
    sys.stdout.write((msgspec.json.encode(summary).decode() if as_json else summary.as_text()) + "\n")
    return 0 if summary.verify.ok and summary.books.accepted is not False else WRONG
