"""REST of sourcing events: drafted, published and awarded by their buyer, bid for by invited suppliers.

Guarantees: what of a lot is shown comes from `visibility` alone; whoever has no relation to an event is told
that there is none. A supplier's bids are counted from its own first, so that no number tells of others.
"""

from typing import Annotated, Final, Self

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import astuple

from exchange.core.limits import EVENT_DURATION_US_MAX, PRICE_SCALE_MAX
from exchange.core.market.sourcing import EventState, LotState, SourcingEvent
from exchange.core.market.sourcing import Lot as LotAtWork
from exchange.core.market.versions import event_version, lot_version
from exchange.core.messages import (
    AddLot,
    AwardLot,
    CancelEvent,
    CreateEvent,
    Disclosure,
    InviteSupplier,
    PublishEvent,
    Reply,
    shown,
)
from exchange.core.messages.base import Currency
from exchange.core.messages.lot_rules import EventRules, Light, LightLimits, LotDirection
from exchange.core.messages.lot_sales import SaleTerms
from exchange.core.rejects import Reject, RejectCode
from exchange.core.visibility.lots import Relation, face_for, lot_relation, relation, show_lot
from exchange.core.visibility.practice import mark_of
from exchange.gateway.decoding import price_of
from exchange.gateway.notation import (
    Decimals,
    Id,
    InstantInput,
    InstantText,
    ShortText,
    decimal_of,
    instant_of,
    microseconds_of,
)
from exchange.gateway.paging import DatedKey, PageQuery, key_of, page_of
from exchange.gateway.problems import Refused, Scales
from exchange.gateway.rest.criteria import (
    AliasScoreShown,
    OwnScoreShown,
    alias_scores_shown,
    own_score_shown,
)
from exchange.gateway.rest.currencies import BidCurrencyBody, currencies_shown, currency_body
from exchange.gateway.rest.event_rules import EventRulesBody, event_rules_body, event_rules_of
from exchange.gateway.rest.instruments import Pieces
from exchange.gateway.rest.lines import (
    AliasLinesShown,
    OwnLinesShown,
    bid_lines_shown,
    own_lines_shown,
)
from exchange.gateway.rest.lot_clock_texts import LotClock, clock_told
from exchange.gateway.rest.lot_rules import (
    OvertimeBody,
    OvertimeShown,
    RulesBody,
    overtime_of,
    overtime_shown,
    rules_body,
    rules_of,
)
from exchange.gateway.rest.sealed_shown import SealedShown, sealed_shown
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route, Settled
from exchange.views.views import Views


class NewEvent(Struct, frozen=True, forbid_unknown_fields=True):
    """A draft: nobody but its buyer and the operator sees it. Durations are in microseconds.

    With `sale`, which may be empty, a seller drafts a forward event whose lots are from its stock.

    Without `overtime`, a bid that takes the lead in the last 120 s extends its lot by 120 s, up to an hour in all; a
    window of 0 means none.
    """

    title: ShortText
    currency: Currency
    open_at: InstantInput
    duration_us: Annotated[int, Meta(ge=1_000_000, le=EVENT_DURATION_US_MAX)]
    price_scale: Annotated[int, Meta(ge=0, le=PRICE_SCALE_MAX, description="Decimals of its prices.")] = 4
    overtime: OvertimeBody = OvertimeBody()
    disclosure: Disclosure = Disclosure()
    rules: EventRulesBody = EventRulesBody()
    practice: bool = False  # to train: whoever is invited may bid, and nothing binds
    preview_at: InstantInput | None = (
        None  # from when suppliers are shown the lots; else from its publication
    )
    sale: SaleTerms | None = None


class NewLot(Struct, frozen=True, forbid_unknown_fields=True):
    """What is bought. A bid is a unit price; ceiling and step are multiples of the tick."""

    title: ShortText
    quantity: Pieces
    ceiling_price: Decimals
    min_step: Decimals
    tick: Decimals | None = None  # one unit of the last decimal
    rules: RulesBody = RulesBody()
    instrument_id: Id | None = None  # from stock: of what


