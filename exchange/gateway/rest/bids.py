"""REST of bids: made, listed, taken back by their bidder or by an operator, or made by the lot itself up to a limit.

Guarantees: whoever isn't shown the lot is told that there is none.
"""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from exchange.core.limits import SUPPLIERS_PER_LOT_MAX
from exchange.core.market.lots.lines import prices_at, total_of
from exchange.core.market.sourcing import Lot, SourcingEvent
from exchange.core.messages.base import Currency
from exchange.core.messages.bids import BidNumber, RevokeBid, SetProxy, SubmitSurrogateBid, WithdrawProxy
from exchange.core.messages.currencies import ChooseCurrency
from exchange.core.messages.lines import Discount
from exchange.core.messages.sourcing import SubmitBid
from exchange.core.visibility.bids import price_by_alias, unit_price_by_alias
from exchange.core.visibility.lots import Relation
from exchange.gateway.decoding import price_of
from exchange.gateway.notation import Decimals, Id, InstantText, ShortText, decimal_of, instant_of
from exchange.gateway.paging import NumberKey, PageQuery, cursor_of, key_of
from exchange.gateway.problems import Scales
from exchange.gateway.rest.lines import LinePrices, line_prices_of, prices_shown
from exchange.gateway.rest.sourcing import EventSettled, LotSettled, lot_of
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route
from exchange.gateway.stored import history
from exchange.gateway.stored.records import Row


class Revocation(Struct, frozen=True, forbid_unknown_fields=True):
    """Which bid, and why. `number` counts the bids of its bidder, as GET /v1/lots/{lot_id}/bids lists them; an
    operator names the bidder by its alias.
    """

    number: BidNumber
    reason: ShortText
    alias: Annotated[int, Meta(ge=0, le=SUPPLIERS_PER_LOT_MAX)] = 0


class PricedBid(Struct, frozen=True, forbid_unknown_fields=True):
    """A unit price; it counts if the exchange's instant for it is before the close.

    In a lot of several lines the total, with which the sum of their quantities x unit prices in `lines` must agree. In
    one that is bid for by discount, `discount_bps` alone, or with the total that follows from it.
    """

    price: Decimals | UnsetType = UNSET
    lines: LinePrices = ()
    currency: str = ""  # in which the sender takes it to be; another than the sender's is refused
    discount_bps: Discount | None = None  # below zero a premium


class NewCurrency(Struct, frozen=True, forbid_unknown_fields=True):
    """One of those that the event's rules name, or the event's own."""

    currency: Currency


class Bid(Struct, frozen=True):
    """A bid that was taken; own bids of a supplier bear no alias. `number` counts the bids of its bidder."""

    price: Decimals
    at: InstantText
    number: int
    alias: int | UnsetType = UNSET
    revoked: str | UnsetType = UNSET  # why it counts no more
    surrogate: str | UnsetType = UNSET  # why an operator made it for its bidder
    lines: list[Decimals] | UnsetType = UNSET  # the unit prices that its price is the sum of


class BidPage(Struct, frozen=True):
    """Bids in their order."""

    bids: list[Bid]
    next: str


class Limit(Struct, frozen=True, forbid_unknown_fields=True):
    """The best price that the lot may bid for the sender: nobody else is ever shown it."""

    price: Decimals


