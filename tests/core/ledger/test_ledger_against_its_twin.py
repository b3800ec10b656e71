"""A random life of a ledger, compared after every step with a twin that adds everything up afresh."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec import msgpack

from exchange.core.ledger.accounts import Account, AccountKind
from exchange.core.ledger.ledger import Exists, Ledger, LedgerState
from exchange.core.messages import AnyEvent, TopUp, TransferPosted
from exchange.core.rejects import Reject, RejectCode
from tests.models import ledger as naive

MEMBERS = st.sampled_from(["M1", "M2"])
MONEY = st.sampled_from(["USD", "JPY"])
AMOUNTS = st.integers(1, 900) | st.sampled_from([naive.LARGEST // 2, naive.LARGEST])
PARTS = st.floats(0, 1)
HOLDS = {"USD": ("wallet", "held"), "JPY": ("wallet", "held"), "KIT": ("stock", "reserved")}


class LedgerLife(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.ledger = Ledger()
        self.twin = naive.NaiveLedger()
        self.events: list[AnyEvent] = []
        self.opened = 0
        for member in ("M1", "M2"):
            for unit in ("USD", "JPY"):
                self.top_up(f"{member} {unit}", member, unit, 2_000)
            self.bring_or_withdraw(member, False, 2_000)

    def account(self, name: str, unit: str) -> Account:
        kind, owner = name.split(":")
        return self.ledger.account(AccountKind(kind), owner, unit)

    def any_hold(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.ledger.holds)))

    def part_of(self, hold_id: str, part: float) -> int:
        return round(self.twin.remaining(hold_id) * part)

    # --- what comes in and goes out

    @rule(transfer_id=st.sampled_from(["T1", "T2", "T3", "T4"]), member=MEMBERS, unit=MONEY, amount=AMOUNTS)
    def top_up(self, transfer_id: str, member: str, unit: str, amount: int) -> None:
        command = TopUp(transfer_id=transfer_id, member_id=member, currency=unit, amount_minor=amount)
        known = any(top_up.transfer_id == transfer_id for _, top_up in self.twin.top_ups)
        expected = self.twin.top_up(naive.TopUp(transfer_id, member, unit, amount))

        answer = self.ledger.top_up_refusal(command)

        if answer is None:
            assert not known and self.ledger.top_up(command, self.events) == expected
        elif isinstance(answer, Exists):
            assert known and answer.number == expected
        elif expected == "too large":
            assert answer.code is RejectCode.AMOUNT_TOO_LARGE
        else:
            assert answer == Reject(RejectCode.TRANSFER_ID_REUSED, field=str(expected))

    @rule(seller=MEMBERS, back=st.booleans(), amount=AMOUNTS)
    def bring_or_withdraw(self, seller: str, back: bool, amount: int) -> None:
        names = [f"brought:{seller}", f"stock:{seller}"]
        debit, credit = reversed(names) if back else names
        if self.agreed_refusal(debit, "KIT", amount) is None:
            self.twin.post("KIT", debit, credit, amount)
            self.ledger.post(
                self.account(debit, "KIT"), self.account(credit, "KIT"), amount, "x", "", self.events
            )

    def agreed_refusal(self, name: str, unit: str, amount: int) -> Reject | None:
        """What the ledger says, after the twin has said the same."""
        available = self.twin.available(name, unit)
        refused = self.ledger.debit_refusal(self.account(name, unit), amount)
        assert (refused is None) == (amount <= available)
        if refused is not None:
            assert refused.bound == available
        return refused

    # --- holds

    @rule(member=MEMBERS, unit=st.sampled_from(sorted(HOLDS)), amount=AMOUNTS)
    def hold(self, member: str, unit: str, amount: int) -> None:
        source, held = (f"{kind}:{member}" for kind in HOLDS[unit])
        if self.agreed_refusal(source, unit, amount) is not None:
            return
        self.opened += 1
        hold_id = f"O{self.opened}"
        self.twin.hold(hold_id, unit, source, held, amount)
        self.ledger.hold(
            hold_id, self.account(source, unit), self.account(held, unit), amount, hold_id, self.events
        )

    @precondition(lambda self: self.ledger.holds)
    @rule(data=st.data(), amount=AMOUNTS)
    def extend(self, data: st.DataObject, amount: int) -> None:
        hold_id = self.any_hold(data)
        source, held = self.ledger.holds[hold_id].source, self.ledger.holds[hold_id].held
        if self.agreed_refusal(source.name, source.unit, amount) is None:
            self.twin.hold(hold_id, source.unit, source.name, held.name, amount)
            self.ledger.extend(hold_id, amount, self.events)

    @precondition(lambda self: self.ledger.holds)
    @rule(data=st.data(), part=PARTS)
    def capture(self, data: st.DataObject, part: float) -> None:
        hold_id = self.any_hold(data)
        unit, amount = self.ledger.holds[hold_id].held.unit, self.part_of(hold_id, part)
        destination = f"inbound:{hold_id}" if unit == "KIT" else f"escrow:{hold_id}"
        if amount:
            self.twin.capture(hold_id, destination, amount)
            self.ledger.capture(hold_id, self.account(destination, unit), amount, "trade", self.events)

    @precondition(lambda self: self.ledger.holds)
    @rule(data=st.data(), part=PARTS)
    def release(self, data: st.DataObject, part: float) -> None:
        hold_id = self.any_hold(data)
        amount = self.part_of(hold_id, part)
        if amount:
            self.twin.capture(hold_id, None, amount)
        self.ledger.release(hold_id, amount, self.events)

    @precondition(lambda self: self.ledger.holds)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        hold_id = self.any_hold(data)
        rest = self.twin.remaining(hold_id)
        if rest:
            self.twin.capture(hold_id, None, rest)
        self.ledger.close(hold_id, self.events)
        assert hold_id not in self.ledger.holds

    # --- settlement: a chain over both money rings

    @precondition(lambda self: self.opened)
    @rule(data=st.data(), unit=MONEY, seller=MEMBERS, fee_part=PARTS)
    def settle(self, data: st.DataObject, unit: str, seller: str, fee_part: float) -> None:
        escrow = f"escrow:O{data.draw(st.integers(1, self.opened))}"
        gross = -self.twin.balance(escrow, unit)
        fee = round(gross * fee_part)
        chain = self.ledger.next_number
        for debit, credit, amount in (
            (escrow, f"payable:{seller}", gross - fee),
            (escrow, "float:house", fee),
            ("house:float", "commission:surplus", fee),
        ):
            if amount:
                number = self.twin.post(unit, debit, credit, amount, chain)
                sides = self.account(debit, unit), self.account(credit, unit)
                assert self.ledger.post(*sides, amount, "x", "", self.events, chain) == number
        self.ledger.retire(self.account(escrow, unit))

    # --- a restart at any point

    @rule()
    def restart(self) -> None:
        dumped = msgpack.encode(self.ledger.dump())
        self.ledger = Ledger.load(msgpack.decode(dumped, type=LedgerState))
        assert msgpack.encode(self.ledger.dump()) == dumped

    # --- what always holds

    @invariant()
    def the_events_are_the_twins_transfers(self) -> None:
        told = [
            (each.number, naive.Transfer(each.unit, each.debit, each.credit, each.amount, each.linked))
            for each in self.events
            if isinstance(each, TransferPosted)
        ]
        assert told == list(enumerate(self.twin.transfers, 1))

    @invariant()
    def every_balance_is_the_sum_of_its_transfers(self) -> None:
        dumped = {
            (f"{each.kind}:{each.owner}", each.unit): each.balance for each in self.ledger.dump().accounts
        }
        summed = {(name, unit): self.twin.balance(name, unit) for name, unit in self.twin.names()}
        assert dumped == {name: balance for name, balance in summed.items() if balance}

    @invariant()
    def every_hold_has_left_what_its_steps_left(self) -> None:
        for hold_id, hold in self.ledger.holds.items():
            assert hold.remaining == self.twin.remaining(hold_id)

    @invariant()
    def the_ledger_finds_no_fault_with_itself(self) -> None:
        self.ledger.check_invariants()


TestLedgerLife = LedgerLife.TestCase
TestLedgerLife.settings = settings(max_examples=60, stateful_step_count=40)
