import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.limits import INSTANT_US_MAX
from exchange.core.values import (
    CURRENCY_EXPONENT,
    divided_half_away,
    minor_per_price,
    month_of,
    rate_of,
    span_of,
)


@pytest.mark.parametrize(
    "numerator, denominator, quotient",
    [(0, 3, 0), (1, 3, 0), (2, 3, 1), (1, 2, 1), (3, 2, 2), (5, 2, 3), (-1, 2, -1), (-3, 2, -2), (-1, 3, 0)],
)
def test_halves_are_rounded_away_from_zero(numerator: int, denominator: int, quotient: int) -> None:
    assert divided_half_away(numerator, denominator) == quotient


@given(st.integers(-(10**17), 10**17), st.integers(1, 10**6))
def test_a_quotient_is_the_nearest_integer(numerator: int, denominator: int) -> None:
    doubled_error = 2 * (divided_half_away(numerator, denominator) * denominator - numerator)

    assert abs(doubled_error) <= denominator
    if abs(doubled_error) == denominator:
        assert (doubled_error > 0) == (numerator > 0)


@pytest.mark.parametrize("denominator", [0, -1])
def test_a_denominator_is_positive(denominator: int) -> None:
    with pytest.raises(AssertionError):
        divided_half_away(1, denominator)


@pytest.mark.parametrize(
    "amount_minor, rate_bps, expected",
    [(237_500, 800, 19_000), (19_000, 2_100, 3_990), (128_001, 800, 10_240), (100, 50, 1), (-100, 50, -1)],
)
def test_a_rate_is_in_basis_points(amount_minor: int, rate_bps: int, expected: int) -> None:
    assert rate_of(amount_minor, rate_bps) == expected


@given(st.integers(0, 2**53 - 1), st.integers(0, 10_000))
def test_a_rate_is_rounded_as_decimals_are(amount_minor: int, rate_bps: int) -> None:
    exact = Decimal(amount_minor) * rate_bps / 10_000

    assert rate_of(amount_minor, rate_bps) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize(
    "currency, price_scale, fraction",
    [
        ("USD", 4, (1, 100)),
        ("USD", 2, (1, 1)),
        ("USD", 0, (100, 1)),
        ("JPY", 0, (1, 1)),
        ("JPY", 4, (1, 10_000)),
    ],
)
def test_a_price_becomes_minor_units_by_a_fraction(
    currency: str, price_scale: int, fraction: tuple[int, int]
) -> None:
    assert minor_per_price(currency, price_scale) == fraction


def test_currencies_are_three_capitals_with_at_most_two_decimals() -> None:
    assert all(len(code) == 3 and code.isupper() for code in CURRENCY_EXPONENT)
    assert set(CURRENCY_EXPONENT.values()) <= {0, 2}
    assert [code for code, decimals in CURRENCY_EXPONENT.items() if decimals == 0] == ["JPY", "KRW"]


@pytest.mark.parametrize(
    "written, month",
    [
        ("1970-01-01T00:00:00", 197001),
        ("1970-01-31T23:59:59.999999", 197001),
        ("1970-02-01T00:00:00", 197002),
        ("2000-02-29T12:00:00", 200002),
        ("2024-02-29T23:59:59.999999", 202402),
        ("2024-03-01T00:00:00", 202403),
        ("2024-12-31T23:59:59.999999", 202412),
        ("2025-01-01T00:00:00", 202501),
        ("2100-02-28T23:59:59.999999", 210002),
        ("2100-03-01T00:00:00", 210003),
    ],
)
def test_a_month_begins_at_midnight_utc(written: str, month: int) -> None:
    instant = datetime.fromisoformat(written).replace(tzinfo=UTC)
    since = instant - datetime(1970, 1, 1, tzinfo=UTC)

    assert month_of((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) == month


@given(st.integers(0, INSTANT_US_MAX))
def test_the_month_of_any_instant_is_that_of_the_calendar(at_us: int) -> None:
    instant = datetime.fromtimestamp(at_us // 1_000_000, UTC)

    assert month_of(at_us) == instant.year * 100 + instant.month


@given(st.integers(0, INSTANT_US_MAX), st.integers(0, INSTANT_US_MAX))
def test_months_never_fall_as_time_goes_on(one_us: int, other_us: int) -> None:
    earlier_us, later_us = sorted((one_us, other_us))

    assert month_of(earlier_us) <= month_of(later_us)


@pytest.mark.parametrize("told", ["0s", "90s", "20m", "1h30m", "2d", "1d1h1m1s", "0.5s", "1m0.000001s"])
def test_a_duration_is_told_as_people_type_it(told: str) -> None:
    units = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
    parts = re.findall(r"([\d.]+)([dhms])", told)
    us = int(sum(Decimal(count) * units[unit] for count, unit in parts) * 1_000_000)

    assert span_of(us) == {"90s": "1m30s"}.get(told, told)
