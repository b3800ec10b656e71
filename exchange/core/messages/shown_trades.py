"""What everybody is shown of trades, and what is shown of those that do not stand as they were made."""

from msgspec import Struct, field

from exchange.core.messages.base import Side
from exchange.core.messages.corrections import BustCause, TradeStatus
from exchange.core.messages.shown_base import Shown


class OwnBusted(Struct, frozen=True, gc=False, tag_field="type", tag="trade_busted", omit_defaults=True):
    """A trade of the viewer was taken back: the line of its contract is gone, its money or its goods are back."""

    contract_id: str
    line: int
    side: Side
    instrument_id: str
    trade_number: int
    price: int
    quantity: int
    amount_minor: int
    cause: BustCause
    goods_tax_minor: int = 0


class OwnCorrected(
    Struct, frozen=True, gc=False, tag_field="type", tag="trade_corrected", omit_defaults=True
):
    """A trade of the viewer stands at other terms: `new_line` of its contract takes the place of `line`."""

    contract_id: str
    line: int
    new_line: int
    side: Side
    instrument_id: str
    trade_number: int
    old_price: int
    old_quantity: int
    price: int
    quantity: int
    amount_minor: int
    cause: BustCause
    goods_tax_minor: int = 0


class Restated(Struct, frozen=True, array_like=True, gc=False):
    """A trade that was printed before: what it comes to now, or what it was where it is busted."""

    trade_number: int
    status: TradeStatus
    price: int
    quantity: int


class Print(Struct, frozen=True, array_like=True, gc=False):
    """One trade as the public sees it."""

    trade_number: int
    price: int
    quantity: int
    taker_side: Side  # of a call: the side that pressed, since nobody took
    at_us: int
    in_call: bool = False
    status: TradeStatus = TradeStatus.STANDING


class Trades(Shown, frozen=True, tag="trades"):
    """Trades of one commit, oldest first; a snapshot holds the most recent ones, busted ones included.

    `changes` are trades that were printed before and stand at other terms now, or not at all.
    """

    channel: str
    epoch: int
    offset: int
    trades: list[Print]
    snapshot: bool = False
    changes: list[Restated] = field(default_factory=list)
