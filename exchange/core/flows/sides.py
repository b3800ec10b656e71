"""Who draws an event up and who bids in it: in an event from stock a seller and buyers, in all others the other way round.

Whoever has nothing to do with an event is asked for the role that plain events ask for, and so learns nothing of it.
"""

from exchange.core.market.auction import Auctions
from exchange.core.market.sourcing import SourcingEvent
from exchange.core.messages import Role
from exchange.core.rejects import Reject, RejectCode


def drafting_role(event: SourcingEvent | None) -> Role:
    """What the one has who draws it up."""
    return Role.SELLER if event is not None and event.from_stock else Role.BUYER


def bidding_role(event: SourcingEvent | None) -> Role:
    """What its bidders have."""
    return Role.BUYER if event is not None and event.from_stock else Role.SELLER


def role_in_draft(auctions: Auctions, member_id: str, event_id: str) -> Role:
    """What the member needs to draw up the event, if that is its own."""
    return drafting_role(auctions.own_event(member_id, event_id))


def role_in_event(auctions: Auctions, member_id: str, event_id: str) -> Role:
    """What the member needs to bid in the event, if it is invited."""
    event = auctions.event(event_id)
    return bidding_role(event if event is not None and member_id in event.invited else None)


def role_in_lot(auctions: Auctions, member_id: str, lot_id: str) -> Role:
    """What the member needs to bid for the lot, if it is invited."""
    lot = auctions.lot(lot_id)
    return Role.SELLER if lot is None else role_in_event(auctions, member_id, lot.event_id)


def hidden_refusal(event: SourcingEvent | None, *, is_operator: bool) -> Reject | None:
    """BIDDERS_HIDDEN: who bids for stock is the exchange's to know, so only an operator names a bidder."""
    hidden = event is not None and event.from_stock and not is_operator
    return Reject(RejectCode.BIDDERS_HIDDEN) if hidden else None
