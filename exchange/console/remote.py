"""One REST call, and its answer for people or for programs.

Guarantees: whatever doesn't end well is told in one sentence with what to do; what came in part is no answer.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final
from urllib.parse import quote, urlencode, urlsplit

from cyclopts import Parameter

from exchange.config import DEFAULT_DATA, DEFAULT_PORT
from exchange.console import CallRefused, ConsoleError, WrongUsage
from exchange.console.tables import lines, table, text

KEY_FILE: Final = DEFAULT_DATA / "operator.key"
ANSWER_S_MAX: Final = 30.0
FILE_S_MAX: Final = 300.0
"""For a large file to be read and checked, or to be made."""
PIECE_BYTES: Final = 65_536
PAGE: Final = "500"
REFUSALS: Final = (404, 409, 422)
"""Statuses that say: understood, and not done."""


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
    only
        Print this field of the answer alone: event_id, say.
    """

    url: Annotated[str, Parameter(env_var="EXCHANGE_URL")] = f"http://127.0.0.1:{DEFAULT_PORT}"
    key: Annotated[str, Parameter(env_var="EXCHANGE_KEY")] = ""
    key_file: Path = KEY_FILE
    as_json: Annotated[bool, Parameter("--json", negative="")] = False
    only: str = ""

    @property
    def for_programs(self) -> bool:
        """Whether the answer is wanted as JSON, or one field of it."""
        return self.as_json or bool(self.only)

    def call(self, method: str, path: str, body: object = None, query: dict[str, str] | None = None) -> Any:
        """The answer to one request. Raises ConsoleError with the problem's sentence and remedy."""
        if body is None:
            return self._answer(method, path, query or {}, {}, None, ANSWER_S_MAX)
        headers = {"Content-Type": "application/json"}
        return self._answer(method, path, query or {}, headers, json.dumps(body).encode(), ANSWER_S_MAX)

    def all_pages(self, path: str, rows: str, query: dict[str, str] | None = None) -> Any:
        """The answer to a GET with the rows of all its pages. Raises ConsoleError as `call` does."""
        asked = (query or {}) | {"limit": PAGE}
        answer = self.call("GET", path, query=asked)
        while following := answer.pop("next"):
            page = self.call("GET", path, query=asked | {"cursor": following})
            answer |= {rows: answer[rows] + page[rows], "next": page["next"]}
        return answer

    def upload(self, path: str, raw: bytes, media: str, query: dict[str, str]) -> Any:
        """The answer to a file. Raises ConsoleError as `call` does."""
        return self._answer("POST", path, query, {"Content-Type": media}, raw, FILE_S_MAX)

    def download(self, path: str, query: dict[str, str], media: str, to: BinaryIO) -> None:
        """Write what is there in this form, piece by piece. Raises ConsoleError as `call` does."""
        headers = {"Accept": media}
        with self._asked("GET", path, query, headers, None, FILE_S_MAX) as response:
            while piece := self._piece(response):
                to.write(piece)

    def _answer(
        self,
        method: str,
        path: str,
        query: dict[str, str],
        headers: dict[str, str],
        raw: bytes | None,
        silence_s_max: float,
    ) -> Any:
        with self._asked(method, path, query, headers, raw, silence_s_max) as response, self._reaching():
            return json.load(response)

    @contextmanager
    def _asked(
        self,
        method: str,
        path: str,
        query: dict[str, str],
        headers: dict[str, str],
        raw: bytes | None,
        silence_s_max: float,
    ) -> Iterator[HTTPResponse]:
        """The response of an exchange that did what was asked."""
        sent = headers | {"Authorization": f"Bearer {self.secret()}"}
        connection, prefix = self._connection(silence_s_max)
        try:
            with self._reaching():
                connection.request(
                    method, prefix + path + ("?" + urlencode(query) if query else ""), raw, sent
                )
                response = connection.getresponse()
                refusal = None if response.status < 400 else json.load(response)
            if response.status >= 400:
                said = _problem(refusal, response.status)
                told = refusal if isinstance(refusal, dict) else {}
                reason, bound = (str(told.get(name, "")) for name in ("reason", "bound"))
                raise CallRefused(said, reason, bound) if response.status in REFUSALS else ConsoleError(said)
            yield response
        finally:
            connection.close()

    def _connection(self, silence_s_max: float) -> tuple[HTTPConnection, str]:
        """To the exchange, and the path under which it is there."""
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise WrongUsage(f"{self.url!r} is no address: write http://127.0.0.1:{DEFAULT_PORT}.")
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        return kind(parts.hostname, parts.port, timeout=silence_s_max), parts.path.rstrip("/")

    def _piece(self, response: HTTPResponse) -> bytes:
        with self._reaching():
            piece = response.read(PIECE_BYTES)
            if not piece and response.length:
                raise IncompleteRead(b"", response.length)
            return piece

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """What the network does to a request, as a sentence."""
        try:
            yield
        except (OSError, HTTPException, ValueError) as error:
            reason = (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
            raise ConsoleError(
                f"{self.url} does not answer: {reason}. Is `exchange serve` running there?"
            ) from error

    def secret(self) -> str:
        """The key. Raises ConsoleError where there is none."""
        try:
            key = self.key or self.key_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConsoleError(
                f"No key: {self.key_file} cannot be read ({error.strerror}). Give --key-file, --key or EXCHANGE_KEY, "
                "or call this where `exchange serve` was started."
            ) from error
        if not (key.isascii() and key.isprintable()):
            raise WrongUsage(
                "This is no key. Give one as `exchange key add` printed it: qm_ and letters, digits, - and _."
            )
        return key

    def show(self, answer: Any, rows: str | None = None) -> None:
        """Print an answer: one field of it, JSON, a table of its list `rows`, or its fields."""
        found = answer[rows] if rows else [answer]
        if self.only:
            say("\n".join(text(self._field(each)) for each in found))
        elif self.as_json:
            say(json.dumps(answer))
        elif rows is None:
            say(lines(answer))
        else:
            say(table(found, screen_width()) if found else "none")

    def _field(self, row: dict[str, Any]) -> object:
        if self.only not in row:
            raise WrongUsage(f"There is no {self.only!r} in the answer. It has {', '.join(row)}.")
        return row[self.only]


HERE: Final = Remote()
"""The exchange on this machine, with its first operator's key."""


def say(line: str) -> None:
    """Print a line, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def screen_width() -> int | None:
    """Columns of the terminal; none where there is none."""
    return os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else None


def segment(text: str) -> str:
    """One part of a path."""
    return quote(text, safe="")


def _problem(answer: Any, status: int) -> str:
    """What a problem document says to people, each thing once."""
    if not isinstance(answer, dict):
        return f"HTTP {status}"
    title, detail = str(answer.get("title", f"HTTP {status}")), str(answer.get("detail", ""))
    said = detail if detail.startswith(title) else f"{title} {detail}".strip()
    missed = {name: str(answer[name]) for name in ("bound", "step") if name in answer}
    more = [
        f"{each.get('field')}: {each.get('detail')}"
        for each in answer.get("errors", [])
        if str(each.get("detail")) not in said
    ]
    if missed.get("bound", "-") not in said:
        more.append(str(answer.get("remedy", "")))
    fields = [str(each.get("field")) for each in answer.get("errors", []) if each.get("field")]
    if "field" in said and not any(field in said for field in fields):
        more += [f"It is {field}." for field in fields]
    more += [f"The {name} is {value}." for name, value in missed.items() if value not in said]
    return " ".join([said, *filter(None, more)])
