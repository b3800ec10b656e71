"""Exact arithmetic of prices, amounts and rates: integers only, rounded in one place; how they and instants are written,
and how a thing that may change is numbered by its content.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Final

CURRENCY_EXPONENT: Final[dict[str, int]] = {
    "AUD": 2,
    "CAD": 2,
    "CHF": 2,
    "CNY": 2,
    "CZK": 2,
    "DKK": 2,
    "EUR": 2,
    "GBP": 2,
    "HKD": 2,
    "HUF": 2,
    "JPY": 0,
    "KRW": 0,
    "NOK": 2,
    "PLN": 2,
    "SEK": 2,
    "SGD": 2,
    "TWD": 2,
    "USD": 2,
}
"""Currencies traded here, with the decimals of their minor unit (ISO 4217)."""


def divided_half_away(numerator: int, denominator: int) -> int:
    """The quotient of two integers, halves rounded away from zero; the denominator is positive."""
    assert denominator > 0
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def rate_of(amount_minor: int, rate_bps: int) -> int:
    """`rate_bps` basis points of an amount, rounded half away from zero."""
    return divided_half_away(amount_minor * rate_bps, 10_000)


def shares_of(total: int, weights: Sequence[int]) -> list[int]:
    """`total` divided by weights, the largest remainders rounded up; equal ones in the order of the weights.

    A total up to the sum of the weights gives no share above its weight.
    """
    whole = sum(weights)
    assert whole > 0, "somebody takes part"
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(total * weights[place] % whole), place))
    for place in by_remainder[: total - sum(shares)]:
        shares[place] += 1
    return shares


def minor_per_price(currency: str, price_scale: int) -> tuple[int, int]:
    """The fraction (numerator, denominator) that turns price x quantity into minor units."""
    shift = CURRENCY_EXPONENT[currency] - price_scale
    return (10**shift, 1) if shift >= 0 else (1, 10**-shift)


_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_DAY_US: Final = 24 * 3_600 * 1_000_000


def month_of(at_us: int) -> int:
    """The calendar month (UTC, proleptic Gregorian) of an instant, written yyyymm."""
    day = date.fromordinal(_EPOCH_DAY + at_us // _DAY_US)
    return day.year * 100 + day.month


VERSION_MAX: Final = 2**48


def version_of(*parts: object) -> int:
    """A number from 1 that is another one where any part is: 48 bits of the SHA-256 of the parts' texts."""
    text = " ".join(map(str, parts))
    return 1 + int.from_bytes(sha256(text.encode()).digest()[:6], "big")


# --- as people read them ---------------------------------------------------------------------------

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


def decimal_of(number: int, scale: int) -> str:
    """`number` x 10^-scale with exactly `scale` decimals."""
    digits = str(abs(number)).rjust(scale + 1, "0")
    whole, decimals = (digits[:-scale], digits[-scale:]) if scale else (digits, "")
    sign = "-" if number < 0 else ""
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


def scale_of_unit(unit: str) -> int:
    """Decimals of an amount in a unit: those of a currency's minor unit, none for pieces of an instrument."""
    return CURRENCY_EXPONENT.get(unit, 0)


def instant_of(at_us: int) -> str:
    """2026-11-22T17:04:10.123456Z, always with six decimals, so that texts sort as instants do."""
    return f"{(EPOCH + at_us * MICROSECOND).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def span_of(us: int) -> str:
    """A duration as people type it: 1d2h, 90 minutes as 1h30m, half a second as 0.5s."""
    seconds, rest_us = divmod(us, 1_000_000)
    said = ""
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        count, seconds = divmod(seconds, length)
        said += f"{count}{unit}" if count else ""
    fraction = f".{rest_us:06}".rstrip("0") if rest_us else ""
    return said + (f"{seconds}{fraction}s" if seconds or fraction or not said else "")
