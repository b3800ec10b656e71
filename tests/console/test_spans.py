"""Instants and durations as people type them."""

from datetime import UTC, datetime

import pytest

from exchange.console import WrongUsage
from exchange.console.spans import countdown, instant, microseconds, to_the_second

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text, us",
    [
        ("90s", 90_000_000),
        ("20m", 1_200_000_000),
        ("1h30m", 5_400_000_000),
        ("2d", 172_800_000_000),
        ("0s", 0),
    ],
)
def test_a_duration_is_the_sum_of_its_parts(text: str, us: int) -> None:
    assert microseconds(text) == us


@pytest.mark.parametrize("text", ["", "20", "m", "1m2h", "-5m", "1.5h", "20 m"])
def test_what_is_no_duration_is_told_so(text: str) -> None:
    with pytest.raises(WrongUsage, match="no duration"):
        microseconds(text)


@pytest.mark.parametrize(
    "text, told",
    [
        ("+5m", "2026-01-01T12:05:00Z"),
        ("2026-01-01T11:30+02:00", "2026-01-01T09:30:00Z"),
        ("2026-01-01T10:00Z", "2026-01-01T10:00:00Z"),
    ],
)
def test_an_instant_is_told_in_utc(text: str, told: str) -> None:
    assert instant(text, NOW) == told


def test_an_instant_is_told_to_the_second_and_never_later() -> None:
    assert to_the_second("2026-01-04T15:02:00.999999Z") == "2026-01-04T15:02:00Z"


@pytest.mark.parametrize("text, why", [("tomorrow", "no instant"), ("2026-01-01T10:00", "no time zone")])
def test_an_instant_without_a_place_in_time_is_refused(text: str, why: str) -> None:
    with pytest.raises(WrongUsage, match=why):
        instant(text, NOW)


@pytest.mark.parametrize(
    "us, told", [(-5, "0.0 s"), (9_340_000, "9.3 s"), (61_000_000, "1:01"), (3_723_000_000, "1:02:03")]
)
def test_a_countdown_never_falls_below_zero(us: int, told: str) -> None:
    assert countdown(us) == told
