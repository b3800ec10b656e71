"""Orders in the continuous book, and what becomes of them."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from exchange.core.limits import REF_MAX
from exchange.core.messages.base import Command, Event, Price, PublicId, Quantity, Side, TimeInForce


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
