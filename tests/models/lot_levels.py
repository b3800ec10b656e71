"""Dutch and Japanese lots as a list of prices and who accepted which. Slow and obvious."""

from dataclasses import dataclass, field

from tests.models.auction import Said
from tests.models.lot_times import NaiveTimes

TAKEN_BACK = -1


def ladder(start: int, step: int, end: int) -> list[int]:
    """From one price to another in steps; the last one may be shorter."""
    prices = [start]
    while prices[-1] != end:
        nearer = prices[-1] + step if end > start else prices[-1] - step
        beyond = nearer > end if end > start else nearer < end
        prices.append(end if beyond else nearer)
    return prices


@dataclass
class NaiveLevels:
    """`accepted` holds who accepted which level, in the order of acceptance; TAKEN_BACK in place of a level."""

    prices: list[int]
    times: NaiveTimes
    invited: list[str]
    stop_at_active: int = 1
    accepted: list[tuple[int, str]] = field(default_factory=list)
    closed: bool = False

    def level(self) -> int:
        return min(self.times.standing(), len(self.prices) - 1)

    def who(self, level: int) -> list[str]:
        return [member_id for reached, member_id in self.accepted if reached == level]

    def ranking(self) -> list[str]:
        """By the last level that each accepted, then by when."""
        counting = enumerate(self.accepted)
        last = {member_id: place for place, (level, member_id) in counting if level != TAKEN_BACK}
        return sorted(last, key=lambda who: (-self.accepted[last[who]][0], last[who]))

    def refusal(self, member_id: str, price: int) -> Said | None:
        if member_id not in self.invited:
            return Said("LOT_UNKNOWN")
        if self.times.now_us < self.times.open_us and not self.closed:
            return Said("LOT_NOT_OPEN_YET", self.times.open_us)
        if self.closed:
            return Said("LOT_NOT_OPEN")
        if self.times.paused_since is not None:
            return Said("EVENT_PAUSED")
        if self.is_out(member_id):
            return Said("DROPPED_OUT")
        if price != self.prices[self.level()]:
            return Said("LEVEL_STALE", self.prices[self.level()])
        return Said("LEVEL_ACCEPTED") if member_id in self.who(self.level()) else None

    def is_out(self, member_id: str) -> bool:
        raise AssertionError("each format says who is out")

    def accept(self, member_id: str) -> None:
        self.accepted.append((self.level(), member_id))

    def pass_to(self, at_us: int) -> None:
        """One end after the other."""
        while not self.closed and self.times.paused_since is None:
            instants = [*self.times.ahead(), self.times.close_us]
            if min(instants) > at_us:
                break
            self.times.now_us = min(instants)
            self.closed = self.is_over()
        if self.times.paused_since is None:
            self.times.now_us = max(self.times.now_us, at_us)

    def take_back(self, member_id: str, number: int) -> bool:
        """The bidder's acceptance of this number, from 1; whether there was one to take back."""
        own = [place for place, (_, each) in enumerate(self.accepted) if each == member_id]
        if number > len(own) or self.accepted[own[number - 1]][0] == TAKEN_BACK:
            return False
        self.accepted[own[number - 1]] = (TAKEN_BACK, member_id)
        return True

    def is_over(self) -> bool:
        return self.times.now_us >= self.times.close_us


class NaiveDutch(NaiveLevels):
    """The first acceptance wins; the last price stands until the close."""

    def is_out(self, member_id: str) -> bool:
        return False

    def accept(self, member_id: str) -> None:
        super().accept(member_id)
        self.closed = True


class NaiveJapanese(NaiveLevels):
    """Whoever lets a level pass is out."""

    def is_out(self, member_id: str) -> bool:
        own = [level for level, each in self.accepted if each == member_id]
        return self.level() > 0 and max(own, default=TAKEN_BACK) < self.level() - 1

    def is_over(self) -> bool:
        """Judged at the end of a level."""
        ended = self.times.standing() - 1
        few = len(self.who(ended)) <= self.stop_at_active
        return few or ended == len(self.prices) - 1 or super().is_over()
