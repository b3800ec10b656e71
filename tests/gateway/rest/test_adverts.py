"""Adverts over REST: the same for everybody, and nothing of the seller in them."""

from exchange.core.limits import ADVERT_KEPT_US
from exchange.core.messages import DeclareStock, Role
from tests.gateway.house import House


async def test_adverts_are_listed_newest_first_by_the_size_of_what_there_is(house: House) -> None:
    first, second = await house.instrument(), await house.instrument()
    seller, reader = await house.seller(first), await house.member(Role.BUYER)
    for instrument, quantity, lead_days in ((first, 1_234, 3), (second, 9, 0), (first, 100, 0)):
        stock = DeclareStock(instrument_id=instrument, quantity=quantity, advertise=True, lead_days=lead_days)
        await house.do(seller.member_id, stock)

    listed = await house.get(reader, "/v1/adverts")
    of_one = await house.get(reader, f"/v1/adverts?instrument_id={second}")

    assert listed["adverts"] == [
        {"instrument_id": first, "symbol": "NE555P", "quantity_from": 100, "lead_days": 0},
        {"instrument_id": second, "symbol": "NE555P-1", "quantity_from": 1, "lead_days": 0},
        {"instrument_id": first, "symbol": "NE555P", "quantity_from": 1_000, "lead_days": 3},
    ]
    assert of_one["adverts"] == listed["adverts"][1:2]
    assert await house.get(seller, "/v1/adverts") == listed


async def test_an_advert_is_gone_after_a_week(house: House) -> None:
    instrument = await house.instrument()
    seller = await house.seller(instrument)
    await house.do(seller.member_id, DeclareStock(instrument_id=instrument, quantity=5, advertise=True))
    house.clock.pass_us(ADVERT_KEPT_US - 1)
    kept = await house.get(seller, "/v1/adverts")
    house.clock.pass_us(1)

    assert len(kept["adverts"]) == 1
    assert (await house.get(seller, "/v1/adverts"))["adverts"] == []
