"""The price that the next bid makes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.market.lots.pricing import uniform_value

VALUES = st.lists(st.integers(-1_000, 1_000), max_size=12).map(sorted)


@pytest.mark.parametrize(
    "ranked,winners,bound,value",
    [
        ([700, 800, 900], 1, 1_000, 800),
        ([700, 800, 900], 2, 1_000, 900),
        ([700, 800, 900], 3, 1_000, 1_000),
        ([700, 800, 900], 1, 750, 750),
        ([700, 700, 900], 1, 1_000, 700),
        ([700], 1, 1_000, 1_000),
        ([-900, -800, -700], 1, -500, -800),
        ([-900, -400], 1, -500, -500),
    ],
)
def test_winners_get_the_best_losing_value_within_the_bound(
    ranked: list[int], winners: int, bound: int, value: int
) -> None:
    assert uniform_value(ranked, winners, bound) == value


@given(VALUES, st.integers(1, 12))
def test_nobody_that_meets_the_bound_gets_a_worse_price_than_its_own_bid(
    ranked: list[int], winners: int
) -> None:
    value = uniform_value(ranked, winners, 1_000)

    assert all(own <= value for own in ranked[:winners])


@given(VALUES, st.integers(1, 12), st.data())
def test_no_winner_changes_the_price_by_its_own_bid(
    ranked: list[int], winners: int, data: st.DataObject
) -> None:
    if len(ranked) <= winners:
        return
    place = data.draw(st.integers(0, winners - 1))
    other = data.draw(st.integers(-1_000, ranked[winners]))

    moved = sorted([*ranked[:place], *ranked[place + 1 :], other])

    assert uniform_value(moved, winners, 1_000) == uniform_value(ranked, winners, 1_000)
