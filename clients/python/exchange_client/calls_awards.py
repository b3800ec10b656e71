"""Calls after a close: bid bonds, awards in parts, defaults."""

from collections.abc import Sequence

from exchange_client import award_commands as wire
from exchange_client.award_commands import AwardPart
from exchange_client.lot_commands import ReopenLot
from exchange_client.lot_sales import PaySale
from exchange_client.results import Done, Numbered
from exchange_client.sending import Sending


class AwardCalls(Sending):
    """The buyer's and the supplier's."""

    async def place_bond(self, event_id: str, *, timeout_s: float | None = None) -> Numbered:
        """Supplier: put the event's bid bond into the deposit; tells it in minor units."""
        return Numbered.of(await self.send(wire.PlaceBond(event_id=event_id), timeout_s=timeout_s))

    async def pay_sale(self, lot_id: str, *, timeout_s: float | None = None) -> Numbered:
        """Winner: pay for a surplus lot from the wallet; tells what was held for it in minor units."""
        return Numbered.of(await self.send(PaySale(lot_id=lot_id), timeout_s=timeout_s))

    async def return_bond(self, event_id: str, member_id: str, *, timeout_s: float | None = None) -> Done:
        """Buyer or operator: a winner's contract stands; its bond is free."""
        command = wire.ReturnBond(event_id=event_id, member_id=member_id)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def reopen_lot(
        self,
        lot_id: str,
        *,
        close_at_us: int,
        reason: str,
        expected_version: int = 0,
        timeout_s: float | None = None,
    ) -> Done:
        """Buyer or operator: take bids for a closed lot again, within its review period."""
        command = ReopenLot(
            lot_id=lot_id, close_at_us=close_at_us, reason=reason, expected_version=expected_version
        )
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def split_lot(
        self, lot_id: str, parts: Sequence[AwardPart], *, reason: str = "", timeout_s: float | None = None
    ) -> Numbered:
        """Buyer: award a closed lot in parts, or to another than the best bid for a reason; tells how many parts."""
        command = wire.SplitLot(lot_id=lot_id, parts=tuple(parts), reason=reason)
        return Numbered.of(await self.send(command, timeout_s=timeout_s))

    async def award_best(self, lot_id: str, *, timeout_s: float | None = None) -> Numbered:
        """Buyer: award a closed lot to its best bid, or a unit to each of the best; tells how many have won."""
        return Numbered.of(await self.send(wire.AwardBest(lot_id=lot_id), timeout_s=timeout_s))

    async def file_complaint(self, lot_id: str, *, text_hash: str, timeout_s: float | None = None) -> Done:
        """Supplier: object to an award; the words go over REST, here is only their hash."""
        command = wire.FileComplaint(lot_id=lot_id, text_hash=text_hash)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def answer_complaint(
        self, lot_id: str, alias: int, *, uphold: bool, text_hash: str, timeout_s: float | None = None
    ) -> Done:
        """Buyer or operator: uphold a complaint, which withdraws the award, or reject it."""
        command = wire.AnswerComplaint(lot_id=lot_id, alias=alias, uphold=uphold, text_hash=text_hash)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def declare_default(
        self,
        lot_id: str,
        alias: int,
        *,
        reason: str,
        award_next: bool = True,
        timeout_s: float | None = None,
    ) -> Numbered:
        """Buyer or operator: a winner does not perform; tells the alias that has the lot now, 0: nobody."""
        command = wire.DeclareDefault(lot_id=lot_id, alias=alias, reason=reason, award_next=award_next)
        return Numbered.of(await self.send(command, timeout_s=timeout_s))
