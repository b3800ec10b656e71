"""Calls for goods that go through the hub: the seller's and the buyer's, then the inspector's and the operator's.

Words in a person's own language (of claims and feedback) go over REST, which keeps them; a command carries their
hash. Quantities are pieces.
"""

from collections.abc import Sequence
from decimal import Decimal

from exchange_client import deal_commands as wire
from exchange_client.deal_words import (
    Check,
    ClaimReason,
    ClaimText,
    ConsignedLine,
    SamplingPlan,
    ShippedLine,
)
from exchange_client.messages import GiveFeedback
from exchange_client.money import minor_units
from exchange_client.results import Done, Made
from exchange_client.sending import Sending
from exchange_client.updates import Instrument


class HubCalls(Sending):
    """From the seller's box to the end of the guarantee."""

    async def dispatch_consignment(
        self,
        instrument: str | Instrument,
        lines: Sequence[ConsignedLine],
        *,
        tracking_hash: str = "",
        timeout_s: float | None = None,
    ) -> Made:
        """Seller: these lines of own contracts are on their way to the hub, in one box."""
        found = await self._instrument(instrument)
        command = wire.DispatchConsignment(
            instrument_id=found.instrument_id, lines=tuple(lines), tracking_hash=tracking_hash
        )
        return Made.of(await self.send(command, timeout_s=timeout_s))

    async def decide_conditional(
        self, contract_id: str, *, take: bool, timeout_s: float | None = None
    ) -> Done:
        """Buyer: take pieces that are fit but not as described, or get their price back."""
        command = wire.DecideConditional(contract_id=contract_id, take=take)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def confirm_shipment(
        self, shipment_id: str, *, received_quantity: int, timeout_s: float | None = None
    ) -> Done:
        """Buyer: so many pieces arrived."""
        command = wire.ConfirmShipment(shipment_id=shipment_id, received_quantity=received_quantity)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def accept_goods(self, contract_id: str, *, line: int = 0, timeout_s: float | None = None) -> Done:
        """Buyer: the goods of a line, or by 0 of all received ones, are as they should be."""
        return Done.of(
            await self.send(wire.AcceptGoods(contract_id=contract_id, line=line), timeout_s=timeout_s)
        )

    async def reclaim_rejected(
        self,
        instrument: str | Instrument,
        quantity: int,
        *,
        declare: bool = False,
        timeout_s: float | None = None,
    ) -> Done:
        """Seller: fetch rejected pieces from the hub, or declare them as stock again."""
        found = await self._instrument(instrument)
        command = wire.ReclaimRejected(instrument_id=found.instrument_id, quantity=quantity, declare=declare)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def file_claim(
        self,
        contract_id: str,
        line: int,
        reason: ClaimReason,
        *,
        quantity: int = 0,
        text_hash: str = "",
        timeout_s: float | None = None,
    ) -> Made:
        """Buyer: object to a line, or to so many pieces of it."""
        command = wire.FileClaim(
            contract_id=contract_id, line=line, reason=reason, quantity=quantity, text_hash=text_hash
        )
        return Made.of(await self.send(command, timeout_s=timeout_s))

    async def answer_claim(
        self,
        contract_id: str,
        line: int,
        *,
        admit: bool,
        text_hash: str = "",
        timeout_s: float | None = None,
    ) -> Done:
        """Seller: admit or contest what is claimed of an own line."""
        command = wire.AnswerClaim(contract_id=contract_id, line=line, admit=admit, text_hash=text_hash)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def give_feedback(
        self,
        contract_id: str,
        *,
        as_described: int,
        delivery: int,
        communication: int,
        text_hash: str = "",
        timeout_s: float | None = None,
    ) -> Done:
        """Rate a finished deal: each from 1, worst, to 5, best."""
        command = GiveFeedback(
            contract_id=contract_id,
            as_described=as_described,
            delivery=delivery,
            communication=communication,
            text_hash=text_hash,
        )
        return Done.of(await self.send(command, timeout_s=timeout_s))

    # --- the hub's -------------------------------------------------------------------------------

    async def set_hub_address(self, name: str, address: str, *, timeout_s: float | None = None) -> Done:
        """Operator: where sellers send to from now on; `Rest.hub` tells where they sent to at any instant."""
        return Done.of(await self.send(wire.SetHubAddress(name=name, address=address), timeout_s=timeout_s))

    async def receive_consignment(
        self, consignment_id: str, *, counted_quantity: int, timeout_s: float | None = None
    ) -> Made:
        """Inspector: so many pieces came; tells the hub lot."""
        command = wire.ReceiveConsignment(consignment_id=consignment_id, counted_quantity=counted_quantity)
        return Made.of(await self.send(command, timeout_s=timeout_s))

    async def inspect_hub_lot(
        self,
        hub_lot_id: str,
        plan: SamplingPlan,
        checks: Sequence[Check],
        *,
        sample_quantity: int,
        evidence_hash: str,
        passed: int,
        conditional: int = 0,
        rejected: int = 0,
        cost: Decimal = Decimal(0),
        currency: str = "",
        timeout_s: float | None = None,
    ) -> Done:
        """Inspector: what the checks found; the three quantities add up to the lot. A cost needs its currency."""
        command = wire.InspectHubLot(
            hub_lot_id=hub_lot_id,
            plan=plan,
            sample_quantity=sample_quantity,
            checks=tuple(checks),
            evidence_hash=evidence_hash,
            passed_quantity=passed,
            conditional_quantity=conditional,
            rejected_quantity=rejected,
            cost_minor=minor_units(cost, currency) if cost else 0,
        )
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def dispatch_shipment(
        self, lines: Sequence[ShippedLine], *, tracking_hash: str = "", timeout_s: float | None = None
    ) -> Made:
        """Inspector: passed goods of these lines of one buyer leave the hub."""
        command = wire.DispatchShipment(lines=tuple(lines), tracking_hash=tracking_hash)
        return Made.of(await self.send(command, timeout_s=timeout_s))

    async def resolve_claim(
        self,
        claim_id: str,
        *,
        upheld_bps: int = 0,
        upheld_quantity: int = 0,
        timeout_s: float | None = None,
    ) -> Done:
        """Operator: uphold a share in basis points, or a quantity; nothing of it by neither."""
        command = wire.ResolveClaim(claim_id=claim_id, upheld_bps=upheld_bps, upheld_quantity=upheld_quantity)
        return Done.of(await self.send(command, timeout_s=timeout_s))

    async def release_claim_text(
        self, claim_id: str, text: ClaimText, *, timeout_s: float | None = None
    ) -> Done:
        """Operator: let the other side read the claim's words, or the answer's."""
        return Done.of(
            await self.send(wire.ReleaseClaimText(claim_id=claim_id, text=text), timeout_s=timeout_s)
        )
