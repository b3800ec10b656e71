"""What the exchange shows a client: answers, feeds, and the events of its own channel.

What this release doesn't know is ignored, types and fields alike, so an exchange may be newer than its
clients: `decoded` gives nothing for a type that it doesn't know. Prices are integers in 10^-price_scale,
instants are microseconds UTC.
"""

from typing import Final, get_args

from msgspec import Raw, Struct, ValidationError, field
from msgspec.json import Decoder

from exchange_client import listed, shown_lots, shown_trades
from exchange_client.messages import Side
from exchange_client.order_terms import OrderType, PostOnlyMode, SelfTradeMode
from exchange_client.own_awards import AwardNews
from exchange_client.own_bids import BidNews
from exchange_client.own_deals import OwnClaim, OwnConsignment, OwnDeal, OwnFee, OwnRefund, OwnShipment
from exchange_client.own_qualification import QualificationNews
from exchange_client.shown_drops import DropFrame
from exchange_client.shown_queues import QueueFrame, Shown
from exchange_client.shown_trades import OwnBusted, OwnCorrected

Advert = listed.Advert
Instrument = listed.Instrument
AliasPrice = shown_lots.AliasPrice
Lot = shown_lots.Lot
LotDelta = shown_lots.LotDelta
Print = shown_trades.Print
Trades = shown_trades.Trades
Level = tuple[int, int]
"""Price and quantity; quantity 0 removes the level."""

# --- what the exchange sends ---------------------------------------------------------------------


class Welcome(Shown, frozen=True, tag="welcome"):
    """The connection is authenticated; `high_ref` is the highest ref that the session has used."""

    member_id: str
    session: int
    high_ref: int
    epoch: int
    at_us: int
    heartbeat_us: int


class Ack(Shown, frozen=True, tag="ack"):
    """The command took effect and is on disk; `sequence` counts the member's own commands.

    `id` names what was made or meant; `number` is a bid's number or a count of lines, by command.
    """

    ref: int
    sequence: int
    at_us: int
    id: str = ""
    filled_quantity: int = 0
    open_quantity: int = 0
    number: int = 0


class Rejected(Shown, frozen=True, tag="rejected"):
    """The command was refused and changed nothing."""

    ref: int
    code: int
    reason: str
    advice: str
    message: str
    remedy: str
    sequence: int = 0
    at_us: int = 0
    bound: int = 0
    field: str = ""
    step: int = 0


class Error(Shown, frozen=True, tag="error"):
    """A frame could not be understood or met; `ref` is given if it could be read.

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
    """`never`: the ref was never executed and never will be; else it was not executed so far."""

    ref: int
    never: bool


class Time(Shown, frozen=True, tag="time"):
    """The exchange's clock as it answered."""

    client_us: int
    server_us: int


class Heartbeat(Shown, frozen=True, tag="heartbeat"):
    """Nothing was missed on the channel if `offset` is that of the last frame seen."""

    channel: str
    epoch: int
    offset: int
    at_us: int


class Subscribed(Shown, frozen=True, tag="subscribed"):
    """`recovered`: the missed frames follow; else a snapshot does."""

    channel: str
    epoch: int
    offset: int
    recovered: bool


class Unsubscribed(Shown, frozen=True, tag="unsubscribed"):
    """The channel is silent from now on."""

    channel: str


class BookSnapshot(Shown, frozen=True, tag="book_snapshot"):
    """All levels of a book, best first."""

    channel: str
    epoch: int
    offset: int
    currency: str
    price_scale: int
    bids: list[Level]
    asks: list[Level]
    crc32: int


class BookDelta(Shown, frozen=True, tag="book_delta"):
    """Levels that changed in one commit, with their new quantity."""

    channel: str
    epoch: int
    offset: int
    at_us: int
    bids: list[Level]
    asks: list[Level]
    crc32: int


class Ticker(Shown, frozen=True, tag="ticker"):
    """Best bid and offer and the last trade; 0 where there is none."""

    channel: str
    epoch: int
    offset: int
    bid: int
    bid_quantity: int
    ask: int
    ask_quantity: int
    last_price: int
    last_quantity: int
    volume: int
    at_us: int


class OrderState(Struct, frozen=True, array_like=True, gc=False):
    """An open order of the viewer."""

    order_id: str
    instrument_id: str
    side: Side
    price: int
    quantity: int
    open_quantity: int


class AccountState(Struct, frozen=True, array_like=True, gc=False):
    """What the viewer has; `unit` is a currency (minor units) or an instrument id (pieces)."""

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


class Own(Shown, frozen=True, tag="own"):
    """What one commit did to the viewer; `own_events` reads its events."""

    channel: str
    epoch: int
    offset: int
    at_us: int
    events: list[Raw]
    accounts: list[AccountState] = field(default_factory=list)


