"""REST of the live monitor: how an event runs, for its buyer and the operator.

Guarantees: bids stand under their aliases and connections under their suppliers, in the order of the invitations;
nothing ties the one to the other. Of a sealed lot it shows no bid before all are opened. The standing is that of the
last commit; the latest bids come from the records, which follow a little later.

Known limits: whoever sees both can guess who bids while only one supplier is connected. A connection is one to this
process, by whichever key of the supplier.
"""

from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from exchange.core.limits import EXTENSIONS_MAX
from exchange.core.market.lots.awards import Awards, expected_parts
from exchange.core.market.lots.savings import (
    Baseline,
    Savings,
    baseline_of,
    savings_at,
    savings_of,
    sum_of,
)
from exchange.core.market.sourcing import EventState, LotState, SourcingEvent
from exchange.core.market.sourcing import Lot as LotAtWork
from exchange.core.messages.lot_rules import LotDirection
from exchange.core.rejects import Reject, RejectCode
from exchange.core.visibility.bids import expected_by_alias, price_by_alias
from exchange.core.visibility.lots import LotFace, Relation, lot_face
from exchange.core.visibility.practice import mark_of
from exchange.gateway.notation import Decimals, InstantText, decimal_of, instant_of
from exchange.gateway.problems import Refused
from exchange.gateway.rest.savings_texts import SavingsShown, savings_shown
from exchange.gateway.rest.sourcing import event_of
from exchange.gateway.routes import AnyRoute, Call, NoBody, Route
from exchange.gateway.stored import event_history
from exchange.gateway.stored.records import Row

LINES_DEFAULT: Final = 20
LINES_MAX: Final = 100


class MonitorQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of each lot."""

    limit: Annotated[int, Meta(ge=1, le=LINES_MAX, description="Bids and bidders of a lot.")] = LINES_DEFAULT


class StandingSeen(Struct, frozen=True):
    """An alias at its best price; `bids` counts those that it has made."""

    alias: int
    rank: int
    price: Decimals
    bids: int
    surrogate: bool | UnsetType = UNSET  # an operator made it for its bidder


class BidSeen(Struct, frozen=True):
    """A bid that was taken; `number` counts the bids of the lot."""

    number: int
    alias: int
    price: Decimals
    at: InstantText
    revoked: str | UnsetType = UNSET  # why it counts no more
    surrogate: str | UnsetType = UNSET  # why an operator made it for its bidder


class LotSeen(Struct, frozen=True):
    """A lot as it runs: `left_us` until it opens or closes, by the exchange's clock; not there when it does neither.

    `baseline_price` is what was paid before, or the opening price; without either, or any bid, nothing is saved.
    `standing` has the best, `bids` the latest first; both are left out while they are sealed.
    """

    lot_id: str
    title: str
    state: LotState
    direction: LotDirection
    quantity: int
    open_at: InstantText | None
    close_at: InstantText | None
    left_us: int | UnsetType
    overtime_us: int
    overtime_us_max: int
    extensions: int
    extensions_max: Annotated[int, Meta(ge=0, le=EXTENSIONS_MAX, description="0: no bound.")]
    baseline: Baseline | None
    baseline_price: Decimals | None
    lead_price: Decimals | UnsetType | None
    savings: SavingsShown | None
    bidders: int | UnsetType
    standing: list[StandingSeen] | UnsetType
    bids: list[BidSeen] | UnsetType


class SupplierSeen(Struct, frozen=True):
    """An invited supplier, and whether it has a WebSocket open."""

    member_id: str
    connected: bool


class Monitor(Struct, frozen=True):
    """An event as it runs. `savings` adds up its lots that have a bid and a baseline."""

    event_id: str
    title: str
    state: EventState
    currency: str
    price_scale: int
    at: InstantText
    paused_at: InstantText | UnsetType
    savings: SavingsShown
    lots: list[LotSeen]
    suppliers: list[SupplierSeen]
    practice: bool | UnsetType = UNSET  # true: to train; nothing in it binds, and nothing is saved


async def get_monitor(call: Call[NoBody, MonitorQuery]) -> Monitor:
    """Buyer or operator: all lots with their clocks, bids and savings, and which suppliers are connected."""
    event, seen_as = governed_event(call)
    rows = await event_history.latest_bids(
        call.ports.records, [lot.lot_id for lot in event.lots], call.query.limit
    )
    bids: dict[str, list[Row]] = {lot.lot_id: [] for lot in event.lots}
    for row in rows:
        bids[row["lot_id"]].append(row)
    now_us = call.ports.engine.now_us()
    faces = [(lot, lot_face(event, lot, seen_as)) for lot in event.lots]
    awards = call.views.sourcing.awards
    saved = [_saved(event, lot, face, awards) for lot, face in faces]
    return Monitor(
        event.event_id,
        event.title,
        event.state,
        event.currency,
        event.price_scale,
        instant_of(now_us),
        instant_of(event.paused_at_us) if event.paused_at_us else UNSET,
        savings_shown(sum_of(each for each in saved if each), event.currency),
        [
            _lot(event, lot, face, savings, bids[lot.lot_id], now_us, call.query.limit)
            for (lot, face), savings in zip(faces, saved, strict=True)
        ],
        _suppliers(call, event, seen_as),
        mark_of(event),
    )


def _suppliers(call: Call[Any, Any], event: SourcingEvent, seen_as: Relation) -> list[SupplierSeen]:
    """None to the seller of lots from stock, which learns nobody who bids."""
    if seen_as is Relation.SELLER:
        return []
    return [SupplierSeen(each, call.ports.connected(each)) for each in event.invited]


def governed_event(call: Call[Any, Any]) -> tuple[SourcingEvent, Relation]:
    """The event of the path; to suppliers, as to strangers, it is unknown here."""
    event, seen_as = event_of(call.views, call.id("event_id"), call.member_id)
    if seen_as is Relation.SUPPLIER:
        raise Refused(Reject(RejectCode.EVENT_UNKNOWN, field="event_id"))
    return event, seen_as


def _saved(event: SourcingEvent, lot: LotAtWork, face: LotFace, awards: Awards) -> Savings | None:
    """At the lead, of units at what the best would get; nothing without a bid, and while it is sealed."""
    if not face.lot.lead_price:
        return None
    if lot.rules.winners > 1:
        return savings_of(event, lot, expected_by_alias(event, lot, expected_parts(event, lot, awards)))
    return savings_at(event, lot, face.lot.lead_price)


def _lot(
    event: SourcingEvent,
    lot: LotAtWork,
    face: LotFace,
    savings: Savings | None,
    rows: list[Row],
    now_us: int,
    limit: int,
) -> LotSeen:
    scale, baseline = event.price_scale, baseline_of(lot)
    sealed = face.lot.prices is UNSET
    return LotSeen(
        lot.lot_id,
        lot.title,
        lot.state,
        lot.direction,
        lot.quantity,
        instant_of(lot.open_at_us) if lot.published else None,
        instant_of(lot.close_at_us) if lot.published else None,
        _left_us(event, lot, now_us),
        lot.overtime_us,
        event.overtime.total_us_max,
        lot.extensions,
        event.overtime.number_of_extensions,
        baseline[1] if baseline else None,
        decimal_of(baseline[0], scale) if baseline else None,
        _price(face.lot.lead_price, scale),
        savings_shown(savings, event.currency) if savings else None,
        face.lot.participants,
        UNSET if sealed else _standing(lot, scale, limit),
        UNSET if sealed else [_bid(lot, row, scale) for row in rows],
    )


def _left_us(event: SourcingEvent, lot: LotAtWork, now_us: int) -> int | UnsetType:
    """What the clock of a waiting or open lot shows; in a pause it stands still."""
    if not lot.running:
        return UNSET
    due_us = lot.open_at_us if lot.state is LotState.WAITING else lot.close_at_us
    return max(0, due_us - (event.paused_at_us or now_us))


def _price(price: int | UnsetType, scale: int) -> str | UnsetType | None:
    if price is UNSET:
        return UNSET
    return decimal_of(price, scale) if price else None


def _standing(lot: LotAtWork, scale: int, limit: int) -> list[StandingSeen]:
    best = [bid for bid, _ in zip(lot.board.ranking(), range(limit), strict=False)]
    return [
        StandingSeen(
            bid.alias,
            lot.board.rank_of(bid.member_id),
            decimal_of(price_by_alias(lot, bid.alias, bid.price), scale),
            bid.bids,
            bid.surrogate or UNSET,
        )
        for bid in best
    ]


def _bid(lot: LotAtWork, row: Row, scale: int) -> BidSeen:
    price = decimal_of(price_by_alias(lot, row["alias"], row["price"]), scale)
    at = instant_of(row["at_us"])
    return BidSeen(row["bid_number"], row["alias"], price, at, *notes_of(row))


def notes_of(row: Row) -> tuple[str | UnsetType, str | UnsetType]:
    """Why a bid counts no more, and why an operator made it for its bidder."""
    revoked, surrogate = row["revoked"], row["surrogate"]
    return UNSET if revoked is None else revoked, UNSET if surrogate is None else surrogate


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "GET", "/v1/events/{event_id}/monitor", "Watch an event as it runs", get_monitor,
        NoBody, MonitorQuery, Monitor,
    ),
)  # fmt: skip
