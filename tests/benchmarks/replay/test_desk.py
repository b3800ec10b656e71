"""The desk at a real server: what is sent, what the feed shows, whom a taker met."""

import pytest

from benchmarks.replay.desk import Desk
from benchmarks.replay.tapes import ReplayBroken
from benchmarks.replay.venue import Scale, scale_of, venue
from exchange_client import Side

BUY, SELL = Side.BUY, Side.SELL
PER_MAKER, MAKERS = 3, 3


async def filled(desk: Desk) -> None:
    """Eight orders of three makers, one after another through all three."""
    for number in range(4):
        await desk.add(f"ask {number}", SELL, 101 + number // 2, 10 + number)
        await desk.add(f"bid {number}", BUY, 99 - number // 2, 20 + number)


async def test_a_desk_does_in_order_what_it_is_told_and_knows_what_came_of_it() -> None:
    async with venue(Scale(2, 1), PER_MAKER * MAKERS - 1, journal=False, orders_per_maker=PER_MAKER) as desk:
        looks: list[list[tuple[int, int]]] = []
        await filled(desk)
        desk.afterwards(lambda: looks.append(desk.depth.top(BUY, 5)))
        assert await desk.reduce("bid 0", 5) == 5
        desk.afterwards(lambda: looks.append(desk.depth.top(BUY, 5)))
        assert await desk.reduce("bid 1", 100) == 21
        assert await desk.reduce("nobody", 1) == 0
        await desk.settled()

        assert looks == [[(99, 41), (98, 45)], [(99, 36), (98, 45)]]
        assert desk.depth.top(BUY, 5) == [(99, 15), (98, 45)]
        assert desk.depth.top(SELL, 5) == [(101, 21), (102, 25)]
        assert (desk.at(SELL, 101), desk.open("bid 0"), desk.open("bid 1")) == (["ask 0", "ask 1"], 15, 0)

        hits = await desk.take(BUY, 102, 30)

        assert [(hit.key, hit.price, hit.quantity) for hit in hits] == [
            ("ask 0", 101, 10), ("ask 1", 101, 11), ("ask 2", 102, 9),
        ]  # fmt: skip
        assert (desk.depth.top(SELL, 5), desk.at(SELL, 102)) == ([(102, 16)], ["ask 2", "ask 3"])
        assert await desk.take(BUY, 101, 1) == []

        await desk.add("crossing", BUY, 102, 1)
        await desk.settled()

        assert [refused.reason for refused in desk.refused] == ["WOULD_TRADE"]
        assert desk.open("crossing") == 0


async def test_more_orders_than_the_makers_may_have_end_the_replay() -> None:
    async with venue(Scale(2, 1), PER_MAKER - 1, journal=False, orders_per_maker=PER_MAKER) as desk:
        with pytest.raises(ReplayBroken, match="more than 3 orders"):
            await filled(desk)
        await desk.settled()

        assert len(desk.keys) == PER_MAKER


@pytest.mark.parametrize(
    "step,decimals,scale",
    [
        (1, 2, Scale(2, 1)),
        (25, 2, Scale(2, 1)),
        (1, 0, Scale(0, 1)),
        (100, 4, Scale(4, 100)),
        (500, 4, Scale(4, 100)),
        (1, 4, Scale(2, 1, 1)),
        (50, 4, Scale(2, 1, 50)),
        (15_625, 6, Scale(2, 1, 15_625)),
    ],
)
def test_a_step_of_a_price_is_a_whole_number_of_cents_or_stands_for_one(
    step: int, decimals: int, scale: Scale
) -> None:
    assert scale_of(step, decimals) == scale
