"""What a bidder is told of what became of its bids; nobody else is told more than its lot shows."""

from collections.abc import Sequence

from exchange.core.messages.bids import BidRevoked
from exchange.core.messages.shown_bids import OwnBidRevoked


def bidder(event: BidRevoked) -> tuple[str, ...]:
    """Whose bid it was."""
    return (event.member_id,)


def tell_revoked(event: BidRevoked, viewer: str) -> Sequence[OwnBidRevoked]:
    """To its bidder."""
    if event.member_id != viewer:
        return ()
    return (OwnBidRevoked(event.lot_id, event.number, event.price, event.reason, event.by_operator),)
