"""Scored lots as each viewer may see them: every supplier in its own terms, buyer and operator what compares.

Guarantees: a supplier is shown prices of its own that compare as those of others, never theirs, and nobody's
declaration but its own. Buyers and operators see declarations by alias.

Known limits: prices in own terms are rounded to the tick. A buyer that sets transformations isn't shown what
compares, since that would tell which supplier an alias is; the ranks may still let it guess.
"""

from fractions import Fraction
from typing import Any, Final

from msgspec import UNSET, UnsetType

from exchange.core.limits import PRICE_MAX
from exchange.core.market.board import Board, StandingBid
from exchange.core.market.lots.scoring import Declaration, Scores, Transformation
from exchange.core.market.sourcing import Lot
from exchange.core.messages import shown
from exchange.core.messages.lot_rules import LotDirection
from exchange.core.messages.shown_scoring import AliasScore, OwnScore
from exchange.core.values import divided_half_away
from exchange.core.visibility.bids import price_by_alias

_NOTHING: Final = Declaration((), ())
_PLAIN: Final = Transformation(1_000_000, 0)


def _own_terms(lot: Lot, viewer: str, bid: StandingBid) -> int:
    """The worst price of the viewer, of those that can be bid at all, that compares as well as the bid; 0 where none does."""
    tick, price = lot.tick_of(viewer), lot.board.in_terms_of(viewer, bid)
    if bid.member_id == viewer:
        return bid.price
    if lot.direction is LotDirection.REVERSE:
        return max(0, min(price, PRICE_MAX) // tick * tick)
    raised = -(-price // tick) * tick
    return raised if 0 < raised <= PRICE_MAX else 0


def scored_fields(lot: Lot, supplier: str, *, lead: bool, prices: bool) -> dict[str, Any]:
    """What a supplier is shown of a scored lot beside an unscored one: prices of others, if they are disclosed, as its
    own; by the names of the frame's fields.
    """
    told = {
        "lead_price": _lead(lot, supplier) if lead else UNSET,
        "prices": _prices(lot, supplier) if prices else UNSET,
        "own_score": _own_score(lot.board, supplier),
    }
    return {name: value for name, value in told.items() if value is not UNSET}


def _lead(lot: Lot, viewer: str) -> int | UnsetType:
    """0 while no bid stands; left out where no price of the viewer compares as well, or none is known to."""
    scores, lead = lot.board.scores, lot.board.lead
    if lead is None:
        return 0
    if scores is None or not scores.ready(viewer):
        return UNSET
    return _own_terms(lot, viewer, lead) or UNSET


def _prices(lot: Lot, viewer: str) -> list[shown.AliasPrice] | UnsetType:
    """Every alias's price as one of the viewer's, 0 where none compares as well; left out while none is known to."""
    scores = lot.board.scores
    if scores is None or not scores.ready(viewer):
        return UNSET
    return [
        shown.AliasPrice(bid.alias, _own_terms(lot, viewer, bid), bid.surrogate)
        for bid in lot.board.ranking()
    ]


def _own_score(board: Board, viewer: str) -> OwnScore | UnsetType:
    """How the viewer's prices compare, once that is known."""
    scores, own = board.scores, board.of(viewer)
    if scores is None or not scores.weighs or not scores.ready(viewer):
        return UNSET
    declared = scores.declared.get(viewer, _NOTHING)
    given = scores.transformed.get(viewer, _PLAIN)
    compared = UNSET if own is None else _rounded(scores.value_of(viewer, own.price))
    return OwnScore(declared.options, declared.amounts, given.factor_ppm, given.addend, compared)


def scores_by_alias(lot: Lot, *, is_operator: bool) -> list[AliasScore] | UnsetType:
    """What the bids of all aliases come to, best first."""
    scores = lot.board.scores
    if scores is None or not scores.weighs or (scores.scoring.transformed and not is_operator):
        return UNSET
    return [_alias_score(lot, scores, bid) for bid in lot.board.ranking()]


def _alias_score(lot: Lot, scores: Scores, bid: StandingBid) -> AliasScore:
    """Of the price that is shown with it, since the other would follow from what compares."""
    declared = scores.declared.get(bid.member_id, _NOTHING)
    price = Fraction(price_by_alias(lot, bid.alias, bid.price), lot.rate_of(bid.member_id))
    compared = _rounded(scores.value_of(bid.member_id, price))
    return AliasScore(bid.alias, compared, declared.options, declared.amounts)


def _rounded(value: Fraction) -> int:
    return divided_half_away(value.numerator, value.denominator)
