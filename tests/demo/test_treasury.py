"""The demo's bank accounts are well formed, and nobody's."""

from exchange.demo.treasury import COUNTRY, an_iban
from exchange.outbound.iban import is_iban


def test_every_seller_has_an_account_number_of_its_own_that_checks() -> None:
    numbers = [an_iban(each) for each in range(200)]

    assert all(is_iban(each) and each.startswith(COUNTRY) for each in numbers)
    assert len(set(numbers)) == 200
