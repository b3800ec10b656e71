from exchange_client.backoff import Backoff


def test_the_bound_of_the_pauses_doubles_up_to_the_last() -> None:
    backoff = Backoff(100, 1_000, draw=lambda ends: ends - 1)

    assert [backoff.pause_us() for _ in range(6)] == [100, 200, 400, 800, 1_000, 1_000]


def test_a_pause_is_anything_up_to_its_bound() -> None:
    backoff = Backoff(100, 1_000, draw=lambda _: 0)

    assert [backoff.pause_us() for _ in range(3)] == [0, 0, 0]


def test_success_begins_anew_with_short_pauses() -> None:
    backoff = Backoff(100, 1_000, draw=lambda ends: ends - 1)
    for _ in range(100):
        backoff.pause_us()

    backoff.reset()

    assert backoff.pause_us() == 100
