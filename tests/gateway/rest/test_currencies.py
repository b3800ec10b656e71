"""Bids in several currencies, end to end: chosen, bid, shown to each in its own, awarded and reported."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange.core.messages import Role
from exchange_client import Invalid, Rejected
from tests.gateway.desks import a_client
from tests.gateway.house import Answer, House, a_house
from tests.gateway.rest.test_sourcing import LOT, Market, draft
from tests.gateway.sealing import SealedMarket, a_desk

RATES = [{"currency": "USD", "rate": "0.9"}, {"currency": "JPY", "rate": "0.006125", "tick": "1.00"}]
EVERYTHING = {"prices_by_alias": True, "gap": True}


async def drafted(house: House, suppliers: int, lot: Any = None, **event: Any) -> Market:
    """Published, to be bid for in dollars and yen beside euros."""
    buyer = await house.member(Role.BUYER)
    event_id = await draft(house, buyer, **event)
    path = f"/v1/events/{event_id}"
    assert (await house.call(buyer, "PUT", f"{path}/currencies", {"currencies": RATES})).status == 200
    lot_id = (await house.call(buyer, "POST", f"{path}/lots", LOT | (lot or {}))).body["lot_id"]
    invited = [await house.member(Role.SELLER) for _ in range(suppliers)]
    for each in invited:
        body = {"member_id": each.member_id}
        assert (await house.call(buyer, "POST", f"{path}/invitations", body)).status == 200
    assert (await house.call(buyer, "POST", f"{path}/publication")).status == 200
    return Market(house, buyer, invited, event_id, lot_id)


async def priced(house: House, **event: Any) -> Market:
    """Open; the first supplier bids in dollars, the second in yen, the third in the event's euros."""
    market = await drafted(house, 3, **{"disclosure": EVERYTHING} | event)
    await market.pass_until_open()
    for supplier, currency in ((0, "USD"), (1, "JPY")):
        assert (await choose(market, supplier, currency)).status == 200
    return market


async def choose(market: Market, supplier: int, currency: str) -> Answer:
    path, body = f"/v1/events/{market.event}/currency", {"currency": currency}
    return await market.house.call(market.suppliers[supplier], "PUT", path, body)


async def seen(market: Market) -> list[Any]:
    """The lot as its buyer and its suppliers see it."""
    viewers = (market.buyer, *market.suppliers)
    return [await market.house.get(each, f"/v1/lots/{market.lot}") for each in viewers]


async def test_everybody_invited_reads_the_rates_and_nobody_learns_who_chose_what(house: House) -> None:
    market = await drafted(house, 2)
    before = await seen(market)
    chosen = await choose(market, 0, "USD")
    after = await seen(market)

    events = [
        await house.get(each, f"/v1/events/{market.event}") for each in (market.buyer, *market.suppliers)
    ]
    shown = [{"currency": "USD", "rate": "0.900000000"}, RATES[1] | {"rate": "0.006125000"}]
    assert [event["currencies"] for event in events] == [shown] * 3
    assert chosen.status == 200
    assert after[1].pop("own_currency") == shown[0]
    assert after[0] == before[0]
    assert after[2] == before[2]


async def test_each_is_shown_the_lead_and_its_bounds_in_its_own_currency_and_the_buyer_in_the_events(
    house: House,
) -> None:
    market = await priced(house)
    assert (await market.bid(2, "80.00")).status == 201
    bound = await market.bid(1, "13000.00")  # 79.625
    assert (await market.bid(1, "12979.00")).status == 201  # 79.496375
    assert (await market.bid(0, "87.70")).status == 201  # 78.93

    buyer, dollars, yen, euros = await seen(market)

    assert (bound.body["reason"], bound.body["bound"], bound.body["step"]) == (
        "STEP_TOO_SMALL",
        "12979.00",
        "82.00",
    )
    assert [lot["lead_price"] for lot in (buyer, dollars, yen, euros)] == [
        "78.90",
        "87.70",
        "12886.00",
        "78.90",
    ]
    assert [lot["own_price"] for lot in (dollars, yen, euros)] == ["87.70", "12979.00", "80.00"]
    assert [lot["own_rank"] for lot in (dollars, yen, euros)] == [1, 2, 3]
    assert [price["price"] for price in buyer["prices"]] == ["78.90", "79.50", "80.00"]
    assert [price["price"] for price in dollars["prices"]] == ["87.70", "88.30", "88.80"]
    assert (yen["bid_max"], euros["bid_max"]) == ("12897.00", "79.50")
    assert yen["gap"] == "93.00"
    assert not [each for each in (buyer, yen, euros) if "USD" in str(each)]
    assert (await market.bid(1, yen["bid_max"])).status == 201


