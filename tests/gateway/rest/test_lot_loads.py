"""The lots of a spreadsheet are drafted whole and in order, or not at all."""

import pytest

from exchange.core.messages import Role
from exchange.gateway.loading.sheets import XLSX
from tests.gateway.house import Holder, House
from tests.gateway.loading.test_loads import counts, loaded, send
from tests.gateway.loading.test_sheets import a_book
from tests.gateway.rest.test_sourcing import draft

PARALLEL = {"rules": {"schedule": "parallel"}}
SHEET = (
    b"Title;Qty;Ceiling;Step;Tick;Reserve;Tie policy\n"
    b"Chairs;500;90.00;0.50;0.10;60.00;equal best\n"
    b"Desks;40;310.5;1.00;;;\n"
    b"Lamps;1;20;0.01;0.01;;Forbid-any\n"
)


async def a_draft(house: House, **fields: object) -> tuple[Holder, str, str]:
    """The buyer, its event, and where its lots are loaded."""
    buyer = await house.member(Role.BUYER)
    event = await draft(house, buyer, **(PARALLEL | fields))
    return buyer, event, f"/v1/lots/bulk?event_id={event}"


async def titles(house: House, buyer: Holder, event: str) -> list[str]:
    return [lot["title"] for lot in (await house.get(buyer, f"/v1/events/{event}"))["lots"]]


async def test_lots_are_drafted_in_the_order_of_the_rows_and_once(house: House) -> None:
    buyer, event, path = await a_draft(house)

    first = await loaded(house, buyer, path, SHEET)
    await loaded(house, buyer, path, SHEET)

    assert counts(first) == ("done", 3, 0, 0)
    lots = (await house.get(buyer, f"/v1/events/{event}"))["lots"]
    assert [lot["title"] for lot in lots] == ["Chairs", "Desks", "Lamps"]
    assert [lot["ceiling_price"] for lot in lots] == ["90.00", "310.50", "20.00"]
    assert [lot["tick"] for lot in lots] == ["0.10", "0.01", "0.01"]
    assert lots[0]["rules"] == {"reserve_price": "60.00", "tie_policy": "equal_best"}
    assert lots[2]["rules"] == {"tie_policy": "forbid_any"}


async def test_a_workbook_is_as_good_as_a_text(house: House) -> None:
    buyer, event, path = await a_draft(house)
    book = a_book(["title", "quantity", "ceiling price", "min step"], ["Chairs", 500, 90, 0.5])

    assert counts(await loaded(house, buyer, path, book, XLSX)) == ("done", 1, 0, 0)
    assert await titles(house, buyer, event) == ["Chairs"]


HEAD = b"title,quantity,ceiling,step,tick,floor,tie policy\n"
FAULTS: dict[str, tuple[bytes, str, str]] = {
    "no title": (b",1,9,1,,,\n", "title", "missing"),
    "pieces": (b"A,1.5,9,1,,,\n", "quantity", "pieces"),
    "no price": (b"A,1,9 EUR,1,,,\n", "ceiling", "positive price"),
    "too fine": (b"A,1,9.001,1,,,\n", "ceiling", "up to 2 decimals"),
    "beside the tick": (b"A,1,9.05,1,0.10,,\n", "ceiling", "STEP_OFF_TICK"),
    "a floor above the ceiling": (b"A,1,9,1,,10,\n", "floor", "RULES_CONTRADICT"),
    "no such policy": (b"A,1,9,1,,,first\n", "tie policy", "Invalid enum value"),
}


@pytest.mark.parametrize("case", FAULTS)
async def test_a_faulty_row_is_named_with_its_column_and_nothing_is_drafted(house: House, case: str) -> None:
    row, column, detail = FAULTS[case]
    buyer, event, path = await a_draft(house)
    raw = HEAD + b"Fine,1,9.00,1.00,,,\n" + row

    refused = await send(house, buyer, path, raw)
    checked = await send(house, buyer, f"{path}&dry_run=true", raw)

    assert (refused.status, refused.body["reason"]) == (422, "SHEET_WRONG")
    assert (checked.status, checked.body["fault_count"]) == (200, 1)
    (fault,) = checked.body["faults"]
    assert (fault["row"], fault["column"]) == (3, column)
    assert detail in fault["detail"]
    assert await titles(house, buyer, event) == []


async def test_a_dry_run_of_a_good_sheet_changes_nothing(house: House) -> None:
    buyer, event, path = await a_draft(house)

    checked = await send(house, buyer, f"{path}&dry_run=true", SHEET)

    assert (checked.status, checked.body["state"], checked.body["rows"]) == (200, "checked", 3)
    assert await titles(house, buyer, event) == []


async def test_more_lots_than_the_schedule_takes_are_a_fault_of_the_whole_sheet(house: House) -> None:
    buyer, _, path = await a_draft(house, rules={})

    checked = await send(house, buyer, f"{path}&dry_run=true", SHEET)

    assert [(each["row"], each["detail"][:13]) for each in checked.body["faults"]] == [(0, "TOO_MANY_LOTS")]


async def test_whose_the_draft_is_not_loads_nothing_into_it(house: House) -> None:
    buyer, event, path = await a_draft(house)
    stranger, operator = await house.member(Role.BUYER), await house.member(Role.OPERATOR, Role.BUYER)

    for holder in (stranger, operator):
        assert (await send(house, holder, path, SHEET)).body["reason"] == "EVENT_UNKNOWN"
    await house.call(buyer, "POST", f"/v1/events/{event}/cancellation", {"reason": "none"})
    assert (await send(house, buyer, path, SHEET)).body["reason"] == "EVENT_ENDED"
