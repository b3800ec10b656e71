"""REST of what is traded: instruments, and of each its book and its prints; all of it is public to members."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from exchange.core.limits import PRICE_MAX, PRICE_SCALE_MAX, QUANTITY_MAX, WIRE_INTEGER_MAX
from exchange.core.messages import CreateInstrument, Delivery, Side, TaxRegime, shown
from exchange.core.messages.base import BasisPoints, Currency
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway import history
from exchange.gateway.decoding import price_of
from exchange.gateway.notation import Decimals, InstantText, ShortText, decimal_of, instant_of
from exchange.gateway.paging import IdKey, NumberKey, PageQuery, key_of, page_of
from exchange.gateway.problems import Refused, Scales
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route, Settled
from exchange.views.views import Views

DEPTH_MAX: Final = 500
"""Levels a side in one answer."""

Pieces = Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]


class NewInstrument(Struct, frozen=True, forbid_unknown_fields=True):
    """Fungible goods that can be traded. Prices left out: a tick and a band as wide as the scale allows."""

    symbol: ShortText
    currency: Currency
    price_scale: Annotated[int, Meta(ge=0, le=PRICE_SCALE_MAX, description="Decimals of its prices.")] = 4
    tick: Decimals | None = None
    lot_multiple: Pieces = 1
    price_min: Decimals | None = None
    price_max: Decimals | None = None
    delivery: Annotated[Delivery, Meta(description="Straight to the buyer, or through the hub.")] = (
        Delivery.DIRECT
    )
    guarantee_bps: Annotated[
        BasisPoints, Meta(description="Of the goods' price; only with delivery hub.")
    ] = 0
    tax_regime: TaxRegime = TaxRegime.NONE
    goods_tax_bps: Annotated[
        BasisPoints, Meta(description="On the goods; only with tax_regime own_name.")
    ] = 0


class InstrumentMade(Settled, frozen=True):
    """The book is open."""

    instrument_id: str


class Instrument(Struct, frozen=True, omit_defaults=True):
    """An instrument as everybody sees it; terms of its deals that are left out are those of a new one."""

    instrument_id: str
    symbol: str
    currency: str
    price_scale: int
    tick: Decimals
    lot_multiple: int
    price_min: Decimals
    price_max: Decimals
    delivery: Delivery = Delivery.DIRECT
    guarantee_bps: int = 0
    tax_regime: TaxRegime = TaxRegime.NONE
    goods_tax_bps: int = 0


class InstrumentPage(Struct, frozen=True):
    """Instruments by id."""

    instruments: list[Instrument]
    next: str


class BookQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """How much of the book."""

    depth: Annotated[int, Meta(ge=1, le=DEPTH_MAX, description="Levels a side.")] = 50


class Level(Struct, frozen=True):
    """A price and the quantity that stands there."""

    price: Decimals
    quantity: int


class Book(Struct, frozen=True):
    """The best levels of both sides, best first, after the last commit."""

    instrument_id: str
    at: InstantText
    bids: list[Level]
    asks: list[Level]


class Print(Struct, frozen=True):
    """A trade as the public sees it."""

    trade_number: int
    price: Decimals
    quantity: int
    taker_side: Side
    at: InstantText


class PrintPage(Struct, frozen=True):
    """Trades, the latest first."""

    trades: list[Print]
    next: str


async def create_instrument(call: Call[NewInstrument, NoQuery]) -> InstrumentMade:
    """Operator: describe goods. Tick times lot multiple must be a whole number of minor units."""
    body, scale = call.body, call.body.price_scale
    command = CreateInstrument(
        symbol=body.symbol,
        currency=body.currency,
        price_scale=scale,
        tick=price_of("tick", body.tick, scale) if body.tick else 1,
        lot_multiple=body.lot_multiple,
        price_min=price_of("price_min", body.price_min, scale) if body.price_min else 1,
        price_max=price_of("price_max", body.price_max, scale) if body.price_max else PRICE_MAX,
        delivery=body.delivery,
        guarantee_bps=body.guarantee_bps,
        tax_regime=body.tax_regime,
        goods_tax_bps=body.goods_tax_bps,
    )
    reply = await call.settle(command, Scales(scale, body.currency))
    call.headers["Location"] = f"/v1/instruments/{reply.id}"
    return InstrumentMade(reply.sequence, instant_of(reply.at_us), reply.id)


async def list_instruments(call: Call[NoBody, PageQuery]) -> InstrumentPage:
    """All instruments, by id."""
    after = key_of(call.query.cursor, IdKey)
    ids = sorted(each for each in call.views.instruments if after is None or each > after.id)
    page, following = page_of(ids, call.query.limit, lambda each: (each,))
    return InstrumentPage([_instrument(call.views.instruments[each]) for each in page], following)


async def get_instrument(call: Call[NoBody, NoQuery]) -> Instrument:
    """One instrument."""
    return _instrument(instrument_of(call.views, call.id("instrument_id")))


async def get_book(call: Call[NoBody, BookQuery]) -> Book:
    """Level 2 of one book. Follow `book:` over WebSocket instead of asking again and again."""
    instrument = instrument_of(call.views, call.id("instrument_id"))
    book, scale, depth = (
        call.views.market.books[instrument.instrument_id],
        instrument.price_scale,
        call.query.depth,
    )
    bids, asks = (
        [Level(decimal_of(price, scale), quantity) for price, quantity in book.levels(side, depth)]
        for side in Side
    )
    return Book(instrument.instrument_id, instant_of(call.ports.engine.now_us()), bids, asks)


async def list_prints(call: Call[NoBody, PageQuery]) -> PrintPage:
    """Trades of one instrument, the latest first: of memory as far as they go, else of the records."""
    instrument = instrument_of(call.views, call.id("instrument_id"))
    after, wanted = key_of(call.query.cursor, NumberKey), call.query.limit + 1
    before = after.number if after else WIRE_INTEGER_MAX
    recent = call.views.market.books[instrument.instrument_id].trades
    prints = [each for each in reversed(recent) if each.trade_number < before][:wanted]
    if len(prints) < wanted and (not prints or prints[-1].trade_number > 1):
        oldest = prints[-1].trade_number if prints else before
        missing = wanted - len(prints)
        rows = await history.prints(call.ports.records, instrument.instrument_id, oldest, missing)
        prints += [shown.Print(*row) for row in rows]
    page, following = page_of(prints, call.query.limit, lambda each: (each.trade_number,))
    scale = instrument.price_scale
    return PrintPage(
        [
            Print(
                each.trade_number,
                decimal_of(each.price, scale),
                each.quantity,
                Side(each.taker_side),
                instant_of(each.at_us),
            )
            for each in page
        ],
        following,
    )


def instrument_of(views: Views, instrument_id: str) -> shown.Instrument:
    """The instrument; INSTRUMENT_UNKNOWN if there is none."""
    instrument = views.instruments.get(instrument_id)
    if instrument is None:
        raise Refused(Reject(RejectCode.INSTRUMENT_UNKNOWN, field="instrument_id"))
    return instrument


def _instrument(instrument: shown.Instrument) -> Instrument:
    scale = instrument.price_scale
    return Instrument(
        instrument.instrument_id,
        instrument.symbol,
        instrument.currency,
        scale,
        decimal_of(instrument.tick, scale),
        instrument.lot_multiple,
        decimal_of(instrument.price_min, scale),
        decimal_of(instrument.price_max, scale),
        instrument.delivery,
        instrument.guarantee_bps,
        instrument.tax_regime,
        instrument.goods_tax_bps,
    )


_ONE = "/v1/instruments/{instrument_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "POST", "/v1/instruments", "Describe an instrument", create_instrument,
        NewInstrument, NoQuery, InstrumentMade, CreateInstrument, 201,
    ),
    Route("GET", "/v1/instruments", "List instruments", list_instruments, NoBody, PageQuery, InstrumentPage),
    Route("GET", _ONE, "Read an instrument", get_instrument, NoBody, NoQuery, Instrument),
    Route("GET", f"{_ONE}/book", "Read a book", get_book, NoBody, BookQuery, Book),
    Route("GET", f"{_ONE}/trades", "List public trades", list_prints, NoBody, PageQuery, PrintPage),
)  # fmt: skip
