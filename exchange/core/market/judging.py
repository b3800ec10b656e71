"""Two envelopes: technical offers are opened and judged before any price of the lot is.

Guarantees: the price of an offer that failed is never opened. Aliases are given in the order in which the envelopes
came, and stay with the prices. An offer that can't be read, or names another lot or bidder, has failed. Questions and
changes as in `auction`, whose lots these are.
"""

from exchange.core.market.auction import Auctions
from exchange.core.market.lots.envelopes import Opening, SealedBids
from exchange.core.market.sealing import unopened_refusal
from exchange.core.market.sourcing import Lot
from exchange.core.messages import AnyEvent
from exchange.core.messages.sealed import (
    BidsRevealed,
    BidVoided,
    JudgeTechnical,
    OpenedTechnical,
    RevealTechnical,
    TechnicalJudged,
    TechnicalOpened,
    TechnicalRevealed,
    VoidReason,
)
from exchange.core.rejects import Reject, RejectCode


class Judging:
    """The technical offers of all lots with two envelopes."""

    def __init__(self, auctions: Auctions) -> None:
        self._auctions = auctions

    def reveal_refusal(self, command: RevealTechnical) -> Reject | None:
        """LOT_UNKNOWN, LOT_NOT_SEALED, LOT_NOT_CLOSED and the like, BIDS_REVEALED, ENVELOPES_OTHER (not one offer
        for each envelope that stands, or they are open already).
        """
        lot = self._auctions.lot(command.lot_id)
        if refused := unopened_refusal(lot):
            return refused
        sealed = _sealed(lot)
        numbers = [envelope.number for envelope in sealed.standing.values() if envelope.technical]
        fits = not sealed.offers and numbers == [offer.number for offer in command.offers]
        return None if fits and numbers else Reject(RejectCode.ENVELOPES_OTHER)

    def reveal(self, command: RevealTechnical, events: list[AnyEvent]) -> None:
        """Let the buyer judge what can be read."""
        lot = self._auctions.lot_of(command.lot_id)
        sealed = _sealed(lot)
        for opened, member_id in zip(command.offers, list(sealed.standing), strict=True):
            alias, fault = lot.board.enter(member_id), _fault(lot, member_id, opened)
            documents = [] if fault else opened.documents
            sealed.offer(member_id, alias, documents, fault)
            events.append(TechnicalOpened(lot.lot_id, member_id, alias, documents, fault))
        sealed.go_on()
        events.append(TechnicalRevealed(lot.lot_id, len(command.offers)))
        _exclude(lot, events)

    def judge_refusal(self, member_id: str, command: JudgeTechnical) -> Reject | None:
        """LOT_UNKNOWN (somebody else's too), LOT_NOT_SEALED, LOT_NOT_CLOSED and the like, BIDS_REVEALED,
        NOTHING_TO_JUDGE (no offer is open, or this one has its verdict), ALIAS_UNKNOWN.
        """
        lot = self._auctions.lot(command.lot_id)
        if lot is None or self._auctions.own_event(member_id, lot.event_id) is None:
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        if refused := unopened_refusal(lot):
            return refused
        sealed = _sealed(lot)
        if sealed.opening is not Opening.JUDGING:
            return Reject(RejectCode.NOTHING_TO_JUDGE)
        if command.alias > len(sealed.offers):
            return Reject(RejectCode.ALIAS_UNKNOWN, len(sealed.offers), "alias")
        offer = sealed.offers[lot.board.bidder(command.alias)]
        return None if offer.passed is None else Reject(RejectCode.NOTHING_TO_JUDGE, field="alias")

    def judge(self, command: JudgeTechnical, events: list[AnyEvent]) -> None:
        """Take the verdict down; the last one lets the prices be opened."""
        lot = self._auctions.lot_of(command.lot_id)
        member_id = lot.board.bidder(command.alias)
        _sealed(lot).judge(member_id, passed=command.passed)
        events.append(TechnicalJudged(lot.lot_id, member_id, command.alias, command.passed, command.reason))
        _exclude(lot, events)


def _sealed(lot: Lot | None) -> SealedBids:
    assert lot is not None and lot.sealed is not None, "asked before"
    return lot.sealed


def _fault(lot: Lot, member_id: str, opened: OpenedTechnical) -> VoidReason | None:
    if not opened.lot_id:
        return VoidReason.UNREADABLE
    if opened.lot_id != lot.lot_id:
        return VoidReason.OTHER_LOT
    return None if opened.member_id == member_id else VoidReason.OTHER_MEMBER


def _exclude(lot: Lot, events: list[AnyEvent]) -> None:
    """Once all are judged, void the bids of those that failed; there may be no price left to open."""
    sealed = _sealed(lot)
    if not sealed.judged:
        return
    for member_id, offer in sealed.offers.items():
        if not offer.passed:
            reason = offer.fault or VoidReason.TECHNICAL_FAILED
            sealed.void(member_id, offer.alias, reason)
            events.append(BidVoided(lot.lot_id, member_id, offer.alias, reason))
    if not sealed.standing:
        sealed.opened()
        events.append(BidsRevealed(lot.lot_id, 0, len(sealed.voids)))
