"""The house's bank as the settings give it: refused where it cannot be, and told to the second process unchanged."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from exchange.outbound.house import HouseBank
from tests.outbound.bank import CLIENT_IBAN, a_house

HOUSE = a_house(Path("/bank"))


def test_the_second_process_is_told_the_same() -> None:
    assert HOUSE.unfit() == ""
    assert HouseBank.of_text(HOUSE.as_text()) == HOUSE


@pytest.mark.parametrize(
    "house, told",
    [
        (replace(HOUSE, iban="GB00"), "--bank-iban"),
        (replace(HOUSE, operating_iban=""), "--operating-iban"),
        (replace(HOUSE, operating_iban=CLIENT_IBAN), "an account of its own"),
        (replace(HOUSE, name=" "), "--bank-name"),
    ],
)
def test_settings_that_cannot_be_are_told_by_their_option(house: HouseBank, told: str) -> None:
    assert told in house.unfit()
