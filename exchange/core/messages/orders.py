"""Orders in the continuous book, and what becomes of them."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from exchange.core.limits import (
    AMOUNT_MINOR_MAX,
    CANCEL_AFTER_US_MAX,
    PRICE_MAX,
    PUBLIC_ID_LENGTH_MAX,
    QUANTITY_MAX,
    REF_MAX,
)
from exchange.core.messages.base import (
    Command,
    ConditionalCommand,
    Event,
    Instant,
    PublicId,
    Quantity,
    Side,
    TimeInForce,
)

QuantityOrNone = Annotated[int, Meta(ge=0, le=QUANTITY_MAX)]


class OrderType(StrEnum):
    """What bounds the price of an order."""

    LIMIT = "limit"  # its own price
    MARKET = "market"  # the end of the instrument's price band; only with IOC or FOK


class PostOnlyMode(StrEnum):
    """What becomes of a post-only order whose price would trade."""

    REJECT = "reject"
    SLIDE = "slide"  # it rests one tick behind the best order that it would have met


class SelfTradeMode(StrEnum):
    """What happens where two orders of one beneficial owner meet; the taker's choice wins."""

    DECREMENT = "decrement_and_cancel"  # both shrink by what they would have traded
    CANCEL_NEWEST = "cancel_newest"  # what is left of the taker
    CANCEL_OLDEST = "cancel_oldest"  # the maker, and the taker goes on
    CANCEL_BOTH = "cancel_both"


class OrderTerms(Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """What an order may say beyond a plain limit order; every default is the plain one.

    With `budget_minor` a buy order (IOC or FOK) pays at most that much in all, tax on the goods included,
    and holds no more. An order with a minimum fill is not shown and is met after those that are.
    """

    order_type: OrderType = OrderType.LIMIT
    min_fill_quantity: QuantityOrNone = 0  # trades in pieces of at least this, or all that is left
    display_quantity: QuantityOrNone = 0  # how much of it shows at a time; 0: all
    budget_minor: Annotated[int, Meta(ge=0, le=AMOUNT_MINOR_MAX)] = 0
    post_only_mode: PostOnlyMode = PostOnlyMode.REJECT
    self_trade: SelfTradeMode = SelfTradeMode.DECREMENT
    expires_at_us: Instant = 0  # with GTD, and only there


class PlaceOrder(Command, frozen=True, tag="place_order"):
    """Buy or sell at `price` or better. A sell order reserves stock, a buy order holds money.

    A market order has price 0. `validate_only` runs every check and changes nothing; the reply's `number`
    is what the order would hold.
    """

    instrument_id: PublicId
    side: Side
    price: Annotated[int, Meta(ge=0, le=PRICE_MAX)]
    quantity: Quantity
    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False  # never trades when it comes; only where it can rest
    terms: OrderTerms | None = None
    validate_only: bool = False


class OrderTermsSet(Event, frozen=True, tag="order_terms_set"):
    """Terms of the order that OrderPlaced has no field for; follows it where one of them is not the default.

    `expires_at_us` is the end of the day for a DAY order, 0 for one that never expires.
    """

    order_id: str
    member_id: str
    instrument_id: str
    order_type: OrderType
    min_fill_quantity: int
    display_quantity: int
    budget_minor: int
    post_only_mode: PostOnlyMode
    self_trade: SelfTradeMode
    expires_at_us: int


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
    """`open_quantity` joined the back of its price level.

    Of an iceberg only the displayed quantity shows, of an order with a minimum fill nothing.
    """

    order_id: str
    member_id: str
    instrument_id: str
    side: Side
    price: int
    open_quantity: int


class SliceRefilled(Event, frozen=True, tag="slice_refilled"):
    """The displayed part of an iceberg was used up: the next one joined the back of the level.

    `refill` counts from 1 within the order; whoever shows queues must not let it link the slices.
    """

    order_id: str
    member_id: str
    instrument_id: str
    side: Side
    price: int
    quantity: int
    refill: int


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
    EXPIRED = "expired"  # its instant or its day has come
    SELF_TRADE = "self_trade"  # it met an order of the same owner
    TIMED_OUT = "timed_out"  # cancel_after was not renewed


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


class CancelOrder(ConditionalCommand, frozen=True, tag="cancel_order"):
    """Take away what is left of an own order, named by `order_id` or by the `ref` that placed it."""

    order_id: Annotated[str, Meta(max_length=32)] = ""
    order_ref: Annotated[int, Meta(ge=0, le=REF_MAX)] = 0  # within the same session


class AmendOrder(ConditionalCommand, frozen=True, tag="amend_order"):
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


class CancelAll(Command, frozen=True, tag="cancel_all"):
    """Take away all own resting orders that fit; the reply's `number` tells how many.

    `placed_in` narrows it to orders placed in that session of the member.
    """

    instrument_id: Annotated[str, Meta(max_length=PUBLIC_ID_LENGTH_MAX)] = ""  # empty: in all books
    side: Side | None = None  # none: both
    placed_in: Annotated[int, Meta(ge=0, le=REF_MAX)] = 0  # 0: wherever it was placed


class CancelAfter(Command, frozen=True, tag="cancel_after"):
    """Take away the orders placed in this session unless it is sent again within `after_us`; 0 switches it off.

    What was placed over REST counts as one session.
    """

    after_us: Annotated[int, Meta(ge=0, le=CANCEL_AFTER_US_MAX)]


OrderCommand = PlaceOrder | CancelOrder | AmendOrder | CancelAll | CancelAfter
OrderEvent = (
    OrderPlaced
    | OrderRested
    | Traded
    | SelfTradePrevented
    | OrderCancelled
    | OrderAmended
    | OrderTermsSet
    | SliceRefilled
)
