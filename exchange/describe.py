"""What this program speaks, written from the code itself: OpenAPI, AsyncAPI and the table of refusals."""

from pathlib import Path
from typing import Final

import orjson

from exchange.core.rejects import EXPLANATIONS
from exchange.gateway.server import descriptions

FOLDER: Final = Path(__file__).with_name("schema")
"""Where `exchange describe --write` puts it; a test compares."""


def described() -> dict[str, str]:
    """Text by file name; the same program writes the same bytes."""
    pretty = {
        f"{name}.json": orjson.dumps(orjson.loads(document), option=orjson.OPT_INDENT_2).decode() + "\n"
        for name, document in descriptions().items()
    }
    return pretty | {"refusals.md": _refusals()}


def _refusals() -> str:
    """One line a refusal."""
    lines = [
        "# Refusals",
        "",
        "Numbers and names are stable and never reused. `fix`: change the command; `wait`: the same can succeed",
        "later; `give_up`: it never will. Written by `make describe`.",
        "",
        "| code | name | what was wrong | what to do | advice |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {code.value} | `{code.name}` | {said.sentence} | {said.remedy} | {said.advice} |"
        for code, said in EXPLANATIONS.items()
    ]
    return "\n".join(lines) + "\n"
