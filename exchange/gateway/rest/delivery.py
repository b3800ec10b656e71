"""REST of goods in motion: what sellers send, what the hub counts, inspects and sends on, what buyers receive.

Guarantees: a member sees its own lines and boxes, as `visibility` shows them; the hub's queues are for inspectors
and operators. A carrier's tracking code is shown to whoever sent the box, to whom it goes, and to the hub.
"""

from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct

from exchange.core.limits import CHECKS_PER_INSPECTION_MAX, LINES_PER_CONSIGNMENT_MAX, QUANTITY_MAX
from exchange.core.messages import (
    AcceptGoods,
    ConfirmShipment,
    DecideConditional,
    DispatchConsignment,
    DispatchShipment,
    InspectHubLot,
    ReceiveConsignment,
    ReclaimRejected,
)
from exchange.core.messages.delivery import Check, ConsignedLine, SamplingPlan, ShippedLine
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway.decoding import amount_of
from exchange.gateway.notation import END, ONE_LINE, Decimals, Id, instant_of, scale_of_unit
from exchange.gateway.problems import Refused, Scales
from exchange.gateway.rest.instruments import Pieces, instrument_of
from exchange.gateway.routes import AnyRoute, Call, NoQuery, Route, Settled

Counted = Annotated[int, Meta(ge=0, le=QUANTITY_MAX)]
Tracking = Annotated[
    str,
    Meta(
        pattern=ONE_LINE,
        max_length=100,
        description="Carrier and tracking code.",
    ),
]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}" + END)]


class LineOfSeller(Struct, frozen=True, forbid_unknown_fields=True):
    """So many pieces of a line of an own contract."""

    contract_id: Id
    line: Pieces
    quantity: Pieces


class LineOfBuyer(Struct, frozen=True, forbid_unknown_fields=True):
    """All pieces of a line of a buyer's contract that are at the hub."""

    contract_id: Id
    line: Pieces


class NewConsignment(Struct, frozen=True, forbid_unknown_fields=True):
    """What a line has more than is sent will not come: it is refunded, and stock again."""

    instrument_id: Id
    lines: Annotated[list[LineOfSeller], Meta(min_length=1, max_length=LINES_PER_CONSIGNMENT_MAX)]
    tracking: Tracking = ""


class ConsignmentSent(Settled, frozen=True):
    """It is on its way to the hub."""

    consignment_id: str


class Counting(Struct, frozen=True, forbid_unknown_fields=True):
    """All pieces that came, whatever was sent; 0: none."""

    counted_quantity: Counted


class ConsignmentReceived(Settled, frozen=True):
    """What came is a hub lot, or nothing; what is over lies rejected at the hub."""

    hub_lot_id: str
    over_quantity: int


class NewInspection(Struct, frozen=True, forbid_unknown_fields=True):
    """What was found; the three quantities add up to the hub lot's. `evidence` is the SHA-256 of the report."""

    plan: SamplingPlan
    sample_quantity: Pieces
    checks: Annotated[list[Check], Meta(min_length=1, max_length=CHECKS_PER_INSPECTION_MAX)]
    evidence: Sha256
    passed_quantity: Counted = 0
    conditional_quantity: Counted = 0
    rejected_quantity: Counted = 0
    cost: Decimals | None = None


class HubLotInspected(Settled, frozen=True):
    """Money and goods have followed."""

    hub_lot_id: str


class Decision(Struct, frozen=True, forbid_unknown_fields=True):
    """Take conditional goods as they are, or have their price back."""

    take: bool


class ContractMoved(Settled, frozen=True):
    """So many lines of the contract went on."""

    contract_id: str
    lines: int


class NewShipment(Struct, frozen=True, forbid_unknown_fields=True):
    """Passed goods of one instrument for one buyer."""

    lines: Annotated[list[LineOfBuyer], Meta(min_length=1, max_length=LINES_PER_CONSIGNMENT_MAX)]
    tracking: Tracking = ""


class ShipmentSent(Settled, frozen=True):
    """It is on its way to the buyer."""

    shipment_id: str


class Receiving(Struct, frozen=True, forbid_unknown_fields=True):
    """All pieces that came; 0: none."""

    received_quantity: Counted


class ShipmentReceived(Settled, frozen=True):
    """What came can be accepted, or objected to."""

    shipment_id: str


class Acceptance(Struct, frozen=True, forbid_unknown_fields=True):
    """One line, or by 0 every delivered one."""

    line: Counted = 0


class Reclaim(Struct, frozen=True, forbid_unknown_fields=True):
    """Fetch rejected goods back, or declare them as stock again."""

    instrument_id: Id
    quantity: Pieces
    declare: bool = False


class Reclaimed(Settled, frozen=True):
    """They are the seller's again."""

    instrument_id: str


# --- sellers -----------------------------------------------------------------------------------------


async def dispatch_consignment(call: Call[NewConsignment, NoQuery]) -> ConsignmentSent:
    """Seller: goods of own lines are on their way to the hub."""
    body, ports = call.body, call.ports
    tracking = await ports.deal_texts.write(
        call.member_id, body.tracking, call.idempotency, ports.engine.now_us()
    )
    lines = tuple(ConsignedLine(line.contract_id, line.line, line.quantity) for line in body.lines)
    command = DispatchConsignment(instrument_id=body.instrument_id, lines=lines, tracking_hash=tracking)
    reply = await call.settle(command, names={"tracking_hash": "tracking"})
    return ConsignmentSent(reply.sequence, instant_of(reply.at_us), reply.id)


