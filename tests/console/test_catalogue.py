"""`exchange search`: instruments by number, maker or word, with what is on offer."""

import pytest

from exchange.config import UNREACHABLE, USAGE
from exchange.core.messages import PlaceOrder, Side
from tests.console.commands import Console
from tests.gateway.house import House
from tests.gateway.stored.test_search import a_shelf


def numbers(answer: dict[str, list[dict[str, dict[str, str]]]]) -> list[str]:
    return [each["part"]["part_number"] for each in answer["instruments"]]


@pytest.mark.parametrize(
    "words, found",
    [
        (["LM-358 P"], ["LM358P"]),
        (["regulator"], ["L7805CV"]),
        (["lm358", "--condition", "NOS"], ["LM358P"]),
        (["lm358", "--manufacturer", "texas-instruments"], ["LM358P", "LM358DRG4"]),
        (["lm358", "--limit", "1"], ["LM358P"]),
        (["zzzzzz"], []),
    ],
)
async def test_what_is_wished_is_found(
    house: House, console: Console, words: list[str], found: list[str]
) -> None:
    asker = await a_shelf(house)

    ended = await console.run(asker, "search", *words, "--json")

    assert (ended.code, numbers(ended.answer)) == (0, found)


async def test_people_see_what_is_on_offer(house: House, console: Console) -> None:
    asker = await a_shelf(house)
    (found,) = (await console.run(asker, "search", "LM358P", "--json")).answer["instruments"]
    seller = await house.seller(found["instrument_id"])
    offer = PlaceOrder(instrument_id=found["instrument_id"], side=Side.SELL, price=25, quantity=40)
    await house.do(seller.member_id, offer)

    shown = await console.run(asker, "search", "LM358P")
    nothing = await console.run(asker, "search", "zzzzzz")

    assert shown.code == 0
    assert "40 at 0.25 USD" in shown.out and "Dual operational amplifier" in shown.out
    assert seller.member_id not in shown.out
    assert (nothing.code, nothing.out.strip()) == (0, "none")


async def test_a_condition_that_is_none_is_wrong_usage_and_a_wild_limit_is_refused(
    house: House, console: Console
) -> None:
    asker = await a_shelf(house)

    unknown = await console.run(asker, "search", "lm358", "--condition", "shiny")
    wild = await console.run(asker, "search", "lm358", "--limit", 9_999)

    assert (unknown.code, unknown.out) == (USAGE, "")
    assert wild.code == UNREACHABLE and "limit" in wild.err
