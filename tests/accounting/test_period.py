"""Periods are whole days in UTC; their pieces never reach from one month into the next."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.accounting.period import NoPeriod, Period, day_of, month, period_of, start_of

DAYS = st.dates(date(1970, 1, 1), date(2199, 12, 30))


@given(DAYS, st.integers(1, 700))
def test_the_months_are_the_period_cut_at_every_first(first: date, days: int) -> None:
    period = period_of(first, first + timedelta(days))

    parts = list(period.months())

    assert [parts[0].first, parts[-1].end] == [period.first, period.end]
    assert all(one.end == other.first and other.first.day == 1 for one, other in pairwise(parts))
    assert all((part.end - timedelta(1)).month == part.first.month for part in parts)


@given(DAYS)
def test_a_day_begins_at_midnight_in_utc(day: date) -> None:
    begins = start_of(day)

    assert begins == datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1_000_000
    assert (day_of(begins - 1), day_of(begins)) == (day - timedelta(1), day)


def test_a_month_ends_where_the_next_begins() -> None:
    assert month(2026, 12) == Period(date(2026, 12, 1), date(2027, 1, 1))
    assert month(2028, 2).end - month(2028, 2).first == timedelta(29)


@pytest.mark.parametrize(
    "first, end, said",
    [
        (date(2026, 1, 1), date(2026, 1, 1), "has no day"),
        (date(2026, 1, 2), date(2026, 1, 1), "has no day"),
        (date(1969, 12, 31), date(1970, 1, 2), "before 1970"),
        (date(1970, 1, 1), date(9999, 12, 31), "more than 10 years"),
    ],
)
def test_days_that_are_no_period_are_refused_with_what_to_do(first: date, end: date, said: str) -> None:
    with pytest.raises(NoPeriod, match=said):
        period_of(first, end)
