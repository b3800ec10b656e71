"""Invoices over REST: numbered, the payer's own, with the tax of their sum, in three forms."""

import csv
from io import StringIO

import pytest

from exchange.core.messages import ConfirmReceipt, IssueInvoices, PlaceOrder, Role, SetCommission, Side
from tests.gateway.house import Holder, House, a_house

MONTH_US = 31 * 24 * 3_600 * 1_000_000


class Month:
    """Sellers sell, buyers receive; at the end of the month the operator issues."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def open(self) -> "Month":
        self.operator = await self.house.member(Role.OPERATOR)
        await self.house.do(self.operator.member_id, SetCommission(rate_bps=800, tax_bps=2_100))
        self.instrument = await self.house.instrument()
        return self

    async def sale(self, seller: Holder, buyer: Holder, price: int, quantity: int) -> None:
        bought = ""
        for holder, side in ((seller, Side.SELL), (buyer, Side.BUY)):
            wish = PlaceOrder(instrument_id=self.instrument, side=side, price=price, quantity=quantity)
            bought = (await self.house.do(holder.member_id, wish)).id
        await self.house.do(buyer.member_id, ConfirmReceipt(contract_id=bought))

    async def close(self) -> None:
        self.house.clock.pass_us(MONTH_US)
        await self.house.do(self.operator.member_id, IssueInvoices(period=202_601))
        await self.house.archive()


async def test_an_invoice_has_the_tax_of_its_sum(house: House) -> None:
    month = await Month(house).open()
    seller, buyer = await house.seller(month.instrument), await house.buyer()
    for _ in range(3):
        await month.sale(seller, buyer, 111, 1)  # the tax of each fee of 0.09 would be 0.02
    await house.do(month.operator.member_id, SetCommission(rate_bps=500, tax_bps=0))
    await month.sale(seller, buyer, 1_000, 2)
    await month.close()

    (invoice,) = (await house.get(seller, "/v1/invoices"))["invoices"]

    assert {name: invoice[name] for name in ("number", "period", "currency", "payer")} == {
        "number": 1, "period": "2026-01", "currency": "USD", "payer": seller.member_id,
    }  # fmt: skip
    assert [(line["base"], line["fee"], line["tax"]) for line in invoice["lines"]] == [
        ("3.33", "0.27", "0.06"),
        ("20.00", "1.00", "0.00"),
    ]
    assert [(line["rate_bps"], line["tax_bps"]) for line in invoice["lines"]] == [(800, 2_100), (500, 0)]
    assert [invoice[name] for name in ("base", "fee", "tax", "total", "owed")] == [
        "23.33", "1.27", "0.06", "1.33", "0.00",
    ]  # fmt: skip
    assert await house.get(seller, "/v1/invoices/1") == invoice
    assert (await house.get(buyer, "/v1/invoices"))["invoices"] == []


async def test_it_is_had_as_csv_and_as_pdf(house: House) -> None:
    month = await Month(house).open()
    seller = await house.seller(month.instrument)
    await month.sale(seller, await house.buyer(), 1_000, 2)
    await month.close()

    by_format = await house.call(seller, "GET", "/v1/invoices/1?format=csv")
    by_accept = await house.call(seller, "GET", "/v1/invoices/1", headers={"Accept": "text/csv"})
    printed = await house.call(seller, "GET", "/v1/invoices/1?format=pdf")
    again = await house.call(month.operator, "GET", "/v1/invoices/1?format=pdf")

    lines = list(csv.DictReader(StringIO(by_format.raw.decode(), newline="")))
    assert by_format.raw == by_accept.raw
    assert [(line["month"], line["base"], line["fee"], line["tax"]) for line in lines] == [
        ("2026-01", "20.00", "1.60", "0.34"),
        ("total", "20.00", "1.60", "0.34"),
    ]
    assert printed.raw[:5] == b"%PDF-" and printed.raw == again.raw
    assert printed.headers["Content-Type"] == "application/pdf"


async def test_anothers_invoice_is_as_unknown_as_none(house: House) -> None:
    month = await Month(house).open()
    seller, buyer = await house.seller(month.instrument), await house.buyer()
    await month.sale(seller, buyer, 1_000, 2)
    await month.close()

    answers = [
        await house.call(buyer, "GET", f"/v1/invoices/{number}")
        for number in ("1", "2", "x", "-1", "9" * 16, "%D9%A1")
    ]

    assert {(each.status, each.body["reason"]) for each in answers[:5]} == {(404, "INVOICE_UNKNOWN")}
    assert answers[0].raw == answers[1].raw
    assert answers[5].status == 404
    refused = await house.call(buyer, "GET", f"/v1/invoices?member_id={seller.member_id}")
    assert refused.status == 403


async def test_pages_hold_every_invoice_once_and_the_operator_sees_all(house: House) -> None:
    month = await Month(house).open()
    sellers = [await house.seller(month.instrument) for _ in range(3)]
    buyer = await house.buyer()
    for seller in sellers:
        await month.sale(seller, buyer, 1_000, 2)
    await month.close()

    first = await house.get(month.operator, "/v1/invoices?limit=2")
    rest = await house.get(month.operator, f"/v1/invoices?limit=2&cursor={first['next']}")
    named = await house.get(month.operator, f"/v1/invoices?member_id={sellers[1].member_id}")

    shown = first["invoices"] + rest["invoices"]
    assert [each["number"] for each in shown] == [1, 2, 3] and rest["next"] == ""
    assert {each["payer"] for each in shown} == {seller.member_id for seller in sellers}
    assert named["invoices"] == [each for each in shown if each["payer"] == sellers[1].member_id]


@pytest.mark.parametrize("form", ["json", "csv", "pdf"])
async def test_who_bought_changes_no_byte(house_database_url: str, form: str) -> None:
    seen = []
    for swapped in (False, True):
        async with a_house(house_database_url) as house:
            month = await Month(house).open()
            seller, buyers = await house.seller(month.instrument), [await house.buyer() for _ in range(2)]
            await month.sale(seller, buyers[swapped], 1_000, 2)
            await month.close()
            answer = await house.call(seller, "GET", f"/v1/invoices/1?format={form}")
            assert answer.status == 200
            seen.append(answer.raw)

    assert seen[0] == seen[1]
