"""What a lot is worth to its winner: its own price, or that of the next best bid.

Guarantees: pure functions of *values* (a price, negative in forward lots, so that the smaller one is better).
Where the next best bid counts, a winner never gets a worse price than its own bid as long as that meets the bound.

Where bids compare by scores, the next best bid's price means nothing to the winner: it gets the price at which its own
score would be that bid's (the second-score auction of Che, "Design competition through multidimensional auctions",
RAND Journal of Economics 24, 1993; its price alone, as what was declared is fixed). That price may lie between two
ticks. It is rounded down, in a forward lot up: so it is the price nearest to it at which the winner still ranks no
worse than that bid, and since its own bid is such a price and on the tick, it never loses by the rounding.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import islice

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


def awarded_price(lot: Lot, bid: StandingBid, last: StandingBid | None = None) -> int:
    """What the bidder gets, or in a forward lot pays, if the lot is awarded to this bid; `last` is the one that ranks
    last of all that win, where they are several.

    Second price: that of the next bid in the ranking after all that win, in the bidder's own terms, or the reserve or
    the opening price where that is nearer. A buyer that awards past better bids pays as if those had not been made.
    """
    if not format_of(lot.rules).second_price:
        return bid.price
    sign = 1 if lot.direction is LotDirection.REVERSE else -1
    board = lot.board
    place = board.place_of((last or bid).member_id) - 1
    met = [
        sign * board.in_terms_of(bid.member_id, each) for each in islice(board.ranking(), place, place + 2)
    ]
    opening, reserve = opening_price(lot), lot.rules.reserve_price
    bound = min(sign * opening, sign * (reserve or opening))
    tick, rate = lot.tick_of(bid.member_id), lot.rate_of(bid.member_id)
    on_tick = [int(each // tick) * tick for each in (*met, Fraction(bound, rate))]
    return sign * uniform_value(on_tick[:-1], 1, on_tick[-1])


def amount_minor(event: SourcingEvent, price: int, quantity: int, rate: int | Fraction = 1) -> int:
    """What the quantity costs, in minor units of the event's currency, rounded once; `rate` is that of a price in
    another currency.
    """
    numerator, denominator = minor_per_price(event.currency, event.price_scale)
    rated, divisor = rate.as_integer_ratio()
    return divided_half_away(price * quantity * numerator * rated, denominator * divisor)
