"""An awarded surplus lot is paid and sold as any trade is, or its winner defaults and the next-best bid follows."""

from typing import Any

import pytest
from msgspec.structs import replace

from exchange.core.kernel import Exchange
from exchange.core.market.sourcing import EventState, LotState
from exchange.core.messages import (
    SYSTEM,
    AnyEvent,
    AwardLot,
    BuyNow,
    CancelEvent,
    ConfirmReceipt,
    Delivery,
    EndOutage,
    Outcome,
    PublishSchedule,
    SetCommission,
    SetStanding,
    Standing,
    TaxRegime,
)
from exchange.core.messages.awards import (
    AwardPart,
    BondMoved,
    DeclareDefault,
    PlaceBond,
    ReturnBond,
    SplitLot,
)
from exchange.core.messages.corrections import BustCause, BustTrade
from exchange.core.messages.deals import ContractLineAdded, ContractPerformed
from exchange.core.messages.delivery import DealMoved
from exchange.core.messages.ledger import ChargedBase, Payer
from exchange.core.messages.lifecycles import BondState
from exchange.core.messages.lot_rules import LotFormat, LotRules
from exchange.core.messages.lot_sales import LotSaleMoved, PaySale, SaleState, SaleTerms
from exchange.core.messages.sealed import ENVELOPE_CHARS, OpenedBid, RevealBids, SetLotKey, SubmitEnvelope
from exchange.core.messages.sourcing import LotAwarded
from exchange.core.messages.standstill import AnswerComplaint, FileComplaint
from exchange.core.rejects import RejectCode
from tests.core.auctioneer import MINUTE
from tests.core.stock_auctioneer import DAY, FORWARD, QUANTITY, StockAuctioneer
from tests.core.venue import Venue, legs, refusal

PRICE = 12_00
AMOUNT = PRICE * QUANTITY
HASH = "a" * 64


def sales(outcomes: list[Outcome]) -> list[tuple[str, str, SaleState]]:
    """Lot, winner and state of every move."""
    return [
        (event.lot_id, event.winner_id, event.state)
        for outcome in outcomes
        for event in outcome.events
        if isinstance(event, LotSaleMoved)
    ]


def told(outcome: Outcome, kind: type[AnyEvent]) -> list[Any]:
    return [event for event in outcome.events if isinstance(event, kind)]


# --- the sale ----------------------------------------------------------------------------------------


def test_an_award_whose_winner_has_the_money_is_a_sale_at_once() -> None:
    house = StockAuctioneer(money=AMOUNT).closed(PRICE, 10_00)

    awarded = house.award(1)

    assert sales([awarded]) == [("L1", "B1", SaleState.PAID)]
    assert legs(awarded.events) == [
        ("wallet:B1", "held:B1", AMOUNT),
        ("held:B1", "escrow:L1-b", AMOUNT),
        ("reserved:SELL", "inbound:L1", QUANTITY),
    ]
    lines = told(awarded, ContractLineAdded)
    assert [(each.contract_id, each.member_id, each.price, each.quantity) for each in lines] == [
        ("L1-b", "B1", PRICE, QUANTITY),
        ("L1", "SELL", PRICE, QUANTITY),
    ]
    assert house.kernel.auctions.event_of("E").state is not EventState.PUBLISHED


