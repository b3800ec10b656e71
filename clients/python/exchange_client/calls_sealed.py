"""The commands of sealed lots as typed calls."""

from exchange_client import sealed as wire
from exchange_client.results import Done, Numbered
from exchange_client.sending import Sending


class SealedCalls(Sending):
    """What suppliers and operators do with sealed bids."""

    async def submit_envelope(
        self, lot_id: str, *, envelope: str, timeout_s: float | None = None
    ) -> Numbered:
        """Hand in a sealed bid, in place of the one before; tells how many were handed in. See `sealing.sealed_bid`."""
        command = wire.SubmitEnvelope(lot_id=lot_id, envelope=envelope)
        return Numbered.of(await self.send(command, timeout_s=timeout_s))

    async def withdraw_envelope(self, lot_id: str, *, timeout_s: float | None = None) -> Done:
        """Take the sealed bid back, before the close."""
        return Done.of(await self.send(wire.WithdrawEnvelope(lot_id=lot_id), timeout_s=timeout_s))

    async def retry_reveal(self, lot_id: str, *, timeout_s: float | None = None) -> Done:
        """Operator: try again to open the sealed bids of a lot whose key was missing."""
        return Done.of(await self.send(wire.RetryReveal(lot_id=lot_id), timeout_s=timeout_s))
