"""What is shown of single bids: in a lot, and on the channel `own` what others did with a bidder's bids."""

from msgspec import Struct

from exchange.core.messages.bids import ProxyEnd


class OwnBidRevoked(Struct, frozen=True, gc=False, tag_field="type", tag="bid_revoked", omit_defaults=True):
    """An own bid counts no more; `number` counts the viewer's bids in the lot."""

    lot_id: str
    number: int
    price: int
    reason: str
    by_operator: bool = False


class OwnProxyEnded(Struct, frozen=True, gc=False, tag_field="type", tag="proxy_ended", omit_defaults=True):
    """The lot bids for the viewer no more."""

    lot_id: str
    cause: ProxyEnd


class OwnSurrogateBid(
    Struct, frozen=True, gc=False, tag_field="type", tag="surrogate_bid", omit_defaults=True
):
    """An operator bid for the viewer."""

    lot_id: str
    number: int
    price: int
    reason: str


BidNews = OwnBidRevoked | OwnProxyEnded | OwnSurrogateBid


class AliasPrice(Struct, frozen=True, array_like=True, gc=False):
    """A supplier's best bid under its alias in this lot."""

    alias: int
    price: int
    surrogate: bool = False  # an operator made it for its bidder
