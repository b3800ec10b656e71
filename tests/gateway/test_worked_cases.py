"""The worked cases of the money: after each step the books have exactly its postings.

Buyers and sellers come once by WebSocket and once by REST; operator, inspector and bank always by REST.
"""

from collections.abc import AsyncIterator

import pytest

from tests.gateway.hall import DETAILS, Hall, Sale, a_hall
from tests.gateway.house import House

DAY = 24 * 3_600 * 1_000_000


@pytest.fixture(params=["websocket", "rest"])
def door(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def hall(house: House, door: str) -> AsyncIterator[Hall]:
    async with a_hall(house, door, "B1", "S1") as hall:
        yield hall


async def accepted(hall: Hall) -> Sale:
    """Case 1 up to acceptance; its postings are read."""
    await hall.describe()
    await hall.top_up("B1", "2375.00")
    sale = await hall.sale("2.375")
    await hall.ready(sale, "35.00")
    await hall.accept(sale)
    await hall.booked()
    return sale


async def paid_out(hall: Hall) -> str:
    """The seller of case 1 has its money; the payout."""
    payout = await hall.withdraw("S1", "2145.10")
    await hall.bank_says("debit", "2145.10", payout)
    await hall.booked()
    return payout


async def test_case_1_from_the_top_up_to_the_acceptance(hall: Hall) -> None:
    await hall.describe()

    await hall.top_up("B1", "2375.00")
    assert await hall.booked() == ["bank:client +2375.00 / wallet:B1 -2375.00"]

    bought = await hall.order("B1", "2.375", 1_000, "C1")
    assert await hall.booked() == ["wallet:B1 +2375.00 / held:B1 -2375.00"]

    await hall.desks["S1"].declare_stock(hall.instrument, 1_000)
    sale = Sale(bought, await hall.order("S1", "2.375", 1_000), 1_000, "B1", "S1")
    assert await hall.booked() == ["held:B1 +2375.00 / escrow:C1 -2375.00"]

    hub_lot = await hall.at_hub(sale)
    assert await hall.booked() == []

    await hall.inspect(hub_lot, passed_quantity=1_000)
    assert await hall.booked() == [
        "inspection +35.00 / bank:operating -35.00",
        "guarantee +11.88 / guarantee:provision -11.88",
    ]

    await hall.deliver(sale)
    assert await hall.booked() == []

    await hall.accept(sale)
    assert await hall.booked() == [
        "escrow:C1 +2375.00 / payable:S1 -2145.10, float:house -229.90",
        "linked house:float +229.90 / commission:surplus -190.00, tax:output -39.90",
    ]


async def test_case_1_the_payout_and_the_sweep(hall: Hall) -> None:
    await accepted(hall)

    payout = await hall.withdraw("S1", "2145.10")
    assert await hall.booked() == ["payable:S1 +2145.10 / clearing:payout -2145.10"]

    await hall.bank_says("debit", "2145.10", payout)
    assert await hall.booked() == ["clearing:payout +2145.10 / bank:client -2145.10"]

    sweep = await hall.post(hall.operator, "/v1/sweeps", {"currency": "USD"})
    assert await hall.booked() == ["float:house +229.90 / clearing:sweep -229.90"]

    await hall.bank_says("debit", "229.90", sweep["payout_id"])
    assert await hall.booked() == [
        "clearing:sweep +229.90 / bank:client -229.90",
        "linked bank:operating +229.90 / house:float -229.90",
    ]

    assert await hall.read("B1") == ["wallet +2375.00", "held +2375.00", "wallet -2375.00", "held -2375.00"]
    assert await hall.read("S1") == ["payable +2145.10", "payable -2145.10"]


async def test_case_1b_in_the_exchanges_own_name(hall: Hall) -> None:
    await hall.describe(tax_regime="own_name", goods_tax_bps=2_100)
    await hall.top_up("B1", "2873.75")
    sale = await hall.sale("2.375")

    assert await hall.booked() == [
        "bank:client +2873.75 / wallet:B1 -2873.75",
        "wallet:B1 +2873.75 / held:B1 -2873.75",
        "held:B1 +2873.75 / escrow:C1 -2873.75",
    ]

    await hall.ready(sale)
    assert await hall.booked() == ["guarantee +11.88 / guarantee:provision -11.88"]

    await hall.accept(sale)
    assert await hall.booked() == [
        "escrow:C1 +2873.75 / payable:S1 -2643.85, float:house -229.90",
        "linked house:float +229.90, tax:input +458.85 / commission:surplus -190.00, tax:output -498.75",
    ]


async def test_case_2_the_inspection_fails(house: House, door: str) -> None:
    async with a_hall(house, door, "B2", "S2") as hall:
        await hall.describe()
        await hall.top_up("B2", "900.00")
        await hall.top_up("S2", "35.00")
        await hall.booked()

        await hall.desks["S2"].pay_deposit("35.00")
        assert await hall.booked() == ["wallet:S2 +35.00 / deposit:S2 -35.00"]

        hub_lot = await hall.at_hub(await hall.sale("0.900", contract="C2", buyer="B2", seller="S2"))
        assert await hall.booked() == [
            "wallet:B2 +900.00 / held:B2 -900.00",
            "held:B2 +900.00 / escrow:C2 -900.00",
        ]

        await hall.inspect(hub_lot, rejected_quantity=1_000)
        assert await hall.booked() == [
            "escrow:C2 +900.00 / wallet:B2 -900.00",
            "inspection +35.00 / bank:operating -35.00",
            "deposit:S2 +35.00 / float:house -35.00",
            "linked house:float +35.00 / inspection_recovery -35.00",
        ]


async def claimed(hall: Hall, sale: Sale) -> str:
    """The buyer objects, and the seller admits it; the claim."""
    claim_id = await hall.desks[sale.buyer].claim(sale.bought)
    await hall.desks[sale.seller].admit(sale.sold)
    return claim_id


async def fund_float(hall: Hall) -> None:
    """The commission of another sale."""
    await hall.top_up("B2", "10000.00")
    other = await hall.sale("10.000", contract="C2", buyer="B2", seller="S2")
    await hall.ready(other)
    await hall.accept(other)
    await hall.booked()


async def test_case_5_a_claim_is_upheld_netted_and_written_off(house: House, door: str) -> None:
    async with a_hall(house, door, "B1", "S1", "B2", "S2") as hall:
        sale = await accepted(hall)
        await paid_out(hall)
        await fund_float(hall)

        claim = await claimed(hall, sale)
        assert await hall.booked() == []

        await hall.post(hall.operator, f"/v1/claims/{claim}/resolution", {"upheld_bps": 4_000}, 200)
        assert await hall.booked() == [
            "float:house +950.00 / wallet:B1 -950.00",
            "linked receivable:recourse:S1 +858.04, commission:surplus +76.00, tax:output +15.96 / house:float -950.00",
        ]

        following = await hall.sale("55.359", 10, "C3")
        await hall.ready(following)
        await hall.booked()
        await hall.accept(following)
        assert await hall.booked() == [
            "escrow:C3 +553.59 / payable:S1 -500.00, float:house -53.59",
            "linked house:float +53.59 / commission:surplus -44.29, tax:output -9.30",
            "payable:S1 +500.00 / float:house -500.00",
            "linked house:float +500.00 / receivable:recourse:S1 -500.00",
        ]

        owed = {"member_id": hall.holders["S1"].member_id, "currency": "USD", "provision": "11.88"}
        await hall.post(hall.operator, "/v1/write-offs", owed)
        assert await hall.booked() == [
            "guarantee:provision +11.88, bad_debt +346.16 / receivable:recourse:S1 -358.04"
        ]


async def test_case_6_a_fee_in_yen(hall: Hall) -> None:
    await hall.describe(tax_bps=0, currency="JPY", price_scale=0, lot_multiple=1, guarantee_bps=0)
    await hall.top_up("B1", "128001")
    sale = await hall.sale("128001", 1)
    await hall.ready(sale)
    await hall.booked()

    await hall.accept(sale)

    assert await hall.booked() == [
        "escrow:C1 +128001 / payable:S1 -117761, float:house -10240",
        "linked house:float +10240 / commission:surplus -10240",
    ]


async def test_case_7_a_payout_comes_back(hall: Hall) -> None:
    await accepted(hall)
    payout = await paid_out(hall)

    await hall.bank_says("credit", "2145.10", payout)

    assert await hall.booked() == ["bank:client +2145.10 / payable:S1 -2145.10"]


async def test_case_8_a_credit_that_nobody_expected_is_matched(hall: Hall) -> None:
    entry = await hall.bank_says("credit", "12.34", "hello")
    assert await hall.booked() == ["bank:client +12.34 / suspense:in -12.34"]

    match = {"entry_id": entry, "member_id": hall.holders["B1"].member_id}
    await hall.post(hall.operator, "/v1/suspense/matches", match, 200)
    assert await hall.booked() == ["suspense:in +12.34 / wallet:B1 -12.34"]


async def test_case_8_a_credit_that_nobody_expected_is_sent_back(hall: Hall) -> None:
    entry = await hall.bank_says("credit", "12.34", "hello")
    await hall.booked()

    back = await hall.post(hall.operator, "/v1/suspense/returns", DETAILS | {"entry_id": entry})
    assert await hall.booked() == ["suspense:in +12.34 / clearing:payout -12.34"]

    await hall.bank_says("debit", "12.34", back["payout_id"])
    assert await hall.booked() == ["clearing:payout +12.34 / bank:client -12.34"]


async def test_case_9_the_guarantee_lapses(hall: Hall) -> None:
    await accepted(hall)

    hall.house.clock.pass_us(90 * DAY - 1)
    await hall.describe("OTHER")
    assert await hall.booked() == []

    hall.house.clock.pass_us(1)
    await hall.describe("ANOTHER")
    assert await hall.booked() == ["guarantee:provision +11.88 / guarantee -11.88"]


CASE_3 = {
    "rate_bps": 100, "tax_bps": 2_100, "tiers": [{"up_to": "50000", "rate_bps": 200}], "minimum": "250", "cap": "5000",
    "market": "sourcing", "base": "award", "currency": "USD",
}  # fmt: skip


async def test_case_3_a_success_fee_is_settled_from_the_bid_bond(house: House, door: str) -> None:
    async with a_hall(house, door, "BUY", "SUP1", "SUP2") as hall:
        lot = await hall.auctioned(CASE_3, {"bid_bond_amount": "2500.00", "fee_from_bond": True})

        await hall.desks["BUY"].award(lot, 1)

        assert await hall.booked() == [
            "receivable:fees:SUP1 +2117.50 / success_fee -1750.00, tax:output -367.50",
            "deposit:SUP1 +2500.00 / float:house -2117.50, payable:SUP1 -382.50",
            "linked house:float +2117.50 / receivable:fees:SUP1 -2117.50",
            "deposit:SUP2 +2500.00 / payable:SUP2 -2500.00",
        ]


async def test_case_10_a_bid_bond_is_forfeited(house: House, door: str) -> None:
    async with a_hall(house, door, "BUY", "SUP1", "SUP2") as hall:
        lot = await hall.auctioned(CASE_3, {"bid_bond_amount": "2500.00"})
        await hall.desks["BUY"].award(lot, 1)
        await hall.booked()

        await hall.desks["BUY"].declare_default(lot, 1)

        assert await hall.booked() == [
            "success_fee +1750.00, tax:output +367.50 / receivable:fees:SUP1 -2117.50",
            "deposit:SUP1 +2500.00 / float:house -2500.00",
            "linked house:float +2500.00 / bond_forfeit -2500.00",
            "receivable:fees:SUP2 +2178.00 / success_fee -1800.00, tax:output -378.00",
        ]
        told = {
            name: await house.get(hall.holders[name], f"/v1/lots/{lot}/result")
            for name in ("BUY", "SUP1", "SUP2")
        }
        won = {"price": "130000.00", "quantity": 1, "amount": "130000.00"}
        winner = {"winner_id": hall.holders["SUP2"].member_id}
        assert [told[name]["parts"] for name in told] == [[won | winner | {"alias": 2}], [], [won | winner]]
        assert [told[name].get("own_rank") for name in told] == [None, 1, 2]
