"""Releases over REST: valid at every stage, whole for the buyer and the operator, and little for the public."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from exchange.core.messages import Role
from exchange.gateway.auth import Scope
from tests.gateway.house import Holder, House
from tests.gateway.rest.ocds import RELEASE
from tests.gateway.rest.test_sourcing import MINUTE, Market, draft, published
from tests.gateway.test_public_events import KEPT

VALIDATOR = Draft202012Validator(RELEASE, format_checker=FormatChecker())


async def read(house: House, holder: Holder | None, event: str) -> Any:
    """A release that must be there and valid."""
    answer = await house.call(holder, "GET", f"/v1/events/{event}/release")
    assert answer.status == 200, answer
    assert answer.headers["Content-Type"] == "application/json"
    errors = [error.message for error in VALIDATOR.iter_errors(answer.body)]
    assert not errors, errors
    return answer.body


async def decided(house: House, alias: int = 2, **rules: object) -> Market:
    market = await published(house, rules=rules)
    await market.pass_until_open()
    for number, price in ((0, "80.00"), (1, "79.00")):
        assert (await market.bid(number, price)).status == 201
    await market.pass_until_closed()
    body = {"alias": alias}
    assert (await house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/award", body)).status == 200
    return market


async def test_the_buyer_and_the_operator_read_who_won_what(house: House) -> None:
    market, operator = await decided(house), await house.member(Role.OPERATOR)

    told = await read(house, market.buyer, market.event)

    winner = market.suppliers[1].member_id
    assert told == await read(house, operator, market.event)
    assert told["ocid"] == f"exchange-{market.event}"
    assert told["tag"] == ["tender", "award"]
    assert told["buyer"] == {"id": market.buyer.member_id}
    assert told["parties"] == [
        {"id": market.buyer.member_id, "roles": ["buyer"]},
        {"id": winner, "roles": ["supplier"]},
    ]
    items = [{"id": market.lot, "description": "Chairs", "quantity": 500}]
    assert told["tender"] == {
        "id": market.event,
        "title": "Office chairs",
        "status": "complete",
        "procurementMethod": "selective",
        "mainProcurementCategory": "goods",
        "submissionMethod": ["electronicAuction"],
        "awardCriteria": "priceOnly",
        "tenderPeriod": {
            "startDate": "2026-01-01T13:00:00.000000Z",
            "endDate": "2026-01-01T14:00:00.000000Z",
        },
        "items": items,
        "value": {"amount": 45000.00, "currency": "EUR"},
    }
    assert told["awards"] == [
        {
            "id": market.lot,
            "title": "Chairs",
            "status": "active",
            "items": items,
            "value": {"amount": 39500.00, "currency": "EUR"},
            "suppliers": [{"id": winner}],
        }
    ]


async def test_a_release_is_valid_at_every_stage_and_has_another_id_at_each(house: House) -> None:
    market = await published(house)
    stages = [await read(house, market.buyer, market.event)]
    await market.pass_until_open()
    stages.append(await read(house, market.buyer, market.event))
    await market.bid(0, "80.00")
    assert (await read(house, market.buyer, market.event))["id"] == stages[1]["id"], "nobody reads of bids"
    await market.pass_until_closed()
    stages.append(await read(house, market.buyer, market.event))
    await house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/award", {"alias": 0})
    stages.append(await read(house, market.buyer, market.event))

    assert [each["tender"]["status"] for each in stages] == ["planned", "active", "active", "complete"]
    assert stages[-1]["awards"][0]["status"] == "unsuccessful"
    assert not {"value", "suppliers"} & stages[-1]["awards"][0].keys()
    assert len({each["id"] for each in stages}) == 3  # the close alone changes nothing


async def test_a_cancelled_event_is_released_as_such(house: House) -> None:
    other = await published(house)
    await house.call(other.buyer, "POST", f"/v1/events/{other.event}/cancellation", {"reason": "No need"})
    cancelled = await read(house, other.buyer, other.event)
    assert (cancelled["tag"], cancelled["tender"]["status"]) == (["tenderCancellation"], "cancelled")


async def test_what_is_not_public_is_for_its_buyer_and_operators_alone(house: House) -> None:
    market = await decided(house)
    unscoped = await house.key_for(market.buyer.member_id, frozenset({Scope.TRADE}))
    path = f"/v1/events/{market.event}/release"

    unknown = await house.call(None, "GET", "/v1/events/nothing/release")
    for holder in (None, unscoped, *market.suppliers, await house.member(Role.BUYER)):
        refused = await house.call(holder, "GET", path)
        assert (refused.status, refused.body["reason"]) == (404, "EVENT_UNKNOWN")
        assert refused.raw == unknown.raw


async def test_a_draft_has_no_release_even_if_it_is_to_be_public(house: House) -> None:
    buyer = await house.member(Role.BUYER)
    event = await draft(house, buyer, rules=KEPT)

    to_buyer = await house.call(buyer, "GET", f"/v1/events/{event}/release")
    to_public = await house.call(None, "GET", f"/v1/events/{event}/release")

    assert (to_buyer.status, to_buyer.body["reason"]) == (409, "EVENT_NOT_PUBLISHED")
    assert (to_public.status, to_public.body["reason"]) == (404, "EVENT_UNKNOWN")


@pytest.mark.parametrize(
    "results,shown", [("own", set()), ("price", {"value"}), ("winner", {"value", "suppliers"})]
)
async def test_the_public_reads_of_an_award_what_the_event_discloses_and_never_the_buyer(
    house: House, results: str, shown: set[str]
) -> None:
    market = await decided(house, **KEPT, results=results)

    told = await read(house, None, market.event)
    stranger = await read(house, await house.member(Role.SELLER), market.event)

    assert stranger == told
    assert {"value", "suppliers"} & told["awards"][0].keys() == shown
    assert "buyer" not in told and market.buyer.member_id not in repr(told)
    winner = market.suppliers[1].member_id
    assert (winner in repr(told)) is ("suppliers" in shown)
    assert market.suppliers[0].member_id not in repr(told)


async def test_the_public_cannot_tell_how_many_are_invited_or_bid(house: House) -> None:
    market = await published(house, rules=KEPT)
    before = await read(house, None, market.event)
    another = await house.member(Role.SELLER)
    body = {"member_id": another.member_id}
    assert (
        await house.call(market.buyer, "POST", f"/v1/events/{market.event}/invitations", body)
    ).status == 200

    assert (await read(house, None, market.event))["id"] == before["id"]


async def test_an_award_that_stands_still_is_pending_whoever_complains_and_then_active(house: House) -> None:
    market = await decided(house, **KEPT)
    before = await read(house, None, market.event)
    complaint = {"text": "The winner's chairs are not certified."}
    path = f"/v1/lots/{market.lot}/complaints"
    assert (await house.call(market.suppliers[0], "POST", path, complaint)).status == 201
    contested = await read(house, None, market.event)
    answer = {"alias": 1, "uphold": False, "text": "They are."}
    assert (await house.call(market.buyer, "POST", f"{path}/answer", answer)).status == 200
    house.clock.pass_us(KEPT["standstill_us"] + MINUTE)
    await house.instrument()
    final = await read(house, None, market.event)

    assert [each["awards"][0]["status"] for each in (before, contested, final)] == ["pending"] * 2 + [
        "active"
    ]
    assert before["id"] == contested["id"] != final["id"]