class NewSurrogateBid(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose bid, and why it is not made by its bidder."""

    member_id: Id
    price: Decimals
    reason: ShortText


async def submit_bid(call: Call[PricedBid, NoQuery]) -> LotSettled:
    """Supplier: offer a unit price, or for a lot of several lines its total."""
    event, lot, _ = lot_of(call.views, call.id("lot_id"), call.member_id)
    scale = event.price_scale
    body, discount = call.body, call.body.discount_bps
    lines = line_prices_of(body.lines, scale)
    if body.price is not UNSET or discount is None or not lot.rules.by_discount:
        price = price_of("price", body.price or "0", scale)
    else:
        price = total_of(lot.rules.lines, prices_at(lot.rules.lines, discount))
    command = SubmitBid(
        lot_id=lot.lot_id, price=price, lines=lines, currency=body.currency, discount_bps=discount
    )
    return LotSettled.of(await call.settle(command, Scales(scale, event.currency)))


async def choose_currency(call: Call[NewCurrency, NoQuery]) -> EventSettled:
    """Supplier: before the first bid, say which of the event's currencies all own prices are in."""
    command = ChooseCurrency(event_id=call.id("event_id"), currency=call.body.currency)
    return EventSettled.of(await call.settle(command))


async def revoke_bid(call: Call[Revocation, NoQuery]) -> LotSettled:
    """Supplier: take an own bid back, where the lot lets it. Operator: that of a bidder, until the award."""
    body = call.body
    command = RevokeBid(lot_id=call.id("lot_id"), number=body.number, reason=body.reason, alias=body.alias)
    return LotSettled.of(await call.settle(command))


async def set_proxy(call: Call[Limit, NoQuery]) -> LotSettled:
    """Bidder: let the lot bid for oneself, or change up to which price."""
    event, lot, _ = lot_of(call.views, call.id("lot_id"), call.member_id)
    price = price_of("price", call.body.price, event.price_scale)
    reply = await call.settle(
        SetProxy(lot_id=lot.lot_id, price=price), Scales(event.price_scale, event.currency)
    )
    return LotSettled.of(reply)


async def withdraw_proxy(call: Call[NoBody, NoQuery]) -> LotSettled:
    """Bidder: bid for oneself again; what the proxy has bid stands."""
    return LotSettled.of(await call.settle(WithdrawProxy(lot_id=call.id("lot_id"))))


async def submit_surrogate_bid(call: Call[NewSurrogateBid, NoQuery]) -> LotSettled:
    """Operator: bid for a supplier that can't; the bid is marked as such."""
    event, lot, _ = lot_of(call.views, call.id("lot_id"), call.member_id)
    body = call.body
    command = SubmitSurrogateBid(
        lot_id=lot.lot_id,
        member_id=body.member_id,
        price=price_of("price", body.price, event.price_scale),
        reason=body.reason,
    )
    return LotSettled.of(await call.settle(command, Scales(event.price_scale, event.currency)))


async def list_bids(call: Call[NoBody, PageQuery]) -> BidPage:
    """To the buyer and the operator every bid by alias, to a supplier its own; from the records."""
    event, lot, seen_as = lot_of(call.views, call.id("lot_id"), call.member_id)
    key, limit = key_of(call.query.cursor, NumberKey), call.query.limit
    skipped = key.number if key else 0
    supplier_id = call.member_id if seen_as is Relation.SUPPLIER else ""
    rows = await history.bids(call.ports.records, lot.lot_id, supplier_id, skipped, limit + 1)
    bids = [
        Bid(
            decimal_of(
                row["price"] if supplier_id else price_by_alias(lot, row["alias"], row["price"]),
                event.price_scale,
            ),
            instant_of(row["at_us"]),
            row["number"],
            UNSET if supplier_id else row["alias"],
            UNSET if row["revoked"] is None else row["revoked"],
            UNSET if row["surrogate"] is None else row["surrogate"],
            _line_prices(event, lot, row, own=bool(supplier_id)),
        )
        for row in rows[:limit]
    ]
    return BidPage(bids, cursor_of(skipped + limit) if len(rows) > limit else "")


def _line_prices(event: SourcingEvent, lot: Lot, row: Row, *, own: bool) -> list[str] | UnsetType:
    prices = lot.line_prices.get(row["bid_number"])
    if prices is None:
        return UNSET
    told = prices if own else tuple(unit_price_by_alias(lot, row["alias"], each) for each in prices)
    return prices_shown(told, event.price_scale)


_LOT = "/v1/lots/{lot_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("POST", f"{_LOT}/bids", "Submit a bid", submit_bid, PricedBid, NoQuery, LotSettled, SubmitBid, 201),
    Route(
        "PUT", "/v1/events/{event_id}/currency", "Choose a currency", choose_currency,
        NewCurrency, NoQuery, EventSettled, ChooseCurrency,
    ),
    Route("GET", f"{_LOT}/bids", "List bids", list_bids, NoBody, PageQuery, BidPage),
    Route(
        "POST", f"{_LOT}/revocations", "Take a bid back", revoke_bid,
        Revocation, NoQuery, LotSettled, RevokeBid, 201,
    ),
    Route(
        "POST", f"{_LOT}/surrogate-bids", "Bid for a supplier", submit_surrogate_bid,
        NewSurrogateBid, NoQuery, LotSettled, SubmitSurrogateBid, 201,
    ),
    Route("PUT", f"{_LOT}/proxy", "Let the lot bid", set_proxy, Limit, NoQuery, LotSettled, SetProxy),
    Route(
        "DELETE", f"{_LOT}/proxy", "Withdraw a proxy", withdraw_proxy,
        NoBody, NoQuery, LotSettled, WithdrawProxy,
    ),
)  # fmt: skip
