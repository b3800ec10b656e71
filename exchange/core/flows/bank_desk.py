"""Between the exchange and its bank: payouts and sweeps go out, statement entries say what became of them.

Money leaves a member's account when its payout is sent and leaves the bank's when the bank says so; in
between it is in clearing. Nothing that a statement says is lost: what is not expected goes to suspense.
"""

from typing import Final

from exchange.core.flows.outcome import DONE, Done, Handlers
from exchange.core.ledger.accounts import Account, AccountKind
from exchange.core.ledger.ledger import Ledger
from exchange.core.ledger.payments import CLEARING, Payments, Payout, source_account
from exchange.core.messages import AnyEvent, Role, Sequenced
from exchange.core.messages.bank import (
    BankAccount,
    BankDetailsSet,
    BankEntryBooked,
    BookBankEntry,
    CancelPayout,
    Direction,
    MatchSuspense,
    PayOut,
    PayoutSent,
    PayoutSettled,
    PayoutSource,
    PayoutState,
    SendBack,
    SetBankDetails,
    SuspenseReopened,
    SuspenseSettled,
    SweepFloat,
    WithdrawMoney,
)
from exchange.core.messages.base import Standing
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import CURRENCY_EXPONENT

_DRAWN_BY_MEMBERS: Final = (PayoutSource.WALLET, PayoutSource.PAYABLE)
_BOOKED, _CANCELLED = PayoutState.BOOKED, PayoutState.CANCELLED
_RETURNED, _SENT = PayoutState.RETURNED, PayoutState.SENT


