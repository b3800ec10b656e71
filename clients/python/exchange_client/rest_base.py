"""REST of the exchange: what is read as a whole, consists of words, or comes as a file.

Guarantees: a call gives the exchange's own answer, a JSON object as `/docs` describes it (prices and amounts are
decimal strings, instants RFC 3339), or raises: `Refused` where the exchange refused and changed nothing,
`Unreachable` where no answer came. Lists are read page by page, as they are iterated.
Doesn't do: orders, bids and feeds, which are `Client`'s, over WebSocket; sending anything a second time by itself.
"""

from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from ssl import SSLContext
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote, urlsplit

import aiohttp
import msgspec

from exchange_client.errors import Invalid, Rejected, Unreachable

Answer = dict[str, Any]
PAGE_ROWS: Final = 500
ANSWER_S_MAX: Final = 30.0
FILE_S_MAX: Final = 300.0
"""For a large file to be read and checked, or to be made."""


class Refused(Rejected):
    """`Rejected`, as REST tells it: with the HTTP status and what is wrong field by field.

    `bound` is 0 here: the bound that was missed is `bound_text` as it was told, and `bound_price` where it is a number.
    """

    def __init__(self, problem: Mapping[str, Any], status: int) -> None:
        remedy = problem.get("remedy", "")
        super().__init__(
            problem.get("code", 0),
            problem.get("reason", f"HTTP {status}"),
            advice=problem.get("advice", "fix"),
            message=problem.get("detail", "").removesuffix(remedy).rstrip(),
            remedy=remedy,
        )
        self.status = status
        self.errors = {each["field"]: each["detail"] for each in problem.get("errors", ())}
        self.bound_text: str = problem.get("bound", "")
        self.bound_price = _number(self.bound_text)
        self.step_price = _number(problem.get("step", ""))


class RestBase:
    """One key at one exchange, for as long as its block lasts."""

    def __init__(self, url: str, *, key: str, ssl: SSLContext | bool = True) -> None:
        """Of `http://127.0.0.1:8080`, say. Raises Invalid where that is no address."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password:
            raise Invalid("the address must begin with http:// or https:// and a host; the key goes by key=")
        self._url, self._key, self._ssl = url.rstrip("/"), key, ssl
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open: connections are kept between calls."""
        self._http = aiohttp.ClientSession(headers={"Authorization": f"Bearer {self._key}"})
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        assert self._http is not None
        await self._http.close()
        self._http = None

    async def get(self, path: str, **query: object) -> Answer:
        """What is at a path: `/v1/time`, say. What is None or empty is left out of the query."""
        return _object(await self._ask("GET", path, query))

    async def send(self, method: str, path: str, body: object = None, *, idempotency_key: str = "") -> Answer:
        """POST, PUT, PATCH or DELETE. The same command under the same idempotency key takes effect once."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        raw = None if body is None else msgspec.json.encode(body)
        return _object(await self._ask(method, path, {}, raw, "application/json", headers))

    async def file(self, path: str, media: str, **query: object) -> bytes:
        """What is at a path as a file: `text/csv`, `application/pdf`, `text/calendar`."""
        return await self._ask("GET", path, query, headers={"Accept": media}, patience_s=FILE_S_MAX)

    async def upload(self, path: str, raw: bytes, media: str, **query: object) -> Answer:
        """Send a file: `text/csv`, or an XLSX by its media type."""
        return _object(await self._ask("POST", path, query, raw, media, patience_s=FILE_S_MAX))

    async def rows(self, path: str, name: str, **query: object) -> AsyncIterator[Answer]:
        """Every row of the list `name` at a path, page after page."""
        cursor = ""
        while True:
            page = await self.get(path, limit=PAGE_ROWS, cursor=cursor, **query)
            for row in page[name]:
                yield row
            cursor = page["next"]
            if not cursor:
                return

    async def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, object],
        raw: bytes | None = None,
        media: str = "",
        headers: Mapping[str, str] | None = None,
        patience_s: float = ANSWER_S_MAX,
    ) -> bytes:
        """The body of an answer that is no refusal. It follows no redirect: the key goes nowhere else."""
        if self._http is None:
            raise Invalid("use it inside `async with`")
        sent = dict(headers or {}) | ({} if raw is None else {"Content-Type": media})
        asked = {name: _text(value) for name, value in query.items() if value not in (None, "", False)}
        try:
            async with self._http.request(
                method,
                self._url + path,
                params=asked,
                data=raw,
                headers=sent,
                ssl=self._ssl,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=patience_s),
            ) as response:
                body = await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreachable(
                f"{method} {path} has no answer: {type(error).__name__} {error}".rstrip()
            ) from error
        if response.status >= 300:
            raise Refused(_problem(body), response.status)
        return body


def segment(text: str) -> str:
    """One part of a path."""
    return quote(text, safe="")


def _problem(body: bytes) -> Mapping[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _object(body: bytes) -> Answer:
    return msgspec.json.decode(body, type=Answer)


def _text(value: object) -> str:
    return "true" if value is True else str(value)


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text.replace(".", "", 1).lstrip("-").isdecimal() else None
