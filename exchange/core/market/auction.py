"""The room of timed auctions: sourcing events with one English reverse lot each.

Guarantees
- A bid counts if and only if the instant that the sequencer gave it is before the close (half-open).
- Improvement: a bid lies at least `min_step` below the bidder's own best, and takes the lead only at least
  `min_step` below it. Between the two nobody may land (the front buffer of common auction
  engines, a whole step wide, so that no step is undercut by a cent); a price equal to another's is taken and
  ranks behind it, for the earliest wins a tie.
- Overtime: a bid that takes the lead from somebody else, or the first lead, within `[close - window, close)`
  moves the close to `extension_us` after the bid's instant, never nearer, and never further than
  `total_us_max` after where it would be without overtime. A refused bid moves nothing, nor does a leader who
  improves on itself.
- An outage is a pause: timers move by its length, and no lot closes sooner than the notice after it.
- Whoever may not see an event or a lot is told that there is none.

Questions (`…_refusal`) change nothing; their checks run in the order of their docstring. Changes cannot
fail after their question said None, and append what happened to `events`.

Known limits: one lot per event, one line per lot, English reverse only; ended events are kept for ever. A lot
whose close was due but not yet in the journal when an outage began counts as open.
"""

from typing import Final

from msgspec import Struct

from exchange.core.deadlines import Deadlines
from exchange.core.limits import (
    AMOUNT_MINOR_MAX,
    BIDS_PER_SUPPLIER_MAX,
    LOTS_PER_EVENT_MAX,
    OUTAGE_NOTICE_US,
    SUPPLIERS_PER_LOT_MAX,
)
from exchange.core.market.sourcing import EventDump, EventState, Lot, LotState, SourcingEvent
from exchange.core.messages import AnyEvent
from exchange.core.messages.sourcing import (
    AddLot,
    AwardLot,
    BidSubmitted,
    CancelEvent,
    CloseExtended,
    CreateEvent,
    EventCancelled,
    EventCreated,
    EventPublished,
    InviteSupplier,
    LotAdded,
    LotAwarded,
    LotClosed,
    LotOpened,
    LotShifted,
    PublishEvent,
    SubmitBid,
    SupplierInvited,
)
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import CURRENCY_EXPONENT, divided_half_away, minor_per_price

OPEN_LOT: Final = "open_lot"
CLOSE_LOT: Final = "close_lot"
"""Kinds of deadlines; their subject is the lot."""

NOT_DRAFT: Final = {
    EventState.PUBLISHED: RejectCode.EVENT_NOT_DRAFT,
    EventState.ENDED: RejectCode.EVENT_ENDED,
    EventState.CANCELLED: RejectCode.EVENT_ENDED,
}
"""Why an event can't be drafted any further."""

NOT_INVITING: Final = frozenset({LotState.CLOSED, LotState.AWARDED, LotState.VOID})
"""Where nobody can bid any more."""

NOT_AWARDABLE: Final = {
    LotState.DRAFT: RejectCode.LOT_NOT_CLOSED,
    LotState.WAITING: RejectCode.LOT_NOT_CLOSED,
    LotState.OPEN: RejectCode.LOT_NOT_CLOSED,
    LotState.AWARDED: RejectCode.LOT_ALREADY_AWARDED,
    LotState.VOID: RejectCode.EVENT_ENDED,
}
"""Why a lot can't be awarded."""


class AuctionsState(Struct, frozen=True, array_like=True):
    """All sourcing events in the order in which they were drafted."""

    events: list[EventDump]