async def test_an_award_is_priced_in_the_bids_currency_and_counted_in_the_events(house: House) -> None:
    market = await priced(house)
    assert (await market.bid(2, "80.00")).status == 201
    assert (await market.bid(0, "87.70")).status == 201
    await market.pass_until_closed()
    monitor = await house.get(market.buyer, f"/v1/events/{market.event}/monitor")
    awarded = await house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/award-best")
    results = [
        await house.get(each, f"/v1/lots/{market.lot}/result") for each in (market.buyer, *market.suppliers)
    ]
    await house.archive()
    report = await house.get(market.buyer, f"/v1/events/{market.event}/report")
    lists = [
        await house.get(each, f"/v1/lots/{market.lot}/bids") for each in (market.buyer, market.suppliers[0])
    ]

    assert awarded.status == 200
    assert monitor["lots"][0]["lead_price"] == "78.90"
    part = {"price": "87.70", "quantity": 500, "amount": "39465.00", "currency": "USD"}
    own = [{name: each[name] for name in part} for told in results[:2] for each in told["parts"]]
    assert own == [part, part]
    assert [told["parts"] for told in results[2:]] == [[], []]
    assert report["savings"] == {
        "amount_before": "45000.00", "amount": "39465.00", "saved": "5535.00", "saved_percent": "12.30",
    }  # fmt: skip
    assert report["lots"][0]["awards"][0]["price"] == "78.93"
    assert [[bid["price"] for bid in told["bids"]] for told in lists] == [["80.00", "78.90"], ["87.70"]]


SAME_TO_THE_TICK = {"EUR": ("79.90", "79.00"), "USD": ("88.80", "87.80")}  # 79.92 and 79.02
YEARS = [{"name": "2 years", "weight_bps": 0}, {"name": "5 years", "weight_bps": 1_000}]
SCORED = {"scoring": {"features": [{"name": "Warranty", "options": YEARS}]}}


@pytest.mark.parametrize("scored", [False, True], ids=["by price", "scored"])
async def test_neither_the_buyer_nor_a_rival_can_tell_by_prices_who_bids_in_what(
    house_database_url: str, scored: bool
) -> None:
    """The same bids to the tick, of two suppliers that have exchanged their currencies."""
    rules = SCORED if scored else {}
    worlds = []
    for currencies in (("EUR", "USD"), ("USD", "EUR")):
        async with a_house(house_database_url) as house:
            market = await drafted(house, 3, {"rules": rules}, disclosure=EVERYTHING)
            await market.pass_until_open()
            for supplier in range(3) if scored else ():
                declared = await house.call(
                    market.suppliers[supplier], "PUT", f"/v1/lots/{market.lot}/declaration", {"options": [1]}
                )
                assert declared.status == 200, declared
            assert (await market.bid(2, "81.00")).status == 201
            for supplier, currency in enumerate(currencies):
                assert (await choose(market, supplier, currency)).status == 200
                assert (await market.bid(supplier, SAME_TO_THE_TICK[currency][supplier])).status == 201
            worlds.append(await all_seen(market))
            await market.pass_until_closed()
            worlds[-1] += await all_seen(market)

    assert worlds[0] == worlds[1]
    assert any(b'"price":"79.90"' in each for each in worlds[0])


async def all_seen(market: Market) -> list[bytes]:
    """What the buyer and the third supplier are shown of lot, bids and clocks."""
    house, event, lot = market.house, f"/v1/events/{market.event}", f"/v1/lots/{market.lot}"
    await house.archive()
    to_buyer = (lot, f"{lot}/bids", f"{event}/monitor", f"{event}/report", f"{event}/report?format=csv")
    answers = [await house.call(market.buyer, "GET", path) for path in to_buyer]
    answers += [await house.call(market.suppliers[2], "GET", path) for path in (lot, f"{lot}/bids")]
    assert {each.status for each in answers} == {200}
    return [each.raw for each in answers]


async def test_losers_are_told_a_disclosed_price_in_the_events_currency(house: House) -> None:
    market = await priced(house, rules={"results": "price"})
    await market.bid(2, "80.00")
    await market.bid(0, "87.70")
    await market.pass_until_closed()
    await house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/award-best")

    told = await house.get(market.suppliers[2], f"/v1/lots/{market.lot}/result")

    assert told["parts"] == [{"price": "78.93", "quantity": 500, "amount": "39465.00"}]


@pytest.mark.parametrize(
    "currency,status,reason", [("CHF", 422, "CURRENCY_NOT_ALLOWED"), ("USD", 409, "CURRENCY_FINAL")]
)
async def test_a_choice_that_comes_too_late_or_is_not_allowed_is_a_problem(
    house: House, currency: str, status: int, reason: str
) -> None:
    market = await priced(house)
    await market.bid(1 if currency == "USD" else 0, "80.00" if currency == "CHF" else "12000.00")

    answer = await choose(market, 1 if currency == "USD" else 2, currency)

    assert (answer.status, answer.body["reason"]) == (status, reason)
    assert answer.body["remedy"]


