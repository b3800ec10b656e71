"""Lots of several lines as each viewer may see them.

Guarantees: unit prices of a bid are shown to its bidder, and by alias to buyer and operator; other suppliers never
learn them, nor that there are any, whatever the event discloses.
"""

from msgspec import UNSET, UnsetType

from exchange.core.market.board import StandingBid
from exchange.core.market.lots.currencies import converted
from exchange.core.market.lots.lines import line_amounts
from exchange.core.market.sourcing import Lot, SourcingEvent
from exchange.core.messages.shown_lines import AliasLines, OwnLines


def own_lines(event: SourcingEvent, lot: Lot, own: StandingBid) -> OwnLines | UnsetType:
    """The lines of the viewer's bid; left out where it is a total alone."""
    prices = lot.line_prices.get(own.bid_number)
    return UNSET if prices is None else OwnLines(prices, line_amounts(event, lot, own.member_id, prices))


def lines_by_alias(event: SourcingEvent, lot: Lot) -> list[AliasLines] | UnsetType:
    """The lines of all standing bids that say them, best first; left out where the lot has none."""
    if not lot.rules.lines:
        return UNSET
    return [
        AliasLines(
            bid.alias,
            tuple(converted(price, lot.rate_of(bid.member_id)) for price in prices),
            line_amounts(event, lot, bid.member_id, prices),
        )
        for bid in lot.board.ranking()
        if (prices := lot.line_prices.get(bid.bid_number)) is not None
    ]
