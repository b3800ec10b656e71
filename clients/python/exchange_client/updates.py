"""What the feeds give: frames of the wire with prices as `Decimal`, and instants in microseconds UTC."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple, TypedDict

from msgspec import UNSET, Struct, UnsetType

from exchange_client import scoring, shown, shown_lots
from exchange_client.book import Book, Level
from exchange_client.corrections import TradeStatus
from exchange_client.line_prices import BidLines
from exchange_client.lines import LotLine
from exchange_client.lot_rules import Light
from exchange_client.messages import Side
from exchange_client.money import decimal_price
from exchange_client.own_currency import OwnCurrency
from exchange_client.sealed import SealedState


class Instrument(Struct, frozen=True):
    """What can be traded, and in which steps. Both ends of the price band are admissible."""

    instrument_id: str
    symbol: str
    currency: str
    price_scale: int
    tick: Decimal
    lot_multiple: int
    price_min: Decimal
    price_max: Decimal

    @classmethod
    def of(cls, wire: shown.Instrument) -> "Instrument":
        """As the exchange shows it."""
        scale = wire.price_scale
        return cls(
            wire.instrument_id,
            wire.symbol,
            wire.currency,
            scale,
            decimal_price(wire.tick, scale),
            wire.lot_multiple,
            decimal_price(wire.price_min, scale),
            decimal_price(wire.price_max, scale),
        )


class BookUpdate(NamedTuple):
    """A book after a change. `book` is the whole, always the newest; the levels are those that changed.

    A level with quantity 0 is gone. After a snapshot `bids` and `asks` hold all levels.
    """

    book: Book
    bids: list[Level]
    asks: list[Level]
    snapshot: bool
    offset: int

    @classmethod
    def of(cls, frame: shown.BookSnapshot | shown.BookDelta, book: Book) -> "BookUpdate":
        """As the frame tells it."""
        snapshot = isinstance(frame, shown.BookSnapshot)
        return cls(book, book.decimal(frame.bids), book.decimal(frame.asks), snapshot, frame.offset)


class Trade(NamedTuple):
    """One trade; `number` counts from 1 per instrument. `status` tells whether it stands as it was made."""

    number: int
    price: Decimal
    quantity: int
    taker_side: Side
    at_us: int
    in_call: bool = False
    status: TradeStatus = TradeStatus.STANDING

    @classmethod
    def of(cls, wire: shown.Print, price_scale: int) -> "Trade":
        """As the public sees it."""
        price = decimal_price(wire.price, price_scale)
        made = wire.quantity, wire.taker_side, wire.at_us, wire.in_call
        return cls(wire.trade_number, price, *made, wire.status)


class Quotation(NamedTuple):
    """Best bid and offer and the last trade; nothing where there is none. `volume` counts since the beginning."""

    bid: Decimal | None
    bid_quantity: int
    ask: Decimal | None
    ask_quantity: int
    last_price: Decimal | None
    last_quantity: int
    volume: int
    at_us: int

    @classmethod
    def of(cls, wire: shown.Ticker, price_scale: int) -> "Quotation":
        """As the ticker shows it."""
        return cls(
            decimal_price(wire.bid, price_scale) if wire.bid else None,
            wire.bid_quantity,
            decimal_price(wire.ask, price_scale) if wire.ask else None,
            wire.ask_quantity,
            decimal_price(wire.last_price, price_scale) if wire.last_price else None,
            wire.last_quantity,
            wire.volume,
            wire.at_us,
        )


class OwnUpdate(NamedTuple):
    """What one commit did to the member, as the wire tells it: prices are integers in 10^-price_scale.

    A snapshot tells all open orders and all balances that are not zero; otherwise `orders` is empty, `events`
    tells what happened, and `accounts` the balances that changed.
    """

    events: list[shown.AnyOwnEvent]
    accounts: list[shown.AccountState]
    orders: list[shown.OrderState]
    snapshot: bool
    at_us: int

    @classmethod
    def of(cls, frame: shown.Own | shown.OwnSnapshot) -> "OwnUpdate":
        """As the frame tells it."""
        if isinstance(frame, shown.OwnSnapshot):
            return cls([], frame.accounts, frame.orders, snapshot=True, at_us=0)
        return cls(shown.own_events(frame), frame.accounts, [], snapshot=False, at_us=frame.at_us)


class AliasPrice(NamedTuple):
    """A supplier's best bid under its alias in the lot."""

    alias: int
    price: Decimal
    surrogate: bool = False


class LotClock(Struct, frozen=True):
    """What the clock of an open lot shows: a level to accept, or a round with its turns.

    `taken`: the level is accepted, or the own turn used. What is not told, or not there, is nothing.
    """

    level_price: Decimal | None
    round_number: int
    until_us: int
    own_turn: bool
    taken: bool
    dropped_out: bool
    active: int | None
    turn_alias: int | None

    @classmethod
    def of(cls, clock: shown_lots.LotClock, price_scale: int) -> "LotClock":
        """As the frame tells it."""
        return cls(
            _price(clock.level_price, price_scale),
            clock.round_number,
            clock.until_us,
            clock.own_turn,
            clock.taken,
            clock.dropped_out,
            None if clock.active is UNSET else clock.active,
            clock.turn_alias or None,
        )


