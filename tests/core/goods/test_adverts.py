"""Adverts tell what is new and how much about, and never whose it is."""

import pytest

from exchange.core.goods.adverts import Advert, Adverts, advert_of
from exchange.core.limits import ADVERT_KEPT_US, ADVERTS_KEPT
from exchange.core.messages import DeclareStock, StockAdvertised, StockDeclared
from tests.core.venue import Venue


@pytest.mark.parametrize(
    "quantity, shown", [(1, 1), (9, 1), (10, 10), (999, 100), (1_000, 1_000), (10**9, 10**9)]
)
def test_a_quantity_is_told_by_its_power_of_ten(quantity: int, shown: int) -> None:
    assert advert_of(StockAdvertised("M0", "LM358", quantity, 3), 7) == Advert(7, "LM358", shown, 3)


def test_adverts_are_current_for_a_week_newest_first_and_so_many_are_kept() -> None:
    adverts = Adverts()
    for number in range(ADVERTS_KEPT + 5):
        adverts.add(StockAdvertised("M0", "LM358", 1, number), number)

    current = Adverts(adverts.dump()).current(ADVERTS_KEPT)

    assert [each.lead_days for each in current] == list(range(ADVERTS_KEPT + 4, 4, -1))
    assert [each.at_us for each in adverts.current(ADVERT_KEPT_US + 10)][-1] == 11
    assert adverts.current(10 * ADVERT_KEPT_US) == []


def test_stock_is_advertised_only_where_its_seller_asks_for_it() -> None:
    venue = Venue()
    venue.member("M0")
    venue.instrument()

    quiet = venue.send("M0", DeclareStock(instrument_id="LM358", quantity=40))
    loud = venue.send("M0", DeclareStock(instrument_id="LM358", quantity=40, advertise=True, lead_days=2))

    assert [type(each) for each in quiet.events][-1] is StockDeclared
    assert loud.events[-1] == StockAdvertised("M0", "LM358", 40, 2)
    assert venue.kernel.adverts.dump() == [Advert(venue.at_us, "LM358", 10, 2)]
