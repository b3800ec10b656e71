"""One ledger for money and goods: accounts, transfers, holds, and top-ups that take effect once.

Guarantees: every unit and every ring sums to zero after each transfer; no limited account is overdrawn;
a `held` or `reserved` account owns exactly the sum of its open holds; nothing is edited or deleted, so
balances follow from the TransferPosted events alone. Questions come first: a change whose question was
not asked fails by assertion, before it changes anything.
Known limits: there is no reversal yet, and ids of top-ups are remembered for ever.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from exchange.core.ledger.accounts import Account, AccountKind, Ring, opened
from exchange.core.limits import AMOUNT_MINOR_MAX
from exchange.core.messages import AnyEvent
from exchange.core.messages.ledger import TopUp, TransferPosted
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import CURRENCY_EXPONENT

SHORT: Final = {
    Ring.CLIENT: RejectCode.MONEY_SHORT,
    Ring.HOUSE: RejectCode.MONEY_SHORT,
    Ring.GOODS: RejectCode.STOCK_SHORT,
}
MIRRORED: Final = frozenset({"house:float", "float:house", "clearing:sweep"})
"""What both money rings know: the house's float, owned on one side and owed, or being swept, on the other."""


class Hold(Struct, gc=False):
    """What is left of an amount reserved from `source`; it lies in `held`, together with other holds."""

    source: Account
    held: Account
    remaining: int
    subject: str  # of every transfer of the hold


class Exists(Struct, frozen=True, gc=False):
    """The transfer id is known with the same fields: nothing happens, and the first answer is given again."""

    number: int


class FirstTopUp(Struct, frozen=True, array_like=True, gc=False):
    """What a transfer id stands for, and the number of its transfer."""

    transfer_id: str
    member_id: str
    currency: str
    amount_minor: int
    number: int


class AccountState(Struct, frozen=True, array_like=True, gc=False):
    """An account that differs from a new one."""

    kind: AccountKind
    owner: str
    unit: str
    balance: int
    credit_limit: int


class HoldState(Struct, frozen=True, array_like=True, gc=False):
    """An open hold and the names of its two accounts."""

    hold_id: str
    unit: str
    source_kind: AccountKind
    source_owner: str
    held_kind: AccountKind
    held_owner: str
    remaining: int
    subject: str


class LedgerState(Struct, frozen=True, array_like=True):
    """All of a ledger, each list in the order of its first fields."""

    posted: int
    accounts: list[AccountState]
    holds: list[HoldState]
    top_ups: list[FirstTopUp]


