"""What buyer, winners and bidders are shown of what follows a close.

Guarantees: a winner learns the buyer and its own part, the buyer every part; nobody learns another's bond or fee.
"""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from exchange.core.market.lots.awards import LotAward
from exchange.core.market.lots.currencies import converted
from exchange.core.market.sourcing import Lot, LotState, SourcingEvent
from exchange.core.messages.awards import (
    BondMoved,
    LotSplit,
    SuccessFeeCharged,
    SuccessFeeReturned,
    WinnerDefaulted,
    WonPart,
)
from exchange.core.messages.base import Side
from exchange.core.messages.lot_rules import ResultDisclosure
from exchange.core.messages.lot_sales import LotSaleMoved, SaleState
from exchange.core.messages.shown import OwnAward
from exchange.core.messages.shown_awards import OwnBond, OwnDefault, OwnSale, OwnSuccessFee
from exchange.core.visibility.lots import Relation


class Result(NamedTuple):
    """What a viewer is told: parts without what it may not know (0 and empty), and its own rank (0: it has none).

    `currencies` are those of the parts' prices: who isn't told the winner's is told its price in the event's.
    """

    parts: list[WonPart]
    own_rank: int
    currencies: list[str]


def show_result(event: SourcingEvent, lot: Lot, award: LotAward, viewer: str, seen_as: Relation) -> Result:
    """To buyer and operator everything, to a seller all but the names, to a winner its own part, to other bidders what the event's rules disclose.

    Whoever has not bid is told nothing; ranks are told once the lot is closed. In a practice event nobody learns who won.
    """
    if seen_as is not Relation.SUPPLIER:
        unnamed = event.practice or seen_as is Relation.SELLER
        parts = [_unnamed(lot, part) if unnamed else part for part in award.parts]
        return Result(parts, 0, [event.currency_of(part.winner_id) for part in parts])
    if lot.board.of(viewer) is None or lot.state not in (LotState.CLOSED, LotState.AWARDED):
        return Result([], 0, [])
    told = event.rules.results
    parts, currencies = [], []
    for part in award.parts:
        own = part.winner_id == viewer
        names = told is ResultDisclosure.WINNER and not event.practice
        if own or told is not ResultDisclosure.OWN:
            shown = part if own else replace(_unnamed(lot, part), winner_id=part.winner_id if names else "")
            parts.append(replace(shown, alias=0))
            currencies.append(event.currency_of(viewer) if own else event.currency)
    return Result(parts, lot.board.rank_of(viewer), currencies)


def _unnamed(lot: Lot, part: WonPart) -> WonPart:
    """Without its winner, and with its price in the event's currency, since another may tell whose it is."""
    return replace(part, winner_id="", price=converted(part.price, lot.rate_of(part.winner_id)))


def sides_of_split(event: LotSplit) -> tuple[str, ...]:
    """The buyer and every winner, each once."""
    return tuple(dict.fromkeys((event.buyer_id, *(part.winner_id for part in event.parts))))


def show_split(event: LotSplit, viewer: str) -> Sequence[OwnAward]:
    """To the buyer each part, to a winner its own."""
    return [
        OwnAward(
            event.lot_id,
            part.winner_id if viewer == event.buyer_id else event.buyer_id,
            part.price,
            part.quantity,
            part.amount_minor,
        )
        for part in event.parts
        if viewer in (event.buyer_id, part.winner_id)
    ]


def show_bond(event: BondMoved, viewer: str) -> Sequence[OwnBond]:
    """To its supplier alone: who has placed one is nobody else's to know."""
    if event.member_id != viewer:
        return ()
    return (OwnBond(event.event_id, event.state, event.currency, event.amount_minor, event.reason),)


def show_default(event: WinnerDefaulted, viewer: str) -> Sequence[OwnDefault]:
    """To the winner that was; the buyer sees it in the lot."""
    return (OwnDefault(event.lot_id, event.reason),) if event.member_id == viewer else ()


def sides_of_sale(event: LotSaleMoved) -> tuple[str, ...]:
    """Winner and seller, each once."""
    return tuple(dict.fromkeys((event.winner_id, event.seller_id)))


def show_sale(event: LotSaleMoved, viewer: str) -> Sequence[OwnSale]:
    """Each side by itself: to the winner what it pays, to the seller the price."""
    terms = event.lot_id, event.state, event.price, event.quantity
    if viewer == event.winner_id:
        return (OwnSale(*terms, Side.BUY, event.need_minor, event.due_us, event.contract_id),)
    if viewer == event.seller_id:
        contract_id = event.lot_id if event.state is SaleState.PAID else ""
        return (OwnSale(*terms, Side.SELL, event.amount_minor, event.due_us, contract_id),)
    return ()


def payer_of(event: SuccessFeeCharged | SuccessFeeReturned) -> tuple[str, ...]:
    """Whoever owes it."""
    return (event.payer,)


def show_fee(event: SuccessFeeCharged | SuccessFeeReturned, viewer: str) -> Sequence[OwnSuccessFee]:
    """To its payer."""
    if event.payer != viewer:
        return ()
    returned = isinstance(event, SuccessFeeReturned)
    return (OwnSuccessFee(event.lot_id, event.fee_minor, event.tax_minor, returned),)
