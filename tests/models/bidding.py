"""The bids of a lot as one list that is read anew at every question. Slow and obvious."""

from dataclasses import dataclass, field
from functools import reduce

from exchange.core.messages.lot_rules import LotDirection, Prebid
from tests.models.admission import NaiveAdmission


@dataclass
class NaiveBidding:
    """`made` holds each bidder's prices by number; what was taken back is None there and gone from `lot.bids`."""

    lot: NaiveAdmission
    made: dict[str, list[int | None]] = field(default_factory=dict)
    proxy: tuple[str, int] | None = None
    prebid: Prebid = Prebid.NONE
    waits: bool = False
    paused: bool = False

    def shut(self, member: str) -> str:
        """Why the member can do nothing in the lot now, whatever it is; empty where it can."""
        if self.waits and self.prebid is Prebid.NONE:
            return "LOT_NOT_OPEN_YET"
        if self.paused:
            return "EVENT_PAUSED"
        late = self.prebid is Prebid.REQUIRED and not self.waits and not self.made.get(member)
        return "PREBID_MISSING" if late else ""

    def bid(self, member: str, price: int) -> None:
        self.lot.bids.append((member, price))
        self.made.setdefault(member, []).append(price)

    def aliases(self) -> list[str]:
        return list(self.made)

    def not_revocable(self, member: str, number: int) -> str:
        """Why not; empty where it can be taken back."""
        made = self.made.get(member, [])
        if number > len(made):
            return "BID_UNKNOWN"
        return "" if made[number - 1] is not None else "BID_REVOKED"

    def revoke(self, member: str, number: int) -> None:
        price = self.made[member][number - 1]
        assert price is not None
        if self.proxy and self.proxy[0] == member and self.lot.standing()[member] == price:
            self.proxy = None
        self.lot.bids.remove((member, price))
        self.made[member][number - 1] = None

    # Proxies: every price is tried

    def possible(self, member: str, limit: int) -> list[int]:
        """What the lot would take of the member within the limit; a largest step doesn't bind."""
        return [
            price
            for price in range(1, self.lot.ceiling_price + 1)
            if not self.lot.better(price, limit)
            and not set(self.lot.broken(member, price)) - {"STEP_TOO_LARGE"}
        ]

    def best_of(self, prices: list[int]) -> int | None:
        return (
            reduce(lambda one, other: one if self.lot.better(one, other) else other, prices)
            if prices
            else None
        )

    def worst_of(self, prices: list[int]) -> int | None:
        return (
            reduce(lambda one, other: other if self.lot.better(one, other) else one, prices)
            if prices
            else None
        )

    def leading(self, member: str, limit: int, met: int | None) -> int | None:
        """The worst price that leads by a step on what is met, or else the best that leads."""
        lot, lead = self.lot, self.lot.lead()
        leads = [
            price for price in self.possible(member, limit) if lead is None or lot.better(price, lead[1])
        ]
        enough = [price for price in leads if met is None or lot.by(price, met) >= lot.step(met)]
        if self.jumps(limit):
            enough = [price for price in enough if price >= lot.rules.reserve_price]
        return self.worst_of(enough) if enough else self.best_of(leads)

    def jumps(self, limit: int) -> bool:
        reserve, lead = self.lot.rules.reserve_price, self.lot.lead()
        met = lead is not None and lead[1] >= reserve
        return self.lot.direction is LotDirection.FORWARD and bool(reserve) and not met and limit >= reserve

    def leader(self) -> str:
        lead = self.lot.lead()
        return lead[0] if lead else ""

    def may_set(self, member: str, limit: int) -> str:
        fixed = ("PRICE_OFF_TICK", "BID_ABOVE_CEILING", "BID_BELOW_FLOOR", "NOT_QUALIFYING")
        first = next(self.lot.broken(member, limit), "")
        if first in fixed:
            return first
        return "" if self.possible(member, limit) else "STEP_TOO_SMALL"

    def set_proxy(self, member: str, limit: int) -> None:
        rival = self.proxy if self.proxy and self.proxy[0] != member else None
        mine = (member, limit)
        if self.leader() == member:
            jump = [price for price in self.possible(*mine) if price >= self.lot.rules.reserve_price]
            self.bid_if(member, self.worst_of(jump) if self.jumps(limit) else None)
        elif rival and not self.lot.better(limit, rival[1]):
            if limit == rival[1]:
                self.to_limit(rival)
            self.to_limit(mine)
        else:
            lead = self.lot.lead()
            met = rival[1] if rival else lead[1] if lead else None
            price = self.leading(member, limit, met)
            self.bid_if(member, self.best_of(self.possible(*mine)) if price is None else price)
        self.settle([each for each in (rival, mine) if each])

    def answer(self) -> None:
        self.settle([self.proxy] if self.proxy else [])

    def settle(self, proxies: list[tuple[str, int]]) -> None:
        """Older first: the oldest may take the lead back; who doesn't lead then stands at its limit."""
        lead = self.lot.lead()
        if proxies and lead and proxies[0][0] != lead[0] and (len(proxies) > 1 or self.proxy):
            self.bid_if(proxies[0][0], self.leading(*proxies[0], lead[1]))
        self.proxy = None
        leader = self.leader()
        for member, limit in sorted(proxies, key=lambda each: each[0] == leader):
            if self.leader() != member:
                self.to_limit((member, limit))
            elif self.lot.better(limit, self.lot.standing()[member]):
                self.proxy = (member, limit)

    def to_limit(self, proxy: tuple[str, int]) -> None:
        """Again and again: where steps are a share of the price, they get smaller on the way."""
        while prices := self.possible(*proxy):
            self.bid_if(proxy[0], self.best_of(prices))

    def bid_if(self, member: str, price: int | None) -> None:
        if price is not None:
            self.bid(member, price)
