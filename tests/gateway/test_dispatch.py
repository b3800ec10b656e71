"""Every request is answered the same way: by key, policy, caps and decoding, whatever the route."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from exchange.core.messages import Role
from exchange.core.rejects import RejectCode
from exchange.gateway import dispatch
from exchange.gateway.auth import Scope
from exchange.gateway.dispatch import WAITING_PER_MEMBER_MAX, Requests
from exchange.gateway.problems import Refused
from tests.gateway.house import Answer, House, a_house

COMMISSION = {"rate_bps": 700}


def problem_of(answer: Answer) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["status"] == answer.status
    return answer.status, answer.body["reason"]


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer qm_wrong", "Basic eDp5", "qm_naked"])
async def test_whoever_has_no_valid_key_is_told_to_bring_one(house: House, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    answer = await house.call(None, "GET", "/v1/orders", headers=headers)

    assert problem_of(answer) == (401, "NOT_AUTHENTICATED")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "authorization, told",
    [
        (None, "No key was sent."),
        ("Basic eDp5", "No key was sent."),
        ("Bearer qm_wrong", "unknown or revoked"),
    ],
)
async def test_no_key_and_a_wrong_key_are_told_apart(
    house: House, authorization: str | None, told: str
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    assert told in (await house.call(None, "GET", "/v1/orders", headers=headers)).body["detail"]


async def test_a_key_without_the_scope_is_told_which_one_it_takes(house: House) -> None:
    reader = await house.member(scopes=frozenset({Scope.READ}))

    assert (await house.call(reader, "GET", "/v1/keys")).body["detail"].endswith("the scope manage.")


async def test_json_ends_with_its_line(house: House) -> None:
    member = await house.member()
    answers = [
        await house.call(member, "GET", path)
        for path in ("/v1/accounts", "/v1/nothing", "/v1/orders/none", "/openapi.json", "/readyz")
    ]

    assert [answer.status for answer in answers] == [200, 404, 404, 200, 200]
    assert all(answer.raw.endswith(b"}\n") for answer in answers)


async def test_an_unknown_path_and_an_unknown_method_are_problems_too(house: House) -> None:
    nowhere = await house.call(None, "GET", "/v1/secrets")
    method = await house.call(None, "DELETE", "/v1/members")

    assert problem_of(nowhere) == (404, "NOT_FOUND")
    assert problem_of(method) == (405, "METHOD_UNKNOWN")
    assert method.headers["Allow"] == "GET, HEAD, POST"


BODIES = {
    "a form": (b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "CONTENT_TYPE_UNKNOWN"),
    "no type": (b"{}", {"Content-Type": ""}, 415, "CONTENT_TYPE_UNKNOWN"),
    "packed": (b"x", {"Content-Encoding": "gzip"}, 415, "CONTENT_TYPE_UNKNOWN"),
    "64 KiB and a byte": (b'"' + b"x" * 65_535 + b'"', {}, 413, "TOO_LARGE"),
    "deep": (b"[" * 60_000, {}, 413, "TOO_LARGE"),
    "not JSON": (b"{", {}, 400, "MALFORMED"),
    "a key twice": (b'{"rate_bps":1,"rate_bps":2}', {}, 400, "DUPLICATE_KEY"),
    "a field too many": (b'{"rate_bps":1,"rate":2}', {}, 422, "MALFORMED"),
    "no body": (b"", {}, 422, "MALFORMED"),
}


@pytest.mark.parametrize("case", BODIES)
async def test_a_body_that_cannot_be_understood_is_refused_and_changes_nothing(
    house: House, case: str
) -> None:
    raw, headers, status, reason = BODIES[case]
    operator = await house.member(Role.OPERATOR)

    answer = await house.call(operator, "PUT", "/v1/commission", raw=raw, headers=headers)

    assert problem_of(answer) == (status, reason)
    assert house.engine.views.commission.version == 1
    assert (await house.call(operator, "PUT", "/v1/commission", COMMISSION)).status == 200


async def test_an_unread_body_in_pieces_is_cut_at_the_bound(house: House) -> None:
    operator = await house.member(Role.OPERATOR)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b" " * 16_384

    headers = {"Authorization": f"Bearer {operator.key}", "Content-Type": "application/json"}
    async with house.client.put(f"{house.url}/v1/commission", data=pieces(), headers=headers) as response:
        assert response.status == 413


class Wire:
    """A connection on which a test writes HTTP by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, house: House, key: str, headers: str, body: bytes) -> "Wire":
        wire = cls(*await asyncio.open_connection("127.0.0.1", int(house.url.rpartition(":")[2])))
        head = f"PUT /v1/commission HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n{headers}\r\n"
        wire.writer.write(f"{head}Content-Type: application/json\r\n\r\n".encode() + body)
        return wire

    async def heard(self) -> bytes:
        """Until the server hangs up."""
        heard = await asyncio.wait_for(self.reader.read(), 30)
        self.writer.close()
        return heard


