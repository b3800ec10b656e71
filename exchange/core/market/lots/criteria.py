"""Whether the criteria of a scored lot fit together and into its rules, asked while it is drafted; and whether
a declaration fits them.
"""

from collections.abc import Iterator, Sequence

from exchange.core.limits import PRICE_MAX, WEIGHTS_BPS_MAX
from exchange.core.market.lots.scoring import Declaration, costs_of, weights_max_bps
from exchange.core.messages.lot_rules import ImproveOn, LotDirection, LotRules
from exchange.core.messages.scoring import Scoring
from exchange.core.rejects import Reject, RejectCode


def scoring_refusal(rules: LotRules, direction: LotDirection) -> Reject | None:
    """SCORING_CONTRADICTS with the field that spoils it.

    Contradictions: nothing that is scored; a name twice; a feature whose options weigh all the same; weights
    that add up to more than WEIGHTS_BPS_MAX at best (told as bound); costs of life cycle in a forward lot; whole
    steps from a lead that lies between two ticks in other terms; a price at which anybody may buy at once.
    """
    if rules.scoring is None:
        return None
    for name, bound, spoilt in _contradictions(rules, rules.scoring, direction):
        if spoilt:
            return Reject(RejectCode.SCORING_CONTRADICTS, bound, name)
    return None


def _contradictions(
    rules: LotRules, scoring: Scoring, direction: LotDirection
) -> Iterator[tuple[str, int, bool]]:
    features, costs = scoring.features, scoring.costs
    on_lead = rules.improve_on is ImproveOn.MARKET_LEAD
    yield "rules.scoring", 0, not (features or costs or scoring.transformed)
    yield "rules.scoring.features", 0, _twice([feature.name for feature in features])
    for feature in features:
        yield "rules.scoring.features", 0, _twice([option.name for option in feature.options])
        weights = [option.weight_bps for option in feature.options]
        yield "rules.scoring.features", 0, min(weights) == max(weights)
    yield "rules.scoring.features", WEIGHTS_BPS_MAX, weights_max_bps(scoring) > WEIGHTS_BPS_MAX
    yield "rules.scoring.costs", 0, _twice([cost.name for cost in costs])
    yield "rules.scoring.costs", 0, bool(costs) and direction is LotDirection.FORWARD
    yield "rules.step_multiple_only", 0, rules.step_multiple_only and on_lead
    yield "rules.buy_now_price", 0, rules.buy_now_price > 0


def _twice(names: Sequence[str]) -> bool:
    return len(dict.fromkeys(names)) < len(names)


def declaration_refusal(scoring: Scoring, declaration: Declaration) -> Reject | None:
    """DECLARATION_UNFIT (how many options or amounts there must be; the last number that an option can have),
    COSTS_TOO_LARGE.
    """
    for name, given, needed in (
        ("options", declaration.options, len(scoring.features)),
        ("amounts", declaration.amounts, len(scoring.costs)),
    ):
        if len(given) != needed:
            return Reject(RejectCode.DECLARATION_UNFIT, needed, name)
    for number, feature in zip(declaration.options, scoring.features, strict=True):
        if not 1 <= number <= len(feature.options):
            return Reject(RejectCode.DECLARATION_UNFIT, len(feature.options), "options")
    if costs_of(scoring, declaration.amounts) > PRICE_MAX:
        return Reject(RejectCode.COSTS_TOO_LARGE, PRICE_MAX, "amounts")
    return None
