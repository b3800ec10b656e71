"""How the bids of a lot compare where it isn't by price alone.

Guarantees: exact. What compares is a fraction for each bidder's price, and two that are equal are equal here: no
float, no rounding. A bidder's lower price (forward: higher) is always the better one, so that its standing
follows its price. Decides neither who may declare nor when.

Inside, a fraction stands as one integer, its floor after a multiplication by `_SPREAD`: two different fractions
with divisors up to d lie at least 1/d^2 apart, so with a spread of d^2 or more their integers differ, in the
same order. Comparing those costs a tenth of comparing `Fraction`s.
"""

from fractions import Fraction
from math import lcm
from typing import Final

from msgspec import Struct

from exchange.core.limits import FACTOR_PPM_MAX
from exchange.core.market.lots.currencies import PPB, Currencies
from exchange.core.messages.lot_rules import LotDirection
from exchange.core.messages.scoring import Scoring

_WHOLE_BPS: Final = 10_000
_PPM: Final = 1_000_000
DIVISOR_MAX: Final = _PPM * _WHOLE_BPS
"""Of what compares: millionths of a factor by basis points of a coefficient."""
_SPREAD: Final = 1 << (2 * DIVISOR_MAX.bit_length())
_SPREAD_OF_RATES: Final = 1 << (2 * (DIVISOR_MAX * PPB).bit_length())
"""Where bids come in several currencies."""

assert FACTOR_PPM_MAX >= _PPM


class Declaration(Struct, frozen=True, array_like=True):
    """The options of features, by number from 1, and the amounts of costs, both in the order of the rules."""

    options: tuple[int, ...]
    amounts: tuple[int, ...]


class Transformation(Struct, frozen=True, array_like=True):
    """What compares for a price: factor x price + addend."""

    factor_ppm: int
    addend: int


class Weighing(Struct, frozen=True):
    """A bidder's prices as they compare: (factor x price + addend) / divisor."""

    factor: int  # positive
    addend: int
    divisor: int  # from 1 to DIVISOR_MAX, times the billionths of a rate

    def value_of(self, price: int | Fraction) -> Fraction:
        """What compares for a price."""
        return Fraction(self.factor * price + self.addend, self.divisor)

    def price_at(self, value: Fraction) -> Fraction:
        """The price that compares as this value; between two prices, or below all of them, it may be."""
        return Fraction(value * self.divisor - self.addend, self.factor)


class Scores:
    """The scoring of one lot with what its bidders declared and its buyer set."""

    def __init__(
        self,
        scoring: Scoring,
        direction: LotDirection = LotDirection.REVERSE,
        declared: dict[str, Declaration] | None = None,
        transformed: dict[str, Transformation] | None = None,
        currencies: Currencies | None = None,
    ) -> None:
        self.scoring = scoring
        self.currencies = currencies
        self._spread = _SPREAD if currencies is None else _SPREAD_OF_RATES
        self.direction = direction
        self.declared = dict(declared or {})
        self.transformed = dict(transformed or {})
        self._weighings: dict[str, tuple[Weighing, int, int]] = {}

    @property
    def asks(self) -> bool:
        """Whether a bidder has something to declare."""
        return bool(self.scoring.features or self.scoring.costs)

    @property
    def weighs(self) -> bool:
        """Whether anything but the price and its currency compares."""
        return self.asks or self.scoring.transformed

    def ready(self, member_id: str) -> bool:
        """Whether it is known how the member's prices compare."""
        return not self.asks or member_id in self.declared

    def declare(self, member_id: str, declaration: Declaration) -> None:
        """Take a declaration of a member that has not bid."""
        self.declared[member_id] = declaration
        self._weighings.pop(member_id, None)

    def transform(self, member_id: str, transformation: Transformation) -> None:
        """Take a transformation of a member that has not bid."""
        self.transformed[member_id] = transformation
        self._weighings.pop(member_id, None)

    def choose(self, member_id: str) -> None:
        """A member that has not bid will bid in another currency."""
        self._weighings.pop(member_id, None)

    def weighing_of(self, member_id: str) -> Weighing:
        """How the prices of a member compare that is ready."""
        return self._known(member_id)[0]

    def key(self, member_id: str, price: int) -> int:
        """Smaller is better, and equal is equal, among all bidders of the lot."""
        weighing, factor, addend = self._known(member_id)
        return (factor * price + addend) // weighing.divisor

    def value_of(self, member_id: str, price: int | Fraction) -> Fraction:
        """What compares for a price of the member."""
        return self.weighing_of(member_id).value_of(price)

    def in_terms_of(self, member_id: str, other_id: str, price: int) -> Fraction:
        """The price of the member that compares as this price of another."""
        return self.weighing_of(member_id).price_at(self.value_of(other_id, price))

    def _known(self, member_id: str) -> tuple[Weighing, int, int]:
        known = self._weighings.get(member_id)
        if known is None:
            weighing = self._weighed(member_id)
            spread = self._spread if self.direction is LotDirection.REVERSE else -self._spread
            known = weighing, weighing.factor * spread, weighing.addend * spread
            self._weighings[member_id] = known
        return known

    def _weighed(self, member_id: str) -> Weighing:
        assert self.ready(member_id), "whoever bids has declared"
        given = self.transformed.get(member_id)
        factor, addend = (Fraction(given.factor_ppm, _PPM), given.addend) if given else (Fraction(1), 0)
        if self.currencies is not None:
            factor *= self.currencies.rate_of(member_id)
        declared = self.declared.get(member_id)
        if declared is not None:
            addend += costs_of(self.scoring, declared.amounts)
        weight = coefficient(self.scoring, declared.options if declared else ())
        if self.direction is LotDirection.REVERSE:
            weight = Fraction(1, weight)
        factor, shift = factor * weight, addend * weight
        divisor = lcm(factor.denominator, shift.denominator)
        assert divisor * divisor <= self._spread
        return Weighing(int(factor * divisor), int(shift * divisor), divisor)


def coefficient(scoring: Scoring, options: tuple[int, ...]) -> Fraction:
    """1 + the weights of these options / (1 - the largest weights that could be)."""
    weights = sum(
        feature.options[number - 1].weight_bps
        for feature, number in zip(scoring.features, options, strict=bool(options))
    )
    return 1 + Fraction(weights, _WHOLE_BPS - weights_max_bps(scoring))


def weights_max_bps(scoring: Scoring) -> int:
    """The sum of the largest weight of each feature."""
    return sum(max(option.weight_bps for option in feature.options) for feature in scoring.features)


def costs_of(scoring: Scoring, amounts: tuple[int, ...]) -> int:
    """What the declared amounts cost, in the unit of the price."""
    return sum(cost.price * amount for cost, amount in zip(scoring.costs, amounts, strict=True))
