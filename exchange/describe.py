"""What this program speaks, written from the code itself: OpenAPI, AsyncAPI and the table of refusals."""

import sys
from pathlib import Path
from typing import Final

import orjson

from exchange.config import AsJson
from exchange.core.rejects import EXPLANATIONS
from exchange.gateway.server import descriptions

FOLDER: Final = Path(__file__).with_name("schema")
"""Where `exchange describe --write` puts it; a test compares."""


def describe(*, write: bool = False, as_json: AsJson = False) -> int:
    """Print what this program speaks: every command, frame and refusal.

    Parameters
    ----------
    write
        Write OpenAPI, AsyncAPI and the table of refusals into the package's folder `schema` instead.
    """
    documents = described()
    if write:
        FOLDER.mkdir(exist_ok=True)
        for name, text in documents.items():
            (FOLDER / name).write_text(text)
            sys.stdout.write(f"{FOLDER / name}\n")
        return 0
    sys.stdout.write(documents["openapi.json" if as_json else "refusals.md"])
    return 0


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
