"""What is shown of the sealed bids of a lot; prices are integers in 10^-price_scale."""

from msgspec import UNSET, Struct, UnsetType

from exchange.core.messages.sealed import VoidReason


class VoidBid(Struct, frozen=True):
    """A bid that didn't count when it was opened; its alias comes after those of the bids that did."""

    alias: int
    reason: VoidReason


class TechnicalOffer(Struct, frozen=True):
    """A technical offer: documents by their SHA-256, and the buyer's verdict once there is one."""

    alias: int
    documents: list[str]
    passed: bool | None


class SealedState(Struct, frozen=True):
    """How far the sealed bids of a lot are. Before they are opened nobody learns more than a count and its own receipt."""

    opened: bool
    public_key: str  # to seal bids with, in hexadecimal; empty while there is none
    own_envelope_sha256: str | UnsetType = UNSET  # of its text in base64, while it stands
    own_envelope_at_us: int | UnsetType = UNSET
    own_void: VoidReason | UnsetType = UNSET
    voids: list[VoidBid] | UnsetType = UNSET  # to the buyer and the operator, once opened
    stuck: str | UnsetType = UNSET  # to the buyer and the operator: why they can't be opened now
    awarded_price: int | UnsetType = UNSET  # to the buyer, the operator and the winner
    offers: list[TechnicalOffer] | UnsetType = (
        UNSET  # to the buyer and the operator, technical ones once opened
    )
