"""Words of deals that go through the hub: states, reasons and the parts of commands."""

from enum import StrEnum

from msgspec import Struct


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


class ClaimReason(StrEnum):
    """What a buyer objects to; words of its own go beside it, outside the core."""

    NOT_AS_DESCRIBED = "not_as_described"
    DEFECTIVE = "defective"
    COUNTERFEIT = "counterfeit"
    DAMAGED = "damaged"
    INCOMPLETE = "incomplete"


class ClaimAnswer(StrEnum):
    """What the seller says to it."""

    NONE = "none"  # nothing yet
    ADMITTED = "admitted"
    CONTESTED = "contested"


class ClaimText(StrEnum):
    """Whose words."""

    CLAIM = "claim"
    ANSWER = "answer"


class ConsignmentState(StrEnum):
    """Where a consignment is."""

    DISPATCHED = "dispatched"
    RECEIVED = "received"  # it became a hub lot, or nothing was in it
    LOST = "lost"  # it never came


class ShipmentState(StrEnum):
    """Where a shipment is."""

    DISPATCHED = "dispatched"
    RECEIVED = "received"


class ClaimState(StrEnum):
    """Where a claim stands."""

    FILED = "filed"  # the seller is asked
    ANSWERED = "answered"  # admitted or contested; the operator decides
    UNANSWERED = "unanswered"  # the term is over; the operator decides
    REMEDIED = "remedied"  # upheld in part or whole, and paid
    DISMISSED = "dismissed"


class DealStage(StrEnum):
    """Where the goods of a line are, as one side may know it."""

    AWAITED = "awaited"  # buyer: they have not reached the hub
    SOLD = "sold"  # seller: to be dispatched until due
    DISPATCHED = "dispatched"  # seller: on their way to the hub
    AT_HUB = "at_hub"  # being inspected
    CONDITIONAL = "conditional"  # buyer: to be decided until due
    PASSED = "passed"
    SHIPPED = "shipped"  # buyer: on their way
    DELIVERED = "delivered"  # buyer: to be accepted, or objected to until due
    DISPUTED = "disputed"
    ACCEPTED = "accepted"  # paid, and guaranteed until due
    CLOSED = "closed"
    VOID = "void"


class ConsignedLine(Struct, frozen=True):
    """So many pieces of a line of the seller's contract."""

    contract_id: str
    line: int
    quantity: int


class ShippedLine(Struct, frozen=True):
    """All pieces of a line of the buyer's contract that are at the hub."""

    contract_id: str
    line: int


class Check(Struct, frozen=True):
    """One check of an inspection."""

    method: CheckMethod
    result: CheckResult
