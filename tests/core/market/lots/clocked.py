"""Lots with a clock, drafted, opened and driven at random beside a naive lot."""

from collections.abc import Callable
from random import Random
from typing import Any, Final, Protocol

from exchange.core.market.sourcing import LotState
from exchange.core.messages.lot_rules import (
    ClockRules,
    EventRules,
    LotDirection,
    LotFormat,
    LotRules,
    Overtime,
)
from exchange.core.messages.sourcing import Disclosure
from exchange.core.rejects import Reject
from tests.core.market.room import CLOSE, MINUTE, NO_OVERTIME, OPEN, SECOND, AuctionRoom, Step
from tests.models.auction import Said
from tests.models.lot_times import NaiveTimes

COUNTED: Final = Disclosure(participant_count=True)
WAITS: Final = (0, 1, SECOND, 10 * SECOND, MINUTE - 1, MINUTE, 3 * MINUTE)
BIDDERS: Final = ("s1", "s2", "s3", "s4", "s5")  # the last one is not invited


def a_clocked_lot(
    form: LotFormat,
    clock: ClockRules | None = None,
    *,
    forward: bool = False,
    floor_price: int = 900,
    ceiling_price: int = 1_000,
    min_step: int = 30,
    disclosure: Disclosure = COUNTED,
    overtime: Overtime = NO_OVERTIME,
    **rules: Any,
) -> AuctionRoom:
    """Open, with s1 to s4 invited; reverse, from 900 to 1,000 in steps of 30, unless said otherwise."""
    room = AuctionRoom()
    direction = EventRules(direction=LotDirection.FORWARD if forward else LotDirection.REVERSE)
    room.create(rules=direction, disclosure=disclosure, overtime=overtime)
    made = LotRules(floor_price=floor_price, format=form, clock=clock or ClockRules(), **rules)
    added = room.add_lot(ceiling_price=ceiling_price, min_step=min_step, rules=made)
    assert isinstance(added, list), added
    for bidder in BIDDERS[:4]:
        room.invite(bidder)
    room.publish()
    room.pass_to(OPEN)
    return room


def said(outcome: Step) -> Said | None:
    return Said(outcome.code.name, outcome.bound) if isinstance(outcome, Reject) else None


class Driver:
    """What time and the buyer do to a lot and to its naive twin alike; `now_us` is the instant of both."""

    def __init__(self, room: AuctionRoom, times: NaiveTimes, pass_to: Callable[[int], None]) -> None:
        self.room, self.times, self._pass_naive = room, times, pass_to
        self.now_us = OPEN

    def pass_by(self, by_us: int) -> None:
        self.now_us += by_us
        self.room.pass_to(self.now_us)
        self._pass_naive(self.now_us)

    def anything(self, random: Random) -> None:
        """Wait, pause or resume, extend, lose the exchange for a while, or start it anew."""
        open_now = self.room.lot().state is LotState.OPEN
        deed = random.choice("wwwwwwwepor" if self.times.paused_since is None else "weppppor")
        if deed == "w":
            until_us = self.times.until_us() - self.now_us
            self.pass_by(random.choice((*WAITS, *[max(0, until_us)] * 7, max(0, until_us - 1))))
        elif deed == "p" and open_now:
            self._pause()
        elif deed == "e" and open_now:
            by_us = random.choice((1, SECOND, MINUTE))
            assert isinstance(self.room.extend(self.room.lot().close_at_us + by_us), list)
            self.times.later(by_us)
        elif deed == "o":
            self._outage(random.choice(WAITS), open_now)
        elif deed == "r":
            self.room.reload()

    def _pause(self) -> None:
        if self.times.paused_since is None:
            assert isinstance(self.room.pause(self.now_us), list)
            self.times.paused_since = self.now_us
        else:
            assert isinstance(self.room.resume(self.now_us), list)
            self.times.resume(self.now_us)

    def _outage(self, down_us: int, open_now: bool) -> None:
        self.now_us += down_us
        self.room.outage(down_us, self.now_us)
        if open_now and self.times.paused_since is None:
            self.times.outage(down_us, self.now_us)
        self.pass_by(0)

    def agree(self) -> None:
        lot = self.room.lot()
        if lot.state is LotState.OPEN:
            assert (lot.close_at_us, lot.hands.until_us) == (self.times.close_us, self.times.until_us())


class TakesBack(Protocol):
    def take_back(self, member_id: str, number: int) -> bool: ...


def take_back_something(room: AuctionRoom, random: Random, naive: TakesBack, at_us: int) -> None:
    """An operator takes back a bid of somebody who has bid."""
    alias, number = random.randint(1, 4), random.choice((1, 2, 3, 9))
    bidder = room.board().bidder(alias)
    if not bidder:
        return
    newest = room.board().bids_of(bidder)
    number = random.choice((number, newest))
    taken_back = isinstance(room.revoke("operator", number, at_us, alias=alias), list)
    assert taken_back == naive.take_back(bidder, number)


def naive_times(room: AuctionRoom, ends: list[int], notice_us: int) -> NaiveTimes:
    return NaiveTimes(OPEN, room.lot().close_at_us, notice_us, ends, OPEN)


__all__ = ["BIDDERS", "CLOSE", "Driver", "a_clocked_lot", "naive_times", "said"]
