"""A room of auctions driven as the flow drives it: ask first, then change; deadlines fire as time passes.

Every step returns its refusal or the events that it brought.
"""

from typing import Final

from msgspec import msgpack

from exchange.core.deadlines import Deadlines
from exchange.core.market.accepting import Acceptances
from exchange.core.market.auction import CLOSE_LOT, LOT_CLOCK, OPEN_LOT, Auctions, AuctionsState
from exchange.core.market.board import Board
from exchange.core.market.declaring import Declarations
from exchange.core.market.drafting import Drafts
from exchange.core.market.ending import Endings
from exchange.core.market.proxying import Proxying
from exchange.core.market.revocation import Revocations
from exchange.core.market.sourcing import Lot
from exchange.core.market.steering import Steering
from exchange.core.messages import AnyEvent
from exchange.core.messages.bids import RevokeBid, SetProxy, WithdrawProxy
from exchange.core.messages.lot_clocks import AcceptLevel
from exchange.core.messages.lot_rules import EventRules, LotDirection, LotRules, Overtime
from exchange.core.messages.scoring import SetTransformation, SubmitDeclaration
from exchange.core.messages.sourcing import (
    AddLot,
    AwardLot,
    BidSubmitted,
    BuyNow,
    CancelEvent,
    CloseExtended,
    CreateEvent,
    Disclosure,
    InviteSupplier,
    PublishEvent,
    RevealSeed,
    SubmitBid,
)
from exchange.core.messages.steering import EndLot, ExtendLot, PauseEvent, ResumeEvent
from exchange.core.rejects import Reject

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
OPEN: Final = 10 * MINUTE
CLOSE: Final = 70 * MINUTE
NO_OVERTIME: Final = Overtime(0, 0, 0)
ALL_SHOWN: Final = Disclosure()
RANK_ONLY: Final = Disclosure(lead_price=False)
USUAL_EVENT: Final = EventRules()
USUAL_LOT: Final = LotRules()
FORWARD: Final = EventRules(direction=LotDirection.FORWARD)

Step = Reject | list[AnyEvent]


