"""A scored lot by the book: what compares is worked out anew, in fractions, at every question. Slow and obvious."""

from dataclasses import dataclass, field
from fractions import Fraction

from exchange.core.messages.lot_rules import LotDirection
from tests.models.admission import NaiveAdmission


@dataclass
class NaiveScoredLot(NaiveAdmission):
    """`declared` and `transformed` hold (options, amounts) and (factor, addend) by member."""

    declared: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = field(default_factory=dict)
    transformed: dict[str, tuple[Fraction, int]] = field(default_factory=dict)

    def worth(self, member: str, price: int | Fraction) -> Fraction:
        factor, addend = self.transformed.get(member, (Fraction(1), 0))
        compared = factor * price + addend + self.later_costs(member)
        if self.direction is LotDirection.FORWARD:
            return compared * self.coefficient(member)
        return compared / self.coefficient(member)

    def coefficient(self, member: str) -> Fraction:
        """1 + sum(v) / (1 - Vmax), both in basis points of 1."""
        scoring = self.rules.scoring
        assert scoring is not None
        options = self.declared.get(member, ((), ()))[0]
        weights = most = 0
        for number, feature in enumerate(scoring.features):
            shares = [option.weight_bps for option in feature.options]
            most += max(shares)
            weights += shares[options[number] - 1]
        return 1 + Fraction(weights, 10_000 - most)

    def later_costs(self, member: str) -> int:
        scoring = self.rules.scoring
        assert scoring is not None
        amounts = self.declared.get(member, ((), ()))[1]
        return sum(scoring.costs[number].price * amount for number, amount in enumerate(amounts))

    def seen_by(self, member: str, other: str, price: int) -> Fraction:
        """Two points of a straight line tell all of it."""
        at_none, at_one = self.worth(member, 0), self.worth(member, 1)
        return (self.worth(other, price) - at_none) / (at_one - at_none)

    def ready(self, member: str) -> bool:
        scoring = self.rules.scoring
        assert scoring is not None
        return member in self.declared or not (scoring.features or scoring.costs)
