"""What a bidder alone is shown (the limit of its proxy, what became of its bids), and what its alias is shown with.

Guarantees: where several currencies are bid in, a price under an alias is on the event's tick, whatever it was bid in:
what lies between two ticks would tell that it is another, and a currency may tell whose bid it is.

Known limits: where the tick of a currency is worth more than the event's, its prices miss some of the event's ticks;
unit prices of lines are on none. What compares is exact, so two aliases may show one price and yet be ranked.
"""

from collections.abc import Sequence
from fractions import Fraction

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from exchange.core.market.lots.currencies import converted
from exchange.core.market.lots.pricing import amount_minor
from exchange.core.market.sourcing import Lot, SourcingEvent
from exchange.core.messages.awards import WonPart
from exchange.core.messages.bids import BidMarked, BidRevoked, ProxyEnded
from exchange.core.messages.shown_bids import OwnBidRevoked, OwnProxyEnded, OwnSurrogateBid


def show_limit(lot: Lot, viewer: str) -> int | UnsetType:
    """Up to which the lot bids for the viewer; to nobody else, operators included."""
    proxy = lot.proxy
    return UNSET if proxy is None or proxy.member_id != viewer or not lot.running else proxy.limit_price


def price_by_alias(lot: Lot, alias: int, price: int) -> int:
    """A price under an alias as buyer and operator are shown it before an award: to the nearest tick of the event's
    currency, and one tick at least.
    """
    if lot.currencies is None:
        return price
    ticks = converted(price, Fraction(lot.rate_of(lot.board.bidder(alias)), lot.tick))
    return max(ticks, 1) * lot.tick


def unit_price_by_alias(lot: Lot, alias: int, price: int) -> int:
    """The same of one line, whose prices are on no tick: rounded to the event's decimals."""
    return converted(price, lot.rate_of(lot.board.bidder(alias)))


def expected_by_alias(event: SourcingEvent, lot: Lot, parts: Sequence[WonPart]) -> list[WonPart]:
    """What would be awarded now as buyer and operator are shown it: with its price, and the amount that follows from that."""
    if lot.currencies is None:
        return list(parts)
    shown = [(part, price_by_alias(lot, part.alias, part.price)) for part in parts]
    return [
        replace(part, price=price, amount_minor=amount_minor(event, price, part.quantity))
        for part, price in shown
    ]


def bidder(event: BidMarked | BidRevoked | ProxyEnded) -> tuple[str, ...]:
    """Whose bid or proxy it was."""
    return (event.member_id,)


def tell_revoked(event: BidRevoked, viewer: str) -> Sequence[OwnBidRevoked]:
    """To its bidder."""
    if event.member_id != viewer:
        return ()
    return (OwnBidRevoked(event.lot_id, event.number, event.price, event.reason, event.by_operator),)


def tell_ended(event: ProxyEnded, viewer: str) -> Sequence[OwnProxyEnded]:
    """To its bidder."""
    return (OwnProxyEnded(event.lot_id, event.cause),) if event.member_id == viewer else ()


def tell_marked(event: BidMarked, viewer: str) -> Sequence[OwnSurrogateBid]:
    """To its bidder."""
    if event.member_id != viewer:
        return ()
    return (OwnSurrogateBid(event.lot_id, event.number, event.price, event.reason),)
