"""The hledger journal says what the beancount books say; its assertions hold, and catch a cent."""

import re
from datetime import date
from decimal import Decimal

import pytest

from benchmarks.audit import SECOND_MONTH, WHOLE
from exchange.accounting.chart import OPENING, book_account, commodity
from exchange.accounting.hledger import Hledger
from exchange.accounting.period import Period
from exchange.core.values import scale_of_unit
from tests.accounting.markets import a_market, books_of
from tests.accounting.reader import NoJournal, balances_of


@pytest.mark.parametrize("period", [WHOLE, SECOND_MONTH, Period(date(2026, 1, 20), date(2026, 2, 3))])
async def test_the_journal_holds_together(database_url: str, period: Period) -> None:
    await a_market(database_url, 100)

    totals = balances_of(await books_of(database_url, Hledger(), period))

    assert len(totals) > 50
    assert all(number == 0 for (account, _), number in totals.items() if account == OPENING)


async def test_the_whole_journal_ends_with_the_balances_of_the_ledger(database_url: str) -> None:
    dealing = await a_market(database_url, 100)

    totals = balances_of(await books_of(database_url, Hledger(), WHOLE))

    expected = {
        (book_account(account.name), _named(account.unit)): Decimal(account.balance).scaleb(
            -scale_of_unit(account.unit)
        )
        for account in dealing.kernel.ledger._accounts.values()
        if account.balance
    }
    assert {key: number for key, number in totals.items() if number} == expected


async def test_a_cent_that_is_moved_is_noticed(database_url: str) -> None:
    await a_market(database_url, 12)
    text = await books_of(database_url, Hledger(), WHOLE)

    for found in list(re.finditer(r"^    [A-Z]\S+  -?[\d.]*(\d) \S+(?: = |$)", text, re.MULTILINE))[::25]:
        digit = (int(found[1]) + 1) % 10
        with pytest.raises(NoJournal):
            balances_of(f"{text[: found.start(1)]}{digit}{text[found.end(1) :]}")


def _named(unit: str) -> str:
    return unit if len(unit) == 3 else f'"{commodity(unit)}"'
