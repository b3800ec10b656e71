"""The drop copy: what became of every member's orders, for operators and auditors alone. See `shown`."""

from enum import StrEnum

from msgspec import Struct

from exchange_client.messages import Side
from exchange_client.shown_queues import Shown


class DropKind(StrEnum):
    """What happened to an order, or to a trade of it."""

    ACCEPTED = "accepted"
    FILLED = "filled"  # each trade is told twice, once for each order
    AMENDED = "amended"
    REDUCED = "reduced"  # by self-trade prevention
    CANCELLED = "cancelled"
    BUSTED = "busted"
    CORRECTED = "corrected"


class DropEntry(Struct, frozen=True, array_like=True, gc=False):
    """One thing that happened, at a place of the journal. `quantity` is what was accepted, filled, cut or cancelled.

    Of a busted trade it is what it was, of a corrected one what it is now; both leave the order as it is, so that their
    `open_quantity` is 0. `cause` is that of a cancel, a bust or a correction.
    """

    seq: int
    at_us: int
    kind: DropKind
    member_id: str
    order_id: str
    instrument_id: str
    side: Side
    price: int
    quantity: int
    open_quantity: int
    trade_number: int = 0
    cause: str = ""


class DropOrder(Struct, frozen=True, array_like=True, gc=False):
    """An open order of a member."""

    member_id: str
    order_id: str
    instrument_id: str
    side: Side
    price: int
    quantity: int
    open_quantity: int


class DropSnapshot(Shown, frozen=True, tag="drop_snapshot"):
    """Every open order after the command `seq` of the journal, up to 10,000; `left_out` counts those beyond."""

    channel: str
    epoch: int
    offset: int
    seq: int
    orders: list[DropOrder]
    left_out: int = 0


class DropCopy(Shown, frozen=True, tag="drop_copy"):
    """What one commit did to orders, in the order of the journal."""

    channel: str
    epoch: int
    offset: int
    entries: list[DropEntry]


DropFrame = DropSnapshot | DropCopy
