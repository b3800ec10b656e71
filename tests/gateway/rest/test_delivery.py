"""The life of goods through the hub over REST: the worked cases' figures, who reads what, and what is refused."""

from typing import Any

import pytest

from exchange.core.messages import Delivery, Role, SetCommission, Side, TaxRegime
from tests.gateway.house import Answer, Holder, House
from tests.gateway.rest.test_money import balances, order

EVIDENCE = "a" * 64
WORDS = "Pin 1 is bent on most of them."


class Hub:
    """Case 1 of the books, step by step: 1,000 pieces at 2.375 with 8 % fee, 21 % tax on it, 0.5 % guarantee."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def make(self, price: int = 2_375) -> "Hub":
        house = self.house
        self.operator = await house.member(Role.OPERATOR)
        self.inspector = await house.member(Role.INSPECTOR)
        await house.do(self.operator.member_id, SetCommission(rate_bps=800, tax_bps=2_100))
        self.instrument = await house.instrument(
            price_scale=3,
            lot_multiple=10,
            delivery=Delivery.HUB,
            guarantee_bps=50,
            tax_regime=TaxRegime.DISCLOSED_AGENT,
        )
        self.seller = await house.seller(self.instrument)
        self.buyer = await house.buyer(price * 100)
        self.sold = await order(house, self.seller, self.instrument, Side.SELL, price, 1_000)
        self.bought = await order(house, self.buyer, self.instrument, Side.BUY, price, 1_000)
        return self

    async def post(self, holder: Holder, path: str, body: object, status: int = 200) -> Any:
        answer = await self.house.call(holder, "POST", path, body)
        assert answer.status == status, answer
        return answer.body

    async def dispatch(self) -> None:
        line = {"contract_id": self.sold, "line": 1, "quantity": 1_000}
        body = {"instrument_id": self.instrument, "lines": [line], "tracking": "Swift 77 A"}
        self.consignment = (await self.post(self.seller, "/v1/consignments", body, 201))["consignment_id"]

    async def receive(self, counted: int = 1_000) -> None:
        path = f"/v1/consignments/{self.consignment}/receipt"
        answer = await self.post(self.inspector, path, {"counted_quantity": counted})
        self.hub_lot = answer["hub_lot_id"]

    async def inspect(self, **found: int) -> Answer:
        body = {
            "plan": "fixed_sample",
            "sample_quantity": 20,
            "checks": [{"method": "x_ray", "result": "passed"}],
            "evidence": EVIDENCE,
            "cost": "35.00",
            **found,
        }
        path = f"/v1/hub/lots/{self.hub_lot}/inspection"
        return await self.house.call(self.inspector, "POST", path, body)

    async def ship(self) -> None:
        body = {"lines": [{"contract_id": self.bought, "line": 1}], "tracking": "Swift 99 B"}
        self.shipment = (await self.post(self.inspector, "/v1/shipments", body, 201))["shipment_id"]

    async def confirm(self) -> None:
        await self.post(self.buyer, f"/v1/shipments/{self.shipment}/receipt", {"received_quantity": 1_000})

    async def accept(self) -> None:
        await self.post(self.buyer, f"/v1/contracts/{self.bought}/acceptance", {})

    async def accepted(self) -> "Hub":
        await self.dispatch()
        await self.receive()
        assert (await self.inspect(passed_quantity=1_000)).status == 200
        await self.ship()
        await self.confirm()
        await self.accept()
        return self

    async def deal_of(self, holder: Holder) -> dict[str, Any]:
        (deal,) = (await self.house.get(holder, "/v1/deals"))["deals"]
        assert isinstance(deal, dict)
        return deal


async def test_case_1_over_rest_pays_the_seller_and_provides_for_the_guarantee(house: House) -> None:
    hub = await (await Hub(house).make()).accepted()

    assert await balances(house, hub.buyer) == {}
    assert (await balances(house, hub.seller))["payable", "USD"] == "2145.10"
    booked = house.engine.views.accounts.balance
    assert {
        name: booked(name, "USD")
        for name in ("inspection", "bank:operating", "guarantee", "guarantee:provision", "house:float",
                     "float:house", "commission:surplus", "tax:output")
    } == {
        "inspection": 35_00, "bank:operating": -35_00, "guarantee": 11_88, "guarantee:provision": -11_88,
        "house:float": 229_90, "float:house": -229_90, "commission:surplus": -190_00, "tax:output": -39_90,
    }  # fmt: skip


async def test_case_2_over_rest_refunds_the_buyer_and_leaves_the_goods_to_the_seller(house: House) -> None:
    hub = await Hub(house).make(price=900)
    await hub.dispatch()
    await hub.receive()

    assert (await hub.inspect(rejected_quantity=1_000)).status == 200

    assert await balances(house, hub.buyer) == {("wallet", "USD"): "900.00"}
    owed = {("receivable:recourse", "USD"): "-35.00"}
    assert await balances(house, hub.seller) == {("rejected", hub.instrument): "1000"} | owed
    body = {"instrument_id": hub.instrument, "quantity": 600, "declare": True}
    await hub.post(hub.seller, "/v1/stock/rejected", body)
    assert (
        await balances(house, hub.seller)
        == {
            ("rejected", hub.instrument): "400",
            ("stock", hub.instrument): "600",
        }
        | owed
    )


async def test_a_claim_upheld_over_rest_needs_a_funded_float_and_shows_words_when_released(
    house: House,
) -> None:
    hub = await (await Hub(house).make()).accepted()
    claim = {"contract_id": hub.bought, "line": 1, "reason": "not_as_described", "text": WORDS}
    claim_id = (await hub.post(hub.buyer, "/v1/claims", claim, 201))["claim_id"]
    early = await house.call(hub.operator, "POST", f"/v1/claims/{claim_id}/resolution", {"upheld_bps": 400})
    (unread,) = (await house.get(hub.seller, "/v1/claims"))["claims"]
    await hub.post(hub.operator, f"/v1/claims/{claim_id}/release", {"text": "claim"})
    (read,) = (await house.get(hub.seller, "/v1/claims"))["claims"]
    answer = {"contract_id": hub.sold, "line": 1, "admit": False, "text": "They were straight."}
    await hub.post(hub.seller, "/v1/claims/answers", answer)
    (of_buyer,) = (await house.get(hub.buyer, "/v1/claims"))["claims"]
    (of_operator,) = (await house.get(hub.operator, "/v1/claims"))["claims"]

    short = await house.call(hub.operator, "POST", f"/v1/claims/{claim_id}/resolution", {"upheld_bps": 4_000})
    await hub.post(hub.operator, f"/v1/claims/{claim_id}/resolution", {"upheld_bps": 400})

    assert (early.status, early.body["reason"]) == (409, "CLAIM_NOT_ANSWERED")
    assert "claim_text" not in unread and "claim_id" not in unread
    assert (read["claim_text"], read["contract_id"]) == (WORDS, hub.sold)
    assert "answer_text" not in of_buyer and of_buyer["claim_id"] == claim_id
    assert (of_operator["answer_text"], of_operator["seller_id"]) == (answer["text"], hub.seller.member_id)
    assert (short.status, short.body["reason"], short.body["bound"]) == (409, "FLOAT_SHORT", "229.90")
    assert await balances(house, hub.buyer) == {("wallet", "USD"): "95.00"}
    await house.archive()
    (bought,) = (await house.get(hub.buyer, "/v1/claims/resolved"))["claims"]
    (sold,) = (await house.get(hub.seller, "/v1/claims/resolved"))["claims"]
    assert (bought["contract_id"], bought["state"], bought["refund"]) == (hub.bought, "remedied", "95.00")
    assert sold["contract_id"] == hub.sold and "refund" not in sold


async def test_each_side_reads_where_its_goods_are_and_what_it_must_do(house: House) -> None:
    hub = await Hub(house).make()
    await house.call(hub.operator, "PUT", "/v1/hub", {"name": "Hub One", "address": "Quay 3, 20457 Hamburg"})

    to_send, awaited = await hub.deal_of(hub.seller), await hub.deal_of(hub.buyer)
    await hub.dispatch()
    sent, still_awaited = await hub.deal_of(hub.seller), await hub.deal_of(hub.buyer)
    (box,) = (await house.get(hub.inspector, "/v1/consignments"))["consignments"]
    await hub.receive()
    (lot,) = (await house.get(hub.inspector, "/v1/hub/lots"))["hub_lots"]
    await hub.inspect(passed_quantity=1_000)
    (ready,) = (await house.get(hub.inspector, "/v1/hub/ready"))["lines"]
    await hub.ship()
    shipped, (parcel,) = (
        await hub.deal_of(hub.buyer),
        (await house.get(hub.buyer, "/v1/shipments"))["shipments"],
    )

    await house.archive()
    assert (await house.get(hub.seller, "/v1/hub"))["address"] == "Quay 3, 20457 Hamburg"
    assert to_send["state"] == "sold" and to_send["due"] and to_send["contract_id"] == hub.sold
    assert awaited == still_awaited and awaited["state"] == "awaited" and "due" not in awaited
    assert (sent["state"], sent["consignment_id"]) == ("dispatched", hub.consignment)
    assert (box["tracking"], box["quantity"], box["seller_id"]) == ("Swift 77 A", 1_000, hub.seller.member_id)
    assert (lot["hub_lot_id"], lot["quantity"], lot["overdue"]) == (hub.hub_lot, 1_000, False)
    assert (ready["contract_id"], ready["buyer_id"]) == (hub.bought, hub.buyer.member_id)
    assert (shipped["state"], shipped["shipment_id"]) == ("shipped", hub.shipment)
    assert (parcel["tracking"], parcel["quantity"]) == ("Swift 99 B", 1_000)
    assert (await hub.deal_of(hub.seller))["state"] == "passed"


async def test_neither_side_reads_an_id_of_the_other(house: House) -> None:
    hub = await (await Hub(house).make()).accepted()
    await hub.post(hub.buyer, "/v1/claims", {"contract_id": hub.bought, "line": 1, "reason": "damaged"}, 201)
    await house.archive()
    lists = ("/v1/deals", "/v1/consignments", "/v1/shipments", "/v1/claims", "/v1/postings", "/v1/trades")

    for holder, own, secrets in (
        (hub.buyer, hub.bought, (hub.seller.member_id, hub.sold, hub.consignment, hub.hub_lot, "Swift 77")),
        (hub.seller, hub.sold, (hub.buyer.member_id, hub.bought, hub.shipment, hub.hub_lot, "Swift 99")),
    ):
        for path in (*lists, f"/v1/contracts/{own}", f"/v1/contracts/{own}/steps"):
            answer = await house.call(holder, "GET", path)
            assert answer.status == 200
            assert not [each for each in secrets if each.encode() in answer.raw], (path, answer.raw)


async def test_the_steps_of_an_own_contract_stay_in_the_records(house: House) -> None:
    hub = await (await Hub(house).make()).accepted()
    await house.archive()

    bought = await house.get(hub.buyer, f"/v1/contracts/{hub.bought}/steps")
    sold = await house.get(hub.seller, f"/v1/contracts/{hub.sold}/steps")

    assert [step["state"] for step in bought["steps"]] == [
        "awaited", "at_hub", "passed", "shipped", "delivered", "accepted",
    ]  # fmt: skip
    assert [step["state"] for step in sold["steps"]] == ["sold", "dispatched", "at_hub", "passed", "accepted"]


@pytest.mark.parametrize(
    "change, status, reason, field",
    [
        ({"passed_quantity": 999}, 422, "QUANTITIES_DONT_ADD_UP", "passed_quantity"),
        ({"passed_quantity": -1}, 422, "MALFORMED", "passed_quantity"),
        ({"passed_quantity": 1_000, "sample_quantity": 1_001}, 422, "SAMPLE_TOO_LARGE", "sample_quantity"),
        ({"passed_quantity": 1_000, "cost": "35.001"}, 422, "MALFORMED", "cost"),
        ({"passed_quantity": 1_000, "cost": 35}, 422, "MALFORMED", "cost"),
        ({"passed_quantity": 1_000, "plan": "none"}, 422, "MALFORMED", "plan"),
        ({"passed_quantity": 1_000, "evidence": "x"}, 422, "MALFORMED", "evidence"),
        ({"passed_quantity": 1_000, "checks": []}, 422, "MALFORMED", "checks"),
    ],
)
async def test_an_inspection_of_anything_else_is_refused_with_its_field(
    house: House, change: dict[str, Any], status: int, reason: str, field: str
) -> None:
    hub = await Hub(house).make()
    await hub.dispatch()
    await hub.receive()

    answer = await hub.inspect(**change)

    assert (answer.status, answer.body["reason"]) == (status, reason)
    assert [error["field"] for error in answer.body["errors"]] == [field]
    assert [lot["hub_lot_id"] for lot in (await house.get(hub.inspector, "/v1/hub/lots"))["hub_lots"]]


async def test_the_same_key_files_one_claim_with_the_same_words(house: House) -> None:
    hub = await (await Hub(house).make()).accepted()
    body = {"contract_id": hub.bought, "line": 1, "reason": "defective", "text": WORDS}

    first, again = [
        await house.call(hub.buyer, "POST", "/v1/claims", body, headers={"Idempotency-Key": "once"})
        for _ in range(2)
    ]

    assert (first.status, first.raw) == (again.status, again.raw) == (201, first.raw)
    assert len(await house.records.fetch("select from deal_texts where words = $1", WORDS)) == 1