async def reclaim_rejected(call: Call[Reclaim, NoQuery]) -> Reclaimed:
    """Seller: what the hub rejected, or counted over, is mine again."""
    body = call.body
    reply = await call.settle(
        ReclaimRejected(instrument_id=body.instrument_id, quantity=body.quantity, declare=body.declare)
    )
    return Reclaimed(reply.sequence, instant_of(reply.at_us), body.instrument_id)


# --- the hub -----------------------------------------------------------------------------------------


async def receive_consignment(call: Call[Counting, NoQuery]) -> ConsignmentReceived:
    """Inspector: what came of a consignment."""
    command = ReceiveConsignment(
        consignment_id=call.id("consignment_id"), counted_quantity=call.body.counted_quantity
    )
    reply = await call.settle(command)
    return ConsignmentReceived(reply.sequence, instant_of(reply.at_us), reply.id, reply.number)


async def inspect_hub_lot(call: Call[NewInspection, NoQuery]) -> HubLotInspected:
    """Inspector: what the inspection found."""
    body, hub_lot_id = call.body, call.id("hub_lot_id")
    lot = call.views.delivery.hub_lots.by_id.get(hub_lot_id)
    if lot is None:
        raise Refused(Reject(RejectCode.HUB_LOT_UNKNOWN, field="hub_lot_id"))
    currency = instrument_of(call.views, lot.instrument_id).currency
    command = InspectHubLot(
        hub_lot_id=hub_lot_id,
        plan=body.plan,
        sample_quantity=body.sample_quantity,
        checks=tuple(body.checks),
        evidence_hash=body.evidence,
        passed_quantity=body.passed_quantity,
        conditional_quantity=body.conditional_quantity,
        rejected_quantity=body.rejected_quantity,
        cost_minor=0 if body.cost is None else amount_of("cost", body.cost, scale_of_unit(currency)),
    )
    names = {"cost_minor": "cost", "evidence_hash": "evidence"}
    reply = await call.settle(command, Scales(currency=currency), names)
    return HubLotInspected(reply.sequence, instant_of(reply.at_us), hub_lot_id)


async def dispatch_shipment(call: Call[NewShipment, NoQuery]) -> ShipmentSent:
    """Inspector: passed goods leave the hub for their buyer."""
    body, ports = call.body, call.ports
    tracking = await ports.deal_texts.write(
        call.member_id, body.tracking, call.idempotency, ports.engine.now_us()
    )
    lines = tuple(ShippedLine(line.contract_id, line.line) for line in body.lines)
    reply = await call.settle(
        DispatchShipment(lines=lines, tracking_hash=tracking), names={"tracking_hash": "tracking"}
    )
    return ShipmentSent(reply.sequence, instant_of(reply.at_us), reply.id)


# --- buyers ------------------------------------------------------------------------------------------


async def decide_conditional(call: Call[Decision, NoQuery]) -> ContractMoved:
    """Buyer: what becomes of the contract's conditional goods."""
    contract_id = call.id("contract_id")
    reply = await call.settle(DecideConditional(contract_id=contract_id, take=call.body.take))
    return ContractMoved(reply.sequence, instant_of(reply.at_us), contract_id, reply.number)


async def confirm_shipment(call: Call[Receiving, NoQuery]) -> ShipmentReceived:
    """Buyer: what came of a shipment."""
    shipment_id = call.id("shipment_id")
    command = ConfirmShipment(shipment_id=shipment_id, received_quantity=call.body.received_quantity)
    reply = await call.settle(command)
    return ShipmentReceived(reply.sequence, instant_of(reply.at_us), shipment_id)


async def accept_goods(call: Call[Acceptance, NoQuery]) -> ContractMoved:
    """Buyer: the delivered goods are as they should be; their price is released."""
    contract_id = call.id("contract_id")
    reply = await call.settle(AcceptGoods(contract_id=contract_id, line=call.body.line))
    return ContractMoved(reply.sequence, instant_of(reply.at_us), contract_id, reply.number)


ROUTES: Final[Sequence[AnyRoute]] = (
    Route(
        "POST", "/v1/consignments", "Dispatch a consignment", dispatch_consignment,
        NewConsignment, NoQuery, ConsignmentSent, DispatchConsignment, 201,
    ),
    Route(
        "POST", "/v1/consignments/{consignment_id}/receipt", "Receive a consignment", receive_consignment,
        Counting, NoQuery, ConsignmentReceived, ReceiveConsignment,
    ),
    Route(
        "POST", "/v1/hub/lots/{hub_lot_id}/inspection", "Inspect a hub lot", inspect_hub_lot,
        NewInspection, NoQuery, HubLotInspected, InspectHubLot,
    ),
    Route(
        "POST", "/v1/shipments", "Dispatch a shipment", dispatch_shipment,
        NewShipment, NoQuery, ShipmentSent, DispatchShipment, 201,
    ),
    Route(
        "POST", "/v1/shipments/{shipment_id}/receipt", "Confirm a shipment", confirm_shipment,
        Receiving, NoQuery, ShipmentReceived, ConfirmShipment,
    ),
    Route(
        "POST", "/v1/contracts/{contract_id}/decision", "Decide on conditional goods", decide_conditional,
        Decision, NoQuery, ContractMoved, DecideConditional,
    ),
    Route(
        "POST", "/v1/contracts/{contract_id}/acceptance", "Accept goods", accept_goods,
        Acceptance, NoQuery, ContractMoved, AcceptGoods,
    ),
    Route(
        "POST", "/v1/stock/rejected", "Reclaim rejected goods", reclaim_rejected,
        Reclaim, NoQuery, Reclaimed, ReclaimRejected,
    ),
)  # fmt: skip
