"""Every instant that is still to come in a lot with a clock, as a list, moved one by one. Slow and obvious."""

from dataclasses import dataclass, field


@dataclass
class NaiveTimes:
    """`ends` holds the end of each level, turn or pause; those at or before `now_us` are over.

    `now_us` stands still while `paused_since` is set.
    """

    open_us: int
    close_us: int
    notice_us: int
    ends: list[int] = field(default_factory=list)
    now_us: int = 0
    paused_since: int | None = None

    def ahead(self) -> list[int]:
        return [end for end in self.ends if end > self.now_us]

    def standing(self) -> int:
        """How many of the ends are over: the place of what stands."""
        return len(self.ends) - len(self.ahead())

    def until_us(self) -> int:
        return min(self.ahead(), default=0)

    def later(self, by_us: int) -> None:
        self.ends = [end + by_us if end > self.now_us else end for end in self.ends]
        self.close_us += by_us

    def resume(self, at_us: int) -> None:
        assert self.paused_since is not None
        by_us = at_us - self.paused_since
        self.later(by_us)
        self.now_us, self.paused_since = at_us, None

    def outage(self, down_us: int, at_us: int) -> None:
        """Nothing ended while the exchange was away; what stood ends no sooner than the notice after it."""
        nearest_us = self.until_us() or self.close_us
        by_us = down_us
        while nearest_us + by_us < at_us + self.notice_us:
            by_us = at_us + self.notice_us - nearest_us
        self.later(by_us)
        self.now_us = at_us
