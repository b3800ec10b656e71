from hypothesis import given
from hypothesis import strategies as st

from exchange_client.clock import ClockEstimate, ExchangeClock


def test_before_the_first_answer_the_clock_is_our_own() -> None:
    clock = ExchangeClock(ClockEstimate(), lambda: 5_000)

    assert (clock.now_us(), clock.offset_us, clock.round_trip_us) == (5_000, 0, 0)


def test_the_exchange_is_asked_half_way_there_and_back() -> None:
    estimate = ClockEstimate()

    estimate.add(sent_us=1_000, server_us=9_100, received_us=1_200)

    assert (estimate.offset_us, estimate.round_trip_us) == (8_000, 200)
    assert ExchangeClock(estimate, lambda: 2_000).now_us() == 10_000


def test_of_the_last_eight_the_quickest_counts() -> None:
    estimate = ClockEstimate()
    estimate.add(0, 500, 10)
    for _ in range(7):
        estimate.add(0, 9_000, 1_000)

    assert estimate.round_trip_us == 10
    estimate.add(0, 9_000, 1_000)
    assert estimate.round_trip_us == 1_000


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1),
    st.integers(-(10**9), 10**9),
)
def test_the_estimate_is_off_by_half_its_round_trip_at_most(
    legs: list[tuple[int, int]], true_offset_us: int
) -> None:
    estimate = ClockEstimate()
    for there_us, back_us in legs:
        estimate.add(0, there_us + true_offset_us, there_us + back_us)

    assert abs(estimate.offset_us - true_offset_us) <= estimate.round_trip_us // 2 + 1


def test_a_clock_that_was_set_back_meanwhile_makes_no_negative_round_trip() -> None:
    estimate = ClockEstimate()

    estimate.add(sent_us=1_000, server_us=1_000, received_us=900)

    assert estimate.round_trip_us == 0
