"""Who wins a sealed lot of several equal units and what each gets, by trying every price. Slow and obvious."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256

Worth = Callable[[str, int], Fraction]
"""What compares for a member's price; less is better in a reverse lot, more in a forward one."""


@dataclass
class NaiveUnits:
    """`bids` are valid: members and prices in the order in which their envelopes came."""

    winners: int
    bids: list[tuple[str, int]]
    worth: Worth
    forward: bool
    second_price: bool
    tick: int
    ceiling_price: int
    floor_price: int
    reserve_price: int
    seed: str = ""

    def better(self, one: Fraction, other: Fraction) -> bool:
        return one > other if self.forward else one < other

    def ranking(self) -> list[str]:
        """One after another: whoever is beaten by nobody that is left, of equals as the seed draws, else the earlier."""
        left, ranked = list(self.bids), list[str]()
        while left:
            best = [
                bid
                for bid in left
                if not any(self.better(self.worth(*other), self.worth(*bid)) for other in left)
            ]
            first = min(best, key=self.drawn) if self.seed else best[0]
            left.remove(first)
            ranked.append(first[0])
        return ranked

    def drawn(self, bid: tuple[str, int]) -> bytes:
        return sha256(f"{self.seed}:{self.bids.index(bid) + 1}".encode()).digest()

    def chosen(self, barred: set[str]) -> list[str]:
        return [member for member in self.ranking() if member not in barred][: self.winners]

    def paid(self, member: str, chosen: list[str]) -> int:
        """Of all prices that the buyer would take, the member's best at which it still ranks no worse than the first
        that comes after all who are chosen; its own, where its own is what counts.
        """
        own = dict(self.bids)
        if not self.second_price:
            return own[member]
        ranking = self.ranking()
        behind = ranking[max(ranking.index(each) for each in chosen) + 1 :]
        met = [self.worth(each, own[each]) for each in behind[:1]]
        taken = [
            price
            for price in range(self.tick, self.ceiling_price + 1, self.tick)
            if price >= self.floor_price
            and self.meets_reserve(price)
            and not any(self.better(each, self.worth(member, price)) for each in met)
        ]
        return min(taken) if self.forward else max(taken)

    def meets_reserve(self, price: int) -> bool:
        if not self.reserve_price:
            return True
        return price >= self.reserve_price if self.forward else price <= self.reserve_price
