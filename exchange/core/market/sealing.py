"""Sealed bids: a lot gets its key, takes envelopes until its close, and has them opened together.

Guarantees: nothing here knows a price before `reveal`. A lot without a key does not open: when the key comes its
timetable moves by as long as it waited. The last envelope of a bidder counts; whatever spoils a bid makes that bid
void, with its reason, and no other. Valid bids get their aliases in the order in which their envelopes came, void
ones after them. Questions and changes as in `auction`, whose events and lots these are.

Known limits: all envelopes of a lot are opened in one command.
"""

from exchange.core.deadlines import Deadlines
from exchange.core.limits import BIDS_PER_SUPPLIER_MAX
from exchange.core.market.auction import Auctions
from exchange.core.market.ending import NOT_AWARDABLE
from exchange.core.market.lots.envelopes import Opening, SealedBids
from exchange.core.market.lots.revealing import void_reason
from exchange.core.market.sourcing import Lot, LotState
from exchange.core.messages import AnyEvent
from exchange.core.messages.sealed import (
    BidsRevealed,
    BidVoided,
    EnvelopeSubmitted,
    EnvelopeWithdrawn,
    LotKeySet,
    ReportUnopened,
    RetryReveal,
    RevealBids,
    RevealRetried,
    SetLotKey,
    SubmitEnvelope,
    UnopenedReported,
    WithdrawEnvelope,
)
from exchange.core.messages.sourcing import BidSubmitted, LotShifted
from exchange.core.rejects import Reject, RejectCode


