"""What a round tells."""

import pytest

from benchmarks.load.connection import Tally
from benchmarks.load.orders import Seen, quantiles


@pytest.mark.parametrize(
    "values,weights,expected",
    [
        ([5], [1], [5, 5]),
        ([3, 1, 2], [1, 1, 1], [2, 3]),
        ([10, 20], [98, 2], [10, 20]),
        ([10, 20], [99, 1], [10, 10]),
        ([], [], [0, 0]),
    ],
)
def test_a_quantile_is_the_value_that_the_share_of_all_weight_does_not_pass(
    values: list[int], weights: list[int], expected: list[int]
) -> None:
    assert quantiles(values, weights, (0.5, 0.99)) == expected


def test_a_rate_counts_acks_and_cost_counts_answers() -> None:
    tally = Tally()
    tally.acked, tally.rejected = 900, 100
    tally.latencies_ns.extend((1_000_000, 3_000_000))
    tally.weights.extend((600, 400))

    seen = Seen.of(tally, 2.0, 0.1, 0.01)

    assert (seen.per_s, seen.engine_us) == (450.0, 10.0)
    assert (seen.p50_ms, seen.p99_ms) == (1.0, 3.0)
