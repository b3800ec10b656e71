"""REST of each instrument's market: its book and its prints; both are public to members."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from exchange.core.limits import QUANTITY_MAX, WIRE_INTEGER_MAX
from exchange.core.messages import Side, shown
from exchange.core.messages.corrections import TradeStatus
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway.notation import Decimals, InstantText, decimal_of, instant_of
from exchange.gateway.paging import NumberKey, PageQuery, key_of, page_of
from exchange.gateway.problems import Refused
from exchange.gateway.routes import AnyRoute, Call, NoBody, Route
from exchange.gateway.stored import history
from exchange.views.views import Views

DEPTH_MAX: Final = 500
"""Levels a side in one answer."""

Pieces = Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]


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
    """A trade as the public sees it; a busted one never was, a corrected one stands at these terms."""

    trade_number: int
    price: Decimals
    quantity: int
    taker_side: Side
    at: InstantText
    in_call: bool
    status: TradeStatus


class PrintPage(Struct, frozen=True):
    """Trades, the latest first."""

    trades: list[Print]
    next: str


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
                each.in_call,
                TradeStatus(each.status),
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


_ONE = "/v1/instruments/{instrument_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("GET", f"{_ONE}/book", "Read a book", get_book, NoBody, BookQuery, Book),
    Route("GET", f"{_ONE}/trades", "List public trades", list_prints, NoBody, PageQuery, PrintPage),
)  # fmt: skip