class Invitation(Struct, frozen=True, forbid_unknown_fields=True):
    """A member with the role seller."""

    member_id: Id


class Cancellation(Struct, frozen=True, forbid_unknown_fields=True):
    """Why the event ends."""

    reason: ShortText


class NewBid(Struct, frozen=True, forbid_unknown_fields=True):
    """A price; it counts if the exchange's instant for it is before the close."""

    price: Decimals


class NewAward(Struct, frozen=True, forbid_unknown_fields=True):
    """The alias of the winner in this lot; 0 awards nobody. A reason where the event asks for one."""

    alias: Annotated[int, Meta(ge=0, le=10_000)]
    reason: ShortText | None = None


class EventSettled(Settled, frozen=True):
    """The event that was made or meant."""

    event_id: str

    @classmethod
    def of(cls, reply: Reply) -> Self:
        """What the command's reply tells."""
        return cls(reply.sequence, instant_of(reply.at_us), reply.id)


class LotSettled(Settled, frozen=True):
    """The lot that was made or meant."""

    lot_id: str

    @classmethod
    def of(cls, reply: Reply) -> Self:
        """What the command's reply tells."""
        return cls(reply.sequence, instant_of(reply.at_us), reply.id)


class AliasPrice(Struct, frozen=True):
    """A supplier's best bid under its alias in this lot."""

    alias: int
    price: Decimals
    surrogate: bool | UnsetType = UNSET  # an operator made it for its bidder


class Lot(Struct, frozen=True):
    """A lot as this viewer may see it: what is not disclosed to it is left out.

    `lead_price` is null while no bid stands; `bid_max` is the highest bid that would be taken now, in a
    forward lot `bid_min` the lowest, null where none would. `rules` are there where they aren't the usual ones.
    In a scored lot a supplier is shown all prices of others as those of its own that compare the same.
    """

    lot_id: str
    event_id: str
    title: str
    state: LotState
    currency: str
    price_scale: int
    quantity: int
    ceiling_price: Decimals
    min_step: Decimals
    tick: Decimals
    open_at: InstantText | None
    close_at: InstantText | None
    overtime_us: int
    own_price: Decimals | UnsetType = UNSET
    own_rank: int | UnsetType = UNSET
    own_alias: int | UnsetType = UNSET
    bid_max: Decimals | UnsetType | None = UNSET
    lead_price: Decimals | UnsetType | None = UNSET
    participants: int | UnsetType = UNSET
    prices: list[AliasPrice] | UnsetType = UNSET
    awarded_alias: int | UnsetType = UNSET
    winner_id: str | UnsetType = UNSET
    buyer_id: str | UnsetType = UNSET
    direction: LotDirection | UnsetType = UNSET
    bid_min: Decimals | UnsetType | None = UNSET
    rules: RulesBody | UnsetType = UNSET
    reserve_met: bool | UnsetType = UNSET
    paused_at: InstantText | UnsetType = UNSET
    hard_deadline: InstantText | UnsetType = UNSET
    sealed: SealedShown | UnsetType = UNSET
    clock: LotClock | UnsetType = UNSET
    own_score: OwnScoreShown | UnsetType = UNSET
    scores: list[AliasScoreShown] | UnsetType = UNSET
    own_limit: Decimals | UnsetType | None = UNSET  # up to which the lot bids for the viewer
    own_lines: OwnLinesShown | UnsetType = UNSET
    bid_lines: list[AliasLinesShown] | UnsetType = UNSET  # to buyer and operator
    gap: Decimals | UnsetType = UNSET  # how far the own price is behind the lead
    light: Light | UnsetType = UNSET
    practice: bool | UnsetType = UNSET  # true: to train; nothing in it binds
    instrument_id: str | UnsetType = UNSET
    own_currency: BidCurrencyBody | UnsetType = UNSET  # of own prices and of others' as shown to the viewer


