"""Calls about bids that were made, of bidders and operators."""

from exchange_client import bid_commands as wire
from exchange_client.results import Done
from exchange_client.sending import Sending


class BidCalls(Sending):
    """What becomes of bids."""

    async def revoke_bid(
        self, lot_id: str, number: int, reason: str, *, alias: int = 0, timeout_s: float | None = None
    ) -> Done:
        """Take an own bid back, by the number that its receipt told; operator: that of the bidder with an alias."""
        command = wire.RevokeBid(lot_id=lot_id, number=number, reason=reason, alias=alias)
        return Done.of(await self.send(command, timeout_s=timeout_s))
