"""Bids that are taken back: by their bidder where the lot's rules let it, or by an operator.

Guarantees: the bidder falls back to its next best earlier bid, which stands as if the better one had never been
made, tie time included, or out of the standing; its alias and the numbers of its bids stay. An extension that the
bid made stays, and nothing falls due otherwise because of it. A proxy of the bidder ends with the bid that stood; that
of another leads as before, so none bids because of a revocation. Every revocation has its reason in the journal.
Questions and changes as in `auction`, whose lots these are.

Known limits: what was taken back was seen by those who were shown it.
"""

from typing import Final

from exchange.core.market.auction import Auctions
from exchange.core.market.ending import NOT_AWARDABLE
from exchange.core.market.lots.formats import format_of
from exchange.core.market.proxies import end
from exchange.core.market.sourcing import Lot, LotState
from exchange.core.messages import AnyEvent
from exchange.core.messages.bids import BidRevoked, ProxyEnd, RevokeBid
from exchange.core.rejects import Reject, RejectCode

_AWARDABLE_LATER: Final = frozenset({LotState.WAITING, LotState.OPEN, LotState.CLOSED})


class Revocations:
    """Takes bids back."""

    def __init__(self, auctions: Auctions) -> None:
        self._auctions = auctions

    def refusal(self, member_id: str, command: RevokeBid, at_us: int) -> Reject | None:
        """Of an own bid. Those of `Auctions.closed_to`, REVOCATION_NOT_ALLOWED, BID_UNKNOWN with the number of bids
        made, BID_REVOKED.
        """
        lot = self._auctions.lot(command.lot_id)
        if refused := self._auctions.closed_to(member_id, lot, at_us):
            return refused
        assert lot is not None
        if not lot.rules.revocable:
            return Reject(RejectCode.REVOCATION_NOT_ALLOWED)
        return _bid_refusal(lot, member_id, command.number)

    def operator_refusal(self, command: RevokeBid) -> Reject | None:
        """Of the bid of an alias, until the lot is awarded. LOT_UNKNOWN, LOT_ALREADY_AWARDED or EVENT_ENDED
        (cancelled), REVOCATION_NOT_ALLOWED (by the lot's format), ALIAS_UNKNOWN, BID_UNKNOWN with the number of bids
        made, BID_REVOKED.
        """
        lot = self._auctions.lot(command.lot_id)
        if lot is None or lot.state is LotState.DRAFT:
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        if lot.state not in _AWARDABLE_LATER:
            return Reject(NOT_AWARDABLE[lot.state])
        if not format_of(lot.rules).revocation:
            return Reject(RejectCode.REVOCATION_NOT_ALLOWED)
        if command.alias > lot.board.bidders:
            return Reject(RejectCode.ALIAS_UNKNOWN, lot.board.bidders, "alias")
        return _bid_refusal(lot, lot.board.bidder(command.alias), command.number)

    def revoke(self, member_id: str, command: RevokeBid, at_us: int, events: list[AnyEvent]) -> None:
        """The bid counts no more."""
        lot = self._auctions.lot_of(command.lot_id)
        bidder_id = lot.board.bidder(command.alias) if command.alias else member_id
        bid = lot.board.bid_of(bidder_id, command.number)
        assert bid is not None
        stood = lot.board.of(bidder_id) == bid
        lot.board.revoke(bidder_id, command.number)
        events.append(
            BidRevoked(
                lot.lot_id,
                bidder_id,
                bid.alias,
                bid.bids,
                bid.bid_number,
                bid.price,
                command.alias > 0,
                command.reason,
                at_us,
            )
        )
        if stood and lot.proxy is not None and lot.proxy.member_id == bidder_id:
            end(lot, ProxyEnd.REVOKED, events)


def _bid_refusal(lot: Lot, bidder_id: str, number: int) -> Reject | None:
    made = lot.board.bids_of(bidder_id)
    if number > made:
        return Reject(RejectCode.BID_UNKNOWN, made, "number")
    if lot.board.bid_of(bidder_id, number) is None:
        return Reject(RejectCode.BID_REVOKED, 0, "number")
    return None
