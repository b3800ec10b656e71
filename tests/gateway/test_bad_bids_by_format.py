"""Bids that are wrong for the way in which their lot is bid for, one row each: refused by name, and nothing changes."""

from pathlib import Path
from typing import Any

import pytest

from tests.gateway.bad_input import Case, Speaker, Stage, a_bid, everything, holds, named
from tests.gateway.house import House
from tests.gateway.rest.test_discounts import opened as by_discount
from tests.gateway.rest.test_lines import lined
from tests.gateway.rest.test_lot_clocks import (
    COUNTED,
    DUTCH,
    JAPANESE,
    ROUNDS,
    accept,
    minutes_pass,
    with_format,
)
from tests.gateway.rest.test_sourcing import Market
from tests.gateway.sealing import a_desk, a_sealed_market, an_open_sealed_market

OVER = "It could take them until 2026-01-01T14:00:00.000000Z."


def accepted(price: int) -> dict[str, Any]:
    """In cents."""
    return {"type": "accept_level", "price": price}


def by_clock(rules: dict[str, Any], minutes: int = 0, accepts: tuple[tuple[int, str], ...] = ()) -> Stage:
    """From 88 to 90 in steps of 0.50, ten minutes each; what is accepted is so in the first of them."""

    async def stage(house: House) -> Market:
        market = await with_format(house, rules, **COUNTED)
        for who, price in accepts:
            assert (await accept(market, who, price)).status == 201
        await minutes_pass(market, minutes)
        return market

    return stage


def in_rounds(
    minutes: int, first: tuple[tuple[int, str], ...], later: tuple[tuple[int, str], ...] = ()
) -> Stage:
    """An hour of first prices, five minutes of pause, then two minutes each."""

    async def stage(house: House) -> Market:
        market = await with_format(house, ROUNDS, **COUNTED)
        for who, price in first:
            assert (await market.bid(who, price)).status == 201
        await minutes_pass(market, 60)
        await minutes_pass(market, minutes)
        for who, price in later:
            assert (await market.bid(who, price)).status == 201
        return market

    return stage


FIRST = ((0, "80.00"), (1, "85.00"))
ALL_IN = ((0, "90.00"), (1, "90.00"))
CLOCKS = [
    Case("stale Dutch step", by_clock(DUTCH, 11), accepted(88_00), "LEVEL_STALE", "Accept 88.50, if it suits you.", 88_50, "price"),
    Case("Dutch step to come", by_clock(DUTCH, 11), accepted(89_00), "LEVEL_STALE", "Accept 88.50, if it suits you.", 88_50, "price"),
    Case("Dutch lot that is taken", by_clock(DUTCH, 0, ((0, "88.00"),)), accepted(88_00), "LOT_NOT_OPEN", "Nothing is left to do."),
    Case("Dutch lot that is over", by_clock(DUTCH, 61), accepted(90_00), "LOT_NOT_OPEN", OVER),
    Case("bid in a Dutch lot", by_clock(DUTCH), a_bid(88_00), "OTHER_FORMAT", "Bid as its format asks."),
    Case("after dropping out of a Japanese lot", by_clock(JAPANESE, 11, ((0, "90.00"), (2, "90.00"))), accepted(89_50), "DROPPED_OUT", "Nothing is left to do."),
    Case("stale Japanese level", by_clock(JAPANESE, 11, ALL_IN), accepted(90_00), "LEVEL_STALE", "Accept 89.50, if it suits you.", 89_50, "price"),
    Case("doubled Japanese level", by_clock(JAPANESE, 0, ALL_IN), accepted(90_00), "LEVEL_ACCEPTED", "Wait for the next one."),
    Case("bid in a Japanese lot", by_clock(JAPANESE), a_bid(90_00), "OTHER_FORMAT", "Bid as its format asks."),
    Case("after first prices that were too few for rounds", in_rounds(0, ()), a_bid(84_00), "LOT_NOT_OPEN", OVER),
    Case("in the pause before the rounds", in_rounds(1, FIRST), a_bid(84_00), "NOT_YOUR_TURN", "Wait for your turn."),
    Case("out of turn", in_rounds(8, FIRST), a_bid(84_00), "NOT_YOUR_TURN", "Wait for your turn."),
    Case("twice in a turn", in_rounds(6, FIRST, ((1, "84.00"),)), a_bid(83_00), "TURN_USED", "Wait for your turn in the next round."),
    Case("in the rounds without a first price", in_rounds(6, ((0, "80.00"), (2, "85.00"))), a_bid(79_00), "NO_FIRST_PRICE", "Nothing is left to do."),
    Case("too small a step in its turn", in_rounds(6, FIRST), a_bid(84_80), "STEP_TOO_SMALL", "Bid 84.50 or lower; one step is 0.50.", 84_50, "price"),
    Case("over the ceiling as a first price", by_clock(ROUNDS), a_bid(90_10), "BID_ABOVE_CEILING", "Bid 90.00 or lower.", 90_00, "price"),
]  # fmt: skip


