"""Bugs of lots and their bids, planted on purpose: see `mutants`."""

from collections.abc import Callable
from typing import Any, Final

from exchange.core.market import auction, ending
from exchange.core.market.auction import Auctions
from exchange.core.market.board import Board, StandingBid
from exchange.core.market.sourcing import Lot, LotState, SourcingEvent
from exchange.core.market.steering import Steering
from exchange.core.messages import AnyEvent, SubmitBid
from exchange.core.rejects import Reject
from exchange.core.visibility.own_lots import OwnSide
from tests.simulation.planting import Healthy, Mutant, Patch
from tests.simulation.temper import SECOND
from tests.simulation.wide import WideWorld


def _late(healthy: Healthy) -> Healthy:
    def closed_to(self: Auctions, member_id: str, lot: Lot | None, at_us: int) -> Reject | None:
        refused: Reject | None = healthy(self, member_id, lot, at_us - 30 * SECOND)
        return refused

    return closed_to


def _unhurried(healthy: Healthy) -> Healthy:
    def set_timer(self: Auctions, lot: Lot, deadlines: Any) -> None:
        if lot.state is not LotState.OPEN:
            healthy(self, lot, deadlines)
        elif not self._events[lot.event_id].paused_at_us:
            deadlines.set(auction.CLOSE_LOT, lot.lot_id, lot.close_at_us + 10 * SECOND)

    return set_timer


def _by_the_refused(healthy: Healthy) -> Healthy:
    def bid_refusal(
        self: Auctions, member_id: str, command: SubmitBid, at_us: int, *rest: Any
    ) -> Reject | None:
        refused: Reject | None = healthy(self, member_id, command, at_us, *rest)
        lot = self._lots.get(command.lot_id)
        if refused is not None and lot is not None and lot.state is LotState.OPEN:
            lot.close_at_us += SECOND
        return refused

    return bid_refusal


def _still_leads(healthy: Healthy) -> Healthy:
    def revoke(self: Board, member_id: str, number: int) -> None:
        lead = self.lead
        healthy(self, member_id, number)
        self.lead = lead

    return revoke


def _from_now(healthy: Healthy) -> Healthy:
    def extended_close_us(lot: Lot, overtime: Any, at_us: int) -> int | None:
        late = at_us >= lot.close_at_us - overtime.window_us
        return at_us + overtime.extension_us // 4 if late else None

    return extended_close_us


def _clocks_stand(healthy: Healthy) -> Healthy:
    def resume(self: SourcingEvent, paused_us: int) -> None:
        hands = {lot.lot_id: (lot.open_at_us, lot.close_at_us) for lot in self.lots if lot.running}
        healthy(self, paused_us)
        for lot in self.lots:
            if lot.lot_id in hands:
                lot.open_at_us, lot.close_at_us = hands[lot.lot_id]

    return resume


def _latest_first(healthy: Healthy) -> Healthy:
    def stand(self: Board, bid: StandingBid) -> None:
        healthy(self, bid._replace(bid_number=-bid.bid_number))

    return stand


def _own_price(healthy: Healthy) -> Healthy:
    return lambda _lot, bid: bid.price


def _half(healthy: Healthy) -> Healthy:
    def end_outage(self: Steering, down_us: int, at_us: int, events: list[AnyEvent]) -> None:
        healthy(self, down_us // 2, at_us, events)

    return end_outage


def _of_another(healthy: Healthy) -> Healthy:
    def standing(self: OwnSide, viewer: str, rank_of: Callable[[str], int]) -> Any:
        others = [each for each in self.event.invited if each != viewer]
        return healthy(self, others[0] if others else viewer, rank_of)

    return standing


LOT_MUTANTS: Final[dict[str, Mutant]] = {
    "late_bid": Mutant(
        "a bid counts at the close and a while after it",
        "P3 P7",
        [Patch(Auctions, "closed_to", _late), Patch(Auctions, "set_timer", _unhurried)],
    ),
    "refused_bid_extends": Mutant(
        "a refused bid moves the close", "P3 P6 P7", [Patch(Auctions, "bid_refusal", _by_the_refused)]
    ),
    "close_comes_nearer": Mutant(
        "overtime moves a close nearer", "P3 P7", [Patch(auction, "extended_close_us", _from_now)]
    ),
    "tie_to_the_later": Mutant(
        "of equal bids the later leads", "P3", [Patch(Board, "_stand", _latest_first)], WideWorld
    ),
    "outage_half": Mutant("an outage costs half of its time", "P7", [Patch(Steering, "end_outage", _half)]),
    "rank_of_another": Mutant(
        "a rank is sent to the wrong member", "P6", [Patch(OwnSide, "standing", _of_another)]
    ),
    "revoked_leads": Mutant(
        "a revoked bid still leads", "P3", [Patch(Board, "revoke", _still_leads)], WideWorld
    ),
    "pause_costs": Mutant(
        "a pause moves no close", "P7", [Patch(SourcingEvent, "resume", _clocks_stand)], WideWorld
    ),
    "own_price": Mutant(
        "a second price is the winner's own", "P3", [Patch(ending, "awarded_price", _own_price)], WideWorld
    ),
}
