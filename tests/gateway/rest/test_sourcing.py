"""Sourcing events over REST: drafted, bid for and awarded, each viewer shown no more than its own."""

from typing import Any

import pytest

from exchange.core.messages import Role
from tests.gateway.house import Holder, House

EVENT = {
    "title": "Office chairs",
    "currency": "EUR",
    "open_at": "2026-01-01T13:00:00Z",
    "duration_us": 3_600_000_000,
    "price_scale": 2,
}
LOT = {"title": "Chairs", "quantity": 500, "ceiling_price": "90.00", "min_step": "0.50", "tick": "0.10"}
MINUTE = 60_000_000


class Market:
    """A published event with one lot, its buyer, and suppliers who are invited."""

    def __init__(self, house: House, buyer: Holder, suppliers: list[Holder], event: str, lot: str) -> None:
        self.house, self.buyer, self.suppliers, self.event, self.lot = house, buyer, suppliers, event, lot

    async def bid(self, supplier: int, price: str) -> Any:
        return await self.house.call(
            self.suppliers[supplier], "POST", f"/v1/lots/{self.lot}/bids", {"price": price}
        )

    async def pass_until_open(self) -> None:
        await self._pass(61)

    async def pass_until_closed(self) -> None:
        await self._pass(120)

    async def _pass(self, minutes: int) -> None:
        """Let the clock run, and the engine notice: any command does."""
        self.house.clock.pass_us(minutes * MINUTE)
        await self.house.instrument()


async def draft(house: House, buyer: Holder, **fields: object) -> str:
    made = await house.call(buyer, "POST", "/v1/events", EVENT | fields)
    assert made.status == 201, made
    event_id: str = made.body["event_id"]
    return event_id


async def published(house: House, suppliers: int = 2, **fields: object) -> Market:
    buyer = await house.member(Role.BUYER)
    event = await draft(house, buyer, **fields)
    lot = (await house.call(buyer, "POST", f"/v1/events/{event}/lots", LOT)).body["lot_id"]
    invited = [await house.member(Role.SELLER) for _ in range(suppliers)]
    for supplier in invited:
        body = {"member_id": supplier.member_id}
        assert (await house.call(buyer, "POST", f"/v1/events/{event}/invitations", body)).status == 200
    assert (await house.call(buyer, "POST", f"/v1/events/{event}/publication")).status == 200
    return Market(house, buyer, invited, event, lot)


async def test_a_draft_is_seen_by_its_buyer_and_the_operator_only(house: House) -> None:
    buyer, operator = await house.member(Role.BUYER), await house.member(Role.OPERATOR)
    event = await draft(house, buyer)

    seen = await house.get(buyer, f"/v1/events/{event}")

    assert seen == EVENT | {
        "event_id": event,
        "state": "draft",
        "seen_as": "buyer",
        "open_at": "2026-01-01T13:00:00.000000Z",
        "overtime": {
            "window_us": 120_000_000,
            "extension_us": 120_000_000,
            "total_us_max": 3_600_000_000,
            "extension_start": "receipt_time",
            "lowest_triggering_rank": 1,
            "leader_triggers": False,
            "number_of_extensions": 0,
            "hard_deadline": None,
            "lots_to_extend": "triggering",
        },
        "disclosure": {"lead_price": True, "participant_count": False, "prices_by_alias": False},
        "lots": [],
        "invited": [],
    }
    assert (await house.get(operator, f"/v1/events/{event}"))["seen_as"] == "operator"
    for stranger in (await house.member(Role.SELLER), await house.member(Role.BUYER)):
        answer = await house.call(stranger, "GET", f"/v1/events/{event}")
        assert (answer.status, answer.body["reason"]) == (404, "EVENT_UNKNOWN")
        assert (await house.get(stranger, "/v1/events"))["events"] == []


async def test_a_lot_goes_from_invitation_to_award(house: House) -> None:
    market = await published(house)
    early = await market.bid(0, "80.00")
    await market.pass_until_open()
    bids = [await market.bid(0, "80.00"), await market.bid(1, "79.50"), await market.bid(1, "79.40")]
    await market.pass_until_closed()
    award = await house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/award", {"alias": 2})

    assert (early.status, early.body["reason"]) == (409, "LOT_NOT_OPEN_YET")
    assert early.body["bound"] == (await house.get(market.buyer, f"/v1/lots/{market.lot}"))["open_at"]
    assert [each.status for each in bids] == [201, 201, 422]
    assert (bids[2].body["reason"], bids[2].body["bound"]) == ("STEP_TOO_SMALL", "79.00")
    assert bids[2].body["step"] == "0.50"
    assert bids[2].body["detail"].endswith("Bid 79.00 or lower; one step is 0.50.")
    assert "step" not in early.body
    assert award.status == 200
    lot = await house.get(market.buyer, f"/v1/lots/{market.lot}")
    assert (lot["state"], lot["awarded_alias"], lot["winner_id"]) == (
        "awarded",
        2,
        market.suppliers[1].member_id,
    )


async def test_a_supplier_sees_its_own_rank_and_what_is_disclosed_and_no_identity(house: House) -> None:
    market = await published(house)
    await market.pass_until_open()
    await market.bid(0, "80.00")
    await market.bid(1, "79.50")

    raw = (await house.call(market.suppliers[0], "GET", f"/v1/lots/{market.lot}")).raw
    lot = await house.get(market.suppliers[0], f"/v1/lots/{market.lot}")
    event = await house.get(market.suppliers[0], f"/v1/events/{market.event}")

    assert (lot["own_price"], lot["own_rank"], lot["lead_price"]) == ("80.00", 2, "79.50")
    assert lot["bid_max"] == "79.50"
    assert not {"own_alias", "participants", "prices", "winner_id", "buyer_id"} & lot.keys()
    assert event["lots"] == [lot] and "invited" not in event
    for hidden in (market.buyer, market.suppliers[1]):
        assert hidden.member_id.encode() not in raw
        assert hidden.member_id not in repr(event)


