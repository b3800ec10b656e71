"""A lot in rounds as the list of its bids and of all instants of its rounds. Slow and obvious."""

from dataclasses import dataclass, field

from exchange.core.messages.lot_rules import ClockRules
from tests.models.auction import Said
from tests.models.lot_times import NaiveTimes

PAUSE = ""


@dataclass
class NaiveRounds:
    """`plan` names what ends at each of the times: the bidder of a turn, or a pause; a round's turns are named as it begins."""

    ceiling_price: int
    min_step: int
    clock: ClockRules
    times: NaiveTimes
    invited: list[str]
    forward: bool = False
    bids: list[tuple[str, int]] = field(default_factory=list)  # at 0, if it was taken back
    plan: list[str | None] = field(default_factory=list)  # None: a turn of a round that hasn't begun
    moved: bool = False  # who has the turn has bid
    closed: bool = False

    def bidders(self) -> list[str]:
        """Those of whom a bid stands."""
        return list(dict.fromkeys(member_id for member_id, price in self.bids if price))

    def best(self, member_id: str) -> int:
        own = [price for each, price in self.bids if each == member_id and price]
        return max(own) if self.forward else min(own)

    def next_price(self, member_id: str) -> int:
        """A step better than the own one; 0 where the lot takes none that good."""
        price = self.best(member_id) + (self.min_step if self.forward else -self.min_step)
        return price if 0 < price <= self.ceiling_price else 0

    def improves(self, member_id: str, price: int) -> bool:
        gain = price - self.best(member_id) if self.forward else self.best(member_id) - price
        return gain >= self.min_step

    def take_back(self, member_id: str, number: int) -> bool:
        """The bidder's bid of this number, from 1; whether there was one to take back."""
        own = [place for place, (each, _) in enumerate(self.bids) if each == member_id]
        if number > len(own) or not self.bids[own[number - 1]][1]:
            return False
        self.bids[own[number - 1]] = (member_id, 0)
        return True

    def ranking(self) -> list[str]:
        """Best first; of equals, who reached the price first."""
        sign = -1 if self.forward else 1
        return sorted(
            self.bidders(),
            key=lambda member_id: (
                sign * self.best(member_id),
                self.bids.index((member_id, self.best(member_id))),
            ),
        )

    def turn(self) -> str:
        """Whose turn it is; nobody's in a pause."""
        return self.plan[self.times.standing()] or PAUSE

    def refusal(self, member_id: str, price: int) -> Said | None:
        if member_id not in self.invited:
            return Said("LOT_UNKNOWN")
        if self.closed:
            return Said("LOT_NOT_OPEN")
        if self.times.paused_since is not None:
            return Said("EVENT_PAUSED")
        if self.plan:
            if member_id not in self.bidders():
                return Said("NO_FIRST_PRICE")
            if self.turn() != member_id:
                return Said("NOT_YOUR_TURN")
            if self.moved:
                return Said("TURN_USED")
        if price > self.ceiling_price:
            return Said("BID_ABOVE_CEILING", self.ceiling_price)
        if member_id in self.bidders() and not self.improves(member_id, price):
            return Said("STEP_TOO_SMALL", self.next_price(member_id))
        return None

    def bid(self, member_id: str, price: int) -> None:
        self.bids.append((member_id, price))
        self.moved = bool(self.plan)

    def pass_to(self, at_us: int) -> None:
        """One end after the other."""
        times = self.times
        if times.paused_since is not None:
            return
        while not self.closed:
            nearest_us = min([*times.ahead(), times.close_us])
            if nearest_us > at_us:
                break
            times.now_us, self.moved = nearest_us, False
            if not self.plan and len(self.bidders()) > 1:
                self.begin()
            elif times.now_us >= times.close_us or not times.ahead():
                self.closed = True
            elif self.plan[times.standing()] is None:
                self.name_turns()
        times.now_us = max(times.now_us, at_us)

    def begin(self) -> None:
        """Lay out every pause and turn."""
        end_us, clock = self.times.now_us, self.clock
        for number in range(clock.rounds):
            lengths = [clock.pause_us if number else clock.first_pause_us]
            lengths += [clock.turn_us] * len(self.bidders())
            for length in lengths:
                end_us += length
                self.times.ends.append(end_us)
            self.plan += [PAUSE, *[None] * len(self.bidders())]
        self.times.close_us = end_us

    def name_turns(self) -> None:
        """The worst first; turns of those of whom no bid stands any more fall out."""
        first, ranking, times = self.plan.index(None), self.ranking(), self.times
        end = first
        while end < len(self.plan) and self.plan[end] is None:
            end += 1
        left_out = end - first - len(ranking)
        self.plan[first:end] = reversed(ranking)
        later = [instant - left_out * self.clock.turn_us for instant in times.ends[end:]]
        times.ends = times.ends[: end - left_out] + later
        self.closed = not ranking
