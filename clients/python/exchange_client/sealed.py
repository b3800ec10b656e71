"""Sealed bids as the wire has them: commands, and what a lot tells of them."""

from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType

from exchange_client.command import Command


class SubmitEnvelope(Command, frozen=True, tag="submit_envelope"):
    """Supplier: hand in a sealed bid, in place of the one before it."""

    lot_id: str
    envelope: str
    technical: str = ""


class JudgeTechnical(Command, frozen=True, tag="judge_technical"):
    """Buyer: pass or fail a technical offer."""

    lot_id: str
    alias: int
    passed: bool
    reason: str


class WithdrawEnvelope(Command, frozen=True, tag="withdraw_envelope"):
    """Supplier: take the sealed bid back, before the close."""

    lot_id: str


class RetryReveal(Command, frozen=True, tag="retry_reveal"):
    """Operator: the lot's key is back, try again to open its envelopes."""

    lot_id: str


SealedCommand = SubmitEnvelope | WithdrawEnvelope | RetryReveal | JudgeTechnical


class VoidReason(StrEnum):
    """Why a bid doesn't count once it is opened."""

    UNREADABLE = "unreadable"
    OTHER_LOT = "other_lot"
    OTHER_MEMBER = "other_member"
    OFF_TICK = "off_tick"
    ABOVE_CEILING = "above_ceiling"
    BELOW_FLOOR = "below_floor"
    NOT_QUALIFYING = "not_qualifying"
    RESERVE_NOT_MET = "reserve_not_met"
    TECHNICAL_FAILED = "technical_failed"


class VoidBid(Struct, frozen=True):
    """A bid that didn't count when it was opened."""

    alias: int
    reason: VoidReason


class TechnicalOffer(Struct, frozen=True):
    """A technical offer, and its verdict once there is one."""

    alias: int
    documents: list[str]
    passed: bool | None


class SealedState(Struct, frozen=True):
    """How far the sealed bids of a lot are; the public key is empty until the lot has one."""

    opened: bool
    public_key: str
    own_envelope_sha256: str | UnsetType = UNSET
    own_envelope_at_us: int | UnsetType = UNSET
    own_void: VoidReason | UnsetType = UNSET
    voids: list[VoidBid] | UnsetType = UNSET
    stuck: str | UnsetType = UNSET
    awarded_price: int | UnsetType = UNSET
    offers: list[TechnicalOffer] | UnsetType = UNSET
