"""The exchange's own desk: money that reaches it, deposits and credit, what it charges, and what it gives up."""

from typing import Final

from exchange.core.deadlines import Deadline, Deadlines
from exchange.core.deals.deal import Deals
from exchange.core.flows.outcome import DONE, Done, Handlers, Steps
from exchange.core.ledger.accounts import Account, AccountKind
from exchange.core.ledger.bonds import Bonds
from exchange.core.ledger.commission import Commission
from exchange.core.ledger.ledger import Ledger
from exchange.core.ledger.payments import Payments
from exchange.core.ledger.schedules import SOURCING, SURPLUS
from exchange.core.messages import AnyEvent, Role, Sequenced, SetCommission, TopUp
from exchange.core.messages.bank import (
    CreditLimitSet,
    ForfeitDeposit,
    PayDeposit,
    SetCreditLimit,
    TakeDepositBack,
    WriteOffRecourse,
)
from exchange.core.messages.ledger import InvoiceLine, IssueInvoices, PublishSchedule, ScheduleTurned
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import CURRENCY_EXPONENT, month_of

BEGIN_SCHEDULE, END_SCHEDULE = "begin_schedule", "end_schedule"
"""Deadlines of versions that begin later, and of promotions."""


INCOME: Final = {SURPLUS: (AccountKind.COMMISSION, "surplus"), SOURCING: (AccountKind.SUCCESS_FEE, "")}
"""What each market earns, by its account."""


