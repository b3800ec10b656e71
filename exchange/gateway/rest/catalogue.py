"""REST of what can be traded: instruments are created, read, listed and searched; all of it is public to members.

Guarantees: a description is on disk before the command that makes its instrument; what stands in the answers
beside it comes from the last commit.
Known limits: a search needs the records; a list without a wish doesn't.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Annotated, Final

from msgspec import Meta, Struct
from msgspec.structs import replace

from exchange.core.messages import (
    Condition,
    CreateInstrument,
    Delivery,
    Packaging,
    Part,
    Rohs,
    TaxRegime,
    Traceability,
    shown,
)
from exchange.core.messages.base import Currency
from exchange.core.messages.goods import DateCode, PartText
from exchange.core.rejects import Reject, RejectCode
from exchange.gateway.new_instrument import NewInstrument
from exchange.gateway.notation import END, ONE_LINE, Decimals, decimal_of, instant_of
from exchange.gateway.paging import IdKey, PageQuery, cursor_of, key_of, page_of
from exchange.gateway.problems import Refused, Scales, field_refused
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route, Settled
from exchange.gateway.stored import search, texts
from exchange.gateway.stored.records import Records, RecordsUnavailable
from exchange.views.views import Views

SEARCH_LENGTH_MAX: Final = 200

Wish = Annotated[
    str,
    Meta(
        pattern=ONE_LINE,
        max_length=SEARCH_LENGTH_MAX,
        description="A part number, a piece of one, or words: of the maker, the description, the symbol.",
    ),
]


class InstrumentMade(Settled, frozen=True):
    """The book is open."""

    instrument_id: str
    symbol: str


class Best(Struct, frozen=True):
    """The best level of a side."""

    price: Decimals
    quantity: int


class Instrument(Struct, frozen=True, omit_defaults=True):
    """An instrument as everybody sees it; what is left out is as in a new one that doesn't say it.

    `bid` and `ask` are there while somebody wishes or offers, `description` where there is one and the records
    can be read.
    """

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
    part: Part | None = None
    reference_price: Decimals | None = None
    description: str = ""
    bid: Best | None = None
    ask: Best | None = None


class InstrumentPage(Struct, frozen=True):
    """Instruments by id; those of a search best first."""

    instruments: list[Instrument]
    next: str


class InstrumentQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which instruments, all unless something is asked for."""

    q: Wish = ""
    manufacturer: PartText | None = None
    condition: Condition | None = None
    packaging: Packaging | None = None
    rohs: Rohs | None = None
    traceability: Traceability | None = None
    origin: Annotated[str, Meta(pattern="^[A-Z]{2}" + END)] | None = None
    currency: Currency | None = None
    date_code: Annotated[DateCode, Meta(description="A week, YYYYWW, in which goods may be made.")] = 0

    def filters(self) -> search.Filters:
        """What hits must be."""
        return search.Filters(
            manufacturer=self.manufacturer or "",
            condition=self.condition or "",
            packaging=self.packaging or "",
            rohs=self.rohs or "",
            traceability=self.traceability or "",
            origin=self.origin or "",
            currency=self.currency or "",
            date_code=self.date_code,
        )


async def create_instrument(call: Call[NewInstrument, NoQuery]) -> InstrumentMade:
    """Operator: describe goods. Tick times lot multiple must be a whole number of minor units."""
    body = call.body
    command = body.command()
    await texts.write(call.ports.records, [body.description or ""], call.ports.engine.now_us())
    try:
        reply = await call.settle(command, Scales(body.price_scale, body.currency))
    except Refused as refused:
        raise _named(refused, body, call.views) from refused
    call.headers["Location"] = f"/v1/instruments/{reply.id}"
    symbol = call.views.instruments[reply.id].symbol
    return InstrumentMade(reply.sequence, instant_of(reply.at_us), reply.id, symbol)


async def list_instruments(call: Call[NoBody, InstrumentQuery]) -> InstrumentPage:
    """Instruments by id; with a wish in `q`, those that match it, best first, with what is on offer."""
    query, views = call.query, call.views
    filters = query.filters()
    if query.q or filters != search.Filters():
        return await _search(call, filters)
    after = key_of(query.cursor, IdKey)
    ids = list(islice(views.catalogue.after(after.id if after else None), query.limit + 1))
    page, following = page_of(ids, query.limit, lambda each: (each,))
    return InstrumentPage([show(views, views.instruments[each]) for each in page], following)


async def get_instrument(call: Call[NoBody, NoQuery]) -> Instrument:
    """One instrument, by its id or its symbol, with what is on offer."""
    instrument = call.views.catalogue.find(call.id("instrument_id"))
    if instrument is None:
        raise Refused(Reject(RejectCode.INSTRUMENT_UNKNOWN, field="instrument_id"))
    described = await _described(call.ports.records, [instrument.text_hash])
    return replace(show(call.views, instrument), description=described.get(instrument.text_hash, ""))


async def _search(call: Call[NoBody, InstrumentQuery], filters: search.Filters) -> InstrumentPage:
    query, views, records = call.query, call.views, call.ports.records
    after = key_of(query.cursor, search.Place)
    try:
        rows = await search.find(records, query.q, filters, after, query.limit + 1)
    except search.Unsearchable as error:
        raise field_refused("q", "Ask for a part number, a piece of one, or a word.") from error
    page = rows[: query.limit]
    described = await _described(records, [row["text_hash"] for row in page])
    hits = [
        replace(
            show(views, views.instruments[row["instrument_id"]]),
            description=described.get(row["text_hash"], ""),
        )
        for row in page
        if row["instrument_id"] in views.instruments  # The follower may be a moment ahead of the views.
    ]
    more = len(rows) > query.limit
    last = page[-1] if page else None
    following = cursor_of(last["score"], last["place"], last["instrument_id"]) if last and more else ""
    return InstrumentPage(hits, following)


async def _described(records: Records, hashes: Sequence[str]) -> dict[str, str]:
    """Descriptions by hash; none while the records can't be read, since the rest can be shown without."""
    try:
        return await texts.read(records, hashes)
    except RecordsUnavailable:
        return {}


def _named(refused: Refused, body: NewInstrument, views: Views) -> Refused:
    """The refusal, naming the instrument that is the same part."""
    same = views.catalogue.of_part(body.part) if body.part else None
    if refused.reject.code is not RejectCode.PART_TAKEN or same is None:
        return refused
    detail = f"The instrument {same.symbol} with the id {same.instrument_id} is this part."
    return Refused(refused.reject, detail)


def show(views: Views, instrument: shown.Instrument) -> Instrument:
    """The instrument as REST writes it, without its description."""
    scale, quote = instrument.price_scale, views.market.books[instrument.instrument_id].quote()
    reference = instrument.reference_price
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
        instrument.part,
        decimal_of(reference, scale) if reference else None,
        "",
        Best(decimal_of(quote.bid, scale), quote.bid_quantity) if quote.bid_quantity else None,
        Best(decimal_of(quote.ask, scale), quote.ask_quantity) if quote.ask_quantity else None,
    )


_ONE = "/v1/instruments/{instrument_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "POST", "/v1/instruments", "Describe an instrument", create_instrument,
        NewInstrument, NoQuery, InstrumentMade, CreateInstrument, 201,
    ),
    Route(
        "GET", "/v1/instruments", "List or search instruments", list_instruments,
        NoBody, InstrumentQuery, InstrumentPage,
    ),
    Route("GET", _ONE, "Read an instrument", get_instrument, NoBody, NoQuery, Instrument),
)  # fmt: skip
