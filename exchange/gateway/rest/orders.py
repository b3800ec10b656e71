"""REST of a member's own orders and fills: placed, amended, cancelled and read; nobody reads another's."""

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from exchange.core.limits import CANCEL_AFTER_US_MAX
from exchange.core.market.versions import order_version
from exchange.core.messages import (
    AmendOrder,
    CancelAfter,
    CancelAll,
    CancelOrder,
    OrderType,
    PlaceOrder,
    Side,
    TimeInForce,
)
from exchange.core.messages.corrections import TradeStatus
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway.decoding import price_of
from exchange.gateway.notation import (
    Decimals,
    Id,
    InstantText,
    decimal_of,
    instant_of,
    number_of,
    scale_of_unit,
)
from exchange.gateway.paging import DatedKey, IdKey, Number, PageQuery, key_of, page_of
from exchange.gateway.problems import Refused, Scales, field_refused
from exchange.gateway.rest.instruments import Pieces, instrument_of
from exchange.gateway.rest.order_terms import (
    COMMAND_NAMES,
    NewTerms,
    Terms,
    command_terms,
    recorded_terms,
    shown_terms,
)
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route, Settled
from exchange.gateway.stored import history
from exchange.gateway.stored.records import Row
from exchange.views.market import OrderStatus, OrderView
from exchange.views.views import Views


class NewOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Buy or sell at `price` or better. A sell order reserves stock, a buy order holds money.

    Only a market order has no price. `validate_only` runs every check and changes nothing: the answer is 200, without
    an id, and tells what the order would hold.
    """

    instrument_id: Id
    side: Side
    quantity: Pieces
    price: Decimals | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False
    terms: NewTerms | None = None
    validate_only: bool = False


class OrderChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out stays as it is; `quantity` is the new total, what is filled included."""

    price: Decimals | None = None
    quantity: Pieces | None = None


class OrderTaken(Settled, frozen=True):
    """What the order has traded so far, and what is left of it.

    `would_hold` answers validate_only: money for a buy order, pieces for a sell order.
    """

    order_id: str
    filled_quantity: int
    open_quantity: int
    would_hold: Decimals | UnsetType = UNSET


class CancelQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which of the own open orders; left out: all."""

    instrument_id: Id | None = None
    side: Side | None = None


class OrdersCancelled(Settled, frozen=True):
    """How many orders were cancelled."""

    cancelled: int


class NewSwitch(Struct, frozen=True, forbid_unknown_fields=True):
    """In how many seconds; 0 switches it off."""

    seconds: Annotated[int, Meta(ge=0, le=CANCEL_AFTER_US_MAX // 1_000_000)]


class SwitchSet(Settled, frozen=True):
    """When the orders are cancelled unless the switch is set again; absent where it is off."""

    due_at: InstantText | UnsetType = UNSET


class Order(Struct, frozen=True):
    """An own order. The instants come with the records, a moment after the commit."""

    order_id: str
    instrument_id: str
    side: Side
    price: Decimals
    quantity: int
    filled_quantity: int
    open_quantity: int
    time_in_force: TimeInForce
    post_only: bool
    status: OrderStatus
    placed_at: InstantText | UnsetType = UNSET
    changed_at: InstantText | UnsetType = UNSET
    terms: Terms | UnsetType = UNSET


class OrderPage(Struct, frozen=True):
    """Open orders by id, or closed ones with the last placed first."""

    orders: list[Order]
    next: str


class OrderQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of the own orders."""

    state: Literal["open", "closed"] = "open"
    instrument_id: Id | None = None


class FillQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of the own fills."""

    instrument_id: Id | None = None


class Fill(Struct, frozen=True):
    """A trade as seen from an own order, at the terms at which it stands; the other side stays unknown."""

    instrument_id: str
    trade_number: int
    order_id: str
    side: Side
    price: Decimals
    quantity: int
    maker: bool
    at: InstantText
    in_call: bool
    status: TradeStatus


class FillPage(Struct, frozen=True):
    """Fills, the latest first."""

    trades: list[Fill]
    next: str


class FillKey(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Behind which fill."""

    at_us: Number
    instrument_id: Id
    trade_number: Number


