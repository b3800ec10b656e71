"""If-Match over REST: who has read a thing changes it only as long as nobody else has."""

import pytest

from exchange.core.messages import Role
from tests.gateway.house import Holder, House
from tests.gateway.rest.test_sourcing import LOT, draft, published

PROBLEM_412 = "VERSION_OTHER"


async def tag(house: House, holder: Holder, path: str) -> str:
    return (await house.call(holder, "GET", path)).headers["ETag"]


async def test_of_two_agents_of_a_buyer_one_changes_the_draft_and_the_other_reads_it_again(
    house: House,
) -> None:
    buyer = await house.member(Role.BUYER)
    event = f"/v1/events/{await draft(house, buyer, rules={'schedule': 'parallel'})}"
    read = await tag(house, buyer, event)

    first = await house.call(buyer, "POST", f"{event}/lots", LOT, headers={"If-Match": read})
    second = await house.call(buyer, "POST", f"{event}/lots", LOT, headers={"If-Match": read})
    now = await tag(house, buyer, event)
    third = await house.call(
        buyer, "POST", f"{event}/lots", LOT | {"title": "Desks"}, headers={"If-Match": now}
    )

    assert (first.status, second.status, second.body["reason"]) == (201, 412, PROBLEM_412)
    assert second.body["bound"] == now.strip('"').split("-")[0]
    assert second.body["errors"][0]["field"] == "If-Match"
    assert third.status == 201
    assert [lot["title"] for lot in (await house.get(buyer, event))["lots"]] == ["Chairs", "Desks"]


async def test_a_running_lot_is_extended_by_whoever_has_seen_its_close(house: House) -> None:
    market = await published(house)
    operator = await house.member(Role.OPERATOR)
    await market.pass_until_open()
    lot = f"/v1/lots/{market.lot}"
    read = {"If-Match": await tag(house, market.buyer, lot)}
    await market.bid(0, "80.00")

    later = {"close_at": "2026-01-01T14:30:00Z"}
    extended = await house.call(market.buyer, "POST", f"{lot}/extension", later, headers=read)
    ended = await house.call(operator, "POST", f"{lot}/end", {"reason": "r"}, headers=read)
    event = f"/v1/events/{market.event}"
    paused = await house.call(
        operator,
        "POST",
        f"{event}/pause",
        {"reason": "r"},
        headers={"If-Match": await tag(house, operator, event)},
    )

    assert [each.status for each in (extended, ended, paused)] == [200, 412, 200]


async def test_an_order_is_amended_and_cancelled_as_it_was_read(house: House) -> None:
    instrument, buyer = await house.instrument(), await house.buyer()
    new = {"instrument_id": instrument, "side": "buy", "price": "2.50", "quantity": 10}
    order = f"/v1/orders/{(await house.call(buyer, 'POST', '/v1/orders', new)).body['order_id']}"
    read = {"If-Match": await tag(house, buyer, order)}

    amended = await house.call(buyer, "PATCH", order, {"price": "2.40"}, headers=read)
    late = await house.call(buyer, "PATCH", order, {"quantity": 5}, headers=read)
    cancelled = await house.call(buyer, "DELETE", order, headers=read)

    assert [each.status for each in (amended, late, cancelled)] == [200, 412, 412]
    shown = await house.get(buyer, order)
    assert (shown["price"], shown["quantity"], shown["status"]) == ("2.40", 10, "open")
    again = await house.call(buyer, "DELETE", order, headers={"If-Match": await tag(house, buyer, order)})
    assert again.status == 200


async def test_a_standing_is_set_as_it_was_read(house: House) -> None:
    operator, member = await house.member(Role.OPERATOR), await house.member(Role.BUYER)
    path = f"/v1/members/{member.member_id}"
    read = {"If-Match": await tag(house, operator, path)}

    answers = [
        await house.call(operator, "PUT", f"{path}/standing", {"standing": standing}, headers=read)
        for standing in ("suspended", "good")
    ]

    assert [each.status for each in answers] == [200, 412]
    assert (await house.get(operator, path))["standing"] == "suspended"


