from decimal import Decimal, getcontext, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_client.errors import Invalid
from exchange_client.money import decimal_amount, decimal_price, minor_units, wire_price


@given(st.integers(0, 10**12), st.integers(0, 4))
def test_a_price_of_the_wire_comes_back_as_it_was(price: int, price_scale: int) -> None:
    assert wire_price(decimal_price(price, price_scale), price_scale) == price


@pytest.mark.parametrize(
    "price,price_scale,wire",
    [("12.5", 4, 125_000), ("12.5000", 1, 125), ("1E+2", 2, 10_000), ("0.0001", 4, 1), ("-3.2", 1, -32)],
)
def test_a_price_is_counted_in_its_scale(price: str, price_scale: int, wire: int) -> None:
    assert wire_price(Decimal(price), price_scale) == wire


@pytest.mark.parametrize(
    "price,message",
    [
        (
            Decimal("12.50001"),
            "price 12.50001 is finer than allowed: this price has 4 decimals; round it yourself",
        ),
        (Decimal("1E-999999"), "finer than allowed"),
        (Decimal("1E+999999"), "no number that can be sent"),
        (Decimal("NaN"), "no number that can be sent"),
        (Decimal("-Infinity"), "no number that can be sent"),
        (12.5, "must be a Decimal, not float"),
        (12, "must be a Decimal, not int"),
        ("12.5", "must be a Decimal, not str"),
    ],
)
def test_what_is_no_exact_price_is_refused(price: object, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        wire_price(price, 4)  # type: ignore[arg-type]


def test_the_callers_decimal_context_changes_nothing() -> None:
    with localcontext() as context:
        context.prec = 2

        assert wire_price(Decimal("123456.7891"), 4) == 1_234_567_891
        assert decimal_price(1_234_567_891, 4) == Decimal("123456.7891")
        assert getcontext().prec == 2


@pytest.mark.parametrize("amount,currency,minor", [("19.99", "EUR", 1_999), ("300", "JPY", 300)])
def test_an_amount_is_counted_in_minor_units(amount: str, currency: str, minor: int) -> None:
    assert minor_units(Decimal(amount), currency) == minor
    assert decimal_amount(minor, currency) == Decimal(amount)


@pytest.mark.parametrize(
    "amount,currency,message",
    [("0.5", "JPY", "JPY has 0 decimals"), ("1", "ZZZ", "'ZZZ' is not traded here")],
)
def test_an_amount_that_does_not_exist_is_refused(amount: str, currency: str, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        minor_units(Decimal(amount), currency)