class AuctionRoom:
    """`event-1` with `lot-1` of `buyer`, unless a step names others. Owners are called as their members."""

    def __init__(self) -> None:
        self.auctions = Auctions()
        self.endings = Endings(self.auctions)
        self.drafts = Drafts(self.auctions)
        self.deadlines = Deadlines()
        self.steering = Steering(self.auctions, self.deadlines)
        self.acceptances = Acceptances(self.auctions, self.deadlines)
        self.declarations = Declarations(self.auctions)

    def create(
        self,
        event_id: str = "event-1",
        *,
        buyer_id: str = "buyer",
        at_us: int = 0,
        currency: str = "EUR",
        price_scale: int = 2,
        open_at_us: int = OPEN,
        duration_us: int = CLOSE - OPEN,
        overtime: Overtime = NO_OVERTIME,
        disclosure: Disclosure = ALL_SHOWN,
        rules: EventRules = USUAL_EVENT,
    ) -> Step:
        command = CreateEvent(
            title="Bearings",
            currency=currency,
            open_at_us=open_at_us,
            duration_us=duration_us,
            price_scale=price_scale,
            overtime=overtime,
            disclosure=disclosure,
            rules=rules,
        )
        events: list[AnyEvent] = []
        if refused := self.drafts.create_refusal(command, at_us):
            return refused
        self.drafts.create(event_id, buyer_id, buyer_id, command, events)
        return events

    def add_lot(
        self,
        lot_id: str = "lot-1",
        event_id: str = "event-1",
        *,
        buyer_id: str = "buyer",
        quantity: int = 10,
        ceiling_price: int = 1_000,
        min_step: int = 10,
        tick: int = 1,
        rules: LotRules = USUAL_LOT,
    ) -> Step:
        command = AddLot(
            event_id=event_id,
            title="Bearings 6204",
            quantity=quantity,
            ceiling_price=ceiling_price,
            min_step=min_step,
            tick=tick,
            rules=rules,
        )
        events: list[AnyEvent] = []
        if refused := self.drafts.add_lot_refusal(buyer_id, command):
            return refused
        self.drafts.add_lot(lot_id, command, events)
        return events

    def invite(
        self,
        supplier_id: str,
        event_id: str = "event-1",
        *,
        owner: str = "",
        actor_id: str = "buyer",
        is_operator: bool = False,
    ) -> Step:
        command = InviteSupplier(event_id=event_id, member_id=supplier_id)
        events: list[AnyEvent] = []
        owner = owner or supplier_id
        if refused := self.drafts.invite_refusal(actor_id, is_operator, command, owner):
            return refused
        self.drafts.invite(command, owner, events)
        return events

    def publish(self, event_id: str = "event-1", *, actor_id: str = "buyer", at_us: int = 0) -> Step:
        command = PublishEvent(event_id=event_id)
        events: list[AnyEvent] = []
        if refused := self.drafts.publish_refusal(actor_id, command, at_us):
            return refused
        self.drafts.publish(command, self.deadlines, events)
        return events

    def pass_to(self, at_us: int) -> list[AnyEvent]:
        """Everything that is due by then happens, each at its own instant."""
        events: list[AnyEvent] = []
        while (deadline := self.deadlines.pop(at_us)) is not None:
            if deadline.kind == OPEN_LOT:
                self.auctions.open_lot(deadline.subject, deadline.due_us, self.deadlines, events)
            elif deadline.kind == LOT_CLOCK:
                self.acceptances.go_on(deadline.subject, events)
            else:
                assert deadline.kind == CLOSE_LOT
                self.auctions.meet_close(deadline.subject, self.deadlines, events)
        return events

    def bid(
        self,
        member_id: str,
        price: int,
        at_us: int = OPEN,
        lot_id: str = "lot-1",
        *,
        lines: tuple[int, ...] = (),
    ) -> Step:
        """Whatever is due stays due, so that a bid can come before the close is written down."""
        command = SubmitBid(lot_id=lot_id, price=price, lines=lines)
        events: list[AnyEvent] = []
        if refused := self.auctions.bid_refusal(member_id, command, at_us):
            return refused
        self.auctions.submit_bid(member_id, command, at_us, self.deadlines, events)
        return events

    def revoke(
        self, member_id: str, number: int, at_us: int = OPEN, lot_id: str = "lot-1", *, alias: int = 0
    ) -> Step:
        """By its bidder, or with an alias by the operator."""
        command = RevokeBid(lot_id=lot_id, number=number, reason="A mistake", alias=alias)
        events: list[AnyEvent] = []
        revocations = Revocations(self.auctions)
        refused = (
            revocations.operator_refusal(command) if alias else revocations.refusal(member_id, command, at_us)
        )
        if refused:
            return refused
        revocations.revoke(member_id, command, at_us, events)
        return events

    def accept(self, member_id: str, price: int, at_us: int = OPEN, lot_id: str = "lot-1") -> Step:
        command = AcceptLevel(lot_id=lot_id, price=price)
        events: list[AnyEvent] = []
        if refused := self.acceptances.accept_refusal(member_id, command, at_us):
            return refused
        self.acceptances.accept(member_id, command, at_us, events)
        return events

    def proxy(self, member_id: str, price: int, at_us: int = OPEN, lot_id: str = "lot-1") -> Step:
        command = SetProxy(lot_id=lot_id, price=price)
        events: list[AnyEvent] = []
        proxying = Proxying(self.auctions, self.deadlines)
        if refused := proxying.set_refusal(member_id, command, at_us):
            return refused
        proxying.set(member_id, command, at_us, events)
        return events

    def withdraw_proxy(self, member_id: str, at_us: int = OPEN, lot_id: str = "lot-1") -> Step:
        command = WithdrawProxy(lot_id=lot_id)
        events: list[AnyEvent] = []
        proxying = Proxying(self.auctions, self.deadlines)
        if refused := proxying.withdraw_refusal(member_id, command, at_us):
            return refused
        proxying.withdraw(command, events)
        return events

    def buy_now(self, member_id: str, price: int, at_us: int = OPEN, lot_id: str = "lot-1") -> Step:
        command = BuyNow(lot_id=lot_id, price=price)
        events: list[AnyEvent] = []
        if refused := self.auctions.buy_now_refusal(member_id, command, at_us):
            return refused
        self.auctions.buy_now(member_id, command, at_us, self.deadlines, events)
        return events

    def reveal(self, seed: str, lot_id: str = "lot-1", *, actor_id: str = "buyer") -> Step:
        command = RevealSeed(lot_id=lot_id, seed=seed)
        events: list[AnyEvent] = []
        if refused := self.endings.reveal_refusal(actor_id, command):
            return refused
        self.endings.reveal_seed(command, events)
        return events

    def extension(self, member_id: str, price: int, at_us: int) -> list[CloseExtended]:
        """How a bid that is taken moves the close."""
        events = self.bid(member_id, price, at_us)
        assert isinstance(events, list)
        taken, *others = events
        assert isinstance(taken, BidSubmitted)
        extended = [event for event in others if isinstance(event, CloseExtended)]
        assert len(extended) == len(others)
        return extended

    def declare(
        self,
        member_id: str,
        *,
        options: tuple[int, ...] = (),
        amounts: tuple[int, ...] = (),
        at_us: int = OPEN,
        lot_id: str = "lot-1",
    ) -> Step:
        command = SubmitDeclaration(lot_id=lot_id, options=options, amounts=amounts)
        events: list[AnyEvent] = []
        if refused := self.declarations.declare_refusal(member_id, command, at_us):
            return refused
        self.declarations.declare(member_id, command, events)
        return events

    def transform(
        self,
        supplier_id: str,
        *,
        factor_ppm: int = 1_000_000,
        addend: int = 0,
        actor_id: str = "buyer",
        lot_id: str = "lot-1",
    ) -> Step:
        command = SetTransformation(
            lot_id=lot_id, member_id=supplier_id, factor_ppm=factor_ppm, addend=addend
        )
        events: list[AnyEvent] = []
        if refused := self.declarations.transform_refusal(actor_id, command):
            return refused
        self.declarations.transform(command, events)
        return events

    def award(self, alias: int, lot_id: str = "lot-1", *, actor_id: str = "buyer") -> Step:
        command = AwardLot(lot_id=lot_id, alias=alias)
        events: list[AnyEvent] = []
        if refused := self.endings.award_refusal(actor_id, command):
            return refused
        self.endings.award(command, events)
        return events

    def cancel(
        self, event_id: str = "event-1", *, actor_id: str = "buyer", is_operator: bool = False
    ) -> Step:
        command = CancelEvent(event_id=event_id, reason="No budget")
        events: list[AnyEvent] = []
        if refused := self.auctions.cancel_refusal(actor_id, is_operator, command):
            return refused
        self.auctions.cancel(command, self.deadlines, events)
        return events

    def outage(self, down_us: int, at_us: int) -> list[AnyEvent]:
        """The exchange was down from `at_us - down_us` to `at_us`."""
        events: list[AnyEvent] = []
        self.steering.end_outage(down_us, at_us, events)
        return events

    def pause(self, at_us: int, event_id: str = "event-1", *, actor_id: str = "buyer") -> Step:
        command = PauseEvent(event_id=event_id, reason="A question")
        events: list[AnyEvent] = []
        if refused := self.steering.pause_refusal(actor_id, actor_id == "operator", command):
            return refused
        self.steering.pause(command, at_us, events)
        return events

    def resume(self, at_us: int, event_id: str = "event-1", *, actor_id: str = "buyer") -> Step:
        command = ResumeEvent(event_id=event_id)
        events: list[AnyEvent] = []
        if refused := self.steering.resume_refusal(actor_id, actor_id == "operator", command):
            return refused
        self.steering.resume(command, at_us, events)
        return events

    def extend(self, close_at_us: int, lot_id: str = "lot-1", *, actor_id: str = "buyer") -> Step:
        command = ExtendLot(lot_id=lot_id, close_at_us=close_at_us)
        events: list[AnyEvent] = []
        if refused := self.steering.extend_refusal(actor_id, actor_id == "operator", command):
            return refused
        self.steering.extend(command, events)
        return events

    def end(self, lot_id: str = "lot-1", *, actor_id: str = "buyer") -> Step:
        command = EndLot(lot_id=lot_id, reason="Good enough")
        events: list[AnyEvent] = []
        if refused := self.steering.end_refusal(actor_id, actor_id == "operator", command):
            return refused
        self.steering.end(command, events)
        return events

    def lot(self, lot_id: str = "lot-1") -> Lot:
        lot = self.auctions.lot(lot_id)
        assert lot is not None
        return lot

    def board(self, lot_id: str = "lot-1") -> Board:
        return self.lot(lot_id).board

    def dumped(self) -> bytes:
        return msgpack.encode((self.auctions.dump(), self.deadlines.dump()))

    def reload(self) -> None:
        """Go on from a snapshot, as after a restart."""
        before = self.dumped()
        self.auctions = Auctions.load(
            msgpack.decode(msgpack.encode(self.auctions.dump()), type=AuctionsState)
        )
        self.endings = Endings(self.auctions)
        self.drafts = Drafts(self.auctions)
        self.deadlines = Deadlines.load(self.deadlines.dump())
        self.steering = Steering(self.auctions, self.deadlines)
        self.acceptances = Acceptances(self.auctions, self.deadlines)
        self.declarations = Declarations(self.auctions)
        assert self.dumped() == before


