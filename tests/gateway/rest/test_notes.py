"""Settlement notes over REST: each side's own figures of a settled line, in three forms, with a proof that holds."""

import csv
from hashlib import sha256
from io import StringIO
from typing import Any

from exchange.core.messages import (
    AcceptGoods,
    ConfirmReceipt,
    ConfirmShipment,
    Delivery,
    DispatchConsignment,
    DispatchShipment,
    InspectHubLot,
    PlaceOrder,
    PublishSchedule,
    ReceiveConsignment,
    Role,
    SetCommission,
    Side,
    TaxRegime,
)
from exchange.core.messages.delivery import (
    Check,
    CheckMethod,
    CheckResult,
    ConsignedLine,
    SamplingPlan,
    ShippedLine,
)
from exchange.core.messages.ledger import Payer
from tests.gateway.house import Holder, House, a_house
from tests.gateway.rest.test_money import Sale, order
from tests.gateway.rest.test_statements import a_sale

FIGURES = ("side", "quantity", "price", "amount", "goods_tax", "fee", "fee_tax", "total")


def note_of(contract_id: str, line: int = 1) -> str:
    return f"/v1/contracts/{contract_id}/lines/{line}/settlement-note"


def figures(note: Any) -> list[object]:
    return [note[name] for name in FIGURES]


async def test_each_side_gets_its_own_figures_that_add_up(house: House) -> None:
    sale = await a_sale(house)

    to_seller = await house.get(sale.seller, note_of(sale.sold))
    to_buyer = await house.get(sale.buyer, note_of(sale.bought))

    assert figures(to_seller) == ["sell", 1_000, "2.375", "2375.00", "0.00", "190.00", "39.90", "2145.10"]
    assert figures(to_buyer) == ["buy", 1_000, "2.375", "2375.00", "0.00", "0.00", "0.00", "2375.00"]
    assert (to_seller["number"], to_seller["line"], to_seller["symbol"]) == (f"{sale.sold}-1", 1, "NE555P")
    assert to_seller["trade_number"] == to_buyer["trade_number"] == 1
    assert to_seller["settled_at"] == to_buyer["settled_at"] >= to_seller["traded_at"]


async def test_a_tax_on_goods_is_in_what_the_buyer_paid_and_the_seller_got(house: House) -> None:
    operator = await house.member(Role.OPERATOR)
    await house.do(operator.member_id, SetCommission(rate_bps=800, tax_bps=2_100))
    taxed = await house.instrument(tax_regime=TaxRegime.OWN_NAME, goods_tax_bps=2_100)
    seller, buyer = await house.seller(taxed), await house.buyer()
    sold = await order(house, seller, taxed, Side.SELL, 1_000, 10)
    bought = await order(house, buyer, taxed, Side.BUY, 1_000, 10)
    await house.do(buyer.member_id, ConfirmReceipt(contract_id=bought))
    await house.archive()

    to_buyer = figures(await house.get(buyer, note_of(bought)))
    to_seller = figures(await house.get(seller, note_of(sold)))

    assert to_buyer == ["buy", 10, "10.00", "100.00", "21.00", "0.00", "0.00", "121.00"]
    assert to_seller == ["sell", 10, "10.00", "100.00", "21.00", "8.00", "1.68", "111.32"]
    balances = (await house.get(seller, "/v1/accounts"))["accounts"]
    assert [each["available"] for each in balances if each["kind"] == "payable"] == ["111.32"]


async def test_a_fee_that_the_buyer_bears_is_on_top_of_what_it_paid(house: House) -> None:
    operator = await house.member(Role.OPERATOR)
    schedule = PublishSchedule(rate_bps=1_000, tax_bps=2_000, payer=Payer.BUYER)
    await house.do(operator.member_id, schedule)
    goods = await house.instrument()
    seller, buyer = await house.seller(goods), await house.buyer()
    sold = await order(house, seller, goods, Side.SELL, 1_000, 10)
    bought = await order(house, buyer, goods, Side.BUY, 1_000, 10)
    await house.do(buyer.member_id, ConfirmReceipt(contract_id=bought))
    await house.archive()

    to_buyer = figures(await house.get(buyer, note_of(bought)))
    to_seller = figures(await house.get(seller, note_of(sold)))

    assert to_buyer == ["buy", 10, "10.00", "100.00", "0.00", "10.00", "2.00", "112.00"]
    assert to_seller == ["sell", 10, "10.00", "100.00", "0.00", "0.00", "0.00", "100.00"]


async def test_of_a_deal_through_the_hub_only_what_passed_is_settled(house: House) -> None:
    inspector = (await house.member(Role.INSPECTOR)).member_id
    goods = await house.instrument(delivery=Delivery.HUB, tax_regime=TaxRegime.OWN_NAME, goods_tax_bps=1_000)
    seller, buyer = await house.seller(goods), await house.buyer()
    sold = await order(house, seller, goods, Side.SELL, 1_000, 10)
    bought = await order(house, buyer, goods, Side.BUY, 1_000, 10)
    lines = (ConsignedLine(sold, 1, 10),)
    sent = await house.do(seller.member_id, DispatchConsignment(instrument_id=goods, lines=lines))
    lot = await house.do(inspector, ReceiveConsignment(consignment_id=sent.id, counted_quantity=10))
    found = InspectHubLot(
        hub_lot_id=lot.id,
        plan=SamplingPlan.FIXED_SAMPLE,
        sample_quantity=1,
        checks=(Check(CheckMethod.VISUAL, CheckResult.PASSED),),
        evidence_hash="e" * 64,
        passed_quantity=7,
        rejected_quantity=3,
    )
    await house.do(inspector, found)
    shipment = await house.do(inspector, DispatchShipment(lines=(ShippedLine(bought, 1),)))
    await house.do(buyer.member_id, ConfirmShipment(shipment_id=shipment.id, received_quantity=7))
    await house.do(buyer.member_id, AcceptGoods(contract_id=bought, line=1))
    await house.archive()

    assert figures(await house.get(buyer, note_of(bought))) == [
        "buy", 7, "10.00", "70.00", "7.00", "0.00", "0.00", "77.00",
    ]  # fmt: skip
    to_seller = await house.get(seller, note_of(sold))
    assert (to_seller["quantity"], to_seller["amount"], to_seller["goods_tax"]) == (7, "70.00", "7.00")


