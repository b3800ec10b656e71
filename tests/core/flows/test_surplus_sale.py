"""Orders hold what they promise; trades, receipt and settlement give exactly the books of the worked cases."""

import pytest

from exchange.core.messages import (
    AmendOrder,
    CancelOrder,
    ConfirmReceipt,
    ContractPerformed,
    Role,
    SetCommission,
    SetStanding,
    Side,
    Standing,
    TimeInForce,
    TopUp,
    WithdrawStock,
)
from exchange.core.rejects import RejectCode
from tests.core.venue import Venue, legs, refusal

BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def venue() -> Venue:
    venue = Venue()
    venue.member("B1", Role.BUYER)
    venue.member("S1", Role.SELLER)
    venue.instrument("LM358", price_scale=4, lot_multiple=100)
    venue.money("B1", 237_500)
    venue.stock("S1", 1_000)
    return venue


def test_worked_case_1_comes_out_to_the_cent(venue: Venue) -> None:
    venue.send("operator", SetCommission(rate_bps=800, tax_bps=2_100))

    rests = venue.order("B1", BUY, 23_750, 1_000)
    trades = venue.order("S1", SELL, 23_750, 1_000)
    received = venue.send("B1", ConfirmReceipt(contract_id=rests.reply.id))

    assert legs(rests.events) == [("wallet:B1", "held:B1", 237_500)]
    buy, sell = rests.reply.id, trades.reply.id
    assert legs(trades.events) == [
        ("stock:S1", "reserved:S1", 1_000),
        ("held:B1", f"escrow:{buy}", 237_500),
        ("reserved:S1", f"inbound:{sell}", 1_000),
    ]
    assert legs(received.events) == [
        (f"escrow:{buy}", "payable:S1", 214_510),
        (f"escrow:{buy}", "float:house", 22_990),
        ("house:float", "commission:surplus", 19_000),
        ("house:float", "tax:output", 3_990),
        (f"inbound:{sell}", "delivered:S1", 1_000),
    ]
    performed = [event.contract_id for event in received.events if isinstance(event, ContractPerformed)]
    assert sorted(performed) == sorted((buy, sell))
    venue.kernel.ledger.check_invariants()


def test_a_taker_gets_back_what_it_paid_less_than_its_limit(venue: Venue) -> None:
    venue.order("S1", SELL, 20_000, 1_000)

    venue.order("B1", BUY, 23_750, 1_000)

    assert venue.balance("wallet:B1") == -37_500
    assert venue.balance("held:B1") == 0


def test_what_an_ioc_order_does_not_trade_is_released(venue: Venue) -> None:
    venue.order("S1", SELL, 20_000, 300)

    done = venue.order("B1", BUY, 20_000, 1_000, TimeInForce.IOC)

    assert (done.reply.filled_quantity, done.reply.open_quantity) == (300, 0)
    assert venue.balance("held:B1") == 0
    assert venue.balance("wallet:B1") == -177_500


def test_a_cancelled_order_holds_nothing(venue: Venue) -> None:
    order = venue.order("B1", BUY, 10_000, 1_000)

    cancelled = venue.send("B1", CancelOrder(order_id=order.reply.id))

    assert legs(cancelled.events) == [("held:B1", "wallet:B1", 100_000)]
    assert venue.balance("wallet:B1") == -237_500


def test_an_amended_order_holds_its_new_worst_price(venue: Venue) -> None:
    order = venue.order("B1", BUY, 10_000, 1_000)

    venue.send("B1", AmendOrder(order_id=order.reply.id, price=20_000))
    assert venue.balance("held:B1") == -200_000

    venue.send("B1", AmendOrder(order_id=order.reply.id, price=10_000, quantity=500))
    assert venue.balance("held:B1") == -50_000


def test_an_amend_that_cannot_be_held_changes_nothing(venue: Venue) -> None:
    order = venue.order("B1", BUY, 20_000, 1_000)

    refused = venue.send("B1", AmendOrder(order_id=order.reply.id, price=30_000))

    assert refusal(refused) == (RejectCode.MONEY_SHORT, 37_500)
    assert venue.balance("held:B1") == -200_000


def test_two_orders_of_one_owner_shrink_and_release_what_they_held() -> None:
    venue = Venue()
    venue.member("A", owner="one")
    venue.member("B", owner="one")
    venue.instrument()
    venue.money("A", 1_000)
    venue.stock("B", 10)
    venue.order("A", BUY, 100, 6)

    sold = venue.order("B", SELL, 90, 10)

    assert (sold.reply.filled_quantity, sold.reply.open_quantity) == (0, 4)
    assert venue.balance("wallet:A") == -1_000
    assert venue.balance("reserved:B", "LM358") == -4
    venue.kernel.ledger.check_invariants()


