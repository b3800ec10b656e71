"""A commission that the buyer bears: held with the price, in escrow beside it, the house's at the end, given back in part."""

from typing import Any

import pytest

from exchange.core.kernel import Exchange
from exchange.core.messages import (
    AmendOrder,
    AnyEvent,
    ConfirmReceipt,
    OrderTerms,
    PlaceOrder,
    PublishSchedule,
    SetCommission,
    Side,
    TimeInForce,
)
from exchange.core.messages.deals import (
    BuyerFeeReturned,
    ClaimReason,
    ContractLineCharged,
    ContractLineSettled,
    FileClaim,
    ResolveClaim,
)
from exchange.core.messages.ledger import InvoiceIssued, InvoiceLine, InvoiceSides, IssueInvoices, Payer
from exchange.core.rejects import RejectCode
from tests.core.hub import HubVenue, postings
from tests.core.venue import Venue, legs, refusal

BUY, SELL = Side.BUY, Side.SELL
DAY = 24 * 3_600 * 1_000_000
HALVES = PublishSchedule(rate_bps=800, tax_bps=2_100, payer=Payer.SPLIT, buyer_share_bps=5_000)
ALL = PublishSchedule(rate_bps=200, tax_bps=2_100, payer=Payer.BUYER)
MINIMUM = PublishSchedule(rate_bps=200, minimum_minor=250_00, currency="USD", payer=Payer.BUYER)


def a_market(schedule: PublishSchedule | SetCommission, **fields: Any) -> Venue:
    venue = Venue()
    for member_id in ("B1", "S1"):
        venue.member(member_id)
        venue.money(member_id, 10_000_00)
    venue.instrument(price_scale=3, lot_multiple=10, **fields)
    venue.stock("S1", 10_000)
    assert not venue.send("operator", schedule).reply.code
    return venue


