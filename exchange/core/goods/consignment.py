"""Consignments: what a seller sent to the hub, for many deals in one box.

Guarantees: a count is shared over the deals by largest remainder in the order in which the seller listed them,
and no deal gets more than was sent for it; what came beyond that is over.
Does not know deals but by their ids, and moves no goods: the flow posts them. A consignment that came, or
counts as lost, is forgotten here and kept by the history.
"""

from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from exchange.core.messages import AnyEvent
from exchange.core.messages.delivery import ConsignmentMoved
from exchange.core.messages.lifecycles import CONSIGNMENT, ConsignmentState, ConsignmentStep, after
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import shares_of


class Part(Struct, frozen=True, array_like=True, gc=False):
    """A deal's pieces in a consignment, a hub lot or a shipment."""

    deal_id: str
    quantity: int


class Count(NamedTuple):
    """What was counted: by deal, and how many pieces are missing or over."""

    parts: list[Part]
    missing: int
    over: int


class Consignment(Struct, array_like=True, gc=False):
    """Goods on their way to the hub; `due_us` is when they count as lost."""

    consignment_id: str
    seller_id: str
    instrument_id: str
    parts: list[Part]
    tracking_hash: str
    due_us: int
    state: ConsignmentState = ConsignmentState.DISPATCHED
    counted: int = 0
    hub_lot_id: str = ""

    @property
    def quantity(self) -> int:
        """All pieces that were sent."""
        return sum(part.quantity for part in self.parts)


class Consignments:
    """Consignments on their way, by their ids."""

    def __init__(self) -> None:
        self._by_id: dict[str, Consignment] = {}

    def find(self, consignment_id: str) -> Consignment | Reject:
        """The consignment; CONSIGNMENT_UNKNOWN if there is none on its way."""
        found = self._by_id.get(consignment_id)
        return found or Reject(RejectCode.CONSIGNMENT_UNKNOWN, field="consignment_id")

    def dispatch(self, consignment: Consignment, events: list[AnyEvent]) -> None:
        """It left the seller."""
        self._by_id[consignment.consignment_id] = consignment
        events.append(moved(consignment))

    def count(self, consignment: Consignment, counted: int) -> Count:
        """What a counted quantity means for each deal."""
        sent = [part.quantity for part in consignment.parts]
        came = min(counted, sum(sent))
        parts = [
            Part(part.deal_id, share)
            for part, share in zip(consignment.parts, shares_of(came, sent), strict=True)
        ]
        return Count(parts, sum(sent) - came, counted - came)

    def end(
        self,
        consignment: Consignment,
        step: ConsignmentStep,
        counted: int,
        hub_lot_id: str,
        events: list[AnyEvent],
    ) -> None:
        """It came, and became a hub lot where anything was in it; or it counts as lost."""
        consignment.state = after(CONSIGNMENT, consignment.state, step)
        consignment.counted, consignment.hub_lot_id, consignment.due_us = counted, hub_lot_id, 0
        del self._by_id[consignment.consignment_id]
        events.append(moved(consignment))

    def dump(self) -> list[Consignment]:
        """All that are on their way, by their ids."""
        return [replace(self._by_id[each]) for each in sorted(self._by_id)]

    @classmethod
    def load(cls, state: list[Consignment]) -> "Consignments":
        """The consignments of a dump."""
        consignments = cls()
        consignments._by_id = {each.consignment_id: replace(each) for each in state}
        return consignments


def moved(consignment: Consignment) -> ConsignmentMoved:
    """The consignment as it is now."""
    return ConsignmentMoved(
        consignment.consignment_id,
        consignment.seller_id,
        consignment.instrument_id,
        consignment.state,
        consignment.quantity,
        consignment.counted,
        consignment.hub_lot_id,
        consignment.tracking_hash,
        consignment.due_us,
    )
