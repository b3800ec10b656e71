"""The uncross price by its four rules, against a twin that tries every price; and who trades at it."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.market.uncross import Uncross, pairs, shares, uncross
from exchange.core.messages.base import Side
from tests.models.uncross import Depth, demand, supply, uncrossed

BUY, SELL = Side.BUY, Side.SELL
TICK = 5
PRICES = list(range(TICK, 21 * TICK, TICK))

depths = st.lists(st.tuples(st.sampled_from(PRICES), st.integers(1, 9)), max_size=12)


def best_first(bids: Depth, asks: Depth) -> tuple[Depth, Depth]:
    return sorted(bids, key=lambda bid: -bid[0]), sorted(asks, key=lambda ask: ask[0])


@given(bids=depths, asks=depths, reference=st.integers(0, 120))
def test_the_price_is_the_one_that_trying_all_prices_finds(bids: Depth, asks: Depth, reference: int) -> None:
    found = uncross(*best_first(bids, asks), TICK, reference)

    assert found == uncrossed(bids, asks, PRICES, reference)


@pytest.mark.parametrize(
    "rule,bids,asks,reference,expected",
    [
        ("nothing meets", [(99, 5)], [(100, 5)], 100, None),
        ("one side is empty", [(99, 5)], [], 100, None),
        ("largest volume", [(102, 5), (101, 5)], [(100, 10)], 102, Uncross(101, 10, 0, None)),
        ("least surplus", [(102, 10)], [(100, 5), (101, 4), (102, 1)], 100, Uncross(102, 10, 0, None)),
        ("buyers press upward", [(103, 10)], [(100, 5)], 100, Uncross(103, 5, 5, BUY)),
        ("sellers press downward", [(103, 5)], [(100, 10)], 103, Uncross(100, 5, 5, SELL)),
        ("nearest to the reference", [(103, 5)], [(100, 5)], 102, Uncross(102, 5, 0, None)),
        ("reference above all", [(103, 5)], [(100, 5)], 110, Uncross(103, 5, 0, None)),
        ("reference below all", [(103, 5)], [(100, 5)], 90, Uncross(100, 5, 0, None)),
        ("no reference: the middle", [(104, 5)], [(100, 5)], 0, Uncross(102, 5, 0, None)),
        (
            "equal surplus on either side",
            [(103, 5), (102, 5)],
            [(100, 5), (103, 5)],
            103,
            Uncross(103, 5, 5, SELL),
        ),
    ],
)
def test_the_rules_come_in_their_order(
    rule: str, bids: Depth, asks: Depth, reference: int, expected: Uncross | None
) -> None:
    assert uncross(bids, asks, 1, reference) == expected, rule


@given(bids=depths, asks=depths, reference=st.integers(0, 120))
def test_nobody_is_left_who_would_have_traded_at_a_better_price(
    bids: Depth, asks: Depth, reference: int
) -> None:
    found = uncross(*best_first(bids, asks), TICK, reference)

    if found is not None:
        better_bids = sum(quantity for price, quantity in bids if price > found.price)
        better_asks = sum(quantity for price, quantity in asks if price < found.price)
        assert max(better_bids, better_asks) <= found.volume + found.surplus
        assert found.volume == min(demand(bids, found.price), supply(asks, found.price))


def test_the_volume_goes_to_whoever_came_first() -> None:
    assert list(shares([("a", 3), ("b", 5), ("c", 1)], 5)) == [("a", 3), ("b", 2)]
    assert list(shares([("a", 3), ("b", 5), ("c", 1)], 3)) == [("a", 3)]


@given(st.lists(st.integers(1, 9), min_size=1), st.lists(st.integers(1, 9), min_size=1))
def test_pairs_give_everybody_its_share_in_order(buying: list[int], selling: list[int]) -> None:
    volume = min(sum(buying), sum(selling))
    buys = list(shares([(f"b{at}", each) for at, each in enumerate(buying)], volume))
    sells = list(shares([(f"s{at}", each) for at, each in enumerate(selling)], volume))

    met = list(pairs(buys, sells))

    bought, sold = Counter[str](), Counter[str]()
    for buyer, seller, quantity in met:
        assert quantity > 0
        bought[buyer] += quantity
        sold[seller] += quantity
    assert (list(bought.items()), list(sold.items())) == (buys, sells)
