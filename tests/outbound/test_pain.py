"""Payment files: valid by the official schema, equal for equal payments, exact to the minor unit."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.outbound.pain import Payment, credit_transfer, decimal
from tests.outbound.bank import MEMBER_IBAN, a_house, assert_official

HOUSE = a_house(Path("bank"))
NOON_US = 1_767_268_800_000_000
SCHEMA = "pain.001.001.09"


def a_payment(number: int = 1, name: str = "Ada & Sons <Ltd>", bic: str = "") -> Payment:
    return Payment(f"payout-{number}", 2145_10 + number, name, MEMBER_IBAN, bic)


@pytest.mark.parametrize("bic", ["", "COBADEFFXXX"])
def test_a_file_is_valid_by_the_official_schema(bic: str) -> None:
    document = credit_transfer("QM-1-USD", NOON_US, "USD", HOUSE, [a_payment(bic=bic), a_payment(2)])

    assert_official(document, SCHEMA)
    assert b"<NbOfTxs>2</NbOfTxs><CtrlSum>4290.23</CtrlSum>" in document
    assert b'<InstdAmt Ccy="USD">2145.11</InstdAmt>' in document


def test_equal_payments_give_equal_bytes() -> None:
    first, second = (credit_transfer("QM-1-USD", NOON_US, "USD", HOUSE, [a_payment()]) for _ in range(2))

    assert first == second


NAMES = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), min_size=1, max_size=90)


@given(NAMES.filter(lambda name: bool(name.strip())))
def test_any_name_that_can_be_given_makes_a_valid_file(name: str) -> None:
    assert_official(credit_transfer("QM-1-USD", NOON_US, "USD", HOUSE, [a_payment(name=name)]), SCHEMA)


@pytest.mark.parametrize("currency, text", [("USD", "0.05"), ("JPY", "5")])
def test_amounts_have_the_decimals_of_their_currency(currency: str, text: str) -> None:
    assert decimal(5, currency) == text
