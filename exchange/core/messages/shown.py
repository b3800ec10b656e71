"""What leaves the exchange over WebSocket, and the session frames that are not commands.

Every frame is one JSON object with a `type`. Unknown types and unknown fields must be ignored by
clients. Fields at their default are omitted. Prices are integers in 10^-price_scale; instants are
microseconds UTC. No frame here has a field for another member's identity, except those that say so.

Feeds: each channel is a stream with an `epoch` (a new one after every restart of the exchange) and an
`offset` that rises by one per frame. A snapshot restarts the picture at its offset.
"""

from typing import Annotated

from msgspec import Meta, Struct, field

from exchange.core.limits import REF_MAX, WIRE_INTEGER_MAX
from exchange.core.messages import listed, shown_bids, shown_lots, shown_trades
from exchange.core.messages.base import Side
from exchange.core.messages.orders import CancelCause
from exchange.core.messages.shown_awards import AwardNews
from exchange.core.messages.shown_base import Shown
from exchange.core.messages.shown_deals import (
    OwnClaim,
    OwnConsignment,
    OwnDeal,
    OwnFee,
    OwnRefund,
    OwnShipment,
)
from exchange.core.messages.shown_drops import DropFrame
from exchange.core.messages.shown_orders import OwnTerms
from exchange.core.messages.shown_qualification import QualificationNews
from exchange.core.messages.shown_queues import QueueFrame
from exchange.core.messages.shown_trades import OwnBusted, OwnCorrected

Advert = listed.Advert
AliasPrice = shown_bids.AliasPrice
Instrument = listed.Instrument
Lot = shown_lots.Lot
LotDelta = shown_lots.LotDelta
Print = shown_trades.Print
Trades = shown_trades.Trades
Level = tuple[int, int]
"""Price and quantity; quantity 0 removes the level."""


class SessionFrame(
    Struct, frozen=True, gc=False, tag_field="type", forbid_unknown_fields=True, omit_defaults=True
):
    """What a client sends beside commands."""


class Hello(SessionFrame, frozen=True, tag="hello"):
    """The first frame of a connection: who speaks, and in which session (0 opens a new one)."""

    key: Annotated[str, Meta(max_length=128)]
    session: Annotated[int, Meta(ge=0, le=REF_MAX)] = 0
    cancel_on_disconnect: bool = False  # all orders of the session, when this connection is lost


class Subscribe(SessionFrame, frozen=True, tag="subscribe"):
    """Follow a channel: `book:`, `orders:`, `trades:`, `ticker:` or `phase:` + instrument id, `lot:` + lot id, `own`, `notices`,
    `drop_copy` (operators and auditors).

    With the epoch and offset of the last frame seen, the missed frames follow if they are still kept;
    otherwise a snapshot does.
    """

    channel: Annotated[str, Meta(min_length=1, max_length=64)]
    epoch: Annotated[int, Meta(ge=0, le=REF_MAX)] = 0
    offset: Annotated[int, Meta(ge=0, le=REF_MAX)] = 0


class Unsubscribe(SessionFrame, frozen=True, tag="unsubscribe"):
    """Stop following a channel."""

    channel: Annotated[str, Meta(min_length=1, max_length=64)]


class Resolve(SessionFrame, frozen=True, tag="resolve"):
    """Ask what became of a ref of this session. Answered by its ack or reject, or `unresolved`."""

    ref: Annotated[int, Meta(ge=1, le=REF_MAX)]


class SyncTime(SessionFrame, frozen=True, tag="sync_time"):
    """Ask for the exchange's clock; `client_us` comes back unchanged."""

    client_us: Annotated[int, Meta(ge=0, le=WIRE_INTEGER_MAX)]


class Welcome(Shown, frozen=True, tag="welcome"):
    """The connection is authenticated. `high_ref` is the highest ref that the session has used."""

    member_id: str
    session: int
    high_ref: int
    epoch: int
    at_us: int
    heartbeat_us: int


class Ack(Shown, frozen=True, tag="ack"):
    """The command took effect and is on disk. `sequence` counts the member's own commands."""

    ref: int
    sequence: int
    at_us: int
    id: str = ""
    filled_quantity: int = 0
    open_quantity: int = 0
    number: int = 0


