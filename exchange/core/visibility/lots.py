"""Sourcing events and their lots as each viewer may see them.

Guarantees: those of the room. Rules of a lot are shown without what is the buyer's secret.

Known limits: an own rank of seven tells that there are six others, whatever the disclosure.
"""

from collections.abc import Container, Iterable
from enum import StrEnum
from typing import Any, Final

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import asdict, replace

from exchange.core.market.lots.admission import meets_reserve
from exchange.core.market.lots.formats import Clock, format_of
from exchange.core.market.lots.rounds import takes_first_prices
from exchange.core.market.lots.sight import is_newcomer
from exchange.core.market.sourcing import EventState, Lot, LotState, SourcingEvent
from exchange.core.messages import shown
from exchange.core.messages.lot_rules import LotDirection, LotRules, ReserveVisibility
from exchange.core.visibility.bids import price_by_alias
from exchange.core.visibility.lines import lines_by_alias
from exchange.core.visibility.lot_clocks import clock_face, ranks_tell
from exchange.core.visibility.own_lots import OwnSide, own_side
from exchange.core.visibility.practice import mark_of
from exchange.core.visibility.scores import scores_by_alias
from exchange.core.visibility.sealed import count_shown, show_sealed


class Relation(StrEnum):
    """What a member is to a sourcing event that it may see."""

    OPERATOR = "operator"
    BUYER = "buyer"
    SELLER = "seller"  # of lots from its stock: sees what a buyer sees, and nobody's name
    SUPPLIER = "supplier"


# Bound once: a member looked up on its class costs more than the rest of a comparison.
_OPERATOR: Final = Relation.OPERATOR
_BUYER: Final = Relation.BUYER
_SELLER: Final = Relation.SELLER
_SUPPLIER: Final = Relation.SUPPLIER
_AWARDED: Final = LotState.AWARDED
_FORWARD: Final = LotDirection.FORWARD
_USUAL: Final = LotRules()
_NO_CLOCK: Final = Clock.NONE


class Times(Struct, frozen=True, gc=False):
    """What time alone moves of a lot, by the names of a frame's fields."""

    state: str
    open_at_us: int
    close_at_us: int
    overtime_us: int
    paused_at_us: int | UnsetType
    hard_deadline_us: int | UnsetType


def relation(event: SourcingEvent, viewer: str, *, is_operator: bool) -> Relation | None:
    """None: the event does not exist for this viewer. Suppliers see it once it was published."""
    invited = event.invited if any(lot.published for lot in event.lots) else ()
    return _relations(event, [viewer], [viewer] if is_operator else (), invited)[0]


def lot_relation(event: SourcingEvent, lot: Lot, viewer: str, *, is_operator: bool) -> Relation | None:
    """As `relation`, to one of its lots: suppliers see none before their preview."""
    return lot_relations(event, lot, [viewer], [viewer] if is_operator else ())[0]


def lot_relations(
    event: SourcingEvent, lot: Lot, viewers: Iterable[str], operators: Container[str]
) -> list[Relation | None]:
    """The same of many."""
    return _relations(event, viewers, operators, event.invited if event.shows(lot) else ())


def _relations(
    event: SourcingEvent, viewers: Iterable[str], operators: Container[str], suppliers: Container[str]
) -> list[Relation | None]:
    buyer_id, owner = event.buyer_id, _SELLER if event.from_stock else _BUYER
    return [
        _OPERATOR
        if viewer in operators
        else owner
        if viewer == buyer_id
        else _SUPPLIER
        if viewer in suppliers
        else None
        for viewer in viewers
    ]


def show_invitation(event: SourcingEvent, viewer: str) -> shown.OwnInvitation | None:
    """Tells a supplier that it may see the event and bid: as soon as both are true, and while it can."""
    if event.state is not EventState.PUBLISHED or viewer not in event.invited:
        return None
    hides = any(not event.shows(lot) for lot in event.lots)
    return shown.OwnInvitation(event.event_id, event.practice, hides)


class LotFace(Struct, frozen=True):
    """What a class of viewers is shown of a lot: made once a change, not once a viewer.

    `lot` has no place in a stream, and nothing of what is a viewer's own: a supplier's `own` side has that. No field is
    both.
    """

    lot: shown.Lot
    own: OwnSide | None = None


def sees_as_newcomer(event: SourcingEvent, lot: Lot, viewer: str, relation: Relation) -> bool:
    """Whether the viewer is of the class that the lead is hidden from for want of an own bid."""
    return relation is _SUPPLIER and is_newcomer(event, lot, viewer)


def face_for(event: SourcingEvent, lot: Lot, viewer: str, relation: Relation) -> LotFace:
    """The face of the viewer's class."""
    newcomer = sees_as_newcomer(event, lot, viewer, relation)
    return lot_face(event, lot, relation, newcomer=newcomer)


