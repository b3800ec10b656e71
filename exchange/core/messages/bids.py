"""What becomes of bids beyond being made: taken back again, or bid for somebody."""

from typing import Annotated

from msgspec import Meta

from exchange.core.limits import BIDS_PER_SUPPLIER_MAX, SUPPLIERS_PER_LOT_MAX
from exchange.core.messages.base import Command, Event, PublicId, Symbol

BidNumber = Annotated[int, Meta(ge=1, le=BIDS_PER_SUPPLIER_MAX)]
"""Counts the bids of one bidder in a lot, as the receipt of each bid told."""


class RevokeBid(Command, frozen=True, tag="revoke_bid"):
    """Supplier: take an own bid back, where the lot's rules let it. Operator: that of the bidder with an alias.

    The bidder falls back to its next best earlier bid, or out of the standing. An extension that the bid made
    stays.
    """

    lot_id: PublicId
    number: BidNumber
    reason: Symbol
    alias: Annotated[int, Meta(ge=0, le=SUPPLIERS_PER_LOT_MAX)] = 0  # 0: the sender's own bid


class BidRevoked(Event, frozen=True, tag="bid_revoked"):
    """The bid counts no more, and never did for the standing; `number` counts the bidder's own bids."""

    lot_id: str
    member_id: str
    alias: int
    number: int
    bid_number: int
    price: int
    by_operator: bool
    reason: str
    at_us: int


BidCommand = RevokeBid
BidEvent = BidRevoked