class DisclosureShown(Struct, frozen=True, omit_defaults=True):
    """As set; gap and light are left out where they are not disclosed."""

    lead_price: bool
    participant_count: bool
    prices_by_alias: bool
    gap: bool = False
    light: LightLimits | None = None
    lead_visible_after_valid_bid: bool = False


class Event(Struct, frozen=True):
    """An event as this viewer may see it; `invited` is shown to its buyer and the operator."""

    event_id: str
    title: str
    state: EventState
    seen_as: Relation
    currency: str
    price_scale: int
    open_at: InstantText
    duration_us: int
    overtime: OvertimeShown
    disclosure: DisclosureShown
    lots: list[Lot]
    invited: list[str] | UnsetType = UNSET
    rules: EventRulesBody | UnsetType = UNSET
    practice: bool | UnsetType = UNSET  # true: to train; nothing in it binds
    preview_at: InstantText | UnsetType = UNSET  # from when suppliers are shown the lots
    sale: SaleTerms | UnsetType = UNSET  # where its lots are from stock
    currencies: list[BidCurrencyBody] | UnsetType = UNSET  # that may be bid in beside its own


class EventPage(Struct, frozen=True):
    """Events, the one that opens last first."""

    events: list[Event]
    next: str


INSTANTS: Final = {
    "open_at_us": "open_at", "overtime.hard_deadline_us": "overtime.hard_deadline", "preview_at_us": "preview_at",
}  # fmt: skip
"""How REST calls the instants of an event."""

# --- commands ----------------------------------------------------------------------------------------


async def create_event(call: Call[NewEvent, NoQuery]) -> EventSettled:
    """Buyer: draft a live auction, by default an English reverse one."""
    body = call.body
    command = CreateEvent(
        title=body.title,
        currency=body.currency,
        open_at_us=microseconds_of(body.open_at),
        duration_us=body.duration_us,
        price_scale=body.price_scale,
        overtime=overtime_of(body.overtime),
        disclosure=body.disclosure,
        rules=event_rules_of(body.rules, body.currency),
        practice=body.practice,
        preview_at_us=microseconds_of(body.preview_at) if body.preview_at else 0,
        sale=body.sale,
    )
    reply = await call.settle(command, names=INSTANTS)
    call.headers["Location"] = f"/v1/events/{reply.id}"
    return EventSettled.of(reply)


async def add_lot(call: Call[NewLot, NoQuery]) -> LotSettled:
    """Buyer: say what is bought, while the event is a draft."""
    event, _ = event_of(call.views, call.id("event_id"), call.member_id)
    reply = await call.settle(lot_command(event, call.body), Scales(event.price_scale, event.currency))
    call.headers["Location"] = f"/v1/lots/{reply.id}"
    return LotSettled.of(reply)


def lot_command(event: SourcingEvent, body: NewLot) -> AddLot:
    """The lot as the core is asked for it. Raises Refused with what is wrong by field."""
    scale = event.price_scale
    return AddLot(
        event_id=event.event_id,
        title=body.title,
        quantity=body.quantity,
        ceiling_price=price_of("ceiling_price", body.ceiling_price, scale),
        min_step=price_of("min_step", body.min_step, scale),
        tick=price_of("tick", body.tick, scale) if body.tick else 1,
        rules=rules_of(body.rules, scale),
        instrument_id=body.instrument_id or "",
    )


async def invite_supplier(call: Call[Invitation, NoQuery]) -> EventSettled:
    """Buyer or operator: admit a member with the role seller, before the event closes."""
    return await _on_event(call, InviteSupplier(event_id=call.id("event_id"), member_id=call.body.member_id))


async def publish_event(call: Call[NoBody, NoQuery]) -> EventSettled:
    """Buyer: fix the draft; it opens by itself at its instant."""
    return await _on_event(call, PublishEvent(event_id=call.id("event_id")))


async def cancel_event(call: Call[Cancellation, NoQuery]) -> EventSettled:
    """Buyer or operator: end an event that is not awarded."""
    return await _on_event(call, CancelEvent(event_id=call.id("event_id"), reason=call.body.reason))


