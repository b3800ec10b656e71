"""What a member bids in beside the event's currency, as its client counts."""

from decimal import Decimal

import pytest

from exchange_client.currencies import BidCurrency
from exchange_client.own_currency import OwnCurrency


@pytest.mark.parametrize(
    "rate_ppb,tick,price,highest",
    [
        (900_000_000, 0, "10.00", "11.11"),
        (6_125_000, 100, "10.00", "1632.00"),
        (1_000_000_000, 0, "10.00", "10.00"),
        (333_333_333, 0, "1.00", "3.00"),
        (333_333_334, 0, "1.00", "2.99"),
    ],
)
def test_a_bound_in_the_events_currency_is_rounded_down_to_the_own_tick(
    rate_ppb: int, tick: int, price: str, highest: str
) -> None:
    own = OwnCurrency.of(BidCurrency("USD", rate_ppb, tick), 1, 2)

    assert own.at_most(Decimal(price)) == Decimal(highest)
    assert own.at_most(Decimal(price)) * own.rate <= Decimal(price)