def test_a_sale_is_settled_as_any_trade_with_the_sellers_commission_and_no_success_fee() -> None:
    house = StockAuctioneer(money=AMOUNT)
    house.done("operator", SetCommission(rate_bps=800, tax_bps=0))
    house.done("operator", PublishSchedule(rate_bps=100, market="sourcing", base=ChargedBase.AWARD))
    house.closed(PRICE)
    house.award(1)

    received = house.done("B1", ConfirmReceipt(contract_id="L1-b"))

    assert house.balance("payable:SELL") == -(AMOUNT - AMOUNT * 8 // 100)
    assert house.balance("commission:surplus") == -(AMOUNT * 8 // 100)
    assert house.balance("success_fee") == 0
    assert house.balance("delivered:SELL", "LM358") == -QUANTITY
    performed = {each.contract_id for each in told(received, ContractPerformed)}
    assert performed == {"L1-b", "L1"}


def test_tax_on_the_goods_and_the_buyers_commission_are_paid_with_the_price() -> None:
    both = PublishSchedule(rate_bps=1_000, payer=Payer.SPLIT, buyer_share_bps=5_000)
    house = StockAuctioneer(tax_regime=TaxRegime.OWN_NAME, goods_tax_bps=2_000)
    house.done("operator", both)
    house.closed(PRICE)
    house.award(1)
    need = AMOUNT * 125 // 100

    house.money("B1", need - 1)
    short = house.send("B1", PaySale(lot_id="L1"))
    house.money("B1", 1)
    paid = house.pay("B1")

    assert refusal(short) == (RejectCode.MONEY_SHORT, need - 1)
    assert (paid.reply.id, paid.reply.number) == ("L1-b", need)
    assert house.balance("escrow:L1-b") == -need
    assert house.balance("wallet:B1") == house.balance("held:B1") == 0


def test_what_goes_through_the_hub_goes_through_the_hub() -> None:
    house = StockAuctioneer(money=AMOUNT, delivery=Delivery.HUB).closed(PRICE)

    (moved,) = told(house.award(1), DealMoved)

    assert (moved.sides.buyer_contract_id, moved.sides.seller_contract_id) == ("L1-b", "L1")
    assert refusal(house.send("B1", ConfirmReceipt(contract_id="L1-b")))[0] is RejectCode.DELIVERED_BY_HUB


def test_a_sale_makes_no_price_of_the_market_and_cannot_be_busted() -> None:
    house = StockAuctioneer(money=AMOUNT).closed(PRICE)
    house.award(1)

    busted = house.send(
        "operator", BustTrade(instrument_id="LM358", trade_number=1, cause=BustCause.ERRONEOUS)
    )

    assert refusal(busted)[0] is RejectCode.TRADE_UNKNOWN
    assert house.kernel.contracts.trades.last_price("LM358") == 0
    house.done("B1", ConfirmReceipt(contract_id="L1-b"))
    assert house.kernel.contracts.trades.dump() == []


def test_buy_now_sells_at_once() -> None:
    house = StockAuctioneer(money=40_00 * QUANTITY, lot_rules=LotRules(buy_now_price=40_00))
    house.open()

    bought = house.done("B2", BuyNow(lot_id="L1", price=40_00))

    assert sales([bought]) == [("L1", "B2", SaleState.PAID)]
    assert house.kernel.auctions.lot_of("L1").state is LotState.AWARDED
    assert house.balance("escrow:L1-b") == -40_00 * QUANTITY


def sealed(*prices: int) -> StockAuctioneer:
    """Envelopes of `B1`, `B2` … are in a lot whose second price counts, and it is closed."""
    house = StockAuctioneer(money=AMOUNT, lot_rules=LotRules(format=LotFormat.SEALED_SECOND_PRICE))
    house.done(SYSTEM, SetLotKey(lot_id="L1", public_key="b" * 64))
    house.open()
    for number, _ in enumerate(prices, 1):
        house.done(f"B{number}", SubmitEnvelope(lot_id="L1", envelope="A" * ENVELOPE_CHARS))
    house.close()
    opened = [OpenedBid(number, "L1", f"B{number}", price) for number, price in enumerate(prices, 1)]
    if opened:
        house.done(SYSTEM, RevealBids(lot_id="L1", bids=opened))
    return house


def test_a_second_price_is_what_is_paid() -> None:
    house = sealed(10_00, PRICE)

    house.award(2)

    assert house.balance("escrow:L1-b") == -10_00 * QUANTITY
    assert house.balance("wallet:B2") == -(AMOUNT - 10_00 * QUANTITY)


def test_a_sealed_lot_without_a_bid_that_counts_gives_its_goods_back_when_it_is_opened() -> None:
    assert sealed().goods() == (1_000, 0)
    assert sealed(60_00).goods() == (1_000, 0)


def test_a_lot_is_awarded_whole_and_its_default_is_the_deadlines() -> None:
    house = StockAuctioneer().closed(PRICE, 10_00)

    split = SplitLot(lot_id="L1", parts=(AwardPart(alias=1, quantity=QUANTITY),))
    default = DeclareDefault(lot_id="L1", alias=1, reason="Slow")

    assert refusal(house.send("SELL", split)) == (RejectCode.SOLD_WHOLE, 0)
    house.award(1)
    assert refusal(house.send("SELL", default)) == (RejectCode.DEFAULT_BY_DEADLINE, 0)
    assert refusal(house.send("operator", default)) == (RejectCode.DEFAULT_BY_DEADLINE, 0)


# --- the payment -------------------------------------------------------------------------------------


@pytest.mark.parametrize("member", ["B2", "SELL", "operator"])
def test_nobody_but_the_winner_pays(member: str) -> None:
    house = StockAuctioneer().closed(PRICE, 10_00)
    pay = PaySale(lot_id="L1")
    assert refusal(house.send("B1", pay)) == (RejectCode.SALE_UNKNOWN, 0)
    house.award(1)

    assert refusal(house.send(member, pay)) == (RejectCode.SALE_UNKNOWN, 0)
    assert refusal(house.send("B1", replace(pay, lot_id="L9"))) == (RejectCode.SALE_UNKNOWN, 0)
    assert refusal(house.send("B1", pay)) == (RejectCode.MONEY_SHORT, 0)


def test_a_sale_waits_for_money_and_is_paid_once() -> None:
    house = StockAuctioneer().closed(PRICE)
    awarded = house.award(1)
    (waits,) = told(awarded, LotSaleMoved)
    house.done("operator", SetStanding(member_id="B1", standing=Standing.SUSPENDED))
    house.money("B1", AMOUNT)

    house.pay("B1")

    assert (waits.state, waits.due_us, waits.need_minor) == (
        SaleState.WAITS,
        house.outcomes[-4].reply.at_us + 3 * DAY,
        AMOUNT,
    )
    assert refusal(house.send("B1", PaySale(lot_id="L1"))) == (RejectCode.SALE_UNKNOWN, 0)
    assert house.wait(4 * DAY) == []


def test_money_that_is_there_when_payment_is_due_counts() -> None:
    house = StockAuctioneer().closed(PRICE)
    house.award(1)
    house.money("B1", AMOUNT)

    assert sales(house.wait(3 * DAY)) == [("L1", "B1", SaleState.PAID)]


def test_an_outage_takes_nobodys_time_to_pay() -> None:
    house = StockAuctioneer().closed(PRICE)
    house.award(1)
    due_us = house.kernel.sales.dump()[0].due_us

    house.send(SYSTEM, EndOutage(down_us=DAY), after_us=DAY)

    assert house.kernel.sales.dump()[0].due_us == due_us + DAY
    house.send(SYSTEM, EndOutage(down_us=MINUTE), after_us=4 * DAY)
    assert house.kernel.sales.dump()[0].due_us == house.at_us + 5 * MINUTE
    assert sales(house.wait(5 * MINUTE))[0] == ("L1", "B1", SaleState.DEFAULTED)


# --- default -----------------------------------------------------------------------------------------


def test_defaults_go_down_the_standing_until_somebody_pays() -> None:
    house = StockAuctioneer().closed(10_00, 11_00, PRICE)
    house.award(3)
    house.money("B1", 10_00 * QUANTITY)

    moves = sales(house.wait(10 * DAY))

    assert moves == [
        ("L1", "B3", SaleState.DEFAULTED),
        ("L1", "B2", SaleState.WAITS),
        ("L1", "B2", SaleState.DEFAULTED),
        ("L1", "B1", SaleState.PAID),
    ]
    assert house.kernel.auctions.event_of("E").state is EventState.ENDED
    assert house.balance("escrow:L1-b") == -10_00 * QUANTITY


def test_goods_go_back_when_nobody_is_left() -> None:
    house = StockAuctioneer(bidders=2).closed(PRICE, 10_00)
    house.award(1)

    moves = sales(house.wait(10 * DAY))

    assert [state for _, _, state in moves].count(SaleState.DEFAULTED) == 2
    assert house.goods() == (1_000, 0)
    lot = house.kernel.auctions.lot_of("L1")
    assert (lot.state, lot.awarded_alias) == (LotState.AWARDED, 0)
    assert house.kernel.auctions.event_of("E").state is EventState.ENDED


@pytest.mark.parametrize(
    "sale, lot_rules",
    [(SaleTerms(award_next=False), LotRules()), (SaleTerms(), LotRules(reserve_price=11_00))],
)
def test_where_the_next_does_not_follow_by_itself_the_seller_decides(
    sale: SaleTerms, lot_rules: LotRules
) -> None:
    house = StockAuctioneer(sale=sale, lot_rules=lot_rules).closed(PRICE, 10_00)
    house.award(1)
    house.wait(4 * DAY)

    assert house.kernel.auctions.lot_of("L1").state is LotState.CLOSED
    assert house.goods() == (900, 100)
    assert refusal(house.send("SELL", AwardLot(lot_id="L1", alias=1))) == (RejectCode.ALIAS_BARRED, 0)
    house.money("B2", 10_00 * QUANTITY)
    assert sales([house.award(2)]) == [("L1", "B2", SaleState.PAID)]


def bonded(**fields: Any) -> StockAuctioneer:
    house = StockAuctioneer(rules=replace(FORWARD, bid_bond_minor=50_00, **fields))
    for bidder in ("B1", "B2", "B3"):
        house.money(bidder, 50_00)
        house.done(bidder, PlaceBond(event_id="E"))
    return house.closed(PRICE, 11_00, 10_00)


def bonds_of(outcomes: list[Outcome]) -> list[tuple[str, BondState]]:
    return [
        (event.member_id, event.state)
        for outcome in outcomes
        for event in outcome.events
        if isinstance(event, BondMoved)
    ]


@pytest.mark.parametrize("sender", ["SELL", "operator"])
def test_nobody_returns_a_bond_of_an_unpaid_sale_or_learns_by_trying_whose_it_is(sender: str) -> None:
    house = bonded()
    house.award(1)

    for member_id in ("B1", "B2", "SELL"):
        wish = ReturnBond(event_id="E", member_id=member_id)
        assert refusal(house.send(sender, wish)) == (RejectCode.BOND_UNKNOWN, 0)
    assert bonds_of(house.wait(3 * DAY)) == [("B1", BondState.FORFEITED)]


def test_a_default_forfeits_its_bond_and_the_others_wait_for_the_payment() -> None:
    house = bonded()

    assert bonds_of([house.award(1)]) == []
    assert bonds_of(house.wait(3 * DAY)) == [("B1", BondState.FORFEITED)]
    house.money("B2", 11_00 * QUANTITY)
    assert bonds_of([house.pay("B2")]) == [("B2", BondState.RETURNED), ("B3", BondState.RETURNED)]
    assert house.balance("bond_forfeit") == -50_00
    assert house.kernel.bonds.dump() == []


def test_an_event_that_is_cancelled_keeps_what_is_won_and_nobody_follows() -> None:
    house = StockAuctioneer(lots=3)
    house.open()
    for lot in ("L1", "L2"):
        house.bid("B1", PRICE, lot)
        house.bid("B2", 10_00, lot)
    house.bid("B3", 10_00, "L3")
    house.close()
    house.award(1, "L1")
    house.award(1, "L2")
    house.done("operator", CancelEvent(event_id="E", reason="Over"))
    assert house.goods() == (800, 200)
    house.money("B1", AMOUNT)
    house.pay("B1", "L1")

    house.wait(4 * DAY)

    assert sales(house.outcomes)[-1] == ("L2", "B1", SaleState.DEFAULTED)
    assert house.goods() == (900, 0)


# --- standstill --------------------------------------------------------------------------------------


def test_a_provisional_award_is_paid_when_it_is_final() -> None:
    house = StockAuctioneer(money=AMOUNT, rules=replace(FORWARD, standstill_us=DAY)).closed(PRICE)

    assert sales([house.award(1)]) == []
    assert sales(house.wait(DAY)) == [("L1", "B1", SaleState.PAID)]


def test_an_upheld_complaint_sells_nothing() -> None:
    house = StockAuctioneer(money=AMOUNT, rules=replace(FORWARD, standstill_us=DAY)).closed(PRICE, 10_00)
    house.award(2)
    house.done("B1", FileComplaint(lot_id="L1", text_hash=HASH))

    house.done("SELL", AnswerComplaint(lot_id="L1", alias=1, uphold=True, text_hash=HASH))

    assert sales(house.outcomes) == []
    assert house.goods() == (900, 100)
    house.award(1)
    assert sales(house.wait(DAY)) == [("L1", "B1", SaleState.PAID)]


# --- what is told, and replay ------------------------------------------------------------------------


def test_an_award_names_no_seller() -> None:
    house = StockAuctioneer().closed(PRICE)

    (awarded,) = told(house.award(1), LotAwarded)

    assert (awarded.buyer_id, awarded.winner_id) == ("", "B1")


def test_a_kernel_comes_back_with_sales_that_wait() -> None:
    house = StockAuctioneer(lots=2)
    house.open()
    for lot in ("L1", "L2"):
        house.bid("B1", PRICE, lot)
        house.bid("B2", 10_00, lot)
    house.close()
    house.award(1, "L1")
    house.award(1, "L2")
    loaded = Venue()
    loaded.kernel, loaded.at_us = Exchange.load(house.kernel.dump()), house.at_us
    loaded.log = list(house.log)

    assert loaded.kernel.dump() == house.kernel.dump()
    for venue in (house, loaded):
        venue.money("B2", 10_00 * QUANTITY)
    house.wait(10 * DAY)
    for sequenced in house.log[len(loaded.log) :]:
        loaded.kernel.execute(sequenced)
    assert loaded.kernel.dump() == house.kernel.dump()