async def test_a_repeated_request_gets_its_first_answer_whatever_changed_since(house: House) -> None:
    instrument, buyer = await house.instrument(), await house.buyer()
    new = {"instrument_id": instrument, "side": "buy", "price": "2.50", "quantity": 10}
    order = f"/v1/orders/{(await house.call(buyer, 'POST', '/v1/orders', new)).body['order_id']}"
    headers = {"If-Match": await tag(house, buyer, order), "Idempotency-Key": "once"}

    answers = [await house.call(buyer, "PATCH", order, {"price": "2.40"}, headers=headers) for _ in range(2)]

    assert [each.status for each in answers] == [200, 200]
    assert answers[0].raw == answers[1].raw


@pytest.mark.parametrize(
    "header, status, reason",
    [
        ("*", 200, None),
        ('"5-' + "0" * 32 + '"', 412, PROBLEM_412),
        ('W/"5-' + "0" * 32 + '"', 412, PROBLEM_412),
        ('"' + "0" * 32 + '"', 412, PROBLEM_412),
        ('""', 412, PROBLEM_412),
        ("5", 422, "MALFORMED"),
        ("", 422, "MALFORMED"),
        ('"a", "b"', 422, "MALFORMED"),
        ("*, *", 422, "MALFORMED"),
        ('"a', 422, "MALFORMED"),
        ('"' + "9" * 40 + "-" + "0" * 32 + '"', 412, PROBLEM_412),
    ],
)
async def test_a_condition_is_met_missed_or_not_understood(
    house: House, header: str, status: int, reason: str | None
) -> None:
    instrument, buyer = await house.instrument(), await house.buyer()
    new = {"instrument_id": instrument, "side": "buy", "price": "2.50", "quantity": 10}
    order = f"/v1/orders/{(await house.call(buyer, 'POST', '/v1/orders', new)).body['order_id']}"

    answer = await house.call(buyer, "PATCH", order, {"price": "2.40"}, headers={"If-Match": header})

    assert (answer.status, answer.body.get("reason")) == (status, reason)
    assert (await house.get(buyer, order))["price"] == ("2.40" if status == 200 else "2.50")


async def test_a_condition_on_what_is_not_there_changes_nothing_of_the_refusal(house: House) -> None:
    buyer = await house.member(Role.BUYER)

    for header in ("*", '"5-' + "0" * 32 + '"'):
        answer = await house.call(buyer, "DELETE", "/v1/orders/none", headers={"If-Match": header})
        assert (answer.status, answer.body["reason"]) == (404, "ORDER_UNKNOWN")


async def test_a_route_that_takes_no_condition_says_so_and_does_nothing(house: House) -> None:
    instrument, buyer = await house.instrument(), await house.buyer()
    new = {"instrument_id": instrument, "side": "buy", "price": "2.50", "quantity": 10}

    answer = await house.call(buyer, "POST", "/v1/orders", new, headers={"If-Match": "*"})

    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "If-Match")
    assert (await house.get(buyer, "/v1/orders"))["orders"] == []


async def test_a_suppliers_tag_tells_no_version(house: House) -> None:
    """A version counts invitations, so a supplier could tell from it how many there are."""
    market = await published(house)

    tags = [
        await tag(house, holder, path)
        for path in (f"/v1/events/{market.event}", f"/v1/lots/{market.lot}")
        for holder in (market.suppliers[0], market.buyer)
    ]

    assert ["-" in each for each in tags] == [False, True, False, True]


async def test_a_supplier_can_tell_nothing_from_a_condition(house: House) -> None:
    market = await published(house)
    seller = market.suppliers[0]
    lot = f"/v1/lots/{market.lot}"
    holder = await house.key_for(seller.member_id)

    answers = [
        await house.call(holder, "POST", f"{lot}/end", {"reason": "r"}, headers=headers)
        for headers in ({}, {"If-Match": '"5-' + "0" * 32 + '"'})
    ]

    assert answers[0].status == answers[1].status == 404
    assert answers[0].raw == answers[1].raw
