"""Sales of surplus lots: the read models stay equal to the kernel, and both to a restarted one."""

from exchange.core.kernel import Exchange
from exchange.core.messages import SYSTEM, AwardLot, CancelEvent, EndOutage
from exchange.core.messages.changing import ChangeEvent
from exchange.core.messages.lot_sales import SaleTerms
from exchange.views.sourcing import Sourcing
from tests.core.stock_auctioneer import DAY, QUANTITY, StockAuctioneer
from tests.views.follower import Follower
from tests.views.test_sourcing import states


def test_following_the_events_of_sales_gives_what_the_kernels_state_gives() -> None:
    house = StockAuctioneer(lots=3, published=False)
    follower = Follower(house)

    def compare() -> None:
        follower.catch_up()
        kernel, followed = house.kernel, follower.views.sourcing
        fresh = Sourcing.from_kernel(kernel.auctions, kernel.awards, kernel.standstills, kernel.sales)
        assert states(followed) == states(fresh)
        assert followed.sales.dump() == fresh.sales.dump() == kernel.sales.dump()
        assert Exchange.load(kernel.dump()).dump() == kernel.dump()

    compare()
    house.done("SELL", ChangeEvent(event_id="E", sale=SaleTerms(payment_us=2 * DAY)))
    compare()
    house.publish()
    house.open()
    for lot in ("L1", "L2"):
        house.bid("B1", 12_00, lot)
        house.bid("B2", 11_00, lot)
    house.close()
    compare()
    for lot in ("L1", "L2"):
        house.done("SELL", AwardLot(lot_id=lot, alias=1))
    house.send(SYSTEM, EndOutage(down_us=DAY), after_us=DAY)
    compare()
    house.money("B1", 12_00 * QUANTITY)
    house.pay("B1", "L1")
    compare()
    house.wait(10 * DAY)
    compare()
    assert not house.send("operator", CancelEvent(event_id="E", reason="Over")).events
