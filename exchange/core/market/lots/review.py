"""The review period of a closed lot: until its award, and no longer than it lasts, the lot can be reopened.

Guarantees: it counts from the instant of the close, half-open; an award ends it for good, a default doesn't begin
another. An outage lengthens it by as much. A reopened lot keeps its bids, aliases and proxies, and its overtime counts
from nothing. Only lots of a format that goes on where it stood are reopened: neither opened envelopes nor a clock that
has run out are.
"""

from exchange.core.deadlines import Deadlines
from exchange.core.limits import EVENT_DURATION_US_MAX
from exchange.core.market.auction import Auctions
from exchange.core.market.ending import NOT_AWARDABLE
from exchange.core.market.lots.formats import format_of
from exchange.core.market.sourcing import Lot, LotState
from exchange.core.messages import AnyEvent
from exchange.core.messages.review import LotReopened, ReopenLot
from exchange.core.rejects import Reject, RejectCode


class Reviews:
    """Lots between their close and their award."""

    def __init__(self, auctions: Auctions, deadlines: Deadlines) -> None:
        self._auctions = auctions
        self._deadlines = deadlines

    def refusal(self, member_id: str, is_operator: bool, command: ReopenLot, at_us: int) -> Reject | None:
        """LOT_UNKNOWN (unless the member is its buyer or an operator), LOT_NOT_CLOSED, LOT_ALREADY_AWARDED or
        EVENT_ENDED (cancelled), NOT_REOPENED (its format isn't), REVIEW_OVER (the bound is when it ended, 0: there is none, or
        an award ended it), SEED_REVEALED, EVENT_PAUSED, CLOSE_NOT_LATER than now, CLOSE_TOO_LATE (after the hard deadline, or
        open for too long).
        """
        lot = self._auctions.lot(command.lot_id)
        if lot is None or not self._auctions.governed_event(member_id, is_operator, lot.event_id):
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        if refused := self._state_refusal(lot, at_us):
            return refused
        if command.close_at_us <= at_us:
            return Reject(RejectCode.CLOSE_NOT_LATER, at_us, "close_at_us")
        last_us = lot.hard_deadline_us or lot.open_at_us + EVENT_DURATION_US_MAX
        if command.close_at_us > last_us:
            return Reject(RejectCode.CLOSE_TOO_LATE, last_us, "close_at_us")
        return None

    def _state_refusal(self, lot: Lot, at_us: int) -> Reject | None:
        if lot.state is not LotState.CLOSED:
            return Reject(NOT_AWARDABLE[lot.state])
        if not format_of(lot.rules).reopens:
            return Reject(RejectCode.NOT_REOPENED)
        if at_us >= lot.review_until_us:
            return Reject(RejectCode.REVIEW_OVER, lot.review_until_us)
        if lot.board.seed:
            return Reject(RejectCode.SEED_REVEALED)
        paused = self._auctions.event_of(lot.event_id).paused_at_us
        return Reject(RejectCode.EVENT_PAUSED) if paused else None

    def reopen(self, command: ReopenLot, events: list[AnyEvent]) -> None:
        """Take bids again; lots that follow this one in time move with it."""
        lot = self._auctions.lot_of(command.lot_id)
        reopen(lot, command.close_at_us)
        self._auctions.set_timer(lot, self._deadlines)
        events.append(LotReopened(lot.lot_id, lot.event_id, lot.close_at_us, command.reason))
        self._auctions.take_along(lot, 0, self._deadlines, events)


def reopen(lot: Lot, close_at_us: int) -> None:
    """As it stood at its close, until a new one."""
    lot.tell(LotReopened)
    lot.close_at_us = close_at_us
    lot.overtime_us = lot.extensions = lot.review_until_us = 0