async def test_csv_and_pdf_say_the_same_by_format_or_by_accept(house: House) -> None:
    sale = await a_sale(house)
    path = note_of(sale.sold)
    as_json = await house.get(sale.seller, path)

    by_format = await house.call(sale.seller, "GET", f"{path}?format=csv")
    by_accept = await house.call(sale.seller, "GET", path, headers={"Accept": "text/csv"})
    printed = await house.call(sale.seller, "GET", path, headers={"Accept": "application/pdf"})
    again = await house.call(sale.seller, "GET", f"{path}?format=pdf")

    assert by_format.raw == by_accept.raw
    rows = {
        row["what"]: row["figure"] for row in csv.DictReader(StringIO(by_format.raw.decode(), newline=""))
    }
    assert (rows["Number"], rows["Received"], rows["Fee"]) == (f"{sale.sold}-1", "2145.10 USD", "190.00")
    assert rows["Chain"] == as_json["proof"]["chain"]
    assert printed.raw[:5] == b"%PDF-" and printed.raw == again.raw
    assert f'filename="settlement-{sale.sold}-1.pdf"' in printed.headers["Content-Disposition"]


async def test_the_proof_leads_from_the_settling_command_to_the_journals_chain(house: House) -> None:
    """Computed as the journal's README says, with nothing of ours."""
    sale = await a_sale(house)

    proof = (await house.get(sale.seller, note_of(sale.sold)))["proof"]

    header, node = bytes.fromhex(proof["header"]), bytes.fromhex(proof["leaf"])
    first_seq, count = int.from_bytes(header[13:21], "big"), int.from_bytes(header[21:25], "big")
    assert (count, proof["path"], proof["sequence"]) == (1, [], first_seq)
    assert header[45:77] == node
    assert sha256(bytes.fromhex(proof["previous"]) + header).hexdigest() == proof["chain"]
    batches = [batch async for batch in house.engine.journal.read(first_seq, 1)]
    assert batches[0].chain.hex() == proof["chain"]


async def test_a_line_that_is_not_settled_or_not_ones_own_has_none(house: House) -> None:
    sale = await Sale(house).make()
    await house.archive()
    stranger, operator = await house.member(Role.BUYER), await house.member(Role.OPERATOR)

    early = await house.call(sale.buyer, "GET", note_of(sale.bought))
    await sale.receive()
    others = [
        await house.call(holder, "GET", path)
        for holder, path in (
            (stranger, note_of(sale.bought)),
            (sale.seller, note_of(sale.bought)),
            (sale.buyer, note_of(sale.bought, 2)),
            (sale.buyer, f"/v1/contracts/{sale.bought}/lines/one/settlement-note"),
            (operator, note_of(sale.bought)),
        )
    ]
    named = await house.call(operator, "GET", f"{note_of(sale.bought)}?member_id={sale.buyer.member_id}")
    tried = await house.call(stranger, "GET", f"{note_of(sale.bought)}?member_id={sale.buyer.member_id}")

    assert (early.status, early.body["reason"]) == (409, "LINE_NOT_SETTLED")
    assert [(each.status, each.body["reason"]) for each in others] == [(404, "LINE_UNKNOWN")] * 5
    assert named.raw == (await house.call(sale.buyer, "GET", note_of(sale.bought))).raw
    assert (tried.status, tried.body["reason"]) == (403, "NOT_PERMITTED")


async def a_note(house: House, *, swapped: bool) -> tuple[Holder, dict[str, Any], list[str]]:
    """The buyer's note after one of two equal sellers has sold to it."""
    instrument = await house.instrument()
    equals = [await house.seller(instrument) for _ in range(2)]
    buyer = await house.buyer()
    seller, idle = equals[::-1] if swapped else equals
    sold = await order(house, seller, instrument, Side.SELL, 250, 10)
    resting = PlaceOrder(instrument_id=instrument, side=Side.SELL, price=300, quantity=5)
    await house.do(idle.member_id, resting)
    bought = await order(house, buyer, instrument, Side.BUY, 250, 10)
    await house.do(buyer.member_id, ConfirmReceipt(contract_id=bought))
    await house.archive()
    note: dict[str, Any] = await house.get(buyer, note_of(bought))
    return buyer, note, [sold, *(each.member_id for each in equals)]


async def test_who_sold_changes_nothing_of_the_buyers_note(house_database_url: str) -> None:
    """But the proof, which is a digest of the whole journal."""
    notes = []
    for swapped in (False, True):
        async with a_house(house_database_url) as house:
            buyer, note, secrets = await a_note(house, swapped=swapped)
            assert buyer.member_id and not any(secret in str(note) for secret in secrets)
            del note["proof"]
            notes.append(note)

    assert notes[0] == notes[1]