async def award_lot(call: Call[NewAward, NoQuery]) -> LotSettled:
    """Buyer: award a closed lot; buyer and winner learn each other."""
    body = call.body
    return LotSettled.of(
        await call.settle(AwardLot(lot_id=call.id("lot_id"), alias=body.alias, reason=body.reason or ""))
    )


async def _on_event(
    call: Call[Invitation, NoQuery] | Call[NoBody, NoQuery] | Call[Cancellation, NoQuery],
    command: InviteSupplier | PublishEvent | CancelEvent,
) -> EventSettled:
    reply = await call.settle(command)
    return EventSettled(reply.sequence, instant_of(reply.at_us), command.event_id)


# --- reads -------------------------------------------------------------------------------------------


async def list_events(call: Call[NoBody, PageQuery]) -> EventPage:
    """Own events, those that one is invited to, or for the operator all of them."""
    views, member_id = call.views, call.member_id
    is_operator = views.is_operator(member_id)
    key = key_of(call.query.cursor, DatedKey)
    visible = [
        (event.open_at_us, event.event_id)
        for event in views.sourcing.events.values()
        if relation(event, member_id, is_operator=is_operator)
        and (key is None or (event.open_at_us, event.event_id) < (key.at_us, key.id))
    ]
    page, following = page_of(sorted(visible, reverse=True), call.query.limit, lambda place: place)
    found = [event_of(views, event_id, member_id) for _, event_id in page]
    return EventPage([event_shown(event, member_id, seen_as) for event, seen_as in found], following)


async def get_event(call: Call[NoBody, NoQuery]) -> Event:
    """One event with its lots."""
    event, seen_as = event_of(call.views, call.id("event_id"), call.member_id)
    if seen_as is not Relation.SUPPLIER:
        call.version = event_version(event)
    return event_shown(event, call.member_id, seen_as)


async def get_lot(call: Call[NoBody, NoQuery]) -> Lot:
    """One lot. Follow `lot:` over WebSocket while it is open."""
    event, lot, seen_as = lot_of(call.views, call.id("lot_id"), call.member_id)
    if seen_as is not Relation.SUPPLIER:
        call.version = lot_version(event, lot)
    return _lot(event, lot, call.member_id, seen_as)


def event_of(views: Views, event_id: str, viewer: str) -> tuple[SourcingEvent, Relation]:
    """The event and what the viewer is to it; refused where it isn't shown to the viewer."""
    event = views.sourcing.events.get(event_id)
    seen_as = relation(event, viewer, is_operator=views.is_operator(viewer)) if event else None
    if event is None or seen_as is None:
        raise Refused(Reject(RejectCode.EVENT_UNKNOWN, field="event_id"))
    return event, seen_as


def lot_of(views: Views, lot_id: str, viewer: str) -> tuple[SourcingEvent, LotAtWork, Relation]:
    """The lot with its event and what the viewer is to it; refused where it isn't shown to the viewer."""
    lot = views.sourcing.lots.get(lot_id)
    if lot is not None:
        event = views.sourcing.event_of(lot)
        seen_as = lot_relation(event, lot, viewer, is_operator=views.is_operator(viewer))
        if seen_as is not None:
            return event, lot, seen_as
    raise Refused(Reject(RejectCode.LOT_UNKNOWN, field="lot_id"))


def event_shown(event: SourcingEvent, viewer: str, seen_as: Relation) -> Event:
    """As this viewer may see it, which is `seen_as` to it."""
    supplier = seen_as is Relation.SUPPLIER
    return Event(
        event.event_id,
        event.title,
        event.state,
        seen_as,
        event.currency,
        event.price_scale,
        instant_of(event.open_at_us),
        event.duration_us,
        overtime_shown(event.overtime),
        DisclosureShown(*astuple(event.disclosure)),
        [_lot(event, lot, viewer, seen_as) for lot in event.lots if not supplier or event.shows(lot)],
        UNSET if supplier or seen_as is Relation.SELLER else list(event.invited),
        UNSET if event.rules == EventRules() else event_rules_body(event.rules, event.currency),
        mark_of(event),
        instant_of(event.preview_at_us) if event.preview_at_us else UNSET,
        event.sale or UNSET,
        currencies_shown(event),
    )


