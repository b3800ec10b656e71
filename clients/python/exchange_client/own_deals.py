"""What a member is told of its goods in motion and its claims, on the channel `own`."""

from msgspec import Struct

from exchange_client.deal_words import (
    ClaimAnswer,
    ClaimReason,
    ClaimState,
    ConsignmentState,
    DealStage,
    Refunding,
    ShipmentState,
)
from exchange_client.messages import Side


class OwnDeal(Struct, frozen=True, gc=False, tag_field="type", tag="deal"):
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


class OwnRefund(Struct, frozen=True, gc=False, tag_field="type", tag="deal_refunded"):
    """So much of a line's price counts no more; a buyer has it back, with its tax."""

    contract_id: str
    line: int
    side: Side
    cause: Refunding
    quantity: int
    amount_minor: int
    goods_tax_minor: int = 0


class OwnFee(Struct, frozen=True, gc=False, tag_field="type", tag="buyers_fee"):
    """To a line's buyer: commission and tax on it that are in escrow beside the price, or came back."""

    contract_id: str
    line: int
    fee_minor: int
    fee_tax_minor: int
    returned: bool = False


class OwnConsignment(Struct, frozen=True, gc=False, tag_field="type", tag="consignment"):
    """To its seller: what was sent, and what was counted once it came; it counts as lost at `due_us`."""

    consignment_id: str
    instrument_id: str
    state: ConsignmentState
    quantity: int
    counted_quantity: int = 0
    due_us: int = 0


class OwnShipment(Struct, frozen=True, gc=False, tag_field="type", tag="shipment"):
    """To its buyer: what was sent; it counts as received in full at `due_us`."""

    shipment_id: str
    instrument_id: str
    state: ShipmentState
    quantity: int
    received_quantity: int = 0
    due_us: int = 0


class OwnClaim(Struct, frozen=True, gc=False, tag_field="type", tag="claim"):
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
