"""A venue where a seller auctions its stock: an operator invites buyers, they bid, and the lots close."""

from typing import Any

from msgspec.structs import replace

from exchange.core.messages import (
    SYSTEM,
    AddLot,
    AnyCommand,
    AwardLot,
    CreateEvent,
    FireDeadlines,
    InviteSupplier,
    Outcome,
    PublishEvent,
    Role,
    SubmitBid,
)
from exchange.core.messages.lot_rules import EventRules, LotDirection, LotRules, LotSchedule
from exchange.core.messages.lot_sales import PaySale, SaleTerms
from exchange.core.rejects import RejectCode
from tests.core.venue import SECOND, Venue

MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE
FORWARD = EventRules(direction=LotDirection.FORWARD)
USUAL_LOT, USUAL_SALE = LotRules(), SaleTerms()
QUANTITY = 100


class StockAuctioneer(Venue):
    """`E` of `SELL` in USD with two decimals: lots `L1`, `L2` … of 100 LM358 each, up to 50.00 a piece. `B1`, `B2` …
    bid; they have nothing in their wallets unless it is said.
    """

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

    def done(self, member_id: str, command: AnyCommand, new_id: str = "") -> Outcome:
        """A command that must take effect."""
        outcome = self.send(member_id, command, new_id=new_id)
        assert not outcome.reply.code, RejectCode(outcome.reply.code)
        return outcome

    def bid(self, bidder: str, price: int, lot: str = "L1") -> Outcome:
        return self.done(bidder, SubmitBid(lot_id=lot, price=price))

    def award(self, alias: int, lot: str = "L1") -> Outcome:
        return self.done("SELL", AwardLot(lot_id=lot, alias=alias))

    def pay(self, bidder: str, lot: str = "L1") -> Outcome:
        return self.done(bidder, PaySale(lot_id=lot))

    def open(self) -> None:
        self.wait(2 * MINUTE)

    def close(self) -> None:
        """With whatever overtime there is."""
        self.wait(180 * MINUTE)

    def closed(self, *prices: int) -> "StockAuctioneer":
        """`B1` has bid the first price, `B2` the second, and so on."""
        self.open()
        for number, price in enumerate(prices, 1):
            self.bid(f"B{number}", price)
        self.close()
        return self

    def wait(self, after_us: int) -> list[Outcome]:
        """What falls due meanwhile, in turn."""
        end_us, fired = self.at_us + after_us, list[Outcome]()
        while (due_us := self.kernel.deadlines.next_us()) is not None and due_us <= end_us:
            self.at_us = max(self.at_us, due_us)
            fired.append(self.send(SYSTEM, FireDeadlines(), after_us=0))
        self.at_us = end_us
        return fired

    def goods(self) -> tuple[int, int]:
        """What of the seller's pieces is free stock, and what is reserved."""
        return -self.balance("stock:SELL", "LM358"), -self.balance("reserved:SELL", "LM358")
