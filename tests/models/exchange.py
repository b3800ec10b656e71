"""A naive exchange: the twins of book, lot, ledger, contracts and sessions, joined by the rules in plain words.

Given the journal's commands one by one, it says what each must have done: the reply in full, every event of
parties, market and goods in its order, and by how much each balance moved. It also says what should not be in
the journal at all: a command that comes twice, a deadline that comes late, time that runs backwards.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from exchange.core.flows.outcome import DONE, Done
from exchange.core.messages import (
    SYSTEM,
    AddLot,
    AmendOrder,
    AnyCommand,
    AnyEvent,
    AwardLot,
    CancelEvent,
    CancelOrder,
    ConfirmReceipt,
    ContractLineAdded,
    ContractLineSettled,
    ContractPerformed,
    CreateEvent,
    CreateInstrument,
    DeclareStock,
    EndOutage,
    FireDeadlines,
    InviteSupplier,
    MemberRegistered,
    OpenSession,
    Outcome,
    PlaceOrder,
    PublishEvent,
    RegisterMember,
    Reply,
    Role,
    Sequenced,
    SessionOpened,
    SetCommission,
    SetStanding,
    Standing,
    StandingSet,
    SubmitBid,
    TopUp,
    TransferPosted,
    WithdrawStock,
)
from exchange.core.messages.corrections import BustTrade, CorrectTrade
from exchange.core.rejects import Reject, RejectCode
from tests.models.parties import NaiveParties
from tests.models.sale import NaiveSale
from tests.models.sourcing import NaiveSourcing

Moves = dict[tuple[str, str], int]
"""By account and unit: by how much the balance changed; those that did not are left out."""

UNTOLD = (TransferPosted, ContractLineAdded, ContractLineSettled, ContractPerformed)
"""Events that are not foretold one by one: balances and contracts are compared as they stand."""


class Foretold(NamedTuple):
    """What a command must do."""

    reply: Reply
    events: list[AnyEvent]
    moves: Moves


class NaiveExchange:
    """`execute` takes what the journal holds next. `objections` are the reasons why it should not hold that."""

    def __init__(self) -> None:
        self.at_us = 0
        self.objections: list[str] = []
        self.parties = NaiveParties()
        self.sale = NaiveSale(self.parties)
        self.sourcing = NaiveSourcing(self.parties)
        sale, sourcing = self.sale, self.sourcing
        self.answers: dict[type[AnyCommand], Callable[[Sequenced, Any, list[AnyEvent]], Done | Reject]] = {
            PlaceOrder: sale.place_order,
            CancelOrder: sale.cancel_order,
            AmendOrder: sale.amend_order,
            ConfirmReceipt: sale.confirm_receipt,
            CreateInstrument: sale.create_instrument,
            DeclareStock: sale.declare_stock,
            WithdrawStock: sale.withdraw_stock,
            TopUp: sale.top_up,
            SetCommission: sale.set_commission,
            BustTrade: sale.bust_trade,
            CorrectTrade: sale.correct_trade,
            SubmitBid: sourcing.submit_bid,
            CreateEvent: sourcing.create_event,
            AddLot: sourcing.add_lot,
            InviteSupplier: sourcing.invite_supplier,
            PublishEvent: sourcing.publish_event,
            AwardLot: sourcing.award_lot,
            CancelEvent: sourcing.cancel_event,
            FireDeadlines: sourcing.fire_deadlines,
            EndOutage: sourcing.end_outage,
            RegisterMember: self.register_member,
            SetStanding: self.set_standing,
            OpenSession: self.open_session,
        }

    def execute(self, sent: Sequenced) -> Foretold:
        """What the next command of the journal must have done."""
        who, command = sent.member_id, sent.command
        self.object(sent)
        self.at_us = sent.at_us
        self.sale.ledger.moved.clear()
        events: list[AnyEvent] = []
        said = self.answers[type(command)](sent, command, events)
        self.parties.commands[who] += 1
        place = command.ref, self.parties.commands[who], sent.at_us
        if isinstance(said, Done):
            filled, left = said.filled_quantity, said.open_quantity
            reply = Reply(*place, 0, 0, "", said.id, filled, left, said.number)
        else:
            assert not events
            reply = Reply(*place, int(said.code), said.bound, said.field)
        self.parties.remember(sent, reply)
        return Foretold(reply, events, {key: by for key, by in self.sale.ledger.moved.items() if by})

    def object(self, sent: Sequenced) -> None:
        """Note what is wrong about this command coming now."""
        late = sent.at_us < self.at_us
        repeats = self.parties.repeats(sent)
        missed = [] if isinstance(sent.command, FireDeadlines | EndOutage) else self.sourcing.due(sent.at_us)
        self.objections = [f"P3: its instant {sent.at_us} is before {self.at_us}"] if late else []
        self.objections += [f"P2: {repeats}"] if repeats else []
        self.objections += [f"P7: {event.lot} fell due before it" for event in missed]

    def register_member(self, sent: Sequenced, wish: RegisterMember, out: list[AnyEvent]) -> Done | Reject:
        if refused := self.parties.refusal(sent.member_id, Role.OPERATOR):
            return refused
        self.parties.register(sent.new_id, wish.roles, wish.owner)
        roles, owner = self.parties.roles[sent.new_id], self.parties.owners[sent.new_id]
        out.append(MemberRegistered(sent.new_id, roles, owner, wish.profile_hash))
        return Done(sent.new_id)

    def set_standing(self, sent: Sequenced, wish: SetStanding, out: list[AnyEvent]) -> Done | Reject:
        if refused := self.parties.refusal(sent.member_id, Role.OPERATOR):
            return refused
        if wish.member_id not in self.parties.roles:
            return Reject(RejectCode.MEMBER_UNKNOWN, 0, "member_id")
        if wish.member_id in self.parties.suspended:
            self.parties.suspended.remove(wish.member_id)
        if wish.standing == Standing.SUSPENDED:
            self.parties.suspended.append(wish.member_id)
        out.append(StandingSet(wish.member_id, wish.standing))
        return DONE

    def open_session(self, sent: Sequenced, wish: OpenSession, out: list[AnyEvent]) -> Done | Reject:
        if sent.member_id == SYSTEM or sent.member_id not in self.parties.roles:
            return Reject(RejectCode.MEMBER_UNKNOWN)
        number, forgotten = self.parties.sessions_of(sent.member_id).open()
        out.append(SessionOpened(sent.member_id, number, forgotten))
        return Done(number=number)


def as_foretold(outcome: Outcome) -> Foretold:
    """What a command really did, in the words of the naive exchange."""
    moves: Counter[tuple[str, str]] = Counter()
    for event in outcome.events:
        if isinstance(event, TransferPosted):
            moves[event.debit, event.unit] += event.amount
            moves[event.credit, event.unit] -= event.amount
    told: list[AnyEvent] = [event for event in outcome.events if not isinstance(event, UNTOLD)]
    return Foretold(outcome.reply, told, {key: amount for key, amount in moves.items() if amount})
