"""A sourcing event: a buyer drafts it, suppliers are invited, bid live against the clock, the award follows.

The market's room owns the rules of the lot; this flow adds who the actors are. Goods and money of an
awarded event change hands outside the exchange, but for lots from stock: see `lot_sale`.
"""

from exchange.core.deadlines import Deadline, Deadlines
from exchange.core.flows.lot_stock import LotStock
from exchange.core.flows.outcome import DONE, Done, Handlers, Steps
from exchange.core.flows.sides import bidding_role, hidden_refusal, role_in_draft, role_in_lot
from exchange.core.market.auction import CLOSE_LOT, OPEN_LOT, PREVIEW, Auctions
from exchange.core.market.drafting import Drafts
from exchange.core.market.ending import Endings
from exchange.core.market.steering import Steering
from exchange.core.messages import (
    AddLot,
    AnyEvent,
    AwardLot,
    BuyNow,
    CancelEvent,
    CreateEvent,
    EndLot,
    EndOutage,
    ExtendLot,
    InviteSupplier,
    OutageEnded,
    PauseEvent,
    PublishEvent,
    ResumeEvent,
    RevealSeed,
    Role,
    Sequenced,
    SubmitBid,
)
from exchange.core.parties.members import Members
from exchange.core.rejects import Reject, RejectCode