async def place_order(call: Call[NewOrder, NoQuery]) -> OrderTaken:
    """Answers when the order is on disk, with what of it traded at once."""
    body = call.body
    instrument = instrument_of(call.views, body.instrument_id)
    scales = Scales(instrument.price_scale, instrument.currency)
    command = PlaceOrder(
        instrument_id=body.instrument_id,
        side=body.side,
        price=_new_price(body, scales, instrument.tick),
        quantity=body.quantity,
        time_in_force=body.time_in_force,
        post_only=body.post_only,
        terms=command_terms(body.terms, instrument.currency),
        validate_only=body.validate_only,
    )
    reply = await call.settle(command, scales, COMMAND_NAMES)
    if body.validate_only:
        call.status = 200
        scale = scale_of_unit(instrument.currency) if body.side is Side.BUY else 0
        held = decimal_of(reply.number, scale)
        return OrderTaken(reply.sequence, instant_of(reply.at_us), "", 0, 0, held)
    call.headers["Location"] = f"/v1/orders/{reply.id}"
    return OrderTaken(
        reply.sequence, instant_of(reply.at_us), reply.id, reply.filled_quantity, reply.open_quantity
    )


async def amend_order(call: Call[OrderChange, NoQuery]) -> OrderTaken:
    """Less quantity at the same price keeps the place in the queue; anything else loses it and may trade."""
    order_id = call.id("order_id")
    instrument = instrument_of(call.views, await _instrument_id(call, order_id))
    scales = Scales(instrument.price_scale, instrument.currency)
    price = 0 if call.body.price is None else _price(call.body.price, scales, instrument.tick)
    command = AmendOrder(order_id=order_id, price=price, quantity=call.body.quantity or 0)
    reply = await call.settle(command, scales)
    return OrderTaken(
        reply.sequence, instant_of(reply.at_us), reply.id, reply.filled_quantity, reply.open_quantity
    )


async def cancel_order(call: Call[NoBody, NoQuery]) -> OrderTaken:
    """Take away what is left; what was filled stays filled."""
    reply = await call.settle(CancelOrder(order_id=call.id("order_id")))
    return OrderTaken(
        reply.sequence, instant_of(reply.at_us), reply.id, reply.filled_quantity, reply.open_quantity
    )


async def cancel_orders(call: Call[NoBody, CancelQuery]) -> OrdersCancelled:
    """Take away what is left of all own orders that fit, at once."""
    command = CancelAll(instrument_id=call.query.instrument_id or "", side=call.query.side)
    reply = await call.settle(command)
    return OrdersCancelled(reply.sequence, instant_of(reply.at_us), reply.number)


async def cancel_after(call: Call[NewSwitch, NoQuery]) -> SwitchSet:
    """A dead-man's switch over the orders that were placed over REST: set it again in time, or they are cancelled."""
    reply = await call.settle(CancelAfter(after_us=call.body.seconds * 1_000_000))
    due_at = instant_of(reply.number) if reply.number else UNSET
    return SwitchSet(reply.sequence, instant_of(reply.at_us), due_at)


async def list_orders(call: Call[NoBody, OrderQuery]) -> OrderPage:
    """Open orders after the last commit, or closed ones from the records."""
    query, instrument_id = call.query, call.query.instrument_id or ""
    if query.state == "open":
        after = key_of(query.cursor, IdKey)
        mine = call.views.market.orders.get(call.member_id, {})
        ids = sorted(
            order_id
            for order_id, order in mine.items()
            if instrument_id in {"", order.instrument_id} and (after is None or order_id > after.id)
        )
        page, following = page_of(ids, query.limit, lambda order_id: (order_id,))
        return OrderPage([_order(call.views, mine[order_id]) for order_id in page], following)
    dated = key_of(query.cursor, DatedKey)
    last = (dated.at_us, dated.id) if dated else None
    rows = await history.closed_orders(
        call.ports.records, call.member_id, instrument_id, last, query.limit + 1
    )
    closed, following = page_of(rows, query.limit, lambda row: (row["placed_at_us"], row["order_id"]))
    return OrderPage([_recorded(call.views, row) for row in closed], following)


async def get_order(call: Call[NoBody, NoQuery]) -> Order:
    """One own order, open or closed."""
    order_id = call.id("order_id")
    order = call.views.market.order(call.member_id, order_id)
    if order is not None:
        if order.status is OrderStatus.OPEN:
            call.version = order_version(order.price, order.quantity, order.open_quantity)
        return _order(call.views, order)
    row = await history.order(call.ports.records, call.member_id, order_id)
    if row is None:
        raise Refused(Reject(RejectCode.ORDER_UNKNOWN, field="order_id"))
    return _recorded(call.views, row)


