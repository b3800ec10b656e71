"""A spreadsheet is loaded whole or not at all, and never twice."""

import asyncio
import io
from typing import Any

import pytest

from exchange.core.messages import Role, SetStanding, Standing
from exchange.gateway.loading.sheets import CSV, XLSX
from exchange.gateway.rest.loads import LOAD_BYTES_MAX
from tests.gateway.house import Answer, Holder, House
from tests.gateway.loading.test_sheets import a_book

INSTRUMENTS = (
    b"MPN;Mfr;Cond;Currency;price_scale;RoHS;D/C;Ref. price;Description\n"
    b"LM358P;Texas Instruments;nos;usd;2;y;2314-2340;0.25;Dual op amp\n"
    b"lm-358 n;Texas Instruments;new factory sealed;USD;2;;9901+;;\n"
)
STOCK = b"part_number,condition,qty,price\nLM-358P,NOS,100,0.20\nLM358N,,50,\n"


async def send(house: House, holder: Holder, path: str, raw: bytes, media: str = CSV) -> Answer:
    return await house.call(holder, "POST", path, raw=raw, headers={"Content-Type": media})


async def loaded(house: House, holder: Holder, path: str, raw: bytes, media: str = CSV) -> Any:
    """The report of a load at its end."""
    begun = await send(house, holder, path, raw, media)
    assert begun.status == 202, begun
    while True:
        report = await house.get(holder, begun.headers["Location"])
        if report["state"] != "running":
            return report
        await asyncio.sleep(0.005)


def counts(report: Any) -> tuple[str, int, int, int]:
    return report["state"], report["made"], report["unchanged"], report["refused"]


def before(house: House) -> int:
    return house.engine.views.at_us + len(house.engine.views.instruments)


async def test_instruments_are_loaded_in_many_spellings_and_once(house: House) -> None:
    operator = await house.member(Role.OPERATOR)

    first = await loaded(house, operator, "/v1/instruments/bulk", INSTRUMENTS)
    again = await loaded(house, operator, "/v1/instruments/bulk", INSTRUMENTS)
    other_way = a_book(
        ["part number", "manufacturer", "condition", "currency", "price_scale", "date_code_from"],
        ["LM358N", "TEXAS INSTRUMENTS", "NEW-FACTORY-SEALED", "USD", 2, 199901],
    )
    third = await loaded(house, operator, "/v1/instruments/bulk", other_way, XLSX)

    assert counts(first) == ("done", 2, 0, 0)
    assert counts(again) == ("done", 0, 2, 0)
    assert counts(third) == ("done", 0, 1, 0)
    parts = [each.part for each in house.engine.views.instruments.values() if each.part]
    bands = sorted((each.part_number, each.date_code_from, each.date_code_to) for each in parts)
    assert bands == [("LM358P", 202314, 202340), ("lm-358 n", 199901, 0)]


async def test_stock_is_declared_and_offered_once_a_batch(house: House) -> None:
    await loaded(house, await house.member(Role.OPERATOR), "/v1/instruments/bulk", INSTRUMENTS)
    seller = await house.member(Role.SELLER)

    first = await loaded(house, seller, "/v1/stock/bulk", STOCK)
    again = await loaded(house, seller, "/v1/stock/bulk", STOCK)
    stock = (await house.get(seller, "/v1/stock"))["stock"]
    orders = (await house.get(seller, "/v1/orders"))["orders"]

    assert counts(first) == counts(again) == ("done", 2, 0, 0)
    assert sorted(each["available"] + each["reserved"] for each in stock) == [50, 100]
    assert [(each["price"], each["quantity"]) for each in orders] == [("0.20", 100)]
    await loaded(house, seller, "/v1/stock/bulk?batch=next", STOCK)
    assert len((await house.get(seller, "/v1/orders"))["orders"]) == 2


