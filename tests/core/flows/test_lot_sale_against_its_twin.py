"""Random lives of lots from stock: kernel and twin agree on who owns what, and nothing is made or lost."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.market.sourcing import LotState
from exchange.core.messages import SYSTEM, AwardLot, CancelEvent, ConfirmReceipt, FireDeadlines, TaxRegime
from exchange.core.messages.lot_rules import LotRules
from exchange.core.messages.lot_sales import PaySale, SaleState, SaleTerms
from exchange.core.rejects import RejectCode
from tests.core.auctioneer import MINUTE
from tests.core.stock_auctioneer import DAY, QUANTITY, StockAuctioneer
from tests.models.lot_sales import NaiveSales

STOCK, BIDDERS, LOTS = 1_000, 3, 2
lots = st.integers(1, LOTS).map(lambda number: f"L{number}")
bidders = st.integers(1, BIDDERS).map(lambda number: f"B{number}")
steps = st.one_of(
    st.tuples(st.just("money"), bidders, st.integers(1, 3_000_00)),
    st.tuples(st.just("award"), lots, st.integers(0, BIDDERS)),
    st.tuples(st.just("pay"), lots, bidders),
    st.tuples(st.just("receive"), lots, bidders),
    st.tuples(st.just("wait"), st.sampled_from([MINUTE, DAY, 3 * DAY])),
    st.tuples(st.just("cancel")),
)
prices = st.lists(st.integers(1, 20_00), unique=True, max_size=BIDDERS)


class Life:
    """The kernel's world beside the twin's."""

    def __init__(self, bids: list[list[int]], reserve: int, tax_bps: int, *, award_next: bool) -> None:
        regime = TaxRegime.OWN_NAME if tax_bps else TaxRegime.NONE
        self.house = StockAuctioneer(
            BIDDERS, lots=LOTS, stock=STOCK, lot_rules=LotRules(reserve_price=reserve),
            sale=SaleTerms(payment_us=2 * DAY, award_next=award_next), tax_regime=regime, goods_tax_bps=tax_bps,
        )  # fmt: skip
        self.twin = NaiveSales(STOCK, 2 * DAY, reserve, tax_bps, award_next=award_next)
        self.cancelled = False
        self.house.open()
        for number, of_lot in enumerate(bids, 1):
            for bidder, price in enumerate(of_lot, 1):
                self.house.bid(f"B{bidder}", price, f"L{number}")
        self.house.close()
        for number, of_lot in enumerate(bids, 1):
            named = [(f"B{bidder}", price) for bidder, price in enumerate(of_lot, 1)]
            self.twin.close(f"L{number}", QUANTITY, named)

    def money(self, bidder: str, amount: int) -> None:
        self.house.money(bidder, amount)
        self.twin.wallets[bidder] = self.twin.wallets.get(bidder, 0) + amount

    def award(self, lot_id: str, alias: int) -> None:
        code = self.house.send("SELL", AwardLot(lot_id=lot_id, alias=alias)).reply.code
        if code:
            return
        if alias:
            self.twin.award(lot_id, f"B{alias}", self.house.at_us)
        else:
            self.twin.to_nobody(lot_id)

    def pay(self, lot_id: str, bidder: str) -> None:
        code = self.house.send(bidder, PaySale(lot_id=lot_id)).reply.code
        lot = self.twin.lots[lot_id]
        if lot.wins != bidder or lot.paid:
            assert code == RejectCode.SALE_UNKNOWN
        else:
            assert code == (0 if self.twin.pay(lot_id) else RejectCode.MONEY_SHORT)

    def receive(self, lot_id: str, bidder: str) -> None:
        self.house.send(bidder, ConfirmReceipt(contract_id=f"{lot_id}-b"))

    def wait(self, after_us: int) -> None:
        end_us = self.house.at_us + after_us
        while (due_us := self.house.kernel.deadlines.next_us()) is not None and due_us <= end_us:
            self.house.at_us = max(self.house.at_us, due_us)
            self.house.send(SYSTEM, FireDeadlines(), after_us=0)
            self.twin.pass_to(self.house.at_us)
        self.house.at_us = end_us

    def cancel(self) -> None:
        """Nobody follows a default any more, so the twin's lives end with the lots that are not won."""
        if self.house.send("operator", CancelEvent(event_id="E", reason="Over")).reply.code:
            return
        self.twin.award_next = False
        for lot_id, lot in self.twin.lots.items():
            if not lot.wins and not lot.over:
                self.twin.to_nobody(lot_id)
            if lot.wins and not lot.paid:
                lot.bids = [bid for bid in lot.bids if bid[0] in (lot.wins, *lot.barred)]

    def compare(self) -> None:
        kernel, twin = self.house.kernel, self.twin
        reserved = sum(lot.quantity for lot in twin.lots.values() if lot.reserved)
        assert self.house.goods() == (twin.stock, reserved)
        for bidder, owned in twin.wallets.items():
            assert -self.house.balance(f"wallet:{bidder}") == owned
        for lot_id, lot in twin.lots.items():
            sale = kernel.sales.waits(lot_id)
            assert (sale.winner_id if sale else "") == ("" if lot.paid else lot.wins)
            sold = kernel.sales.get(lot_id)
            assert (sold is not None and sold.state is SaleState.PAID) == lot.paid
        brought = sum(
            -account.balance for account in kernel.ledger.accounts()
            if account.unit == "LM358" and account.kind.value != "brought"
        )  # fmt: skip
        assert brought == STOCK
        assert not any(
            account.balance for account in kernel.ledger.accounts() if account.name.startswith("held:")
        )


@given(
    bids=st.lists(prices, min_size=LOTS, max_size=LOTS),
    reserve=st.sampled_from([0, 5_00]),
    tax_bps=st.sampled_from([0, 2_100]),
    award_next=st.booleans(),
    life=st.lists(steps, max_size=25),
)
@settings(max_examples=150, deadline=None)
def test_random_lives_agree_and_conserve(
    bids: list[list[int]], reserve: int, tax_bps: int, award_next: bool, life: list[tuple[Any, ...]]
) -> None:
    world = Life(bids, reserve, tax_bps, award_next=award_next)
    world.compare()

    for name, *arguments in life:
        getattr(world, name)(*arguments)
        world.compare()

    world.wait(30 * DAY)
    world.compare()
    assert not list(world.house.kernel.sales.waiting())
    for lot in world.house.kernel.auctions.lots():
        assert lot.state is not LotState.AWARDED or not lot.awarded_alias or world.twin.lots[lot.lot_id].paid
