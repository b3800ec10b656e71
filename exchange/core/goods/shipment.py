"""Shipments: passed goods on their way from the hub to one buyer, for many deals in one box.

Guarantees: what the buyer counted is shared over the deals by largest remainder in the order of the shipment.
Does not move goods: the flow posts them. A shipment that was received is forgotten here and kept by the history.
"""

from msgspec import Struct
from msgspec.structs import replace

from exchange.core.goods.consignment import Part
from exchange.core.messages import AnyEvent
from exchange.core.messages.delivery import ShipmentMoved
from exchange.core.messages.lifecycles import SHIPMENT, ShipmentState, ShipmentStep, after
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import shares_of


class Shipment(Struct, array_like=True, gc=False):
    """Goods on their way to a buyer; they count as received in full at `due_us`."""

    shipment_id: str
    buyer_id: str
    instrument_id: str
    parts: list[Part]
    tracking_hash: str
    due_us: int
    state: ShipmentState = ShipmentState.DISPATCHED
    received: int = 0

    @property
    def quantity(self) -> int:
        """All pieces that were sent."""
        return sum(part.quantity for part in self.parts)


class Shipments:
    """Shipments on their way, by their ids."""

    def __init__(self) -> None:
        self._by_id: dict[str, Shipment] = {}

    def get(self, shipment_id: str) -> Shipment:
        """A shipment that is known to be on its way."""
        return self._by_id[shipment_id]

    def find(self, buyer_id: str, shipment_id: str) -> Shipment | Reject:
        """The buyer's shipment; SHIPMENT_UNKNOWN if none of its own is on its way under this id."""
        found = self._by_id.get(shipment_id)
        if found is None or found.buyer_id != buyer_id:
            return Reject(RejectCode.SHIPMENT_UNKNOWN, field="shipment_id")
        return found

    def dispatch(self, shipment: Shipment, events: list[AnyEvent]) -> None:
        """It left the hub."""
        self._by_id[shipment.shipment_id] = shipment
        events.append(moved(shipment))

    def receive(
        self, shipment: Shipment, step: ShipmentStep, received: int, events: list[AnyEvent]
    ) -> list[Part]:
        """So many pieces came; the share of each deal."""
        shipment.state = after(SHIPMENT, shipment.state, step)
        shipment.received, shipment.due_us = received, 0
        del self._by_id[shipment.shipment_id]
        events.append(moved(shipment))
        shares = shares_of(received, [part.quantity for part in shipment.parts])
        return [Part(part.deal_id, share) for part, share in zip(shipment.parts, shares, strict=True)]

    def dump(self) -> list[Shipment]:
        """All that are on their way, by their ids."""
        return [replace(self._by_id[each]) for each in sorted(self._by_id)]

    @classmethod
    def load(cls, state: list[Shipment]) -> "Shipments":
        """The shipments of a dump."""
        shipments = cls()
        shipments._by_id = {each.shipment_id: replace(each) for each in state}
        return shipments


def moved(shipment: Shipment) -> ShipmentMoved:
    """The shipment as it is now."""
    return ShipmentMoved(
        shipment.shipment_id,
        shipment.buyer_id,
        shipment.instrument_id,
        shipment.state,
        shipment.quantity,
        shipment.received,
        shipment.tracking_hash,
        shipment.due_us,
    )