class Notices(Shown, frozen=True, tag="notices"):
    """Public notices of one commit: new instruments, adverts of stock; `left_out` counts instruments not listed."""

    channel: str
    epoch: int
    offset: int
    instruments: list[Instrument]
    snapshot: bool = False
    adverts: list[Advert] = field(default_factory=list)
    left_out: int = 0


AnyShown = (
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
FeedFrame = (
    BookSnapshot
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
"""Frames that belong to a channel and move its offset."""

# --- the events of an `Own` frame ----------------------------------------------------------------


class OwnEvent(Struct, frozen=True, gc=False, tag_field="type"):
    """Something that happened to the viewer."""


class OwnPlaced(OwnEvent, frozen=True, tag="order_placed"):
    """An order of the viewer was taken."""

    order_id: str
    instrument_id: str
    side: Side
    price: int
    quantity: int


class OwnTerms(OwnEvent, frozen=True, tag="order_terms_set"):
    """The terms of an own order that are not those of a plain one."""

    order_id: str
    order_type: OrderType = OrderType.LIMIT
    min_fill_quantity: int = 0
    display_quantity: int = 0
    budget_minor: int = 0
    post_only_mode: PostOnlyMode = PostOnlyMode.REJECT
    self_trade: SelfTradeMode = SelfTradeMode.DECREMENT
    expires_at_us: int = 0


class OwnRested(OwnEvent, frozen=True, tag="order_rested"):
    """What is left of it stands in the book."""

    order_id: str
    price: int
    open_quantity: int


class OwnFill(OwnEvent, frozen=True, tag="fill"):
    """One match of an own order; it is filled when `open_quantity` is 0."""

    order_id: str
    instrument_id: str
    side: Side
    trade_number: int
    price: int
    quantity: int
    open_quantity: int
    maker: bool
    in_call: bool = False


class OwnReduced(OwnEvent, frozen=True, tag="self_trade_prevented"):
    """The order shrank because it met another of the same owner; 0 open means cancelled."""

    order_id: str
    quantity: int
    open_quantity: int


class OwnCancelled(OwnEvent, frozen=True, tag="order_cancelled"):
    """What was left of it is gone; `cause` is requested, remainder or amended."""

    order_id: str
    open_quantity: int
    cause: str


class OwnAmended(OwnEvent, frozen=True, tag="order_amended"):
    """Its new price, total and rest; a lost place means that it was matched again."""

    order_id: str
    price: int
    quantity: int
    open_quantity: int
    kept_place: bool


class OwnContractLine(OwnEvent, frozen=True, tag="contract_line"):
    """A line of the viewer's own contract with the exchange."""

    contract_id: str
    side: Side
    line: int
    price: int
    quantity: int
    amount_minor: int


class OwnSettled(OwnEvent, frozen=True, tag="contract_line_settled"):
    """The line is settled; fee and tax are the viewer's own."""

    contract_id: str
    line: int
    amount_minor: int
    fee_minor: int
    fee_tax_minor: int


class OwnAward(OwnEvent, frozen=True, tag="lot_awarded"):
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


class OwnInvitation(OwnEvent, frozen=True, tag="invited"):
    """The viewer may see the event and bid in it, once it is published."""

    event_id: str
    practice: bool = False  # to train: nothing in it binds
    lots_hidden: bool = False  # its lots are shown later; then this comes again


AnyOwnEvent = (
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
    | BidNews
    | AwardNews
)


class _Typed(Struct):
    type: str


_frame: Final[Decoder[AnyShown]] = Decoder(AnyShown)
_event: Final[Decoder[AnyOwnEvent]] = Decoder(AnyOwnEvent)
_typed: Final = Decoder(_Typed)


def _tags(union: object) -> frozenset[str]:
    return frozenset(str(each.__struct_config__.tag) for each in get_args(union))


_FRAMES: Final = _tags(AnyShown)
_EVENTS: Final = _tags(AnyOwnEvent)


def decoded(frame: bytes | str) -> AnyShown | None:
    """The frame, or nothing where its type is unknown. DecodeError: it is no frame of this wire."""
    try:
        return _frame.decode(frame)
    except ValidationError:
        if _typed.decode(frame).type in _FRAMES:
            raise
        return None


def own_events(own: Own) -> list[AnyOwnEvent]:
    """What happened, in order, without the types that are unknown. DecodeError: as `decoded`."""
    events = []
    for raw in own.events:
        try:
            events.append(_event.decode(raw))
        except ValidationError:
            if _typed.decode(raw).type in _EVENTS:
                raise
    return events