async def list_fills(call: Call[NoBody, FillQuery]) -> FillPage:
    """Own fills from the records, the latest first."""
    query, member_id = call.query, call.member_id
    key = key_of(query.cursor, FillKey)
    last = (key.at_us, key.instrument_id, key.trade_number) if key else None
    rows = await history.fills(
        call.ports.records, member_id, query.instrument_id or "", last, query.limit + 1
    )
    page, following = page_of(
        rows, query.limit, lambda row: (row["at_us"], row["instrument_id"], row["trade_number"])
    )
    return FillPage([_fill(call.views, row) for row in page], following)


def _new_price(order: NewOrder, scales: Scales, tick: int) -> int:
    """Only a market order may leave its price out."""
    if order.price is not None:
        return _price(order.price, scales, tick)
    if order.terms is None or order.terms.order_type is not OrderType.MARKET:
        raise field_refused("price", "It is missing: only a market order has none.")
    return 0


def _price(text: str, scales: Scales, tick: int) -> int:
    """The price in the instrument's scale; one with more decimals is off the tick, whatever the tick."""
    if number_of(text, scales.price_scale) is None:
        raise Refused(Reject(RejectCode.PRICE_OFF_TICK, tick, "price"), scales=scales)
    return price_of("price", text, scales.price_scale)


async def _instrument_id(call: Call[OrderChange, NoQuery], order_id: str) -> str:
    """That of an own order, closed ones included: a request may be repeated after it has closed its order."""
    views, member_id = call.views, call.member_id
    known = views.market.order(member_id, order_id) or views.contracts.get(member_id, order_id)
    if known is not None:
        return known.instrument_id
    row = await history.order(call.ports.records, member_id, order_id)
    if row is None:
        raise Refused(Reject(RejectCode.ORDER_UNKNOWN, field="order_id"))
    return str(row["instrument_id"])


def _order(views: Views, order: OrderView) -> Order:
    instrument = instrument_of(views, order.instrument_id)
    return Order(
        order.order_id,
        order.instrument_id,
        order.side,
        decimal_of(order.price, instrument.price_scale),
        order.quantity,
        order.filled_quantity,
        order.open_quantity,
        order.time_in_force,
        order.post_only,
        order.status,
        terms=shown_terms(order.terms, instrument.currency),
    )


def _recorded(views: Views, row: Row) -> Order:
    instrument = instrument_of(views, row["instrument_id"])
    return Order(
        row["order_id"],
        row["instrument_id"],
        Side(row["side"]),
        decimal_of(row["price"], instrument.price_scale),
        row["quantity"],
        row["filled_quantity"],
        row["open_quantity"],
        TimeInForce(row["time_in_force"]),
        row["post_only"],
        OrderStatus(row["status"]),
        instant_of(row["placed_at_us"]),
        instant_of(row["changed_at_us"]),
        shown_terms(recorded_terms(row), instrument.currency),
    )


def _fill(views: Views, row: Row) -> Fill:
    taker_side, maker = Side(row["taker_side"]), bool(row["maker"])
    other_side = Side.SELL if taker_side is Side.BUY else Side.BUY
    return Fill(
        row["instrument_id"],
        row["trade_number"],
        row["maker_order_id" if maker else "taker_order_id"],
        other_side if maker else taker_side,
        decimal_of(row["price"], instrument_of(views, row["instrument_id"]).price_scale),
        row["quantity"],
        maker,
        instant_of(row["at_us"]),
        row["in_call"],
        TradeStatus(row["status"]),
    )


_ONE = "/v1/orders/{order_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "POST", "/v1/orders", "Place an order", place_order, NewOrder, NoQuery, OrderTaken, PlaceOrder, 201
    ),
    Route("GET", "/v1/orders", "List own orders", list_orders, NoBody, OrderQuery, OrderPage),
    Route("GET", _ONE, "Read an own order", get_order, NoBody, NoQuery, Order),
    Route("PATCH", _ONE, "Amend an own order", amend_order, OrderChange, NoQuery, OrderTaken, AmendOrder),
    Route("DELETE", _ONE, "Cancel an own order", cancel_order, NoBody, NoQuery, OrderTaken, CancelOrder),
    Route(
        "DELETE",
        "/v1/orders",
        "Cancel all own orders",
        cancel_orders,
        NoBody,
        CancelQuery,
        OrdersCancelled,
        CancelAll,
    ),
    Route(
        "PUT",
        "/v1/cancel-after",
        "Set the dead-man's switch",
        cancel_after,
        NewSwitch,
        NoQuery,
        SwitchSet,
        CancelAfter,
    ),
    Route("GET", "/v1/trades", "List own fills", list_fills, NoBody, FillQuery, FillPage),
)
