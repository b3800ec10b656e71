"""From an HTTP request to its answer, the same way for every route: key, policy, caps, decoding, endpoint.

Guarantees: every answer is JSON with a Struct's fields or a problem document; nothing is decoded for whoever
may not ask; a request that can't be answered now gets 503 with Retry-After, and only a bug gets 500. One log
line a request, without its query, headers and body.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http import HTTPStatus
from re import ASCII
from re import compile as pattern
from typing import Any, Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from exchange.core.rejects import Reject, RejectCode
from exchange.gateway import policy
from exchange.gateway.auth import Identity
from exchange.gateway.decoding import BODY_BYTES_MAX, body_of, texts_of
from exchange.gateway.etags import expected_version, is_known, is_tagged, tag_of
from exchange.gateway.notation import json_of
from exchange.gateway.problems import MEDIA_TYPE, Refused, field_refused
from exchange.gateway.proxies import Network, client_address
from exchange.gateway.routes import AnyRoute, Call, NoBody, Ports, Streamed
from exchange.gateway.stored.records import RecordsUnavailable

BODY_S_MAX: Final = 10.0
UPLOAD_S_MAX: Final = 60.0
WAITING_PER_MEMBER_MAX: Final = 64
WAITING_PER_ADDRESS_MAX: Final = 256
"""Requests under way at once; an address may stand for a whole company."""

_ID: Final = pattern(r"[A-Za-z0-9_-]{1,64}", ASCII)
_IDEMPOTENCY_KEY: Final = pattern(r"[\x21-\x7e]{1,255}", ASCII)

log = structlog.get_logger(__name__)


class Requests:
    """Requests under way by whom, so that nobody takes all places; and what was answered."""

    def __init__(self) -> None:
        self.waiting = 0
        self.statuses: Counter[int] = Counter()
        self._by_name: Counter[str] = Counter()

    @contextmanager
    def place(self, name: str, count_max: int) -> Iterator[None]:
        """One place for the length of the block; TOO_MANY_REQUESTS if all are taken."""
        if self._by_name[name] >= count_max:
            raise Refused(RejectCode.TOO_MANY_REQUESTS)
        self._by_name[name] += 1
        try:
            yield
        finally:
            self._by_name[name] -= 1
            if not self._by_name[name]:
                del self._by_name[name]


class Dispatcher:
    """Answers requests for the routes of the table."""

    def __init__(self, ports: Ports, requests: Requests, trusted: tuple[Network, ...] = ()) -> None:
        self._ports = ports
        self._requests = requests
        self._trusted = trusted

    async def serve(self, route: AnyRoute, request: web.Request) -> web.StreamResponse:
        """The answer, whatever comes in."""
        now_us = self._ports.engine.now_us
        began_us = now_us()
        address = client_address(request, self._trusted)
        holder = self._holder(request)
        self._requests.waiting += 1
        try:
            response = await self._response(route, request, holder, address)
        finally:
            self._requests.waiting -= 1
        self._requests.statuses[response.status] += 1
        log.info(
            "request",
            route=route.name,
            status=response.status,
            duration_us=now_us() - began_us,
            address=address,
            member_id=holder.member_id if holder else "",
            key_id=holder.key_id if holder else "",
        )
        return response

    async def _response(
        self, route: AnyRoute, request: web.Request, holder: Identity | None, address: str
    ) -> web.StreamResponse:
        try:
            with self._requests.place(f"address {address}", WAITING_PER_ADDRESS_MAX):
                return await self._answer(route, request, holder)
        except Refused as refused:
            return refused.response()
        except RecordsUnavailable as error:
            log.warning("records_unavailable", reason=str(error))
            return Refused(RejectCode.RECORDS_UNAVAILABLE).response()
        except ConnectionError:
            raise  # Whoever asked has gone.
        except Exception:
            log.exception("request_failed", route=route.name)  # A bug: told as such, and nothing of it shown.
            return failure()

    async def _answer(
        self, route: AnyRoute, request: web.Request, holder: Identity | None
    ) -> web.StreamResponse:
        refused = policy.refusal(holder, route.need, self._ports.views.members)
        if refused:
            raise Refused(refused, _told(refused, route, request))
        if holder is None:
            return await self._call(route, request, holder)
        with self._requests.place(f"member {holder.member_id}", WAITING_PER_MEMBER_MAX):
            return await self._call(route, request, holder)

    async def _call(
        self, route: AnyRoute, request: web.Request, holder: Identity | None
    ) -> web.StreamResponse:
        if not all(map(_ID.fullmatch, request.match_info.values())):
            raise Refused(RejectCode.NOT_FOUND)
        call = Call(
            self._ports,
            request,
            body=body_of(await _body(request), route.body)
            if route.takes_body and not route.takes
            else NoBody(),
            query=texts_of(request.query.items(), route.query),
            holder=holder,
            idempotency=_idempotency(route, request, holder),
            expected_version=expected_version(route, request.headers.getall("If-Match", [])),
            status=route.status,
            raw=await _raw(route, request) if route.takes else b"",
        )
        answer = await route.endpoint(call)
        if isinstance(answer, Streamed):
            return await _stream(call, answer)
        if isinstance(answer, bytes):
            return web.Response(body=answer, headers=call.headers, status=call.status)
        body = json_of(answer)
        if is_tagged(route, call.status):
            call.headers["ETag"] = tag = tag_of(body, call.version)
            if is_known(tag, request.headers.get("If-None-Match", "")):
                return web.Response(status=304, headers=call.headers)
        return web.Response(
            body=body, headers=call.headers, status=call.status, content_type="application/json"
        )

    def _holder(self, request: web.Request) -> Identity | None:
        key = _key(request)
        return None if key is None else self._ports.keys.find(key)


async def _stream(call: Call[Any, Any], answer: Streamed) -> web.StreamResponse:
    """Send the pieces. What fails after the first one cuts the connection, so that nobody takes a part for all."""
    first = await anext(answer.pieces, b"")
    response = web.StreamResponse(status=call.status, headers=call.headers)
    response.content_type = answer.content_type
    await response.prepare(call.request)
    if call.request.method == "HEAD":
        return response
    try:
        await response.write(first)
        async for piece in answer.pieces:
            await response.write(piece)
    except RecordsUnavailable as error:
        if call.request.transport is not None:
            call.request.transport.abort()
        raise ConnectionError("the rest of the stream can't be read") from error
    await response.write_eof()
    return response


def _key(request: web.Request) -> str | None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def _told(refused: Reject, route: AnyRoute, request: web.Request) -> str:
    """What the refusal's own sentence leaves open; empty where it leaves nothing."""
    if refused.code is RejectCode.NOT_AUTHENTICATED and not _key(request):
        return "No key was sent. Send the header Authorization: Bearer KEY."
    need = policy.need_of(route.need)
    if refused.code is RejectCode.SCOPE_MISSING and need:
        return f"This needs a key with the scope {need.scope}."
    return ""


