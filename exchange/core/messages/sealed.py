"""Sealed bids: the key of a lot, the envelopes that come in, and what was in them once they are opened.

Guarantees: until `reveal_bids` no command and no event carries a price of a sealed lot. The exchange itself sends
`set_lot_key`, `reveal_bids` and `report_unopened`: what they carry comes from the port that keeps the private keys,
so that replay needs none of them.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from exchange.core.limits import (
    ENVELOPE_BYTES,
    PRICE_MAX,
    SUPPLIERS_PER_LOT_MAX,
    TECHNICAL_BYTES,
    TECHNICAL_DOCUMENTS_MAX,
)
from exchange.core.messages.base import Command, Event, NamedId, PublicId, Symbol

ENVELOPE_CHARS = ENVELOPE_BYTES * 4 // 3
EnvelopeText = Annotated[
    str,
    Meta(
        min_length=ENVELOPE_CHARS,
        max_length=ENVELOPE_CHARS,
        pattern="^[A-Za-z0-9+/]*$",
    ),
]
"""A bid that only the lot's private key opens, in base64: of one length, which needs no padding, whatever is in it."""
TECHNICAL_CHARS = TECHNICAL_BYTES * 4 // 3
TechnicalText = Annotated[
    str, Meta(max_length=TECHNICAL_CHARS, pattern=f"^([A-Za-z0-9+/]{{{TECHNICAL_CHARS}}})?$")
]
"""A technical offer, sealed alike; empty where the lot takes prices only."""
PublicKey = Annotated[str, Meta(min_length=64, max_length=64, pattern="^[0-9a-f]*$")]
"""An X25519 public key in hexadecimal."""


class VoidReason(StrEnum):
    """Why a bid doesn't count, in the order in which the reasons are looked for."""

    UNREADABLE = "unreadable"  # the lot's key doesn't open it, or it holds no bid
    OTHER_LOT = "other_lot"  # it names another lot
    OTHER_MEMBER = "other_member"  # it names another bidder
    OFF_TICK = "off_tick"
    ABOVE_CEILING = "above_ceiling"
    BELOW_FLOOR = "below_floor"  # in a reverse lot abnormally low
    NOT_QUALIFYING = "not_qualifying"  # worse than the worst admissible first bid
    RESERVE_NOT_MET = "reserve_not_met"
    TECHNICAL_FAILED = "technical_failed"  # the price was never opened


class SetLotKey(Command, frozen=True, tag="set_lot_key"):
    """The exchange: the lot's private key is stored safely, and this is its public one."""

    lot_id: PublicId
    public_key: PublicKey


class LotKeySet(Event, frozen=True, tag="lot_key_set"):
    """Bids can be sealed for the lot; one that should have opened already opens now."""

    lot_id: str
    public_key: str


class SubmitEnvelope(Command, frozen=True, tag="submit_envelope"):
    """Supplier: hand in a sealed bid, in place of the one before it. Counts if it comes before the close."""

    lot_id: PublicId
    envelope: EnvelopeText
    technical: TechnicalText = ""  # there if the lot takes two envelopes


class EnvelopeSubmitted(Event, frozen=True, tag="envelope_submitted"):
    """`number` counts the lot's envelopes, replaced ones too."""

    lot_id: str
    member_id: str
    envelope: str
    number: int
    at_us: int
    technical: str = ""


class WithdrawEnvelope(Command, frozen=True, tag="withdraw_envelope"):
    """Supplier: take the sealed bid back, before the close."""

    lot_id: PublicId


class EnvelopeWithdrawn(Event, frozen=True, tag="envelope_withdrawn"):
    """The member has no envelope in the lot any more."""

    lot_id: str
    member_id: str


class OpenedBid(Struct, frozen=True, array_like=True):
    """What was in the envelope of that number; a price of 0 stands for one that can't be read."""

    number: Annotated[int, Meta(ge=1)]
    lot_id: NamedId = ""
    member_id: NamedId = ""
    price: Annotated[int, Meta(ge=0, le=PRICE_MAX)] = 0


