"""Balances follow from transfers alone."""

from hypothesis import given
from hypothesis import strategies as st

from exchange.core.messages.ledger import TransferPosted
from exchange.core.messages.shown import AccountState
from exchange.views.accounts import Accounts

names = st.sampled_from(["wallet:m", "held:m", "payable:n", "bank:client", "escrow:c"])
transfers = st.builds(
    TransferPosted,
    number=st.just(1),
    unit=st.sampled_from(["USD", "EUR", "part"]),
    debit=names,
    credit=names,
    amount=st.integers(1, 5),
    reason=st.just(""),
    subject=st.just(""),
    linked=st.just(0),
).filter(lambda each: each.debit != each.credit)


@given(st.lists(transfers, max_size=30))
def test_balances_are_debits_minus_credits_and_zeros_are_forgotten(posted: list[TransferPosted]) -> None:
    accounts = Accounts()
    naive: dict[tuple[str, str], int] = {}
    for event in posted:
        accounts.posted(event)
        for name, amount in ((event.debit, event.amount), (event.credit, -event.amount)):
            naive[name, event.unit] = naive.get((name, event.unit), 0) + amount

    kept = {
        (name, unit): balance for name, units in accounts.balances.items() for unit, balance in units.items()
    }
    assert kept == {place: balance for place, balance in naive.items() if balance}
    assert all(accounts.balances.values())
    assert all(accounts.balance(name, unit) == balance for (name, unit), balance in naive.items())
    assert not any(accounts.sums().values())


def test_a_member_has_its_own_kinds_only() -> None:
    accounts = Accounts()
    for debit, credit, unit, amount in (
        ("bank:client", "wallet:m", "USD", 9),
        ("bank:client", "wallet:n", "USD", 8),
        ("wallet:m", "escrow:m", "USD", 4),
        ("brought:m", "stock:m", "part", 3),
        ("bank:client", "wallet:m", "EUR", 2),
    ):
        accounts.posted(TransferPosted(1, unit, debit, credit, amount, "", "", 0))

    assert accounts.of_member("m") == [
        AccountState("stock", "part", 3),
        AccountState("wallet", "EUR", 2),
        AccountState("wallet", "USD", 5),
    ]
    assert accounts.of_member("stranger") == []


def test_the_house_has_its_own_accounts_and_no_members() -> None:
    accounts = Accounts()
    for debit, credit, amount in (
        ("bank:client", "wallet:m", 900),
        ("wallet:m", "payable:n", 800),
        ("wallet:m", "float:house", 100),
        ("house:float", "commission:surplus", 81),
        ("house:float", "tax:output", 19),
    ):
        accounts.posted(TransferPosted(1, "USD", debit, credit, amount, "", "", 0))

    assert accounts.of_house() == [
        AccountState("bank:client", "USD", -900),
        AccountState("commission:surplus", "USD", 81),
        AccountState("float:house", "USD", 100),
        AccountState("house:float", "USD", -100),
        AccountState("tax:output", "USD", 19),
    ]
