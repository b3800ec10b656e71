"""How a closed lot gets its award: ties are drawn, and the buyer gives it to whom it will.

Questions and changes as in `auction`, whose events and lots these are.
"""

from hashlib import sha256
from typing import Final

from exchange.core.market.auction import Auctions
from exchange.core.market.lots.pricing import amount_minor, awarded_price
from exchange.core.market.sourcing import Lot, LotState, SourcingEvent
from exchange.core.messages import AnyEvent
from exchange.core.messages.awards import WonPart
from exchange.core.messages.practice import PracticeAwarded
from exchange.core.messages.review import AwardReasoned
from exchange.core.messages.sourcing import AwardLot, LotAwarded, RevealSeed, SeedRevealed
from exchange.core.rejects import Reject, RejectCode

NOT_AWARDABLE: Final = {
    LotState.DRAFT: RejectCode.LOT_NOT_CLOSED,
    LotState.WAITING: RejectCode.LOT_NOT_CLOSED,
    LotState.OPEN: RejectCode.LOT_NOT_CLOSED,
    LotState.AWARDED: RejectCode.LOT_ALREADY_AWARDED,
    LotState.VOID: RejectCode.EVENT_ENDED,
}
"""Why a lot can't be awarded."""


class Endings:
    """What becomes of lots after their close."""

    def __init__(self, auctions: Auctions) -> None:
        self._auctions = auctions

    def reveal_refusal(self, member_id: str, command: RevealSeed) -> Reject | None:
        """LOT_UNKNOWN (somebody else's too), LOT_NOT_CLOSED and the like, BIDS_NOT_REVEALED, SEED_OTHER (also where no lottery
        was committed to). A seed is revealed once.
        """
        lot = self._auctions.lot(command.lot_id)
        if lot is None or self._auctions.own_event(member_id, lot.event_id) is None:
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        if lot.state is not LotState.CLOSED:
            return Reject(NOT_AWARDABLE[lot.state])
        if lot.sealed is not None and not lot.sealed.is_open:
            return Reject(RejectCode.BIDS_NOT_REVEALED)
        if lot.board.seed or sha256(command.seed.encode()).hexdigest() != lot.rules.lottery_sha256:
            return Reject(RejectCode.SEED_OTHER, field="seed")
        return None

    def reveal_seed(self, command: RevealSeed, events: list[AnyEvent]) -> None:
        """Draw the ties."""
        self._auctions.lot_of(command.lot_id).board.draw(command.seed)
        events.append(SeedRevealed(command.lot_id, command.seed))

    def award_refusal(self, member_id: str, command: AwardLot) -> Reject | None:
        """LOT_UNKNOWN (somebody else's too), LOT_NOT_CLOSED, LOT_ALREADY_AWARDED or EVENT_ENDED (cancelled),
        BIDS_NOT_REVEALED, SEED_NOT_REVEALED, ALIAS_UNKNOWN, BID_REVOKED (no bid stands under the alias). A lead that
        doesn't meet the reserve may be awarded all the same.
        """
        lot = self._auctions.lot(command.lot_id)
        if lot is None or self._auctions.own_event(member_id, lot.event_id) is None:
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        if lot.state is not LotState.CLOSED:
            return Reject(NOT_AWARDABLE[lot.state])
        if lot.sealed is not None and not lot.sealed.is_open:
            return Reject(RejectCode.BIDS_NOT_REVEALED)
        if lot.rules.lottery_sha256 and not lot.board.seed:
            return Reject(RejectCode.SEED_NOT_REVEALED)
        if command.alias > lot.board.bidders:
            return Reject(RejectCode.ALIAS_UNKNOWN, lot.board.bidders, "alias")
        if command.alias and lot.board.by_alias(command.alias) is None:
            return Reject(RejectCode.BID_REVOKED, 0, "alias")
        return None

    def award(self, command: AwardLot, events: list[AnyEvent]) -> None:
        """Give the lot to the supplier behind the alias at its best price, or to nobody; with its last lot the event ends."""
        lot = self._auctions.lot_of(command.lot_id)
        event = self._auctions.event_of(lot.event_id)
        bid = lot.board.by_alias(command.alias)
        price, winner_id = (0, "") if bid is None else (awarded_price(lot, bid), bid.member_id)
        amount = amount_minor(event, price, lot.quantity, lot.rate_of(winner_id))
        if event.practice:
            part = WonPart(command.alias, winner_id, price, lot.quantity, amount)
            practise(event, lot, command.alias, (part,) if bid else (), command.reason, events)
            return
        event.award(lot, command.alias, LotAwarded)
        events.append(
            LotAwarded(
                lot.lot_id,
                event.event_id,
                "" if event.from_stock else event.buyer_id,
                winner_id,
                command.alias,
                price,
                lot.quantity,
                amount,
            )
        )
        if command.reason:
            events.append(AwardReasoned(lot.lot_id, event.event_id, command.alias, command.reason))


def practise(
    event: SourcingEvent,
    lot: Lot,
    alias: int,
    parts: tuple[WonPart, ...],
    reason: str,
    events: list[AnyEvent],
) -> None:
    """Decide a lot of a practice event."""
    event.award(lot, alias, PracticeAwarded)
    events.append(PracticeAwarded(lot.lot_id, event.event_id, alias, parts, reason))
