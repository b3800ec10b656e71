"""Payouts, suspense, bank details and schedules as they are read, kept from events.

Guarantees: what `from_kernel` gives of a kernel is what its events would have left. Bank details are
hashes here; whoever may read them finds them in SQL.
"""

from msgspec import Struct
from msgspec.structs import replace

from exchange.core.kernel import Exchange
from exchange.core.ledger.payments import Payout
from exchange.core.ledger.schedules import Schedule, Schedules
from exchange.core.messages.bank import (
    BankDetailsSet,
    BankEntryBooked,
    CreditLimitSet,
    Direction,
    PayoutSent,
    PayoutSettled,
    SuspenseReopened,
    SuspenseSettled,
)
from exchange.core.messages.ledger import CommissionSet, SchedulePublished, ScheduleSplit, ScheduleTurned


class Unexpected(Struct, frozen=True):
    """A credit that nobody expected."""

    entry_id: str
    currency: str
    amount_minor: int
    reference: str


class PaymentsView:
    """Everything by id, in the order in which it came."""

    def __init__(self) -> None:
        self.payouts: dict[str, Payout] = {}
        self.credits: dict[str, Unexpected] = {}  # every one that was in suspense once
        self.suspense: dict[str, None] = {}
        self.details: dict[str, str] = {}
        self.credit_limits: dict[tuple[str, str], int] = {}
        self.schedules = Schedules()

    @property
    def commission(self) -> Schedule:
        """Everybody's standing schedule."""
        return self.schedules.schedule(self.schedules.standing_version)

    @classmethod
    def from_kernel(cls, kernel: Exchange) -> "PaymentsView":
        """What the kernel's state looks like."""
        view, state = cls(), kernel.payments.dump()
        view.payouts = {payout.payout_id: payout for payout in state.payouts}
        for entry in state.entries:
            if entry.direction is Direction.CREDIT:
                view.credits[entry.entry_id] = Unexpected(
                    entry.entry_id, entry.currency, entry.amount_minor, entry.reference
                )
        view.suspense = dict.fromkeys(state.suspense)
        view.details = dict(state.details)
        for account in kernel.ledger.accounts():
            if account.credit_limit:
                view.credit_limits[account.owner, account.unit] = account.credit_limit
        view.schedules = Schedules.load(kernel.commission.schedules.dump())
        return view

    def commission_set(self, event: CommissionSet) -> None:
        """A standing version for everybody."""
        self.schedules.publish(Schedule(0, event.rate_bps, event.tax_bps), 0)

    def schedule_published(self, event: SchedulePublished) -> None:
        """It applies once `schedule_turned` says so."""
        names = SchedulePublished.__struct_fields__
        self.schedules.all.append(Schedule(*(getattr(event, name) for name in names)))

    def schedule_split(self, event: ScheduleSplit) -> None:
        """The buyer's part of a version that was just published."""
        (*earlier, last) = self.schedules.all
        self.schedules.all = [*earlier, replace(last, buyer_share_bps=event.buyer_share_bps)]

    def schedule_turned(self, event: ScheduleTurned) -> None:
        """A version applies from now on, or no more."""
        (self.schedules.begin if event.applies else self.schedules.end)(event.version)

    def details_set(self, event: BankDetailsSet) -> None:
        """Where a member's payouts go."""
        self.details[event.member_id] = event.details_hash

    def credit_limit_set(self, event: CreditLimitSet) -> None:
        """0 takes the credit away."""
        self.credit_limits[event.member_id, event.currency] = event.limit_minor
        if not event.limit_minor:
            del self.credit_limits[event.member_id, event.currency]

    def payout_sent(self, event: PayoutSent) -> None:
        """On its way."""
        self.payouts[event.payout_id] = Payout(
            event.payout_id,
            event.source,
            event.owner,
            event.currency,
            event.amount_minor,
            event.details_hash,
        )

    def payout_settled(self, event: PayoutSettled) -> None:
        """Booked, returned or cancelled."""
        self.payouts[event.payout_id] = replace(self.payouts[event.payout_id], state=event.state)

    def entry_booked(self, event: BankEntryBooked) -> None:
        """A credit without a subject waits in suspense."""
        if event.direction is not Direction.CREDIT:
            return
        self.credits[event.entry_id] = Unexpected(
            event.entry_id, event.currency, event.amount_minor, event.reference
        )
        if not event.subject:
            self.suspense[event.entry_id] = None

    def suspense_settled(self, event: SuspenseSettled) -> None:
        """Somebody's, or sent back."""
        del self.suspense[event.entry_id]

    def suspense_reopened(self, event: SuspenseReopened) -> None:
        """It came back."""
        self.suspense[event.entry_id] = None
