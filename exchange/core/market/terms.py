"""The terms of an order beyond price and quantity: which go together, and which fit its quantity.

Guarantees: a plain order (a limit, GTC, IOC or FOK, without terms) has none, so that nobody asks it about them.
Does not look at any book: whether the terms can be met is asked there.
"""

from typing import Final

from msgspec import Struct

from exchange.core.limits import EXPIRY_US_MAX, SLICES_MAX
from exchange.core.messages.base import Side, TimeInForce
from exchange.core.messages.orders import (
    OrderTerms,
    OrderTermsSet,
    OrderType,
    PlaceOrder,
    PostOnlyMode,
    SelfTradeMode,
)
from exchange.core.rejects import Reject, RejectCode

DAY_US: Final = 24 * 3_600 * 1_000_000
RESTING: Final = (TimeInForce.GTC, TimeInForce.GTD, TimeInForce.DAY)

_GTD: Final = TimeInForce.GTD
_DAY: Final = TimeInForce.DAY
_FOK: Final = TimeInForce.FOK
_PLAIN: Final = OrderTerms()
_CONTRADICT: Final = RejectCode.ORDER_TERMS_CONTRADICT


class Terms(Struct, frozen=True, array_like=True, gc=False):
    """What matters of an order while it meets others or rests. `expires_at_us` is 0 for one that never expires."""

    time_in_force: TimeInForce
    min_fill_quantity: int
    display_quantity: int
    self_trade: SelfTradeMode
    post_only_mode: PostOnlyMode
    expires_at_us: int


def terms_of(command: PlaceOrder, at_us: int) -> Terms | None:
    """The terms of an order that comes at this instant; nothing for a plain one."""
    given, tif = command.terms, command.time_in_force
    if tif is not _DAY and tif is not _GTD and (given is None or given == _PLAIN):
        return None
    given = given or _PLAIN
    return Terms(
        tif,
        given.min_fill_quantity,
        given.display_quantity,
        given.self_trade,
        given.post_only_mode,
        (at_us // DAY_US + 1) * DAY_US if tif is _DAY else given.expires_at_us,
    )


def contradiction(command: PlaceOrder, at_us: int) -> Reject | None:
    """The first term that does not go with the others, or nothing.

    A market order has no price and does not rest; only a post-only order slides; a budget is for a buy order
    that does not rest; an iceberg rests and has no minimum; a FOK order is filled whole and has none either;
    an expiry belongs to GTD and lies ahead, by a year at most.
    """
    given, tif = command.terms or _PLAIN, command.time_in_force
    rests = tif in RESTING
    for field, wrong in (
        ("order_type", given.order_type is OrderType.MARKET and rests),
        ("price", given.order_type is OrderType.MARKET and command.price > 0),
        ("post_only_mode", given.post_only_mode is PostOnlyMode.SLIDE and not command.post_only),
        ("budget_minor", given.budget_minor > 0 and (rests or command.side is Side.SELL)),
        ("display_quantity", given.display_quantity > 0 and (not rests or given.min_fill_quantity > 0)),
        ("min_fill_quantity", given.min_fill_quantity > 0 and tif is _FOK),
        ("expires_at_us", given.expires_at_us > 0 and tif is not _GTD),
    ):
        if wrong:
            return Reject(_CONTRADICT, field=field)
    if tif is _GTD and not at_us < given.expires_at_us <= at_us + EXPIRY_US_MAX:
        return Reject(RejectCode.EXPIRY_OUT_OF_RANGE, at_us + EXPIRY_US_MAX, "expires_at_us")
    return None


def part_refusal(terms: Terms, quantity: int, lot_multiple: int) -> Reject | None:
    """Why the displayed or the least part does not fit the quantity: both are lots of at most all of it.

    An order is divided into at most SLICES_MAX slices.
    """
    for field, part in (
        ("min_fill_quantity", terms.min_fill_quantity),
        ("display_quantity", terms.display_quantity),
    ):
        if part % lot_multiple:
            return Reject(RejectCode.QUANTITY_OFF_LOT, lot_multiple, field)
        if part > quantity:
            return Reject(RejectCode.PART_OUT_OF_RANGE, quantity, field)
    if terms.display_quantity and terms.display_quantity * SLICES_MAX < quantity:
        lots = -(-quantity // (SLICES_MAX * lot_multiple))
        return Reject(RejectCode.PART_OUT_OF_RANGE, lots * lot_multiple, "display_quantity")
    return None


def terms_told(
    order_id: str, member_id: str, instrument_id: str, command: PlaceOrder, terms: Terms
) -> OrderTermsSet:
    """The event that tells the terms of an order that has some."""
    given = command.terms or _PLAIN
    return OrderTermsSet(
        order_id,
        member_id,
        instrument_id,
        given.order_type,
        given.min_fill_quantity,
        given.display_quantity,
        given.budget_minor,
        given.post_only_mode,
        given.self_trade,
        terms.expires_at_us,
    )
