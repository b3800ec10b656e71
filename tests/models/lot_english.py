"""A live lot whole: the naive list of bids on the naive clock. Slow and obvious."""

from dataclasses import dataclass, field

from exchange.core.limits import OUTAGE_NOTICE_US
from exchange.core.messages.lot_rules import Overtime
from tests.models.bidding import NaiveBidding
from tests.models.lot_clock import NaiveClock


@dataclass
class NaiveEnglish(NaiveBidding):
    """`acting` is whose next bid is its bidder's own and not a proxy's answer, hence may move the close."""

    clock: NaiveClock = field(default_factory=lambda: NaiveClock(Overtime(), 0, 0, 0, OUTAGE_NOTICE_US))
    now_us: int = 0
    acting: str = ""

    def shut(self, member: str) -> str:
        """See `NaiveBidding`; of a lot that is open or closed now."""
        if self.clock.state == "closed":
            return "LOT_NOT_OPEN"
        self.waits, self.paused = self.clock.state == "waiting", self.clock.paused_since is not None
        return super().shut(member)

    def bid(self, member: str, price: int) -> None:
        """See `NaiveBidding`."""
        led = self.leader() == member
        super().bid(member, price)
        if self.acting == member and self.clock.state == "open":
            self.clock.taken(self.lot.ranking().index(member) + 1, self.now_us, led=led)
        self.acting = ""

    def pass_to(self, at_us: int) -> None:
        """Nothing changes but what the time is."""
        self.now_us = at_us
        self.clock.pass_to(at_us)
