"""What a member is told of its goods in motion and its claims: each side's own line, and nothing of the other.

A buyer is not told when a seller dispatched, nor in which consignment: what it awaits is one state until the goods
are at the hub. A seller is not told whether its goods were shipped on, received or in which shipment.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from exchange.core.messages.base import Side
from exchange.core.messages.deals import ClaimAnswer, ClaimReason
from exchange.core.messages.delivery import Refunding
from exchange.core.messages.lifecycles import ClaimState, ConsignmentState, DealState, ShipmentState


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


_D, _S = DealState, DealStage
SEEN: Final[dict[Side, dict[DealState, DealStage]]] = {
    Side.BUY: {
        _D.SOLD: _S.AWAITED,
        _D.DISPATCHED: _S.AWAITED,
        _D.AT_HUB: _S.AT_HUB,
        _D.CONDITIONAL: _S.CONDITIONAL,
        _D.PASSED: _S.PASSED,
        _D.SHIPPED: _S.SHIPPED,
        _D.DELIVERED: _S.DELIVERED,
        _D.DISPUTED: _S.DISPUTED,
        _D.ACCEPTED: _S.ACCEPTED,
        _D.CLOSED: _S.CLOSED,
        _D.VOID: _S.VOID,
    },
    Side.SELL: {
        _D.SOLD: _S.SOLD,
        _D.DISPATCHED: _S.DISPATCHED,
        _D.AT_HUB: _S.AT_HUB,
        _D.CONDITIONAL: _S.AT_HUB,
        _D.PASSED: _S.PASSED,
        _D.SHIPPED: _S.PASSED,
        _D.DELIVERED: _S.PASSED,
        _D.DISPUTED: _S.DISPUTED,
        _D.ACCEPTED: _S.ACCEPTED,
        _D.CLOSED: _S.CLOSED,
        _D.VOID: _S.VOID,
    },
}
"""What each side sees of a deal's state."""
DUE_SHOWN: Final[dict[Side, tuple[DealState, ...]]] = {
    Side.BUY: (_D.CONDITIONAL, _D.DELIVERED, _D.ACCEPTED),
    Side.SELL: (_D.SOLD, _D.ACCEPTED),
}
"""The states whose term is the viewer's own to meet or to know."""


class OwnDeal(Struct, frozen=True, gc=False, tag_field="type", tag="deal", omit_defaults=True):
    """A line of an own contract as it is: pieces and price that still count; `due_us` ends the viewer's own term.

    `shipment_id` is a buyer's, `consignment_id` a seller's.
    """

    contract_id: str
    line: int
    side: Side
    instrument_id: str
    state: DealStage
    quantity: int
    amount_minor: int
    conditional_quantity: int = 0
    goods_tax_minor: int = 0
    consignment_id: str = ""
    shipment_id: str = ""
    due_us: int = 0


class OwnRefund(Struct, frozen=True, gc=False, tag_field="type", tag="deal_refunded", omit_defaults=True):
    """So much of a line's price counts no more; a buyer has it back, with its tax."""

    contract_id: str
    line: int
    side: Side
    cause: Refunding
    quantity: int
    amount_minor: int
    goods_tax_minor: int = 0


class OwnFee(Struct, frozen=True, gc=False, tag_field="type", tag="buyers_fee", omit_defaults=True):
    """To a line's buyer: so much commission, and tax on it, is in escrow beside the price; `returned`: came back."""

    contract_id: str
    line: int
    fee_minor: int
    fee_tax_minor: int
    returned: bool = False


class OwnConsignment(Struct, frozen=True, gc=False, tag_field="type", tag="consignment", omit_defaults=True):
    """To its seller: what was sent, and what was counted once it came; it counts as lost at `due_us`."""

    consignment_id: str
    instrument_id: str
    state: ConsignmentState
    quantity: int
    counted_quantity: int = 0
    due_us: int = 0


class OwnShipment(Struct, frozen=True, gc=False, tag_field="type", tag="shipment", omit_defaults=True):
    """To its buyer: what was sent; it counts as received in full at `due_us`."""

    shipment_id: str
    instrument_id: str
    state: ShipmentState
    quantity: int
    received_quantity: int = 0
    due_us: int = 0


class OwnClaim(Struct, frozen=True, gc=False, tag_field="type", tag="claim", omit_defaults=True):
    """A claim on a line of an own contract; only its buyer and operators learn its id.

    `due_us` ends the seller's term to answer; `refund_minor` is told to the buyer.
    """

    contract_id: str
    line: int
    side: Side
    state: ClaimState
    reason: ClaimReason
    quantity: int
    answer: ClaimAnswer = ClaimAnswer.NONE
    claim_id: str = ""
    refund_minor: int = 0
    due_us: int = 0
