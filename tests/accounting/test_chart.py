"""Names in the books: legal for beancount, different where the accounts are, and readable back."""

import re

from beancount.core import account, amount
from hypothesis import given
from hypothesis import strategies as st

from exchange.accounting.chart import OPENING, WORDS, account_of, book_account, commodity, unit_of
from exchange.core.ledger.accounts import KINDS, AccountKind
from exchange.core.values import CURRENCY_EXPONENT

OWNERLESS = {
    AccountKind.OPERATING,
    AccountKind.PROVISION,
    AccountKind.SUCCESS_FEE,
    AccountKind.INSPECTION_RECOVERY,
    AccountKind.BOND_FORFEIT,
    AccountKind.INSPECTION,
    AccountKind.GUARANTEE,
    AccountKind.BAD_DEBT,
    AccountKind.BANK_FEES,
    AccountKind.EQUITY,
}
IDS = st.text("abcnNXYZ019-_", min_size=1, max_size=24) | st.text(min_size=1, max_size=8)


@st.composite
def names(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(list(KINDS)))
    return kind.value if kind in OWNERLESS else f"{kind}:{draw(IDS)}"


@given(names())
def test_an_account_can_be_read_back_from_a_name_that_beancount_takes(name: str) -> None:
    book_name = book_account(name)

    assert account.is_valid(book_name)
    assert account_of(book_name) == name


@given(IDS | st.sampled_from(sorted(CURRENCY_EXPONENT)))
def test_a_unit_can_be_read_back_from_a_name_that_beancount_takes(unit: str) -> None:
    name = commodity(unit)

    assert re.fullmatch(amount.CURRENCY_RE, name)
    assert unit_of(name) == unit


def test_words_of_the_chart_get_a_capital_and_ids_an_n() -> None:
    assert [book_account(name) for name in NAMED] == list(NAMED.values())


NAMED = {
    "bank:client": "Assets:Client:Bank:Client",
    "bank:operating": "Assets:House:Bank-Operating",
    "wallet:k-7_Q": "Liabilities:Client:Wallet:Nk-07-1Q",
    "receivable:fees:M1": "Assets:House:Receivable-Fees:NM1",
    "guarantee": "Expenses:House:Guarantee",
    "guarantee:provision": "Liabilities:House:Guarantee-Provision",
    "commission:surplus": "Income:House:Commission:Surplus",
    "brought:M1": "Equity:Goods:Brought:NM1",
}


def test_no_account_is_the_parent_of_another_so_that_no_balance_holds_two() -> None:
    leaves = [book_account(kind if kind in OWNERLESS else f"{kind}:house") for kind in KINDS]

    assert len(set(leaves)) == len(KINDS)
    assert not any(
        one != other and one.startswith(f"{other}:") for one in [*leaves, OPENING] for other in leaves
    )
    assert WORDS.isdisjoint(OWNERLESS)