class Auctions:
    """All sourcing events and their lots."""

    def __init__(self) -> None:
        self._events: dict[str, SourcingEvent] = {}
        self._lots: dict[str, Lot] = {}

    def event(self, event_id: str) -> SourcingEvent | None:
        """The sourcing event, or nothing."""
        return self._events.get(event_id)

    def lot(self, lot_id: str) -> Lot | None:
        """The lot, or nothing."""
        return self._lots.get(lot_id)

    # --- drafting --------------------------------------------------------------------------------

    def create_refusal(self, command: CreateEvent, at_us: int) -> Reject | None:
        """CURRENCY_UNKNOWN, OPENS_IN_THE_PAST; to open at this very instant is in time."""
        if command.currency not in CURRENCY_EXPONENT:
            return Reject(RejectCode.CURRENCY_UNKNOWN, field="currency")
        if command.open_at_us < at_us:
            return Reject(RejectCode.OPENS_IN_THE_PAST, at_us, "open_at_us")
        return None

    def create(
        self, new_id: str, member_id: str, owner: str, command: CreateEvent, events: list[AnyEvent]
    ) -> None:
        """Draft an event of this buyer, whose beneficial owner is `owner`."""
        event = SourcingEvent.drafted(new_id, member_id, owner, command)
        self._events[new_id] = event
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

    def add_lot_refusal(self, member_id: str, command: AddLot) -> Reject | None:
        """EVENT_UNKNOWN (somebody else's too), EVENT_NOT_DRAFT or EVENT_ENDED, TOO_MANY_LOTS, STEP_OFF_TICK,
        AMOUNT_TOO_LARGE if the whole lot at its ceiling can't be booked.
        """
        event = self._own_event(member_id, command.event_id)
        if event is None:
            return Reject(RejectCode.EVENT_UNKNOWN, field="event_id")
        if event.state is not EventState.DRAFT:
            return Reject(NOT_DRAFT[event.state])
        if len(event.lots) >= LOTS_PER_EVENT_MAX:
            return Reject(RejectCode.TOO_MANY_LOTS, LOTS_PER_EVENT_MAX)
        if command.ceiling_price % command.tick:
            return Reject(RejectCode.STEP_OFF_TICK, command.tick, "ceiling_price")
        if command.min_step % command.tick:
            return Reject(RejectCode.STEP_OFF_TICK, command.tick, "min_step")
        if _amount_minor(event, command.ceiling_price, command.quantity) > AMOUNT_MINOR_MAX:
            return Reject(RejectCode.AMOUNT_TOO_LARGE, AMOUNT_MINOR_MAX, "quantity")
        return None

    def add_lot(self, new_id: str, command: AddLot, events: list[AnyEvent]) -> None:
        """Put the lot into the draft."""
        lot = Lot.drafted(new_id, command)
        self._lots[new_id] = lot
        self._events[lot.event_id].lots.append(lot)
        events.append(
            LotAdded(new_id, lot.event_id, lot.title, lot.quantity, lot.ceiling_price, lot.min_step, lot.tick)
        )

    def invite_refusal(
        self, member_id: str, is_operator: bool, command: InviteSupplier, supplier_owner: str
    ) -> Reject | None:
        """EVENT_UNKNOWN (unless the member is its buyer or an operator), EVENT_ENDED (once bidding is over),
        OWN_EVENT, ALREADY_INVITED, OWNER_ALREADY_INVITED, TOO_MANY_SUPPLIERS. One bidder per beneficial owner;
        the buyer's owner has none.
        """
        event = self._governed_event(member_id, is_operator, command.event_id)
        if event is None:
            return Reject(RejectCode.EVENT_UNKNOWN, field="event_id")
        if event.state is EventState.CANCELLED or any(lot.state in NOT_INVITING for lot in event.lots):
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
        event = self._events[command.event_id]
        event.invited[command.member_id] = supplier_owner
        event.owners.add(supplier_owner)
        events.append(SupplierInvited(command.event_id, command.member_id))

    def publish_refusal(self, member_id: str, command: PublishEvent, at_us: int) -> Reject | None:
        """EVENT_UNKNOWN (somebody else's too), EVENT_NOT_DRAFT or EVENT_ENDED, EVENT_WITHOUT_LOT,
        EVENT_WITHOUT_SUPPLIERS, OPENS_IN_THE_PAST.
        """
        event = self._own_event(member_id, command.event_id)
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
        return None

    def publish(self, command: PublishEvent, deadlines: Deadlines, events: list[AnyEvent]) -> None:
        """Fix the timetable; the lots open by themselves."""
        event = self._events[command.event_id]
        event.tell(EventPublished)
        events.append(EventPublished(event.event_id))
        for lot in event.lots:
            lot.tell(EventPublished)
            lot.open_at_us = event.open_at_us
            lot.close_at_us = event.open_at_us + event.duration_us
            deadlines.set(OPEN_LOT, lot.lot_id, lot.open_at_us)

    # --- bidding ---------------------------------------------------------------------------------

    def open_lot(self, lot_id: str, at_us: int, deadlines: Deadlines, events: list[AnyEvent]) -> None:
        """Take bids from now on. The close stays where the timetable has it, however late this comes."""
        lot = self._lots[lot_id]
        assert at_us >= lot.open_at_us
        lot.tell(LotOpened)
        deadlines.set(CLOSE_LOT, lot_id, lot.close_at_us)
        events.append(LotOpened(lot_id, lot.event_id, lot.close_at_us))

    def bid_refusal(self, member_id: str, command: SubmitBid, at_us: int) -> Reject | None:
        """LOT_UNKNOWN, OWN_EVENT, LOT_NOT_OPEN_YET, LOT_NOT_OPEN, PRICE_OFF_TICK, BID_ABOVE_CEILING,
        STEP_TOO_SMALL, TOO_MANY_BIDS.

        LOT_UNKNOWN is said to everyone who isn't shown the lot: those not invited, and those invited while
        it is a draft. Only the buyer sees it uninvited, hence OWN_EVENT. The bound of STEP_TOO_SMALL is the
        highest price up to the one offered that would be taken, 0 if there is none; it lies on the tick,
        since ceiling and step do. Where the lead's price is not disclosed, the bound follows from the
        bidder's own best bid alone, and is 0 if it is the lead that was missed.
        """
        lot = self._lots.get(command.lot_id)
        if lot is None:
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        event = self._events[lot.event_id]
        if member_id == event.buyer_id:
            return Reject(RejectCode.OWN_EVENT)
        if member_id not in event.invited or not lot.published:
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        if lot.state is LotState.WAITING:
            return Reject(RejectCode.LOT_NOT_OPEN_YET, lot.open_at_us)
        if lot.state is not LotState.OPEN or at_us >= lot.close_at_us:
            return Reject(RejectCode.LOT_NOT_OPEN)
        if command.price % lot.tick:
            return Reject(RejectCode.PRICE_OFF_TICK, lot.tick, "price")
        if command.price > lot.ceiling_price:
            return Reject(RejectCode.BID_ABOVE_CEILING, lot.ceiling_price, "price")
        refusal = _step_refusal(event, lot, member_id, command.price)
        if refusal is not None:
            return refusal
        own = lot.board.of(member_id)
        if own is not None and own.bids >= BIDS_PER_SUPPLIER_MAX:
            return Reject(RejectCode.TOO_MANY_BIDS, BIDS_PER_SUPPLIER_MAX)
        return None

    def submit_bid(
        self, member_id: str, command: SubmitBid, at_us: int, deadlines: Deadlines, events: list[AnyEvent]
    ) -> int:
        """Take the bid, extend the close if it triggers overtime; how many bids the bidder has made now.

        The number of all bids in the lot is not for a bidder: it would tell how busy the others are.
        """
        lot = self._lots[command.lot_id]
        board = lot.board
        led = board.lead
        alias, bid_number = board.submit(member_id, command.price)
        events.append(BidSubmitted(lot.lot_id, member_id, command.price, alias, bid_number, at_us))
        lead = board.lead
        assert lead is not None
        if lead.bid_number == bid_number and (led is None or led.member_id != member_id):
            self._extend(lot, at_us, deadlines, events)
        own = board.of(member_id)
        assert own is not None
        return own.bids

    def _extend(self, lot: Lot, at_us: int, deadlines: Deadlines, events: list[AnyEvent]) -> None:
        """Let the close move away from a new lead within the window, as far as overtime goes."""
        overtime = self._events[lot.event_id].overtime
        if at_us < lot.close_at_us - overtime.window_us:
            return
        last_us = lot.close_at_us - lot.overtime_us + overtime.total_us_max
        close_at_us = min(at_us + overtime.extension_us, last_us)
        if close_at_us <= lot.close_at_us:
            return
        lot.overtime_us += close_at_us - lot.close_at_us
        lot.close_at_us = close_at_us
        deadlines.set(CLOSE_LOT, lot.lot_id, close_at_us)
        events.append(CloseExtended(lot.lot_id, close_at_us, lot.overtime_us))

    def close_lot(self, lot_id: str, events: list[AnyEvent]) -> None:
        """Take no more bids; the lot waits for its award."""
        lot = self._lots[lot_id]
        lot.tell(LotClosed)
        lead = lot.board.lead
        lead_price, lead_member_id = (0, "") if lead is None else (lead.price, lead.member_id)
        events.append(LotClosed(lot_id, lot.event_id, lead_price, lead_member_id))

    # --- the end ---------------------------------------------------------------------------------

    def award_refusal(self, member_id: str, command: AwardLot) -> Reject | None:
        """LOT_UNKNOWN (somebody else's too), LOT_NOT_CLOSED, LOT_ALREADY_AWARDED or EVENT_ENDED (cancelled),
        ALIAS_UNKNOWN.
        """
        lot = self._lots.get(command.lot_id)
        if lot is None or self._own_event(member_id, lot.event_id) is None:
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        if lot.state is not LotState.CLOSED:
            return Reject(NOT_AWARDABLE[lot.state])
        if command.alias > lot.board.bidders:
            return Reject(RejectCode.ALIAS_UNKNOWN, lot.board.bidders, "alias")
        return None

    def award(self, command: AwardLot, events: list[AnyEvent]) -> None:
        """Give the lot to the supplier behind the alias at its best price, or to nobody; the event ends."""
        lot = self._lots[command.lot_id]
        event = self._events[lot.event_id]
        lot.tell(LotAwarded)
        event.tell(LotAwarded)
        lot.awarded_alias = command.alias
        bid = lot.board.by_alias(command.alias)
        price, winner_id = (0, "") if bid is None else (bid.price, bid.member_id)
        amount_minor = _amount_minor(event, price, lot.quantity)
        events.append(
            LotAwarded(
                lot.lot_id,
                event.event_id,
                event.buyer_id,
                winner_id,
                command.alias,
                price,
                lot.quantity,
                amount_minor,
            )
        )

    def cancel_refusal(self, member_id: str, is_operator: bool, command: CancelEvent) -> Reject | None:
        """EVENT_UNKNOWN (unless the member is its buyer or an operator), EVENT_ENDED."""
        event = self._governed_event(member_id, is_operator, command.event_id)
        if event is None:
            return Reject(RejectCode.EVENT_UNKNOWN, field="event_id")
        if event.state in (EventState.ENDED, EventState.CANCELLED):
            return Reject(RejectCode.EVENT_ENDED)
        return None

    def cancel(self, command: CancelEvent, deadlines: Deadlines, events: list[AnyEvent]) -> None:
        """Void every lot; nothing of it falls due any more."""
        event = self._events[command.event_id]
        event.tell(EventCancelled)
        for lot in event.lots:
            lot.tell(EventCancelled)
            deadlines.drop(OPEN_LOT, lot.lot_id)
            deadlines.drop(CLOSE_LOT, lot.lot_id)
        events.append(EventCancelled(event.event_id, command.reason))

    def end_outage(self, down_us: int, at_us: int, deadlines: Deadlines, events: list[AnyEvent]) -> None:
        """Move the timers of all waiting and open lots, in the order in which the lots were drafted.

        `at_us` is the instant at which the exchange serves again. A lot that is open then, or should have
        opened while it was down, closes at least OUTAGE_NOTICE_US after it. Closed lots stay closed.
        """
        for lot in self._lots.values():
            if lot.state is LotState.WAITING or lot.state is LotState.OPEN:
                _shift(lot, down_us, at_us, deadlines, events)

    # --- who governs an event --------------------------------------------------------------------

    def _own_event(self, member_id: str, event_id: str) -> SourcingEvent | None:
        event = self._events.get(event_id)
        return event if event is not None and event.buyer_id == member_id else None

    def _governed_event(self, member_id: str, is_operator: bool, event_id: str) -> SourcingEvent | None:
        return self._events.get(event_id) if is_operator else self._own_event(member_id, event_id)

    # --- snapshots -------------------------------------------------------------------------------

    def dump(self) -> AuctionsState:
        """Canonical: events and lots stand in the order of their drafting, which is part of the state."""
        return AuctionsState([event.dump() for event in self._events.values()])

    @classmethod
    def load(cls, state: AuctionsState) -> "Auctions":
        """The auctions of a dump."""
        auctions = cls()
        for dumped in state.events:
            event = SourcingEvent.load(dumped)
            auctions._events[event.event_id] = event
            auctions._lots.update((lot.lot_id, lot) for lot in event.lots)
        return auctions


