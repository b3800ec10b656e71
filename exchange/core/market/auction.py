"""The room of timed auctions: sourcing events and their lots, from the opening to the award.

Guarantees
- A bid counts if and only if the instant that the sequencer gave it is before the close (half-open).
- Improvement: `lots.admission` alone decides which price is taken. By default a bid lies a step below the
  bidder's own best, and takes the lead only a step below it (the front buffer of common auction engines, a
  whole step wide, so that no step is undercut by a cent); a price equal to another's is taken and ranks
  behind it.
- The first bid may buy a forward lot at once, where it has a buy-now price.
- Overtime: a bid that triggers it by the rules of `lots.clock` moves the close away, never nearer, and never
  further than its bounds. A refused bid moves nothing.
- A pause, in `steering`, moves every timer by exactly its length; an outage is a pause.
- Whoever may not see an event or a lot is told that there is none.

Questions (`…_refusal`) change nothing; their checks run in the order of their docstring. Changes cannot
fail after their question said None, and append what happened to `events`.

Known limits: ended events are kept for ever. A lot
whose close was due but not yet in the journal when an outage began counts as open.
"""

from collections.abc import Iterable
from typing import Final, Protocol

from msgspec import Struct

from exchange.core.deadlines import Deadlines
from exchange.core.limits import (
    BIDS_PER_SUPPLIER_MAX,
)
from exchange.core.market.lots.admission import price_refusal
from exchange.core.market.lots.clock import extended_close_us, moved_with, triggers
from exchange.core.market.lots.clockwork import bid_taken, follow, opening
from exchange.core.market.lots.formats import Clock, format_of
from exchange.core.market.lots.lines import lines_refusal, lines_said, price_lines
from exchange.core.market.lots.prebids import may_bid_live, shut_out, waiting_refusal
from exchange.core.market.lots.rounds import rounds_started, turn_refusal
from exchange.core.market.lots.sight import is_newcomer, sight_in
from exchange.core.market.proxies import answer
from exchange.core.market.sourcing import EventDump, EventState, Lot, LotState, Sight, SourcingEvent
from exchange.core.messages import AnyEvent
from exchange.core.messages.lot_rules import TooFew
from exchange.core.messages.preview import LotsPreviewed
from exchange.core.messages.review import ReviewBegan
from exchange.core.messages.sourcing import (
    BidSubmitted,
    BuyNow,
    CancelEvent,
    CloseExtended,
    EventCancelled,
    LotClosed,
    LotOpened,
    SubmitBid,
)
from exchange.core.messages.steering import LotMoved, LotPostponed
from exchange.core.rejects import Reject, RejectCode

OPEN_LOT: Final = "open_lot"
CLOSE_LOT: Final = "close_lot"
LOT_CLOCK: Final = "lot_clock"
"""Kinds of deadlines; their subject is the lot."""
PREVIEW: Final = "preview"
"""Kind of deadline; its subject is the event."""
_NO_CLOCK: Final = Clock.NONE


class Gate(Protocol):
    """What else must be so before an invited supplier bids: another room knows."""

    def bid_refusal(
        self, member_id: str, event_id: str, lot_id: str, /, *, practice: bool = False
    ) -> Reject | None:
        """Why it may not bid in the lot, whatever the price and the moment; to practise, less is asked."""
        ...

    def takes_part(self, member_id: str, event_id: str, /, *, practice: bool = False) -> bool:
        """Whether it counts as one who can bid."""
        ...


class OpenGate:
    """Whoever is invited may bid."""

    def bid_refusal(
        self, _member_id: str, _event_id: str, _lot_id: str, /, *, practice: bool = False
    ) -> None:
        """Nothing else is asked."""

    def takes_part(self, _member_id: str, _event_id: str, /, *, practice: bool = False) -> bool:
        """Everybody does."""
        return True


class AuctionsState(Struct, frozen=True, array_like=True):
    """All sourcing events in the order in which they were drafted, and all lots in theirs where it is another."""

    events: list[EventDump]
    lots: list[str] = []  # empty: event by event


