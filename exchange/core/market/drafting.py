"""How a sourcing event is drafted: its rules and lots, who is invited, and its publication.

Guarantees: rules that contradict each other never get into a draft; whoever may not see an event is told that
there is none. Questions and changes as in `auction`, whose events and lots these are.
"""

from typing import Final

from exchange.core.deadlines import Deadlines
from exchange.core.limits import (
    AMOUNT_MINOR_MAX,
    INSTANT_US_MAX,
    LOTS_PER_EVENT_MAX,
    SUPPLIERS_PER_LOT_MAX,
)
from exchange.core.market.auction import OPEN_LOT, PREVIEW, Auctions
from exchange.core.market.lots.formats import format_of
from exchange.core.market.lots.pricing import amount_minor
from exchange.core.market.lots.terms import (
    event_refusal,
    priced_refusal,
    rules_refusal,
    stock_refusal,
    timetable_refusal,
)
from exchange.core.market.sourcing import EventState, Lot, LotState, SourcingEvent
from exchange.core.messages import AnyEvent
from exchange.core.messages.lot_rules import EventRules, LotRules, LotSchedule, Prebid
from exchange.core.messages.lot_sales import LotStocked, SaleTermsSet
from exchange.core.messages.practice import PracticeSet
from exchange.core.messages.preview import PreviewSet
from exchange.core.messages.sourcing import (
    AddLot,
    CreateEvent,
    EventCreated,
    EventPublished,
    EventRulesSet,
    InviteSupplier,
    LotAdded,
    LotRulesSet,
    PublishEvent,
    SupplierInvited,
)
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import CURRENCY_EXPONENT

NOT_DRAFT: Final = {
    EventState.PUBLISHED: RejectCode.EVENT_NOT_DRAFT,
    EventState.ENDED: RejectCode.EVENT_ENDED,
    EventState.CANCELLED: RejectCode.EVENT_ENDED,
}
"""Why an event can't be drafted any further."""

NOT_INVITING: Final = frozenset({LotState.CLOSED, LotState.AWARDED, LotState.VOID})
"""Where nobody can bid any more."""


def bidding_over(event: SourcingEvent) -> bool:
    """Whether nobody will bid in it any more."""
    return event.state is EventState.CANCELLED or (
        bool(event.lots) and all(lot.state in NOT_INVITING for lot in event.lots)
    )


def begun(event: SourcingEvent) -> bool:
    """Whether a lot has opened, or a bid stands before it does."""
    waiting = (LotState.DRAFT, LotState.WAITING)
    return any(lot.state not in waiting or lot.board.lead is not None for lot in event.lots)


def draft_refusal(event: SourcingEvent) -> Reject | None:
    """RULES_FIXED once it is published, EVENT_ENDED after its end: what was published stays as it is."""
    if event.state is EventState.DRAFT:
        return None
    return Reject(RejectCode.RULES_FIXED if event.state is EventState.PUBLISHED else RejectCode.EVENT_ENDED)


def lot_refusal(event: SourcingEvent, command: AddLot) -> Reject | None:
    """STEP_OFF_TICK, RULES_CONTRADICT (also with the event), AMOUNT_TOO_LARGE if the whole lot at its ceiling can't be booked."""
    if command.ceiling_price % command.tick:
        return Reject(RejectCode.STEP_OFF_TICK, command.tick, "ceiling_price")
    if command.min_step % command.tick:
        return Reject(RejectCode.STEP_OFF_TICK, command.tick, "min_step")
    refused = rules_refusal(command, event.rules.direction) or event_refusal(command, event)
    if refused := refused or stock_refusal(command, event) or priced_refusal(command, event):
        return refused
    if amount_minor(event, command.ceiling_price, command.quantity) > AMOUNT_MINOR_MAX:
        return Reject(RejectCode.AMOUNT_TOO_LARGE, AMOUNT_MINOR_MAX, "quantity")
    return None


def _latest_us(event: SourcingEvent) -> int:
    """No lot closes later by the rules: each moves by its own overtime, and may move with that of all before it."""
    rules, lots = event.rules, len(event.lots)
    moved_us = rules.postpone_us + lots * (event.overtime.total_us_max + rules.min_lot_gap_us)
    return event.timetable()[-1][1] + moved_us


