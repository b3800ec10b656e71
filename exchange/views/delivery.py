"""Goods in motion as they stand: deals, consignments, hub lots, shipments and open claims, each its last fact.

Guarantees: what a kernel's state gives equals what its events gave; whatever is over is forgotten here and kept by
the history. Doesn't decide who may see what: `visibility` shows a deal to its sides, the gateway lists queues to
the hub alone.
"""

from collections.abc import Iterable
from typing import Final, Generic, TypeVar

from exchange.core.deals import claim, deal
from exchange.core.goods import consignment, hub_lot, shipment
from exchange.core.kernel import Exchange
from exchange.core.messages.deals import ClaimMoved
from exchange.core.messages.delivery import (
    ConsignmentMoved,
    DealMoved,
    HubLotMoved,
    ShipmentMoved,
    Sides,
)
from exchange.core.messages.lifecycles import (
    ClaimState,
    ConsignmentState,
    DealState,
    HubLotState,
    ShipmentState,
)

F = TypeVar("F")

_OVER: Final = frozenset({
    DealState.CLOSED, DealState.VOID, ConsignmentState.RECEIVED, ConsignmentState.LOST, HubLotState.INSPECTED,
    ShipmentState.RECEIVED, ClaimState.REMEDIED, ClaimState.DISMISSED,
})  # fmt: skip


class Facts(Generic[F]):
    """The last fact of each subject, by its id and by the members that it concerns."""

    def __init__(self) -> None:
        self.by_id: dict[str, F] = {}
        self._of: dict[str, dict[str, None]] = {}

    def of_member(self, member_id: str) -> list[F]:
        """What concerns the member, by id."""
        return [self.by_id[subject] for subject in sorted(self._of.get(member_id, {}))]

    def put(self, subject: str, fact: F, members: Iterable[str], *, over: bool) -> None:
        """This is how it is now; nothing follows where it is over."""
        if not over:
            self.by_id[subject] = fact
            for member_id in members:
                self._of.setdefault(member_id, {})[subject] = None
            return
        self.by_id.pop(subject, None)
        for member_id in members:
            own = self._of.get(member_id, {})
            own.pop(subject, None)
            if not own:
                self._of.pop(member_id, None)


class DeliveryView:
    """All goods in motion."""

    def __init__(self) -> None:
        self.deals: Facts[DealMoved] = Facts()
        self.consignments: Facts[ConsignmentMoved] = Facts()
        self.hub_lots: Facts[HubLotMoved] = Facts()
        self.shipments: Facts[ShipmentMoved] = Facts()
        self.claims: Facts[ClaimMoved] = Facts()

    def deal_moved(self, event: DealMoved) -> None:
        """By the buyer's contract and line."""
        self.deals.put(deal_id_of(event.sides), event, _members(event.sides), over=event.state in _OVER)

    def consignment_moved(self, event: ConsignmentMoved) -> None:
        """To the hub."""
        over = event.state in _OVER
        self.consignments.put(event.consignment_id, event, (event.member_id,), over=over)

    def hub_lot_moved(self, event: HubLotMoved) -> None:
        """At the hub."""
        self.hub_lots.put(event.hub_lot_id, event, (event.member_id,), over=event.state in _OVER)

    def shipment_moved(self, event: ShipmentMoved) -> None:
        """From the hub."""
        self.shipments.put(event.shipment_id, event, (event.member_id,), over=event.state in _OVER)

    def claim_moved(self, event: ClaimMoved) -> None:
        """Until it is resolved."""
        self.claims.put(event.claim_id, event, _members(event.sides), over=event.state in _OVER)

    @classmethod
    def from_kernel(cls, kernel: Exchange) -> "DeliveryView":
        """The kernel's goods in motion."""
        view = cls()
        for each in kernel.deals.dump():
            view.deal_moved(deal.moved(each))
        for sent in kernel.consignments.dump():
            view.consignment_moved(consignment.moved(sent))
        for lot in kernel.hub_lots.dump():
            view.hub_lot_moved(hub_lot.moved(lot))
        for shipped in kernel.shipments.dump():
            view.shipment_moved(shipment.moved(shipped))
        for filed in kernel.claims.dump():
            view.claim_moved(claim.moved(filed))
        return view


def deal_id_of(sides: Sides) -> str:
    """As the core names a deal."""
    return deal.deal_id_of(sides.buyer_contract_id, sides.buyer_line)


def _members(sides: Sides) -> tuple[str, str]:
    return sides.buyer_id, sides.seller_id
