"""The sealed bids of lots as they stand, and what is to be done for them outside the core.

Guarantees: those of `sourcing`, whose lots these are. `unkeyed` names the lots that have no key yet, `unopened` those
that are closed and whose envelopes are to be opened now.
"""

from collections.abc import Callable

from exchange.core.market.lots.envelopes import Opening, SealedBids, sealed_for
from exchange.core.market.sourcing import Lot, LotState
from exchange.core.messages.base import Event
from exchange.core.messages.sealed import (
    BidsRevealed,
    BidVoided,
    EnvelopeSubmitted,
    EnvelopeWithdrawn,
    LotKeySet,
    RevealRetried,
    TechnicalJudged,
    TechnicalOpened,
    TechnicalRevealed,
    UnopenedReported,
)


class SealedLots:
    """Writes the lots that it touches into `changed`."""

    def __init__(self, lots: dict[str, Lot], changed: dict[str, bool]) -> None:
        self._lots = lots
        self._changed = changed
        self.unkeyed: dict[str, None] = {}
        self.unopened: dict[str, None] = {}

    def handlers(self) -> dict[type[Event], Callable[..., None]]:
        """Who follows which event."""
        return {
            LotKeySet: self.key_set,
            EnvelopeSubmitted: self.submitted,
            EnvelopeWithdrawn: self.withdrawn,
            TechnicalOpened: self.technical_opened,
            TechnicalRevealed: self.technical_revealed,
            TechnicalJudged: self.technical_judged,
            BidVoided: self.voided,
            BidsRevealed: self.revealed,
            UnopenedReported: self.reported,
            RevealRetried: self.retried,
        }

    def drafted(self, lot: Lot) -> None:
        """A lot has its rules, or others."""
        lot.sealed = sealed_for(lot.rules, lot.sealed)
        if lot.sealed is not None and not lot.sealed.public_key:
            self.unkeyed[lot.lot_id] = None
        else:
            self.unkeyed.pop(lot.lot_id, None)

    def key_set(self, event: LotKeySet) -> None:
        """Bids can be sealed."""
        self._of(event.lot_id).public_key = event.public_key
        self.unkeyed.pop(event.lot_id, None)

    def submitted(self, event: EnvelopeSubmitted) -> None:
        """It stands."""
        number = self._of(event.lot_id).take(event.member_id, event.envelope, event.at_us, event.technical)
        assert number == event.number

    def withdrawn(self, event: EnvelopeWithdrawn) -> None:
        """It doesn't any more."""
        self._of(event.lot_id).withdraw(event.member_id)

    def closed(self, lot: Lot) -> None:
        """What stands is to be opened."""
        if lot.sealed is not None:
            lot.sealed.close()
            if not lot.sealed.is_open:
                self.unopened[lot.lot_id] = None

    def technical_opened(self, event: TechnicalOpened) -> None:
        """It waits for its verdict, or has failed."""
        self._of(event.lot_id).offer(event.member_id, event.alias, event.documents, event.fault)
        entered = self._lots[event.lot_id].board.enter(event.member_id)
        assert entered == event.alias

    def technical_revealed(self, event: TechnicalRevealed) -> None:
        """All wait, or there is nothing to wait for."""
        self._go_on(event.lot_id)

    def technical_judged(self, event: TechnicalJudged) -> None:
        """The last verdict makes the prices due."""
        self._of(event.lot_id).judge(event.member_id, passed=event.passed)
        self._go_on(event.lot_id)

    def _go_on(self, lot_id: str) -> None:
        sealed = self._of(lot_id)
        sealed.go_on()
        if sealed.opening is Opening.DUE:
            self.unopened[lot_id] = None
        else:
            self.unopened.pop(lot_id, None)

    def voided(self, event: BidVoided) -> None:
        """A bid doesn't count; those that do are ordinary bids."""
        self._of(event.lot_id).void(event.member_id, event.alias, event.reason)

    def revealed(self, event: BidsRevealed) -> None:
        """All are known."""
        self._of(event.lot_id).opened()
        self.unopened.pop(event.lot_id, None)

    def reported(self, event: UnopenedReported) -> None:
        """Nothing can be done for now."""
        self._of(event.lot_id).get_stuck(event.reason)
        self.unopened.pop(event.lot_id, None)

    def retried(self, event: RevealRetried) -> None:
        """To be opened again."""
        self._of(event.lot_id).retry()
        self.unopened[event.lot_id] = None

    def gone(self, lot: Lot) -> None:
        """It was cancelled or removed: nothing is left to do."""
        self.unkeyed.pop(lot.lot_id, None)
        self.unopened.pop(lot.lot_id, None)

    def look(self) -> None:
        """Find what is to be done among all lots."""
        for lot in self._lots.values():
            if lot.sealed is None or lot.state is LotState.VOID:
                continue
            if not lot.sealed.public_key:
                self.unkeyed[lot.lot_id] = None
            if lot.sealed.opening in {Opening.TECHNICAL, Opening.DUE}:
                self.unopened[lot.lot_id] = None

    def _of(self, lot_id: str) -> SealedBids:
        sealed = self._lots[lot_id].sealed
        assert sealed is not None
        self._changed[lot_id] = False
        return sealed
