"""Bugs of closes, overtime, proxies and what bidders are told of them, planted on purpose: see `mutants`."""

from collections import deque
from collections.abc import Callable
from heapq import heappop
from typing import Any, Final

from msgspec.structs import replace

from exchange.core.deadlines import Deadline, Deadlines
from exchange.core.flows.standstill import StandstillFlow
from exchange.core.market import auction, proxies
from exchange.core.market.auction import CLOSE_LOT, Auctions
from exchange.core.market.lots.standstill import Standstills
from exchange.core.market.revocation import Revocations
from exchange.core.market.sourcing import Lot, LotState, SourcingEvent
from exchange.core.messages import AnyEvent, BidSubmitted, Reply
from exchange.core.rejects import Reject
from exchange.core.visibility.own_lots import OwnSide
from exchange.engine.gathering import Waiting
from exchange.engine.sequencer import Engine
from tests.simulation.planting import Healthy, Mutant, Patch
from tests.simulation.wide import WideWorld


def _answers_itself(healthy: Healthy) -> Healthy:
    def answer(lot: Lot, at_us: int, events: list[AnyEvent]) -> None:
        count = len(events)
        healthy(lot, at_us, events)
        if len(events) > count and lot.proxy is not None:
            proxies._take_lead(lot, lot.proxy, at_us, events)

    return answer


def _extends_again(healthy: Healthy) -> Healthy:
    def submit_bid(
        self: Auctions, member_id: str, command: Any, at_us: int, deadlines: Deadlines, events: list[AnyEvent]
    ) -> int:
        number: int = healthy(self, member_id, command, at_us, deadlines, events)
        lot, last = self._lots[command.lot_id], events[-1]
        if isinstance(last, BidSubmitted) and last.member_id != member_id and lot.state is LotState.OPEN:
            self._extend(lot, at_us, deadlines, events)
        return number

    return submit_bid


def _from_the_first(healthy: Healthy) -> Healthy:
    def extended_close_us(lot: Lot, overtime: Any, at_us: int) -> int | None:
        moved_us: int | None = healthy(lot, overtime, at_us)
        first_us = lot.close_at_us - lot.overtime_us + overtime.extension_us
        return None if moved_us is None or first_us <= lot.close_at_us else min(moved_us, first_us)

    return extended_close_us


def _takes_back(healthy: Healthy) -> Healthy:
    def revoke(self: Revocations, member_id: str, command: Any, at_us: int, events: list[AnyEvent]) -> None:
        healthy(self, member_id, command, at_us, events)
        lot = self._auctions.lot_of(command.lot_id)
        if lot.extensions:
            by_us = lot.overtime_us // lot.extensions
            lot.close_at_us -= by_us
            lot.overtime_us -= by_us
            lot.extensions -= 1

    return revoke


def _at_the_close(healthy: Healthy) -> Healthy:
    def closed_to(self: Auctions, member_id: str, lot: Lot | None, at_us: int) -> Reject | None:
        refused: Reject | None = healthy(self, member_id, lot, at_us - 1)
        return refused

    return closed_to


def _after_the_close(healthy: Healthy) -> Healthy:
    def set_timer(self: Auctions, lot: Lot, deadlines: Deadlines) -> None:
        healthy(self, lot, deadlines)
        if lot.state is LotState.OPEN and not self._events[lot.event_id].paused_at_us:
            deadlines.set(CLOSE_LOT, lot.lot_id, lot.close_at_us + 1)

    return set_timer


def _extended_stay(healthy: Healthy) -> Healthy:
    def resume(self: SourcingEvent, paused_us: int) -> None:
        closes = {lot.lot_id: lot.close_at_us for lot in self.lots if lot.extensions and lot.running}
        healthy(self, paused_us)
        for lot in self.lots:
            lot.close_at_us = closes.get(lot.lot_id, lot.close_at_us)

    return resume


def _as_before(healthy: Healthy) -> Healthy:
    ranks: dict[tuple[str, str], Any] = {}

    def standing(self: OwnSide, viewer: str, rank_of: Callable[[str], int]) -> Any:
        price, rank, *more = healthy(self, viewer, rank_of)
        before = ranks.get((self.lot.lot_id, viewer), rank)
        ranks[self.lot.lot_id, viewer] = rank
        return price, before, *more

    return standing


def _with_a_new_receipt(healthy: Healthy) -> Healthy:
    def echo(self: Engine, waiting: Waiting, answer: Reply | Reject) -> None:
        again = replace(answer, at_us=waiting.at_us) if isinstance(answer, Reply) else answer
        healthy(self, waiting, again)

    return echo


def _moved_is_first(_healthy: Healthy) -> Healthy:
    def first(self: Deadlines) -> deque[Deadline] | None:
        while self._instants:
            alike = self._due[self._instants[0]] = deque(self._due[self._instants[0]])
            while alike and (alike[0].kind, alike[0].subject) not in self._live:
                alike.popleft()
            if alike:
                return alike
            del self._due[heappop(self._instants)]
        return None

    return first


def _both_fire(_healthy: Healthy) -> Healthy:
    def pop(self: Deadlines, at_us: int) -> Deadline | None:
        alike = self._first()
        if not alike or alike[0].due_us > at_us:
            return None
        first = alike.popleft()
        if self._live[first.kind, first.subject] is first:
            del self._live[first.kind, first.subject]
        return first

    return pop


def _standstills_run(healthy: Healthy) -> Healthy:
    def end_outage(self: StandstillFlow, down_us: int, at_us: int, events: list[AnyEvent]) -> None:
        there, self.standstills = self.standstills, Standstills()
        healthy(self, down_us, at_us, events)
        self.standstills = there

    return end_outage


CLOSE_MUTANTS: Final[dict[str, Mutant]] = {
    "proxy_twice": Mutant(
        "a proxy answers its own answer", "P3", [Patch(auction, "answer", _answers_itself)], WideWorld
    ),
    "overtime_by_proxy": Mutant(
        "a proxy's answer triggers overtime", "P7", [Patch(Auctions, "submit_bid", _extends_again)], WideWorld
    ),
    "overtime_from_first": Mutant(
        "an extension counts from the close before all others",
        "P7",
        [Patch(auction, "extended_close_us", _from_the_first)],
        WideWorld,
    ),
    "extension_taken_back": Mutant(
        "a revoked bid takes its extension with it",
        "P7",
        [Patch(Revocations, "revoke", _takes_back)],
        WideWorld,
    ),
    "close_inclusive": Mutant(
        "a bid at the very close counts",
        "P3 P7",
        [Patch(Auctions, "closed_to", _at_the_close), Patch(Auctions, "set_timer", _after_the_close)],
        WideWorld,
    ),
    "pause_eats_overtime": Mutant(
        "a pause moves no close that overtime has moved",
        "P7",
        [Patch(SourcingEvent, "resume", _extended_stay)],
        WideWorld,
    ),
    "stale_rank": Mutant(
        "a rank is that before the last change", "P5 P6", [Patch(OwnSide, "standing", _as_before)]
    ),
    "new_receipt": Mutant(
        "a repeated command is answered as of now", "P3 P6", [Patch(Engine, "_echo", _with_a_new_receipt)]
    ),
    "moved_and_met": Mutant(
        "what was moved falls due at its old instant, too",
        "P3 P7",
        [Patch(Deadlines, "_first", _moved_is_first), Patch(Deadlines, "pop", _both_fire)],
    ),
    "standstill_in_outage": Mutant(
        "an outage lengthens no standstill",
        "P7",
        [Patch(StandstillFlow, "end_outage", _standstills_run)],
        WideWorld,
    ),
}