def lot_face(event: SourcingEvent, lot: Lot, relation: Relation, *, newcomer: bool = False) -> LotFace:
    """Buyer, seller and operator see every price by alias; suppliers what the event discloses, newcomers nothing of the
    lead.
    """
    insider = relation is not _SUPPLIER
    if lot.sealed is not None and not lot.sealed.is_open:
        told = _told(event, lot, insider=insider, participants=count_shown(event, lot.sealed))
        return LotFace(
            told, None if insider else own_side(event, lot, told, revealed=False, newcomer=newcomer)
        )
    if not insider and takes_first_prices(lot):
        told = _told(event, lot, insider=False)
        return LotFace(told, own_side(event, lot, told, ranks=False, revealed=False, newcomer=newcomer))
    disclosure, board, scored = event.disclosure, lot.board, lot.board.scores is not None
    by_alias = insider or disclosure.prices_by_alias
    counts = by_alias or disclosure.participant_count
    leads, prices = insider or (event.discloses_lead and not newcomer), by_alias and not newcomer
    own_terms = scored and not insider
    awarded = None if event.practice else board.by_alias(lot.awarded_alias)
    winner_id = awarded.member_id if awarded else ""
    told = _told(
        event,
        lot,
        insider=insider,
        lead_price=_lead(lot) if leads and not own_terms else UNSET,
        participants=board.bidders if counts else UNSET,
        prices=_prices(lot) if prices and not own_terms else UNSET,
        awarded_alias=lot.awarded_alias if by_alias and lot.state is _AWARDED else UNSET,
        winner_id=winner_id if winner_id and insider and relation is not _SELLER else UNSET,
        buyer_id=event.buyer_id if winner_id and relation is _OPERATOR else UNSET,
        reserve_met=UNSET if newcomer else _reserve_met(lot, insider=insider),
        clock=clock_face(lot, counts=counts, by_alias=by_alias),
        scores=scores_by_alias(lot, is_operator=relation is _OPERATOR) if insider else UNSET,
        bid_lines=lines_by_alias(event, lot) if insider else UNSET,
    )
    if insider:
        return LotFace(told)
    ranks = counts or not ranks_tell(lot)
    return LotFace(told, own_side(event, lot, told, winner_id, ranks=ranks, newcomer=newcomer))


def time_alone(lot: Lot) -> bool:
    """Whether its timetable (`times_of`) moves nothing else that a class of viewers is shown but its own side
    (`own_in_time`): it may move more where the lot is sealed, or its format has a clock.
    """
    return lot.sealed is None and format_of(lot.rules).clock is _NO_CLOCK


def own_in_time(
    event: SourcingEvent, lot: Lot, told: shown.Lot, own: OwnSide, *, newcomer: bool = False
) -> OwnSide:
    """The own side of a class that was told so much, now that time alone has moved the lot."""
    return own_side(event, lot, told, own.winner_id, newcomer=newcomer)


def times_of(event: SourcingEvent, lot: Lot) -> Times:
    """Where its timetable stands."""
    paused_at_us = event.paused_at_us
    return Times(
        lot.state,
        lot.open_at_us,
        lot.close_at_us,
        lot.overtime_us,
        paused_at_us if paused_at_us and lot.running else UNSET,
        lot.hard_deadline_us or UNSET,
    )


def at_times(told: shown.Lot, times: Times) -> shown.Lot:
    """What was told, at other times."""
    return replace(told, **asdict(times))


def _told(event: SourcingEvent, lot: Lot, *, insider: bool, **bidding: Any) -> shown.Lot:
    """What there is to say before anybody has bid, and what is told of the bidding."""
    return shown.Lot(
        channel="",
        epoch=0,
        offset=0,
        at_us=0,
        lot_id=lot.lot_id,
        event_id=lot.event_id,
        title=lot.title,
        currency=event.currency,
        price_scale=event.price_scale,
        quantity=lot.quantity,
        ceiling_price=lot.ceiling_price,
        min_step=lot.min_step,
        tick=lot.tick,
        direction=lot.direction if lot.direction is _FORWARD else UNSET,
        rules=_rules_shown(lot.rules, insider=insider),
        sealed=show_sealed(lot, "", insider=True) if insider else UNSET,
        practice=mark_of(event),
        instrument_id=lot.instrument_id or UNSET,
        **asdict(times_of(event, lot)),
        **bidding,
    )


def _prices(lot: Lot) -> list[shown.AliasPrice]:
    return [
        shown.AliasPrice(bid.alias, price_by_alias(lot, bid.alias, bid.price), bid.surrogate)
        for bid in lot.board.ranking()
    ]


def _lead(lot: Lot) -> int:
    lead = lot.board.lead
    return price_by_alias(lot, lead.alias, lead.price) if lead else 0


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


def show_lot(
    face: LotFace, viewer: str, *, channel: str = "", epoch: int = 0, offset: int = 0, at_us: int = 0
) -> shown.Lot:
    """The lot as this viewer may see it; the face is that of its class. `lead_price` is 0 while no bid stands."""
    own = {} if face.own is None else face.own.fields(viewer)
    return replace(face.lot, channel=channel, epoch=epoch, offset=offset, at_us=at_us, **own)
