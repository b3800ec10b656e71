"""Sourcing events and their lots as each viewer may see them.

Guarantees: those of the room. Rules of a lot are shown without what is the buyer's secret.

Known limits: an own rank of seven tells that there are six others, whatever the disclosure.
"""

from enum import StrEnum
from typing import Final

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from exchange.core.market.lots.admission import meets_reserve, next_price
from exchange.core.market.lots.formats import format_of
from exchange.core.market.lots.rounds import sight_in, takes_first_prices, turn_refusal
from exchange.core.market.sourcing import EventState, Lot, LotState, SourcingEvent
from exchange.core.messages import shown
from exchange.core.messages.lot_rules import LotDirection, LotRules, ReserveVisibility
from exchange.core.messages.shown_lots import LotClock
from exchange.core.messages.shown_scoring import AliasScore
from exchange.core.visibility.bids import show_limit
from exchange.core.visibility.lot_clocks import clock_face, own_clock, ranks_tell
from exchange.core.visibility.scores import (
    scores_by_alias,
    show_scores,
)
from exchange.core.visibility.sealed import count_shown, show_sealed


class Relation(StrEnum):
    """What a member is to a sourcing event that it may see."""

    OPERATOR = "operator"
    BUYER = "buyer"
    SUPPLIER = "supplier"


# Bound once: a member looked up on its class costs more than the rest of a comparison.
_OPERATOR: Final = Relation.OPERATOR
_SUPPLIER: Final = Relation.SUPPLIER
_OPEN: Final = LotState.OPEN
_AWARDED: Final = LotState.AWARDED
_FORWARD: Final = LotDirection.FORWARD
_USUAL: Final = LotRules()


def relation(event: SourcingEvent, viewer: str, *, is_operator: bool) -> Relation | None:
    """None: the event does not exist for this viewer. Suppliers see it once it was published."""
    if is_operator:
        return _OPERATOR
    if viewer == event.buyer_id:
        return Relation.BUYER
    if viewer in event.invited:
        for lot in event.lots:
            if lot.published:
                return _SUPPLIER
    return None


def show_invitation(event: SourcingEvent, viewer: str) -> shown.OwnInvitation | None:
    """Tells a supplier that it may see the event and bid: as soon as both are true, and while it can."""
    if event.state is not EventState.PUBLISHED or viewer not in event.invited:
        return None
    return shown.OwnInvitation(event.event_id)


class LotFace(Struct, frozen=True):
    """What a class of viewers is shown of the others in a lot: made once a change, not once a viewer.

    `winner_id` is for `show_lot` alone, which decides who learns it; empty where nobody has won.
    """

    lead_price: int | UnsetType
    participants: int | UnsetType
    prices: list[shown.AliasPrice] | UnsetType
    winner_id: str
    rules: LotRules | UnsetType = UNSET
    reserve_met: bool | UnsetType = UNSET
    ranks: bool = True  # whether a supplier is shown its own rank
    clock: LotClock | UnsetType = UNSET
    scores: list[AliasScore] | UnsetType = UNSET


def lot_face(event: SourcingEvent, lot: Lot, relation: Relation) -> LotFace:
    """Buyer and operator see every price by alias; suppliers what the event discloses."""
    disclosure = event.disclosure
    insider = relation is not _SUPPLIER
    if lot.sealed is not None and not lot.sealed.is_open:
        rules = _rules_shown(lot.rules, insider=insider)
        return LotFace(UNSET, count_shown(event, lot.sealed), UNSET, "", rules)
    if not insider and takes_first_prices(lot):
        return LotFace(UNSET, UNSET, UNSET, "", _rules_shown(lot.rules, insider=False), ranks=False)
    by_alias = insider or disclosure.prices_by_alias
    counts = by_alias or disclosure.participant_count
    board = lot.board
    awarded = board.by_alias(lot.awarded_alias)
    return LotFace(
        (board.lead.price if board.lead else 0) if insider or event.discloses_lead else UNSET,
        board.bidders if counts else UNSET,
        [shown.AliasPrice(bid.alias, bid.price, bid.surrogate) for bid in board.ranking()]
        if by_alias
        else UNSET,
        awarded.member_id if awarded else "",
        _rules_shown(lot.rules, insider=insider),
        _reserve_met(lot, insider=insider),
        counts or not ranks_tell(lot),
        clock_face(lot, counts=counts, by_alias=by_alias),
        scores_by_alias(board, is_operator=relation is _OPERATOR) if insider else UNSET,
    )