class OwnScore(NamedTuple):
    """How own prices compare in a scored lot; `compared` is what the own bid comes to, rounded."""

    options: tuple[int, ...]
    amounts: tuple[int, ...]
    factor: Decimal
    addend: Decimal
    compared: Decimal | None

    @classmethod
    def of(cls, score: scoring.OwnScore, price_scale: int) -> "OwnScore":
        """As the frame tells it."""
        compared = score.compared
        return cls(
            score.options,
            score.amounts,
            Decimal(score.factor_ppm).scaleb(-6),
            decimal_price(score.addend, price_scale),
            None if compared is UNSET else decimal_price(compared, price_scale),
        )


class _Lines(TypedDict):
    lines: list[LotLine] | None
    own_lines: BidLines | None
    bid_lines: list[BidLines] | None


class LotState(Struct, frozen=True):
    """A lot as this member may see it. What it may not see, or what is not there yet, is nothing."""

    lot_id: str
    event_id: str
    title: str
    state: str
    currency: str
    price_scale: int
    quantity: int
    ceiling_price: Decimal
    min_step: Decimal
    tick: Decimal
    open_at_us: int
    close_at_us: int
    overtime_us: int
    at_us: int
    own_price: Decimal | None
    own_rank: int | None
    own_alias: int | None
    bid_max: Decimal | None
    lead_price: Decimal | None
    participants: int | None
    prices: list[AliasPrice] | None
    awarded_alias: int | None
    winner_id: str | None
    buyer_id: str | None
    direction: str = "reverse"
    bid_min: Decimal | None = None
    reserve_met: bool | None = None
    paused_at_us: int | None = None
    hard_deadline_us: int | None = None
    sealed: SealedState | None = None  # prices in it as the wire has them
    clock: LotClock | None = None
    own_limit: Decimal | None = None  # up to which the lot bids for this member
    gap: Decimal | None = None  # how far the own price is behind the lead, where that is disclosed
    light: Light | None = None
    own_score: OwnScore | None = None  # scored lots: prices of others are then in own terms
    scores: list[scoring.AliasScore] | None = None
    lines: list[LotLine] | None = None  # of the lot, where it has several
    own_lines: BidLines | None = None  # where the own bid says its lines
    bid_lines: list[BidLines] | None = None  # to buyer and operator
    practice: bool = False  # to train: nothing in it binds
    own_currency: OwnCurrency | None = (
        None  # of own prices and of others' as shown, where it isn't `currency`
    )

    @classmethod
    def of(cls, lot: shown.Lot) -> "LotState":
        """As the frame tells it."""
        scale = lot.price_scale
        return cls(
            lot_id=lot.lot_id,
            event_id=lot.event_id,
            title=lot.title,
            state=lot.state,
            currency=lot.currency,
            price_scale=scale,
            quantity=lot.quantity,
            ceiling_price=decimal_price(lot.ceiling_price, scale),
            min_step=decimal_price(lot.min_step, scale),
            tick=decimal_price(lot.tick, scale),
            open_at_us=lot.open_at_us,
            close_at_us=lot.close_at_us,
            overtime_us=lot.overtime_us,
            at_us=lot.at_us,
            own_price=_price(lot.own_price, scale),
            own_rank=lot.own_rank or None,
            own_alias=lot.own_alias or None,
            bid_max=_price(lot.bid_max, scale),
            lead_price=_price(lot.lead_price, scale),
            participants=None if lot.participants is UNSET else lot.participants,
            prices=None if lot.prices is UNSET else _prices(lot.prices, scale),
            awarded_alias=None if lot.awarded_alias is UNSET else lot.awarded_alias,
            winner_id=lot.winner_id or None,
            buyer_id=lot.buyer_id or None,
            direction=lot.direction or "reverse",
            bid_min=_price(lot.bid_min, scale),
            reserve_met=None if lot.reserve_met is UNSET else lot.reserve_met,
            paused_at_us=lot.paused_at_us or None,
            hard_deadline_us=lot.hard_deadline_us or None,
            sealed=lot.sealed or None,
            clock=None if lot.clock is UNSET else LotClock.of(lot.clock, scale),
            own_limit=_price(lot.own_limit, scale),
            gap=None if lot.gap is UNSET else decimal_price(lot.gap, scale),
            light=lot.light or None,
            own_score=None if lot.own_score is UNSET else OwnScore.of(lot.own_score, scale),
            scores=None if lot.scores is UNSET else lot.scores,
            practice=bool(lot.practice),
            own_currency=None
            if lot.own_currency is UNSET
            else OwnCurrency.of(lot.own_currency, lot.tick, scale),
            **_lines(lot),
        )


def _lines(lot: shown.Lot) -> _Lines:
    """What a lot of several lines has beyond others."""
    terms = lot.currency, lot.price_scale
    return _Lines(
        lines=lot.rules.lines or None if lot.rules is not UNSET else None,
        own_lines=None if lot.own_lines is UNSET else BidLines.of(lot.own_lines, *terms),
        bid_lines=None if lot.bid_lines is UNSET else [BidLines.of(each, *terms) for each in lot.bid_lines],
    )


def _price(price: int | UnsetType, price_scale: int) -> Decimal | None:
    return decimal_price(price, price_scale) if price is not UNSET and price else None


def _prices(prices: Iterable[shown.AliasPrice], price_scale: int) -> list[AliasPrice]:
    return [AliasPrice(each.alias, decimal_price(each.price, price_scale), each.surrogate) for each in prices]
