"""Accounts, postings, top-ups, stock and contracts over REST: exact, own, and silent about others."""

import pytest

from exchange.core.messages import PlaceOrder, Role, SetCommission, SetStanding, Side, Standing
from exchange.core.visibility import HOUSE_ACCOUNTS
from tests.gateway.house import Holder, House


async def order(house: House, holder: Holder, instrument: str, side: Side, price: int, quantity: int) -> str:
    command = PlaceOrder(instrument_id=instrument, side=side, price=price, quantity=quantity)
    return (await house.do(holder.member_id, command)).id


class Sale:
    """Case 1 of the books: 1,000 pieces at 2.375, sold and received."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def make(self) -> "Sale":
        house = self.house
        self.instrument = await house.instrument(price_scale=3, lot_multiple=10)
        self.seller, self.buyer = await house.seller(self.instrument), await house.buyer(237_500)
        self.sold = await order(house, self.seller, self.instrument, Side.SELL, 2_375, 1_000)
        self.bought = await order(house, self.buyer, self.instrument, Side.BUY, 2_375, 1_000)
        return self

    async def receive(self) -> None:
        path = f"/v1/contracts/{self.bought}/receipt"
        answer = await self.house.call(self.buyer, "POST", path)
        assert (answer.status, answer.body["lines"]) == (200, 1)
        await self.house.archive()


async def balances(house: House, holder: Holder, query: str = "") -> dict[tuple[str, str], str]:
    page = await house.get(holder, f"/v1/accounts{query}")
    return {(each["kind"], each["unit"]): each["available"] for each in page["accounts"]}


async def test_a_top_up_is_booked_once_and_exactly(house: House) -> None:
    operator, buyer = await house.member(Role.OPERATOR), await house.member(Role.BUYER)
    body = {"transfer_id": "bank-1", "member_id": buyer.member_id, "currency": "USD", "amount": "2375.5"}

    first = await house.call(operator, "POST", "/v1/top-ups", body)
    again = await house.call(operator, "POST", "/v1/top-ups", body)
    other = await house.call(operator, "POST", "/v1/top-ups", body | {"amount": "1.00"})

    assert (first.status, again.status) == (201, 201)
    assert (other.status, other.body["reason"]) == (409, "TRANSFER_ID_REUSED")
    assert other.body["errors"][0]["field"] == "amount"
    assert await balances(house, buyer) == {("wallet", "USD"): "2375.50"}


@pytest.mark.parametrize(
    "change, reason, field",
    [
        ({"amount": "1.001"}, "MALFORMED", "amount"),
        ({"amount": 1}, "MALFORMED", "amount"),
        ({"amount": "0.00"}, "MALFORMED", "amount"),
        ({"amount": "-1.00"}, "MALFORMED", "amount"),
        ({"amount": "1e3"}, "MALFORMED", "amount"),
        ({"amount": "99999999999999999999"}, "MALFORMED", "amount"),
        ({"currency": "ZZZ"}, "CURRENCY_UNKNOWN", "currency"),
        ({"currency": "JPY", "amount": "1.5"}, "MALFORMED", "amount"),
        ({"transfer_id": "a\u0000b"}, "MALFORMED", "transfer_id"),
    ],
)
async def test_a_top_up_of_anything_else_is_refused_with_its_field(
    house: House, change: dict[str, object], reason: str, field: str
) -> None:
    operator = await house.member(Role.OPERATOR)
    body = {"transfer_id": "b", "member_id": operator.member_id, "currency": "USD", "amount": "1.00"} | change

    answer = await house.call(operator, "POST", "/v1/top-ups", body)

    assert (answer.status, answer.body["reason"]) == (422, reason)
    assert [error["field"] for error in answer.body["errors"]] == [field]


async def test_the_books_of_a_sale_come_out_exactly(house: House) -> None:
    sale = await Sale(house).make()
    before = await balances(house, sale.buyer), await balances(house, sale.seller)
    await sale.receive()

    assert before == ({}, {})
    assert await balances(house, sale.buyer) == {}
    assert await balances(house, sale.seller) == {("payable", "USD"): "2185.00"}


async def test_the_operator_may_ask_for_a_members_accounts_and_a_member_may_not(house: House) -> None:
    buyer, other = await house.buyer(100), await house.buyer(200)
    operator, query = await house.member(Role.OPERATOR), f"?member_id={buyer.member_id}"

    for path in ("/v1/accounts", "/v1/postings"):
        assert (await house.call(buyer, "GET", path + query)).status == 200
        assert (await house.call(other, "GET", path + query)).status == 403
        assert (await house.call(operator, "GET", f"{path}?member_id=none")).status == 404
    assert await balances(house, operator, query) == {("wallet", "USD"): "1.00"}


async def test_an_operator_sees_what_the_exchange_earned_and_nobody_else_does(house: House) -> None:
    operator, suspended = await house.member(Role.OPERATOR), await house.member(Role.OPERATOR)
    await house.do(operator.member_id, SetCommission(rate_bps=800, tax_bps=1_000))
    await house.do(
        operator.member_id, SetStanding(member_id=suspended.member_id, standing=Standing.SUSPENDED)
    )
    sale = await Sale(house).make()
    await sale.receive()
    page = await house.get(operator, "/v1/accounts?limit=3")
    rest = await balances(house, operator, f"?cursor={page['next']}")

    assert await balances(house, operator) == {
        ("bank:client", "USD"): "-2375.00",
        ("commission:surplus", "USD"): "190.00",
        ("float:house", "USD"): "209.00",
        ("house:float", "USD"): "-209.00",
        ("tax:output", "USD"): "19.00",
    }
    assert len(page["accounts"]) == 3 and list(rest) == [("house:float", "USD"), ("tax:output", "USD")]
    assert await balances(house, operator, f"?member_id={operator.member_id}") == {}
    assert await balances(house, suspended) == await balances(house, sale.buyer) == {}


async def test_every_account_is_a_members_a_contracts_or_shown_as_the_houses(house: House) -> None:
    operator = await house.member(Role.OPERATOR)
    await house.do(operator.member_id, SetCommission(rate_bps=800, tax_bps=1_000))
    await (await Sale(house).make()).receive()
    shared = {"wallet", "held", "payable", "stock", "reserved", "escrow", "brought", "inbound", "delivered"}

    named = set(house.engine.views.accounts.balances)
    of_house = {name for name in named if name.partition(":")[0] not in shared}
    assert "commission:surplus" in of_house and of_house <= set(HOUSE_ACCOUNTS)


async def test_postings_are_the_members_own_with_nothing_of_anybody_else(house: House) -> None:
    sale = await Sale(house).make()
    await sale.receive()

    of_buyer = (await house.get(sale.buyer, "/v1/postings"))["postings"]
    of_seller = (await house.get(sale.seller, "/v1/postings"))["postings"]

    keys = ("kind", "unit", "amount", "reason", "subject", "counter_kind")
    assert [tuple(each[key] for key in keys) for each in of_buyer] == [
        ("wallet", "USD", "2375.00", "top_up", f"bank-{sale.buyer.member_id}", ""),
        ("held", "USD", "2375.00", "hold", sale.bought, "wallet"),
        ("wallet", "USD", "-2375.00", "hold", sale.bought, "held"),
        ("held", "USD", "-2375.00", "trade", sale.bought, ""),
    ]
    pieces = sale.instrument
    assert [tuple(each[key] for key in keys) for each in of_seller] == [
        ("stock", pieces, "1000", "declare", "", ""),
        ("reserved", pieces, "1000", "hold", sale.sold, "stock"),
        ("stock", pieces, "-1000", "hold", sale.sold, "reserved"),
        ("reserved", pieces, "-1000", "trade", sale.sold, ""),
        ("payable", "USD", "2185.00", "settlement", "", ""),
    ]
    assert sale.bought not in repr(of_seller) and sale.sold not in repr(of_buyer)


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_postings_come_in_pages_although_many_share_an_instant(house: House, limit: int) -> None:
    sale = await Sale(house).make()
    house.clock.pass_us(1)
    await sale.receive()
    whole = (await house.get(sale.seller, "/v1/postings"))["postings"]

    seen, cursor = [], ""
    for _ in whole:
        page = await house.get(sale.seller, f"/v1/postings?limit={limit}&cursor={cursor}")
        seen += page["postings"]
        cursor = page["next"]
        if not cursor:
            break

    assert seen == whole and not cursor


async def test_postings_can_be_chosen_by_unit_and_instant(house: House) -> None:
    sale = await Sale(house).make()
    house.clock.pass_us(1_000_000)
    await sale.receive()

    late = await house.get(sale.seller, "/v1/postings?since=2026-01-01T12:00:01Z")
    money = await house.get(sale.seller, "/v1/postings?unit=USD")

    assert [each["reason"] for each in late["postings"]] == ["settlement"]
    assert late == money


async def test_stock_is_declared_reserved_and_withdrawn(house: House) -> None:
    instrument = await house.instrument()
    seller = await house.seller(instrument, 100)
    await order(house, seller, instrument, Side.SELL, 250, 30)

    stock = await house.get(seller, "/v1/stock")
    taken = await house.call(
        seller, "POST", "/v1/stock/withdrawals", {"instrument_id": instrument, "quantity": 71}
    )
    back = await house.call(
        seller, "POST", "/v1/stock/withdrawals", {"instrument_id": instrument, "quantity": 70}
    )
    more = await house.call(seller, "POST", "/v1/stock", {"instrument_id": instrument, "quantity": 5})

    assert stock["stock"] == [{"instrument_id": instrument, "available": 70, "reserved": 30}]
    assert (taken.status, taken.body["reason"], taken.body["bound"]) == (409, "STOCK_SHORT", "70")
    assert (back.status, more.status) == (200, 200)
    assert (await house.get(seller, "/v1/stock"))["stock"][0]["available"] == 5
    assert (await house.get(await house.member(Role.SELLER), "/v1/stock")) == {"stock": [], "next": ""}


async def test_a_contract_is_read_from_its_own_side_before_and_after_it_is_performed(house: House) -> None:
    sale = await Sale(house).make()
    await house.archive()
    listed = await house.get(sale.seller, "/v1/contracts")
    await sale.receive()
    sold = await house.get(sale.seller, f"/v1/contracts/{sale.sold}")
    bought = await house.get(sale.buyer, f"/v1/contracts/{sale.bought}")

    line = {"line": 1, "trade_number": 1, "price": "2.375", "quantity": 1_000, "amount": "2375.00"}
    assert listed["contracts"] == [
        {
            "contract_id": sale.sold,
            "side": "sell",
            "instrument_id": sale.instrument,
            "currency": "USD",
            "state": "in_force",
            "lines": [line | {"settled": False}],
        }
    ]
    at = "2026-01-01T12:00:00.000000Z"
    assert sold["state"] == bought["state"] == "performed"
    assert sold["lines"] == [line | {"settled": True, "fee": "190.00", "fee_tax": "0.00", "at": at}]
    assert bought["lines"] == [line | {"settled": True, "fee": "0.00", "fee_tax": "0.00", "at": at}]


async def test_another_members_contract_is_unknown(house: House) -> None:
    sale = await Sale(house).make()
    await house.archive()

    for holder, contract in ((sale.buyer, sale.sold), (sale.seller, sale.bought)):
        answer = await house.call(holder, "GET", f"/v1/contracts/{contract}")
        assert (answer.status, answer.body["reason"]) == (404, "CONTRACT_UNKNOWN")
    receipt = await house.call(sale.buyer, "POST", f"/v1/contracts/{sale.sold}/receipt")
    assert (receipt.status, receipt.body["reason"]) == (404, "CONTRACT_UNKNOWN")


async def test_a_contract_is_shown_from_memory_where_the_records_are_behind(house: House) -> None:
    sale = await Sale(house).make()

    contract = await house.get(sale.buyer, f"/v1/contracts/{sale.bought}")

    assert (contract["state"], [line["settled"] for line in contract["lines"]]) == ("in_force", [False])


async def test_the_commission_is_versioned(house: House) -> None:
    operator, buyer = await house.member(Role.OPERATOR), await house.member(Role.BUYER)

    answer = await house.call(operator, "PUT", "/v1/commission", {"rate_bps": 500, "tax_bps": 2_100})

    assert (answer.status, answer.body["version"]) == (200, 2)
    assert await house.get(buyer, "/v1/commission") == {"version": 2, "rate_bps": 500, "tax_bps": 2_100}
