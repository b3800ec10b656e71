"""Goods in motion: from a seller to the hub as a consignment, inspected as a hub lot, to a buyer as a shipment.

Only deals in instruments with `delivery: hub` go this way. Texts that people write (a carrier's tracking code)
stay outside: a command carries their salted hash.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from exchange.core.limits import (
    AMOUNT_MINOR_MAX,
    CHECKS_PER_INSPECTION_MAX,
    LINES_PER_CONSIGNMENT_MAX,
    QUANTITY_MAX,
)
from exchange.core.messages.base import Command, Event, PublicId, Quantity
from exchange.core.messages.hub_address import HubAddressSet, SetHubAddress
from exchange.core.messages.lifecycles import ConsignmentState, DealState, HubLotState, ShipmentState

TextHash = Annotated[str, Meta(max_length=64)]
"""Stands for a text that the gateway keeps; empty where there is none."""
Count = Annotated[int, Meta(ge=0, le=QUANTITY_MAX)]
LineNumber = Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]


class SamplingPlan(StrEnum):
    """Which pieces of a hub lot are looked at."""

    EVERY_PIECE = "every_piece"
    ACCEPTANCE_SAMPLE = "acceptance_sample"  # as many as an acceptance quality limit asks for
    FIXED_SAMPLE = "fixed_sample"


class CheckMethod(StrEnum):
    """How goods are looked at."""

    DOCUMENTS = "documents"
    VISUAL = "visual"
    DIMENSIONS = "dimensions"
    MARKING = "marking"
    X_RAY = "x_ray"
    FLUORESCENCE = "fluorescence"
    SOLDERABILITY = "solderability"
    ELECTRICAL = "electrical"
    DECAPSULATION = "decapsulation"


class CheckResult(StrEnum):
    """What a check found."""

    PASSED = "passed"
    CONDITIONAL = "conditional"  # fit for use, but not as described
    FAILED = "failed"


class Refunding(StrEnum):
    """Why a part of a deal's price goes back to the buyer."""

    NOT_DISPATCHED = "not_dispatched"
    SHORT = "short"  # the hub counted less, or nothing came
    REJECTED = "rejected"  # by the inspection
    REFUSED = "refused"  # conditional goods that the buyer did not take
    NOT_DELIVERED = "not_delivered"  # the buyer counted less
    CLAIM = "claim"


class ConsignedLine(Struct, frozen=True, forbid_unknown_fields=True):
    """So many pieces of a line of the seller's contract."""

    contract_id: PublicId
    line: LineNumber
    quantity: Quantity


class ShippedLine(Struct, frozen=True, forbid_unknown_fields=True):
    """All pieces of a line of the buyer's contract that are at the hub."""

    contract_id: PublicId
    line: LineNumber


class Check(Struct, frozen=True, forbid_unknown_fields=True):
    """One check of an inspection."""

    method: CheckMethod
    result: CheckResult


class DispatchConsignment(Command, frozen=True, tag="dispatch_consignment"):
    """Seller: goods of own lines, all of one instrument, are on their way to the hub.

    What a line has more than is sent will not come: it is refunded and is the seller's stock again.
    """

    instrument_id: PublicId
    lines: Annotated[tuple[ConsignedLine, ...], Meta(min_length=1, max_length=LINES_PER_CONSIGNMENT_MAX)]
    tracking_hash: TextHash = ""


class ReceiveConsignment(Command, frozen=True, tag="receive_consignment"):
    """Inspector: so many pieces came, which may be fewer or more than were sent; 0: none."""

    consignment_id: PublicId
    counted_quantity: Count


class InspectHubLot(Command, frozen=True, tag="inspect_hub_lot"):
    """Inspector: what the inspection found; the three quantities add up to the hub lot's."""

    hub_lot_id: PublicId
    plan: SamplingPlan
    sample_quantity: Count
    checks: Annotated[tuple[Check, ...], Meta(min_length=1, max_length=CHECKS_PER_INSPECTION_MAX)]
    evidence_hash: TextHash
    passed_quantity: Count = 0
    conditional_quantity: Count = 0
    rejected_quantity: Count = 0
    cost_minor: Annotated[int, Meta(ge=0, le=AMOUNT_MINOR_MAX)] = 0  # of the laboratory


class DecideConditional(Command, frozen=True, tag="decide_conditional"):
    """Buyer: take all conditional goods of an own contract, or refuse them."""

    contract_id: PublicId
    take: bool


