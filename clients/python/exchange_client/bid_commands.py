"""What a client sends about bids beyond making them."""

from exchange_client.command import Command


class RevokeBid(Command, frozen=True, tag="revoke_bid"):
    """Take an own bid back, where the lot lets it; operator: that of the bidder with an alias."""

    lot_id: str
    number: int
    reason: str
    alias: int = 0


BidCommand = RevokeBid
