"""REST of sealed bids: handed in and withdrawn by suppliers, opened by the exchange.

Guarantees: what is in an envelope is not looked at; only its length and its alphabet are.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from exchange.core.limits import SUPPLIERS_PER_LOT_MAX
from exchange.core.messages.sealed import (
    ENVELOPE_CHARS,
    JudgeTechnical,
    RetryReveal,
    SubmitEnvelope,
    TechnicalText,
    WithdrawEnvelope,
)
from exchange.gateway.notation import END, ShortText
from exchange.gateway.rest.sourcing import LotSettled
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route

EnvelopeText = Annotated[
    str, Meta(min_length=ENVELOPE_CHARS, max_length=ENVELOPE_CHARS, pattern="^[A-Za-z0-9+/]*" + END)
]


class NewEnvelope(Struct, frozen=True, forbid_unknown_fields=True):
    """A bid sealed with the lot's public key (a libsodium sealed box of 240 bytes)."""

    envelope: EnvelopeText
    technical: TechnicalText = ""  # where the lot takes two envelopes: a sealed box of 1,488 bytes


class NewVerdict(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the technical offer under an alias is good enough for its price to be opened."""

    alias: Annotated[int, Meta(ge=1, le=SUPPLIERS_PER_LOT_MAX)]
    passed: bool
    reason: ShortText


async def submit_envelope(call: Call[NewEnvelope, NoQuery]) -> LotSettled:
    """Supplier: hand in a sealed bid, in place of the one before it; it counts if it comes before the close."""
    body = call.body
    command = SubmitEnvelope(lot_id=call.id("lot_id"), envelope=body.envelope, technical=body.technical)
    return LotSettled.of(await call.settle(command))


async def withdraw_envelope(call: Call[NoBody, NoQuery]) -> LotSettled:
    """Supplier: take the sealed bid back, before the close."""
    return LotSettled.of(await call.settle(WithdrawEnvelope(lot_id=call.id("lot_id"))))


async def judge_technical(call: Call[NewVerdict, NoQuery]) -> LotSettled:
    """Buyer: pass or fail a technical offer; after the last verdict the prices of those that passed are opened."""
    body = call.body
    command = JudgeTechnical(
        lot_id=call.id("lot_id"), alias=body.alias, passed=body.passed, reason=body.reason
    )
    return LotSettled.of(await call.settle(command))


async def retry_reveal(call: Call[NoBody, NoQuery]) -> LotSettled:
    """Operator: try again to open the sealed bids of a closed lot whose key was missing."""
    return LotSettled.of(await call.settle(RetryReveal(lot_id=call.id("lot_id"))))


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
        "POST", f"{_LOT}/verdicts", "Judge a technical offer", judge_technical,
        NewVerdict, NoQuery, LotSettled, JudgeTechnical,
    ),
    Route(
        "POST", f"{_LOT}/reveal", "Try again to open sealed bids", retry_reveal,
        NoBody, NoQuery, LotSettled, RetryReveal,
    ),
)  # fmt: skip