class Auctions:
    """All sourcing events and their lots."""

    def __init__(self) -> None:
        self._events: dict[str, SourcingEvent] = {}
        self._lots: dict[str, Lot] = {}
        self.gate: Gate = OpenGate()

    def event(self, event_id: str) -> SourcingEvent | None:
        """The sourcing event, or nothing."""
        return self._events.get(event_id)

    def lot(self, lot_id: str) -> Lot | None:
        """The lot, or nothing."""
        return self._lots.get(lot_id)

    def events(self) -> Iterable[SourcingEvent]:
        """All of them, in the order in which they were drafted."""
        return self._events.values()

    def lots(self) -> Iterable[Lot]:
        """All of them, in the order in which they were drafted."""
        return self._lots.values()

    def lot_of(self, lot_id: str) -> Lot:
        """The lot that is known to be there."""
        return self._lots[lot_id]

    def event_of(self, event_id: str) -> SourcingEvent:
        """The sourcing event that is known to be there."""
        return self._events[event_id]

    def take_event(self, event: SourcingEvent) -> None:
        """Hold a new draft."""
        self._events[event.event_id] = event

    def take_lot(self, lot: Lot) -> None:
        """Hold a new lot, the last one of its event."""
        self._lots[lot.lot_id] = lot
        self._events[lot.event_id].lots.append(lot)

    def drop_lot(self, lot_id: str) -> Lot:
        """Forget a draft's lot."""
        lot = self._lots.pop(lot_id)
        self._events[lot.event_id].lots.remove(lot)
        return lot

    def preview(self, event: SourcingEvent, events: list[AnyEvent]) -> None:
        """Show suppliers the lots of a published event, unless they are shown; at the latest as the first one opens."""
        if event.preview_at_us and not event.previewed and event.state is EventState.PUBLISHED:
            event.previewed = True
            events.append(LotsPreviewed(event.event_id))

    # --- bidding ---------------------------------------------------------------------------------

    def open_lot(self, lot_id: str, at_us: int, deadlines: Deadlines, events: list[AnyEvent]) -> None:
        """Take bids from now on, or answer that too few could bid. The close stays where the timetable has it, however late this comes."""
        lot = self._lots[lot_id]
        event = self._events[lot.event_id]
        assert at_us >= lot.open_at_us and not event.paused_at_us
        if lot.sealed is not None and not lot.sealed.public_key:
            return  # it opens as soon as its key is stored
        self.preview(event, events)
        if self._too_few(event):
            self._answer_too_few(event, deadlines, events)
            return
        lot.tell(LotOpened)
        events.append(LotOpened(lot_id, lot.event_id, lot.close_at_us))
        for shown in opening(lot, at_us):
            follow(lot, shown)
            events.append(shown)
        self.set_timer(lot, deadlines)

    def _too_few(self, event: SourcingEvent) -> bool:
        """Asked before the first lot of the event opens; nobody is counted for another one."""
        rules, takes_part = event.rules, self.gate.takes_part
        if rules.if_too_few is TooFew.CONTINUE or not rules.min_participants:
            return False
        if any(lot.state is not LotState.WAITING for lot in event.lots):
            return False
        able = sum(
            takes_part(each, event.event_id, practice=event.practice) and may_bid_live(event, each)
            for each in event.invited
        )
        return able < rules.min_participants

    def _answer_too_few(self, event: SourcingEvent, deadlines: Deadlines, events: list[AnyEvent]) -> None:
        if event.rules.if_too_few is TooFew.CANCEL or event.postponed:
            cancelled = CancelEvent(event_id=event.event_id, reason="Too few suppliers")
            self.cancel(cancelled, deadlines, events)
            return
        event.postponed = True
        for lot in event.lots:
            lot.move(event.rules.postpone_us)
            self.set_timer(lot, deadlines)
            events.append(LotPostponed(lot.lot_id, event.rules.postpone_us))

    def set_timer(self, lot: Lot, deadlines: Deadlines) -> None:
        """Let what the lot waits for fall due at its instant; nothing does while its event is paused."""
        if self._events[lot.event_id].paused_at_us:
            return
        if lot.state is LotState.WAITING:
            deadlines.set(OPEN_LOT, lot.lot_id, lot.open_at_us)
        elif lot.state is LotState.OPEN:
            deadlines.set(CLOSE_LOT, lot.lot_id, lot.close_at_us)
            if lot.hands.until_us:
                deadlines.set(LOT_CLOCK, lot.lot_id, lot.hands.until_us)

    def drop_timers(self, lot: Lot, deadlines: Deadlines) -> None:
        """Nothing that the lot waits for in its state falls due any more, or not for now."""
        if lot.state is LotState.WAITING:
            deadlines.drop(OPEN_LOT, lot.lot_id)
            return
        deadlines.drop(CLOSE_LOT, lot.lot_id)
        if format_of(lot.rules).clock is not _NO_CLOCK:
            deadlines.drop(LOT_CLOCK, lot.lot_id)

    def bid_refusal(
        self, member_id: str, command: SubmitBid, at_us: int, sight: Sight | None = None
    ) -> Reject | None:
        """LOT_UNKNOWN, OWN_EVENT, those of the gate (INVITATION_DECLINED, TERMS_NOT_ACCEPTED, NOT_QUALIFIED),
        LOT_NOT_OPEN_YET, EVENT_PAUSED, LOT_NOT_OPEN, PREBID_MISSING, DECLARATION_MISSING, BIDS_ARE_SEALED, OTHER_FORMAT,
        those of `lots.rounds`, CURRENCY_OTHER, those of `lots.lines` and `lots.admission` in their order, TOO_MANY_BIDS.

        LOT_UNKNOWN is said to everyone who isn't shown the lot: those not invited, and those invited while
        it is a draft. Only the buyer sees it uninvited, hence OWN_EVENT. Bounds go as far as the sight given, else
        as the bidder's.
        """
        lot = self._lots.get(command.lot_id)
        if refused := self.closed_to(member_id, lot, at_us):
            return refused
        assert lot is not None
        if lot.sealed is not None:
            return Reject(RejectCode.BIDS_ARE_SEALED)
        if not format_of(lot.rules).takes_bids:
            return Reject(RejectCode.OTHER_FORMAT)
        if refused := turn_refusal(lot, member_id, at_us):
            return refused
        event, binding = self._events[lot.event_id], Sight.ALL
        if command.currency and command.currency != event.currency_of(member_id):
            return Reject(RejectCode.CURRENCY_OTHER, field="currency")
        if refused := lines_refusal(lot, command):
            return refused
        if newcomer := is_newcomer(event, lot, member_id):
            sight = binding = Sight.OWN
        sight = sight_in(event, lot, newcomer=newcomer) if sight is None else sight
        if refused := price_refusal(lot, member_id, command.price, sight, binding):
            return refused
        if lot.board.bids_of(member_id) >= BIDS_PER_SUPPLIER_MAX:
            return Reject(RejectCode.TOO_MANY_BIDS, BIDS_PER_SUPPLIER_MAX)
        return None

    def closed_to(self, member_id: str, lot: Lot | None, at_us: int) -> Reject | None:
        """Why the member can't bid in the lot now, whatever the price."""
        if lot is None:
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        event = self._events[lot.event_id]
        if member_id == event.buyer_id:
            return Reject(RejectCode.OWN_EVENT)
        if member_id not in event.invited or not event.shows(lot):
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        practice = event.practice
        if refused := self.gate.bid_refusal(member_id, lot.event_id, lot.lot_id, practice=practice):
            return refused
        if lot.state is LotState.WAITING:
            if refused := waiting_refusal(event, lot, at_us):
                return refused
        elif lot.state is LotState.OPEN and event.paused_at_us:
            return Reject(RejectCode.EVENT_PAUSED)
        elif lot.state is not LotState.OPEN or at_us >= lot.close_at_us:
            return Reject(RejectCode.LOT_NOT_OPEN)
        if shut_out(event, lot, member_id):
            return Reject(RejectCode.PREBID_MISSING)
        if lot.board.scores is not None and not lot.board.scores.ready(member_id):
            return Reject(RejectCode.DECLARATION_MISSING)
        return None

    def submit_bid(
        self, member_id: str, command: SubmitBid, at_us: int, deadlines: Deadlines, events: list[AnyEvent]
    ) -> int:
        """Take the bid, extend the close if it triggers overtime; how many bids the bidder has made now.

        The number of all bids in the lot is not for a bidder: it would tell how busy the others are.
        """
        lot = self._lots[command.lot_id]
        self.place(lot, member_id, command.price, at_us, deadlines, events)
        if lines := lines_said(lot, command):
            price_lines(lot, member_id, lines, events)
        answer(lot, at_us, events)
        return lot.board.bids_of(member_id)

    def place(
        self, lot: Lot, member_id: str, price: int, at_us: int, deadlines: Deadlines, events: list[AnyEvent]
    ) -> None:
        """A bid as it lands, before any proxy answers it: overtime looks at it there."""
        board = lot.board
        led = board.lead is not None and board.lead.member_id == member_id
        alias, bid_number = board.submit(member_id, price)
        events.append(BidSubmitted(lot.lot_id, member_id, price, alias, bid_number, at_us))
        bid_taken(lot)
        overtime = self._events[lot.event_id].overtime
        late = lot.state is LotState.OPEN and format_of(lot.rules).overtime
        if late and triggers(overtime, board.place_of(member_id), led=led):
            self._extend(lot, at_us, deadlines, events)

    def _extend(self, lot: Lot, at_us: int, deadlines: Deadlines, events: list[AnyEvent]) -> None:
        """Let the close move away from a late bid, as far as overtime goes."""
        close_at_us = extended_close_us(lot, self._events[lot.event_id].overtime, at_us)
        if close_at_us is None:
            return
        by_us = close_at_us - lot.close_at_us
        lot.overtime_us += by_us
        lot.close_at_us = close_at_us
        lot.extensions += 1
        deadlines.set(CLOSE_LOT, lot.lot_id, close_at_us)
        events.append(CloseExtended(lot.lot_id, close_at_us, lot.overtime_us))
        self.take_along(lot, by_us, deadlines, events)

    def take_along(self, lot: Lot, by_us: int, deadlines: Deadlines, events: list[AnyEvent]) -> None:
        """Let the event's other lots follow one that overtime moved by so much, or otherwise (0)."""
        event = self._events[lot.event_id]
        if len(event.lots) == 1:
            return
        for other in moved_with(event, lot, by_us):
            self.set_timer(other, deadlines)
            events.append(LotMoved(other.lot_id, other.open_at_us, other.close_at_us))

    def meet_close(self, lot_id: str, deadlines: Deadlines, events: list[AnyEvent]) -> None:
        """The timetable's close has come: the lot closes, or its rounds begin."""
        lot = self._lots[lot_id]
        if format_of(lot.rules).clock is _NO_CLOCK:
            self._end_bidding(lot, deadlines, events)
            return
        shown = rounds_started(lot)
        if not shown:
            self.close_lot(lot, deadlines, events)
            return
        for each in shown:
            follow(lot, each)
        events += shown
        self.set_timer(lot, deadlines)
        self.take_along(lot, 0, deadlines, events)

    def close_lot(self, lot: Lot, deadlines: Deadlines, events: list[AnyEvent]) -> None:
        """Take no more bids; the lot waits for its award."""
        self.drop_timers(lot, deadlines)
        self._end_bidding(lot, deadlines, events)

    def _end_bidding(self, lot: Lot, deadlines: Deadlines, events: list[AnyEvent]) -> None:
        lot.tell(LotClosed)
        if lot.sealed is not None:
            lot.sealed.close()
        lead = lot.board.lead
        lead_price, lead_member_id = (0, "") if lead is None else (lead.price, lead.member_id)
        events.append(LotClosed(lot.lot_id, lot.event_id, lead_price, lead_member_id))
        if review_us := self._events[lot.event_id].rules.review_us:
            lot.review_until_us = deadlines.now_us + review_us
            events.append(ReviewBegan(lot.lot_id, lot.review_until_us))

    def buy_now_refusal(self, member_id: str, command: BuyNow, at_us: int) -> Reject | None:
        """As `bid_refusal` until the price, but that the lot has to be open; BUY_NOW_GONE (never offered, or somebody has bid),
        BUY_NOW_PRICE_OTHER.
        """
        lot = self._lots.get(command.lot_id)
        if refused := self.closed_to(member_id, lot, at_us):
            return refused
        assert lot is not None
        if lot.state is LotState.WAITING:
            return Reject(RejectCode.LOT_NOT_OPEN_YET, lot.open_at_us)
        if not lot.rules.buy_now_price or lot.board.lead is not None:
            return Reject(RejectCode.BUY_NOW_GONE)
        if command.price != lot.rules.buy_now_price:
            return Reject(RejectCode.BUY_NOW_PRICE_OTHER, lot.rules.buy_now_price, "price")
        return None

    def buy_now(
        self, member_id: str, command: BuyNow, at_us: int, deadlines: Deadlines, events: list[AnyEvent]
    ) -> None:
        """The one bid of the lot, which closes with it."""
        lot = self._lots[command.lot_id]
        alias, bid_number = lot.board.submit(member_id, command.price)
        events.append(BidSubmitted(lot.lot_id, member_id, command.price, alias, bid_number, at_us))
        self.close_lot(lot, deadlines, events)

    # --- the end ---------------------------------------------------------------------------------

    def cancel_refusal(self, member_id: str, is_operator: bool, command: CancelEvent) -> Reject | None:
        """EVENT_UNKNOWN (unless the member is its buyer or an operator), EVENT_ENDED."""
        event = self.governed_event(member_id, is_operator, command.event_id)
        if event is None:
            return Reject(RejectCode.EVENT_UNKNOWN, field="event_id")
        if event.state in (EventState.ENDED, EventState.CANCELLED):
            return Reject(RejectCode.EVENT_ENDED)
        return None

    def cancel(self, command: CancelEvent, deadlines: Deadlines, events: list[AnyEvent]) -> None:
        """Void every lot; nothing of it falls due any more."""
        event = self._events[command.event_id]
        for lot in event.lots:
            self.drop_timers(lot, deadlines)
        event.cancel()
        events.append(EventCancelled(event.event_id, command.reason))

    # --- who governs an event --------------------------------------------------------------------

    def own_event(self, member_id: str, event_id: str) -> SourcingEvent | None:
        """The event, if it is this buyer's."""
        event = self._events.get(event_id)
        return event if event is not None and event.buyer_id == member_id else None

    def governed_event(self, member_id: str, is_operator: bool, event_id: str) -> SourcingEvent | None:
        """The event, if the member is its buyer or an operator."""
        return self._events.get(event_id) if is_operator else self.own_event(member_id, event_id)

    # --- snapshots -------------------------------------------------------------------------------

    def dump(self) -> AuctionsState:
        """Canonical: events and lots stand in the order of their drafting, which is part of the state."""
        by_event = [lot.lot_id for event in self._events.values() for lot in event.lots]
        drafted = list(self._lots)
        return AuctionsState(
            [event.dump() for event in self._events.values()], [] if drafted == by_event else drafted
        )

    @classmethod
    def load(cls, state: AuctionsState) -> "Auctions":
        """The auctions of a dump."""
        auctions = cls()
        for dumped in state.events:
            event = SourcingEvent.load(dumped)
            auctions._events[event.event_id] = event
            auctions._lots.update((lot.lot_id, lot) for lot in event.lots)
        auctions._lots = {lot_id: auctions._lots[lot_id] for lot_id in state.lots or auctions._lots}
        return auctions