DocumentHash = Annotated[str, Meta(min_length=64, max_length=64, pattern="^[0-9a-f]*$")]


class OpenedTechnical(Struct, frozen=True, array_like=True):
    """What was in the technical envelope of that number; no lot stands for one that can't be read."""

    number: Annotated[int, Meta(ge=1)]
    lot_id: NamedId = ""
    member_id: NamedId = ""
    documents: Annotated[list[DocumentHash], Meta(max_length=TECHNICAL_DOCUMENTS_MAX)] = []


class RevealTechnical(Command, frozen=True, tag="reveal_technical"):
    """The exchange: what was in all technical envelopes that stood at the close, in the order of their numbers."""

    lot_id: PublicId
    offers: Annotated[list[OpenedTechnical], Meta(max_length=SUPPLIERS_PER_LOT_MAX)]


class TechnicalOpened(Event, frozen=True, tag="technical_opened"):
    """A technical offer under the alias of its bidder; with a fault it has failed already."""

    lot_id: str
    member_id: str
    alias: int
    documents: list[str]
    fault: VoidReason | None


class TechnicalRevealed(Event, frozen=True, tag="technical_revealed"):
    """All technical offers of the lot are known, and no price."""

    lot_id: str
    offers: int


class JudgeTechnical(Command, frozen=True, tag="judge_technical"):
    """Buyer: pass or fail a technical offer; after the last verdict the prices of those that passed are opened."""

    lot_id: PublicId
    alias: Annotated[int, Meta(ge=1, le=SUPPLIERS_PER_LOT_MAX)]
    passed: bool
    reason: Symbol


class TechnicalJudged(Event, frozen=True, tag="technical_judged"):
    """The buyer's verdict."""

    lot_id: str
    member_id: str
    alias: int
    passed: bool
    reason: str


class RevealBids(Command, frozen=True, tag="reveal_bids"):
    """The exchange: what was in all envelopes that stood at the close, in the order of their numbers."""

    lot_id: PublicId
    bids: Annotated[list[OpenedBid], Meta(max_length=SUPPLIERS_PER_LOT_MAX)]


class BidVoided(Event, frozen=True, tag="bid_voided"):
    """An opened bid that doesn't count. Its alias comes after those of the bids that do."""

    lot_id: str
    member_id: str
    alias: int
    reason: VoidReason


class BidsRevealed(Event, frozen=True, tag="bids_revealed"):
    """All envelopes are open; the BidSubmitted and BidVoided of the same command say what was in them."""

    lot_id: str
    valid: int
    void: int


class ReportUnopened(Command, frozen=True, tag="report_unopened"):
    """The exchange: the envelopes of a closed lot can't be opened now, and why."""

    lot_id: PublicId
    reason: Symbol


class UnopenedReported(Event, frozen=True, tag="unopened_reported"):
    """The lot stays closed and sealed until somebody asks to try again."""

    lot_id: str
    reason: str


class RetryReveal(Command, frozen=True, tag="retry_reveal"):
    """Operator: the lot's key is back, try again to open its envelopes."""

    lot_id: PublicId


class RevealRetried(Event, frozen=True, tag="reveal_retried"):
    """The envelopes are to be opened again."""

    lot_id: str


SealedCommand = SubmitEnvelope | WithdrawEnvelope | RetryReveal | JudgeTechnical
"""What comes in from members."""
KeyCommand = SetLotKey | RevealTechnical | RevealBids | ReportUnopened
"""What the exchange tells itself."""
SealedEvent = (
    LotKeySet
    | EnvelopeSubmitted
    | EnvelopeWithdrawn
    | TechnicalOpened
    | TechnicalRevealed
    | TechnicalJudged
    | BidVoided
    | BidsRevealed
    | UnopenedReported
    | RevealRetried
)
