"""Suppliers are shown a published event at once and its lots at their preview, over every door."""

import pytest

from exchange.core.messages import Role
from exchange_client import Rejected
from tests.gateway.desks import a_client
from tests.gateway.house import Answer, Holder, House
from tests.gateway.rest.test_sourcing import EVENT, MINUTE, Market, published
from tests.gateway.test_public_events import KEPT

PREVIEW = "2026-01-01T12:30:00Z"


async def at_the_preview(house: House) -> None:
    house.clock.pass_us(31 * MINUTE)
    await house.instrument()


async def looks(house: House, market: Market, viewer: Holder) -> list[Answer]:
    """At everything that there is of it to a supplier."""
    event, lot = f"/v1/events/{market.event}", f"/v1/lots/{market.lot}"
    paths = [event, lot, f"{lot}/result", f"{lot}/bids", f"{lot}/standstill", f"{event}/release"]
    answers = [await house.call(viewer, "GET", path) for path in [*paths, "/v1/events", "/v1/invitations"]]
    bid = await house.call(viewer, "POST", f"{lot}/bids", {"price": "80.00"})
    proxy = await house.call(viewer, "PUT", f"{lot}/proxy", {"price": "80.00"})
    return [*answers, bid, proxy]


async def test_before_their_preview_a_supplier_is_shown_no_lots(house: House) -> None:
    market = await published(house, preview_at=PREVIEW, rules={"prebid": "open", **KEPT})
    supplier = market.suppliers[0]

    before = await looks(house, market, supplier)
    seen = before[0].body
    async with a_client(house, supplier) as client:
        with pytest.raises(Rejected) as refused:
            async with client.lot(market.lot) as room:
                await anext(aiter(room))
    assert "CHANNEL_UNKNOWN" in str(refused.value)
    await at_the_preview(house)
    after = await looks(house, market, supplier)

    assert (seen["title"], seen["state"], seen["open_at"]) == (
        EVENT["title"],
        "published",
        "2026-01-01T13:00:00.000000Z",
    )
    assert (seen["preview_at"], seen["lots"]) == ("2026-01-01T12:30:00.000000Z", [])
    assert not any(b"Chairs" in each.raw or market.lot.encode() in each.raw for each in before)
    assert {each.status for each in before[1:5]} == {404} == {each.status for each in before[-2:]}
    assert after[0].body["lots"][0]["title"] == "Chairs" and after[1].status == 200
    assert after[-2].status == 201
    assert (await house.call(None, "GET", f"/v1/events/{market.event}/release")).status == 200


async def test_the_buyer_and_the_operator_are_shown_the_lots_at_any_time(house: House) -> None:
    market, operator = await published(house, preview_at=PREVIEW), await house.member(Role.OPERATOR)

    for viewer in (market.buyer, operator):
        assert len((await house.get(viewer, f"/v1/events/{market.event}"))["lots"]) == 1
        assert (await house.call(viewer, "GET", f"/v1/lots/{market.lot}")).status == 200


async def test_lots_are_shown_in_time_to_those_who_listen(house: House) -> None:
    market = await published(house, preview_at=PREVIEW)
    supplier = market.suppliers[0]
    hook = {"url": "https://hooks.example.org/exchange", "kinds": ["event.previewed", "lot.opened"]}
    assert (await house.call(supplier, "POST", "/v1/webhooks", hook)).status == 201

    await at_the_preview(house)
    await house.archive()

    kinds = [row["kind"] for row in await house.records.fetch("select kind from webhook_messages")]
    steps = (await house.get(market.buyer, f"/v1/events/{market.event}/report"))["timetable"]
    assert kinds == ["event.previewed"]
    assert [each["kind"] for each in steps] == ["published", "previewed"]


@pytest.mark.parametrize(
    "preview,rules",
    [("2026-01-01T13:00:01Z", {}), ("2026-01-01T13:00:00Z", {"prebid": "required"})],
    ids=["after the opening", "too late for pre-bids that are asked for"],
)
async def test_a_preview_that_comes_too_late_is_refused_by_name(
    house: House, preview: str, rules: dict[str, str]
) -> None:
    buyer = await house.member(Role.BUYER)

    answer = await house.call(buyer, "POST", "/v1/events", EVENT | {"preview_at": preview, "rules": rules})

    assert (answer.status, answer.body["reason"]) == (422, "RULES_CONTRADICT")
    assert answer.body["errors"][0]["field"] == "preview_at"


async def test_a_clone_moves_the_preview_with_its_opening(house: House) -> None:
    market = await published(house, preview_at=PREVIEW)

    cloned = await house.call(
        market.buyer, "POST", f"/v1/events/{market.event}/clone", {"open_at": "2026-01-02T13:00:00Z"}
    )

    assert (await house.get(market.buyer, cloned.headers["Location"]))["preview_at"].startswith(
        "2026-01-02T12:30:00"
    )
