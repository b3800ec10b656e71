"""What is asserted after every command in tests would notice one cent too much or too little."""

import pytest

from exchange.core.messages import ConfirmReceipt, Role, SetCommission, Side
from tests.core.venue import Venue
from tests.models import invariants


@pytest.fixture
def venue() -> Venue:
    """A sale with a fee of 80.00 and a tax of 16.80, settled."""
    venue = Venue()
    venue.member("B", Role.BUYER)
    venue.member("S", Role.SELLER)
    venue.instrument()
    venue.money("B", 100_000)
    venue.stock("S", 1_000)
    venue.send("operator", SetCommission(rate_bps=800, tax_bps=2_100))
    bought = venue.order("B", Side.BUY, 100, 1_000).reply.id
    venue.order("S", Side.SELL, 100, 1_000)
    venue.send("B", ConfirmReceipt(contract_id=bought))
    return venue


@pytest.mark.parametrize(
    "field, by, said",
    [
        ("fee_minor", 1, "charged too much"),
        ("fee_minor", -1, "charged too little"),
        ("tax_minor", 1, "taxed too much"),
        ("refunded_fee_minor", 1, "differs from what was charged"),
    ],
)
def test_a_fee_that_is_not_its_schedules_is_noticed(venue: Venue, field: str, by: int, said: str) -> None:
    (sums,) = venue.kernel.commission._cumulated.values()
    assert (sums.fee_minor, sums.tax_minor) == (8_000, 1_680)
    setattr(sums, field, getattr(sums, field) + by)

    with pytest.raises(AssertionError, match=said):
        invariants.check(venue.kernel)
