"""What a supplier is shown of itself in a lot: its bid, its rank, what it may bid next.

Guarantees: nothing of anybody else beyond what the event discloses. What is the same for all suppliers is found once,
since a bid may have to be told to ten thousand of them.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec import UNSET, Struct, UnsetType

from exchange.core.market.lots.admission import Bounds, next_price
from exchange.core.market.lots.formats import format_of
from exchange.core.market.lots.prebids import shut_out, takes_prebids
from exchange.core.market.lots.rounds import turn_refusal
from exchange.core.market.lots.sight import sight_in
from exchange.core.market.sourcing import Lot, LotState, SourcingEvent
from exchange.core.messages import shown
from exchange.core.messages.lot_rules import LotDirection, Prebid
from exchange.core.messages.shown_lots import LotClock
from exchange.core.visibility.bids import show_limit
from exchange.core.visibility.gaps import gap_fields
from exchange.core.visibility.lines import own_lines
from exchange.core.visibility.lot_clocks import own_clock
from exchange.core.visibility.scores import scored_fields
from exchange.core.visibility.sealed import show_sealed

_OPEN: Final = LotState.OPEN
_FORWARD: Final = LotDirection.FORWARD
_REQUIRED: Final = Prebid.REQUIRED

Told = int | UnsetType
OwnStanding = tuple[Told, Told, Told, Told]
"""Price, rank and alias of a supplier's bid, and its next one; unset where it has none or isn't shown it."""


def own_names(lot: Lot) -> tuple[str, str, str, str]:
    """How the parts of an own standing are called in a frame."""
    return "own_price", "own_rank", "own_alias", "bid_min" if lot.direction is _FORWARD else "bid_max"


class OwnSide(Struct, frozen=True):
    """What decides it at one moment. `standing` is for all suppliers; most have no `more`."""

    event: SourcingEvent
    lot: Lot
    bounds: Bounds | None  # of the bids that suppliers may make now; nothing where none are taken
    clock: LotClock | UnsetType = UNSET  # as all suppliers see it
    winner_id: str = ""  # alone learns who the buyer is; empty where nobody has won
    counts: bool = False  # whether numbers are told, and an own alias is one
    names_winner: bool = (
        False  # to the winner alone: not where all are told the alias, which one frame tells once
    )
    ranks: bool = True
    lead_in_own_terms: bool = False  # scored: whether the lead, and all others, are told as own prices
    prices_in_own_terms: bool = False
    gaps: bool = False  # whether it is told how far it is behind the lead
    bars: bool = False  # whether a supplier may be kept from bidding while others are not
    extras: bool = False  # whether any supplier may have `more`
    few: tuple[str, ...] = ()  # who may, where not any may

    def standing(self, viewer: str, rank_of: Callable[[int], int]) -> OwnStanding:
        """`rank_of` is by alias. The next bid, the worst that is taken, is there while bids are taken: 0 where none would
        be, and drawn from the own bid alone where the lead is hidden.
        """
        own, bounds = self.lot.board.of(viewer), self.bounds
        following: Told = UNSET
        if bounds is not None:
            usual = bounds.usual_next(own)
            following = next_price(bounds, viewer) if usual is None else usual
            if self.bars and self._barred(viewer):
                following = 0
        if own is None:
            return UNSET, UNSET, UNSET, following
        rank = rank_of(own.alias) if self.ranks else UNSET
        alias = own.alias if self.counts else UNSET
        return own.price, rank, alias, following

    def _barred(self, viewer: str) -> bool:
        return shut_out(self.event, self.lot, viewer) or turn_refusal(self.lot, viewer, 0) is not None

    def more(self, viewer: str) -> dict[str, Any]:
        """What else there is, by the names of the frame's fields; what the viewer doesn't have is left out."""
        lot = self.lot
        told: dict[str, Any] = {}
        own = lot.board.of(viewer)
        if own is not None and (lines := own_lines(self.event, lot, own)) is not UNSET:
            told["own_lines"] = lines
        if self.gaps:
            told |= gap_fields(lot, viewer, self.event.disclosure)
        if self.winner_id == viewer:
            if not self.event.from_stock:
                told["buyer_id"] = self.event.buyer_id
            if self.names_winner:
                told["awarded_alias"] = lot.awarded_alias
        if lot.currencies is not None and (currency := lot.currencies.of(viewer)) is not None:
            told["own_currency"] = currency
        if (limit := show_limit(lot, viewer)) is not UNSET:
            told["own_limit"] = limit
        if lot.sealed is not None:
            told["sealed"] = show_sealed(lot, viewer, insider=False)
        if self.clock is not UNSET:
            told["clock"] = own_clock(self.clock, lot, viewer, own)
        if lot.board.scores is not None:
            told |= scored_fields(lot, viewer, lead=self.lead_in_own_terms, prices=self.prices_in_own_terms)
        return told

    def fields(self, viewer: str) -> dict[str, Any]:
        """All of it, by the names of the frame's fields."""
        standing = zip(own_names(self.lot), self.standing(viewer, self.lot.board.rank_of_alias), strict=True)
        return {name: value for name, value in standing if value is not UNSET} | self.more(viewer)


def own_side(
    event: SourcingEvent,
    lot: Lot,
    told: shown.Lot,
    winner_id: str = "",
    *,
    ranks: bool = True,
    revealed: bool = True,
    newcomer: bool = False,
) -> OwnSide:
    """The own side of a lot of which all suppliers of a class are told so much; `revealed`: whether bids are compared
    yet, and those who have not bid may see it.
    """
    disclosure, scored = event.disclosure, lot.board.scores is not None
    revealed = revealed and not newcomer
    gaps = revealed and (disclosure.gap or disclosure.light is not None)
    return OwnSide(
        event,
        lot,
        _bounds(event, lot, newcomer=newcomer),
        told.clock,
        winner_id,
        counts=told.participants is not UNSET,
        names_winner=told.participants is not UNSET and told.awarded_alias is UNSET,
        ranks=ranks,
        lead_in_own_terms=scored and revealed and event.discloses_lead,
        prices_in_own_terms=scored and revealed and disclosure.prices_by_alias,
        gaps=gaps,
        bars=event.rules.prebid is _REQUIRED or lot.hands.number > 0,
        extras=gaps or scored or told.clock is not UNSET or lot.sealed is not None or bool(lot.line_prices),
        few=(winner_id, lot.proxy.member_id if lot.proxy else ""),
    )


def _bounds(event: SourcingEvent, lot: Lot, *, newcomer: bool) -> Bounds | None:
    taken = (lot.state is _OPEN and format_of(lot.rules).takes_bids) or takes_prebids(event, lot)
    return Bounds(lot, sight_in(event, lot, newcomer=newcomer)) if taken else None
