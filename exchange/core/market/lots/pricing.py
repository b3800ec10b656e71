"""What a lot is worth to its winner: its own price, or that of the next best bid.

Guarantees: pure functions of *values* (a price, negative in forward lots, so that the smaller one is better).
Where the next best bid counts, a winner never gets a worse price than its own bid as long as that meets the bound.
"""

from collections.abc import Sequence

from exchange.core.market.board import StandingBid
from exchange.core.market.lots.admission import opening_price
from exchange.core.market.lots.formats import format_of
from exchange.core.market.sourcing import Lot, SourcingEvent
from exchange.core.messages.lot_rules import LotDirection
from exchange.core.values import divided_half_away, minor_per_price


def uniform_value(ranked: Sequence[int], winners: int, bound: int) -> int:
    """The value that all winners get: that of the best bid that doesn't win, or the bound where that is better.

    `ranked` are the values of all valid bids, best first. For one winner this is the second price of a Vickrey
    auction; where the two best tie, it is the winner's own.
    """
    assert winners > 0
    return min(ranked[winners], bound) if len(ranked) > winners else bound


def awarded_price(lot: Lot, bid: StandingBid) -> int:
    """What the bidder gets, or in a forward lot pays, if the lot is awarded to this bid.

    Second price: the next bid after its own in the ranking, or the reserve or the opening price where that is
    nearer. A buyer that awards past better bids pays as if those had not been made.
    """
    if not format_of(lot.rules).second_price:
        return bid.price
    sign = 1 if lot.direction is LotDirection.REVERSE else -1
    ranked = [sign * each.price for each in lot.board.ranking()]
    place = lot.board.place_of(bid.member_id) - 1
    opening, reserve = opening_price(lot), lot.rules.reserve_price
    bound = min(sign * opening, sign * (reserve or opening))
    return sign * uniform_value(ranked[place:], 1, bound)


def amount_minor(event: SourcingEvent, price: int, quantity: int) -> int:
    """What the quantity costs, in minor units of the event's currency, rounded once."""
    numerator, denominator = minor_per_price(event.currency, event.price_scale)
    return divided_half_away(price * quantity * numerator, denominator)
