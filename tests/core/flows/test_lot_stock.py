"""Lots from stock name what is there, and reserve it from their publication on until they are sold or over."""

from typing import Any

import pytest

from exchange.core.messages import (
    AddLot,
    CancelEvent,
    CreateEvent,
    InviteSupplier,
    PublishEvent,
    Role,
    SetStanding,
    Side,
    Standing,
    WithdrawStock,
)
from exchange.core.messages.changing import ChangeEvent, ChangeLot, RemoveLot
from exchange.core.messages.cloning import CloneEvent
from exchange.core.messages.lines import LotLine
from exchange.core.messages.lot_rules import EventRules, LotDirection, LotFormat, LotRules, ResultDisclosure
from exchange.core.messages.lot_sales import LotStocked, SaleTerms, SaleTermsSet
from exchange.core.messages.qualification import DecideQualification
from exchange.core.messages.suppliers import InviteSuppliers
from exchange.core.rejects import RejectCode
from tests.core.auctioneer import MINUTE
from tests.core.stock_auctioneer import DAY, FORWARD, StockAuctioneer
from tests.core.venue import refusal

SEALED = LotRules(format=LotFormat.SEALED_FIRST_PRICE, two_envelopes=True)
LINE = LotLine(title="Each", quantity=1, unit="piece")


def test_a_seller_drafts_lots_of_its_stock_and_publication_reserves_them() -> None:
    house = StockAuctioneer(lots=2, published=False)
    assert house.goods() == (1_000, 0)

    house.done("SELL", PublishEvent(event_id="E"))

    assert house.goods() == (800, 200)
    told = [event for outcome in house.outcomes for event in outcome.events]
    assert [event for event in told if isinstance(event, SaleTermsSet)] == [SaleTermsSet("E", SaleTerms())]
    stocked = [event.lot_id for event in told if isinstance(event, LotStocked)]
    assert stocked == ["L1", "L2"]


def test_reserved_pieces_are_neither_withdrawn_nor_offered_elsewhere() -> None:
    house = StockAuctioneer(stock=100)

    withdrawn = house.send("SELL", WithdrawStock(instrument_id="LM358", quantity=1))
    offered = house.order("SELL", Side.SELL, 100, 1)

    assert refusal(withdrawn) == refusal(offered) == (RejectCode.STOCK_SHORT, 0)


@pytest.mark.parametrize("stock, bound, field", [(99, 99, "lots[0].quantity"), (150, 50, "lots[1].quantity")])
def test_what_is_not_in_stock_is_not_published(stock: int, bound: int, field: str) -> None:
    house = StockAuctioneer(lots=2, stock=stock, published=False)

    outcome = house.send("SELL", PublishEvent(event_id="E"))

    assert (*refusal(outcome), outcome.reply.field) == (RejectCode.STOCK_SHORT, bound, field)
    assert house.goods() == (stock, 0)


@pytest.mark.parametrize(
    "fields, told",
    [
        ({"instrument_id": "NOBODYS"}, (RejectCode.INSTRUMENT_UNKNOWN, 0, "instrument_id")),
        ({"instrument_id": "IN-EUR"}, (RejectCode.LOT_PRICED_OTHERWISE, 2, "instrument_id")),
        ({"instrument_id": "FINE"}, (RejectCode.LOT_PRICED_OTHERWISE, 4, "instrument_id")),
        ({"instrument_id": "COARSE"}, (RejectCode.PRICE_OFF_TICK, 5, "tick")),
        (
            {"instrument_id": "COARSE", "tick": 5, "ceiling_price": 5_000, "min_step": 5, "quantity": 105},
            (RejectCode.QUANTITY_OFF_LOT, 10, "quantity"),
        ),
        ({"instrument_id": ""}, (RejectCode.RULES_CONTRADICT, 0, "instrument_id")),
        ({"rules": LotRules(lines=[LINE]), "quantity": 1}, (RejectCode.RULES_CONTRADICT, 0, "rules.lines")),
        ({"rules": SEALED}, (RejectCode.RULES_CONTRADICT, 0, "rules.two_envelopes")),
        ({"ceiling_price": 10**12, "quantity": 10**6}, (RejectCode.AMOUNT_TOO_LARGE, 2**53 - 1, "quantity")),
    ],
)
def test_a_lot_that_does_not_fit_its_instrument_is_refused(
    fields: dict[str, Any], told: tuple[RejectCode, int, str]
) -> None:
    house = StockAuctioneer(lots=2, published=False)
    house.instrument("IN-EUR", currency="EUR")
    house.instrument("FINE", price_scale=4, tick=100)
    house.instrument("COARSE", tick=5, lot_multiple=10)

    outcome = house.send("SELL", house.lot(**fields))

    assert (*refusal(outcome), outcome.reply.field) == told


@pytest.mark.parametrize(
    "rules, field",
    [
        (EventRules(), "sale"),
        (EventRules(direction=LotDirection.FORWARD, results=ResultDisclosure.WINNER), "rules.results"),
        (EventRules(direction=LotDirection.FORWARD, bond_bears_fee=True), "rules.bond_bears_fee"),
        (EventRules(direction=LotDirection.FORWARD, review_us=MINUTE), "rules.review_us"),
    ],
)
def test_rules_that_would_name_a_side_or_undo_a_sale_contradict_it(rules: EventRules, field: str) -> None:
    house = StockAuctioneer()
    event = CreateEvent(
        title="More", currency="USD", open_at_us=house.at_us + MINUTE, duration_us=MINUTE, rules=rules,
        sale=SaleTerms(),
    )  # fmt: skip

    drafted = house.send("SELL", event)
    changed = StockAuctioneer(published=False).send("SELL", ChangeEvent(event_id="E", rules=rules))

    assert (*refusal(drafted), drafted.reply.field) == (RejectCode.RULES_CONTRADICT, 0, field)
    assert refusal(changed)[0] is RejectCode.RULES_CONTRADICT