class SourcingEvents:
    """The commands of timed lots."""

    def __init__(self, members: Members, auctions: Auctions, deadlines: Deadlines, stock: LotStock) -> None:
        self.members = members
        self.stock = stock
        self.auctions = auctions
        self.endings = Endings(auctions)
        self.drafts = Drafts(auctions)
        self.steering = Steering(auctions, deadlines)
        self.deadlines = deadlines

    def handlers(self) -> Handlers:
        """Who answers which command."""
        return {
            CreateEvent: self.create_event,
            AddLot: self.add_lot,
            InviteSupplier: self.invite_supplier,
            PublishEvent: self.publish_event,
            SubmitBid: self.submit_bid,
            BuyNow: self.buy_now,
            PauseEvent: self.pause_event,
            ResumeEvent: self.resume_event,
            ExtendLot: self.extend_lot,
            EndLot: self.end_lot,
            RevealSeed: self.reveal_seed,
            AwardLot: self.award_lot,
            CancelEvent: self.cancel_event,
        }

    def steps(self) -> Steps:
        """What happens when which deadline falls due."""
        return {
            OPEN_LOT: self.open_lot,
            CLOSE_LOT: self.close_lot,
            PREVIEW: self.preview_lots,
        }

    def create_event(self, sent: Sequenced, command: CreateEvent, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role (seller of what is from stock, else buyer) and standing, then the timetable's."""
        role = Role.SELLER if command.sale is not None else Role.BUYER
        if refused := self.members.refusal(sent.member_id, role) or self.drafts.create_refusal(
            command, sent.at_us
        ):
            return refused
        self.drafts.create(
            sent.new_id, sent.member_id, self.members.owner_of(sent.member_id), command, events
        )
        return Done(sent.new_id)

    def add_lot(self, sent: Sequenced, command: AddLot, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, then the draft's, then those of what is in stock."""
        role = role_in_draft(self.auctions, sent.member_id, command.event_id)
        if refused := self.members.refusal(sent.member_id, role) or self.drafts.add_lot_refusal(
            sent.member_id, command
        ):
            return refused
        if refused := self.stock.lot_refusal(self.auctions.event_of(command.event_id), command):
            return refused
        self.drafts.add_lot(sent.new_id, command, events)
        return Done(sent.new_id)

    def invite_supplier(
        self, sent: Sequenced, command: InviteSupplier, events: list[AnyEvent]
    ) -> Done | Reject:
        """Checks: BIDDERS_HIDDEN (of the seller of an event from stock), the supplier's membership and role, then the
        event's own.
        """
        is_operator = self.members.is_operator(sent.member_id)
        event = self.auctions.governed_event(sent.member_id, is_operator, command.event_id)
        if refused := hidden_refusal(event, is_operator=is_operator):
            return refused
        if self.members.get(command.member_id) is None:
            return Reject(RejectCode.MEMBER_UNKNOWN, 0, "member_id")
        if refused := self.members.refusal(command.member_id, bidding_role(event)):
            return Reject(refused.code, 0, "member_id")
        owner = self.members.owner_of(command.member_id)
        if refused := self.drafts.invite_refusal(sent.member_id, is_operator, command, owner):
            return refused
        self.drafts.invite(command, owner, events)
        return DONE

    def publish_event(self, sent: Sequenced, command: PublishEvent, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, then the draft's, then STOCK_SHORT."""
        role = role_in_draft(self.auctions, sent.member_id, command.event_id)
        refused = self.members.refusal(sent.member_id, role)
        if refused := refused or self.drafts.publish_refusal(sent.member_id, command, sent.at_us):
            return refused
        event = self.auctions.event_of(command.event_id)
        if refused := self.stock.publish_refusal(event):
            return refused
        self.drafts.publish(command, self.deadlines, events)
        self.stock.reserve(event, events)
        return Done(command.event_id)

    def submit_bid(self, sent: Sequenced, command: SubmitBid, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, then the lot's in its documented order."""
        role = role_in_lot(self.auctions, sent.member_id, command.lot_id)
        if refused := self.members.refusal(sent.member_id, role):
            return refused
        if refused := self.auctions.bid_refusal(sent.member_id, command, sent.at_us):
            return refused
        number = self.auctions.submit_bid(sent.member_id, command, sent.at_us, self.deadlines, events)
        return Done(command.lot_id, number=number)

    def buy_now(self, sent: Sequenced, command: BuyNow, events: list[AnyEvent]) -> Done | Reject:
        """Checks: role and standing, then the lot's."""
        role = role_in_lot(self.auctions, sent.member_id, command.lot_id)
        if refused := self.members.refusal(sent.member_id, role):
            return refused
        if refused := self.auctions.buy_now_refusal(sent.member_id, command, sent.at_us):
            return refused
        self.auctions.buy_now(sent.member_id, command, sent.at_us, self.deadlines, events)
        return Done(command.lot_id, number=1)

    def reveal_seed(self, sent: Sequenced, command: RevealSeed, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the lot's. Only its buyer reveals."""
        if refused := self.endings.reveal_refusal(sent.member_id, command):
            return refused
        self.endings.reveal_seed(command, events)
        return Done(command.lot_id)

    def award_lot(self, sent: Sequenced, command: AwardLot, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the lot's. Only its buyer awards."""
        if refused := self.endings.award_refusal(sent.member_id, command):
            return refused
        self.endings.award(command, events)
        return Done(command.lot_id)

    def cancel_event(self, sent: Sequenced, command: CancelEvent, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the event's. Its buyer or the operator may."""
        if refused := self.auctions.cancel_refusal(
            sent.member_id, self.members.is_operator(sent.member_id), command
        ):
            return refused
        self.auctions.cancel(command, self.deadlines, events)
        return Done(command.event_id)

    def pause_event(self, sent: Sequenced, command: PauseEvent, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the event's. Its buyer or the operator may."""
        is_operator = self.members.is_operator(sent.member_id)
        if refused := self.steering.pause_refusal(sent.member_id, is_operator, command):
            return refused
        self.steering.pause(command, sent.at_us, events)
        return Done(command.event_id)

    def resume_event(self, sent: Sequenced, command: ResumeEvent, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the event's. Its buyer or the operator may."""
        is_operator = self.members.is_operator(sent.member_id)
        if refused := self.steering.resume_refusal(sent.member_id, is_operator, command):
            return refused
        self.steering.resume(command, sent.at_us, events)
        return Done(command.event_id)

    def extend_lot(self, sent: Sequenced, command: ExtendLot, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the lot's. Its buyer or the operator may."""
        is_operator = self.members.is_operator(sent.member_id)
        if refused := self.steering.extend_refusal(sent.member_id, is_operator, command):
            return refused
        self.steering.extend(command, events)
        return Done(command.lot_id)

    def end_lot(self, sent: Sequenced, command: EndLot, events: list[AnyEvent]) -> Done | Reject:
        """Checks: the lot's. Its buyer or the operator may."""
        is_operator = self.members.is_operator(sent.member_id)
        if refused := self.steering.end_refusal(sent.member_id, is_operator, command):
            return refused
        self.steering.end(command, events)
        return Done(command.lot_id)

    def open_lot(self, deadline: Deadline, at_us: int, events: list[AnyEvent]) -> None:
        """The timetable's opening has come."""
        self.auctions.open_lot(deadline.subject, at_us, self.deadlines, events)

    def preview_lots(self, deadline: Deadline, _: int, events: list[AnyEvent]) -> None:
        """Suppliers are shown the lots."""
        self.auctions.preview(self.auctions.event_of(deadline.subject), events)

    def close_lot(self, deadline: Deadline, _: int, events: list[AnyEvent]) -> None:
        """The close has come, wherever overtime has moved it."""
        self.auctions.meet_close(deadline.subject, self.deadlines, events)

    def end_outage(self, sent: Sequenced, command: EndOutage, events: list[AnyEvent]) -> Done | Reject:
        """An outage is a pause: nobody loses its chance by it."""
        events.append(OutageEnded(command.down_us))
        self.steering.end_outage(command.down_us, sent.at_us, events)
        return DONE
