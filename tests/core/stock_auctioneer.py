"""A venue where a seller auctions its stock: an operator invites buyers, they bid, and the lots close."""

from typing import Any

from msgspec.structs import replace

from exchange.core.messages import (
    AddLot,
    CreateEvent,
    InviteSupplier,
    Outcome,
    PublishEvent,
    Role,
)
from exchange.core.messages.lot_rules import EventRules, LotDirection, LotRules, LotSchedule
from exchange.core.messages.lot_sales import PaySale, SaleTerms
from tests.core.auctioneer import MINUTE, Hall

DAY = 24 * 60 * MINUTE
FORWARD = EventRules(direction=LotDirection.FORWARD)
USUAL_LOT, USUAL_SALE = LotRules(), SaleTerms()
QUANTITY = 100


class StockAuctioneer(Hall):
    """`E` of `SELL` in USD with two decimals: lots `L1`, `L2` … of 100 LM358 each, up to 50.00 a piece. `B1`, `B2` …
    bid; they have nothing in their wallets unless it is said.
    """

    owner_id = "SELL"

    def __init__(
        self,
        bidders: int = 3,
        *,
        rules: EventRules = FORWARD,
        lot_rules: LotRules = USUAL_LOT,
        sale: SaleTerms = USUAL_SALE,
        lots: int = 1,
        stock: int = 1_000,
        money: int = 0,
        published: bool = True,
        **instrument: Any,
    ) -> None:
        super().__init__()
        self.member("SELL", Role.SELLER)
        self.instrument(**instrument)
        self.stock("SELL", stock)
        if lots > 1:
            rules = replace(rules, schedule=LotSchedule.PARALLEL)
        event = CreateEvent(
            title="Leftovers", currency="USD", price_scale=2, open_at_us=self.at_us + MINUTE,
            duration_us=60 * MINUTE, rules=rules, sale=sale,
        )  # fmt: skip
        self.done("SELL", event, "E")
        for number in range(1, lots + 1):
            self.done("SELL", self.lot(rules=lot_rules), f"L{number}")
        for number in range(1, bidders + 1):
            self.member(f"B{number}", Role.BUYER)
            if money:
                self.money(f"B{number}", money)
            self.done("operator", InviteSupplier(event_id="E", member_id=f"B{number}"))
        if published:
            self.publish()

    def publish(self) -> None:
        self.done("SELL", PublishEvent(event_id="E"))

    def lot(self, **fields: Any) -> AddLot:
        """The wish for one more lot."""
        given: dict[str, Any] = {
            "event_id": "E", "title": "A lot", "quantity": QUANTITY, "ceiling_price": 50_00, "min_step": 1,
            "instrument_id": "LM358",
        } | fields  # fmt: skip
        return AddLot(**given)

    def pay(self, bidder: str, lot: str = "L1") -> Outcome:
        return self.done(bidder, PaySale(lot_id=lot))

    def closed(self, *prices: int) -> "StockAuctioneer":
        """`B1` has bid the first price, `B2` the second, and so on."""
        self.open()
        for number, price in enumerate(prices, 1):
            self.bid(f"B{number}", price)
        self.close()
        return self

    def goods(self) -> tuple[int, int]:
        """What of the seller's pieces is free stock, and what is reserved."""
        return -self.balance("stock:SELL", "LM358"), -self.balance("reserved:SELL", "LM358")
