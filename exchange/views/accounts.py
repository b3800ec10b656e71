"""Balances of all accounts, kept from TransferPosted alone.

Guarantees: every unit sums to zero. An account at zero is forgotten, so that memory follows what is open.
"""

from exchange.core.ledger.accounts import account_name
from exchange.core.ledger.ledger import Ledger
from exchange.core.messages.ledger import TransferPosted
from exchange.core.messages.shown import AccountState
from exchange.core.visibility import HOUSE_ACCOUNTS, OWN_KINDS, show_account


class Accounts:
    """Balances by account name and unit; a balance is debits minus credits."""

    def __init__(self) -> None:
        self.balances: dict[str, dict[str, int]] = {}

    def balance(self, name: str, unit: str) -> int:
        """0 for an account that nobody has used."""
        return self.balances.get(name, {}).get(unit, 0)

    def of_member(self, member_id: str) -> list[AccountState]:
        """What the member has, by kind and then unit; balances of zero are left out."""
        return [
            show_account(kind, unit, balance)
            for kind in sorted(OWN_KINDS)
            for unit, balance in sorted(self.balances.get(f"{kind}:{member_id}", {}).items())
        ]

    def of_house(self) -> list[AccountState]:
        """What the exchange itself has, by full name and then unit; the kind is the account's full name."""
        return [
            show_account(name, unit, balance)
            for name in HOUSE_ACCOUNTS
            for unit, balance in sorted(self.balances.get(name, {}).items())
        ]

    def sums(self) -> dict[str, int]:
        """The sum of each unit: zeros."""
        sums: dict[str, int] = {}
        for balances in self.balances.values():
            for unit, balance in balances.items():
                sums[unit] = sums.get(unit, 0) + balance
        return sums

    def posted(self, event: TransferPosted) -> None:
        """The debit account's balance rises, the other's falls; written out for both, since every order comes here."""
        accounts, unit, amount = self.balances, event.unit, event.amount
        name = event.debit
        balances = accounts.get(name) or self._opened(name)
        if balance := balances.get(unit, 0) + amount:
            balances[unit] = balance
        else:
            self._forget(name, unit)
        name = event.credit
        balances = accounts.get(name) or self._opened(name)
        if balance := balances.get(unit, 0) - amount:
            balances[unit] = balance
        else:
            self._forget(name, unit)

    def _opened(self, name: str) -> dict[str, int]:
        balances = self.balances[name] = {}
        return balances

    def _forget(self, name: str, unit: str) -> None:
        balances = self.balances[name]
        del balances[unit]
        if not balances:
            del self.balances[name]

    @classmethod
    def from_kernel(cls, ledger: Ledger) -> "Accounts":
        """The balances of the kernel's ledger."""
        accounts = cls()
        for state in ledger.dump().accounts:
            if state.balance:
                name = account_name(state.kind, state.owner)
                accounts.balances.setdefault(name, {})[state.unit] = state.balance
        return accounts
