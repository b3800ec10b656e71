"""What must be true of every lot whatever its rules, told in plain words: what a kernel with the same bug can't know.

Guarantees: the lead is the best bid that nobody took back, of equals the one that came first; no bid counts at the close
or after it; a close never comes nearer, and an open lot has its timer there; a pause leaves every timer as far off as it
was, and an outage makes reviews and standstills as much longer; nothing sealed is opened before the close; and a second
price is the next best bid's or the bound. Beside it `overtime_watch` and `proxy_watch` look at overtime and at proxies.
"""

from collections.abc import Iterator

from exchange.core.kernel import Exchange
from exchange.core.market.auction import CLOSE_LOT
from exchange.core.market.lots.formats import Clock, format_of
from exchange.core.market.sourcing import Lot, LotState
from exchange.core.messages import AnyEvent, BidSubmitted, EndOutage, LotAwarded, LotShifted, Sequenced
from exchange.core.messages.bids import BidRevoked
from exchange.core.messages.lot_rules import LotDirection
from exchange.core.messages.sealed import BidsRevealed, TechnicalRevealed
from exchange.core.messages.steering import EventPaused, EventResumed, LotExtended, LotMoved
from tests.simulation.overtime_watch import Bids, OvertimeWatch
from tests.simulation.proxy_watch import ProxyWatch

Remaining = tuple[int, int]
"""How far off the close and the end of what the clock shows are."""


