"""Promises: contracts that trades and awards leave behind, until they are performed.

By novation the exchange is seller to the buyer and buyer to the seller. A contract has the public id of
the order that made it: one contract per order and side, fills as its lines.
"""

from enum import StrEnum

from exchange.core.messages.base import BasisPoints, Command, Event, PublicId, Side
from exchange.core.messages.delivery import Count, LineNumber, Sides, TextHash
from exchange.core.messages.lifecycles import ClaimState


class ContractLineAdded(Event, frozen=True, tag="contract_line_added"):
    """A fill became a line of the order's contract; the first one brings the contract in force.

    `line` counts from 1 within the contract. Two such events come of each trade, one per side.
    """

    contract_id: str
    member_id: str
    side: Side
    instrument_id: str
    line: int
    trade_number: int
    price: int
    quantity: int
    amount_minor: int


class ConfirmReceipt(Command, frozen=True, tag="confirm_receipt"):
    """Buyer: the goods of all lines that are still open have arrived; their price is released to the sellers."""

    contract_id: PublicId


class ContractLineSettled(Event, frozen=True, tag="contract_line_settled"):
    """The line's money is out of escrow. Both sides' contracts get one, with what of fee and tax that side bore."""

    contract_id: str
    member_id: str
    side: Side
    line: int
    amount_minor: int
    fee_minor: int
    fee_tax_minor: int


class ContractPerformed(Event, frozen=True, tag="contract_performed"):
    """The order is closed, all its lines are settled or busted, and its escrow is zero."""

    contract_id: str
    member_id: str
    side: Side


class ContractLineTaxed(Event, frozen=True, tag="contract_line_taxed"):
    """The buyer's line carries a tax on its goods, which is in escrow beside their price."""

    contract_id: str
    line: int
    goods_tax_minor: int


class ContractLineCharged(Event, frozen=True, tag="contract_line_charged"):
    """The buyer's line carries a commission and the tax on it, which are in escrow beside its price."""

    contract_id: str
    member_id: str
    line: int
    schedule_version: int
    fee_minor: int
    fee_tax_minor: int


class BuyerFeeReturned(Event, frozen=True, tag="buyer_fee_returned"):
    """A part of the line's price was given back, and so much of the buyer's commission with it."""

    contract_id: str
    member_id: str
    line: int
    fee_minor: int
    fee_tax_minor: int


# --- claims -----------------------------------------------------------------------------------------


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


class FileClaim(Command, frozen=True, tag="file_claim"):
    """Buyer: so many pieces of a delivered line are not as they should be (0: all of them).

    Before acceptance it stops the acceptance; afterwards it can be filed until the guarantee ends.
    """

    contract_id: PublicId
    line: LineNumber
    reason: ClaimReason
    quantity: Count = 0
    text_hash: TextHash = ""


class AnswerClaim(Command, frozen=True, tag="answer_claim"):
    """Seller: admit or contest the claim on a line of an own contract. The operator decides in either case."""

    contract_id: PublicId
    line: LineNumber
    admit: bool
    text_hash: TextHash = ""


class ResolveClaim(Command, frozen=True, tag="resolve_claim"):
    """Operator: uphold a share of the line's price, or the price of so many pieces; neither: dismiss the claim."""

    claim_id: PublicId
    upheld_bps: BasisPoints = 0
    upheld_quantity: Count = 0


class ReleaseClaimText(Command, frozen=True, tag="release_claim_text"):
    """Operator: the words name nobody, so the other side may read them."""

    claim_id: PublicId
    text: ClaimText


class ClaimMoved(Event, frozen=True, tag="claim_moved"):
    """A claim as it is; `refund_minor` is what the buyer got back, with its tax."""

    claim_id: str
    sides: Sides
    state: ClaimState
    reason: ClaimReason
    quantity: int
    answer: ClaimAnswer
    claim_hash: str
    answer_hash: str
    claim_released: bool
    answer_released: bool
    refund_minor: int
    due_us: int


DealCommand = ConfirmReceipt | FileClaim | AnswerClaim | ResolveClaim | ReleaseClaimText
DealEvent = (
    ContractLineAdded
    | ContractLineSettled
    | ContractPerformed
    | ContractLineTaxed
    | ContractLineCharged
    | BuyerFeeReturned
    | ClaimMoved
)
