"""A commission that both sides bear, by either door: holds, books, statements and invoices to the cent."""

import pytest

from tests.gateway.hall import a_hall
from tests.gateway.house import House

MONTH = 31 * 24 * 3_600 * 1_000_000
HALVES = {"rate_bps": 800, "tax_bps": 2_100, "payer": "split", "buyer_share_bps": 5_000}
JANUARY = "/v1/statements?month=2026-01"


@pytest.mark.parametrize("door", ["websocket", "rest"])
async def test_both_halves_are_held_booked_told_and_invoiced(house: House, door: str) -> None:
    async with a_hall(house, door, "B1", "S1") as hall:
        await hall.describe()
        await hall.post(hall.operator, "/v1/schedules", HALVES)
        await hall.top_up("B1", "2489.95")
        sale = await hall.sale("2.375")
        assert await hall.booked() == [
            "bank:client +2489.95 / wallet:B1 -2489.95",
            "wallet:B1 +2489.95 / held:B1 -2489.95",
            "held:B1 +2375.00 / escrow:C1 -2375.00",
            "held:B1 +95.00 / escrow:C1 -95.00",
            "held:B1 +19.95 / escrow:C1 -19.95",
        ]

        await hall.ready(sale)
        await hall.booked()
        await hall.accept(sale)

        assert await hall.booked() == [
            "escrow:C1 +2375.00 / payable:S1 -2260.05, float:house -114.95",
            "linked house:float +114.95 / commission:surplus -95.00, tax:output -19.95",
            "linked escrow:C1 +114.95 / float:house -114.95",
            "linked house:float +114.95 / commission:surplus -95.00, tax:output -19.95",
        ]
        told = {
            name: [
                (each["kind"], each["term"], each["amount"])
                for each in (await house.get(hall.holders[name], JANUARY))["movements"]
                if each["unit"] == "USD"
            ]
            for name in ("B1", "S1")
        }
        assert told["B1"][2:] == [
            ("wallet", "held", "-2489.95"),
            ("held", "purchase", "-2375.00"),
            ("held", "fee", "-95.00"),
            ("held", "tax", "-19.95"),
        ]
        assert told["S1"] == [
            ("payable", "sale", "2375.00"),
            ("payable", "fee", "-95.00"),
            ("payable", "tax", "-19.95"),
        ]

        house.clock.pass_us(MONTH)
        await hall.post(hall.operator, "/v1/invoices", {"period": 202_601})
        await house.archive()
        for name, side in (("B1", "buyer"), ("S1", "seller")):
            (invoice,) = (await house.get(hall.holders[name], "/v1/invoices"))["invoices"]
            (line,) = invoice["lines"]
            assert [line[field] for field in ("side", "share_bps", "base", "fee", "tax")] == [
                side, 5_000, "2375.00", "95.00", "19.95",
            ]  # fmt: skip
            printed = await house.call(
                hall.holders[name], "GET", f"/v1/invoices/{invoice['number']}?format=csv"
            )
            assert f",{side},8.00%,50.00%," in printed.raw.decode()


async def test_a_refund_gives_the_fee_back_and_the_schedule_says_who_pays(house: House) -> None:
    async with a_hall(house, "rest", "B1", "S1") as hall:
        await hall.describe()
        await hall.post(hall.operator, "/v1/schedules", HALVES)
        await hall.top_up("B1", "2489.95")
        hub_lot = await hall.at_hub(await hall.sale("2.375"))
        await hall.booked()

        await hall.inspect(hub_lot, None, rejected_quantity=1_000)

        assert await hall.booked() == [
            "escrow:C1 +2375.00 / wallet:B1 -2375.00",
            "escrow:C1 +95.00 / wallet:B1 -95.00",
            "escrow:C1 +19.95 / wallet:B1 -19.95",
        ]
        listed = (await house.get(hall.holders["B1"], "/v1/schedules"))["schedules"]
        assert (listed[-1]["payer"], listed[-1]["buyer_share_bps"]) == ("split", 5_000)
        assert (await house.get(hall.holders["B1"], "/v1/commission"))["payer"] == "split"


@pytest.mark.parametrize(
    "terms, field",
    [
        ({"payer": "split"}, "buyer_share_bps"),
        ({"payer": "buyer", "buyer_share_bps": 1}, "buyer_share_bps"),
        ({"payer": "split", "buyer_share_bps": 10_000}, "buyer_share_bps"),
    ],
)
async def test_terms_of_payers_that_contradict_are_refused(
    house: House, terms: dict[str, object], field: str
) -> None:
    async with a_hall(house, "rest") as hall:
        answer = await house.call(hall.operator, "POST", "/v1/schedules", {"rate_bps": 800, **terms})

        assert (answer.status, answer.body["reason"]) == (422, "SCHEDULE_CONTRADICTS")
        assert [error["field"] for error in answer.body["errors"]] == [field]