def _amount_minor(event: SourcingEvent, price: int, quantity: int) -> int:
    """What the quantity costs, in minor units of the event's currency, rounded once."""
    numerator, denominator = minor_per_price(event.currency, event.price_scale)
    return divided_half_away(price * quantity * numerator, denominator)


def _step_refusal(event: SourcingEvent, lot: Lot, member_id: str, price: int) -> Reject | None:
    """STEP_TOO_SMALL if the bid improves by too little on the bidder's own, or on the lead that it takes."""
    own_max = lot.board.own_max(member_id, price, lot.min_step)
    bid_max = lot.board.lead_max(member_id, own_max, lot.min_step)
    if price <= bid_max:
        return None
    own_bound = own_max if own_max < price else 0
    bound = bid_max if event.discloses_lead else own_bound
    return Reject(RejectCode.STEP_TOO_SMALL, max(bound, 0), "price")


def _shift(lot: Lot, down_us: int, at_us: int, deadlines: Deadlines, events: list[AnyEvent]) -> None:
    """Move the timers of a waiting or open lot by an outage that ends at `at_us`."""
    waiting = lot.state is LotState.WAITING
    open_at_us = lot.open_at_us + down_us if waiting else lot.open_at_us
    close_at_us = lot.close_at_us + down_us
    if lot.open_at_us <= at_us:
        close_at_us = max(close_at_us, at_us + OUTAGE_NOTICE_US)
    if (open_at_us, close_at_us) == (lot.open_at_us, lot.close_at_us):
        return
    lot.open_at_us, lot.close_at_us = open_at_us, close_at_us
    if waiting:
        deadlines.set(OPEN_LOT, lot.lot_id, open_at_us)
    else:
        deadlines.set(CLOSE_LOT, lot.lot_id, close_at_us)
    events.append(LotShifted(lot.lot_id, open_at_us, close_at_us))