@pytest.mark.parametrize("case", CLOCKS, ids=named)
async def test_a_bid_against_the_clock_of_its_lot_is_refused_by_name(house: House, case: Case) -> None:
    await holds(house, case)


BY_DISCOUNT = "Send the discount and the total that follows from it, and no lines."
LINES = [
    Case("a line missing", lined, a_bid(80_00, lines=[15]), "LINES_MISCOUNTED", "Give as many unit prices as 2.", 2, "lines"),
    Case("a line too many", lined, a_bid(80_00, lines=[15, 5, 1]), "LINES_MISCOUNTED", "Give as many unit prices as 2.", 2, "lines"),
    Case("a line for nothing", lined, a_bid(35_00, lines=[0, 5]), "LINE_NOT_FREE", "Price the line whose number is 1.", 1, "lines"),
    Case("a total that is not the sum", lined, a_bid(80_00, lines=[15, 4]), "TOTAL_DISAGREES", "Send their sum, which is 73.00.", 73_00, "price"),
    Case("a sum beyond every price", lined, a_bid(80_00, lines=[10**12, 10**12]), "TOTAL_DISAGREES", "Try another: no bound can be told, or none is left.", 0, "price"),
    Case("lines over the ceiling", lined, a_bid(100_00, lines=[10, 10]), "BID_ABOVE_CEILING", "Bid 90.00 or lower.", 90_00, "price"),
    Case("a price where a discount is asked for", by_discount, a_bid(40_00), "BID_BY_DISCOUNT", BY_DISCOUNT, 0, "discount_bps"),
    Case("lines where a discount is asked for", by_discount, a_bid(40_00, lines=[8_00, 8_00], discount_bps=2_000), "BID_BY_DISCOUNT", BY_DISCOUNT, 0, "discount_bps"),
    Case("another total than the discount's", by_discount, a_bid(40_00, discount_bps=2_000), "TOTAL_DISAGREES", "Send their sum, which is 39.97.", 39_97, "price"),
]  # fmt: skip


@pytest.mark.parametrize("case", LINES, ids=named)
async def test_a_bid_that_does_not_fit_the_lines_of_its_lot_is_refused_by_name(
    house: House, case: Case
) -> None:
    await holds(house, case)


FORMATS = ("sealed_first_price", "sealed_second_price")
SEALED: list[tuple[str, dict[str, Any], int, str, str]] = [
    ("an open bid", a_bid(80_00), 61, "BIDS_ARE_SEALED", "Seal the bid with the lot's key."),
    ("an open bid before the opening", a_bid(80_00), 0, "LOT_NOT_OPEN_YET", "Bid from 2026-01-01T13:00:00.000000Z on: it opens then."),
    ("a level", accepted(80_00), 61, "OTHER_FORMAT", "Bid as its format asks."),
    ("a sealed bid too late", {"type": "submit_envelope", "envelope": ""}, 121, "LOT_NOT_OPEN", OVER),
    ("withdrawn before it was made", {"type": "withdraw_envelope"}, 61, "ENVELOPE_UNKNOWN", "Nothing is left to do."),
]  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("what,sent,minutes,reason,remedy", SEALED, ids=[row[0] for row in SEALED])
async def test_a_bid_that_a_sealed_lot_does_not_take_is_refused_by_name(
    house: House,
    tmp_path: Path,
    form: str,
    what: str,
    sent: dict[str, Any],
    minutes: int,
    reason: str,
    remedy: str,
) -> None:
    async with a_desk(house, tmp_path):
        market = await a_sealed_market(house, {"format": form})
        sealed = await market.envelope(1, 80_00)
        await minutes_pass(market, minutes)
        if minutes > 120:
            await market.until(opened=True)
        speaker = await Speaker.of(house, market.suppliers[1])
        before = await everything(market)

        wish = sent | ({"envelope": sealed} if "envelope" in sent else {})
        told = await speaker.say({"lot_id": market.lot, **wish})

        assert (told["type"], told["reason"], told["remedy"]) == ("rejected", reason, remedy), what
        assert await everything(market) == before


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "price,reason",
    [(90_10, "above_ceiling"), (49_90, "below_floor"), (80_05, "off_tick"), (85_00, "not_qualifying")],
)
async def test_a_sealed_bid_at_a_wrong_price_is_void_by_name_when_it_is_opened(
    house: House, tmp_path: Path, form: str, price: int, reason: str
) -> None:
    async with a_desk(house, tmp_path):
        rules = {"format": form, "floor_price": "50.00", "qualification_price": "84.00"}
        market = await an_open_sealed_market(house, rules)
        assert (await market.seal(0, 80_00)).status == 201
        assert (await market.seal(1, price)).status == 201
        await market.pass_until_closed()

        lot = await market.until(opened=True)

        assert lot["sealed"]["voids"] == [{"alias": 2, "reason": reason}]
        assert lot["prices"] == [{"alias": 1, "price": "80.00"}]
