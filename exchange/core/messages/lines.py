"""Lots of several lines: what each of them is, and at which unit prices a bid prices them.

Guarantees: a lot without lines is one line, bid for by unit price, as ever.
"""

from typing import Annotated

from msgspec import Meta, Struct

from exchange.core.limits import (
    LINES_PER_LOT_MAX,
    PREMIUM_BPS_MAX,
    PRICE_MAX,
    SHIP_TO_LENGTH_MAX,
    SYMBOL_LENGTH_MAX,
)
from exchange.core.messages.base import Event, Instant, Quantity, Symbol

Unit = Annotated[str, Meta(max_length=SYMBOL_LENGTH_MAX)]
ShipTo = Annotated[str, Meta(max_length=SHIP_TO_LENGTH_MAX)]
LinePrice = Annotated[int, Meta(ge=0, le=PRICE_MAX)]
LinePrices = Annotated[tuple[LinePrice, ...], Meta(max_length=LINES_PER_LOT_MAX)]
"""The unit price of each line, in the order of the lines."""
Discount = Annotated[int, Meta(ge=-PREMIUM_BPS_MAX, le=10_000)]
"""Basis points off the reference price of every line; below zero a premium on it."""


class LotLine(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """So much of one thing, to one place, within a time; an instant of 0 stands for none."""

    title: Symbol
    quantity: Quantity
    unit: Unit = ""  # empty: pieces
    ship_to: ShipTo = ""
    deliver_from_us: Instant = 0
    deliver_until_us: Instant = 0
    may_be_free: bool = False  # its unit price may be 0
    reference_price: LinePrice = 0  # of a unit; where the lot is bid for by discount, what that is taken off


class LinesPriced(Event, frozen=True, tag="lines_priced"):
    """The bid of this number in the lot says its lines; comes after its BidSubmitted, whose price is their sum."""

    lot_id: str
    member_id: str
    bid_number: int
    prices: tuple[int, ...]
