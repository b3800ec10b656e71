"""Prices and amounts between `Decimal`, as people write them, and integers, as the wire carries them.

Guarantees: exact in both directions, whatever the caller's decimal context; what doesn't fit is refused
with `Invalid` and never rounded.
"""

from decimal import Context, Decimal, InvalidOperation
from typing import Final

from exchange_client.errors import Invalid

_EXACT: Final = Context(prec=40)
_DIGITS_MAX: Final = 16  # before the point: the wire's largest integer has as many
_DECIMALS_MAX: Final = 30  # beyond the point: finer than any scale, and bounds the work

CURRENCY_EXPONENT: Final[dict[str, int]] = {
    **dict.fromkeys(("AUD", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD"), 2),
    **dict.fromkeys(("HUF", "NOK", "PLN", "SEK", "SGD", "TWD", "USD"), 2),
    **dict.fromkeys(("JPY", "KRW"), 0),
}
"""Decimals of the minor unit (ISO 4217)."""


def price_of(price: Decimal | str) -> Decimal:
    """The price as a Decimal, where it is written as a text: "1.4040". Raises Invalid."""
    try:
        return Decimal(price) if isinstance(price, str) else price
    except InvalidOperation as error:
        raise Invalid(f"{price!r} is no price") from error


def wire_price(price: Decimal, price_scale: int, field: str = "price") -> int:
    """The price in 10^-price_scale."""
    return _shifted(price, price_scale, field, f"this price has {price_scale} decimals")


def decimal_price(price: int, price_scale: int) -> Decimal:
    """The price as a Decimal with all its decimals: 12500 at scale 3 is 12.500."""
    return Decimal(price).scaleb(-price_scale, _EXACT)


def minor_units(amount: Decimal, currency: str) -> int:
    """The amount in minor units of the currency: cents, or yen."""
    exponent = CURRENCY_EXPONENT.get(currency)
    if exponent is None:
        raise Invalid(f"{currency!r} is not traded here: use one of {', '.join(sorted(CURRENCY_EXPONENT))}")
    return _shifted(amount, exponent, "amount", f"{currency} has {exponent} decimals")


def decimal_amount(amount_minor: int, currency: str) -> Decimal:
    """The amount as a Decimal: 1999 minor units of EUR are 19.99."""
    return Decimal(amount_minor).scaleb(-CURRENCY_EXPONENT[currency], _EXACT)


def _shifted(value: Decimal, decimals: int, field: str, rule: str) -> int:
    if not isinstance(value, Decimal):
        raise Invalid(f"{field} must be a Decimal, not {type(value).__name__}: write Decimal('12.50')")
    exponent = value.as_tuple().exponent
    if isinstance(exponent, str) or value.adjusted() >= _DIGITS_MAX:
        raise Invalid(f"{field} {value} is no number that can be sent")
    numerator, denominator = value.as_integer_ratio() if exponent >= -_DECIMALS_MAX else (1, 0)
    whole, rest = divmod(numerator * 10**decimals, denominator) if denominator else (0, 1)
    if rest:
        raise Invalid(f"{field} {value} is finer than allowed: {rule}; round it yourself")
    return whole
