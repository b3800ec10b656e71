"""Which prices a lot takes, told price by price in the words of the rules. Slow and obvious."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from exchange.core.messages.lot_rules import ImproveOn, LotDirection, LotRules, TiePolicy

Rational = int | Fraction


@dataclass
class NaiveAdmission:
    """`bids` holds (member, price) in order; every standing is the last bid of its member."""

    direction: LotDirection
    ceiling_price: int
    min_step: int
    tick: int
    rules: LotRules
    bids: list[tuple[str, int]] = field(default_factory=list)

    # How bids compare

    def worth(self, member: str, price: int) -> Rational:
        """What compares for a price; the bare price in a lot without scoring."""
        return price

    def seen_by(self, member: str, other: str, price: int) -> Rational:
        """The price of the member that is as good as this one of another."""
        return price

    # What stands

    def better(self, one: Rational, other: Rational) -> bool:
        return one < other if self.direction is LotDirection.REVERSE else one > other

    def by(self, one: Rational, other: Rational) -> Rational:
        """By how much the one is better than the other."""
        return other - one if self.direction is LotDirection.REVERSE else one - other

    def standing(self) -> dict[str, int]:
        return dict(self.bids)

    def ranking(self) -> list[str]:
        prices = self.standing()
        reached = {member: self.bids.index((member, price)) for member, price in prices.items()}
        sign = 1 if self.direction is LotDirection.REVERSE else -1
        return sorted(prices, key=lambda member: (sign * self.worth(member, prices[member]), reached[member]))

    def lead(self) -> tuple[str, int] | None:
        ranking = self.ranking()
        return (ranking[0], self.standing()[ranking[0]]) if ranking else None

    def rank_of(self, member: str) -> int:
        ranking, prices = self.ranking(), self.standing()
        if member not in prices:
            return 0
        own = self.worth(member, prices[member])
        tied = [place for place, each in enumerate(ranking, 1) if self.worth(each, prices[each]) == own]
        if self.rules.tie_policy is TiePolicy.EQUAL_WORST:
            return tied[-1]
        if self.rules.tie_policy in (TiePolicy.EQUAL_BEST, TiePolicy.LOTTERY):
            return tied[0]
        return ranking.index(member) + 1

    # The rules, each a question about one price

    def step(self, price: Rational) -> int:
        step = self.min_step
        for band in self.rules.step_bands:
            inside = price > band.from_price or (
                price == band.from_price and self.direction is LotDirection.FORWARD
            )
            if inside:
                step = band.step
        while step * 10_000 < price * self.rules.step_bps or step % self.tick:
            step += 1
        return step

    def opening(self) -> int:
        reverse = self.direction is LotDirection.REVERSE
        return self.ceiling_price if reverse else max(self.rules.floor_price, self.tick)

    def broken(self, member: str, price: int) -> Iterator[str]:
        """Every rule that the price breaks, in the order in which they are told."""
        rules, own, lead = self.rules, self.standing().get(member), self.lead()
        lead_price = self.seen_by(member, *lead) if lead else None
        if price % self.tick:
            yield "PRICE_OFF_TICK"
        if price > self.ceiling_price:
            yield "BID_ABOVE_CEILING"
        if price < rules.floor_price:
            yield "BID_BELOW_FLOOR"
        if own is None and rules.qualification_price and self.better(rules.qualification_price, price):
            yield "NOT_QUALIFYING"
        improved: Rational | None = own
        if rules.improve_on is ImproveOn.MARKET_LEAD:
            improved = lead_price
        base = self.opening() if improved is None else improved
        gain = self.by(price, base)
        rival = lead_price if lead and lead[0] != member else None
        front = rules.front_buffer
        if rival is not None and front is None:
            front = self.step(rival)
        if (improved is not None and gain < self.step(base)) or (
            rival is not None and front is not None and 0 < self.by(price, rival) < front
        ):
            yield "STEP_TOO_SMALL"
        if rules.step_multiple_only and gain % self.step(base):
            yield "STEP_NOT_MULTIPLE"
        if rules.max_step and gain > rules.max_step:
            yield "STEP_TOO_LARGE"
        if rival is not None and 0 < self.by(rival, price) < rules.back_buffer:
            yield "TOO_NEAR_LEAD"
        if rules.tie_policy is TiePolicy.FORBID_FIRST and price == rival:
            yield "TIE_FORBIDDEN"
        if rules.tie_policy is TiePolicy.FORBID_ANY and any(
            self.seen_by(member, who, at) == price for who, at in self.standing().items() if who != member
        ):
            yield "TIE_FORBIDDEN"

    def next_taken(self, member: str, price: int) -> int:
        """Try every price from this one towards the better; 0 if there is none."""
        towards = -1 if self.direction is LotDirection.REVERSE else 1
        while 0 < price <= self.ceiling_price:
            if not list(self.broken(member, price)):
                return price
            price += towards
        return 0
