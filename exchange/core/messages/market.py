"""Prices: orders in the continuous book, and the timed lots of sourcing events."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from exchange.core.limits import EVENT_DURATION_US_MAX, PRICE_SCALE_MAX, REF_MAX
from exchange.core.messages.base import (
    Command,
    Currency,
    DurationUs,
    Event,
    Instant,
    Price,
    PublicId,
    Quantity,
    Side,
    Symbol,
    TimeInForce,
)

# --- the continuous book -------------------------------------------------------------------------


class PlaceOrder(Command, frozen=True, tag="place_order"):
    """Buy or sell at `price` or better. A sell order reserves stock, a buy order holds money."""

    instrument_id: PublicId
    side: Side
    price: Price
    quantity: Quantity
    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False  # refused where it would trade at once; only with GTC


class OrderPlaced(Event, frozen=True, tag="order_placed"):
    """The order was taken; trades, and whether it rests, follow as further events of the same command."""

    order_id: str
    member_id: str
    instrument_id: str
    side: Side
    price: int
    quantity: int
    time_in_force: TimeInForce
    post_only: bool


class OrderRested(Event, frozen=True, tag="order_rested"):
    """`open_quantity` joined the back of its price level."""

    order_id: str
    member_id: str
    instrument_id: str
    side: Side
    price: int
    open_quantity: int


class Traded(Event, frozen=True, tag="traded"):
    """One match, at the maker's price. `*_open` is what is left of each order after it.

    `trade_number` counts from 1 per instrument. An order whose open quantity is 0 is filled.
    """

    instrument_id: str
    trade_number: int
    price: int
    quantity: int
    taker_side: Side
    maker_order_id: str
    taker_order_id: str
    maker_member_id: str
    taker_member_id: str
    maker_open: int
    taker_open: int


class SelfTradePrevented(Event, frozen=True, tag="self_trade_prevented"):
    """Decrement-and-cancel: both orders of one beneficial owner shrank by `quantity` without a trade.

    The one whose open quantity is now 0 is cancelled.
    """

    instrument_id: str
    price: int
    quantity: int
    taker_side: Side
    maker_order_id: str
    taker_order_id: str
    maker_member_id: str
    taker_member_id: str
    maker_open: int
    taker_open: int


class CancelCause(StrEnum):
    """Why what was left of an order was taken away."""

    REQUESTED = "requested"
    REMAINDER = "remainder"  # of an IOC order
    AMENDED = "amended"  # to less than was filled already


class OrderCancelled(Event, frozen=True, tag="order_cancelled"):
    """`open_quantity` was cancelled; `resting` tells whether it stood in the book at `price`."""

    order_id: str
    member_id: str
    instrument_id: str
    side: Side
    price: int
    open_quantity: int
    resting: bool
    cause: CancelCause


class CancelOrder(Command, frozen=True, tag="cancel_order"):
    """Take away what is left of an own order, named by `order_id` or by the `ref` that placed it."""

    order_id: Annotated[str, Meta(max_length=32)] = ""
    order_ref: Annotated[int, Meta(ge=0, le=REF_MAX)] = 0  # within the same session


class AmendOrder(Command, frozen=True, tag="amend_order"):
    """Change price, total quantity or both of an own resting order; 0 leaves a value as it is.

    `quantity` is the new total, what is filled included. Less at the same price keeps the place in the
    queue; more, or another price, loses it and may trade. At or below what is filled cancels the rest.
    """

    order_id: Annotated[str, Meta(max_length=32)] = ""
    order_ref: Annotated[int, Meta(ge=0, le=REF_MAX)] = 0
    price: Annotated[int, Meta(ge=0, le=10**12)] = 0
    quantity: Annotated[int, Meta(ge=0, le=10**9)] = 0


class OrderAmended(Event, frozen=True, tag="order_amended"):
    """`old_open` at `old_price` left the book; if `kept_place`, `open_quantity` stands there instead.

    Otherwise trades and an OrderRested may follow, as for a new order.
    """

    order_id: str
    member_id: str
    instrument_id: str
    side: Side
    old_price: int
    old_open: int
    price: int
    quantity: int
    open_quantity: int
    kept_place: bool


# --- sourcing events -----------------------------------------------------------------------------


class Disclosure(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a supplier in a lot is shown of the others. Its own bids and rank are always shown."""

    lead_price: bool = True
    participant_count: bool = False
    prices_by_alias: bool = False  # tells the number of participants too


