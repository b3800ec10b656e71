"""REST of the sales of surplus lots: where a sale stands, and its payment.

Guarantees: a sale is told to its winner and its seller, each by itself, and to operators with both names; to everybody
else who sees the lot there is none.
"""

from typing import Final

from msgspec import UNSET, Struct, UnsetType

from exchange.core.market.sourcing import Lot, SourcingEvent
from exchange.core.messages.base import Side
from exchange.core.messages.lot_sales import PaySale, SaleState
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import scale_of_unit
from exchange.core.visibility.lots import Relation
from exchange.gateway.notation import Decimals, InstantText, decimal_of, instant_of
from exchange.gateway.problems import Refused, Scales
from exchange.gateway.rest.sourcing import LotSettled, event_of, lot_of
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route
from exchange.views.views import Views


class LotSale(Struct, frozen=True):
    """Where a sale stands. `amount` is the price of the whole lot; `payable` what its buyer pays at most, with tax and
    commission. `due` is when a payment that is waited for is due; the contract is the viewer's own, once it is paid.
    """

    lot_id: str
    state: SaleState
    price: Decimals
    quantity: int
    amount: Decimals
    currency: str
    side: Side | UnsetType = UNSET
    payable: Decimals | UnsetType = UNSET
    due: InstantText | UnsetType = UNSET
    contract_id: str | UnsetType = UNSET
    seller_id: str | UnsetType = UNSET  # to operators, like the buyer
    buyer_id: str | UnsetType = UNSET


class LotSales(Struct, frozen=True):
    """The sales of an event that are told to this viewer, in the order of its lots."""

    sales: list[LotSale]


async def get_sale(call: Call[NoBody, NoQuery]) -> LotSale:
    """Winner, seller, operator: where the sale of an awarded surplus lot stands."""
    event, lot, seen_as = lot_of(call.views, call.id("lot_id"), call.member_id)
    sale = _told(call.views, event, lot, call.member_id, seen_as)
    if sale is None:
        raise Refused(Reject(RejectCode.SALE_UNKNOWN, field="lot_id"))
    return sale


async def list_sales(call: Call[NoBody, NoQuery]) -> LotSales:
    """Winner, seller, operator: the sales of an event's surplus lots, as far as each is told of them."""
    event, seen_as = event_of(call.views, call.id("event_id"), call.member_id)
    sales = (_told(call.views, event, lot, call.member_id, seen_as) for lot in event.lots)
    return LotSales([sale for sale in sales if sale is not None])


def _told(views: Views, event: SourcingEvent, lot: Lot, viewer: str, seen_as: Relation) -> LotSale | None:
    """The lot's sale; nothing where there is none, or none of the viewer's."""
    sale = views.sourcing.sales.get(lot.lot_id)
    buys = sale is not None and sale.winner_id == viewer
    if sale is None or (seen_as is Relation.SUPPLIER and not buys):
        return None
    operates, sells = seen_as is Relation.OPERATOR, seen_as is Relation.SELLER
    scale = scale_of_unit(event.currency)
    side: Side | UnsetType = UNSET
    if not operates:
        side = Side.BUY if buys else Side.SELL
    contract_id = lot.lot_id if sells else sale.contract_id
    return LotSale(
        lot.lot_id,
        sale.state,
        decimal_of(sale.price, event.price_scale),
        sale.quantity,
        decimal_of(sale.amount_minor, scale),
        event.currency,
        side,
        UNSET if sells else decimal_of(sale.need_minor, scale),
        instant_of(sale.due_us) if sale.due_us else UNSET,
        contract_id if sale.state is SaleState.PAID else UNSET,
        event.buyer_id if operates else UNSET,
        sale.winner_id if operates else UNSET,
    )


async def pay_sale(call: Call[NoBody, NoQuery]) -> LotSettled:
    """Winner: pay for a surplus lot from the wallet."""
    event, lot, _ = lot_of(call.views, call.id("lot_id"), call.member_id)
    reply = await call.settle(PaySale(lot_id=lot.lot_id), Scales(currency=event.currency))
    return LotSettled(reply.sequence, instant_of(reply.at_us), lot.lot_id)


_LOT: Final = "/v1/lots/{lot_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "GET", "/v1/events/{event_id}/sales", "List the sales of an event", list_sales, NoBody, NoQuery, LotSales
    ),
    Route("GET", f"{_LOT}/sale", "Read the sale of a surplus lot", get_sale, NoBody, NoQuery, LotSale),
    Route(
        "POST", f"{_LOT}/payment", "Pay for a surplus lot", pay_sale, NoBody, NoQuery, LotSettled, PaySale,
    ),
)  # fmt: skip
