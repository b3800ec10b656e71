"""A stretch of whole days (UTC) for which papers are made, and its month ends."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from exchange.core.values import EPOCH, MICROSECOND

DAY: Final = timedelta(days=1)
YEARS_MAX: Final = 10
"""Every month end is a walk over all accounts."""


class NoPeriod(ValueError):
    """These days are no period; the message ends with what to do."""


class Period(Struct, frozen=True):
    """From the first instant of `first` to the last instant before `end`, a day that is not part of it."""

    first: date
    end: date

    @property
    def from_us(self) -> int:
        """Its first instant."""
        return start_of(self.first)

    @property
    def until_us(self) -> int:
        """The first instant after it."""
        return start_of(self.end)

    def months(self) -> Iterator["Period"]:
        """The period in pieces, none of which reaches from one month into the next."""
        first = self.first
        while first < self.end:
            end = min(next_month(first), self.end)
            yield Period(first, end)
            first = end


def period_of(first: date, end: date) -> Period:
    """The period of two days. Raises ValueError where there is none, with what to do."""
    if first >= end:
        raise NoPeriod(
            f"A period from {first} to {end} has no day. Give --to a later day; it is not included."
        )
    if first.year < 1970:
        raise NoPeriod(f"Nothing happened before 1970. Give --from a later day than {first}.")
    if end.year - first.year > YEARS_MAX:
        raise NoPeriod(f"From {first} to {end} are more than {YEARS_MAX} years. Make books of a year each.")
    return Period(first, end)


def month(year: int, number: int) -> Period:
    """A calendar month."""
    first = date(year, number, 1)
    return Period(first, next_month(first))


def next_month(day: date) -> date:
    """The first day of the month after the day's."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def start_of(day: date) -> int:
    """The day's first instant."""
    return (date.toordinal(day) - EPOCH.toordinal()) * (DAY // MICROSECOND)


def day_of(at_us: int) -> date:
    """The day of an instant."""
    return EPOCH.date() + timedelta(microseconds=at_us // (DAY // MICROSECOND) * (DAY // MICROSECOND))