def _lot(event: SourcingEvent, lot: LotAtWork, viewer: str, seen_as: Relation) -> Lot:
    told = show_lot(face_for(event, lot, viewer, seen_as), viewer)
    scale = told.price_scale
    return Lot(
        told.lot_id,
        told.event_id,
        told.title,
        lot.state,
        told.currency,
        scale,
        told.quantity,
        decimal_of(told.ceiling_price, scale),
        decimal_of(told.min_step, scale),
        decimal_of(told.tick, scale),
        instant_of(told.open_at_us) if told.open_at_us else None,
        instant_of(told.close_at_us) if told.close_at_us else None,
        told.overtime_us,
        UNSET if told.own_price is UNSET else decimal_of(told.own_price, scale),
        told.own_rank,
        told.own_alias,
        _price_or_none(told.bid_max, scale),
        _price_or_none(told.lead_price, scale),
        told.participants,
        UNSET if told.prices is UNSET else _prices(told.prices, scale),
        told.awarded_alias,
        told.winner_id,
        told.buyer_id,
        told.direction,
        _price_or_none(told.bid_min, scale),
        UNSET if told.rules is UNSET else rules_body(told.rules, scale),
        told.reserve_met,
        UNSET if told.paused_at_us is UNSET else instant_of(told.paused_at_us),
        UNSET if told.hard_deadline_us is UNSET else instant_of(told.hard_deadline_us),
        sealed_shown(told.sealed, scale),
        clock_told(told.clock, scale),
        UNSET if told.own_score is UNSET else own_score_shown(told.own_score, scale),
        UNSET if told.scores is UNSET else alias_scores_shown(told.scores, scale),
        _price_or_none(told.own_limit, scale),
        own_lines_shown(told.own_lines, told.currency, scale),
        bid_lines_shown(told.bid_lines, told.currency, scale),
        UNSET if told.gap is UNSET else decimal_of(told.gap, scale),
        told.light,
        told.practice,
        told.instrument_id,
        UNSET if told.own_currency is UNSET else currency_body(told.own_currency, scale),
    )


def _price_or_none(price: int | UnsetType, scale: int) -> str | UnsetType | None:
    """A price of 0 stands for none."""
    if price is UNSET:
        return UNSET
    return decimal_of(price, scale) if price else None


def _prices(prices: list[shown.AliasPrice], scale: int) -> list[AliasPrice]:
    return [AliasPrice(each.alias, decimal_of(each.price, scale), each.surrogate or UNSET) for each in prices]


_EVENT = "/v1/events/{event_id}"
_LOT = "/v1/lots/{lot_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("POST", "/v1/events", "Draft an event", create_event, NewEvent, NoQuery, EventSettled, CreateEvent, 201),
    Route("GET", "/v1/events", "List events", list_events, NoBody, PageQuery, EventPage),
    Route("GET", _EVENT, "Read an event", get_event, NoBody, NoQuery, Event),
    Route("POST", f"{_EVENT}/lots", "Add a lot", add_lot, NewLot, NoQuery, LotSettled, AddLot, 201),
    Route(
        "POST", f"{_EVENT}/invitations", "Invite a supplier", invite_supplier,
        Invitation, NoQuery, EventSettled, InviteSupplier,
    ),
    Route(
        "POST", f"{_EVENT}/publication", "Publish an event", publish_event,
        NoBody, NoQuery, EventSettled, PublishEvent,
    ),
    Route(
        "POST", f"{_EVENT}/cancellation", "Cancel an event", cancel_event,
        Cancellation, NoQuery, EventSettled, CancelEvent,
    ),
    Route("GET", _LOT, "Read a lot", get_lot, NoBody, NoQuery, Lot),
    Route("POST", f"{_LOT}/award", "Award a lot", award_lot, NewAward, NoQuery, LotSettled, AwardLot),
)  # fmt: skip
