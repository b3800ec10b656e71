"""Statements over REST: exact, own, in three forms, and the same whoever stood on the other side."""

import csv
from io import StringIO

import pytest

from exchange.accounting.printer import PDF_ROWS_MAX
from exchange.core.messages import ConfirmReceipt, PlaceOrder, Role, SetCommission, Side
from tests.gateway.house import Holder, House, a_house
from tests.gateway.rest.test_money import Sale

JANUARY = "/v1/statements?month=2026-01"
MONTH_US = 31 * 24 * 3_600 * 1_000_000


async def a_sale(house: House) -> Sale:
    """Case 1 of the books, with tax on the fee, and received."""
    operator = await house.member(Role.OPERATOR)
    await house.do(operator.member_id, SetCommission(rate_bps=800, tax_bps=2_100))
    sale = await Sale(house).make()
    await sale.receive()
    return sale


async def test_a_sale_is_told_with_its_price_fee_and_tax(house: House) -> None:
    sale = await a_sale(house)

    statement = await house.get(sale.seller, JANUARY)

    dollars = [each for each in statement["movements"] if each["unit"] == "USD"]
    assert [(each["term"], each["amount"], each["balance"]) for each in dollars] == [
        ("sale", "2375.00", "2375.00"),
        ("fee", "-190.00", "2185.00"),
        ("tax", "-39.90", "2145.10"),
    ]
    assert statement["accounts"][0] == {
        "kind": "payable", "unit": "USD", "opening": "0.00", "closing": "2145.10"
    }  # fmt: skip
    assert (statement["from"], statement["to"], statement["final"]) == ("2026-01-01", "2026-02-01", False)


async def test_a_purchase_is_told_with_the_order_that_it_was(house: House) -> None:
    sale = await a_sale(house)

    statement = await house.get(sale.buyer, JANUARY)

    assert [
        (each["kind"], each["term"], each["subject"], each["amount"]) for each in statement["movements"]
    ] == [
        ("wallet", "payment in", f"bank-{sale.buyer.member_id}", "2375.00"),
        ("held", "wallet", sale.bought, "2375.00"),
        ("wallet", "held", sale.bought, "-2375.00"),
        ("held", "purchase", sale.bought, "-2375.00"),
    ]


async def test_csv_and_pdf_hold_the_same_by_format_or_by_accept(house: House) -> None:
    sale = await a_sale(house)
    as_json = await house.get(sale.seller, JANUARY)

    by_format = await house.call(sale.seller, "GET", f"{JANUARY}&format=csv")
    by_accept = await house.call(sale.seller, "GET", JANUARY, headers={"Accept": "text/csv;q=0.9"})
    printed = await house.call(sale.seller, "GET", JANUARY, headers={"Accept": "application/pdf"})
    again = await house.call(sale.seller, "GET", f"{JANUARY}&format=pdf")

    assert by_format.raw == by_accept.raw
    assert by_format.headers["Content-Type"].startswith("text/csv")
    lines = list(csv.DictReader(StringIO(by_format.raw.decode(), newline="")))
    assert [line["what"] for line in lines if line["what"] in {"opening", "closing"}] == (
        ["opening"] * len(as_json["accounts"]) + ["closing"] * len(as_json["accounts"])
    )
    assert [line["amount"] for line in lines if line["amount"]] == [
        each["amount"] for each in as_json["movements"]
    ]
    assert printed.raw[:5] == b"%PDF-" and printed.raw == again.raw
    assert printed.headers["Content-Type"] == "application/pdf"
    assert "statement-2026-01-01-2026-02-01.pdf" in printed.headers["Content-Disposition"]


async def test_pages_hold_all_of_it_once(house: House) -> None:
    sale = await a_sale(house)
    whole = await house.get(sale.buyer, JANUARY)

    movements, cursor = [], ""
    for _ in range(9):
        page = await house.get(sale.buyer, f"{JANUARY}&limit=1&cursor={cursor}")
        movements += page["movements"]
        cursor = page["next"]
        if not cursor:
            break

    assert movements == whole["movements"]


