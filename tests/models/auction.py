"""A lot as the list of its bids, judged anew at every question. Slow and obvious."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Said(NamedTuple):
    """A refusal by name, and its bound."""

    code: str
    bound: int = 0


class Bid(NamedTuple):
    """The n-th of the list has number n, counted from 1."""

    member_id: str
    price: int


@dataclass
class NaiveLot:
    """`planned_close_us` is where the close would be without overtime."""

    lot_id: str
    event_id: str
    buyer_id: str
    ceiling_price: int
    min_step: int
    tick: int
    open_at_us: int
    close_at_us: int
    window_us: int
    extension_us: int
    total_us_max: int
    tells_lead: bool
    notice_us: int
    bids_max: int
    invited: list[str] = field(default_factory=list)
    bids: list[Bid] = field(default_factory=list)
    state: str = "waiting"
    planned_close_us: int = 0

    def __post_init__(self) -> None:
        self.planned_close_us = self.close_at_us

    # What stands

    def own(self, member_id: str) -> list[int]:
        return [bid.price for bid in self.bids if bid.member_id == member_id]

    def bidders(self) -> list[str]:
        """By first bid: the place in this list is the alias."""
        return list(dict.fromkeys(bid.member_id for bid in self.bids))

    def ranking(self) -> list[str]:
        """Lowest first; of equals, the one who reached that price first."""
        reached = {bid: number for number, bid in reversed(list(enumerate(self.bids, 1)))}
        best = {member_id: min(self.own(member_id)) for member_id in self.bidders()}
        return sorted(best, key=lambda member_id: (best[member_id], reached[Bid(member_id, best[member_id])]))

    # What is taken

    def improves_own(self, member_id: str, price: int) -> bool:
        own = self.own(member_id)
        return not own or price <= min(own) - self.min_step

    def respects_lead(self, member_id: str, price: int) -> bool:
        ranking = self.ranking()
        if not ranking or ranking[0] == member_id:
            return True
        lead = min(self.own(ranking[0]))
        return price >= lead or price <= lead - self.min_step

    def next_taken(self, member_id: str, price: int) -> int:
        """Try every price from the one offered downwards."""
        below = range(price - price % self.tick, 0, -self.tick)
        both = (p for p in below if self.improves_own(member_id, p) and self.respects_lead(member_id, p))
        alone = (p for p in below if self.improves_own(member_id, p))
        if self.tells_lead:
            return next(both, 0)
        return 0 if self.improves_own(member_id, price) else next(alone, 0)

    def refusal(self, member_id: str, price: int, at_us: int) -> Said | None:
        if member_id == self.buyer_id:
            return Said("OWN_EVENT")
        if member_id not in self.invited:
            return Said("LOT_UNKNOWN")
        if self.state == "waiting":
            return Said("LOT_NOT_OPEN_YET", self.open_at_us)
        if self.state != "open" or not at_us < self.close_at_us:
            return Said("LOT_NOT_OPEN")
        if price % self.tick != 0:
            return Said("PRICE_OFF_TICK", self.tick)
        if price > self.ceiling_price:
            return Said("BID_ABOVE_CEILING", self.ceiling_price)
        if not (self.improves_own(member_id, price) and self.respects_lead(member_id, price)):
            return Said("STEP_TOO_SMALL", self.next_taken(member_id, price))
        return Said("TOO_MANY_BIDS", self.bids_max) if len(self.own(member_id)) >= self.bids_max else None

    # What changes

    def bid(self, member_id: str, price: int, at_us: int) -> bool:
        """Take a bid; whether the close moved."""
        led = self.ranking()[:1]
        self.bids.append(Bid(member_id, price))
        leads = self.ranking()[:1]
        before_us = self.close_at_us
        if leads != led and self.close_at_us - at_us <= self.window_us:
            reach_us = min(at_us + self.extension_us, self.planned_close_us + self.total_us_max)
            self.close_at_us = max(self.close_at_us, reach_us)
        return self.close_at_us > before_us

    def pass_to(self, at_us: int) -> None:
        if self.state == "waiting" and at_us >= self.open_at_us:
            self.state = "open"
        if self.state == "open" and at_us >= self.close_at_us:
            self.state = "closed"

    def outage(self, down_us: int, at_us: int) -> bool:
        """The exchange was away until `at_us`; whether anything moved."""
        if self.state not in {"waiting", "open"}:
            return False
        before = (self.open_at_us, self.close_at_us)
        opening_was_due = self.open_at_us <= at_us
        moved_us = down_us
        if opening_was_due and self.close_at_us + down_us < at_us + self.notice_us:
            moved_us = at_us + self.notice_us - self.close_at_us
        if self.state == "waiting":
            self.open_at_us += down_us
        self.close_at_us += moved_us
        self.planned_close_us += moved_us
        return before != (self.open_at_us, self.close_at_us)