class Rejected(Shown, frozen=True, tag="rejected"):
    """The command was refused and changed nothing. It used its ref up unless `advice` is wait and code is 6xx."""

    ref: int
    code: int
    reason: str
    advice: str
    message: str
    remedy: str
    sequence: int = 0  # 0: it was not sequenced
    at_us: int = 0
    bound: int = 0
    field: str = ""
    step: int = 0  # of the lot's rules at the bound, where the bid improved by too little


class Error(Shown, frozen=True, tag="error"):
    """A frame could not be understood or met; nothing else is disturbed. `ref` is given if it could be read.

    `channel` is the one that a subscribe asked for in vain.
    """

    code: int
    reason: str
    message: str
    remedy: str
    field: str = ""
    ref: int = 0
    channel: str = ""


class Unresolved(Shown, frozen=True, tag="unresolved"):
    """`never` tells that the ref was never executed and never will be; else ask again after the commit."""

    ref: int
    never: bool


class Time(Shown, frozen=True, tag="time"):
    """The exchange's clock as it answered."""

    client_us: int
    server_us: int


class Heartbeat(Shown, frozen=True, tag="heartbeat"):
    """Once a second on a channel: nothing was missed if `offset` is that of the last frame seen."""

    channel: str
    epoch: int
    offset: int
    at_us: int


class Subscribed(Shown, frozen=True, tag="subscribed"):
    """Comes before the channel's first frame. `recovered` tells whether missed frames follow, not a snapshot."""

    channel: str
    epoch: int
    offset: int
    recovered: bool


class Unsubscribed(Shown, frozen=True, tag="unsubscribed"):
    """The channel is silent from now on."""

    channel: str


class BookSnapshot(Shown, frozen=True, tag="book_snapshot"):
    """All levels of a book, best first, and how its integers read."""

    channel: str
    epoch: int
    offset: int
    currency: str
    price_scale: int
    bids: list[Level]
    asks: list[Level]
    crc32: int


class BookDelta(Shown, frozen=True, tag="book_delta"):
    """Levels that changed in one commit, with their new quantity.

    `crc32` is over the top ten after it: bids then asks, best first, `price:quantity` joined by commas,
    in ASCII.
    """

    channel: str
    epoch: int
    offset: int
    at_us: int
    bids: list[Level]
    asks: list[Level]
    crc32: int


class Ticker(Shown, frozen=True, tag="ticker"):
    """Best bid and offer with their quantities, and the last trade; 0 where there is none."""

    channel: str
    epoch: int
    offset: int
    bid: int
    bid_quantity: int
    ask: int
    ask_quantity: int
    last_price: int
    last_quantity: int
    volume: int  # of this epoch, as the last trade is
    at_us: int


# --- the channel `own`: what happened to this member -----------------------------------------------


class OrderState(Struct, frozen=True, array_like=True, gc=False):
    """An open order of the viewer."""

    order_id: str
    instrument_id: str
    side: Side
    price: int
    quantity: int
    open_quantity: int


class AccountState(Struct, frozen=True, array_like=True, gc=False):
    """What the viewer has: `kind` wallet, held, payable, stock or reserved; `unit` a currency or an instrument.

    `available` is never negative for these kinds but for a wallet with credit.
    """

    kind: str
    unit: str
    available: int


class OwnSnapshot(Shown, frozen=True, tag="own_snapshot"):
    """Everything open, and every balance that is not zero."""

    channel: str
    epoch: int
    offset: int
    orders: list[OrderState]
    accounts: list[AccountState]


class OwnPlaced(Struct, frozen=True, gc=False, tag_field="type", tag="order_placed", omit_defaults=True):
    """An order of the viewer was taken."""

    order_id: str
    instrument_id: str
    side: Side
    price: int
    quantity: int


class OwnRested(Struct, frozen=True, gc=False, tag_field="type", tag="order_rested", omit_defaults=True):
    """What is left of it stands in the book."""

    order_id: str
    price: int
    open_quantity: int


