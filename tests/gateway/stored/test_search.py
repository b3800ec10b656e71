"""People find an instrument however they write its number, by a word, and by what it must be."""

from typing import Any
from urllib.parse import quote

import pytest

from exchange.core.messages import PlaceOrder, Role, Side
from exchange.gateway.stored import texts
from tests.gateway.house import Holder, House

TI, ST = "Texas Instruments", "STMicroelectronics"
SHELF: list[dict[str, Any]] = [
    {"part": {"manufacturer": TI, "part_number": "LM358P", "condition": "NOS", "rohs": "YES"},
     "description": "Dual operational amplifier, DIP-8"},
    {"part": {"manufacturer": TI, "part_number": "LM358DRG4", "condition": "NEW-OPEN", "packaging": "REEL"},
     "description": "Dual operational amplifiers, SOIC-8"},
    {"part": {"manufacturer": ST, "part_number": "NCV-LM358", "condition": "PULL", "origin": "MA",
              "date_code_from": 201001, "date_code_to": 201252}},
    {"part": {"manufacturer": ST, "part_number": "L7805CV", "condition": "NOS"},
     "description": "Linear regulator 5 V 100% tested, in_tubes"},
]  # fmt: skip


async def a_shelf(house: House) -> Holder:
    """Four parts that can be searched; whoever asks."""
    operator = await house.member(Role.OPERATOR)
    for each in SHELF:
        body = {"currency": "USD", "price_scale": 2} | each
        made = await house.call(operator, "POST", "/v1/instruments", body)
        assert made.status == 201, made
    await house.archive()
    return await house.member(Role.BUYER)


async def numbers(house: House, holder: Holder, query: str) -> list[str]:
    page = await house.get(holder, f"/v1/instruments?{query}")
    return [each["part"]["part_number"] for each in page["instruments"]]


FOUND: dict[str, list[str]] = {
    "q=lm358p": ["LM358P"],
    "q=LM-358 P": ["LM358P"],
    "q=lm358": ["LM358P", "LM358DRG4", "NCV-LM358"],
    "q=358": ["LM358P", "NCV-LM358", "LM358DRG4"],
    "q=LM": ["LM358P", "LM358DRG4", "NCV-LM358"],
    "q=regulator": ["L7805CV"],
    "q=amplifier": ["LM358DRG4", "LM358P"],
    "q=ampl": ["LM358DRG4", "LM358P"],
    "q=texas lm358": ["LM358DRG4", "LM358P"],
    "q=lm359p": ["LM358P", "LM358DRG4"],  # one wrong digit
    "q=lm358&condition=NOS": ["LM358P"],
    "q=lm358&manufacturer=texas-instruments": ["LM358P", "LM358DRG4"],
    "q=lm358&packaging=REEL": ["LM358DRG4"],
    "q=lm358&rohs=YES": ["LM358P"],
    "q=lm358&origin=MA": ["NCV-LM358"],
    "q=lm358&date_code=201301": ["LM358P", "LM358DRG4"],
    "condition=NOS": ["L7805CV", "LM358P"],
    "manufacturer=...": [],
    "q=zzzzzz": [],
    "q=100%": ["L7805CV"],
    "q=in_tubes": ["L7805CV"],
    "q='; drop table instruments; --": [],
    "q=lm358 | !x (y <-> z:*": [],
    "q=部品": [],
}  # fmt: skip


async def test_a_wish_finds_what_it_means_best_first(house: House) -> None:
    holder = await a_shelf(house)

    found = {query: await numbers(house, holder, quote(query, safe="=&")) for query in FOUND}

    assert found == FOUND


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_pages_of_hits_neither_skip_nor_repeat(house: House, limit: int) -> None:
    holder = await a_shelf(house)

    for query in ("q=lm358", "currency=USD", "q=lm359p"):
        seen, cursor = list[str](), ""
        while True:
            page = await house.get(holder, f"/v1/instruments?{query}&limit={limit}&cursor={cursor}")
            seen += [each["part"]["part_number"] for each in page["instruments"]]
            if not (cursor := page["next"]):
                break
        assert seen == await numbers(house, holder, query)


async def test_a_hit_shows_its_description_and_what_is_on_offer(house: House) -> None:
    holder = await a_shelf(house)
    (hit,) = (await house.get(holder, "/v1/instruments?q=lm358p"))["instruments"]
    assert hit["description"] == SHELF[0]["description"]
    assert "ask" not in hit

    instrument_id = hit["instrument_id"]
    seller = await house.seller(instrument_id)
    order = PlaceOrder(instrument_id=instrument_id, side=Side.SELL, price=250, quantity=40)
    await house.do(seller.member_id, order)

    (hit,) = (await house.get(holder, "/v1/instruments?q=lm358p"))["instruments"]
    assert hit["ask"] == {"price": "2.50", "quantity": 40}
    assert (await house.get(holder, f"/v1/instruments/{instrument_id}"))["description"] == hit["description"]


@pytest.mark.parametrize(
    "query",
    [
        "q=---",
        "q=%00",
        f"q={'x' * 201}",
        f"q={'%25' * 10_000}",
        "q=x&condition=used",
        "q=x&cursor=bm8",
        "q=x&origin=Germany",
    ],
)
async def test_what_cannot_be_searched_is_refused(house: House, query: str) -> None:
    answer = await house.call(await house.member(), "GET", f"/v1/instruments?{query}")

    assert answer.status in {400, 422}


async def test_the_same_part_is_refused_and_the_instrument_that_it_is_named(house: House) -> None:
    await a_shelf(house)
    operator = await house.member(Role.OPERATOR)
    part = {"manufacturer": "texas instruments", "part_number": "lm-358 p", "condition": "NOS", "rohs": "YES"}
    same = next(each for each in house.engine.views.instruments.values() if each.symbol.startswith("LM358P"))

    answer = await house.call(
        operator, "POST", "/v1/instruments", {"currency": "EUR", "price_scale": 2, "part": part}
    )

    assert (answer.status, answer.body["reason"]) == (409, "PART_TAKEN")
    assert same.symbol in answer.body["detail"] and same.instrument_id in answer.body["detail"]


async def test_an_instrument_without_a_part_is_found_by_its_symbol(house: House) -> None:
    await house.instrument(symbol="KIT 17")
    await house.archive()

    page = await house.get(await house.member(), "/v1/instruments?q=kit-17")

    assert [each["symbol"] for each in page["instruments"]] == ["KIT 17"]


async def test_a_symbol_that_no_text_can_hold_stops_nobody(house: House) -> None:
    await house.instrument(symbol="a\0b")

    await house.archive()

    assert await house.records.fetch_row("select 1 from instruments where symbol = 'ab'")


async def test_a_description_that_nothing_carries_is_swept(house: House) -> None:
    await a_shelf(house)
    records, now_us = house.records, house.engine.now_us()
    await texts.write(records, ["an orphan"], now_us)
    house.clock.pass_us(3 * texts.ORPHAN_US)
    await house.member()
    await house.archive()

    assert await texts.sweep(records, house.engine.now_us()) == 1
    assert len(await records.fetch("select * from instrument_texts")) == 3


async def test_an_orphan_stays_until_the_follower_has_seen_all_that_could_carry_it(house: House) -> None:
    await house.member()
    await house.archive()
    await texts.write(house.records, ["not archived yet"], house.engine.now_us())

    assert await texts.sweep(house.records, house.engine.now_us() + 9 * texts.ORPHAN_US) == 0
