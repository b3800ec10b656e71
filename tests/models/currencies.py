"""A lot that is bid for in several currencies: all is worked out in fractions of the event's. Slow and obvious."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from tests.models.scoring import NaiveScoredLot


@dataclass
class NaivePricedLot(NaiveScoredLot):
    """`bids` are worths in the event's currency. `rates` and `ticks` are by member; who has none bids in the event's."""

    rates: dict[str, Fraction] = field(default_factory=dict)
    ticks: dict[str, int] = field(default_factory=dict)

    def rate(self, member: str) -> Fraction:
        return self.rates.get(member, Fraction(1))

    def own_tick(self, member: str) -> int:
        return self.ticks.get(member) or self.tick

    def worth(self, member: str, price: int | Fraction) -> Fraction:
        return Fraction(price) if self.rules.scoring is None else super().worth(member, price)

    def seen_by(self, member: str, other: str, price: int) -> Fraction:
        return Fraction(price) if self.rules.scoring is None else super().seen_by(member, other, price)

    def says(self, member: str, price: int) -> list[str]:
        """Every rule that a price in the member's currency breaks, the tick of it first."""
        broken = [each for each in self.broken(member, self.rate(member) * price) if each != "PRICE_OFF_TICK"]
        return ["PRICE_OFF_TICK", *broken] if price % self.own_tick(member) else broken

    def broken(self, member: str, price: int | Fraction) -> Iterator[str]:
        return super().broken(member, price)  # type: ignore[arg-type]

    def prices(self, member: str) -> list[int]:
        """All that lie between nothing and the ceiling, the worst for the bidder's aim first."""
        last = int(self.ceiling_price / self.rate(member))
        every = range(1, last + 1)
        return list(every) if self.direction == "forward" else list(reversed(every))

    def next_in(self, member: str, worst: int | None = None) -> int:
        """Of these the first that is taken, from this one on; 0 if there is none."""
        every = self.prices(member)
        if worst is not None:
            every = [
                each for each in every if (each >= worst if self.direction == "forward" else each <= worst)
            ]
        return next((each for each in every if not self.says(member, each)), 0)