async def test_a_month_that_is_over_and_recorded_is_final(house: House) -> None:
    sale = await a_sale(house)
    house.clock.pass_us(MONTH_US)
    before = await house.get(sale.seller, JANUARY)
    await house.top_up(await house.member(Role.BUYER), 1)
    behind = await house.get(sale.seller, JANUARY)
    await house.archive()

    after = await house.get(sale.seller, JANUARY)

    assert (before["final"], behind["final"], after["final"]) == (True, False, True)
    assert before == after


REFUSED = [
    ("", "month"),
    ("?month=2026-13", "month"),
    ("?month=2026-01&from=2026-01-01", "month"),
    ("?from=2026-01-01", "month"),
    ("?from=2026-01-02&to=2026-01-01", "to"),
    ("?from=2026-01-01&to=9999-01-01", "to"),
    ("?from=soon&to=2026-01-01", "from"),
    ("?month=2026-01&format=xlsx", "format"),
    ("?month=2026-01&cursor=WzEsMF0", "cursor"),
]


@pytest.mark.parametrize("query, field", REFUSED)
async def test_a_query_that_means_nothing_is_refused_with_its_field(
    house: House, query: str, field: str
) -> None:
    answer = await house.call(await house.member(), "GET", f"/v1/statements{query}")

    assert (answer.status, answer.body["errors"][0]["field"]) == (422, field)


async def test_only_the_operator_may_name_another_member(house: House) -> None:
    sale, operator = await a_sale(house), await house.member(Role.OPERATOR)
    asked = f"{JANUARY}&member_id={sale.seller.member_id}"

    assert (await house.call(sale.buyer, "GET", asked)).status == 403
    assert await house.get(operator, asked) == await house.get(sale.seller, JANUARY)


async def test_a_pdf_of_too_many_movements_is_refused_and_csv_is_not(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale = await a_sale(house)
    monkeypatch.setattr("exchange.gateway.rest.statements.PDF_ROWS_MAX", 3)

    refused = await house.call(sale.buyer, "GET", f"{JANUARY}&format=pdf")
    streamed = await house.call(sale.buyer, "GET", f"{JANUARY}&format=csv")

    assert refused.status == 422 and "Ask for CSV" in refused.body["detail"]
    assert streamed.status == 200
    assert PDF_ROWS_MAX >= 5_000


async def test_a_head_request_promises_without_sending(house: House) -> None:
    sale = await a_sale(house)

    answer = await house.call(sale.buyer, "HEAD", f"{JANUARY}&format=csv")
    after = await house.get(sale.buyer, JANUARY)

    assert (answer.status, answer.raw) == (200, b"")
    assert after["movements"]


@pytest.mark.parametrize("form", ["json", "csv", "pdf"])
@pytest.mark.parametrize("viewer", ["buyer", "seller"])
async def test_swapping_the_counterparty_changes_no_byte(
    house_database_url: str, viewer: str, form: str
) -> None:
    seen = []
    for swapped in (False, True):
        async with a_house(house_database_url) as house:
            seen.append(await _statement(house, viewer, form, swapped=swapped))

    assert seen[0] == seen[1]
    assert len(seen[0]) > 500


async def _statement(house: House, viewer: str, form: str, *, swapped: bool) -> bytes:
    """What a member gets of a deal with one of two equals, of which the other does nothing."""
    operator, instrument = await house.member(Role.OPERATOR), await house.instrument()
    await house.do(operator.member_id, SetCommission(rate_bps=800, tax_bps=2_100))
    buyers = [await house.buyer() for _ in range(2)]
    sellers = [await house.seller(instrument) for _ in range(2)]
    buyer = buyers[swapped and viewer == "seller"]
    seller = sellers[swapped and viewer == "buyer"]
    last = ""
    for holder, side in ((seller, Side.SELL), (buyer, Side.BUY)):
        house.clock.pass_us(1_000)
        wish = PlaceOrder(instrument_id=instrument, side=side, price=250, quantity=30)
        last = (await house.do(holder.member_id, wish)).id
    await house.do(buyer.member_id, ConfirmReceipt(contract_id=last))
    await house.archive()
    shown: Holder = buyer if viewer == "buyer" else seller
    answer = await house.call(shown, "GET", f"{JANUARY}&format={form}")
    assert answer.status == 200
    return answer.raw
