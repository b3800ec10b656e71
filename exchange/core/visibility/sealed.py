"""Sealed bids as each viewer may see them.

Guarantees: before a lot's bids are opened, nobody is shown anything of another's envelope; the number of those that
stand is shown where the event discloses the number of participants, to the buyer and the operator as well.
"""

from hashlib import sha256

from msgspec import UNSET, UnsetType

from exchange.core.market.lots.envelopes import Envelope, SealedBids
from exchange.core.market.lots.pricing import awarded_price
from exchange.core.market.sourcing import Lot, LotState, SourcingEvent
from exchange.core.messages.shown_sealed import SealedState, TechnicalOffer, VoidBid


def count_shown(event: SourcingEvent, sealed: SealedBids) -> int | UnsetType:
    """How many envelopes stand before they are opened."""
    return len(sealed.offers or sealed.standing) if event.disclosure.participant_count else UNSET


def show_sealed(lot: Lot, viewer: str, *, insider: bool) -> SealedState | UnsetType:
    """The sealed bids; `insider` is the buyer or the operator. Not at all where bids are open."""
    sealed = lot.sealed
    if sealed is None:
        return UNSET
    own = sealed.standing.get(viewer)
    void = sealed.voids.get(viewer)
    return SealedState(
        sealed.is_open,
        sealed.public_key,
        UNSET if own is None else envelope_hash(own),
        UNSET if own is None else own.at_us,
        UNSET if void is None else void.reason,
        _voids(sealed) if insider and sealed.is_open else UNSET,
        sealed.stuck if insider and sealed.stuck else UNSET,
        _awarded_price(lot, viewer, insider=insider),
        _offers(sealed) if insider and sealed.offers else UNSET,
    )


def envelope_hash(envelope: Envelope) -> str:
    """What a bidder compares with what it sent."""
    return sha256(envelope.text.encode()).hexdigest()


def _voids(sealed: SealedBids) -> list[VoidBid]:
    return [VoidBid(void.alias, void.reason) for void in sealed.voids.values()]


def _offers(sealed: SealedBids) -> list[TechnicalOffer]:
    return [TechnicalOffer(offer.alias, offer.documents, offer.passed) for offer in sealed.offers.values()]


def _awarded_price(lot: Lot, viewer: str, *, insider: bool) -> int | UnsetType:
    won = lot.board.by_alias(lot.awarded_alias) if lot.state is LotState.AWARDED else None
    if won is None or not (insider or won.member_id == viewer):
        return UNSET
    return awarded_price(lot, won)