async def test_the_lead_is_hidden_where_the_event_says_so_and_null_while_there_is_none(house: House) -> None:
    shown = await published(house)
    hidden = await published(house, disclosure={"lead_price": False})

    lots = [await house.get(market.suppliers[0], f"/v1/lots/{market.lot}") for market in (shown, hidden)]

    assert lots[0]["lead_price"] is None
    assert "lead_price" not in lots[1]


async def test_bids_are_listed_by_alias_to_the_buyer_and_own_ones_to_a_supplier(house: House) -> None:
    market = await published(house)
    await market.pass_until_open()
    for supplier, price in ((1, "80.00"), (0, "79.00"), (1, "78.00")):
        assert (await market.bid(supplier, price)).status == 201
    await house.archive()

    path = f"/v1/lots/{market.lot}/bids"
    to_buyer = await house.get(market.buyer, path)
    first = await house.get(market.suppliers[1], f"{path}?limit=1")
    second = await house.get(market.suppliers[1], f"{path}?limit=1&cursor={first['next']}")

    assert [(bid["alias"], bid["number"], bid["price"]) for bid in to_buyer["bids"]] == [
        (1, 1, "80.00"),
        (2, 1, "79.00"),
        (1, 2, "78.00"),
    ]
    at = "2026-01-01T13:01:00.000000Z"
    assert first["bids"] == [{"price": "80.00", "at": at, "number": 1}]
    assert second == {"bids": [{"price": "78.00", "at": at, "number": 2}], "next": ""}


@pytest.mark.parametrize("path", ["/v1/lots/{lot}", "/v1/lots/{lot}/bids"])
async def test_a_lot_does_not_exist_for_whoever_is_not_invited(house: House, path: str) -> None:
    market, stranger = await published(house), await house.member(Role.SELLER)

    for lot in (market.lot, "none"):
        answer = await house.call(stranger, "GET", path.format(lot=lot))
        assert (answer.status, answer.body["reason"]) == (404, "LOT_UNKNOWN")
    bid = await house.call(stranger, "POST", f"/v1/lots/{market.lot}/bids", {"price": "80.00"})
    assert (bid.status, bid.body["reason"]) == (404, "LOT_UNKNOWN")


async def test_only_the_buyer_and_the_operator_end_an_event(house: House) -> None:
    market = await published(house)
    path, body = f"/v1/events/{market.event}/cancellation", {"reason": "budget"}

    supplier = await house.call(market.suppliers[0], "POST", path, body)
    buyer = await house.call(market.buyer, "POST", path, body)

    assert (supplier.status, supplier.body["reason"]) == (404, "EVENT_UNKNOWN")
    assert buyer.status == 200
    assert (await house.get(market.buyer, f"/v1/events/{market.event}"))["state"] == "cancelled"


async def test_events_come_in_pages_with_the_last_to_open_first(house: House) -> None:
    buyer = await house.member(Role.BUYER)
    for hour in (15, 14, 16, 14, 15):
        await draft(house, buyer, open_at=f"2026-01-01T{hour}:00:00Z")

    seen, cursor = [], ""
    for _ in range(3):
        page = await house.get(buyer, f"/v1/events?limit=2&cursor={cursor}")
        seen += [(event["open_at"][11:13], event["event_id"]) for event in page["events"]]
        cursor = page["next"]

    assert [hour for hour, _ in seen] == ["16", "15", "15", "14", "14"]
    assert len(set(seen)) == 5 and not cursor


REFUSED: dict[str, tuple[dict[str, object], str, str]] = {
    "an opening in the past": ({"open_at": "2026-01-01T11:00:00Z"}, "OPENS_IN_THE_PAST", "open_at"),
    "an opening before time": ({"open_at": "1960-01-01T00:00:00Z"}, "MALFORMED", "open_at"),
    "an opening without a zone": ({"open_at": "2026-01-01T13:00:00"}, "MALFORMED", "open_at"),
    "an opening as a number": ({"open_at": 1767272400}, "MALFORMED", "open_at"),
    "too short": ({"duration_us": 1}, "MALFORMED", "duration_us"),
    "a wrong overtime": ({"overtime": {"window_us": -1}}, "MALFORMED", "overtime.window_us"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_an_event_that_cannot_be_held_is_refused_with_its_field(house: House, case: str) -> None:
    change, reason, field = REFUSED[case]

    answer = await house.call(await house.member(Role.BUYER), "POST", "/v1/events", EVENT | change)

    assert (answer.status, answer.body["reason"]) == (422, reason)
    assert [error["field"] for error in answer.body["errors"]] == [field]


@pytest.mark.parametrize(
    "change, reason, bound",
    [
        ({"ceiling_price": "90.05"}, "STEP_OFF_TICK", "0.10"),
        ({"min_step": "0.505"}, "MALFORMED", None),
        ({"quantity": 0}, "MALFORMED", None),
    ],
)
async def test_a_lot_is_priced_in_the_scale_of_its_event(
    house: House, change: dict[str, object], reason: str, bound: str | None
) -> None:
    buyer = await house.member(Role.BUYER)

    answer = await house.call(buyer, "POST", f"/v1/events/{await draft(house, buyer)}/lots", LOT | change)

    assert (answer.status, answer.body["reason"], answer.body.get("bound")) == (422, reason, bound)