async def _body(request: web.Request) -> bytes:
    if (request.content_length or 0) > BODY_BYTES_MAX:
        raise Refused(RejectCode.TOO_LARGE, f"A body has at most {BODY_BYTES_MAX} bytes.")
    if not request.can_read_body:
        return b""
    if request.content_type != "application/json" or "Content-Encoding" in request.headers:
        raise Refused(RejectCode.CONTENT_TYPE_UNKNOWN, "Send plain JSON as application/json.")
    try:
        async with asyncio.timeout(BODY_S_MAX):
            return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise Refused(RejectCode.TOO_LARGE, f"A body has at most {BODY_BYTES_MAX} bytes.") from error
    except web.RequestPayloadError as error:  # by the pure Python parser; the other just waits for more
        raise Refused(RejectCode.MALFORMED, "The body's framing is broken.", status=400) from error
    except TimeoutError as error:
        raise Refused(RejectCode.MALFORMED, f"The body took over {BODY_S_MAX:.0f} s.", status=408) from error


async def _raw(route: AnyRoute, request: web.Request) -> bytes:
    """A body that is no JSON, in one of the route's media types and within its bound."""
    if request.content_type not in route.takes or "Content-Encoding" in request.headers:
        raise Refused(RejectCode.CONTENT_TYPE_UNKNOWN, f"Send it plain, as {' or '.join(route.takes)}.")
    try:
        async with asyncio.timeout(UPLOAD_S_MAX):
            return await _bounded(request, route.bytes_max)
    except web.RequestPayloadError as error:
        raise Refused(RejectCode.MALFORMED, "The body's framing is broken.", status=400) from error
    except TimeoutError as error:
        raise Refused(
            RejectCode.MALFORMED, f"The body took over {UPLOAD_S_MAX:.0f} s.", status=408
        ) from error


async def _bounded(request: web.Request, bytes_max: int) -> bytes:
    pieces, length = list[bytes](), 0
    async for piece in request.content.iter_any():
        pieces.append(piece)
        length += len(piece)
        if length > bytes_max:
            raise Refused(RejectCode.TOO_LARGE, f"A body has at most {bytes_max} bytes.")
    return b"".join(pieces)


def _idempotency(route: AnyRoute, request: web.Request, holder: Identity | None) -> str:
    """The hash of the Idempotency-Key, with the member in it; empty where none was sent."""
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method in {"GET", "HEAD"} or holder is None:
        return ""
    if route.command is None:
        raise field_refused("Idempotency-Key", "This route does not take one.")
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise field_refused("Idempotency-Key", "Send 1 to 255 visible ASCII characters.")
    return sha256(f"{holder.member_id}\0{key}".encode()).hexdigest()


def failure() -> web.Response:
    """The answer to a request that met a bug of ours."""
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    document = {"type": "about:blank", "title": status.phrase, "status": status.value}
    return web.Response(body=json_of(document), status=status, content_type=MEDIA_TYPE)


@web.middleware
async def problems_for_paths(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Problem documents for unknown paths and methods, which no route sees."""
    try:
        return await handler(request)
    except web.HTTPMethodNotAllowed as error:
        allow = {"Allow": ", ".join(sorted(error.allowed_methods))}
        return Refused(RejectCode.METHOD_UNKNOWN, headers=allow).response()
    except web.HTTPNotFound:
        return Refused(RejectCode.NOT_FOUND, "There is nothing at this path.").response()
