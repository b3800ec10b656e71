"""Sourcing events as a list of drafts, each with its naive lot; what falls due is looked for in all of them."""

from dataclasses import dataclass, field

from exchange.core.flows.outcome import DONE, Done
from exchange.core.limits import (
    AMOUNT_MINOR_MAX,
    BIDS_PER_SUPPLIER_MAX,
    DEADLINES_PER_COMMAND_MAX,
    OUTAGE_NOTICE_US,
    SUPPLIERS_PER_LOT_MAX,
)
from exchange.core.messages import (
    AddLot,
    AnyEvent,
    AwardLot,
    BidSubmitted,
    CancelEvent,
    CloseExtended,
    CreateEvent,
    EndOutage,
    EventCancelled,
    EventCreated,
    EventPublished,
    FireDeadlines,
    InviteSupplier,
    LotAdded,
    LotAwarded,
    LotClosed,
    LotOpened,
    LotShifted,
    OutageEnded,
    PublishEvent,
    Role,
    Sequenced,
    SubmitBid,
    SupplierInvited,
)
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import CURRENCY_EXPONENT, divided_half_away
from tests.models.auction import NaiveLot
from tests.models.parties import NaiveParties

NO_EVENT = Reject(RejectCode.EVENT_UNKNOWN, 0, "event_id")
NO_LOT = Reject(RejectCode.LOT_UNKNOWN, 0, "lot_id")
FIELDS = {
    "PRICE_OFF_TICK": "price",
    "BID_ABOVE_CEILING": "price",
    "STEP_TOO_SMALL": "price",
    "LOT_UNKNOWN": "lot_id",
}


@dataclass
class NaiveEvent:
    """`state` is draft, published, ended or cancelled. The lot is "draft" before it waits, later "awarded" or "void"."""

    event_id: str
    buyer_id: str
    terms: CreateEvent
    state: str = "draft"
    invited: list[str] = field(default_factory=list)
    lot: NaiveLot | None = None
    drafted: AddLot | None = None
    published: bool = False
    due_set: int = 0  # when the lot's deadline was set last: a larger number is later

    def due_us(self) -> int | None:
        lot = self.lot
        if lot is None or lot.state not in {"waiting", "open"}:
            return None
        return lot.open_at_us if lot.state == "waiting" else lot.close_at_us

    def amount(self, price: int) -> int:
        assert self.drafted is not None
        exponent = CURRENCY_EXPONENT[self.terms.currency]
        minor = price * self.drafted.quantity * 10**exponent
        return divided_half_away(minor, 10**self.terms.price_scale)


