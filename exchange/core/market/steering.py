"""How an event is steered while it runs: pause and resume, extend and end, outages.

Guarantees: a pause moves every timer of every lot that is not closed by exactly its length, the hard deadline
too; no bid is taken meanwhile. An outage is a pause that ends by itself; but where a lot would then close
after its hard deadline, the event stays paused from the beginning of the outage until somebody decides.
Questions and changes as in `auction`, whose events and lots these are.
"""

from exchange.core.deadlines import Deadlines
from exchange.core.limits import EVENT_DURATION_US_MAX
from exchange.core.market.auction import Auctions
from exchange.core.market.lots.clock import timetable_after_outage
from exchange.core.market.sourcing import EventState, Lot, LotState, SourcingEvent
from exchange.core.messages import AnyEvent
from exchange.core.messages.sourcing import LotShifted
from exchange.core.messages.steering import (
    EndLot,
    EventPaused,
    EventResumed,
    ExtendLot,
    LotEnded,
    LotExtended,
    PauseEvent,
    ResumeEvent,
)
from exchange.core.rejects import Reject, RejectCode


class Steering:
    """What its buyer, an operator or an outage does to a running event."""

    def __init__(self, auctions: Auctions, deadlines: Deadlines) -> None:
        self._auctions = auctions
        self._deadlines = deadlines

    # --- pause and resume ------------------------------------------------------------------------

    def pause_refusal(self, member_id: str, is_operator: bool, command: PauseEvent) -> Reject | None:
        """EVENT_UNKNOWN (unless the member is its buyer or an operator), EVENT_NOT_RUNNING, EVENT_PAUSED."""
        event = self._auctions.governed_event(member_id, is_operator, command.event_id)
        if event is None:
            return Reject(RejectCode.EVENT_UNKNOWN, field="event_id")
        if not _runs(event):
            return Reject(RejectCode.EVENT_NOT_RUNNING)
        return Reject(RejectCode.EVENT_PAUSED) if event.paused_at_us else None

    def pause(self, command: PauseEvent, at_us: int, events: list[AnyEvent]) -> None:
        """Stop the clocks."""
        self._pause(self._auctions.event_of(command.event_id), at_us, command.reason, events)

    def _pause(self, event: SourcingEvent, at_us: int, reason: str, events: list[AnyEvent]) -> None:
        event.paused_at_us = at_us
        for lot in event.lots:
            self._auctions.drop_timers(lot, self._deadlines)
        events.append(EventPaused(event.event_id, at_us, reason))

    def resume_refusal(self, member_id: str, is_operator: bool, command: ResumeEvent) -> Reject | None:
        """EVENT_UNKNOWN (unless the member is its buyer or an operator), EVENT_NOT_RUNNING, EVENT_NOT_PAUSED."""
        event = self._auctions.governed_event(member_id, is_operator, command.event_id)
        if event is None:
            return Reject(RejectCode.EVENT_UNKNOWN, field="event_id")
        if not _runs(event):
            return Reject(RejectCode.EVENT_NOT_RUNNING)
        return None if event.paused_at_us else Reject(RejectCode.EVENT_NOT_PAUSED)

    def resume(self, command: ResumeEvent, at_us: int, events: list[AnyEvent]) -> None:
        """Go on where the clocks stood."""
        event = self._auctions.event_of(command.event_id)
        paused_us = at_us - event.paused_at_us
        event.resume(paused_us)
        for lot in event.lots:
            self._auctions.set_timer(lot, self._deadlines)
        events.append(EventResumed(event.event_id, paused_us))

    # --- extend and end --------------------------------------------------------------------------

    def extend_refusal(self, member_id: str, is_operator: bool, command: ExtendLot) -> Reject | None:
        """LOT_UNKNOWN (unless the member is its buyer or an operator), LOT_NOT_OPEN (it neither waits nor is
        open), CLOSE_NOT_LATER, CLOSE_TOO_LATE (after the hard deadline, or open for too long).
        """
        lot = self._governed_lot(member_id, is_operator, command.lot_id)
        if lot is None:
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        if not lot.running:
            return Reject(RejectCode.LOT_NOT_OPEN)
        if command.close_at_us <= lot.close_at_us:
            return Reject(RejectCode.CLOSE_NOT_LATER, lot.close_at_us, "close_at_us")
        last_us = lot.hard_deadline_us or lot.open_at_us + EVENT_DURATION_US_MAX
        if command.close_at_us > last_us:
            return Reject(RejectCode.CLOSE_TOO_LATE, last_us, "close_at_us")
        return None

    def extend(self, command: ExtendLot, events: list[AnyEvent]) -> None:
        """Close later; overtime counts from there, and what a clock shows stands as much longer."""
        lot = self._auctions.lot_of(command.lot_id)
        lot.reschedule(lot.open_at_us, command.close_at_us)
        self._auctions.set_timer(lot, self._deadlines)
        events.append(LotExtended(lot.lot_id, lot.close_at_us))
        self._auctions.take_along(lot, 0, self._deadlines, events)

    def end_refusal(self, member_id: str, is_operator: bool, command: EndLot) -> Reject | None:
        """LOT_UNKNOWN (unless the member is its buyer or an operator), LOT_NOT_OPEN_YET, LOT_NOT_OPEN."""
        lot = self._governed_lot(member_id, is_operator, command.lot_id)
        if lot is None:
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        if lot.state is LotState.WAITING:
            return Reject(RejectCode.LOT_NOT_OPEN_YET, lot.open_at_us)
        return None if lot.state is LotState.OPEN else Reject(RejectCode.LOT_NOT_OPEN)

    def end(self, command: EndLot, events: list[AnyEvent]) -> None:
        """Close now."""
        events.append(LotEnded(command.lot_id, command.reason))
        self._auctions.close_lot(self._auctions.lot_of(command.lot_id), self._deadlines, events)

    # --- outages ---------------------------------------------------------------------------------

    def end_outage(self, down_us: int, at_us: int, events: list[AnyEvent]) -> None:
        """Move the timers of all waiting and open lots, in the order in which the lots were drafted.

        `at_us` is the instant at which the exchange serves again. Closed lots stay closed, paused ones paused.
        """
        for event in self._auctions.events():
            if not event.paused_at_us and any(_overdue(lot, down_us, at_us) for lot in event.lots):
                self._pause(event, at_us - down_us, "Outage", events)
        for lot in self._auctions.lots():
            if lot.running and not self._auctions.event_of(lot.event_id).paused_at_us:
                self._shift(lot, down_us, at_us, events)
        for event in self._auctions.events():
            if _runs(event) and not event.paused_at_us:
                self._auctions.take_along(event.lots[0], 0, self._deadlines, events)

    def _shift(self, lot: Lot, down_us: int, at_us: int, events: list[AnyEvent]) -> None:
        timetable = timetable_after_outage(lot, down_us, at_us)
        if timetable == (lot.open_at_us, lot.close_at_us):
            return
        lot.reschedule(*timetable)
        self._auctions.set_timer(lot, self._deadlines)
        events.append(LotShifted(lot.lot_id, lot.open_at_us, lot.close_at_us))

    def _governed_lot(self, member_id: str, is_operator: bool, lot_id: str) -> Lot | None:
        """The lot, if the member is its buyer or an operator."""
        lot = self._auctions.lot(lot_id)
        governs = lot is not None and self._auctions.governed_event(member_id, is_operator, lot.event_id)
        return lot if governs else None


def _runs(event: SourcingEvent) -> bool:
    return event.state is EventState.PUBLISHED and any(lot.running for lot in event.lots)


def _overdue(lot: Lot, down_us: int, at_us: int) -> bool:
    """Whether an outage would have the lot close after its hard deadline."""
    if not lot.running or not lot.hard_deadline_us:
        return False
    return timetable_after_outage(lot, down_us, at_us)[1] > lot.hard_deadline_us
