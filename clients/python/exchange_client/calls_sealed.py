"""The commands of sealed lots as typed calls."""

from exchange_client import sealed as wire
from exchange_client.results import Done, Numbered
from exchange_client.sending import Sending


class SealedCalls(Sending):
    """What suppliers and operators do with sealed bids."""

    async def submit_envelope(
        self, lot_id: str, *, envelope: str, technical: str = "", timeout_s: float | None = None
    ) -> Numbered:
        """Hand in a sealed bid, in place of the one before; tells how many were handed in. See `sealing`."""
        command = wire.SubmitEnvelope(lot_id=lot_id, envelope=envelope, technical=technical)
        return Numbered.of(await self.send(command, timeout_s=timeout_s))

    async def withdraw_envelope(self, lot_id: str, *, timeout_s: float | None = None) -> Done:
        """Take the sealed bid back, before the close."""
        return Done.of(await self.send(wire.WithdrawEnvelope(lot_id=lot_id), timeout_s=timeout_s))

    async def judge_technical(
        self, lot_id: str, alias: int, *, passed: bool, reason: str, timeout_s: float | None = None
    ) -> Done:
        """Pass or fail a technical offer; after the last verdict the prices of those that passed are opened."""
        command = wire.JudgeTechnical(lot_id=lot_id, alias=alias, passed=passed, reason=reason)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def retry_reveal(self, lot_id: str, *, timeout_s: float | None = None) -> Done:
        """Operator: try again to open the sealed bids of a lot whose key was missing."""
        return Done.of(await self.send(wire.RetryReveal(lot_id=lot_id), timeout_s=timeout_s))
