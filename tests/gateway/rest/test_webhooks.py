"""Webhooks over REST: a member reaches its own, and what can't be sent to isn't taken."""

import pytest

from exchange.core.visibility.notices import KINDS
from exchange.gateway.stored.webhooks import ENDPOINTS_PER_MEMBER_MAX, TESTS_WAITING_MAX
from tests.gateway.house import Holder, House

URL = "https://hooks.example.org/exchange"


async def made(house: House, holder: Holder) -> str:
    answer = await house.call(holder, "POST", "/v1/webhooks", {"url": URL, "kinds": ["lot.closed"]})
    assert answer.status == 201, answer
    assert answer.body["secret"].startswith("whsec_")
    endpoint_id: str = answer.body["endpoint_id"]
    return endpoint_id


async def test_a_webhook_is_listed_without_its_secret_and_deleted(house: House) -> None:
    member = await house.member()
    endpoint = await made(house, member)

    raw = (await house.call(member, "GET", "/v1/webhooks")).raw
    listed = await house.get(member, "/v1/webhooks")
    deleted = await house.call(member, "DELETE", f"/v1/webhooks/{endpoint}")

    assert b"whsec_" not in raw
    assert listed["kinds"] == list(KINDS)
    assert listed["webhooks"] == [
        {
            "endpoint_id": endpoint,
            "url": URL,
            "kinds": ["lot.closed"],
            "created_at": "2026-01-01T12:00:00.000000Z",
            "waiting": 0,
            "failures": 0,
            "left_out": 0,
        }
    ]
    assert deleted.body == {"endpoint_id": endpoint}
    assert (await house.get(member, "/v1/webhooks"))["webhooks"] == []


@pytest.mark.parametrize(
    "body,reason,detail",
    [
        ({"url": "http://example.org/"}, "TARGET_REFUSED", "It must begin with https://."),
        ({"url": "https://10.1.2.3/"}, "TARGET_REFUSED", "Its address is private."),
        ({"url": "http://127.0.0.1/"}, "TARGET_REFUSED", "It must begin with https://."),
        ({"url": "https://localhost/"}, "TARGET_REFUSED", "It is this machine."),
        ({"url": URL, "kinds": ["lot.burned"]}, "MALFORMED", "There is no kind 'lot.burned'"),
        ({"url": ""}, "MALFORMED", "url"),
        ({}, "MALFORMED", "url"),
    ],
)
async def test_what_cannot_be_sent_is_refused_by_name(
    house: House, body: dict[str, object], reason: str, detail: str
) -> None:
    member = await house.member()

    answer = await house.call(member, "POST", "/v1/webhooks", body)

    assert (answer.status, answer.body["reason"]) == (422, reason)
    assert detail in answer.body["detail"]
    assert (await house.get(member, "/v1/webhooks"))["webhooks"] == []


async def test_a_member_has_so_many_and_no_more(house: House) -> None:
    member = await house.member()
    for _ in range(ENDPOINTS_PER_MEMBER_MAX):
        await made(house, member)

    answer = await house.call(member, "POST", "/v1/webhooks", {"url": URL})

    assert (answer.status, answer.body["reason"]) == (409, "TOO_MANY_WEBHOOKS")


async def test_tests_that_nobody_takes_do_not_pile_up(house: House) -> None:
    member = await house.member()
    endpoint = await made(house, member)

    statuses = [
        (await house.call(member, "POST", f"/v1/webhooks/{endpoint}/test")).status
        for _ in range(TESTS_WAITING_MAX + 1)
    ]

    assert statuses == [201] * TESTS_WAITING_MAX + [429]


@pytest.mark.parametrize(
    "method,path,body",
    [
        ("DELETE", "", None),
        ("POST", "/secret", None),
        ("POST", "/test", None),
        ("POST", "/enabling", None),
        ("GET", "/messages", None),
        ("POST", "/redeliveries", {"since": "2026-01-01T12:00:00Z"}),
    ],
)
async def test_what_is_anothers_is_as_if_there_were_none(
    house: House, method: str, path: str, body: object
) -> None:
    owner, stranger = await house.member(), await house.member()
    endpoint = await made(house, owner)

    others = await house.call(stranger, method, f"/v1/webhooks/{endpoint}{path}", body)
    unknown = await house.call(stranger, method, f"/v1/webhooks/nothing{path}", body)
    own = await house.call(owner, method, f"/v1/webhooks/{endpoint}{path}", body)

    assert (others.status, others.body["reason"]) == (404, "WEBHOOK_UNKNOWN")
    assert others.raw == unknown.raw
    assert own.status < 300


async def test_a_redelivery_names_one_message_or_an_instant(house: House) -> None:
    member = await house.member()
    path = f"/v1/webhooks/{await made(house, member)}/redeliveries"

    for body in ({}, {"message_id": "m", "since": "2026-01-01T12:00:00Z"}):
        answer = await house.call(member, "POST", path, body)
        assert (answer.status, answer.body["reason"]) == (422, "MALFORMED")
    unknown = await house.call(member, "POST", path, {"message_id": "msg_nothing"})
    assert (unknown.status, unknown.body["reason"]) == (404, "WEBHOOK_UNKNOWN")