FAULTS: dict[str, tuple[str, bytes, list[str]]] = {
    "a formula": ("stock", b"symbol,qty\nNE555P,=1+1\n", ["row 2, qty"]),
    "a negative lot": ("stock", b"symbol,qty\nNE555P,-5\n", ["row 2, qty"]),
    "half a piece": ("stock", b"symbol,qty\nNE555P,0.5\n", ["row 2, qty"]),
    "no piece": ("stock", b"symbol,qty\nNE555P,0\n", ["row 2, qty"]),
    "too many pieces": ("stock", b"symbol,qty\nNE555P,1000000001\n", ["row 2, qty"]),
    "an unknown symbol": ("stock", b"symbol,qty\nNE555X,5\n", ["row 2, symbol"]),
    "an unknown part": ("stock", b"MPN,qty\nNE555X,5\n", ["row 2, MPN"]),
    "no name": ("stock", b"symbol,qty\n,5\n", ["row 2, part_number"]),
    "a comma in the price": ("stock", b"symbol;qty;price\nNE555P;5;2,50\n", ["row 2, price"]),
    "a price of nothing": ("stock", b"symbol,qty,price\nNE555P,5,0.00\n", ["row 2, price"]),
    "a fraction of a cent": ("stock", b"symbol,qty,price\nNE555P,5,2.505\n", ["row 2, price"]),
    "a price above the band": ("stock", b"symbol,qty,price\nNE555P,5,99999999999\n", ["row 2, price"]),
    "all faults at once": (
        "stock", b"symbol,qty,price\nNE555P,5,2.50\nNE555P,x,y\nNE555P,5,z\n",
        ["row 3, qty", "row 3, price", "row 4, price"],
    ),
    "a row that is too long": ("stock", b"symbol,qty\nNE555P,5,6\n", ["row 2, qty"]),
    "the same part twice": (
        "instruments", b"MPN,manufacturer,condition,currency,price_scale\nA1,B,NOS,USD,2\na-1,b,NOS,USD,2\n",
        ["row 3, MPN"],
    ),
    "a part without its state": ("instruments", b"MPN,manufacturer,currency\nA1,B,USD\n", ["row 2, condition"]),
    "an unknown state": (
        "instruments", b"MPN,manufacturer,condition,currency\nA1,B,USED,USD\n", ["row 2, condition"]
    ),
    "an unknown currency": (
        "instruments", b"MPN,manufacturer,condition,currency\nA1,B,NOS,ZZZ\n", ["row 2, currency"]
    ),
    "a taken symbol": (
        "instruments", b"symbol,currency,price_scale\nNE555P,EUR,2\n", ["row 2, symbol"]
    ),
    "a week 60": (
        "instruments", b"MPN,manufacturer,condition,currency,price_scale,dc\nA1,B,NOS,USD,2,202360\n",
        ["row 2, date_code_from"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
async def test_a_faulty_row_is_named_and_nothing_is_loaded(house: House, case: str) -> None:
    kind, raw, places = FAULTS[case]
    await house.instrument()
    holder, state = await house.member(), before(house)
    state = before(house)

    refused = await send(house, holder, f"/v1/{kind}/bulk", raw)
    checked = await send(house, holder, f"/v1/{kind}/bulk?dry_run=true", raw)

    assert (refused.status, refused.body["reason"]) == (422, "SHEET_WRONG")
    assert [each["field"] for each in refused.body["errors"]] == places
    assert all(len(each["detail"]) > 10 for each in refused.body["errors"])
    assert (checked.status, checked.body["state"]) == (200, "checked")
    assert [f"row {each['row']}, {each['column']}" for each in checked.body["faults"]] == places
    assert before(house) == state


@pytest.mark.parametrize(
    "path, raw, media, status, reason",
    [
        ("/v1/stock/bulk", b"symbol,qty,colour\nA,1,red\n", CSV, 422, "SHEET_UNREADABLE"),
        ("/v1/stock/bulk", b"symbol,price\nA,1\n", CSV, 422, "SHEET_UNREADABLE"),
        ("/v1/stock/bulk", b"symbol,qty,quantity\nA,1,1\n", CSV, 422, "SHEET_UNREADABLE"),
        ("/v1/stock/bulk", b"", CSV, 422, "SHEET_UNREADABLE"),
        ("/v1/stock/bulk", b"PK\x03\x04", XLSX, 422, "SHEET_UNREADABLE"),
        ("/v1/stock/bulk", b"{}", "application/json", 415, "CONTENT_TYPE_UNKNOWN"),
        ("/v1/stock/bulk?dry_run=perhaps", b"symbol,qty\n", CSV, 422, "MALFORMED"),
    ],
)
async def test_a_file_that_is_no_table_of_ours_is_refused(
    house: House, path: str, raw: bytes, media: str, status: int, reason: str
) -> None:
    answer = await send(house, await house.member(), path, raw, media)

    assert (answer.status, answer.body["reason"]) == (status, reason)


async def test_a_file_that_is_too_large_is_not_taken(house: House) -> None:
    seller = await house.member(Role.SELLER)
    headers = {"Authorization": f"Bearer {seller.key}", "Content-Type": CSV}

    async with house.client.post(
        f"{house.url}/v1/stock/bulk", data=io.BytesIO(b"x" * (LOAD_BYTES_MAX + 1)), headers=headers
    ) as response:
        assert (response.status, (await response.json(content_type=None))["reason"]) == (413, "TOO_LARGE")


async def test_several_instruments_of_one_number_are_told_apart(house: House) -> None:
    sheet = b"MPN,manufacturer,condition,currency,price_scale\nA1,B,NOS,USD,2\nA1,B,PULL,USD,2\n"
    await loaded(house, await house.member(Role.OPERATOR), "/v1/instruments/bulk", sheet)
    seller = await house.member(Role.SELLER)

    vague = await send(house, seller, "/v1/stock/bulk", b"MPN,qty\na-1,5\n")
    clear = await loaded(house, seller, "/v1/stock/bulk", b"MPN,qty,cond\na-1,5,pull\n")

    assert "2 instruments fit" in vague.body["errors"][0]["detail"]
    assert counts(clear) == ("done", 1, 0, 0)


async def test_whoever_may_not_trade_loads_nothing(house: House) -> None:
    buyer, seller = await house.member(Role.BUYER), await house.member(Role.SELLER)
    operator = await house.member(Role.OPERATOR)
    await house.do(operator.member_id, SetStanding(member_id=seller.member_id, standing=Standing.SUSPENDED))

    for holder, path, reason in (
        (buyer, "/v1/stock/bulk", "ROLE_MISSING"),
        (seller, "/v1/stock/bulk", "MEMBER_SUSPENDED"),
        (seller, "/v1/instruments/bulk", "ROLE_MISSING"),
    ):
        answer = await send(house, holder, path, STOCK)
        assert (answer.status, answer.body["reason"]) == (403, reason)


async def test_a_load_is_shown_to_its_member_only(house: House) -> None:
    instrument = await house.instrument()
    seller, other = await house.member(Role.SELLER), await house.member(Role.SELLER)
    sheet = f"instrument_id,qty\n{instrument},5\n".encode()
    begun = await send(house, seller, "/v1/stock/bulk", sheet)

    answer = await house.call(other, "GET", begun.headers["Location"])

    assert (answer.status, answer.body["reason"]) == (404, "LOAD_UNKNOWN")


async def test_a_member_has_one_load_at_a_time(house: House) -> None:
    instrument = await house.instrument()
    seller = await house.member(Role.SELLER)
    sheets = [f"instrument_id,qty\n{instrument},{number}\n".encode() for number in (1, 2)]

    answers = await asyncio.gather(*(send(house, seller, "/v1/stock/bulk", sheet) for sheet in sheets))

    assert sorted(answer.status for answer in answers) == [202, 429]


async def test_a_row_that_is_cut_off_is_finished_by_the_same_file(house: House) -> None:
    await loaded(house, await house.member(Role.OPERATOR), "/v1/instruments/bulk", INSTRUMENTS)
    seller = await house.member(Role.SELLER)
    await send(house, seller, "/v1/stock/bulk", STOCK)
    await house.gateway._loads.close()  # as far as it came

    again = await loaded(house, seller, "/v1/stock/bulk", STOCK)

    assert counts(again) == ("done", 2, 0, 0)
    stock = (await house.get(seller, "/v1/stock"))["stock"]
    assert sorted(each["available"] + each["reserved"] for each in stock) == [50, 100]