class DispatchShipment(Command, frozen=True, tag="dispatch_shipment"):
    """Inspector: passed goods of one buyer's lines, all of one instrument, leave the hub."""

    lines: Annotated[tuple[ShippedLine, ...], Meta(min_length=1, max_length=LINES_PER_CONSIGNMENT_MAX)]
    tracking_hash: TextHash = ""


class ConfirmShipment(Command, frozen=True, tag="confirm_shipment"):
    """Buyer: so many pieces came; 0: none."""

    shipment_id: PublicId
    received_quantity: Count


class AcceptGoods(Command, frozen=True, tag="accept_goods"):
    """Buyer: the delivered goods are as they should be; their price is released. 0: every delivered line."""

    contract_id: PublicId
    line: Count = 0


class ReclaimRejected(Command, frozen=True, tag="reclaim_rejected"):
    """Seller: fetch rejected goods back from the hub, or declare them as stock again."""

    instrument_id: PublicId
    quantity: Quantity
    declare: bool = False


class Sides(Struct, frozen=True, array_like=True, gc=False):
    """The two lines that one fill left, and whose they are. Only the exchange knows both."""

    buyer_contract_id: str
    buyer_line: int
    buyer_id: str
    seller_contract_id: str
    seller_line: int
    seller_id: str
    instrument_id: str


class DealMoved(Event, frozen=True, tag="deal_moved"):
    """A deal as it is after a step: pieces and price that still count, and when its state's term ends.

    `due_us` is 0 where nothing falls due. Until it is shipped, `quantity` includes `conditional_quantity`.
    """

    sides: Sides
    state: DealState
    quantity: int
    conditional_quantity: int
    amount_minor: int
    goods_tax_minor: int
    consignment_id: str
    hub_lot_id: str
    shipment_id: str
    due_us: int


class DealRefunded(Event, frozen=True, tag="deal_refunded"):
    """A part of the price is in the buyer's wallet again; `quantity` is 0 where goods stay with the buyer."""

    sides: Sides
    cause: Refunding
    quantity: int
    amount_minor: int
    goods_tax_minor: int


class ConsignmentMoved(Event, frozen=True, tag="consignment_moved"):
    """A consignment as it is: what was sent, and once it came, what was counted and where it lies."""

    consignment_id: str
    member_id: str
    instrument_id: str
    state: ConsignmentState
    quantity: int
    counted_quantity: int
    hub_lot_id: str
    tracking_hash: str
    due_us: int


class HubLotMoved(Event, frozen=True, tag="hub_lot_moved"):
    """A hub lot as it is; `quantity` is what was received for deals."""

    hub_lot_id: str
    member_id: str
    instrument_id: str
    state: HubLotState
    quantity: int
    due_us: int


class HubLotInspected(Event, frozen=True, tag="hub_lot_inspected"):
    """What an inspection found, by whom and how."""

    hub_lot_id: str
    inspector_id: str
    plan: SamplingPlan
    sample_quantity: int
    checks: tuple[Check, ...]
    evidence_hash: str
    passed_quantity: int
    conditional_quantity: int
    rejected_quantity: int
    cost_minor: int


class ShipmentMoved(Event, frozen=True, tag="shipment_moved"):
    """A shipment as it is; `received_quantity` counts once it is received."""

    shipment_id: str
    member_id: str
    instrument_id: str
    state: ShipmentState
    quantity: int
    received_quantity: int
    tracking_hash: str
    due_us: int


class RejectedReclaimed(Event, frozen=True, tag="rejected_reclaimed"):
    """Rejected goods are with the seller again, as its stock where `declared`."""

    member_id: str
    instrument_id: str
    quantity: int
    declared: bool


class HubOverdue(Event, frozen=True, tag="hub_overdue"):
    """The hub missed its own term, which changes nothing: an operator has to look. Told once a subject."""

    subject: str  # a hub lot to inspect, or a deal to ship, by the buyer's contract and line
    state: str  # in which it still is
    due_us: int


DeliveryCommand = (
    DispatchConsignment
    | ReceiveConsignment
    | InspectHubLot
    | DecideConditional
    | DispatchShipment
    | ConfirmShipment
    | AcceptGoods
    | ReclaimRejected
    | SetHubAddress
)


DeliveryEvent = (
    DealMoved
    | DealRefunded
    | ConsignmentMoved
    | HubLotMoved
    | HubLotInspected
    | ShipmentMoved
    | RejectedReclaimed
    | HubOverdue
    | HubAddressSet
)
