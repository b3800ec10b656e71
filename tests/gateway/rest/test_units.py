"""A sealed lot of several units over REST: drafted, opened, awarded to the best by one call, and reported."""

from pathlib import Path

from exchange_client import Client
from tests.gateway.house import House
from tests.gateway.sealing import SealedMarket, a_desk, an_open_sealed_market

UNITS = {"format": "sealed_second_price", "winners": 2}


async def opened(house: House, rules: dict[str, object], *prices: int) -> SealedMarket:
    """The suppliers have sealed these prices."""
    market = await an_open_sealed_market(house, rules, suppliers=len(prices))
    for number, price in enumerate(prices):
        assert (await market.seal(number, price)).status == 201
    await market.pass_until_closed()
    await market.until(opened=True)
    return market


async def test_the_best_win_a_unit_each_at_one_price_and_losers_learn_nothing(
    house: House, tmp_path: Path
) -> None:
    async with a_desk(house, tmp_path):
        market = await opened(house, UNITS, 8_000, 7_000, 7_500)
        rules = (await market.read(market.suppliers[0]))["rules"]
        before = await house.get(market.buyer, f"/v1/events/{market.event}/monitor")
        whole = await house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/award", {"alias": 2})
        awarded = await house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/award-best")
        results = [
            await house.get(each, f"/v1/lots/{market.lot}/result")
            for each in (market.buyer, *market.suppliers)
        ]
        await house.archive()
        report = await house.get(market.buyer, f"/v1/events/{market.event}/report")

    assert rules == UNITS
    (lot,) = before["lots"]
    assert lot["savings"]["amount"] == report["savings"]["amount"] == "40000.00"
    assert (whole.status, whole.body["reason"], whole.body["bound"]) == (422, "LOT_IN_UNITS", "250")
    assert awarded.status == 200
    part = {"price": "80.00", "quantity": 250, "amount": "20000.00"}
    winners = [{"alias": alias, "winner_id": market.suppliers[alias - 1].member_id} for alias in (2, 3)]
    assert results[0]["parts"] == [part | winner for winner in winners]
    own = [[{name: each[name] for name in part} for each in told["parts"]] for told in results[1:]]
    assert own == [[], [part], [part]]
    assert [told["own_rank"] for told in results[1:]] == [3, 1, 2]
    assert [award["quantity"] for award in report["lots"][0]["awards"]] == [250, 250]


async def test_the_client_awards_the_best(house: House, tmp_path: Path) -> None:
    async with a_desk(house, tmp_path):
        market = await opened(house, UNITS | {"format": "sealed_first_price"}, 8_000, 7_000, 7_500)
        url = f"{house.url.replace('http', 'ws', 1)}/v1/ws"
        async with Client(url, key=market.buyer.key) as client:
            told = await client.award_best(market.lot)
        result = await house.get(market.buyer, f"/v1/lots/{market.lot}/result")

    assert told.number == 2
    assert [part["price"] for part in result["parts"]] == ["70.00", "75.00"]


async def test_a_scored_sealed_lot_pays_the_price_that_scores_as_the_next_bid(
    house: House, tmp_path: Path
) -> None:
    options = [{"name": "None", "weight_bps": 0}, {"name": "Two years", "weight_bps": 1_000}]
    scoring = {"features": [{"name": "Warranty", "options": options}]}
    async with a_desk(house, tmp_path):
        market = await an_open_sealed_market(house, {"format": "sealed_second_price", "scoring": scoring})
        undeclared = await market.seal(0, 7_700)
        for number, option in ((0, 2), (1, 1)):
            path = f"/v1/lots/{market.lot}/declaration"
            body = {"options": [option]}
            assert (await house.call(market.suppliers[number], "PUT", path, body)).status == 200
        for number, price in ((0, 7_700), (1, 7_000)):
            assert (await market.seal(number, price)).status == 201
        hidden = await market.read(market.buyer)
        await market.pass_until_closed()
        lot = await market.until(opened=True)
        awarded = await house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/award-best")
        result = await house.get(market.buyer, f"/v1/lots/{market.lot}/result")

    assert undeclared.body["reason"] == "DECLARATION_MISSING"
    assert "scores" not in hidden
    assert [score["alias"] for score in lot["scores"]] == [1, 2]
    assert awarded.status == 200
    assert [part["price"] for part in result["parts"]] == ["77.70"]  # the tick is 0.10; 77.78 scores as 70.00
