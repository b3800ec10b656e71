"""A practice event from draft to report, as its buyer and its suppliers meet it: marked in every picture, binding nobody."""

from typing import Any

from exchange.core.messages import Role
from exchange_client import LotState
from tests.gateway.desks import a_client
from tests.gateway.house import Holder, House
from tests.gateway.rest.test_sourcing import Market, published

RULES = {"bid_bond_amount": "100.00", "results": "winner", "public": True}


async def trained(house: House) -> Market:
    """Two suppliers have bid, and the second one has won."""
    market = await published(house, rules=RULES, practice=True)
    await market.pass_until_open()
    for number, price in ((0, "80.00"), (1, "79.00")):
        assert (await market.bid(number, price)).status == 201
    await market.pass_until_closed()
    award = await house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/award", {"alias": 2})
    assert award.status == 200, award
    await house.archive()
    return market


async def pictures(house: House, market: Market, viewer: Holder) -> dict[str, Any]:
    """Everything that REST shows this viewer of it."""
    event, lot = f"/v1/events/{market.event}", f"/v1/lots/{market.lot}"
    told = {path: await house.get(viewer, path) for path in (event, lot)}
    if viewer is market.buyer:
        told |= {path: await house.get(viewer, path) for path in (f"{event}/monitor", f"{event}/report")}
    else:
        told["own"] = (await house.get(viewer, "/v1/invitations"))["invitations"][0]
    return told


async def test_every_picture_of_a_practice_event_says_that_it_is_one(house: House) -> None:
    market = await trained(house)
    report = f"/v1/events/{market.event}/report"

    for viewer in (market.buyer, *market.suppliers):
        for path, told in (await pictures(house, market, viewer)).items():
            assert told["practice"] is True, path
        calendar = await house.call(viewer, "GET", f"/v1/events/{market.event}/calendar")
        assert b"SUMMARY:Practice: Office chairs" in calendar.raw
    csv = await house.call(market.buyer, "GET", f"{report}?format=csv")
    pdf = await house.call(market.buyer, "GET", f"{report}?format=pdf")
    assert b'status,,,practice,,,,,"nothing in it bound anybody' in csv.raw
    assert pdf.raw[:4] == b"%PDF"


async def test_a_practice_lot_says_so_over_websocket(house: House) -> None:
    market = await published(house, rules=RULES, practice=True)
    await market.pass_until_open()

    async with a_client(house, market.suppliers[0]) as client, client.lot(market.lot) as room:
        async for update in room:
            assert isinstance(update, LotState) and update.practice
            break


async def test_an_event_in_earnest_bears_no_mark(house: House) -> None:
    market = await published(house)
    await house.archive()

    for viewer in (market.buyer, *market.suppliers):
        for path, told in (await pictures(house, market, viewer)).items():
            assert "practice" not in told, path


async def test_a_practice_award_discloses_nobody_saves_nothing_and_is_not_released(house: House) -> None:
    market = await trained(house)
    event, lot = f"/v1/events/{market.event}", f"/v1/lots/{market.lot}"
    first, winner = market.suppliers

    result = await house.get(winner, f"{lot}/result")
    report = await house.get(market.buyer, f"{event}/report")
    monitor = await house.get(market.buyer, f"{event}/monitor")

    assert result["parts"] == [
        {"price": "79.00", "quantity": 500, "amount": "39500.00", "winner_id": winner.member_id}
    ]
    assert (await house.get(first, f"{lot}/result"))["parts"] == [
        {"price": "79.00", "quantity": 500, "amount": "39500.00"}
    ]
    assert "winner_id" not in await house.get(market.buyer, lot)
    assert "buyer_id" not in await house.get(winner, lot)
    assert [each["winner_id"] for each in report["lots"][0]["awards"]] == [""]
    assert report["lots"][0]["savings"] is monitor["lots"][0]["savings"] is None
    assert report["savings"]["amount_before"] == monitor["savings"]["amount_before"] == "0.00"
    for reader in (market.buyer, None, await house.member(Role.OPERATOR)):
        assert (await house.call(reader, "GET", f"{event}/release")).status == 404
    assert (await house.get(winner, "/v1/accounts"))["accounts"] == []
    bond = await house.call(first, "POST", f"{event}/bond")
    assert (bond.status, bond.body["reason"]) == (409, "BOND_NOT_ASKED")


async def test_a_buyer_clones_its_event_to_practise_and_again_for_another_round(house: House) -> None:
    market = await published(house)
    opens = {"open_at": "2026-01-01T12:30:00Z", "invitations": True}

    first = await house.call(
        market.buyer, "POST", f"/v1/events/{market.event}/clone", opens | {"practice": True}
    )
    second = await house.call(market.buyer, "POST", f"/v1/events/{first.body['event_id']}/clone", opens)
    earnest = await house.call(
        market.buyer, "POST", f"/v1/events/{first.body['event_id']}/clone", opens | {"practice": False}
    )

    assert [each.status for each in (first, second, earnest)] == [201] * 3
    seen = [await house.get(market.buyer, each.headers["Location"]) for each in (first, second, earnest)]
    assert [each.get("practice") for each in seen] == [True, True, None]


async def test_webhooks_and_mails_of_a_practice_event_say_so(house: House) -> None:
    buyer_hook = {"url": "https://hooks.example.org/exchange", "kinds": []}
    market = await published(house, rules=RULES, practice=True)
    for each in (market.buyer, *market.suppliers):
        assert (await house.call(each, "POST", "/v1/webhooks", buyer_hook)).status == 201
    await market.pass_until_open()
    await market.bid(0, "80.00")
    await market.pass_until_closed()
    await house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/award", {"alias": 1})
    await house.archive()

    bodies = [bytes(row["body"]) for row in await house.records.fetch("select body from webhook_messages")]
    mails = await house.records.fetch("select kind, subject from mails order by number")
    (calendar,) = await house.records.fetch("select title from event_calendars")

    assert any(b'"type":"own.practice_awarded"' in each for each in bodies)
    assert any(b'"type":"lot.awarded"' in each for each in bodies)
    assert all(b'"practice":true,"timestamp"' in each for each in bodies)
    assert not any(b"own.lot_awarded" in each for each in bodies)
    assert calendar["title"] == "Practice: Office chairs"
    assert {row["kind"]: row["subject"] for row in mails}["own.practice_awarded"] == "Practice: Chairs"
