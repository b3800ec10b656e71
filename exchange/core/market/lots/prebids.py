"""Bids before a lot opens, where its event takes them.

Guarantees: they are taken from the publication until the opening by the rules that hold in the open lot, stand in it,
and move no close. Where they are required, nobody bids in the open lot who has not bid before; a bid that was taken
back counts as made. Lots whose format takes no bids in advance are not concerned.
"""

from exchange.core.market.lots.formats import format_of
from exchange.core.market.sourcing import Lot, LotState, SourcingEvent
from exchange.core.messages.lot_rules import Prebid
from exchange.core.rejects import Reject, RejectCode


def takes_prebids(event: SourcingEvent, lot: Lot) -> bool:
    """Whether bids are taken as the lot waits."""
    waits = lot.state is LotState.WAITING and event.rules.prebid is not Prebid.NONE
    return waits and format_of(lot.rules).prebids


def shut_out(event: SourcingEvent, lot: Lot, member_id: str) -> bool:
    """Whether the member should have bid before the opening, and has not."""
    if event.rules.prebid is not Prebid.REQUIRED or lot.state is LotState.WAITING:
        return False
    return format_of(lot.rules).prebids and not lot.board.has_bid(member_id)


def waiting_refusal(event: SourcingEvent, lot: Lot, at_us: int) -> Reject | None:
    """Of a lot that waits: LOT_NOT_OPEN_YET, EVENT_PAUSED."""
    if not takes_prebids(event, lot):
        return Reject(RejectCode.LOT_NOT_OPEN_YET, lot.open_at_us)
    if event.paused_at_us:
        return Reject(RejectCode.EVENT_PAUSED)
    return Reject(RejectCode.LOT_NOT_OPEN_YET, lot.open_at_us) if at_us >= lot.open_at_us else None


def may_bid_live(event: SourcingEvent, member_id: str) -> bool:
    """Asked as the first lot opens: whether there is a lot of the event in which the member is not shut out."""
    if event.rules.prebid is not Prebid.REQUIRED:
        return True
    return any(not format_of(lot.rules).prebids or lot.board.has_bid(member_id) for lot in event.lots)