def _rules_shown(rules: LotRules, *, insider: bool) -> LotRules | UnsetType:
    """The rules without what is the buyer's secret; not at all where they are the usual ones."""
    if rules == _USUAL:
        return UNSET
    if insider:
        return rules
    hidden = rules.reserve_visibility is not ReserveVisibility.SHOWN
    return replace(rules, historic_price=0, reserve_price=0 if hidden else rules.reserve_price)


def _reserve_met(lot: Lot, *, insider: bool) -> bool | UnsetType:
    if not lot.rules.reserve_price:
        return UNSET
    told = insider or lot.rules.reserve_visibility is not ReserveVisibility.HIDDEN
    return meets_reserve(lot) if told else UNSET


def _next_bid(event: SourcingEvent, lot: Lot, viewer: str) -> int | UnsetType:
    """The worst price that a supplier could bid now, 0 for none; not told where the lot takes no bids."""
    if lot.state is not _OPEN or not format_of(lot.rules).takes_bids:
        return UNSET
    return 0 if turn_refusal(lot, viewer, 0) else next_price(lot, viewer, sight_in(event, lot))


def _stops(event: SourcingEvent, lot: Lot) -> tuple[int | UnsetType, int | UnsetType]:
    """Since when the clock of a running lot stands still, and its hard deadline."""
    return (lot.running and event.paused_at_us) or UNSET, lot.hard_deadline_us or UNSET


def show_lot(
    event: SourcingEvent,
    lot: Lot,
    viewer: str,
    relation: Relation,
    face: LotFace,
    *,
    channel: str = "",
    epoch: int = 0,
    offset: int = 0,
    at_us: int = 0,
) -> shown.Lot:
    """The lot as this viewer may see it; `face` is that of its relation.

    `lead_price` is 0 while no bid stands. `bid_max`, forward `bid_min`, is there while bids are taken: 0 where none
    would be, and drawn from the own bid alone where the lead is hidden. An own alias tells a number: as `participants`.
    """
    board, state, winner, supplier = lot.board, lot.state, face.winner_id, relation is _SUPPLIER
    own, won = board.of(viewer) if supplier else None, supplier and winner == viewer
    own_alias = 0 if own is None or face.participants is UNSET else own.alias
    forward, next_bid = lot.direction is _FORWARD, _next_bid(event, lot, viewer) if supplier else UNSET
    alias_known = state is _AWARDED and (face.prices is not UNSET or (won and own_alias > 0))
    told = shown.Lot(
        channel,
        epoch,
        offset,
        lot.lot_id,
        lot.event_id,
        lot.title,
        state,
        event.currency,
        event.price_scale,
        lot.quantity,
        lot.ceiling_price,
        lot.min_step,
        lot.tick,
        lot.open_at_us,
        lot.close_at_us,
        lot.overtime_us,
        at_us,
        UNSET if own is None else own.price,
        board.rank_of(viewer) if own and face.ranks else UNSET,
        own_alias or UNSET,
        UNSET if forward else next_bid,
        face.lead_price,
        face.participants,
        face.prices,
        lot.awarded_alias if alias_known else UNSET,
        winner if winner and not supplier else UNSET,
        event.buyer_id if won or (winner and relation is _OPERATOR) else UNSET,
        lot.direction if forward else UNSET,
        next_bid if forward else UNSET,
        face.rules,
        face.reserve_met,
        *_stops(event, lot),
        show_sealed(lot, viewer, insider=not supplier),
        own_clock(face.clock, lot, viewer, own) if supplier else face.clock,
        own_limit=show_limit(lot, viewer),
    )
    return told if board.scores is None else show_scores(told, lot, viewer if supplier else "", face.scores)
