"""Commands of goods in motion and of claims, for deals that go through the hub."""

from exchange_client.command import Command
from exchange_client.deal_words import Check, ClaimReason, ClaimText, ConsignedLine, SamplingPlan, ShippedLine


class DispatchConsignment(Command, frozen=True, tag="dispatch_consignment"):
    """Seller: goods of own lines, all of one instrument, are on their way to the hub.

    What a line has more than is sent will not come: it is refunded and is the seller's stock again.
    """

    instrument_id: str
    lines: tuple[ConsignedLine, ...]
    tracking_hash: str = ""


class ReceiveConsignment(Command, frozen=True, tag="receive_consignment"):
    """Inspector: so many pieces came, which may be fewer or more than were sent; 0: none."""

    consignment_id: str
    counted_quantity: int


class InspectHubLot(Command, frozen=True, tag="inspect_hub_lot"):
    """Inspector: what the inspection found; the three quantities add up to the hub lot's."""

    hub_lot_id: str
    plan: SamplingPlan
    sample_quantity: int
    checks: tuple[Check, ...]
    evidence_hash: str
    passed_quantity: int = 0
    conditional_quantity: int = 0
    rejected_quantity: int = 0
    cost_minor: int = 0  # of the laboratory


class DecideConditional(Command, frozen=True, tag="decide_conditional"):
    """Buyer: take all conditional goods of an own contract, or refuse them."""

    contract_id: str
    take: bool


class DispatchShipment(Command, frozen=True, tag="dispatch_shipment"):
    """Inspector: passed goods of one buyer's lines, all of one instrument, leave the hub."""

    lines: tuple[ShippedLine, ...]
    tracking_hash: str = ""


class ConfirmShipment(Command, frozen=True, tag="confirm_shipment"):
    """Buyer: so many pieces came; 0: none."""

    shipment_id: str
    received_quantity: int


class AcceptGoods(Command, frozen=True, tag="accept_goods"):
    """Buyer: the delivered goods are as they should be; their price is released. 0: every delivered line."""

    contract_id: str
    line: int = 0


class ReclaimRejected(Command, frozen=True, tag="reclaim_rejected"):
    """Seller: fetch rejected goods back from the hub, or declare them as stock again."""

    instrument_id: str
    quantity: int
    declare: bool = False


class SetHubAddress(Command, frozen=True, tag="set_hub_address"):
    """Operator: where sellers send to from now on."""

    name: str
    address: str


class FileClaim(Command, frozen=True, tag="file_claim"):
    """Buyer: so many pieces of a delivered line are not as they should be (0: all of them).

    Before acceptance it stops the acceptance; afterwards it can be filed until the guarantee ends.
    """

    contract_id: str
    line: int
    reason: ClaimReason
    quantity: int = 0
    text_hash: str = ""


class AnswerClaim(Command, frozen=True, tag="answer_claim"):
    """Seller: admit or contest the claim on a line of an own contract. The operator decides in either case."""

    contract_id: str
    line: int
    admit: bool
    text_hash: str = ""


class ResolveClaim(Command, frozen=True, tag="resolve_claim"):
    """Operator: uphold a share of the line's price, or the price of so many pieces; neither: dismiss the claim."""

    claim_id: str
    upheld_bps: int = 0
    upheld_quantity: int = 0


class ReleaseClaimText(Command, frozen=True, tag="release_claim_text"):
    """Operator: the words name nobody, so the other side may read them."""

    claim_id: str
    text: ClaimText


DealCommand = (
    DispatchConsignment
    | ReceiveConsignment
    | InspectHubLot
    | DecideConditional
    | DispatchShipment
    | ConfirmShipment
    | AcceptGoods
    | ReclaimRejected
    | SetHubAddress
    | FileClaim
    | AnswerClaim
    | ResolveClaim
    | ReleaseClaimText
)
