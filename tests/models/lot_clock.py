"""When a lot closes, told on a clock of its own that stands still while the lot is paused.

On that clock no pause ever happened: opening, close and hard deadline stay where they are. Slow and obvious.
"""

from dataclasses import dataclass, field

from exchange.core.messages.lot_rules import ExtensionStart, Overtime


@dataclass
class NaiveClock:
    """`behind_us` is how far the lot's clock is behind the exchange's; all instants below are the lot's own."""

    overtime: Overtime
    open_us: int
    close_us: int
    hard_us: int
    notice_us: int
    best: list[tuple[str, int]] = field(default_factory=list)  # (member, price) in the order of bidding
    behind_us: int = 0
    paused_since: int | None = None
    state: str = "waiting"
    extended: list[int] = field(default_factory=list)  # each extension by overtime

    def now(self, at_us: int) -> int:
        return (self.paused_since if self.paused_since is not None else at_us) - self.behind_us

    def pass_to(self, at_us: int) -> None:
        now = self.now(at_us)
        if self.paused_since is None and self.state == "waiting" and now >= self.open_us:
            self.state = "open"
        if self.paused_since is None and self.state == "open" and now >= self.close_us:
            self.state = "closed"

    def ranking(self) -> list[str]:
        standing = dict(self.best)
        return sorted(standing, key=lambda who: (standing[who], self.best.index((who, standing[who]))))

    def bid(self, member: str, price: int, at_us: int) -> None:
        led = self.ranking()[:1] == [member]
        self.best.append((member, price))
        self.taken(self.ranking().index(member) + 1, at_us, led=led)

    def taken(self, place: int, at_us: int, *, led: bool) -> None:
        """A bid that now stands at this place, of whom led or didn't: overtime, if it is late enough."""
        rules, now = self.overtime, self.now(at_us)
        if led and place == 1 and not rules.leader_triggers:
            return
        if rules.lowest_triggering_rank and place > rules.lowest_triggering_rank:
            return
        if rules.number_of_extensions and len(self.extended) >= rules.number_of_extensions:
            return
        if self.close_us - now > rules.window_us:
            return
        receipt = rules.extension_start is ExtensionStart.RECEIPT_TIME
        target = (now if receipt else self.close_us) + rules.extension_us
        unextended = self.close_us - sum(self.extended)
        target = min(target, unextended + rules.total_us_max)
        if self.hard_us:
            target = min(target, self.hard_us)
        if target > self.close_us:
            self.extended.append(target - self.close_us)
            self.close_us = target

    def runs(self) -> bool:
        return self.state in {"waiting", "open"}

    def pause(self, at_us: int) -> None:
        self.paused_since = at_us

    def resume(self, at_us: int) -> None:
        assert self.paused_since is not None
        self.behind_us += at_us - self.paused_since
        self.paused_since = None

    def outage(self, down_us: int, at_us: int) -> None:
        """An open lot's own clock stood still too, but its hard deadline did not; then the notice is due."""
        if not self.runs() or self.paused_since is not None:
            return
        was_due = self.open_us + self.behind_us <= at_us
        close = self.close_us + down_us
        if was_due:
            close = max(close, at_us - self.behind_us + self.notice_us)
        if self.hard_us and close > self.hard_us:
            self.pause(at_us - down_us)
            return
        if self.state == "waiting":
            self.open_us += down_us
        self.close_us = close