class Ledger:
    """Accounts by kind, owner and unit, and the open holds by their ids."""

    def __init__(self) -> None:
        self.holds: dict[str, Hold] = {}
        self._posted = 0
        self._accounts: dict[tuple[AccountKind, str, str], Account] = {}
        self._top_ups: dict[str, FirstTopUp] = {}

    # --- accounts --------------------------------------------------------------------------------

    def account(self, kind: AccountKind, owner: str, unit: str) -> Account:
        """The account, opened at zero where it does not exist; that alone changes nothing worth keeping."""
        account = self._accounts.get((kind, owner, unit))
        if account is None:
            account = self._accounts[kind, owner, unit] = opened(kind, owner, unit)
        return account

    def available(self, account: Account) -> int:
        """What can still be debited to the account: within its limit, else within what can be booked at all."""
        return (account.credit_limit if account.limited else AMOUNT_MINOR_MAX) - account.balance

    def owned(self, account: Account) -> int:
        """What the account owns or is owed by us, without any credit; 0 for an overdrawn one."""
        return max(0, -account.balance)

    def accounts(self) -> Iterator[Account]:
        """All accounts, to read."""
        return iter(self._accounts.values())

    def set_credit_limit(self, account: Account, limit: int) -> None:
        """How far the account may be overdrawn from now on; at least as far as it is."""
        assert account.limited and limit >= account.balance, f"{account.name} uses more credit"
        account.credit_limit = limit

    def debit_refusal(self, account: Account, amount: int, field: str = "") -> Reject | None:
        """Why the amount, which the command's `field` asks for, cannot be debited. The bound is what can be.

        Checks: AMOUNT_TOO_LARGE (more than can be booked), then MONEY_SHORT or STOCK_SHORT by ring.
        """
        if amount > AMOUNT_MINOR_MAX:
            return Reject(RejectCode.AMOUNT_TOO_LARGE, AMOUNT_MINOR_MAX, field)
        available = self.available(account)
        if amount > available:
            code = SHORT[account.ring] if account.limited else RejectCode.AMOUNT_TOO_LARGE
            return Reject(code, available, field)
        return None

    def retire(self, account: Account) -> None:
        """Forget an account at zero that nobody will use again, so that memory follows what is open."""
        assert account.balance == 0, f"{account.name} still has a balance"
        assert account.credit_limit == 0, f"{account.name} still has a credit limit"
        del self._accounts[account.kind, account.owner, account.unit]

    # --- transfers -------------------------------------------------------------------------------

    @property
    def next_number(self) -> int:
        """The number that the next transfer gets: what the transfers of a linked chain pass as `linked`."""
        return self._posted + 1

    def post(
        self,
        debit: Account,
        credit: Account,
        amount: int,
        reason: str,
        subject: str,
        events: list[AnyEvent],
        linked: int = 0,
    ) -> int:
        """Move a positive amount from `credit` to `debit`; the number of the transfer.

        `linked` is the number of the first transfer of the chain, for that first one too, or 0.
        """
        assert amount > 0, "a transfer moves something"
        assert debit.unit == credit.unit, f"{debit.name} and {credit.name} count different units"
        assert debit.ring is credit.ring, f"{debit.name} / {credit.name} crosses the rings"
        debited = debit.balance + amount
        credited = credit.balance - amount
        assert debited <= (debit.credit_limit if debit.limited else AMOUNT_MINOR_MAX), (
            f"{debit.name} is short"
        )
        assert credited >= -AMOUNT_MINOR_MAX, f"{credit.name} holds more than can be booked"
        number = self._posted + 1
        assert 0 <= linked <= number, "a chain begins with a transfer that is posted"
        # Nothing below this line can fail.
        self._posted = number
        debit.balance = debited
        credit.balance = credited
        events.append(
            TransferPosted(number, debit.unit, debit.name, credit.name, amount, reason, subject, linked)
        )
        return number

    # --- holds -----------------------------------------------------------------------------------

    def hold(
        self,
        hold_id: str,
        source: Account,
        held: Account,
        amount: int,
        subject: str,
        events: list[AnyEvent],
    ) -> None:
        """Reserve an amount. The id is free again once the hold is closed."""
        assert hold_id not in self.holds, f"hold {hold_id} is open already"
        self.post(source, held, amount, "hold", subject, events)
        self.holds[hold_id] = Hold(source, held, amount, subject)

    def extend(self, hold_id: str, amount: int, events: list[AnyEvent]) -> None:
        """Hold more, from the same source."""
        hold = self.holds[hold_id]
        self.post(hold.source, hold.held, amount, "hold", hold.subject, events)
        hold.remaining += amount

    def capture(
        self,
        hold_id: str,
        destination: Account,
        amount: int,
        reason: str,
        events: list[AnyEvent],
        linked: int = 0,
    ) -> int:
        """Move a part or all of what is left to another account; the number of the transfer."""
        hold = self.holds[hold_id]
        assert amount <= hold.remaining, f"hold {hold_id} has only {hold.remaining} left"
        number = self.post(hold.held, destination, amount, reason, hold.subject, events, linked)
        hold.remaining -= amount
        return number

    def release(self, hold_id: str, amount: int, events: list[AnyEvent]) -> None:
        """Give a part, which may be nothing, back to the source."""
        if amount:
            self.capture(hold_id, self.holds[hold_id].source, amount, "release", events)

    def close(self, hold_id: str, events: list[AnyEvent]) -> None:
        """Give all that is left, which may be nothing, back to the source, and forget the hold."""
        hold = self.holds[hold_id]
        if hold.remaining:
            self.post(hold.held, hold.source, hold.remaining, "release", hold.subject, events)
        del self.holds[hold_id]

    # --- top-ups ---------------------------------------------------------------------------------

    def first_top_up(self, transfer_id: str) -> FirstTopUp | None:
        """What a transfer id stands for."""
        return self._top_ups.get(transfer_id)

    def top_up_refusal(self, command: TopUp) -> Reject | Exists | None:
        """Checks: CURRENCY_UNKNOWN; TRANSFER_ID_REUSED with the first field that differs; AMOUNT_TOO_LARGE."""
        if command.currency not in CURRENCY_EXPONENT:
            return Reject(RejectCode.CURRENCY_UNKNOWN, field="currency")
        first = self._top_ups.get(command.transfer_id)
        if first is None:
            bank = self.account(AccountKind.BANK, "client", command.currency)
            return self.debit_refusal(bank, command.amount_minor, "amount_minor")
        for field in ("member_id", "currency", "amount_minor"):
            if getattr(first, field) != getattr(command, field):
                return Reject(RejectCode.TRANSFER_ID_REUSED, field=field)
        return Exists(first.number)

    def top_up(self, command: TopUp, events: list[AnyEvent]) -> int:
        """Book money that reached the bank to the member's wallet; the number of the transfer."""
        assert command.transfer_id not in self._top_ups, "a transfer id takes effect once"
        bank = self.account(AccountKind.BANK, "client", command.currency)
        wallet = self.account(AccountKind.WALLET, command.member_id, command.currency)
        number = self.post(bank, wallet, command.amount_minor, "top_up", command.transfer_id, events)
        self._top_ups[command.transfer_id] = FirstTopUp(
            command.transfer_id, command.member_id, command.currency, command.amount_minor, number
        )
        return number

    # --- state -----------------------------------------------------------------------------------

    def sums(self) -> dict[tuple[str, Ring], int]:
        """Sum of all balances by unit and ring: zeros."""
        sums: dict[tuple[str, Ring], int] = {}
        for account in self._accounts.values():
            key = account.unit, account.ring
            sums[key] = sums.get(key, 0) + account.balance
        return sums

    def check_invariants(self) -> None:
        """Assert what must hold between commands; costs a walk over all accounts and holds.

        Sums of units and rings are zero; house:float mirrors float:house and clearing:sweep; held and reserved accounts own
        the sum of their holds; limits are kept.
        """
        assert not any(self.sums().values()), "a unit or ring does not sum to zero"
        open_by_account: dict[tuple[str, str], int] = {}
        for hold in self.holds.values():
            key = hold.held.name, hold.held.unit
            open_by_account[key] = open_by_account.get(key, 0) + hold.remaining
        floats: dict[str, int] = {}
        for account in self._accounts.values():
            assert self.available(account) >= 0, f"{account.name} is overdrawn"
            if account.kind in (AccountKind.HELD, AccountKind.RESERVED):
                open_amount = open_by_account.get((account.name, account.unit), 0)
                assert -account.balance == open_amount, f"{account.name} is not the sum of its holds"
            if account.name in MIRRORED:
                floats[account.unit] = floats.get(account.unit, 0) + account.balance
        assert not any(floats.values()), "house:float is not what the clients' ring owes or is sweeping"

    def dump(self) -> LedgerState:
        """The state; accounts that look like new ones are left out, since asking opens them again."""
        accounts = [
            AccountState(kind, owner, unit, account.balance, account.credit_limit)
            for (kind, owner, unit), account in sorted(self._accounts.items(), key=lambda entry: entry[0])
            if account.balance or account.credit_limit
        ]
        holds = [
            HoldState(
                hold_id,
                hold.held.unit,
                hold.source.kind,
                hold.source.owner,
                hold.held.kind,
                hold.held.owner,
                hold.remaining,
                hold.subject,
            )
            for hold_id, hold in sorted(self.holds.items(), key=lambda entry: entry[0])
        ]
        return LedgerState(
            self._posted, accounts, holds, [self._top_ups[key] for key in sorted(self._top_ups)]
        )

    @classmethod
    def load(cls, state: LedgerState) -> "Ledger":
        """The ledger of a dump."""
        ledger = cls()
        ledger._posted = state.posted
        for kept in state.accounts:
            account = ledger.account(kept.kind, kept.owner, kept.unit)
            account.balance, account.credit_limit = kept.balance, kept.credit_limit
        for row in state.holds:
            source = ledger.account(row.source_kind, row.source_owner, row.unit)
            held = ledger.account(row.held_kind, row.held_owner, row.unit)
            ledger.holds[row.hold_id] = Hold(source, held, row.remaining, row.subject)
        ledger._top_ups = {first.transfer_id: first for first in state.top_ups}
        return ledger