class Sealing:
    """The envelopes of all sealed lots."""

    def __init__(self, auctions: Auctions, deadlines: Deadlines) -> None:
        self._auctions = auctions
        self._deadlines = deadlines

    # --- keys ------------------------------------------------------------------------------------

    def key_refusal(self, command: SetLotKey) -> Reject | None:
        """LOT_UNKNOWN, LOT_NOT_SEALED, LOT_KEY_SET, EVENT_ENDED."""
        lot = self._auctions.lot(command.lot_id)
        if lot is None:
            return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
        if lot.sealed is None:
            return Reject(RejectCode.LOT_NOT_SEALED)
        if lot.sealed.public_key:
            return Reject(RejectCode.LOT_KEY_SET)
        return Reject(RejectCode.EVENT_ENDED) if lot.state is LotState.VOID else None

    def set_key(self, command: SetLotKey, at_us: int, events: list[AnyEvent]) -> None:
        """Envelopes can be sealed from now on; who waited for the key loses no time by it."""
        lot = self._auctions.lot_of(command.lot_id)
        _sealed(lot).public_key = command.public_key
        events.append(LotKeySet(lot.lot_id, command.public_key))
        paused_at_us = self._auctions.event_of(lot.event_id).paused_at_us
        late_us = (paused_at_us or at_us) - lot.open_at_us
        if lot.state is not LotState.WAITING or late_us < 0:
            return
        lot.move(late_us)
        if not paused_at_us:
            self._auctions.set_timer(lot, self._deadlines)
        events.append(LotShifted(lot.lot_id, lot.open_at_us, lot.close_at_us))
        self._auctions.take_along(lot, 0, self._deadlines, events)

    # --- envelopes -------------------------------------------------------------------------------

    def submit_refusal(self, member_id: str, command: SubmitEnvelope, at_us: int) -> Reject | None:
        """As `bid_refusal` until the price; LOT_NOT_SEALED, RULES_CONTRADICT (a technical envelope is missing, or
        the lot takes none), TOO_MANY_BIDS.
        """
        refused = self._refusal(member_id, command.lot_id, at_us)
        if refused is not None:
            return refused
        lot = self._auctions.lot_of(command.lot_id)
        if bool(command.technical) != lot.rules.two_envelopes:
            return Reject(RejectCode.RULES_CONTRADICT, field="technical")
        sent = _sealed(lot).sent.get(member_id, 0)
        return (
            Reject(RejectCode.TOO_MANY_BIDS, BIDS_PER_SUPPLIER_MAX) if sent >= BIDS_PER_SUPPLIER_MAX else None
        )

    def submit(self, member_id: str, command: SubmitEnvelope, at_us: int, events: list[AnyEvent]) -> int:
        """Let it stand; how many the bidder has handed in now."""
        sealed = _sealed(self._auctions.lot_of(command.lot_id))
        number = sealed.take(member_id, command.envelope, at_us, command.technical)
        events.append(
            EnvelopeSubmitted(command.lot_id, member_id, command.envelope, number, at_us, command.technical)
        )
        return sealed.sent[member_id]

    def withdraw_refusal(self, member_id: str, command: WithdrawEnvelope, at_us: int) -> Reject | None:
        """As `bid_refusal` until the price; LOT_NOT_SEALED, ENVELOPE_UNKNOWN (none of the member's stands)."""
        refused = self._refusal(member_id, command.lot_id, at_us)
        if refused is not None:
            return refused
        standing = _sealed(self._auctions.lot_of(command.lot_id)).standing
        return None if member_id in standing else Reject(RejectCode.ENVELOPE_UNKNOWN)

    def withdraw(self, member_id: str, command: WithdrawEnvelope, events: list[AnyEvent]) -> None:
        """It never was."""
        _sealed(self._auctions.lot_of(command.lot_id)).withdraw(member_id)
        events.append(EnvelopeWithdrawn(command.lot_id, member_id))

    def _refusal(self, member_id: str, lot_id: str, at_us: int) -> Reject | None:
        lot = self._auctions.lot(lot_id)
        if refused := self._auctions.closed_to(member_id, lot, at_us):
            return refused
        assert lot is not None
        return Reject(RejectCode.LOT_NOT_SEALED) if lot.sealed is None else None

    # --- opening ---------------------------------------------------------------------------------

    def reveal_refusal(self, command: RevealBids) -> Reject | None:
        """LOT_UNKNOWN, LOT_NOT_SEALED, LOT_NOT_CLOSED and the like, BIDS_REVEALED, ENVELOPES_OTHER (not one bid
        for each envelope that stands, in their order; or technical offers come first).
        """
        lot = self._auctions.lot(command.lot_id)
        if refused := unopened_refusal(lot):
            return refused
        assert lot is not None
        sealed = _sealed(lot)
        numbers = [envelope.number for envelope in sealed.standing.values()]
        if lot.rules.two_envelopes and not (sealed.offers and sealed.judged):
            return Reject(RejectCode.ENVELOPES_OTHER)
        return None if numbers == [bid.number for bid in command.bids] else Reject(RejectCode.ENVELOPES_OTHER)

    def reveal(self, command: RevealBids, events: list[AnyEvent]) -> None:
        """Let every bid that keeps the rules stand, as if it had come when its envelope did."""
        lot = self._auctions.lot_of(command.lot_id)
        sealed, spoilt = _sealed(lot), dict[str, BidVoided]()
        for opened, (member_id, envelope) in zip(command.bids, sealed.standing.items(), strict=True):
            reason = void_reason(lot, member_id, opened)
            if reason is not None:
                spoilt[member_id] = BidVoided(lot.lot_id, member_id, 0, reason)
                continue
            alias, number = lot.board.submit(member_id, opened.price)
            events.append(BidSubmitted(lot.lot_id, member_id, opened.price, alias, number, envelope.at_us))
        valid = len(command.bids) - len(spoilt)
        for place, void in enumerate(spoilt.values(), valid + 1):
            offer = sealed.offers.get(void.member_id)
            alias = place if offer is None else offer.alias
            sealed.void(void.member_id, alias, void.reason)
            events.append(BidVoided(lot.lot_id, void.member_id, alias, void.reason))
        sealed.opened()
        events.append(BidsRevealed(lot.lot_id, valid, len(sealed.voids)))

    def report_refusal(self, command: ReportUnopened) -> Reject | None:
        """LOT_UNKNOWN, LOT_NOT_SEALED, LOT_NOT_CLOSED and the like, BIDS_REVEALED, ENVELOPES_OTHER (none is due)."""
        lot = self._auctions.lot(command.lot_id)
        if refused := unopened_refusal(lot):
            return refused
        assert lot is not None
        judging = _sealed(lot).opening is Opening.JUDGING
        return Reject(RejectCode.ENVELOPES_OTHER) if judging else None

    def report(self, command: ReportUnopened, events: list[AnyEvent]) -> None:
        """The lot stays as it is until somebody has found its key."""
        _sealed(self._auctions.lot_of(command.lot_id)).get_stuck(command.reason)
        events.append(UnopenedReported(command.lot_id, command.reason))

    def retry_refusal(self, command: RetryReveal) -> Reject | None:
        """LOT_UNKNOWN, LOT_NOT_SEALED, LOT_NOT_CLOSED and the like, BIDS_REVEALED, NOTHING_STUCK."""
        lot = self._auctions.lot(command.lot_id)
        if refused := unopened_refusal(lot):
            return refused
        assert lot is not None
        return None if _sealed(lot).opening is Opening.STUCK else Reject(RejectCode.NOTHING_STUCK)

    def retry(self, command: RetryReveal, events: list[AnyEvent]) -> None:
        """Have the port asked again."""
        _sealed(self._auctions.lot_of(command.lot_id)).retry()
        events.append(RevealRetried(command.lot_id))


def _sealed(lot: Lot) -> SealedBids:
    assert lot.sealed is not None, "asked before"
    return lot.sealed


def unopened_refusal(lot: Lot | None) -> Reject | None:
    """LOT_UNKNOWN, LOT_NOT_SEALED, LOT_NOT_CLOSED and the like, BIDS_REVEALED."""
    if lot is None:
        return Reject(RejectCode.LOT_UNKNOWN, field="lot_id")
    if lot.sealed is None:
        return Reject(RejectCode.LOT_NOT_SEALED)
    if lot.state is not LotState.CLOSED:
        return Reject(NOT_AWARDABLE[lot.state])
    return Reject(RejectCode.BIDS_REVEALED) if lot.sealed.is_open else None