async def test_a_body_that_never_ends_is_given_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "BODY_S_MAX", 0.05)
    operator = await house.member(Role.OPERATOR)

    heard = await (await Wire.to(house, operator.key, "Content-Length: 100", b'{"rate')).heard()

    assert heard.startswith(b"HTTP/1.1 408 ") and b"MALFORMED" in heard


async def test_a_body_in_broken_pieces_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "BODY_S_MAX", 0.05)
    operator = await house.member(Role.OPERATOR)
    headers = "Transfer-Encoding: chunked\r\nExpect: 100-continue"

    wire = await Wire.to(house, operator.key, headers, b"")
    await wire.reader.readuntil(b"100 Continue\r\n\r\n")
    wire.writer.write(b"zz\r\n{}\r\n")

    heard = await wire.heard()
    assert heard.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 408 ")) and b'"reason":"MALFORMED"' in heard


async def test_what_is_no_http_is_refused_and_leaves_no_trace_in_the_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    wire = Wire(*await asyncio.open_connection("127.0.0.1", int(house.url.rpartition(":")[2])))
    wire.writer.write(b"\x16\x03\x01\x02 what a mess\r\n\r\n")

    assert (await wire.heard()).startswith(b"HTTP/1.0 400 ")
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def test_whoever_hangs_up_in_the_middle_of_a_body_disturbs_nothing(house: House) -> None:
    operator = await house.member(Role.OPERATOR)

    with capture_logs() as logs:
        wire = await Wire.to(house, operator.key, "Content-Length: 100", b'{"rate')
        wire.writer.close()
        await wire.writer.wait_closed()
        answer = await house.call(operator, "PUT", "/v1/commission", COMMISSION)

    assert answer.body["version"] == 2
    assert [line for line in logs if line["log_level"] == "error"] == []


async def test_nothing_is_decoded_for_whoever_may_not_ask(house: House) -> None:
    seller = await house.member(Role.SELLER)

    answer = await house.call(
        seller, "PUT", "/v1/commission", raw=b"{", headers={"Content-Type": "text/plain"}
    )

    assert problem_of(answer) == (403, "ROLE_MISSING")


# --- once and only once ------------------------------------------------------------------------------


async def test_a_repeated_idempotency_key_is_answered_alike_and_takes_effect_once(house: House) -> None:
    operator, key = await house.member(Role.OPERATOR), {"Idempotency-Key": "one"}

    first = await house.call(operator, "PUT", "/v1/commission", COMMISSION, headers=key)
    again = await house.call(operator, "PUT", "/v1/commission", COMMISSION, headers=key)
    other = await house.call(operator, "PUT", "/v1/commission", {"rate_bps": 1}, headers=key)

    assert first.status == 200 and again.raw == first.raw
    assert problem_of(other) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert house.engine.views.commission.version == 2


async def test_a_registration_is_repeated_alike_although_its_hash_is_salted(house: House) -> None:
    operator, key = await house.member(Role.OPERATOR), {"Idempotency-Key": "one"}
    body = {"roles": ["buyer"], "name": "Widgets Ltd", "country": "GB", "contact": "x"}

    first = await house.call(operator, "POST", "/v1/members", body, headers=key)
    again = await house.call(operator, "POST", "/v1/members", body, headers=key)
    other = await house.call(operator, "POST", "/v1/members", body | {"name": "Gadgets"}, headers=key)

    assert first.status == 201 and again.raw == first.raw
    assert problem_of(other) == (409, "IDEMPOTENCY_KEY_REUSED")


async def test_two_members_may_use_the_same_idempotency_key(house: House) -> None:
    key = {"Idempotency-Key": "one"}
    for version in (2, 3):
        operator = await house.member(Role.OPERATOR)
        answer = await house.call(operator, "PUT", "/v1/commission", COMMISSION, headers=key)

        assert answer.body["version"] == version


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "ä"])
async def test_an_idempotency_key_is_visible_ascii(house: House, key: str) -> None:
    operator = await house.member(Role.OPERATOR)

    answer = await house.call(operator, "PUT", "/v1/commission", COMMISSION, headers={"Idempotency-Key": key})

    assert problem_of(answer) == (422, "MALFORMED")
    assert answer.body["errors"][0]["field"] == "Idempotency-Key"


async def test_a_route_that_cannot_keep_the_promise_takes_no_idempotency_key(house: House) -> None:
    member = await house.member()

    answer = await house.call(
        member, "POST", "/v1/keys", {"scopes": ["read"]}, headers={"Idempotency-Key": "one"}
    )

    assert problem_of(answer) == (422, "MALFORMED")


