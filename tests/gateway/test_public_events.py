"""Public events keep a standstill and give reasons: asked of every draft, by REST and by WebSocket, and of none that plays."""

from typing import Any

import pytest

from exchange.core.messages import Role
from exchange_client import EventRules, Rejected
from tests.client.test_against_exchange import SECOND, a_client
from tests.gateway.house import House
from tests.gateway.rest.test_sourcing import EVENT

DAY_US = 24 * 3_600_000_000
KEPT = {"public": True, "standstill_us": 10 * DAY_US, "reasons_asked": True}


@pytest.mark.parametrize("missing", ["standstill_us", "reasons_asked"])
async def test_a_public_event_has_a_standstill_and_a_reason_for_every_other_choice(
    house: House, missing: str
) -> None:
    buyer = await house.member(Role.BUYER)
    lacking: Any = {name: value for name, value in KEPT.items() if name != missing}

    refused = await house.call(buyer, "POST", "/v1/events", EVENT | {"rules": lacking})
    drafted = await house.call(buyer, "POST", "/v1/events", EVENT | {"rules": KEPT})
    path = f"/v1/events/{drafted.body['event_id']}"
    changed = await house.call(buyer, "PATCH", path, {"rules": lacking})
    private = await house.call(buyer, "PATCH", path, {"rules": lacking | {"public": False}})

    assert drafted.status == 201 and private.status == 200
    for answer in (refused, changed):
        assert (answer.status, answer.body["reason"]) == (422, "RULES_CONTRADICT")
        assert answer.body["errors"][0]["field"] == f"rules.{missing}"


async def test_the_same_is_asked_by_websocket_however_often(house: House) -> None:
    buyer = await house.member(Role.BUYER)
    times: dict[str, Any] = {"open_at_us": house.engine.now_us() + SECOND, "duration_us": 60 * SECOND}
    async with a_client(house, buyer) as client:
        await client.create_event("Chairs", "EUR", **times)
        for rules in (EventRules(public=True), EventRules(public=True, standstill_us=DAY_US)):
            with pytest.raises(Rejected, match="RULES_CONTRADICT"):
                await client.create_event("Chairs", "EUR", **times, rules=rules)


async def test_practice_binds_nobody_and_needs_neither(house: House) -> None:
    buyer = await house.member(Role.BUYER)
    draft = EVENT | {"rules": {"public": True}, "practice": True}

    drafted = await house.call(buyer, "POST", "/v1/events", draft)
    path = f"/v1/events/{drafted.body['event_id']}"
    changed = await house.call(buyer, "PATCH", path, {"rules": {"public": True, "results": "price"}})

    assert (drafted.status, changed.status) == (201, 200)