class OwnFill(Struct, frozen=True, gc=False, tag_field="type", tag="fill", omit_defaults=True):
    """One match of an own order; it is filled when `open_quantity` is 0."""

    order_id: str
    instrument_id: str
    side: Side
    trade_number: int
    price: int
    quantity: int
    open_quantity: int
    maker: bool
    in_call: bool = False  # at the one price of a call; `maker`: the other side pressed


class OwnReduced(
    Struct, frozen=True, gc=False, tag_field="type", tag="self_trade_prevented", omit_defaults=True
):
    """The order shrank because it met another of the same owner; 0 open means cancelled."""

    order_id: str
    quantity: int
    open_quantity: int


class OwnCancelled(
    Struct, frozen=True, gc=False, tag_field="type", tag="order_cancelled", omit_defaults=True
):
    """What was left of it is gone."""

    order_id: str
    open_quantity: int
    cause: CancelCause


class OwnAmended(Struct, frozen=True, gc=False, tag_field="type", tag="order_amended", omit_defaults=True):
    """Its new price, total and rest; a lost place means that it was matched again."""

    order_id: str
    price: int
    quantity: int
    open_quantity: int
    kept_place: bool


class OwnContractLine(
    Struct, frozen=True, gc=False, tag_field="type", tag="contract_line", omit_defaults=True
):
    """A line of the viewer's own contract with the exchange."""

    contract_id: str
    side: Side
    line: int
    price: int
    quantity: int
    amount_minor: int


class OwnSettled(
    Struct, frozen=True, gc=False, tag_field="type", tag="contract_line_settled", omit_defaults=True
):
    """The line is settled; fee and tax are the viewer's own."""

    contract_id: str
    line: int
    amount_minor: int
    fee_minor: int
    fee_tax_minor: int


class OwnAward(Struct, frozen=True, gc=False, tag_field="type", tag="lot_awarded", omit_defaults=True):
    """To the winner and the buyer of a lot: each learns the other."""

    lot_id: str
    counterparty_id: str
    price: int
    quantity: int
    amount_minor: int
    currency: str = ""  # of the amount
    price_scale: int = 0  # decimals of the price
    bid_currency: str = ""  # of the price, where it isn't that of the amount
    provisional: bool = False  # until its standstill has ended


class OwnInvitation(Struct, frozen=True, gc=False, tag_field="type", tag="invited", omit_defaults=True):
    """The viewer may see the event and bid in it, once it is published."""

    event_id: str
    practice: bool = False  # to train: nothing in it binds
    lots_hidden: bool = False  # its lots are shown later; then this comes again


OwnEvent = (
    OwnPlaced
    | OwnTerms
    | OwnRested
    | OwnFill
    | OwnReduced
    | OwnCancelled
    | OwnAmended
    | OwnContractLine
    | OwnSettled
    | OwnAward
    | OwnInvitation
    | OwnDeal
    | OwnRefund
    | OwnFee
    | OwnConsignment
    | OwnShipment
    | OwnClaim
    | QualificationNews
    | OwnBusted
    | OwnCorrected
    | shown_bids.BidNews
    | AwardNews
)


class Own(Shown, frozen=True, tag="own"):
    """What one commit did to the viewer, in order, and the balances that it changed."""

    channel: str
    epoch: int
    offset: int
    at_us: int
    events: list[OwnEvent]
    accounts: list[AccountState] = field(default_factory=list)


class Notices(Shown, frozen=True, tag="notices"):
    """Public notices of one commit: new instruments, adverts of stock.

    A snapshot lists the adverts of the last week, newest first, up to 1,000, and up to 10,000 instruments;
    `left_out` counts those beyond, which REST lists and searches.
    """

    channel: str
    epoch: int
    offset: int
    instruments: list[Instrument]
    snapshot: bool = False
    adverts: list[Advert] = field(default_factory=list)
    left_out: int = 0


ClientFrame = Hello | Subscribe | Unsubscribe | Resolve | SyncTime
ServerFrame = (
    Welcome
    | Ack
    | Rejected
    | Error
    | Unresolved
    | Time
    | Heartbeat
    | Subscribed
    | Unsubscribed
    | BookSnapshot
    | BookDelta
    | Trades
    | Ticker
    | QueueFrame
    | DropFrame
    | Lot
    | LotDelta
    | OwnSnapshot
    | Own
    | Notices
)