class Treasury:
    """The commands of the operator's bank account and schedules, and of deposits."""

    def __init__(
        self,
        members: Members,
        ledger: Ledger,
        commission: Commission,
        payments: Payments,
        deadlines: Deadlines,
        deals: Deals,
        bonds: Bonds,
    ) -> None:
        self.members = members
        self.ledger = ledger
        self.commission = commission
        self.payments = payments
        self.deadlines = deadlines
        self.deals = deals
        self.bonds = bonds

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            TopUp: self.top_up,
            SetCommission: self.set_commission,
            PublishSchedule: self.publish_schedule,
            IssueInvoices: self.issue_invoices,
            PayDeposit: self.pay_deposit,
            TakeDepositBack: self.take_deposit_back,
            ForfeitDeposit: self.forfeit_deposit,
            SetCreditLimit: self.set_credit_limit,
            WriteOffRecourse: self.write_off_recourse,
        }

    def steps(self) -> Steps:
        """What happens when which deadline falls due."""
        return {
            BEGIN_SCHEDULE: self.turn_schedule,
            END_SCHEDULE: self.turn_schedule,
        }

    def top_up(self, sent: Sequenced, command: TopUp, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role, member, then the ledger's. An equal repeat of a transfer id is answered alike."""
        refused = self.members.refusal(sent.member_id, Role.OPERATOR)
        if refused := refused or self.members.named_refusal(command.member_id):
            return refused
        if command.transfer_id in self.payments.entries:
            return Reject(RejectCode.TRANSFER_ID_REUSED, field="transfer_id")
        earlier = self.ledger.top_up_refusal(command)
        if isinstance(earlier, Reject):
            return earlier
        if earlier is not None:
            return Done(command.transfer_id, number=earlier.number)
        # Nothing below this line can fail.
        return Done(command.transfer_id, number=self.ledger.top_up(command, events))

    # --- deposits and credit ---------------------------------------------------------------------

    def pay_deposit(self, sent: Sequenced, command: PayDeposit, events: list[AnyEvent]) -> Done | Reject:
        """Checks: member, currency, what the wallet owns: a deposit is not lent."""
        return self._move(sent, command, AccountKind.WALLET, AccountKind.DEPOSIT, "deposit", events)

    def take_deposit_back(
        self, sent: Sequenced, command: TakeDepositBack, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: member, currency, what the deposit owns beyond bid bonds."""
        return self._move(sent, command, AccountKind.DEPOSIT, AccountKind.WALLET, "deposit_back", events)

    def _move(
        self,
        sent: Sequenced,
        command: PayDeposit | TakeDepositBack,
        source: AccountKind,
        to: AccountKind,
        reason: str,
        events: list[AnyEvent],
    ) -> Done | Reject:
        if self.members.get(sent.member_id) is None:
            return Reject(RejectCode.MEMBER_UNKNOWN)
        if command.currency not in CURRENCY_EXPONENT:
            return Reject(RejectCode.CURRENCY_UNKNOWN, field="currency")
        debit = self.ledger.account(source, sent.member_id, command.currency)
        owned_minor = self.ledger.owned(debit)
        if source is AccountKind.DEPOSIT:
            owned_minor -= self.bonds.pledged(sent.member_id, command.currency)
        if command.amount_minor > owned_minor:
            return Reject(RejectCode.MONEY_SHORT, owned_minor, "amount_minor")
        # Nothing below this line can fail.
        credit = self.ledger.account(to, sent.member_id, command.currency)
        return Done(number=self.ledger.post(debit, credit, command.amount_minor, reason, "", events))

    def forfeit_deposit(
        self, sent: Sequenced, command: ForfeitDeposit, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role, member, currency, what the deposit owns beyond bid bonds."""
        refused = self.members.refusal(sent.member_id, Role.OPERATOR)
        if refused := refused or self.members.named_refusal(command.member_id):
            return refused
        if command.currency not in CURRENCY_EXPONENT:
            return Reject(RejectCode.CURRENCY_UNKNOWN, field="currency")
        account, unit = self.ledger.account, command.currency
        deposit = account(AccountKind.DEPOSIT, command.member_id, unit)
        owned_minor = self.ledger.owned(deposit) - self.bonds.pledged(command.member_id, unit)
        amount = command.amount_minor or owned_minor
        if not 0 < amount <= owned_minor:
            return Reject(RejectCode.MONEY_SHORT, owned_minor, "amount_minor")
        # Nothing below this line can fail.
        share, mirror = account(AccountKind.FLOAT, "house", unit), account(AccountKind.HOUSE, "float", unit)
        income, subject = account(AccountKind.BOND_FORFEIT, "", unit), command.member_id
        linked = self.ledger.next_number
        self.ledger.post(deposit, share, amount, "forfeit", subject, events, linked)
        self.ledger.post(mirror, income, amount, "forfeit", subject, events, linked)
        return Done(command.member_id, number=linked)

    def set_credit_limit(
        self, sent: Sequenced, command: SetCreditLimit, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role, member, currency, and that no more than the new limit is in use."""
        refused = self.members.refusal(sent.member_id, Role.OPERATOR)
        if refused := refused or self.members.named_refusal(command.member_id):
            return refused
        if command.currency not in CURRENCY_EXPONENT:
            return Reject(RejectCode.CURRENCY_UNKNOWN, field="currency")
        wallet = self.ledger.account(AccountKind.WALLET, command.member_id, command.currency)
        if wallet.balance > command.limit_minor:
            return Reject(RejectCode.CREDIT_IN_USE, wallet.balance, "limit_minor")
        # Nothing below this line can fail.
        self.ledger.set_credit_limit(wallet, command.limit_minor)
        events.append(CreditLimitSet(command.member_id, command.currency, command.limit_minor))
        return DONE

    # --- commission ------------------------------------------------------------------------------

    def set_commission(
        self, sent: Sequenced, command: SetCommission, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role."""
        if refused := self.members.refusal(sent.member_id, Role.OPERATOR):
            return refused
        return Done(number=self.commission.set_commission(command, events))

    def publish_schedule(
        self, sent: Sequenced, command: PublishSchedule, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role, the seller, then the schedule's own."""
        if refused := self.members.refusal(sent.member_id, Role.OPERATOR):
            return refused
        if command.seller and self.members.get(command.seller) is None:
            return Reject(RejectCode.MEMBER_UNKNOWN, field="seller")
        if refused := self.commission.schedules.refusal(command, sent.at_us):
            return refused
        # Nothing below this line can fail.
        schedule = self.commission.publish(command, sent.at_us, events)
        subject = str(schedule.version)
        if schedule.begins_us > sent.at_us:
            self.deadlines.set(BEGIN_SCHEDULE, subject, schedule.begins_us)
        else:
            events.append(ScheduleTurned(schedule.version, applies=True))
        if schedule.ends_us:
            self.deadlines.set(END_SCHEDULE, subject, schedule.ends_us)
        return Done(number=schedule.version)

    def turn_schedule(self, deadline: Deadline, at_us: int, events: list[AnyEvent]) -> None:
        """A version begins to apply, or a promotion ends."""
        version, begins = int(deadline.subject), deadline.kind == BEGIN_SCHEDULE
        if begins:
            self.commission.schedules.begin(version)
        else:
            self.commission.schedules.end(version)
        events.append(ScheduleTurned(version, begins))

    def issue_invoices(
        self, sent: Sequenced, command: IssueInvoices, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role, then the period. What the payers' deals could not bear becomes a receivable."""
        if refused := self.members.refusal(sent.member_id, Role.OPERATOR):
            return refused
        if refused := self.commission.invoice_refusal(command.period, month_of(sent.at_us)):
            return refused
        # Nothing below this line can fail.
        issued = self.commission.issue(command.period, events)
        for invoice in issued:
            for market, income in INCOME.items():
                lines = [line for line in invoice.lines if self._market_of(line) == market]
                fee_minor = sum(line.owed_fee_minor for line in lines)
                tax_minor = sum(line.owed_tax_minor for line in lines)
                account = self.ledger.account(*income, invoice.currency)
                self._owe(invoice.payer, account, fee_minor, tax_minor, str(invoice.number), events)
        return Done(number=len(issued))

    def _market_of(self, line: InvoiceLine) -> str:
        return self.commission.schedule(line.schedule_version).market

    def _owe(
        self,
        payer: str,
        income: Account,
        fee_minor: int,
        tax_minor: int,
        subject: str,
        events: list[AnyEvent],
    ) -> None:
        """Fee and tax that the payer has not borne yet, within the house's ring."""
        account, linked, currency = self.ledger.account, self.ledger.next_number, income.unit
        owed = account(AccountKind.FEES_RECEIVABLE, payer, currency)
        for credit, amount in (
            (income, fee_minor),
            (account(AccountKind.TAX, "output", currency), tax_minor),
        ):
            if amount:
                self.ledger.post(owed, credit, amount, "invoice", subject, events, linked)

    # --- recourse --------------------------------------------------------------------------------

    def net_recourse(self, seller: str, currency: str, events: list[AnyEvent]) -> None:
        """Take what the seller owes out of what is payable to it, as far as that goes; nothing may be owed."""
        account = self.ledger.account
        owed, payable = (
            account(AccountKind.RECOURSE, seller, currency),
            account(AccountKind.PAYABLE, seller, currency),
        )
        amount = min(owed.balance, self.ledger.owned(payable))
        if amount <= 0:
            return
        share, mirror = (
            account(AccountKind.FLOAT, "house", currency),
            account(AccountKind.HOUSE, "float", currency),
        )
        linked = self.ledger.post(payable, share, amount, "recourse", seller, events, self.ledger.next_number)
        self.ledger.post(mirror, owed, amount, "recourse", seller, events, linked)

    def write_off_recourse(
        self, sent: Sequenced, command: WriteOffRecourse, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role, NOTHING_OWED, MONEY_SHORT (more than is owed; more than guarantees that were called bear)."""
        if refused := self.members.refusal(sent.member_id, Role.OPERATOR):
            return refused
        account, unit = self.ledger.account, command.currency
        owed = account(AccountKind.RECOURSE, command.member_id, unit)
        provision = account(AccountKind.PROVISION, "", unit)
        if owed.balance <= 0:
            return Reject(RejectCode.NOTHING_OWED, field="member_id")
        if command.amount_minor > owed.balance:
            return Reject(RejectCode.MONEY_SHORT, owed.balance, "amount_minor")
        amount = command.amount_minor or owed.balance
        borne_max = min(amount, self.ledger.owned(provision) - self.deals.pledged(unit))
        if command.provision_minor > borne_max:
            return Reject(RejectCode.MONEY_SHORT, borne_max, "provision_minor")
        # Nothing below this line can fail.
        linked = self.ledger.next_number
        for debit, part in (
            (provision, command.provision_minor),
            (account(AccountKind.BAD_DEBT, "", unit), amount - command.provision_minor),
        ):
            if part:
                self.ledger.post(debit, owed, part, "write_off", command.member_id, events, linked)
        return Done(command.member_id, number=linked)
