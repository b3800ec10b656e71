"""REST of sealed bids: handed in and withdrawn by suppliers, opened by the exchange.

Guarantees: what is in an envelope is not looked at; only its length and its alphabet are.
"""

from typing import Final

from msgspec import Struct

from exchange.core.messages.sealed import EnvelopeText, RetryReveal, SubmitEnvelope, WithdrawEnvelope
from exchange.gateway.notation import instant_of
from exchange.gateway.rest.sourcing import LotSettled
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route


class NewEnvelope(Struct, frozen=True, forbid_unknown_fields=True):
    """A bid sealed with the lot's public key (a libsodium sealed box of 240 bytes)."""

    envelope: EnvelopeText


async def submit_envelope(call: Call[NewEnvelope, NoQuery]) -> LotSettled:
    """Supplier: hand in a sealed bid, in place of the one before it; it counts if it comes before the close."""
    command = SubmitEnvelope(lot_id=call.id("lot_id"), envelope=call.body.envelope)
    reply = await call.settle(command)
    return LotSettled(reply.sequence, instant_of(reply.at_us), reply.id)


async def withdraw_envelope(call: Call[NoBody, NoQuery]) -> LotSettled:
    """Supplier: take the sealed bid back, before the close."""
    reply = await call.settle(WithdrawEnvelope(lot_id=call.id("lot_id")))
    return LotSettled(reply.sequence, instant_of(reply.at_us), reply.id)


async def retry_reveal(call: Call[NoBody, NoQuery]) -> LotSettled:
    """Operator: try again to open the sealed bids of a closed lot whose key was missing."""
    reply = await call.settle(RetryReveal(lot_id=call.id("lot_id")))
    return LotSettled(reply.sequence, instant_of(reply.at_us), reply.id)


_LOT = "/v1/lots/{lot_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "POST", f"{_LOT}/envelope", "Hand a sealed bid in", submit_envelope,
        NewEnvelope, NoQuery, LotSettled, SubmitEnvelope, 201,
    ),
    Route(
        "DELETE", f"{_LOT}/envelope", "Withdraw a sealed bid", withdraw_envelope,
        NoBody, NoQuery, LotSettled, WithdrawEnvelope,
    ),
    Route(
        "POST", f"{_LOT}/reveal", "Try again to open sealed bids", retry_reveal,
        NoBody, NoQuery, LotSettled, RetryReveal,
    ),
)  # fmt: skip
