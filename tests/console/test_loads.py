"""`exchange load`: a spreadsheet is checked, loaded and seen through, and its faults are told by row and column."""

import re
from pathlib import Path

from exchange.config import UNREACHABLE, USAGE, WRONG
from exchange.console.loads import instruments
from exchange.core.messages import Role
from exchange.gateway.loading.columns import PART_FIELDS, TERM_FIELDS
from tests.console.commands import Console
from tests.gateway.house import House
from tests.gateway.loading.test_loads import INSTRUMENTS, STOCK
from tests.gateway.loading.test_sheets import a_book
from tests.gateway.rest.test_sourcing import draft

FAULTY = b"part_number,manufacturer,condition,currency,price_scale\nLM358P,TI,shiny,USD,2\n,TI,NOS,USD,2\n"


def a_file(folder: Path, raw: bytes, name: str = "sheet.csv") -> Path:
    file = folder / name
    file.write_bytes(raw)
    return file


async def test_instruments_and_then_stock_are_loaded_once(
    house: House, console: Console, tmp_path: Path
) -> None:
    operator, seller = await house.member(Role.OPERATOR), await house.member(Role.SELLER)
    sheet, shelf = a_file(tmp_path, INSTRUMENTS), a_file(tmp_path, STOCK, "stock.csv")

    first = await console.run(operator, "load", "instruments", sheet, "--json")
    again = await console.run(operator, "load", "instruments", sheet, "--json")
    stock = await console.run(seller, "load", "stock", shelf, "--json")

    assert [(each.code, each.answer["made"], each.answer["unchanged"]) for each in (first, again)] == [
        (0, 2, 0),
        (0, 0, 2),
    ]
    assert (stock.code, stock.answer["state"]) == (0, "done")
    held = (await house.get(seller, "/v1/stock"))["stock"]
    assert sorted((each["available"], each["reserved"]) for each in held) == [(0, 100), (50, 0)]


async def test_a_workbook_is_known_by_its_name(house: House, console: Console, tmp_path: Path) -> None:
    heads: list[object] = ["part number", "manufacturer", "condition", "currency", "price_scale"]
    book = a_book(heads, ["LM358N", "Texas Instruments", "NOS", "USD", 2])

    ended = await console.run(
        await house.member(Role.OPERATOR),
        "load",
        "instruments",
        a_file(tmp_path, book, "sheet.XLSX"),
        "--json",
    )

    assert (ended.code, ended.answer["made"]) == (0, 1)


async def test_a_dry_run_changes_nothing(house: House, console: Console, tmp_path: Path) -> None:
    operator, sheet = await house.member(Role.OPERATOR), a_file(tmp_path, INSTRUMENTS)

    checked = await console.run(operator, "load", "instruments", sheet, "--dry-run", "--json")

    assert (checked.code, checked.answer["fault_count"]) == (0, 0)
    assert len(house.engine.views.instruments) == 0


async def test_faults_are_told_by_row_and_column_and_nothing_is_loaded(
    house: House, console: Console, tmp_path: Path
) -> None:
    operator, sheet = await house.member(Role.OPERATOR), a_file(tmp_path, FAULTY)

    shown = await console.run(operator, "load", "instruments", sheet)
    told = await console.run(operator, "load", "instruments", sheet, "--json")

    assert (shown.code, told.code) == (WRONG, WRONG)
    faults = {(each["row"], each["column"]) for each in told.answer["faults"]}
    assert {(2, "condition"), (3, "part_number")} <= faults
    assert all(f"row {row}, {column}:" in shown.err for row, column in faults)
    assert len(house.engine.views.instruments) == 0


async def test_under_another_name_the_same_stock_counts_anew(
    house: House, console: Console, tmp_path: Path
) -> None:
    operator, seller = await house.member(Role.OPERATOR), await house.member(Role.SELLER)
    await console.run(operator, "load", "instruments", a_file(tmp_path, INSTRUMENTS))
    shelf = a_file(tmp_path, b"part_number,condition,qty\nLM358P,NOS,100\n", "stock.csv")

    for batch in ("", "", "monday"):
        assert (await console.run(seller, "load", "stock", shelf, "--batch", batch)).code == 0

    (held,) = (await house.get(seller, "/v1/stock"))["stock"]
    assert held["available"] == 200


async def test_what_cannot_be_read_or_is_no_sheet_is_told_in_one_line(
    house: House, console: Console, tmp_path: Path
) -> None:
    operator = await house.member(Role.OPERATOR)

    missing = await console.run(operator, "load", "instruments", tmp_path / "none.csv")
    broken = await console.run(operator, "load", "instruments", a_file(tmp_path, b"\x00\xff", "x.xlsx"))
    barred = await console.run(
        await house.buyer(), "load", "instruments", a_file(tmp_path, INSTRUMENTS, "y.csv")
    )

    assert [each.code for each in (missing, broken, barred)] == [USAGE, UNREACHABLE, UNREACHABLE]
    assert "none.csv cannot be read" in missing.err
    assert all(each.err.startswith("exchange: ") and each.out == "" for each in (missing, broken, barred))


async def test_lots_are_drafted_into_an_event_in_the_order_of_the_rows(
    house: House, console: Console, tmp_path: Path
) -> None:
    buyer = await house.member(Role.BUYER)
    event = await draft(house, buyer, rules={"schedule": "parallel"})
    sheet = a_file(tmp_path, b"title,quantity,ceiling,step\nChairs,5,90,1\nDesks,4,300,1\n")

    checked = await console.run(buyer, "load", "lots", event, sheet, "--dry-run", "--json")
    ended = await console.run(buyer, "load", "lots", event, sheet, "--json")

    assert (checked.code, checked.answer["fault_count"]) == (0, 0)
    assert (ended.code, ended.answer["made"]) == (0, 2)
    lots = (await house.get(buyer, f"/v1/events/{event}"))["lots"]
    assert [lot["title"] for lot in lots] == ["Chairs", "Desks"]


def test_the_help_names_the_columns_of_instruments() -> None:
    told = set(re.findall(r"\w+", str(instruments.__doc__)))
    bands = {"date_code_from", "date_code_to"}  # one column says both

    assert {*PART_FIELDS, *TERM_FIELDS} - told == bands and "date_code" in told
