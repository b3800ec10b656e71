"""REST of receipts: that an own bid stands at its place in the journal, for whoever doesn't want to take our word.

Guarantees: whoever isn't shown the lot is told that there is none; a receipt is given once the lot is closed, since
its sequence and its commit tell how busy the exchange was. It holds the command itself where its bidder sent it. Bids
that came of somebody else's command (an answer of a proxy, an operator's, an opened envelope) have the proof alone; an
envelope has a receipt of its own.

Known limits: envelopes that an older program took have none.
"""

from typing import Final

from msgspec import Struct, msgpack

from exchange.core.market.sourcing import Lot, LotState
from exchange.core.messages import Sequenced
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway.notation import InstantText, instant_of
from exchange.gateway.problems import Refused
from exchange.gateway.rest.proofs import ProofShown, batch_of, proof_shown
from exchange.gateway.rest.sourcing import lot_of
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route
from exchange.gateway.stored import history
from exchange.gateway.stored.records import Row
from exchange.journal.receipt import Receipt, make_receipt, proof_of

CLOSED: Final = frozenset({LotState.CLOSED, LotState.AWARDED, LotState.VOID})
"""Where receipts are given."""


class BidReceipt(Struct, frozen=True):
    """An own bid or envelope, counted from 1, and its place in the journal.

    `leaf` of the proof is the SHA-256 of a zero byte, `salt` and `command`, both in hexadecimal: the journal's own bytes
    (msgpack) of the instant, the member and what it sent. Both are empty where somebody else's command made the bid.
    """

    lot_id: str
    number: int
    at: InstantText
    salt: str
    command: str
    proof: ProofShown


async def get_bid_receipt(call: Call[NoBody, NoQuery]) -> BidReceipt:
    """Supplier: the proof that an own bid stands at its place in the journal, once its lot is closed."""
    lot = _closed_lot(call)
    number = _one_of(call, lot.board.bids_of(call.member_id))
    row = await history.own_bid(call.ports.records, lot.lot_id, call.member_id, number)
    return await _receipt(call, lot, number, row)


async def get_envelope_receipt(call: Call[NoBody, NoQuery]) -> BidReceipt:
    """Supplier: the same of an own envelope, replaced ones counted too; it holds what was sealed as it was sent."""
    lot = _closed_lot(call)
    number = _one_of(call, 0 if lot.sealed is None else lot.sealed.sent.get(call.member_id, 0))
    row = await history.own_envelope(call.ports.records, lot.lot_id, call.member_id, number)
    return await _receipt(call, lot, number, row)


def _closed_lot(call: Call[NoBody, NoQuery]) -> Lot:
    """Refused with LOT_UNKNOWN, LOT_NOT_CLOSED."""
    _, lot, _ = lot_of(call.views, call.id("lot_id"), call.member_id)
    if lot.state not in CLOSED:
        raise Refused(RejectCode.LOT_NOT_CLOSED)
    return lot


def _one_of(call: Call[NoBody, NoQuery], made: int) -> int:
    """Which of so many; refused with BID_UNKNOWN and their number."""
    number = call.number("number")
    if not 1 <= number <= made:
        raise Refused(Reject(RejectCode.BID_UNKNOWN, made, "number"))
    return number


async def _receipt(call: Call[NoBody, NoQuery], lot: Lot, number: int, row: Row | None) -> BidReceipt:
    if row is None:
        raise Refused(RejectCode.RECORDS_UNAVAILABLE)
    receipt = make_receipt(await batch_of(call.ports.engine.journal, row["seq"]), row["seq"])
    own = _sender(receipt) == call.member_id
    return BidReceipt(
        lot.lot_id,
        number,
        instant_of(row["at_us"]),
        receipt.salt.hex() if own else "",
        receipt.entry.hex() if own else "",
        proof_shown(proof_of(receipt)),
    )


def _sender(receipt: Receipt) -> str:
    return msgpack.decode(receipt.entry, type=Sequenced).member_id


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "GET", "/v1/lots/{lot_id}/bids/{number}/receipt", "Read the receipt of a bid", get_bid_receipt,
        NoBody, NoQuery, BidReceipt,
    ),
    Route(
        "GET", "/v1/lots/{lot_id}/envelopes/{number}/receipt", "Read the receipt of an envelope",
        get_envelope_receipt, NoBody, NoQuery, BidReceipt,
    ),
)  # fmt: skip