class NaiveSourcing:
    """Answers a command with what its reply says, or with a refusal; events are added to the given list."""

    def __init__(self, parties: NaiveParties) -> None:
        self.parties = parties
        self.events: list[NaiveEvent] = []
        self.with_lot: list[NaiveEvent] = []  # in the order in which their lots were drafted
        self.dues_set = 0

    def event(self, event_id: str) -> NaiveEvent | None:
        return next((each for each in self.events if each.event_id == event_id), None)

    def event_of(self, lot_id: str) -> NaiveEvent | None:
        return next((each for each in self.events if each.lot and each.lot.lot_id == lot_id), None)

    def governs(self, who: str, event: NaiveEvent | None) -> bool:
        operates = self.parties.refusal(who, Role.OPERATOR) is None
        return event is not None and (operates or event.buyer_id == who)

    # --- drafting

    def create_event(self, sent: Sequenced, wish: CreateEvent, out: list[AnyEvent]) -> Done | Reject:
        if refused := self.parties.refusal(sent.member_id, Role.BUYER):
            return refused
        if wish.currency not in CURRENCY_EXPONENT:
            return Reject(RejectCode.CURRENCY_UNKNOWN, 0, "currency")
        if wish.open_at_us < sent.at_us:
            return Reject(RejectCode.OPENS_IN_THE_PAST, sent.at_us, "open_at_us")
        self.events.append(NaiveEvent(sent.new_id, sent.member_id, wish))
        what = wish.title, wish.currency, wish.price_scale, wish.open_at_us, wish.duration_us
        out.append(EventCreated(sent.new_id, sent.member_id, *what, wish.overtime, wish.disclosure))
        return Done(sent.new_id)

    def add_lot(self, sent: Sequenced, wish: AddLot, out: list[AnyEvent]) -> Done | Reject:
        if refused := self.parties.refusal(sent.member_id, Role.BUYER):
            return refused
        event = self.event(wish.event_id)
        if event is None or event.buyer_id != sent.member_id:
            return NO_EVENT
        if refused := self.no_draft(event):
            return refused
        if event.lot:
            return Reject(RejectCode.TOO_MANY_LOTS, 1)
        for name in ("ceiling_price", "min_step"):
            if getattr(wish, name) % wish.tick:
                return Reject(RejectCode.STEP_OFF_TICK, wish.tick, name)
        event.drafted = wish
        if event.amount(wish.ceiling_price) > AMOUNT_MINOR_MAX:
            return Reject(RejectCode.AMOUNT_TOO_LARGE, AMOUNT_MINOR_MAX, "quantity")
        event.lot = drafted_lot(sent.new_id, event, wish)
        self.with_lot.append(event)
        prices = wish.ceiling_price, wish.min_step, wish.tick
        out.append(LotAdded(sent.new_id, wish.event_id, wish.title, wish.quantity, *prices))
        return Done(sent.new_id)

    def no_draft(self, event: NaiveEvent) -> Reject | None:
        if event.state == "draft":
            return None
        published = event.state == "published"
        return Reject(RejectCode.EVENT_NOT_DRAFT if published else RejectCode.EVENT_ENDED)

    def invite_supplier(self, sent: Sequenced, wish: InviteSupplier, out: list[AnyEvent]) -> Done | Reject:
        who, event = wish.member_id, self.event(wish.event_id)
        if who not in self.parties.roles:
            return Reject(RejectCode.MEMBER_UNKNOWN, 0, "member_id")
        if refused := self.parties.refusal(who, Role.SELLER):
            return Reject(refused.code, 0, "member_id")
        if event is None or not self.governs(sent.member_id, event):
            return NO_EVENT
        if event.state == "cancelled" or (event.lot and event.lot.state in {"closed", "awarded", "void"}):
            return Reject(RejectCode.EVENT_ENDED)
        owners = self.parties.owners
        if owners[who] == owners[event.buyer_id]:
            return Reject(RejectCode.OWN_EVENT, 0, "member_id")
        if who in event.invited:
            return Reject(RejectCode.ALREADY_INVITED, 0, "member_id")
        if any(owners[each] == owners[who] for each in event.invited):
            return Reject(RejectCode.OWNER_ALREADY_INVITED, 0, "member_id")
        if len(event.invited) >= SUPPLIERS_PER_LOT_MAX:
            return Reject(RejectCode.TOO_MANY_SUPPLIERS, SUPPLIERS_PER_LOT_MAX)
        event.invited.append(who)
        out.append(SupplierInvited(wish.event_id, who))
        return DONE

    def publish_event(self, sent: Sequenced, wish: PublishEvent, out: list[AnyEvent]) -> Done | Reject:
        if refused := self.parties.refusal(sent.member_id, Role.BUYER):
            return refused
        event = self.event(wish.event_id)
        if event is None or event.buyer_id != sent.member_id:
            return NO_EVENT
        if refused := self.no_draft(event):
            return refused
        if event.lot is None:
            return Reject(RejectCode.EVENT_WITHOUT_LOT)
        if not event.invited:
            return Reject(RejectCode.EVENT_WITHOUT_SUPPLIERS)
        if event.terms.open_at_us < sent.at_us:
            return Reject(RejectCode.OPENS_IN_THE_PAST, sent.at_us)
        event.state, event.lot.state, event.published = "published", "waiting", True
        event.lot.invited = event.invited
        self.set_due(event)
        out.append(EventPublished(wish.event_id))
        return Done(wish.event_id)

    # --- bidding

    def submit_bid(self, sent: Sequenced, wish: SubmitBid, out: list[AnyEvent]) -> Done | Reject:
        who, event = sent.member_id, self.event_of(wish.lot_id)
        if refused := self.parties.refusal(who, Role.SELLER):
            return refused
        if event is None or event.lot is None or not (event.published or who == event.buyer_id):
            return NO_LOT
        lot = event.lot
        if said := lot.refusal(who, wish.price, sent.at_us):
            return Reject(RejectCode[said.code], said.bound, FIELDS.get(said.code, ""))
        before_us = lot.close_at_us
        moved = lot.bid(who, wish.price, sent.at_us)
        number, alias = len(lot.bids), lot.bidders().index(who) + 1
        out.append(BidSubmitted(wish.lot_id, who, wish.price, alias, number, sent.at_us))
        if moved:
            assert before_us < lot.close_at_us
            self.set_due(event)
            out.append(CloseExtended(wish.lot_id, lot.close_at_us, lot.close_at_us - lot.planned_close_us))
        return Done(wish.lot_id, number=len(lot.own(who)))

    def award_lot(self, sent: Sequenced, wish: AwardLot, out: list[AnyEvent]) -> Done | Reject:
        event = self.event_of(wish.lot_id)
        if event is None or event.lot is None or event.buyer_id != sent.member_id:
            return NO_LOT
        lot, drafted = event.lot, event.drafted
        if lot.state == "awarded":
            return Reject(RejectCode.LOT_ALREADY_AWARDED)
        if lot.state != "closed":
            return Reject(RejectCode.EVENT_ENDED if lot.state == "void" else RejectCode.LOT_NOT_CLOSED)
        bidders = lot.bidders()
        if wish.alias > len(bidders):
            return Reject(RejectCode.ALIAS_UNKNOWN, len(bidders), "alias")
        winner = bidders[wish.alias - 1] if wish.alias else ""
        price = min(lot.own(winner), default=0)
        lot.state, event.state = "awarded", "ended"
        assert drafted is not None
        what = wish.alias, price, drafted.quantity, event.amount(price)
        out.append(LotAwarded(wish.lot_id, event.event_id, event.buyer_id, winner, *what))
        return Done(wish.lot_id)

    def cancel_event(self, sent: Sequenced, wish: CancelEvent, out: list[AnyEvent]) -> Done | Reject:
        event = self.event(wish.event_id)
        if event is None or not self.governs(sent.member_id, event):
            return NO_EVENT
        if event.state in {"ended", "cancelled"}:
            return Reject(RejectCode.EVENT_ENDED)
        event.state = "cancelled"
        if event.lot:
            event.lot.state = "void"
        out.append(EventCancelled(wish.event_id, wish.reason))
        return Done(wish.event_id)

    # --- time

    def set_due(self, event: NaiveEvent) -> None:
        self.dues_set += 1
        event.due_set = self.dues_set

    def due(self, at_us: int) -> list[NaiveEvent]:
        """Whose lot should open or close at or before the instant, the most urgent first."""
        dues = [(event.due_us(), event.due_set, event) for event in self.events]
        late = [
            (due_us, place, event) for due_us, place, event in dues if due_us is not None and due_us <= at_us
        ]
        return [event for _, _, event in sorted(late, key=lambda each: each[:2])]

    def fire_deadlines(self, sent: Sequenced, wish: FireDeadlines, out: list[AnyEvent]) -> Done | Reject:
        for _ in range(DEADLINES_PER_COMMAND_MAX):
            due = self.due(sent.at_us)
            if not due:
                break
            event, lot = due[0], due[0].lot
            assert lot is not None
            if lot.state == "waiting":
                lot.state = "open"
                self.set_due(event)
                out.append(LotOpened(lot.lot_id, lot.event_id, lot.close_at_us))
            else:
                lot.state = "closed"
                leads = lot.ranking()[:1]
                price = min((bid.price for bid in lot.bids), default=0)
                out.append(LotClosed(lot.lot_id, lot.event_id, price, leads[0] if leads else ""))
        return DONE

    def end_outage(self, sent: Sequenced, wish: EndOutage, out: list[AnyEvent]) -> Done | Reject:
        out.append(OutageEnded(wish.down_us))
        for event in self.with_lot:
            lot = event.lot
            if lot and lot.outage(wish.down_us, sent.at_us):
                self.set_due(event)
                out.append(LotShifted(lot.lot_id, lot.open_at_us, lot.close_at_us))
        return DONE


def drafted_lot(lot_id: str, event: NaiveEvent, wish: AddLot) -> NaiveLot:
    terms = event.terms
    return NaiveLot(
        lot_id,
        event.event_id,
        event.buyer_id,
        wish.ceiling_price,
        wish.min_step,
        wish.tick,
        terms.open_at_us,
        terms.open_at_us + terms.duration_us,
        terms.overtime.window_us,
        terms.overtime.extension_us,
        terms.overtime.total_us_max,
        terms.disclosure.lead_price or terms.disclosure.prices_by_alias,
        OUTAGE_NOTICE_US,
        BIDS_PER_SUPPLIER_MAX,
        state="draft",
    )