def test_only_a_seller_drafts_from_stock_and_only_a_buyer_anything_else() -> None:
    house = StockAuctioneer(published=False)
    event = CreateEvent(
        title="More", currency="USD", open_at_us=house.at_us + MINUTE, duration_us=MINUTE, rules=FORWARD
    )
    from_stock = CreateEvent(
        title="More", currency="USD", open_at_us=house.at_us + MINUTE, duration_us=MINUTE, rules=FORWARD,
        sale=SaleTerms(),
    )  # fmt: skip

    assert refusal(house.send("SELL", event))[0] is RejectCode.ROLE_MISSING
    assert refusal(house.send("B1", from_stock))[0] is RejectCode.ROLE_MISSING
    assert not house.send("B1", event, new_id="P").reply.code
    plain = AddLot(event_id="P", title="Lot", quantity=1, ceiling_price=100, min_step=1)
    stocked = AddLot(
        event_id="P", title="Lot", quantity=1, ceiling_price=100, min_step=1, instrument_id="LM358"
    )
    assert refusal(house.send("B1", stocked)) == (RejectCode.RULES_CONTRADICT, 0)
    assert not house.send("B1", plain).reply.code
    turned = house.send("B1", ChangeEvent(event_id="P", sale=SaleTerms()))
    assert (*refusal(turned), turned.reply.field) == (RejectCode.RULES_CONTRADICT, 0, "sale")


def test_a_draft_from_stock_is_changed_by_its_seller_within_the_same_bounds() -> None:
    house = StockAuctioneer(lots=2, published=False, lot_multiple=10)
    terms = SaleTerms(payment_us=DAY, award_next=False)

    changed = house.done("SELL", ChangeEvent(event_id="E", sale=terms))
    off = house.send("SELL", ChangeLot(lot_id="L1", quantity=15))
    house.done("SELL", ChangeLot(lot_id="L1", quantity=20))
    house.done("SELL", RemoveLot(lot_id="L2"))
    house.done("SELL", PublishEvent(event_id="E"))

    assert changed.events[-1] == SaleTermsSet("E", terms)
    assert refusal(off) == (RejectCode.QUANTITY_OFF_LOT, 10)
    assert house.goods() == (980, 20)


def test_a_clone_is_from_the_same_stock() -> None:
    house = StockAuctioneer()
    house.member("B9", Role.BUYER)
    house.done("SELL", CloneEvent(event_id="E", open_at_us=house.at_us + DAY), "C")
    house.done("operator", InviteSupplier(event_id="C", member_id="B9"))
    house.done("SELL", PublishEvent(event_id="C"))

    assert house.goods() == (800, 200)


def test_a_clone_does_not_count_the_bidders() -> None:
    house = StockAuctioneer()
    clone = CloneEvent(event_id="E", open_at_us=house.at_us + DAY, invitations=True)

    assert refusal(house.send("SELL", clone)) == (RejectCode.BIDDERS_HIDDEN, 0)


def test_the_exchange_alone_names_bidders() -> None:
    house = StockAuctioneer(bidders=1)
    house.member("B9", Role.BUYER)
    house.member("S9", Role.SELLER)
    decide = DecideQualification(event_id="E", member_id="B1", approve=True)

    for command in (
        InviteSupplier(event_id="E", member_id="B9"),
        InviteSuppliers(event_id="E", member_ids=("B9",)),
        decide,
    ):
        assert refusal(house.send("SELL", command)) == (RejectCode.BIDDERS_HIDDEN, 0)
    as_seller = house.send("operator", InviteSupplier(event_id="E", member_id="S9"))
    assert refusal(as_seller)[0] is RejectCode.ROLE_MISSING
    house.done("operator", InviteSuppliers(event_id="E", member_ids=("B9",)))


def test_a_suspended_seller_publishes_nothing() -> None:
    house = StockAuctioneer(published=False)
    house.done("operator", SetStanding(member_id="SELL", standing=Standing.SUSPENDED))

    assert refusal(house.send("SELL", PublishEvent(event_id="E")))[0] is RejectCode.MEMBER_SUSPENDED


@pytest.mark.parametrize("opened", [False, True])
def test_a_cancelled_event_gives_its_goods_back(opened: bool) -> None:
    house = StockAuctioneer(lots=2)
    if opened:
        house.open()
        house.bid("B1", 1_000)

    house.done("operator", CancelEvent(event_id="E", reason="Recalled"))

    assert house.goods() == (1_000, 0)


def test_an_event_that_too_few_can_bid_in_gives_its_goods_back() -> None:
    house = StockAuctioneer(bidders=1, rules=EventRules(direction=LotDirection.FORWARD, min_participants=2))

    house.open()

    assert house.goods() == (1_000, 0)


def test_a_lot_without_bids_is_awarded_to_nobody_by_itself() -> None:
    house = StockAuctioneer(lots=2)
    house.open()
    house.bid("B1", 1_000)

    house.close()

    assert house.goods() == (900, 100)


def test_a_lot_that_is_awarded_to_nobody_gives_its_goods_back() -> None:
    house = StockAuctioneer().closed(1_000)

    house.award(0)

    assert house.goods() == (1_000, 0)