class Overtime(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A bid that takes the lead within `window_us` of the close moves it to `extension_us` after the bid.

    All extensions of a lot together never pass `total_us_max`. A window of 0 means no overtime.
    """

    window_us: DurationUs = 120_000_000
    extension_us: DurationUs = 120_000_000
    total_us_max: DurationUs = 3_600_000_000


class CreateEvent(Command, frozen=True, tag="create_event"):
    """Buyer: draft a sourcing event, a live English reverse auction."""

    title: Symbol
    currency: Currency
    open_at_us: Instant
    duration_us: Annotated[int, Meta(ge=1_000_000, le=EVENT_DURATION_US_MAX)]
    price_scale: Annotated[int, Meta(ge=0, le=PRICE_SCALE_MAX)] = 4
    overtime: Overtime = Overtime()
    disclosure: Disclosure = Disclosure()


class EventCreated(Event, frozen=True, tag="event_created"):
    """A draft exists; nobody but its buyer and the operator sees it."""

    event_id: str
    member_id: str
    title: str
    currency: str
    price_scale: int
    open_at_us: int
    duration_us: int
    overtime: Overtime
    disclosure: Disclosure


class AddLot(Command, frozen=True, tag="add_lot"):
    """Buyer: say what is bought. A bid is a unit price; what is compared is the unit price."""

    event_id: PublicId
    title: Symbol
    quantity: Quantity
    ceiling_price: Price  # highest admissible bid
    min_step: Price  # least improvement on one's own best bid and, to take the lead, on the lead
    tick: Price = 1


class LotAdded(Event, frozen=True, tag="lot_added"):
    """The lot is part of the draft."""

    lot_id: str
    event_id: str
    title: str
    quantity: int
    ceiling_price: int
    min_step: int
    tick: int


class InviteSupplier(Command, frozen=True, tag="invite_supplier"):
    """Buyer or operator: admit a member with the role seller to the event, before it closes."""

    event_id: PublicId
    member_id: PublicId


class SupplierInvited(Event, frozen=True, tag="supplier_invited"):
    """The supplier sees the event and may bid while it is open."""

    event_id: str
    member_id: str


class PublishEvent(Command, frozen=True, tag="publish_event"):
    """Buyer: fix the draft; it opens by itself at its instant."""

    event_id: PublicId


class EventPublished(Event, frozen=True, tag="event_published"):
    """Invited suppliers are shown the event."""

    event_id: str


class LotOpened(Event, frozen=True, tag="lot_opened"):
    """Bids are taken until the close, which overtime may move."""

    lot_id: str
    event_id: str
    close_at_us: int


class SubmitBid(Command, frozen=True, tag="submit_bid"):
    """Supplier: offer a unit price. Counts if the exchange's instant for it is before the close."""

    lot_id: PublicId
    price: Price


class BidSubmitted(Event, frozen=True, tag="bid_submitted"):
    """`alias` is the number of the supplier in this lot by first bid; `bid_number` counts the lot's bids."""

    lot_id: str
    member_id: str
    price: int
    alias: int
    bid_number: int
    at_us: int


class CloseExtended(Event, frozen=True, tag="close_extended"):
    """The close moved; `overtime_us` is the sum of the lot's extensions so far."""

    lot_id: str
    close_at_us: int
    overtime_us: int


class LotShifted(Event, frozen=True, tag="lot_shifted"):
    """An outage moved the lot's timetable; it is not overtime."""

    lot_id: str
    open_at_us: int
    close_at_us: int


class LotClosed(Event, frozen=True, tag="lot_closed"):
    """No bid is taken any more; `lead_price` is 0 where there was none."""

    lot_id: str
    event_id: str
    lead_price: int
    lead_member_id: str


class AwardLot(Command, frozen=True, tag="award_lot"):
    """Buyer: award a closed lot to the supplier behind an alias; 0 awards nobody."""

    lot_id: PublicId
    alias: Annotated[int, Meta(ge=0, le=10_000)]


class LotAwarded(Event, frozen=True, tag="lot_awarded"):
    """The buyer and the winner now learn each other's member id; `amount_minor` is rounded once."""

    lot_id: str
    event_id: str
    buyer_id: str
    winner_id: str  # empty: nobody
    alias: int
    price: int
    quantity: int
    amount_minor: int


class CancelEvent(Command, frozen=True, tag="cancel_event"):
    """Buyer or operator: end an event that is not awarded."""

    event_id: PublicId
    reason: Symbol


class EventCancelled(Event, frozen=True, tag="event_cancelled"):
    """All its lots are void."""

    event_id: str
    reason: str