def of(kind: type, events: list[AnyEvent]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_both_halves_of_a_split_fee_come_out_to_the_cent() -> None:
    venue = a_market(HALVES)

    rests = venue.order("B1", BUY, 2_375, 1_000)
    trades = venue.order("S1", SELL, 2_375, 1_000)
    buy, sell = rests.reply.id, trades.reply.id
    received = venue.send("B1", ConfirmReceipt(contract_id=buy))

    assert legs(rests.events) == [("wallet:B1", "held:B1", 2_489_95)]
    assert legs(trades.events)[1:] == [
        ("held:B1", f"escrow:{buy}", 2_375_00),
        ("reserved:S1", f"inbound:{sell}", 1_000),
        ("held:B1", f"escrow:{buy}", 95_00),
        ("held:B1", f"escrow:{buy}", 19_95),
    ]
    assert ContractLineCharged(buy, "B1", 1, 2, 95_00, 19_95) in trades.events
    assert legs(received.events) == [
        (f"escrow:{buy}", "payable:S1", 2_260_05),
        (f"escrow:{buy}", "float:house", 114_95),
        ("house:float", "commission:surplus", 95_00),
        ("house:float", "tax:output", 19_95),
        (f"escrow:{buy}", "float:house", 114_95),
        ("house:float", "commission:surplus", 95_00),
        ("house:float", "tax:output", 19_95),
        (f"inbound:{sell}", "delivered:S1", 1_000),
    ]
    fees = [
        (event.side, event.fee_minor, event.fee_tax_minor)
        for event in of(ContractLineSettled, received.events)
    ]
    assert fees == [(BUY, 95_00, 19_95), (SELL, 95_00, 19_95)]
    assert venue.kernel.settlement.bought == {}


def test_where_the_buyer_pays_the_seller_gets_the_whole_price_and_no_invoice() -> None:
    venue = a_market(ALL)
    buy = venue.order("B1", BUY, 1_000, 1_000).reply.id
    venue.order("S1", SELL, 1_000, 1_000)
    venue.send("B1", ConfirmReceipt(contract_id=buy))

    invoiced = venue.send("operator", IssueInvoices(period=202601), after_us=31 * DAY)

    assert venue.balance("payable:S1") == -1_000_00
    assert of(InvoiceIssued, invoiced.events) == [
        InvoiceIssued(1, "B1", 202601, "USD", (InvoiceLine(2, 202601, 1_000_00, 20_00, 4_20, 0, 0, 0, 0, 0),))
    ]
    assert of(InvoiceSides, invoiced.events) == [InvoiceSides(1, (Payer.BUYER,))]


def test_a_better_price_gives_back_what_was_held_for_the_fee_on_the_worse() -> None:
    venue = a_market(ALL)
    venue.order("S1", SELL, 800, 1_000)

    venue.order("B1", BUY, 1_000, 1_000)

    assert venue.balance("held:B1") == 0
    assert venue.balance("wallet:B1") == -(10_000_00 - 800_00 - 16_00 - 3_36)


def test_an_order_that_cannot_hold_its_fee_is_refused_and_validate_only_tells_the_whole_hold() -> None:
    venue = a_market(ALL)
    whole = PlaceOrder(instrument_id="LM358", side=BUY, price=10_000, quantity=1_000)
    part = PlaceOrder(instrument_id="LM358", side=BUY, price=1_000, quantity=1_000, validate_only=True)

    assert refusal(venue.send("B1", whole)) == (RejectCode.MONEY_SHORT, 10_000_00)
    assert venue.send("B1", part).reply.number == 1_024_20


def test_an_order_keeps_the_version_of_its_placing_and_one_placed_before_pays_nothing() -> None:
    venue = a_market(SetCommission(rate_bps=800))
    early = venue.order("B1", BUY, 1_000, 100).reply.id
    venue.send("operator", ALL)
    late = venue.order("B1", BUY, 1_000, 100).reply.id
    venue.send("operator", SetCommission(rate_bps=800))

    venue.send("B1", AmendOrder(order_id=early, quantity=200))
    sold = venue.order("S1", SELL, 1_000, 300)

    charged = of(ContractLineCharged, sold.events)
    assert [(event.contract_id, event.fee_minor, event.fee_tax_minor) for event in charged] == [
        (late, 2_00, 42)
    ]
    assert venue.balance("held:B1") == 0


@pytest.mark.parametrize("parts", [[1_000], [10] * 100, [500, 490, 10]])
def test_fills_are_charged_as_their_sum_and_the_minimum_is_taken_at_once(parts: list[int]) -> None:
    venue = a_market(MINIMUM)
    buy = venue.order("B1", BUY, 1_000, 1_000).reply.id
    for part in parts:
        sold = venue.order("S1", SELL, 1_000, part)
        assert not sold.reply.code
        assert venue.balance(f"escrow:{buy}") <= -min(250_00, sum(parts))

    assert venue.balance(f"escrow:{buy}") == -1_250_00
    assert venue.balance("held:B1") == 0


def test_a_budget_covers_price_fee_and_tax() -> None:
    venue = a_market(ALL)
    venue.order("S1", SELL, 1_000, 1_000)
    spends = PlaceOrder(
        instrument_id="LM358", side=BUY, price=1_000, quantity=1_000, time_in_force=TimeInForce.IOC,
        terms=OrderTerms(budget_minor=102_42),
    )  # fmt: skip

    bought = venue.send("B1", spends)

    assert bought.reply.filled_quantity == 100
    assert venue.balance(f"escrow:{bought.reply.id}") == -102_42
    assert venue.balance("wallet:B1") == -(10_000_00 - 102_42)


# --- through the hub ---------------------------------------------------------------------------------


@pytest.fixture
def hub() -> HubVenue:
    venue = HubVenue()
    venue.done("operator", HALVES)
    return venue


def test_a_partial_pass_gives_back_the_fee_on_what_did_not_pass(hub: HubVenue) -> None:
    hub.sale()
    hub.dispatch()
    hub.receive()

    inspected = hub.inspect(passed=600, rejected=400, cost=0)

    assert postings(inspected)[:3] == [
        ("escrow:B-1", "wallet:B1", 950_00),
        ("escrow:B-1", "wallet:B1", 38_00),
        ("escrow:B-1", "wallet:B1", 7_98),
    ]
    assert BuyerFeeReturned("B-1", "B1", 1, 38_00, 7_98) in inspected
    hub.ship()
    hub.confirm(600)
    accepted = postings(hub.accept())
    assert ("escrow:B-1", "float:house", 57_00 + 11_97) in accepted
    assert hub.balance("commission:surplus") == -2 * 57_00
    assert hub.balance("tax:output") == -2 * 11_97


def test_goods_that_never_come_cost_the_buyer_nothing(hub: HubVenue) -> None:
    hub.sale()

    hub.wait(5 * DAY)

    assert hub.balance("wallet:B1") == -2 * 2_375_00
    assert hub.kernel.settlement.bought == {}


def test_a_claim_within_the_guarantee_gives_back_both_sides_fees(hub: HubVenue) -> None:
    hub.money("B2", 100_000_00)
    hub.sale(10_000, 1_000, "B2", "S2", "2")
    hub.dispatch(("S-2", 1, 1_000), seller="S2", consignment="C-2")
    hub.receive(consignment="C-2", lot="L-2")
    hub.inspect(1_000, lot="L-2")
    hub.ship(("B-2", 1), shipment="P-2")
    hub.confirm(shipment="P-2", buyer="B2")
    hub.accept("B-2", "B2")
    hub.sale()
    hub.delivered()
    hub.accept()
    hub.done("B1", FileClaim(contract_id="B-1", line=1, reason=ClaimReason.DEFECTIVE), "K-1")
    hub.wait(5 * DAY)

    resolved = postings(hub.done("operator", ResolveClaim(claim_id="K-1", upheld_bps=4_000)))

    assert resolved == [
        ("float:house", "wallet:B1", 950_00),
        ("receivable:recourse:S1", "house:float", 904_02),
        ("commission:surplus", "house:float", 38_00),
        ("tax:output", "house:float", 7_98),
        ("float:house", "wallet:B1", 38_00),
        ("float:house", "wallet:B1", 7_98),
        ("commission:surplus", "house:float", 38_00),
        ("tax:output", "house:float", 7_98),
    ]
    dumped = hub.kernel.dump()
    assert Exchange.load(dumped).dump() == dumped
    hub.wait(90 * DAY)
    assert hub.kernel.settlement.bought == {}
