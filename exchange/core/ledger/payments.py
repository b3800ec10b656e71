"""What was sent to the bank and what the bank said: payouts, statement entries, open suspense, bank details.

Guarantees: an entry's id takes effect once; a payout moves only along `MOVES`; `clearing:payout` and
`clearing:sweep` own exactly what is sent and not yet booked, `suspense:in` what is in open suspense.
Does not post: the flow does. Known limits: settled payouts and entry ids are remembered for ever.
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from exchange.core.ledger.accounts import Account, AccountKind
from exchange.core.ledger.ledger import Ledger
from exchange.core.messages.bank import (
    BankAccount,
    BookBankEntry,
    Direction,
    PayoutSource,
    PayoutState,
)
from exchange.core.rejects import Reject, RejectCode

MOVES: Final = frozenset({
    (PayoutState.SENT, PayoutState.BOOKED),
    (PayoutState.SENT, PayoutState.CANCELLED),
    (PayoutState.BOOKED, PayoutState.RETURNED),
})  # fmt: skip
"""Where a payout can go."""

CLEARING: Final = {
    PayoutSource.WALLET: "payout",
    PayoutSource.PAYABLE: "payout",
    PayoutSource.SUSPENSE: "payout",
    PayoutSource.FLOAT: "sweep",
}
"""Which clearing account a payout waits in."""

_SOURCES: Final = {
    PayoutSource.WALLET: AccountKind.WALLET,
    PayoutSource.PAYABLE: AccountKind.PAYABLE,
    PayoutSource.SUSPENSE: AccountKind.SUSPENSE,
    PayoutSource.FLOAT: AccountKind.FLOAT,
}


class Payout(Struct, frozen=True, array_like=True, gc=False):
    """Money on its way out; `owner` is a member, a statement entry (suspense) or `house`."""

    payout_id: str
    source: PayoutSource
    owner: str
    currency: str
    amount_minor: int
    details_hash: str
    state: PayoutState = PayoutState.SENT


class Entry(Struct, frozen=True, array_like=True, gc=False):
    """A statement entry that took effect, and its first transfer."""

    entry_id: str
    direction: Direction
    currency: str
    amount_minor: int
    reference: str
    account: BankAccount
    is_fee: bool
    number: int


class PaymentsState(Struct, frozen=True, array_like=True):
    """All of it, each in the order of ids."""

    payouts: list[Payout]
    entries: list[Entry]
    suspense: list[str]
    details: dict[str, str]


class Payments:
    """Payouts and entries by id, entry ids in suspense, and the hash of each member's bank details."""

    def __init__(self) -> None:
        self.payouts: dict[str, Payout] = {}
        self.entries: dict[str, Entry] = {}
        self.suspense: dict[str, None] = {}
        self.details: dict[str, str] = {}

    def payout(self, payout_id: str, *states: PayoutState) -> Payout | Reject:
        """Checks: PAYOUT_UNKNOWN; PAYOUT_SETTLED unless it is in one of the states."""
        payout = self.payouts.get(payout_id)
        if payout is None:
            return Reject(RejectCode.PAYOUT_UNKNOWN, field="payout_id")
        return payout if payout.state in states else Reject(RejectCode.PAYOUT_SETTLED, field="payout_id")

    def send(self, payout: Payout) -> None:
        """Remember what is sent."""
        assert payout.payout_id not in self.payouts
        self.payouts[payout.payout_id] = payout

    def settle(self, payout: Payout, state: PayoutState) -> None:
        """Move a payout on."""
        assert (payout.state, state) in MOVES, f"{payout.state} does not become {state}"
        self.payouts[payout.payout_id] = replace(payout, state=state)

    def known_entry(self, command: BookBankEntry) -> Entry | Reject | None:
        """The entry that was booked under the id; TRANSFER_ID_REUSED with the first field that differs."""
        known = self.entries.get(command.entry_id)
        if known is None:
            return None
        for field in Entry.__struct_fields__[1:-1]:
            if getattr(known, field) != getattr(command, field):
                return Reject(RejectCode.TRANSFER_ID_REUSED, field=field)
        return known

    def remember(self, command: BookBankEntry, number: int) -> None:
        """The entry took effect."""
        self.entries[command.entry_id] = Entry(
            command.entry_id,
            command.direction,
            command.currency,
            command.amount_minor,
            command.reference,
            command.account,
            command.is_fee,
            number,
        )

    def suspended(self, entry_id: str) -> Entry | Reject:
        """The entry while its money is in suspense; SUSPENSE_UNKNOWN."""
        if entry_id not in self.suspense:
            return Reject(RejectCode.SUSPENSE_UNKNOWN, field="entry_id")
        return self.entries[entry_id]

    def check_invariants(self, ledger: Ledger) -> None:
        """Assert that clearing is what is sent and not booked, and suspense what nobody has claimed."""
        expected: dict[tuple[str, str], int] = {}
        for payout in self.payouts.values():
            if payout.state is PayoutState.SENT:
                key = f"clearing:{CLEARING[payout.source]}", payout.currency
                expected[key] = expected.get(key, 0) - payout.amount_minor
        for entry_id in self.suspense:
            entry = self.entries[entry_id]
            key = "suspense:in", entry.currency
            expected[key] = expected.get(key, 0) - entry.amount_minor
        found = {
            (account.name, account.unit): account.balance
            for account in ledger.accounts()
            if account.kind in (AccountKind.CLEARING, AccountKind.SUSPENSE) and account.balance
        }
        assert found == expected, "clearing or suspense is not what is open with the bank"

    def dump(self) -> PaymentsState:
        """The state in the order of ids."""
        return PaymentsState(
            [self.payouts[key] for key in sorted(self.payouts)],
            [self.entries[key] for key in sorted(self.entries)],
            sorted(self.suspense),
            dict(sorted(self.details.items())),
        )

    @classmethod
    def load(cls, state: PaymentsState) -> "Payments":
        """The payments of a dump."""
        payments = cls()
        payments.payouts = {payout.payout_id: payout for payout in state.payouts}
        payments.entries = {entry.entry_id: entry for entry in state.entries}
        payments.suspense = dict.fromkeys(state.suspense)
        payments.details = dict(state.details)
        return payments


def source_account(ledger: Ledger, source: PayoutSource, owner: str, currency: str) -> Account:
    """The account that a payout is paid from."""
    shared = {PayoutSource.SUSPENSE: "in", PayoutSource.FLOAT: "house"}
    return ledger.account(_SOURCES[source], shared.get(source, owner), currency)
