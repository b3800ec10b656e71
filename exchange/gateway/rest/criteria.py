"""The scoring of a lot as REST writes it: costs and what compares as decimal strings, weights in basis points.

Guarantees: exact both ways, but for what compares, which is rounded to the decimals of a price.
"""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from exchange.core.limits import CRITERIA_MAX
from exchange.core.messages.scoring import CostRate, Feature, Scoring
from exchange.core.messages.shown_scoring import AliasScore, OwnScore
from exchange.gateway.decoding import price_of
from exchange.gateway.notation import Decimals, ShortText, SignedDecimals, decimal_of

FACTOR_SCALE: Final = 6
"""Decimals of a factor."""


class DecimalCost(Struct, frozen=True, forbid_unknown_fields=True):
    """What the goods cost later: so much for each of what a bidder declares, in the unit of its price."""

    name: ShortText
    price: Decimals


class ScoringBody(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What compares is (factor x price + addend + costs) / coefficient, in a forward lot times coefficient.

    The coefficient is 1 + the weights declared / (1 - the largest that could be). Where `transformed`, the buyer
    may set factor and addend for each supplier.
    """

    features: Annotated[list[Feature], Meta(max_length=CRITERIA_MAX)] = []
    costs: Annotated[list[DecimalCost], Meta(max_length=CRITERIA_MAX)] = []
    transformed: bool = False


class OwnScoreShown(Struct, frozen=True, omit_defaults=True):
    """How own prices compare; `compared` is what the own bid comes to, rounded."""

    options: tuple[int, ...]
    amounts: tuple[int, ...]
    factor: Decimals
    addend: SignedDecimals
    compared: SignedDecimals | UnsetType = UNSET


class AliasScoreShown(Struct, frozen=True):
    """What the bid under an alias comes to, rounded, and what it was declared to stand for."""

    alias: int
    compared: SignedDecimals
    options: tuple[int, ...]
    amounts: tuple[int, ...]


def scoring_of(body: ScoringBody, scale: int) -> Scoring:
    """The scoring in integers; refuses a cost that doesn't fit the scale."""
    costs = [CostRate(each.name, price_of("rules.scoring.costs", each.price, scale)) for each in body.costs]
    return Scoring(body.features, costs, body.transformed)


def scoring_body(scoring: Scoring, scale: int) -> ScoringBody:
    """The scoring as it is shown."""
    costs = [DecimalCost(each.name, decimal_of(each.price, scale)) for each in scoring.costs]
    return ScoringBody(scoring.features, costs, scoring.transformed)


def own_score_shown(score: OwnScore, scale: int) -> OwnScoreShown:
    """The viewer's own."""
    return OwnScoreShown(
        score.options,
        score.amounts,
        decimal_of(score.factor_ppm, FACTOR_SCALE),
        decimal_of(score.addend, scale),
        UNSET if score.compared is UNSET else decimal_of(score.compared, scale),
    )


def alias_scores_shown(scores: list[AliasScore], scale: int) -> list[AliasScoreShown]:
    """Those of all aliases."""
    return [
        AliasScoreShown(each.alias, decimal_of(each.compared, scale), each.options, each.amounts)
        for each in scores
    ]
