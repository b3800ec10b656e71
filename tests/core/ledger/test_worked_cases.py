"""Whole cases through ledger and commission, with the figures that the books must show."""

from exchange.core.ledger.accounts import Account, AccountKind
from exchange.core.ledger.commission import Commission
from exchange.core.ledger.ledger import Ledger
from exchange.core.messages import AnyEvent, SetCommission, TopUp, TransferPosted
from exchange.core.values import month_of

MARCH_2024_US = 1_710_000_000_000_000


def account(ledger: Ledger, name: str, unit: str) -> Account:
    kind, owner = name.split(":")
    return ledger.account(AccountKind(kind), owner, unit)


def entries(events: list[AnyEvent]) -> list[tuple[str, str, int, int]]:
    """Debit, credit, amount and chain of every transfer."""
    return [(e.debit, e.credit, e.amount, e.linked) for e in events if isinstance(e, TransferPosted)]


def test_a_sale_of_2375_dollars_at_8_per_cent_and_21_per_cent_tax_on_the_fee() -> None:
    # Top-up, order, fill, acceptance: 1,000 pieces at 2.375.
    ledger, commission, events = Ledger(), Commission(), list[AnyEvent]()
    commission.set_commission(SetCommission(rate_bps=800, tax_bps=2_100), [])
    wallet, held, escrow = (account(ledger, name, "USD") for name in ("wallet:B1", "held:B1", "escrow:C1"))
    payable, owed = account(ledger, "payable:S1", "USD"), account(ledger, "float:house", "USD")
    owned, income = account(ledger, "house:float", "USD"), account(ledger, "commission:surplus", "USD")
    tax_owed = account(ledger, "tax:output", "USD")

    ledger.top_up(TopUp(transfer_id="T1", member_id="B1", currency="USD", amount_minor=237_500), events)
    ledger.hold("C1", wallet, held, 237_500, "C1", events)
    ledger.capture("C1", escrow, 237_500, "trade", events)
    ledger.close("C1", events)
    charge = commission.charge("S1", 2, month_of(MARCH_2024_US), "USD", 237_500)
    fee, tax = charge.fee_minor, charge.tax_minor
    chain = ledger.next_number
    ledger.post(escrow, payable, 237_500 - fee - tax, "settlement", "C1", events, chain)
    ledger.post(escrow, owed, fee + tax, "commission", "C1", events, chain)
    ledger.post(owned, income, fee, "commission", "C1", events, chain)
    ledger.post(owned, tax_owed, tax, "tax", "C1", events, chain)
    ledger.retire(escrow)

    assert entries(events) == [
        ("bank:client", "wallet:B1", 2375_00, 0),
        ("wallet:B1", "held:B1", 2375_00, 0),
        ("held:B1", "escrow:C1", 2375_00, 0),
        ("escrow:C1", "payable:S1", 2145_10, 4),
        ("escrow:C1", "float:house", 229_90, 4),
        ("house:float", "commission:surplus", 190_00, 4),
        ("house:float", "tax:output", 39_90, 4),
    ]
    assert {f"{each.kind}:{each.owner}": each.balance for each in ledger.dump().accounts} == {
        "bank:client": 2375_00,
        "commission:surplus": -190_00,
        "float:house": -229_90,
        "house:float": 229_90,
        "payable:S1": -2145_10,
        "tax:output": -39_90,
    }
    ledger.check_invariants()


def test_the_same_sale_in_many_fills_leaves_the_same_books() -> None:
    commission = Commission()
    commission.set_commission(SetCommission(rate_bps=800, tax_bps=2_100), [])
    month = month_of(MARCH_2024_US)

    charges = [commission.charge("S1", 2, month, "USD", base) for base in (1, 99_999, 33, 137_460, 7)]

    assert sum(charge.fee_minor for charge in charges) == 190_00
    assert sum(charge.tax_minor for charge in charges) == 39_90


def test_yen_have_no_decimals_and_round_once() -> None:
    charge = Commission().charge("S1", 1, month_of(MARCH_2024_US), "JPY", 128_001)

    assert (charge.fee_minor, charge.tax_minor) == (10_240, 0)


def test_goods_are_counted_from_the_seller_to_the_buyer() -> None:
    ledger, events = Ledger(), list[AnyEvent]()
    brought, stock, reserved, inbound, delivered = (
        account(ledger, name, "KIT")
        for name in ("brought:S1", "stock:S1", "reserved:S1", "inbound:O9", "delivered:S1")
    )

    ledger.post(brought, stock, 1_000, "declare", "", events)
    ledger.hold("O9", stock, reserved, 600, "O9", events)
    ledger.capture("O9", inbound, 250, "trade", events)
    ledger.capture("O9", inbound, 50, "trade", events)
    ledger.close("O9", events)
    ledger.post(inbound, delivered, 300, "receipt", "C1", events)
    ledger.retire(inbound)
    ledger.post(stock, brought, 200, "withdraw", "", events)

    assert {f"{each.kind}:{each.owner}": each.balance for each in ledger.dump().accounts} == {
        "brought:S1": 800,
        "delivered:S1": -300,
        "stock:S1": -500,
    }
    ledger.check_invariants()