class BankDesk:
    """The commands of payouts and of bank statements."""

    def __init__(self, members: Members, ledger: Ledger, payments: Payments) -> None:
        self.members = members
        self.ledger = ledger
        self.payments = payments

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            SetBankDetails: self.set_bank_details,
            WithdrawMoney: self.withdraw_money,
            PayOut: self.pay_out,
            SweepFloat: self.sweep_float,
            CancelPayout: self.cancel_payout,
            BookBankEntry: self.book_bank_entry,
            MatchSuspense: self.match_suspense,
            SendBack: self.send_back,
        }

    # --- money out -------------------------------------------------------------------------------

    def set_bank_details(
        self, sent: Sequenced, command: SetBankDetails, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: the member and its standing."""
        if refused := self._member_refusal(sent.member_id):
            return refused
        self.payments.details[sent.member_id] = command.details_hash
        events.append(BankDetailsSet(sent.member_id, command.details_hash))
        return DONE

    def withdraw_money(
        self, sent: Sequenced, command: WithdrawMoney, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: member and standing, the source, bank details, then the amount against what is owned."""
        if refused := self._member_refusal(sent.member_id):
            return refused
        if command.source not in _DRAWN_BY_MEMBERS:
            return Reject(RejectCode.NOT_PERMITTED, field="source")
        return self._pay_member(
            sent, sent.member_id, command.source, command.currency, command.amount_minor, events
        )

    def pay_out(self, sent: Sequenced, command: PayOut, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role, member, bank details, then the amount against what is payable."""
        refused = self.members.refusal(sent.member_id, Role.OPERATOR)
        if refused := refused or self.members.named_refusal(command.member_id):
            return refused
        return self._pay_member(
            sent, command.member_id, PayoutSource.PAYABLE, command.currency, command.amount_minor, events
        )

    def sweep_float(self, sent: Sequenced, command: SweepFloat, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role, then the amount against the float."""
        if refused := self.members.refusal(sent.member_id, Role.OPERATOR):
            return refused
        payout = self._payout(
            sent.new_id, PayoutSource.FLOAT, "house", command.currency, command.amount_minor, ""
        )
        return payout if isinstance(payout, Reject) else self._send(payout, events)

    def cancel_payout(self, sent: Sequenced, command: CancelPayout, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role, the payout, and that the bank has not booked it."""
        if refused := self.members.refusal(sent.member_id, Role.OPERATOR):
            return refused
        payout = self.payments.payout(command.payout_id, _SENT)
        if isinstance(payout, Reject):
            return payout
        # Nothing below this line can fail.
        clearing, source = self._clearing(payout), self._source(payout)
        number = self.ledger.post(
            clearing, source, payout.amount_minor, "payout_cancelled", payout.payout_id, events
        )
        self._settle(payout, _CANCELLED, events)
        return Done(payout.payout_id, number=number)

    def _pay_member(
        self,
        sent: Sequenced,
        member_id: str,
        source: PayoutSource,
        currency: str,
        amount_minor: int,
        events: list[AnyEvent],
    ) -> Done | Reject:
        details_hash = self.payments.details.get(member_id)
        if details_hash is None:
            return Reject(RejectCode.BANK_DETAILS_MISSING)
        payout = self._payout(sent.new_id, source, member_id, currency, amount_minor, details_hash)
        return payout if isinstance(payout, Reject) else self._send(payout, events)

    def _payout(
        self,
        payout_id: str,
        source: PayoutSource,
        owner: str,
        currency: str,
        amount_minor: int,
        details_hash: str,
    ) -> Payout | Reject:
        """Checks: CURRENCY_UNKNOWN, MONEY_SHORT. An amount of 0 is all that there is; no credit is paid out."""
        if currency not in CURRENCY_EXPONENT:
            return Reject(RejectCode.CURRENCY_UNKNOWN, field="currency")
        owned_minor = self.ledger.owned(source_account(self.ledger, source, owner, currency))
        amount_minor = amount_minor or owned_minor
        if not 0 < amount_minor <= owned_minor:
            return Reject(RejectCode.MONEY_SHORT, owned_minor, "amount_minor")
        return Payout(payout_id, source, owner, currency, amount_minor, details_hash)

    def _send(self, payout: Payout, events: list[AnyEvent]) -> Done:
        """Into clearing; the payments port takes it from the event."""
        reason = "sweep" if payout.source is PayoutSource.FLOAT else "payout"
        source, clearing = self._source(payout), self._clearing(payout)
        number = self.ledger.post(source, clearing, payout.amount_minor, reason, payout.payout_id, events)
        self.payments.send(payout)
        events.append(
            PayoutSent(
                payout.payout_id,
                payout.source,
                payout.owner,
                payout.currency,
                payout.amount_minor,
                payout.details_hash,
            )
        )
        return Done(payout.payout_id, number=number)

    # --- what the bank says ----------------------------------------------------------------------

    def book_bank_entry(
        self, sent: Sequenced, command: BookBankEntry, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role, currency, the id (an equal repeat is answered alike), what it matches, the amount."""
        if refused := self.members.refusal(sent.member_id, Role.OPERATOR):
            return refused
        if command.currency not in CURRENCY_EXPONENT:
            return Reject(RejectCode.CURRENCY_UNKNOWN, field="currency")
        known = self.payments.known_entry(command) or self._known_top_up(command)
        if isinstance(known, Reject):
            return known
        if known is not None:
            return Done(command.entry_id, number=known if isinstance(known, int) else known.number)
        if command.is_fee:
            return self._book_fee(command, events)
        payout = self.payments.payouts.get(command.reference)
        if payout is not None:
            return self._book_payout(command, payout, events)
        if command.direction is Direction.DEBIT or command.account is not BankAccount.CLIENT:
            return Reject(RejectCode.BANK_ENTRY_UNMATCHED, field="reference")
        return self._book_credit(command, events)

    def match_suspense(
        self, sent: Sequenced, command: MatchSuspense, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: role, member, the entry in suspense."""
        refused = self.members.refusal(sent.member_id, Role.OPERATOR)
        if refused := refused or self.members.named_refusal(command.member_id):
            return refused
        entry = self.payments.suspended(command.entry_id)
        if isinstance(entry, Reject):
            return entry
        # Nothing below this line can fail.
        suspense = self.ledger.account(AccountKind.SUSPENSE, "in", entry.currency)
        wallet = self.ledger.account(AccountKind.WALLET, command.member_id, entry.currency)
        number = self.ledger.post(suspense, wallet, entry.amount_minor, "top_up", entry.entry_id, events)
        del self.payments.suspense[entry.entry_id]
        events.append(SuspenseSettled(entry.entry_id, command.member_id, ""))
        return Done(entry.entry_id, number=number)

    def send_back(self, sent: Sequenced, command: SendBack, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role, the entry in suspense."""
        if refused := self.members.refusal(sent.member_id, Role.OPERATOR):
            return refused
        entry = self.payments.suspended(command.entry_id)
        if isinstance(entry, Reject):
            return entry
        # Nothing below this line can fail.
        payout = Payout(
            sent.new_id,
            PayoutSource.SUSPENSE,
            entry.entry_id,
            entry.currency,
            entry.amount_minor,
            command.details_hash,
        )
        del self.payments.suspense[entry.entry_id]
        events.append(SuspenseSettled(entry.entry_id, "", sent.new_id))
        return self._send(payout, events)

    def _known_top_up(self, command: BookBankEntry) -> int | Reject | None:
        """The bank's reference may have been booked by hand as a top-up."""
        first = self.ledger.first_top_up(command.entry_id)
        if first is None:
            return None
        for field, equal in (
            ("direction", command.direction is Direction.CREDIT),
            ("currency", command.currency == first.currency),
            ("amount_minor", command.amount_minor == first.amount_minor),
            ("account", command.account is BankAccount.CLIENT),
        ):
            if not equal:
                return Reject(RejectCode.TRANSFER_ID_REUSED, field=field)
        return first.number

    def _book_fee(self, command: BookBankEntry, events: list[AnyEvent]) -> Done | Reject:
        """The house bears the bank's charge; one on the clients' account is paid out of the house's float.

        Checks: BANK_ENTRY_UNMATCHED for a fee that came in, MONEY_SHORT for a float that is too small.
        """
        if command.direction is not Direction.DEBIT:
            return Reject(RejectCode.BANK_ENTRY_UNMATCHED, field="is_fee")
        ledger, unit, amount = self.ledger, command.currency, command.amount_minor
        fees = ledger.account(AccountKind.BANK_FEES, "", unit)
        if refused := ledger.debit_refusal(fees, amount, "amount_minor"):
            return refused
        if command.account is BankAccount.OPERATING:
            number = ledger.next_number
            operating = ledger.account(AccountKind.OPERATING, "", unit)
            ledger.post(fees, operating, amount, "bank_fee", command.entry_id, events)
            return self._booked(command, "", number, events)
        share = ledger.account(AccountKind.FLOAT, "house", unit)
        if amount > (owned_minor := ledger.owned(share)):
            return Reject(RejectCode.MONEY_SHORT, owned_minor, "amount_minor")
        # Nothing below this line can fail.
        bank, mirror = self._bank(unit), ledger.account(AccountKind.HOUSE, "float", unit)
        number = ledger.post(share, bank, amount, "bank_fee", command.entry_id, events, ledger.next_number)
        ledger.post(fees, mirror, amount, "bank_fee", command.entry_id, events, number)
        return self._booked(command, "", number, events)

    def _book_payout(self, command: BookBankEntry, payout: Payout, events: list[AnyEvent]) -> Done | Reject:
        """Checks: BANK_ENTRY_DIFFERS (currency, then amount), then the payout's state.

        A credit of another amount is no return of ours: it goes to suspense.
        """
        swept = payout.source is PayoutSource.FLOAT
        if command.account is BankAccount.OPERATING:
            if not swept or command.direction is not Direction.CREDIT:
                return Reject(RejectCode.BANK_ENTRY_UNMATCHED, field="account")
            return self._booked(command, payout.payout_id, 0, events)
        credit = command.direction is Direction.CREDIT
        if command.currency != payout.currency or command.amount_minor != payout.amount_minor:
            if credit:
                return self._book_credit(command, events)
            if command.currency != payout.currency:
                return Reject(RejectCode.BANK_ENTRY_DIFFERS, field="currency")
            return Reject(RejectCode.BANK_ENTRY_DIFFERS, payout.amount_minor, "amount_minor")
        if payout.state is not (_BOOKED if credit else _SENT):
            code = RejectCode.PAYOUT_NOT_BOOKED if payout.state is _SENT else RejectCode.PAYOUT_SETTLED
            return Reject(code, field="reference")
        if refused := self._bank_refusal(command, credit=credit):
            return refused
        # Nothing below this line can fail.
        number = self._return(payout, events) if credit else self._book(payout, events)
        self._settle(payout, _RETURNED if credit else _BOOKED, events)
        return self._booked(command, payout.payout_id, number, events)

    def _book(self, payout: Payout, events: list[AnyEvent]) -> int:
        """The bank paid: out of clearing and out of the bank; a sweep arrives in the operating account."""
        ledger, unit, amount = self.ledger, payout.currency, payout.amount_minor
        clearing, bank, number = self._clearing(payout), self._bank(unit), ledger.next_number
        if payout.source is not PayoutSource.FLOAT:
            return ledger.post(clearing, bank, amount, "payout_booked", payout.payout_id, events)
        ledger.post(clearing, bank, amount, "sweep_booked", payout.payout_id, events, number)
        operating = ledger.account(AccountKind.OPERATING, "", unit)
        mirror = ledger.account(AccountKind.HOUSE, "float", unit)
        ledger.post(operating, mirror, amount, "sweep_booked", payout.payout_id, events, number)
        return number

    def _return(self, payout: Payout, events: list[AnyEvent]) -> int:
        """The payment came back: the money is where it was paid from."""
        ledger, unit, amount = self.ledger, payout.currency, payout.amount_minor
        bank, source, number = self._bank(unit), self._source(payout), ledger.next_number
        if payout.source is not PayoutSource.FLOAT:
            return ledger.post(bank, source, amount, "payout_returned", payout.payout_id, events)
        ledger.post(bank, source, amount, "sweep_returned", payout.payout_id, events, number)
        operating = ledger.account(AccountKind.OPERATING, "", unit)
        mirror = ledger.account(AccountKind.HOUSE, "float", unit)
        ledger.post(mirror, operating, amount, "sweep_returned", payout.payout_id, events, number)
        return number

    def _book_credit(self, command: BookBankEntry, events: list[AnyEvent]) -> Done | Reject:
        """To the wallet of the member that the reference names, else to suspense."""
        if refused := self._bank_refusal(command, credit=True):
            return refused
        # Nothing below this line can fail.
        ledger, unit = self.ledger, command.currency
        named = self.members.get(command.reference)
        if named is not None:
            to = ledger.account(AccountKind.WALLET, named.member_id, unit)
        else:
            to = ledger.account(AccountKind.SUSPENSE, "in", unit)
            self.payments.suspense[command.entry_id] = None
        reason = "suspense" if named is None else "top_up"
        number = ledger.post(self._bank(unit), to, command.amount_minor, reason, command.entry_id, events)
        return self._booked(command, named.member_id if named else "", number, events)

    def _booked(self, command: BookBankEntry, subject: str, number: int, events: list[AnyEvent]) -> Done:
        self.payments.remember(command, number)
        events.append(
            BankEntryBooked(
                command.entry_id,
                command.direction,
                command.currency,
                command.amount_minor,
                command.reference,
                command.account,
                subject,
                number,
            )
        )
        return Done(command.entry_id, number=number)

    def _settle(self, payout: Payout, state: PayoutState, events: list[AnyEvent]) -> None:
        self.payments.settle(payout, state)
        events.append(PayoutSettled(payout.payout_id, payout.source, payout.owner, state))
        if payout.source is PayoutSource.SUSPENSE and state is not _BOOKED:
            self.payments.suspense[payout.owner] = None
            events.append(SuspenseReopened(payout.owner))

    # --- what they share -------------------------------------------------------------------------

    def _member_refusal(self, member_id: str) -> Reject | None:
        """Checks: MEMBER_UNKNOWN, MEMBER_SUSPENDED: money of a suspended member stays where it is."""
        member = self.members.get(member_id)
        if member is None:
            return Reject(RejectCode.MEMBER_UNKNOWN)
        return None if member.standing is Standing.GOOD else Reject(RejectCode.MEMBER_SUSPENDED)

    def _bank_refusal(self, command: BookBankEntry, *, credit: bool) -> Reject | None:
        """More than the bank's account can be booked up to."""
        if not credit:
            return None
        return self.ledger.debit_refusal(self._bank(command.currency), command.amount_minor, "amount_minor")

    def _bank(self, currency: str) -> Account:
        return self.ledger.account(AccountKind.BANK, "client", currency)

    def _clearing(self, payout: Payout) -> Account:
        return self.ledger.account(AccountKind.CLEARING, CLEARING[payout.source], payout.currency)

    def _source(self, payout: Payout) -> Account:
        return source_account(self.ledger, payout.source, payout.owner, payout.currency)
