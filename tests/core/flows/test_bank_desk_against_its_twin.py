"""A random life between the exchange and its bank, compared after every step with a twin that adds up afresh."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from exchange.core.kernel import Exchange
from exchange.core.messages import (
    BookBankEntry,
    CancelPayout,
    MatchSuspense,
    MemberCommand,
    SendBack,
    SetBankDetails,
    WithdrawMoney,
)
from exchange.core.messages.bank import Direction
from exchange.core.rejects import RejectCode
from exchange.views.payments import PaymentsView
from exchange.views.views import Views
from tests.core.venue import Venue
from tests.follower.tables import released_of
from tests.models.bank import Booked, NaiveBank

MEMBERS = ("M1", "M2")
MEMBER = st.sampled_from(MEMBERS)
AMOUNTS = st.sampled_from([1, 2, 3, 5, 8])
PAYOUTS = st.sampled_from([f"P{number}" for number in range(1, 9)])
ENTRIES = st.sampled_from([f"e{number}" for number in range(1, 9)])


class BankLife(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.venue, self.twin = Venue(), NaiveBank(MEMBERS)
        for member in MEMBERS:
            self.venue.member(member)
            self.venue.send(member, SetBankDetails(details_hash="0" * 64))
        self.sent = self.entered = 0

    def ask(self, sender: str, command: MemberCommand, expected: str, new_id: str = "") -> None:
        """The exchange says what the twin said, and a refusal moves nothing."""
        outcome = self.venue.send(sender, command, new_id=new_id)
        assert (RejectCode(outcome.reply.code).name if outcome.reply.code else "") == expected
        assert not (expected and outcome.events)

    def next_payout(self) -> str:
        self.sent += 1
        return f"P{self.sent}"

    @rule(member=MEMBER, amount=AMOUNTS)
    def withdraw(self, member: str, amount: int) -> None:
        payout_id = self.next_payout()
        expected = self.twin.send(payout_id, f"wallet:{member}", amount)
        self.ask(member, WithdrawMoney(currency="USD", amount_minor=amount), expected, payout_id)

    @rule(payout_id=PAYOUTS)
    def cancel(self, payout_id: str) -> None:
        self.ask("operator", CancelPayout(payout_id=payout_id), self.twin.cancel(payout_id))

    @rule(entry_id=ENTRIES, credit=st.booleans(), amount=AMOUNTS, reference=PAYOUTS | MEMBER | st.just("?"))
    def book(self, entry_id: str, credit: bool, amount: int, reference: str) -> None:
        self.enter(Booked(entry_id, credit, amount, reference))

    @precondition(lambda self: self.twin.sent)
    @rule(data=st.data())
    def the_bank_goes_on_with_a_payout(self, data: st.DataObject) -> None:
        payout = data.draw(st.sampled_from(self.twin.sent))
        credit = self.twin.state(payout.payout_id) != "sent"
        self.entered += 1
        self.enter(Booked(f"E{self.entered}", credit, payout.amount, payout.payout_id))

    def enter(self, entry: Booked) -> None:
        command = BookBankEntry(
            entry_id=entry.entry_id,
            direction=Direction.CREDIT if entry.credit else Direction.DEBIT,
            currency="USD",
            amount_minor=entry.amount,
            reference=entry.reference,
        )
        self.ask("operator", command, self.twin.book(entry))

    @rule(entry_id=ENTRIES, member=MEMBER)
    def match(self, entry_id: str, member: str) -> None:
        command = MatchSuspense(entry_id=entry_id, member_id=member)
        self.ask("operator", command, self.twin.match(entry_id, member))

    @rule(data=st.data(), any_id=ENTRIES)
    def send_back(self, data: st.DataObject, any_id: str) -> None:
        waiting = self.twin.in_suspense()
        entry_id = data.draw(st.sampled_from(waiting)) if waiting else any_id
        payout_id = self.next_payout()
        command = SendBack(entry_id=entry_id, details_hash="0" * 64)
        self.ask("operator", command, self.twin.send_back(payout_id, entry_id), payout_id)

    @rule()
    def restart(self) -> None:
        dumped = self.venue.kernel.dump()
        self.venue.kernel = Exchange.load(dumped)
        assert self.venue.kernel.dump() == dumped

    @invariant()
    def every_balance_is_the_twins(self) -> None:
        names = {"bank": "bank:client", "clearing": "clearing:payout", "suspense": "suspense:in"}
        for member in MEMBERS:
            names[f"wallet:{member}"] = f"wallet:{member}"
        found = {(account.name): -account.balance for account in self.venue.kernel.ledger.accounts()}
        assert {name: found.get(real, 0) for name, real in names.items()} == {
            name: self.twin.owned(name) for name in names
        }

    @invariant()
    def what_is_open_is_what_the_twin_says(self) -> None:
        payments = self.venue.kernel.payments
        assert sorted(payments.suspense) == self.twin.in_suspense()
        assert {name: payout.state.value for name, payout in payments.payouts.items()} == {
            each.payout_id: self.twin.state(each.payout_id) for each in self.twin.sent
        }

    def teardown(self) -> None:
        """Read models that followed the events are those of the state."""
        if not hasattr(self, "venue"):
            return
        views, fresh = Views(), PaymentsView.from_kernel(self.venue.kernel)
        views.apply(released_of(self.venue))
        for name in ("payouts", "credits", "suspense", "details", "credit_limits"):
            assert getattr(views.payments, name) == getattr(fresh, name), name


TestBankLife = BankLife.TestCase
TestBankLife.settings = settings(max_examples=60, stateful_step_count=40)