# --- not now -----------------------------------------------------------------------------------------


async def test_while_halted_reads_go_on_and_commands_are_told_to_come_back(house: House) -> None:
    operator = await house.member(Role.OPERATOR)

    house.disk.broken = True
    lost = await house.call(operator, "PUT", "/v1/commission", COMMISSION)
    refused = await house.call(operator, "PUT", "/v1/commission", COMMISSION)

    assert problem_of(lost) == (503, "HALTED") and "outcome is unknown" in lost.body["detail"]
    assert problem_of(refused) == (503, "HALTED") and "unknown" not in refused.body["detail"]
    assert refused.headers["Retry-After"] == "1"
    assert (await house.get(operator, "/v1/commission"))["version"] == 1
    assert (await house.call(None, "GET", "/readyz")).status == 503
    assert (await house.get(None, "/healthz")) == {"state": "halted"}


async def test_without_its_tables_only_what_needs_them_is_unavailable(house: House) -> None:
    operator = await house.member(Role.OPERATOR)
    await house.records.__aexit__(None, None, None)

    fills = await house.call(operator, "GET", "/v1/trades")
    registered = await house.call(
        operator, "POST", "/v1/members", {"roles": ["buyer"], "name": "W", "country": "GB", "contact": "x"}
    )

    assert problem_of(fills) == problem_of(registered) == (503, "RECORDS_UNAVAILABLE")
    assert fills.headers["Retry-After"] == "1"
    assert (await house.call(operator, "PUT", "/v1/commission", COMMISSION)).status == 200
    assert (await house.call(operator, "GET", "/v1/accounts")).status == 200


async def test_a_bug_is_told_as_one_and_shows_nothing(database_url: str) -> None:
    async with a_house(database_url) as house:
        operator = await house.member(Role.OPERATOR)
        await house.records.fetch("alter table trades rename to hidden")
        with capture_logs() as logs:
            answer = await house.call(operator, "GET", "/v1/trades")

    assert (answer.status, answer.body) == (
        500,
        {"type": "about:blank", "title": "Internal Server Error", "status": 500},
    )
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["request_failed"]


def test_nobody_takes_all_places() -> None:
    requests = Requests()

    def nested(depth: int, name: str) -> None:
        if depth:
            with requests.place(name, 3):
                nested(depth - 1, name)

    nested(3, "m")
    with pytest.raises(Refused) as caught:
        nested(4, "m")

    assert caught.value.reject.code is RejectCode.TOO_MANY_REQUESTS
    nested(3, "m")


async def test_a_member_may_have_so_many_requests_under_way_and_no_more(house: House) -> None:
    operator, other = await house.member(Role.OPERATOR), await house.member(Role.OPERATOR)
    house.disk.moving.clear()
    calls = [
        asyncio.create_task(house.call(operator, "PUT", "/v1/commission", COMMISSION))
        for _ in range(WAITING_PER_MEMBER_MAX + 1)
    ]
    (first,), _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
    read = await house.call(other, "GET", "/v1/commission")
    house.disk.moving.set()
    answers = await asyncio.gather(*calls)

    assert problem_of(first.result()) == (429, "TOO_MANY_REQUESTS")
    assert sorted(answer.status for answer in answers) == [200] * WAITING_PER_MEMBER_MAX + [429]
    assert read.status == 200


# --- what is written about it -------------------------------------------------------------------------


async def test_one_line_is_logged_a_request_and_no_secret_is_in_it(house: House) -> None:
    operator = await house.member(Role.OPERATOR)

    with capture_logs() as logs:
        await house.call(operator, "GET", "/v1/accounts?member_id=canary-query")
        await house.call(operator, "PUT", "/v1/commission", {"canary": "body"})

    lines = [line for line in logs if line["event"] == "request"]
    assert [(line["route"], line["status"]) for line in lines] == [
        ("GET /v1/accounts", 404),
        ("PUT /v1/commission", 422),
    ]
    assert {line["member_id"] for line in lines} == {operator.member_id}
    assert {line["duration_us"] for line in lines} == {0}  # by the engine's clock, which stands still here
    assert operator.key not in repr(logs) and "canary" not in repr(logs)


@pytest.mark.parametrize("path", ["/v1/time", "/v1/orders", "/v1/nowhere"])
async def test_no_answer_is_kept_by_caches_or_names_our_libraries(house: House, path: str) -> None:
    answer = await house.call(await house.member(), "GET", path)

    assert answer.headers["Server"] == "exchange"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_head_is_get_without_the_body(house: House) -> None:
    answer = await house.call(None, "HEAD", "/v1/time")

    assert (answer.status, answer.raw) == (200, b"")