class Drafts:
    """What happens to sourcing events before they open."""

    def __init__(self, auctions: Auctions) -> None:
        self._auctions = auctions

    def create_refusal(self, command: CreateEvent, at_us: int) -> Reject | None:
        """CURRENCY_UNKNOWN, OPENS_IN_THE_PAST, RULES_CONTRADICT; to open at this very instant is in time."""
        if command.currency not in CURRENCY_EXPONENT:
            return Reject(RejectCode.CURRENCY_UNKNOWN, field="currency")
        if command.open_at_us < at_us:
            return Reject(RejectCode.OPENS_IN_THE_PAST, at_us, "open_at_us")
        return timetable_refusal(command)

    def create(
        self, new_id: str, member_id: str, owner: str, command: CreateEvent, events: list[AnyEvent]
    ) -> None:
        """Draft an event of this buyer, whose beneficial owner is `owner`."""
        event = SourcingEvent.drafted(new_id, member_id, owner, command)
        self._auctions.take_event(event)
        events.append(
            EventCreated(
                new_id,
                member_id,
                event.title,
                event.currency,
                event.price_scale,
                event.open_at_us,
                event.duration_us,
                event.overtime,
                event.disclosure,
            )
        )
        if event.rules != EventRules():
            events.append(EventRulesSet(new_id, event.rules))
        if event.practice:
            events.append(PracticeSet(new_id))
        if event.preview_at_us:
            events.append(PreviewSet(new_id, event.preview_at_us))
        if event.sale is not None:
            events.append(SaleTermsSet(new_id, event.sale))

    def add_lot_refusal(self, member_id: str, command: AddLot) -> Reject | None:
        """EVENT_UNKNOWN (somebody else's too), EVENT_NOT_DRAFT or EVENT_ENDED, TOO_MANY_LOTS, STEP_OFF_TICK,
        RULES_CONTRADICT, AMOUNT_TOO_LARGE if the whole lot at its ceiling can't be booked.
        """
        event = self._auctions.own_event(member_id, command.event_id)
        if event is None:
            return Reject(RejectCode.EVENT_UNKNOWN, field="event_id")
        if event.state is not EventState.DRAFT:
            return Reject(NOT_DRAFT[event.state])
        lots_max = 1 if event.rules.schedule is LotSchedule.SINGLE else LOTS_PER_EVENT_MAX
        if len(event.lots) >= lots_max:
            return Reject(RejectCode.TOO_MANY_LOTS, lots_max)
        return lot_refusal(event, command)

    def add_lot(self, new_id: str, command: AddLot, events: list[AnyEvent]) -> None:
        """Put the lot into the draft."""
        event = self._auctions.event_of(command.event_id)
        lot = Lot.drafted(new_id, command, event.rules.direction, event.currencies)
        self._auctions.take_lot(lot)
        events.append(
            LotAdded(new_id, lot.event_id, lot.title, lot.quantity, lot.ceiling_price, lot.min_step, lot.tick)
        )
        if lot.rules != LotRules():
            events.append(LotRulesSet(new_id, lot.rules))
        if lot.instrument_id:
            events.append(LotStocked(new_id, lot.instrument_id))

    def invite_refusal(
        self, member_id: str, is_operator: bool, command: InviteSupplier, supplier_owner: str
    ) -> Reject | None:
        """EVENT_UNKNOWN (unless the member is its buyer or an operator), EVENT_ENDED (once bidding is over),
        OWN_EVENT, ALREADY_INVITED, OWNER_ALREADY_INVITED, TOO_MANY_SUPPLIERS. One bidder per beneficial owner;
        the buyer's owner has none.
        """
        event = self._auctions.governed_event(member_id, is_operator, command.event_id)
        if event is None:
            return Reject(RejectCode.EVENT_UNKNOWN, field="event_id")
        if bidding_over(event):
            return Reject(RejectCode.EVENT_ENDED)
        if supplier_owner == event.buyer_owner:
            return Reject(RejectCode.OWN_EVENT, field="member_id")
        if command.member_id in event.invited:
            return Reject(RejectCode.ALREADY_INVITED, field="member_id")
        if supplier_owner in event.owners:
            return Reject(RejectCode.OWNER_ALREADY_INVITED, field="member_id")
        if len(event.invited) >= SUPPLIERS_PER_LOT_MAX:
            return Reject(RejectCode.TOO_MANY_SUPPLIERS, SUPPLIERS_PER_LOT_MAX)
        return None

    def invite(self, command: InviteSupplier, supplier_owner: str, events: list[AnyEvent]) -> None:
        """Admit the supplier to the event, in a draft as well as while it is open."""
        event = self._auctions.event_of(command.event_id)
        event.invited[command.member_id] = supplier_owner
        event.owners.add(supplier_owner)
        events.append(SupplierInvited(command.event_id, command.member_id))

    def publish_refusal(self, member_id: str, command: PublishEvent, at_us: int) -> Reject | None:
        """EVENT_UNKNOWN (somebody else's too), EVENT_NOT_DRAFT or EVENT_ENDED, EVENT_WITHOUT_LOT,
        EVENT_WITHOUT_SUPPLIERS, OPENS_IN_THE_PAST, RULES_CONTRADICT (the last lot closes after the hard deadline,
        or could by these rules close later than an instant can be; bids have to be made before the opening, which is
        now; or the event has changed since a lot with a clock was drafted).
        """
        event = self._auctions.own_event(member_id, command.event_id)
        if event is None:
            return Reject(RejectCode.EVENT_UNKNOWN, field="event_id")
        if event.state is not EventState.DRAFT:
            return Reject(NOT_DRAFT[event.state])
        if not event.lots:
            return Reject(RejectCode.EVENT_WITHOUT_LOT)
        if not event.invited:
            return Reject(RejectCode.EVENT_WITHOUT_SUPPLIERS)
        if event.open_at_us < at_us:
            return Reject(RejectCode.OPENS_IN_THE_PAST, at_us)
        last_close_us = event.timetable()[-1][1]
        if 0 < event.overtime.hard_deadline_us < last_close_us:
            return Reject(RejectCode.RULES_CONTRADICT, last_close_us, "overtime.hard_deadline_us")
        if _latest_us(event) > INSTANT_US_MAX:
            return Reject(RejectCode.RULES_CONTRADICT, 0, "rules.lot_gap_us")
        in_advance = any(format_of(lot.rules).prebids for lot in event.lots)
        if event.rules.prebid is Prebid.REQUIRED and in_advance and event.open_at_us == at_us:
            return Reject(RejectCode.RULES_CONTRADICT, 0, "rules.prebid")
        return next((refused for lot in event.lots if (refused := event_refusal(lot, event))), None)

    def publish(self, command: PublishEvent, deadlines: Deadlines, events: list[AnyEvent]) -> None:
        """Fix the timetable; the lots open by themselves."""
        event = self._auctions.event_of(command.event_id)
        event.publish()
        events.append(EventPublished(event.event_id))
        if event.preview_at_us > deadlines.now_us:
            deadlines.set(PREVIEW, event.event_id, event.preview_at_us)
        else:
            self._auctions.preview(event, events)
        for lot in event.lots:
            deadlines.set(OPEN_LOT, lot.lot_id, lot.open_at_us)
