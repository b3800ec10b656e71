"""A statement reads as a table, and says whether it agrees with the live accounts."""

from datetime import date
from decimal import Decimal

import pytest

from exchange.demo.statement import Account, Statement, Sum


@pytest.mark.parametrize("agrees, told", [(True, "it agrees with"), (False, "it DOES NOT AGREE with")])
def test_a_statement_reads_as_a_table(agrees: bool, told: str) -> None:
    sums = [Sum("sale", 1_200, Decimal("23750.50")), Sum("fee", 1_200, Decimal("-1900.04"))]
    account = Account("payable", Decimal(0), sums, Decimal("21850.46"))

    text = Statement("Seller 1", "USD", date(2026, 1, 1), date(2026, 1, 2), agrees, [account]).as_text()

    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert rows[1:5] == [
        "payable opening 0.00",
        "sale 1,200 +23,750.50",
        "fee 1,200 -1,900.04",
        "closing 21,850.46",
    ]
    assert told in rows[-1]
    assert len({len(line) for line in text.splitlines()[1:5]}) == 1, "figures end in one column"
