"""Sourcing events and their lots as each viewer may see them.

Guarantees: those of the room. Rules of a lot are shown without what is the buyer's secret.

Known limits: an own rank of seven tells that there are six others, whatever the disclosure.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from exchange.core.market.lots.admission import Bounds, meets_reserve, next_price
from exchange.core.market.lots.formats import format_of
from exchange.core.market.lots.prebids import shut_out, takes_prebids
from exchange.core.market.lots.rounds import sight_in, takes_first_prices, turn_refusal
from exchange.core.market.sourcing import EventState, Lot, LotState, SourcingEvent
from exchange.core.messages import shown
from exchange.core.messages.lot_rules import LotDirection, LotRules, ReserveVisibility
from exchange.core.visibility.bids import show_limit
from exchange.core.visibility.gaps import gap_fields
from exchange.core.visibility.lines import lines_by_alias, own_lines
from exchange.core.visibility.lot_clocks import clock_face, own_clock, ranks_tell
from exchange.core.visibility.practice import mark_of
from exchange.core.visibility.scores import scored_fields, scores_by_alias
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


def lot_relation(event: SourcingEvent, lot: Lot, viewer: str, *, is_operator: bool) -> Relation | None:
    """As `relation`, to one of its lots: suppliers see none before their preview."""
    seen_as = relation(event, viewer, is_operator=is_operator)
    return None if seen_as is _SUPPLIER and not event.shows(lot) else seen_as


def show_invitation(event: SourcingEvent, viewer: str) -> shown.OwnInvitation | None:
    """Tells a supplier that it may see the event and bid: as soon as both are true, and while it can."""
    if event.state is not EventState.PUBLISHED or viewer not in event.invited:
        return None
    hides = any(not event.shows(lot) for lot in event.lots)
    return shown.OwnInvitation(event.event_id, event.practice, hides)


class LotFace(Struct, frozen=True):
    """What a class of viewers is shown of a lot: made once a change, not once a viewer.

    `lot` has no place in a stream, and nothing of what is a viewer's own: `own_fields` has that. No field is both.
    `winner_id` is for `own_fields` alone, which decides who learns it; empty where nobody has won.
    """

    lot: shown.Lot
    winner_id: str = ""
    ranks: bool = True  # whether a supplier is shown its own rank
    lead_in_own_terms: bool = (
        False  # scored: whether a supplier is shown the lead, and all others, as prices of its own
    )
    prices_in_own_terms: bool = False
    gaps: bool = False  # whether a supplier is shown how far it is behind the lead
    bounds: Bounds | None = None  # of the bids that suppliers may make now; nothing where none are taken


def lot_face(event: SourcingEvent, lot: Lot, relation: Relation) -> LotFace:
    """Buyer and operator see every price by alias; suppliers what the event discloses."""
    insider = relation is not _SUPPLIER
    told = _terms(event, lot, insider=insider)
    bounds = None if insider else _bounds(event, lot)
    if lot.sealed is not None and not lot.sealed.is_open:
        return LotFace(replace(told, participants=count_shown(event, lot.sealed)), bounds=bounds)
    if not insider and takes_first_prices(lot):
        return LotFace(told, ranks=False, bounds=bounds)
    disclosure, board, scored = event.disclosure, lot.board, lot.board.scores is not None
    by_alias = insider or disclosure.prices_by_alias
    counts, leads = by_alias or disclosure.participant_count, insider or event.discloses_lead
    own_terms = scored and not insider
    gaps = not insider and (disclosure.gap or disclosure.light is not None)
    awarded = None if event.practice else board.by_alias(lot.awarded_alias)
    winner_id = awarded.member_id if awarded else ""
    told = replace(
        told,
        lead_price=(board.lead.price if board.lead else 0) if leads and not own_terms else UNSET,
        participants=board.bidders if counts else UNSET,
        prices=_prices(lot) if by_alias and not own_terms else UNSET,
        awarded_alias=lot.awarded_alias if by_alias and lot.state is _AWARDED else UNSET,
        winner_id=winner_id if winner_id and insider else UNSET,
        buyer_id=event.buyer_id if winner_id and relation is _OPERATOR else UNSET,
        reserve_met=_reserve_met(lot, insider=insider),
        clock=clock_face(lot, counts=counts, by_alias=by_alias),
        scores=scores_by_alias(board, is_operator=relation is _OPERATOR) if insider else UNSET,
        bid_lines=lines_by_alias(event, lot) if insider else UNSET,
    )
    ranks = counts or not ranks_tell(lot)
    return LotFace(told, winner_id, ranks, own_terms and leads, own_terms and by_alias, gaps, bounds)


def _terms(event: SourcingEvent, lot: Lot, *, insider: bool) -> shown.Lot:
    """What there is to say before anybody has bid."""
    return shown.Lot(
        "",
        0,
        0,
        lot.lot_id,
        lot.event_id,
        lot.title,
        lot.state,
        event.currency,
        event.price_scale,
        lot.quantity,
        lot.ceiling_price,
        lot.min_step,
        lot.tick,
        lot.open_at_us,
        lot.close_at_us,
        lot.overtime_us,
        0,
        direction=lot.direction if lot.direction is _FORWARD else UNSET,
        rules=_rules_shown(lot.rules, insider=insider),
        paused_at_us=(lot.running and event.paused_at_us) or UNSET,
        hard_deadline_us=lot.hard_deadline_us or UNSET,
        sealed=show_sealed(lot, "", insider=True) if insider else UNSET,
        practice=mark_of(event),
    )


def _prices(lot: Lot) -> list[shown.AliasPrice]:
    return [shown.AliasPrice(bid.alias, bid.price, bid.surrogate) for bid in lot.board.ranking()]


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


def own_fields(
    event: SourcingEvent, lot: Lot, viewer: str, face: LotFace, rank_of: Callable[[str], int] | None = None
) -> dict[str, Any]:
    """What a supplier is shown of itself, by the names of the frame's fields; what it doesn't have is left out.

    `bid_max`, forward `bid_min`, is there while bids are taken: 0 where none would be, and drawn from the own bid
    alone where the lead is hidden. An own alias tells a number: it is shown as `participants` is.
    """
    told: dict[str, Any] = {}
    counts, own = face.lot.participants is not UNSET, lot.board.of(viewer)
    if own is not None:
        told["own_price"] = own.price
        if face.ranks:
            told["own_rank"] = (rank_of or lot.board.rank_of)(viewer)
        if counts:
            told["own_alias"] = own.alias
        if (lines := own_lines(event, lot, own)) is not UNSET:
            told["own_lines"] = lines
    if face.bounds is not None:
        shut = shut_out(event, lot, viewer)
        told["bid_min" if lot.direction is _FORWARD else "bid_max"] = (
            0 if shut else _next_bid(face.bounds, viewer)
        )
    if face.gaps:
        told |= gap_fields(lot, viewer, event.disclosure)
    if face.winner_id == viewer:
        told["buyer_id"] = event.buyer_id
        if counts:
            told["awarded_alias"] = lot.awarded_alias
    if (limit := show_limit(lot, viewer)) is not UNSET:
        told["own_limit"] = limit
    if lot.sealed is not None:
        told["sealed"] = show_sealed(lot, viewer, insider=False)
    if face.lot.clock is not UNSET:
        told["clock"] = own_clock(face.lot.clock, lot, viewer, own)
    if lot.board.scores is not None:
        told |= scored_fields(lot, viewer, lead=face.lead_in_own_terms, prices=face.prices_in_own_terms)
    return told


def _bounds(event: SourcingEvent, lot: Lot) -> Bounds | None:
    taken = (lot.state is _OPEN and format_of(lot.rules).takes_bids) or takes_prebids(event, lot)
    return Bounds(lot, sight_in(event, lot)) if taken else None


def _next_bid(bounds: Bounds, viewer: str) -> int:
    """The worst price that a supplier could bid now, 0 for none."""
    return 0 if turn_refusal(bounds.lot, viewer, 0) else next_price(bounds, viewer)


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
    """The lot as this viewer may see it; `face` is that of its relation. `lead_price` is 0 while no bid stands."""
    own = own_fields(event, lot, viewer, face) if relation is _SUPPLIER else {}
    return replace(face.lot, channel=channel, epoch=epoch, offset=offset, at_us=at_us, **own)