def a_draft(
    *suppliers: str, overtime: Overtime = NO_OVERTIME, disclosure: Disclosure = ALL_SHOWN, tick: int = 1
) -> AuctionRoom:
    """An event with a lot: ceiling 1,000, step 10, open from OPEN to CLOSE once it is published."""
    room = AuctionRoom()
    room.create(overtime=overtime, disclosure=disclosure)
    room.add_lot(tick=tick)
    for supplier_id in suppliers or ("s1", "s2", "s3"):
        room.invite(supplier_id)
    return room


def a_waiting_lot(
    *suppliers: str, overtime: Overtime = NO_OVERTIME, disclosure: Disclosure = ALL_SHOWN, tick: int = 1
) -> AuctionRoom:
    """The draft, published."""
    room = a_draft(*suppliers, overtime=overtime, disclosure=disclosure, tick=tick)
    room.publish()
    return room


def an_open_lot(
    *suppliers: str, overtime: Overtime = NO_OVERTIME, disclosure: Disclosure = ALL_SHOWN, tick: int = 1
) -> AuctionRoom:
    """The same, at its opening."""
    room = a_waiting_lot(*suppliers, overtime=overtime, disclosure=disclosure, tick=tick)
    room.pass_to(OPEN)
    return room


def a_lot_with(
    rules: LotRules = USUAL_LOT,
    *,
    event_rules: EventRules = USUAL_EVENT,
    disclosure: Disclosure = ALL_SHOWN,
    overtime: Overtime = NO_OVERTIME,
    ceiling_price: int = 1_000,
    min_step: int = 10,
    tick: int = 1,
    waits: bool = False,
) -> AuctionRoom:
    """An open lot with these rules, or one that waits to be, and s1 to s4 invited."""
    room = AuctionRoom()
    room.create(disclosure=disclosure, overtime=overtime, rules=event_rules)
    room.add_lot(ceiling_price=ceiling_price, min_step=min_step, tick=tick, rules=rules)
    for number in range(1, 5):
        room.invite(f"s{number}")
    room.publish()
    if not waits:
        room.pass_to(OPEN)
    return room


def a_closed_lot() -> AuctionRoom:
    """s2 leads with 900 as S-2 before s1 with 950 as S-1; s3 has not bid."""
    room = an_open_lot()
    room.bid("s1", 950)
    room.bid("s2", 900)
    room.pass_to(CLOSE)
    return room
