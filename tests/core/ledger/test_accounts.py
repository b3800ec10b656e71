import re
from pathlib import Path

import pytest

import exchange.core.ledger
from exchange.core.ledger.accounts import KINDS, Account, AccountKind, Ring, opened

README = Path(exchange.core.ledger.__path__[0]) / "README.md"


def test_every_kind_of_account_has_its_rules() -> None:
    assert list(KINDS) == list(AccountKind)


@pytest.mark.parametrize(
    "kind, owner, unit, expected",
    [
        (
            AccountKind.WALLET,
            "B1",
            "USD",
            Account(AccountKind.WALLET, "B1", "USD", "wallet:B1", Ring.CLIENT, True, 0, 0),
        ),
        (
            AccountKind.HOUSE,
            "float",
            "USD",
            Account(AccountKind.HOUSE, "float", "USD", "house:float", Ring.HOUSE, False, 0, 0),
        ),
        (
            AccountKind.INBOUND,
            "O7",
            "KIT",
            Account(AccountKind.INBOUND, "O7", "KIT", "inbound:O7", Ring.GOODS, True, 0, 0),
        ),
    ],
)
def test_an_account_opens_at_zero_under_the_rules_of_its_kind(
    kind: AccountKind, owner: str, unit: str, expected: Account
) -> None:
    assert opened(kind, owner, unit) == expected


def _is_of(kind: AccountKind, name: str) -> bool:
    """Whether the account's name is of the kind: the longest kind that it begins with."""
    fitting = [other for other in AccountKind if name == other or name.startswith(f"{other}:")]
    return max(fitting, key=len, default=None) is kind


@pytest.mark.parametrize("kind", AccountKind)
def test_the_readme_lists_every_kind_in_its_ring_and_with_its_limit(kind: AccountKind) -> None:
    ring, _, limited = KINDS[kind]
    rows = [
        row
        for row in README.read_text().splitlines()
        if row.startswith("|") and any(_is_of(kind, name) for name in re.findall("`([^`]+)`", row))
    ]

    assert len(rows) == 1
    assert rows[0].startswith(f"| {ring} |")
    assert rows[0].endswith("| debits ≤ credits |" if limited else "| no |")
