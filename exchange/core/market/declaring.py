"""What bids in a scored lot stand for: declared by bidders, and set for them by the buyer.

Guarantees: how a member's prices compare never changes once it has bid, and what the buyer sets never once the
lot has opened. Questions and changes as in `auction`, whose lots these are.
"""

from exchange.core.market.auction import Auctions
from exchange.core.market.lots.criteria import declaration_refusal
from exchange.core.market.lots.scoring import Declaration, Scores, Transformation
from exchange.core.market.sourcing import LotState
from exchange.core.messages import AnyEvent
from exchange.core.messages.scoring import (
    DeclarationSubmitted,
    SetTransformation,
    SubmitDeclaration,
    TransformationSet,
)
from exchange.core.rejects import Reject, RejectCode


class Declarations:
    """Declarations and transformations of all lots."""

    def __init__(self, auctions: Auctions) -> None:
        self._auctions = auctions

    def declare_refusal(self, member_id: str, command: SubmitDeclaration, at_us: int) -> Reject | None:
        """LOT_UNKNOWN, OWN_EVENT (as for a bid), LOT_NOT_OPEN (closed), LOT_NOT_SCORED, DECLARATION_FINAL, those of
        `lots.criteria`. Before the lot opens and while it is paused, too.
        """
        lot = self._auctions.lot(command.lot_id)
        event = self._auctions.event(lot.event_id) if lot else None
        if lot is None or event is None:
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        if member_id == event.buyer_id:
            return Reject(RejectCode.OWN_EVENT)
        if member_id not in event.invited or not event.shows(lot):
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        over = lot.state is LotState.OPEN and at_us >= lot.close_at_us and not event.paused_at_us
        if not lot.running or over:
            return Reject(RejectCode.LOT_NOT_OPEN)
        scores = lot.board.scores
        if scores is None or not scores.asks:
            return Reject(RejectCode.LOT_NOT_SCORED)
        if lot.board.of(member_id) is not None:
            return Reject(RejectCode.DECLARATION_FINAL)
        return declaration_refusal(scores.scoring, Declaration(command.options, command.amounts))

    def declare(self, member_id: str, command: SubmitDeclaration, events: list[AnyEvent]) -> None:
        """Take the declaration in place of an earlier one."""
        self._scores(command.lot_id).declare(member_id, Declaration(command.options, command.amounts))
        events.append(DeclarationSubmitted(command.lot_id, member_id, command.options, command.amounts))

    def transform_refusal(self, member_id: str, command: SetTransformation) -> Reject | None:
        """LOT_UNKNOWN (somebody else's too), EVENT_ENDED (cancelled), TRANSFORMATION_FINAL (open, over, or bid for),
        LOT_NOT_SCORED, SUPPLIER_NOT_INVITED.
        """
        lot = self._auctions.lot(command.lot_id)
        event = self._auctions.own_event(member_id, lot.event_id) if lot else None
        if lot is None or event is None:
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        if lot.state is LotState.VOID:
            return Reject(RejectCode.EVENT_ENDED)
        early = lot.state is LotState.DRAFT or lot.state is LotState.WAITING
        if not early or lot.board.bids:
            return Reject(RejectCode.TRANSFORMATION_FINAL)
        if lot.board.scores is None or not lot.board.scores.scoring.transformed:
            return Reject(RejectCode.LOT_NOT_SCORED)
        if command.member_id not in event.invited:
            return Reject(RejectCode.SUPPLIER_NOT_INVITED, field="member_id")
        return None

    def transform(self, command: SetTransformation, events: list[AnyEvent]) -> None:
        """Take the transformation in place of an earlier one."""
        given = Transformation(command.factor_ppm, command.addend)
        self._scores(command.lot_id).transform(command.member_id, given)
        events.append(
            TransformationSet(command.lot_id, command.member_id, command.factor_ppm, command.addend)
        )

    def _scores(self, lot_id: str) -> Scores:
        scores = self._auctions.lot_of(lot_id).board.scores
        assert scores is not None
        return scores
