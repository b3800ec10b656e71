"""What a bidder alone is shown: the limit of its proxy, and what became of its bids."""

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from exchange.core.market.lots.currencies import converted
from exchange.core.market.sourcing import Lot
from exchange.core.messages.bids import BidMarked, BidRevoked, ProxyEnded
from exchange.core.messages.shown_bids import OwnBidRevoked, OwnProxyEnded, OwnSurrogateBid


def show_limit(lot: Lot, viewer: str) -> int | UnsetType:
    """Up to which the lot bids for the viewer; to nobody else, operators included."""
    proxy = lot.proxy
    return UNSET if proxy is None or proxy.member_id != viewer or not lot.running else proxy.limit_price


def price_by_alias(lot: Lot, alias: int, price: int) -> int:
    """A price under an alias as buyer and operator are shown it: in the event's currency, rounded, since the currency
    of a bid may tell whose it is.
    """
    if lot.currencies is None:
        return price
    return converted(price, lot.rate_of(lot.board.bidder(alias)))


def bidder(event: BidMarked | BidRevoked | ProxyEnded) -> tuple[str, ...]:
    """Whose bid or proxy it was."""
    return (event.member_id,)


def tell_revoked(event: BidRevoked, viewer: str) -> Sequence[OwnBidRevoked]:
    """To its bidder."""
    if event.member_id != viewer:
        return ()
    return (OwnBidRevoked(event.lot_id, event.number, event.price, event.reason, event.by_operator),)


def tell_ended(event: ProxyEnded, viewer: str) -> Sequence[OwnProxyEnded]:
    """To its bidder."""
    return (OwnProxyEnded(event.lot_id, event.cause),) if event.member_id == viewer else ()


def tell_marked(event: BidMarked, viewer: str) -> Sequence[OwnSurrogateBid]:
    """To its bidder."""
    if event.member_id != viewer:
        return ()
    return (OwnSurrogateBid(event.lot_id, event.number, event.price, event.reason),)