class LotWatch:
    """`objections` are asked for after each command that the kernel has executed."""

    def __init__(self, kernel: Exchange) -> None:
        self._kernel = kernel
        self._overtime, self._proxies = OvertimeWatch(kernel), ProxyWatch(kernel)
        self._bids: dict[str, Bids] = {}
        self._made: dict[str, int] = {}  # the number of the lot's last bid
        self._closes: dict[str, int] = {}  # of lots that wait or are open
        self._paused: dict[str, dict[str, Remaining]] = {}  # by event and lot
        self._waits: dict[tuple[str, str], int] = {}
        self._hands: dict[str, int] = {}  # how long before the close of the lot its level or turn ends

    def objections(self, sent: Sequenced, events: list[AnyEvent]) -> Iterator[str]:
        """What can't be true, each with the promise that it breaks."""
        bids = self._bids.get(getattr(sent.command, "lot_id", ""), {})
        yield from self._overtime.objections(sent, events, bids)
        yield from self._proxies.objections(sent, events, bids)
        for event in events:
            match event:
                case BidSubmitted():
                    yield from self._submitted(sent, event)
                case BidRevoked():
                    del self._bids[event.lot_id][event.bid_number]
                    yield from self._lead(self._lot(event.lot_id))
                case LotAwarded():
                    yield from self._awarded(event)
                case BidsRevealed() | TechnicalRevealed() if self._lot(event.lot_id).running:
                    yield f"P8: {event} comes before the close"
                case EventPaused():
                    self._paused[event.event_id] = self._remaining(event.event_id, event.at_us)
                case EventResumed():
                    yield from self._resumed(event.event_id, sent.at_us)
                case LotExtended() | LotShifted() | LotMoved():
                    self._paused.get(self._lot(event.lot_id).event_id, {}).pop(event.lot_id, None)
                case _:
                    pass
        self._overtime.note(self._lots())
        yield from self._nearer()
        yield from self._untimed()
        yield from self._standing_still(sent)

    def _lots(self) -> list[Lot]:
        return [lot for lot in self._kernel.auctions.lots() if lot.published and lot.running]

    def _lot(self, lot_id: str) -> Lot:
        return self._kernel.auctions.lot_of(lot_id)

    # --- bids ----------------------------------------------------------------------------------------

    def _submitted(self, sent: Sequenced, bid: BidSubmitted) -> Iterator[str]:
        lot = self._lot(bid.lot_id)
        self._bids.setdefault(bid.lot_id, {})[bid.bid_number] = bid.price, bid.member_id
        self._made[bid.lot_id] = bid.bid_number
        if lot.sealed is None and sent.at_us >= self._closes.get(bid.lot_id, sent.at_us + 1):
            yield f"P7: {bid} counts at or after the close"
        yield from self._lead(lot)

    def _lead(self, lot: Lot) -> Iterator[str]:
        """Among the bids so far; a command's later ones are not known yet, but stand on the board already."""
        bids = self._bids[lot.lot_id]
        if lot.board.scores is not None or lot.board.seed or self._made[lot.lot_id] < lot.board.bids:
            return
        sign = 1 if lot.direction is LotDirection.REVERSE else -1
        best = min(((sign * price, number) for number, (price, _) in bids.items()), default=None)
        due = bids[best[1]] if best else None
        lead = (lot.board.lead.price, lot.board.lead.member_id) if lot.board.lead else None
        if lead != due:
            yield f"P3: lot {lot.lot_id} is led by {lead}, not by {due}"

    def _awarded(self, award: LotAwarded) -> Iterator[str]:
        lot = self._lot(award.lot_id)
        if not award.winner_id or not format_of(lot.rules).second_price:
            return
        reverse = lot.direction is LotDirection.REVERSE
        ranked = sorted(self._bids[award.lot_id].values(), reverse=not reverse)
        own = next(price for price, bidder in ranked if bidder == award.winner_id)
        others = [price for price, bidder in ranked if bidder != award.winner_id]
        bounds = [lot.ceiling_price if reverse else max(lot.tick, lot.rules.floor_price)]
        bounds += [lot.rules.reserve_price] if lot.rules.reserve_price else []
        behind = [price for price in others if (price >= own if reverse else price <= own)]
        due = min([*bounds, *behind]) if reverse else max([*bounds, *behind])
        if award.price != due:
            yield f"P3: {award} is paid {award.price}, not {due}"

    # --- time ----------------------------------------------------------------------------------------

    def _nearer(self) -> Iterator[str]:
        """Rounds apart, which are shorter where a bidder has left."""
        before, self._closes = self._closes, {}
        for lot in self._lots():
            self._closes[lot.lot_id] = lot.close_at_us
            turns = format_of(lot.rules).clock is Clock.TURNS
            if not turns and lot.close_at_us < before.get(lot.lot_id, 0):
                yield f"P7: the close of lot {lot.lot_id} comes nearer: {before[lot.lot_id]} to {lot.close_at_us}"

    def _untimed(self) -> Iterator[str]:
        """Lots that nothing closes at their close."""
        due = {(each.kind, each.subject): each.due_us for each in self._kernel.deadlines.dump()[1]}
        for lot in self._lots():
            paused = self._kernel.auctions.event_of(lot.event_id).paused_at_us
            if (
                lot.state is LotState.OPEN
                and not paused
                and due.get((CLOSE_LOT, lot.lot_id)) != lot.close_at_us
            ):
                yield f"P7: nothing closes lot {lot.lot_id} at {lot.close_at_us}"

    def _standing_still(self, sent: Sequenced) -> Iterator[str]:
        """Reviews and standstills are over as much later as an outage took, and clocks move with their close."""
        before, self._waits = self._waits, self._all_waits()
        hands, self._hands = self._hands, self._all_hands()
        if isinstance(sent.command, EndOutage):
            down_us = sent.command.down_us
            for what, until_us in before.items():
                due_us = until_us + down_us if until_us > sent.at_us - down_us else until_us
                if self._waits.get(what) != due_us:
                    yield f"P7: after an outage of {down_us} {what} ends at {self._waits.get(what)}, not at {due_us}"
            for lot_id, left_us in self._hands.items():
                if hands.get(lot_id) != left_us:
                    yield f"P7: an outage of {down_us} moves the clock of lot {lot_id} and its close apart: {left_us}"

    def _all_waits(self) -> dict[tuple[str, str], int]:
        """Until when lots are reviewed, and awards are provisional."""
        waits = {}
        for lot in self._kernel.auctions.lots():
            if lot.state is LotState.CLOSED and lot.review_until_us:
                waits["review", lot.lot_id] = lot.review_until_us
            standstill = self._kernel.standstills.get(lot.lot_id)
            if standstill is not None and standstill.waits:
                waits["standstill", lot.lot_id] = standstill.until_us
        return waits

    def _all_hands(self) -> dict[str, int]:
        """Of clocks that run."""
        return {
            lot.lot_id: lot.close_at_us - lot.hands.until_us for lot in self._lots() if lot.hands.until_us
        }

    def _remaining(self, event_id: str, at_us: int) -> dict[str, Remaining]:
        lots = [lot for lot in self._kernel.auctions.event_of(event_id).lots if lot.running]
        return {
            lot.lot_id: (lot.close_at_us - at_us, lot.hands.until_us and lot.hands.until_us - at_us)
            for lot in lots
        }

    def _resumed(self, event_id: str, at_us: int) -> Iterator[str]:
        now = self._remaining(event_id, at_us)
        for lot_id, left in self._paused.pop(event_id, {}).items():
            if now.get(lot_id, left) != left:
                yield f"P7: the pause cost lot {lot_id} time: {left} to {now[lot_id]}"
