"""Instruments, books and prints over REST: the same to every member."""

import pytest

from exchange.core.messages import PlaceOrder, Role, Side
from tests.gateway.house import Holder, House


async def traded(house: House, instrument: str, count: int) -> None:
    """So many trades of 1, 2, 3 … pieces at 2.50."""
    seller, buyer = await house.seller(instrument), await house.buyer()
    for number in range(1, count + 1):
        for holder, side in ((seller, Side.SELL), (buyer, Side.BUY)):
            order = PlaceOrder(instrument_id=instrument, side=side, price=250, quantity=number)
            await house.do(holder.member_id, order)


async def test_an_instrument_is_created_by_the_operator_and_read_by_all(house: House) -> None:
    operator, buyer = await house.member(Role.OPERATOR), await house.member(Role.BUYER)
    body = {"symbol": "NE555P", "currency": "USD", "price_scale": 3, "tick": "0.005", "lot_multiple": 2}

    made = await house.call(operator, "POST", "/v1/instruments", body)

    path = made.headers["Location"]
    assert (made.status, path) == (201, f"/v1/instruments/{made.body['instrument_id']}")
    assert await house.get(buyer, path) == {
        "instrument_id": made.body["instrument_id"],
        "symbol": "NE555P",
        "currency": "USD",
        "price_scale": 3,
        "tick": "0.005",
        "lot_multiple": 2,
        "price_min": "0.001",
        "price_max": "1000000000.000",
    }


async def test_an_instrument_is_found_by_its_symbol_too(house: House) -> None:
    buyer, instrument = await house.member(Role.BUYER), await house.instrument()

    by_symbol = await house.get(buyer, "/v1/instruments/NE555P")

    assert by_symbol == await house.get(buyer, f"/v1/instruments/{instrument}")


async def test_an_instrument_shows_the_terms_of_its_deals(house: House) -> None:
    operator = await house.member(Role.OPERATOR)
    terms = {"delivery": "hub", "guarantee_bps": 150, "tax_regime": "own_name", "goods_tax_bps": 2_000}
    body = {"symbol": "NE555P", "currency": "USD", "price_scale": 2} | terms

    made = await house.call(operator, "POST", "/v1/instruments", body)

    read = await house.get(operator, made.headers["Location"])
    assert terms.items() <= read.items()


REFUSED: dict[str, tuple[dict[str, object], str, str | None]] = {
    "an unknown currency": ({"currency": "ZZZ"}, "CURRENCY_UNKNOWN", None),
    "an empty band": ({"price_min": "2.00", "price_max": "1.00"}, "BAND_EMPTY", "2.00"),
    "a tick that isn't whole": ({"price_scale": 4, "tick": "0.0001"}, "TICK_NOT_WHOLE", "0.0100"),
    "a tick with too many decimals": ({"tick": "0.001"}, "MALFORMED", None),
    "a control character": ({"symbol": "a\u0000b"}, "MALFORMED", None),
    "a number for the tick": ({"tick": 1}, "MALFORMED", None),
    "a guarantee without the hub": ({"guarantee_bps": 1}, "TERMS_CONTRADICT", None),
    "a tax in nobody's name": ({"goods_tax_bps": 1}, "TERMS_CONTRADICT", None),
    "a guarantee above the price": ({"delivery": "hub", "guarantee_bps": 10_001}, "MALFORMED", None),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_an_instrument_that_cannot_be_traded_is_refused(house: House, case: str) -> None:
    change, reason, bound = REFUSED[case]
    body = {"symbol": "NE555P", "currency": "USD", "price_scale": 2} | change

    answer = await house.call(await house.member(Role.OPERATOR), "POST", "/v1/instruments", body)

    assert (answer.status, answer.body["reason"], answer.body.get("bound")) == (422, reason, bound)


async def test_instruments_come_in_pages_by_id(house: House) -> None:
    ids = [await house.instrument() for _ in range(5)]
    holder = await house.member(Role.BUYER)

    seen, cursor = [], ""
    for _ in range(3):
        page = await house.get(holder, f"/v1/instruments?limit=2&cursor={cursor}")
        seen += [each["instrument_id"] for each in page["instruments"]]
        cursor = page["next"]

    assert seen == sorted(ids) and not cursor


async def test_a_book_shows_its_best_levels_and_nobody(house: House) -> None:
    instrument = await house.instrument()
    seller, buyer = await house.seller(instrument), await house.buyer()
    offers = [(seller, Side.SELL, price) for price in (262, 261, 260)]
    wishes = [(buyer, Side.BUY, price) for price in (250, 251, 251)]
    for holder, side, price in offers + wishes:
        order = PlaceOrder(instrument_id=instrument, side=side, price=price, quantity=10)
        await house.do(holder.member_id, order)

    book = await house.get(buyer, f"/v1/instruments/{instrument}/book?depth=2")

    assert book == {
        "instrument_id": instrument,
        "at": "2026-01-01T12:00:00.000000Z",
        "bids": [{"price": "2.51", "quantity": 20}, {"price": "2.50", "quantity": 10}],
        "asks": [{"price": "2.60", "quantity": 10}, {"price": "2.61", "quantity": 10}],
    }


async def prints_of(house: House, holder: Holder, instrument: str, limit: int) -> list[int]:
    """Trade numbers, page by page."""
    numbers, cursor = list[int](), ""
    while True:
        path = f"/v1/instruments/{instrument}/trades?limit={limit}&cursor={cursor}"
        page = await house.get(holder, path)
        numbers += [each["trade_number"] for each in page["trades"]]
        cursor = page["next"]
        if not cursor:
            return numbers


async def test_prints_go_on_in_the_records_where_memory_ends(house: House) -> None:
    instrument, holder = await house.instrument(), await house.member(Role.BUYER)
    await traded(house, instrument, 7)
    await house.archive()
    recent = house.engine.views.market.books[instrument].trades
    while len(recent) > 3:
        recent.popleft()

    assert await prints_of(house, holder, instrument, 2) == [7, 6, 5, 4, 3, 2, 1]
    assert await prints_of(house, holder, instrument, 500) == [7, 6, 5, 4, 3, 2, 1]


async def test_prints_in_memory_need_no_records(house: House) -> None:
    instrument, holder = await house.instrument(), await house.member(Role.BUYER)
    await traded(house, instrument, 2)
    await house.records.__aexit__(None, None, None)

    page = await house.get(holder, f"/v1/instruments/{instrument}/trades")

    assert page["trades"][0] == {
        "trade_number": 2,
        "price": "2.50",
        "quantity": 2,
        "taker_side": "buy",
        "at": "2026-01-01T12:00:00.000000Z",
        "in_call": False,
        "status": "standing",
    }


@pytest.mark.parametrize("suffix", ["", "/book", "/trades"])
async def test_an_unknown_instrument_is_told_as_such(house: House, suffix: str) -> None:
    answer = await house.call(await house.member(), "GET", f"/v1/instruments/none{suffix}")

    assert (answer.status, answer.body["reason"]) == (404, "INSTRUMENT_UNKNOWN")


@pytest.mark.parametrize("query", ["depth=0", "depth=501", "depth=x", "deep=1", "depth=1&depth=2"])
async def test_a_query_is_checked_as_strictly_as_a_body(house: House, query: str) -> None:
    instrument = await house.instrument()

    answer = await house.call(await house.member(), "GET", f"/v1/instruments/{instrument}/book?{query}")

    assert answer.status in {400, 422}
    assert answer.body["errors"]
