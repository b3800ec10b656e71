"""The life of deals that go through the hub, from a seed: sent, counted, inspected, shipped, accepted, claimed.

Of ten consignments about one is short, one fails inspection and three fail in part; of ten accepted deals one is
claimed. What fails is refunded, and the laboratory paid from the seller's deposit or owed by it.
"""

from collections.abc import Callable
from random import Random
from typing import Final

from exchange.core.messages import (
    AcceptGoods,
    AnswerClaim,
    AnyCommand,
    ConfirmShipment,
    DealMoved,
    DecideConditional,
    DispatchConsignment,
    DispatchShipment,
    FileClaim,
    InspectHubLot,
    Outcome,
    ReceiveConsignment,
    ResolveClaim,
)
from exchange.core.messages.deals import ClaimReason
from exchange.core.messages.delivery import (
    Check,
    CheckMethod,
    CheckResult,
    ConsignedLine,
    SamplingPlan,
    ShippedLine,
    Sides,
)
from exchange.core.messages.lifecycles import DealState

COST_MINOR: Final = 3_500
SAMPLE: Final = (Check(CheckMethod.VISUAL, CheckResult.PASSED),)

Do = Callable[[str, AnyCommand], Outcome]
"""Executes a member's command."""


class Hub:
    """Deals that wait for their seller, and everything that happens to one of them afterwards."""

    def __init__(self, random: Random, do: Do) -> None:
        self._random = random
        self._do = do
        self._sold: list[Sides] = []
        self._latest: dict[Sides, DealMoved] = {}
        self.operator = self.inspector = ""

    def hear(self, outcome: Outcome) -> None:
        """Remember what was sold, and how every deal stands."""
        for event in outcome.events:
            if not isinstance(event, DealMoved):
                continue
            if event.state is DealState.SOLD:
                self._sold.append(event.sides)
            self._latest[event.sides] = event

    def deliver(self) -> None:
        """One of the deals goes its whole way; a deal that is void already is passed over."""
        if not self._sold:
            return
        sides = self._sold.pop(self._random.randrange(len(self._sold)))
        if left := self._inspected(sides):
            self._shipped(sides, left)

    def _inspected(self, sides: Sides) -> int:
        """Send, count and inspect; the pieces that are left for the buyer."""
        random, do = self._random, self._do
        sold = self._latest[sides]
        if sold.state is not DealState.SOLD:
            return 0
        sent = sold.quantity - (sold.quantity > 1 and random.random() < 0.1)
        line = ConsignedLine(sides.seller_contract_id, sides.seller_line, sent)
        consigned = do(sides.seller_id, DispatchConsignment(instrument_id=sides.instrument_id, lines=(line,)))
        if consigned.reply.code:
            return 0  # its term ended just now
        counted = do(
            self.inspector, ReceiveConsignment(consignment_id=consigned.reply.id, counted_quantity=sent)
        )
        drawn = random.random()
        passed = 0 if drawn < 0.1 else random.randint(0, sent) if drawn < 0.4 else sent
        conditional = random.randint(0, sent - passed) if drawn < 0.4 else 0
        inspected = do(
            self.inspector,
            InspectHubLot(
                hub_lot_id=counted.reply.id,
                plan=SamplingPlan.FIXED_SAMPLE,
                sample_quantity=1,
                checks=SAMPLE,
                evidence_hash="e" * 64,
                passed_quantity=passed,
                conditional_quantity=conditional,
                rejected_quantity=sent - passed - conditional,
                cost_minor=COST_MINOR,
            ),
        )
        assert not inspected.reply.code, inspected.reply
        take = random.random() < 0.5
        if conditional:
            do(sides.buyer_id, DecideConditional(contract_id=sides.buyer_contract_id, take=take))
        return passed + (conditional if take else 0)

    def _shipped(self, sides: Sides, left: int) -> None:
        """Ship, receive and accept; some have a claim afterwards, upheld in part, whole or not at all."""
        random, do, contract_id = self._random, self._do, sides.buyer_contract_id
        line = ShippedLine(contract_id, sides.buyer_line)
        shipment = do(self.inspector, DispatchShipment(lines=(line,)))
        do(sides.buyer_id, ConfirmShipment(shipment_id=shipment.reply.id, received_quantity=left))
        accepted = do(sides.buyer_id, AcceptGoods(contract_id=contract_id, line=sides.buyer_line))
        assert not accepted.reply.code, accepted.reply
        if random.random() >= 0.1:
            return
        claim = do(
            sides.buyer_id,
            FileClaim(contract_id=contract_id, line=sides.buyer_line, reason=ClaimReason.NOT_AS_DESCRIBED),
        )
        answer = AnswerClaim(
            contract_id=sides.seller_contract_id, line=sides.seller_line, admit=random.random() < 0.5
        )
        do(sides.seller_id, answer)
        upheld_bps = random.choice((0, 4_000, 10_000))
        do(self.operator, ResolveClaim(claim_id=claim.reply.id, upheld_bps=upheld_bps))
