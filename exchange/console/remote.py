"""One REST call, and its answer for people or for programs."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final
from urllib.parse import quote

import aiohttp
import uvloop
from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from exchange.config import DEFAULT_PORT
from exchange.console import CallRefused, ConsoleError

KEY_FILE: Final = Path("exchange-data/operator.key")
FILE_S_MAX: Final = 300.0
"""For a large file to be sent, read and checked, or to be made and received."""
out: Final = Console(width=None if sys.stdout.isatty() else 1_000)


@Parameter(name="*")
@dataclass(frozen=True)
class Remote:
    """Where the exchange is, and who asks.

    Parameters
    ----------
    url
        Address of the exchange.
    key
        A key; better given by EXCHANGE_KEY or --key-file than on the command line.
    key_file
        File that holds the key.
    as_json
        Print the answer as one JSON object.
    """

    url: Annotated[str, Parameter(env_var="EXCHANGE_URL")] = f"http://127.0.0.1:{DEFAULT_PORT}"
    key: Annotated[str, Parameter(env_var="EXCHANGE_KEY")] = ""
    key_file: Path = KEY_FILE
    as_json: Annotated[bool, Parameter("--json", negative="")] = False

    def call(self, method: str, path: str, body: object = None, query: dict[str, str] | None = None) -> Any:
        """The answer to one request. Raises ConsoleError with the problem's sentence and remedy."""
        return uvloop.run(self._call(method, path, body, query or {}))

    def upload(self, path: str, raw: bytes, media: str, query: dict[str, str]) -> Any:
        """The answer to a file. Raises ConsoleError as `call` does."""
        return uvloop.run(self._call("POST", path, None, query, raw, media))

    def download(self, path: str, query: dict[str, str], media: str, to: BinaryIO) -> None:
        """Write what is there in this form, piece by piece. Raises ConsoleError as `call` does."""
        uvloop.run(self._call("GET", path, None, query, media=media, to=to))

    async def _call(
        self,
        method: str,
        path: str,
        body: object,
        query: dict[str, str],
        raw: bytes | None = None,
        media: str = "",
        to: BinaryIO | None = None,
    ) -> Any:
        headers = {"Authorization": f"Bearer {self.secret()}"}
        timeout = aiohttp.ClientTimeout(total=FILE_S_MAX if media else 30)
        if media:
            headers["Content-Type" if raw is not None else "Accept"] = media
        sent: dict[str, Any] = {"json": body} if raw is None else {"data": raw}
        answer: Any = None
        try:
            async with (
                aiohttp.ClientSession(self.url, headers=headers, timeout=timeout) as session,
                session.request(method, path, params=query, **sent) as response,
            ):
                if to is None or response.status >= 400:
                    answer = await response.json(content_type=None)
                else:
                    await _copy(response.content, to)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise ConsoleError(
                f"{self.url} does not answer: {reason}. Is `exchange serve` running there?"
            ) from error
        if response.status >= 400:
            said = _problem(answer, response.status)
            if response.status in (404, 409, 422):
                raise CallRefused(said, str(answer.get("reason", "")) if isinstance(answer, dict) else "")
            raise ConsoleError(said)
        return answer

    def secret(self) -> str:
        """The key. Raises ConsoleError where there is none."""
        if self.key:
            return self.key
        try:
            return self.key_file.read_text().strip()
        except OSError as error:
            raise ConsoleError(
                f"No key: {self.key_file} cannot be read ({error.strerror}). Give --key-file or EXCHANGE_KEY."
            ) from error

    def show(self, answer: Any, rows: str | None = None) -> None:
        """Print an answer: as JSON, as a table of its list `rows`, or as its fields."""
        if self.as_json:
            sys.stdout.write(json.dumps(answer) + "\n")
            return
        found = answer[rows] if rows else [answer]
        if not found:
            out.print("none")
            return
        columns = list(dict.fromkeys(name for row in found for name in row))
        table = Table(box=None)
        for name in columns:
            table.add_column(name, overflow="fold", no_wrap=not out.is_terminal)
        for row in found:
            table.add_row(*(_text(row.get(name, "")) for name in columns))
        out.print(table)


async def _copy(content: aiohttp.StreamReader, to: BinaryIO) -> None:
    async for piece in content.iter_any():
        to.write(piece)


HERE: Final = Remote()
"""The exchange on this machine, with its first operator's key."""


def segment(text: str) -> str:
    """One part of a path."""
    return quote(text, safe="")


def _text(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _problem(answer: Any, status: int) -> str:
    """What a problem document says to people."""
    if not isinstance(answer, dict):
        return f"HTTP {status}"
    said = [str(answer.get("title", f"HTTP {status}")), str(answer.get("detail", ""))]
    said += [f"{each.get('field')}: {each.get('detail')}" for each in answer.get("errors", [])]
    said.append(str(answer.get("remedy", "")))
    said += [f"The {name} is {answer[name]}." for name in ("bound", "step") if name in answer]
    return " ".join(dict.fromkeys(part for part in said if part))
