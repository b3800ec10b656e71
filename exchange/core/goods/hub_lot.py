"""Hub lots: what came in one consignment, inspected as one.

Guarantees: what the inspection passed, doubted and rejected is shared over the deals by largest remainder in the
consignment's order, passed first, then conditional; each deal's three shares add up to its pieces.
Does not move goods: the flow posts them. A hub lot is forgotten once it is inspected: where its pieces are,
the deals know.
"""

from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from exchange.core.goods.consignment import Part
from exchange.core.messages import AnyEvent
from exchange.core.messages.delivery import HubLotInspected, HubLotMoved, InspectHubLot
from exchange.core.messages.lifecycles import HUB_LOT, HubLotState, HubLotStep, after
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import shares_of


class Found(NamedTuple):
    """What an inspection means for one deal."""

    deal_id: str
    passed: int
    conditional: int
    rejected: int


class HubLot(Struct, array_like=True, gc=False):
    """Goods at the hub; the inspection is due at `due_us`."""

    hub_lot_id: str
    seller_id: str
    instrument_id: str
    parts: list[Part]
    due_us: int
    state: HubLotState = HubLotState.WAITING

    @property
    def quantity(self) -> int:
        """All pieces."""
        return sum(part.quantity for part in self.parts)


class HubLots:
    """Hub lots that wait for their inspection, by their ids."""

    def __init__(self) -> None:
        self._by_id: dict[str, HubLot] = {}

    def find(self, hub_lot_id: str) -> HubLot | Reject:
        """The hub lot; HUB_LOT_UNKNOWN if none waits under this id."""
        return self._by_id.get(hub_lot_id) or Reject(RejectCode.HUB_LOT_UNKNOWN, field="hub_lot_id")

    def get(self, hub_lot_id: str) -> HubLot:
        """A hub lot that is known to wait."""
        return self._by_id[hub_lot_id]

    def receive(self, lot: HubLot, events: list[AnyEvent]) -> None:
        """It waits for its inspection."""
        self._by_id[lot.hub_lot_id] = lot
        events.append(moved(lot))

    def refusal(self, lot: HubLot, command: InspectHubLot) -> Reject | None:
        """Checks: QUANTITIES_DONT_ADD_UP, SAMPLE_TOO_LARGE. The bound is the hub lot's quantity."""
        found = command.passed_quantity + command.conditional_quantity + command.rejected_quantity
        if found != lot.quantity:
            return Reject(RejectCode.QUANTITIES_DONT_ADD_UP, lot.quantity, "passed_quantity")
        if not 1 <= command.sample_quantity <= lot.quantity:
            return Reject(RejectCode.SAMPLE_TOO_LARGE, lot.quantity, "sample_quantity")
        return None

    def inspect(
        self, lot: HubLot, inspector_id: str, command: InspectHubLot, events: list[AnyEvent]
    ) -> list[Found]:
        """What an inspection that was not refused means for each deal, in the consignment's order."""
        lot.state, lot.due_us = after(HUB_LOT, lot.state, HubLotStep.INSPECT), 0
        del self._by_id[lot.hub_lot_id]
        events.append(
            HubLotInspected(
                lot.hub_lot_id,
                inspector_id,
                command.plan,
                command.sample_quantity,
                command.checks,
                command.evidence_hash,
                command.passed_quantity,
                command.conditional_quantity,
                command.rejected_quantity,
                command.cost_minor,
            )
        )
        events.append(moved(lot))
        pieces = [part.quantity for part in lot.parts]
        passed = shares_of(command.passed_quantity, pieces)
        rest = [piece - share for piece, share in zip(pieces, passed, strict=True)]
        doubted = shares_of(command.conditional_quantity, rest) if any(rest) else rest
        return [
            Found(part.deal_id, share, doubt, remain - doubt)
            for part, share, doubt, remain in zip(lot.parts, passed, doubted, rest, strict=True)
        ]

    def dump(self) -> list[HubLot]:
        """All that wait, by their ids."""
        return [replace(self._by_id[each]) for each in sorted(self._by_id)]

    @classmethod
    def load(cls, state: list[HubLot]) -> "HubLots":
        """The hub lots of a dump."""
        lots = cls()
        lots._by_id = {each.hub_lot_id: replace(each) for each in state}
        return lots


def moved(lot: HubLot) -> HubLotMoved:
    """The hub lot as it is now."""
    return HubLotMoved(lot.hub_lot_id, lot.seller_id, lot.instrument_id, lot.state, lot.quantity, lot.due_us)