@pytest.mark.parametrize(
    "member, side, price, quantity, expected",
    [
        ("S1", BUY, 10_000, 100, (RejectCode.ROLE_MISSING, 0)),
        ("B1", SELL, 10_000, 100, (RejectCode.ROLE_MISSING, 0)),
        ("nobody", BUY, 10_000, 100, (RejectCode.MEMBER_UNKNOWN, 0)),
        ("B1", BUY, 10_000, 150, (RejectCode.QUANTITY_OFF_LOT, 100)),
        ("B1", BUY, 30_000, 1_000, (RejectCode.MONEY_SHORT, 237_500)),
        ("S1", SELL, 30_000, 1_100, (RejectCode.STOCK_SHORT, 1_000)),
        ("B1", BUY, 10**12, 10**9, (RejectCode.AMOUNT_TOO_LARGE, 2**53 - 1)),
    ],
)
def test_an_order_is_refused_with_the_bound_it_missed(
    venue: Venue, member: str, side: Side, price: int, quantity: int, expected: tuple[RejectCode, int]
) -> None:
    before = venue.kernel.dump()

    refused = venue.order(member, side, price, quantity)

    assert refusal(refused) == expected
    assert refused.events == []
    assert venue.kernel.ledger.dump() == type(venue.kernel).load(before).ledger.dump()


def test_a_suspended_member_can_cancel_and_confirm_and_nothing_else(venue: Venue) -> None:
    venue.order("S1", SELL, 10_000, 100)
    bought = venue.order("B1", BUY, 10_000, 200)
    venue.send("operator", SetStanding(member_id="B1", standing=Standing.SUSPENDED))

    assert refusal(venue.order("B1", BUY, 10_000, 100))[0] is RejectCode.MEMBER_SUSPENDED
    assert not venue.send("B1", CancelOrder(order_id=bought.reply.id)).reply.code
    assert not venue.send("B1", ConfirmReceipt(contract_id=bought.reply.id)).reply.code


def test_a_transfer_id_takes_effect_once(venue: Venue) -> None:
    top_up = TopUp(transfer_id="wire-7", member_id="B1", currency="USD", amount_minor=5_000)

    first, again = venue.send("operator", top_up), venue.send("operator", top_up)
    other = venue.send(
        "operator", TopUp(transfer_id="wire-7", member_id="B1", currency="USD", amount_minor=5_001)
    )

    assert again.events == []
    assert again.reply.number == first.reply.number
    assert (other.reply.code, other.reply.field) == (RejectCode.TRANSFER_ID_REUSED, "amount_minor")


def test_reserved_stock_cannot_be_withdrawn(venue: Venue) -> None:
    venue.order("S1", SELL, 10_000, 900)

    refused = venue.send("S1", WithdrawStock(instrument_id="LM358", quantity=200))

    assert refusal(refused) == (RejectCode.STOCK_SHORT, 100)


def test_a_contract_that_still_gets_fills_is_settled_as_far_as_it_goes(venue: Venue) -> None:
    bought = venue.order("B1", BUY, 10_000, 300)
    venue.order("S1", SELL, 10_000, 100)

    assert venue.send("B1", ConfirmReceipt(contract_id=bought.reply.id)).reply.number == 1
    refused = venue.send("B1", ConfirmReceipt(contract_id=bought.reply.id))
    assert refusal(refused)[0] is RejectCode.NOTHING_TO_SETTLE

    venue.order("S1", SELL, 10_000, 200)
    assert venue.send("B1", ConfirmReceipt(contract_id=bought.reply.id)).reply.number == 1
    assert venue.balance("payable:S1") == -27_600


@pytest.mark.parametrize("ends_it", [CancelOrder, AmendOrder])
def test_the_accounts_of_a_contract_go_with_it_even_if_its_order_ends_last(
    venue: Venue, ends_it: type[CancelOrder | AmendOrder]
) -> None:
    bought = venue.order("B1", BUY, 10_000, 200).reply.id
    sold = venue.order("S1", SELL, 10_000, 100).reply.id
    venue.send("B1", ConfirmReceipt(contract_id=bought))
    offered = venue.order("S1", SELL, 20_000, 200).reply.id
    taken = venue.order("B1", BUY, 20_000, 100).reply.id
    venue.send("B1", ConfirmReceipt(contract_id=taken))

    for member_id, order_id in (("B1", bought), ("S1", offered)):
        fields = {"quantity": 100} if ends_it is AmendOrder else {}
        assert not venue.send(member_id, ends_it(order_id=order_id, **fields)).reply.code

    accounts = venue.kernel.ledger._accounts
    left = {account.name for account in accounts.values() if account.owner in {bought, sold, offered, taken}}
    assert left == set()
