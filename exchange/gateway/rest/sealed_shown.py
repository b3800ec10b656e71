"""REST's words for the sealed bids of a lot."""

from msgspec import UNSET, Struct, UnsetType

from exchange.core.messages.sealed import VoidReason
from exchange.core.messages.shown_sealed import SealedState, TechnicalOffer, VoidBid
from exchange.gateway.notation import Decimals, InstantText, decimal_of, instant_of


class SealedShown(Struct, frozen=True):
    """How far the sealed bids of a lot are. `public_key` is empty until the lot has its key."""

    opened: bool
    public_key: str
    own_envelope_sha256: str | UnsetType = UNSET
    own_envelope_at: InstantText | UnsetType = UNSET
    own_void: VoidReason | UnsetType = UNSET
    voids: list[VoidBid] | UnsetType = UNSET
    stuck: str | UnsetType = UNSET
    awarded_price: Decimals | UnsetType = UNSET
    offers: list[TechnicalOffer] | UnsetType = UNSET


def sealed_shown(told: SealedState | UnsetType, scale: int) -> SealedShown | UnsetType:
    """As `visibility` tells it."""
    if told is UNSET:
        return UNSET
    return SealedShown(
        told.opened,
        told.public_key,
        told.own_envelope_sha256,
        UNSET if told.own_envelope_at_us is UNSET else instant_of(told.own_envelope_at_us),
        told.own_void,
        told.voids,
        told.stuck,
        UNSET if told.awarded_price is UNSET else decimal_of(told.awarded_price, scale),
        told.offers,
    )