@pytest.mark.parametrize("rate", ["0", "-1", "0.0000000001", "1000000.1", "x"])
async def test_a_rate_that_can_not_be_is_refused(house: House, rate: str) -> None:
    buyer = await house.member(Role.BUYER)
    event = await draft(house, buyer)
    body = {"currencies": [{"currency": "USD", "rate": rate}]}

    answer = await house.call(buyer, "PUT", f"/v1/events/{event}/currencies", body)

    assert (answer.status, answer.body["reason"]) == (422, "MALFORMED")


async def test_the_client_chooses_bids_and_is_refused_another_currency(house: House) -> None:
    market = await drafted(house, 2)
    await market.pass_until_open()
    async with a_client(house, market.suppliers[0]) as client, client.lot(market.lot) as room:
        await client.choose_currency(market.event, "USD")
        with pytest.raises(Rejected, match="another currency"):
            await room.bid(Decimal("80.00"), currency="EUR")
        with pytest.raises(Rejected) as refused:
            await room.bid(Decimal("100.10"), currency="USD")
        await room.bid(Decimal("100.00"), currency="USD")
        while room.state.own_price is None:
            await room.next()
        state = room.state
    assert refused.value.bound_price == Decimal("100.00")
    assert state.own_currency is not None
    assert (state.own_currency.currency, state.own_currency.rate) == ("USD", Decimal("0.9"))
    assert (state.own_price, state.lead_price, state.currency) == (Decimal(100), Decimal(100), "EUR")


async def test_a_clone_has_the_rates_of_its_template_and_a_change_of_them_another_version(
    house: House,
) -> None:
    market = await drafted(house, 1)
    body = {"open_at": "2026-02-01T13:00:00Z"}
    cloned = await house.call(market.buyer, "POST", f"/v1/events/{market.event}/clone", body)
    path = f"/v1/events/{cloned.body['event_id']}"
    before = await house.call(market.buyer, "GET", path)
    changed = await house.call(market.buyer, "PUT", f"{path}/currencies", {"currencies": RATES[:1]})
    after = await house.call(market.buyer, "GET", path)

    assert [each["currency"] for each in before.body["currencies"]] == ["USD", "JPY"]
    assert changed.status == 200
    assert [each["currency"] for each in after.body["currencies"]] == ["USD"]
    assert before.headers["ETag"] != after.headers["ETag"]


async def test_lines_are_priced_in_the_own_currency_and_shown_to_the_buyer_in_the_events(
    house: House,
) -> None:
    lines = [{"title": "Seat", "quantity": 2}, {"title": "Back", "quantity": 3}]
    market = await drafted(house, 1, {"quantity": 1, "rules": {"lines": lines}})
    await market.pass_until_open()
    await choose(market, 0, "USD")
    path, body = f"/v1/lots/{market.lot}/bids", {"price": "50.00", "lines": ["10.00", "10.00"]}
    taken = await house.call(market.suppliers[0], "POST", path, body | {"currency": "USD"})
    other = await house.call(market.suppliers[0], "POST", path, body | {"currency": "EUR"})
    await house.archive()

    buyer, own = await seen(market)
    lists = [
        (await house.get(each, path))["bids"][0]["lines"] for each in (market.buyer, market.suppliers[0])
    ]

    assert (taken.status, other.status, other.body["reason"]) == (201, 422, "CURRENCY_OTHER")
    amounts = ["18.00", "27.00"]
    assert own["own_lines"] == {"prices": ["10.00", "10.00"], "amounts": amounts}
    assert buyer["bid_lines"] == [{"alias": 1, "prices": ["9.00", "9.00"], "amounts": amounts}]
    assert lists == [["9.00", "9.00"], ["10.00", "10.00"]]


async def test_a_sealed_price_is_checked_and_opened_in_the_bidders_currency(
    house: House, tmp_path: Path
) -> None:
    rules = {"format": "sealed_second_price", "reserve_price": "85.00"}
    async with a_desk(house, tmp_path):
        market = await drafted(house, 2, {"rules": rules})
        sealed = SealedMarket(house, market.buyer, market.suppliers, market.event, market.lot)
        await sealed.key()
        await sealed.pass_until_open()
        await choose(market, 0, "USD")
        async with a_client(house, market.suppliers[0]) as client, client.lot(market.lot) as room:
            with pytest.raises(Invalid, match=r"a bid is 100\.00? or lower"):
                await room.bid_sealed(Decimal("100.10"))
            await room.bid_sealed(Decimal("90.00"))
        assert (await sealed.seal(1, 8_300)).status == 201
        await sealed.pass_until_closed()
        lot = await sealed.until(opened=True)
        await house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/award-best")
        result = await house.get(market.suppliers[0], f"/v1/lots/{market.lot}/result")

    assert [price["price"] for price in lot["prices"]] == ["81.00", "83.00"]
    part = {"price": "92.20", "quantity": 500, "amount": "41490.00", "currency": "USD"}
    assert [{name: each[name] for name in part} for each in result["parts"]] == [part]
