"""What buyer, winners and bidders may read of a result, and what a supplier is told of its bond and its default.

Guarantees: a winner reads its own part, the buyer every part; nobody learns another's bond. `award_news` has what is
told at once.
"""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from exchange.core.market.lots.awards import LotAward
from exchange.core.market.lots.currencies import converted
from exchange.core.market.sourcing import Lot, LotState, SourcingEvent
from exchange.core.messages.awards import BondMoved, WinnerDefaulted, WonPart
from exchange.core.messages.lot_rules import ResultDisclosure
from exchange.core.messages.shown_awards import OwnBond, OwnDefault
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


def show_bond(event: BondMoved, viewer: str) -> Sequence[OwnBond]:
    """To its supplier alone: who has placed one is nobody else's to know."""
    if event.member_id != viewer:
        return ()
    return (OwnBond(event.event_id, event.state, event.currency, event.amount_minor, event.reason),)


def show_default(event: WinnerDefaulted, viewer: str) -> Sequence[OwnDefault]:
    """To the winner that was; the buyer sees it in the lot."""
    return (OwnDefault(event.lot_id, event.reason),) if event.member_id == viewer else ()
