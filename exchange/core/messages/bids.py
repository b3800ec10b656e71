"""What becomes of bids beyond being made: taken back again, or bid for somebody."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from exchange.core.limits import BIDS_PER_SUPPLIER_MAX, SUPPLIERS_PER_LOT_MAX
from exchange.core.messages.base import Command, Event, Price, PublicId, Symbol

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


class SetProxy(Command, frozen=True, tag="set_proxy"):
    """Bidder: let the lot bid for oneself, one step beyond the others, up to a limit that nobody else sees.

    Sent again, it changes the limit. The lot bids no more than it takes to lead; once somebody is better than the
    limit, the bidder stands at its limit and the proxy has ended.
    """

    lot_id: PublicId
    price: Price  # the limit: lowest in a reverse lot, highest in a forward lot


class ProxySet(Event, frozen=True, tag="proxy_set"):
    """The leader's bids are made for it up to the limit."""

    lot_id: str
    member_id: str
    limit_price: int


class WithdrawProxy(Command, frozen=True, tag="withdraw_proxy"):
    """Bidder: bid for oneself again; what the proxy has bid stands."""

    lot_id: PublicId


class ProxyEnd(StrEnum):
    """Why a proxy bids no more."""

    WITHDRAWN = "withdrawn"  # by its bidder
    SPENT = "spent"  # it could lead no more within its limit, and went there
    REVOKED = "revoked"  # the bid that stood was taken back
    BARRED = "barred"  # its bidder may not bid itself: for new terms, or for want of its qualification


class ProxyEnded(Event, frozen=True, tag="proxy_ended"):
    """The proxy bids no more; spent, perhaps, by the very command that set it."""

    lot_id: str
    member_id: str
    cause: ProxyEnd


class SubmitSurrogateBid(Command, frozen=True, tag="submit_surrogate_bid"):
    """Operator: bid for a supplier that can't, marked as such. It counts as if the supplier had made it."""

    lot_id: PublicId
    member_id: PublicId
    price: Price
    reason: Symbol


class BidMarked(Event, frozen=True, tag="bid_marked"):
    """The bid whose BidSubmitted came last was made by an operator for its bidder; `number` counts its own bids."""

    lot_id: str
    member_id: str
    number: int
    bid_number: int
    price: int
    reason: str


BidCommand = RevokeBid | SetProxy | WithdrawProxy | SubmitSurrogateBid
BidEvent = BidRevoked | ProxySet | ProxyEnded | BidMarked
