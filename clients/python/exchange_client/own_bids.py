"""What a bidder is told of what others did with its bids, on the channel `own`."""

from enum import StrEnum

from msgspec import Struct


class OwnBidRevoked(Struct, frozen=True, gc=False, tag_field="type", tag="bid_revoked"):
    """An own bid counts no more; `number` counts the viewer's bids in the lot."""

    lot_id: str
    number: int
    price: int
    reason: str
    by_operator: bool = False


class ProxyEnd(StrEnum):
    """Why a proxy bids no more."""

    WITHDRAWN = "withdrawn"
    SPENT = "spent"
    REVOKED = "revoked"
    BARRED = "barred"


class OwnProxyEnded(Struct, frozen=True, gc=False, tag_field="type", tag="proxy_ended"):
    """The lot bids for the viewer no more."""

    lot_id: str
    cause: ProxyEnd


class OwnSurrogateBid(Struct, frozen=True, gc=False, tag_field="type", tag="surrogate_bid"):
    """An operator bid for the viewer."""

    lot_id: str
    number: int
    price: int
    reason: str


BidNews = OwnBidRevoked | OwnProxyEnded | OwnSurrogateBid
