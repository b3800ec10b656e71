"""What must hold between any two commands, over all rooms: the numbers are those of the ledger's design."""

from exchange.core.kernel import Exchange
from exchange.core.ledger.accounts import AccountKind


def check(kernel: Exchange) -> None:
    """I1, I2, I4 by the ledger; I3 escrows end with their contracts; I5 clearing is what the bank owes an answer for."""
    kernel.check_invariants()
    for account in kernel.ledger.accounts():
        if account.kind is AccountKind.ESCROW and kernel.contracts.get(account.owner) is None:
            assert account.balance == 0, f"{account.name} outlives its contract"
