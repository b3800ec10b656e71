"""A book as a snapshot of the state holds it.

Guarantees: equal books dump alike, whatever their history, and a book that comes back does what it would have done.
"""

from msgspec import Struct

from exchange.core.market.ladder import Half, Order, TermOrder
from exchange.core.market.terms import Terms
from exchange.core.messages.base import Side


class RestingOrder(Struct, frozen=True, array_like=True, gc=False):
    """An order as it stands in a dump; side and instrument are those of the list that holds it."""

    order_id: str
    member_id: str
    owner: str
    price: int
    quantity: int
    open: int
    post_only: bool
    session: int
    terms: Terms | None
    shown: int
    refills: int


class BookState(Struct, frozen=True, array_like=True):
    """A whole book; all lists best first, then oldest first. `trades` is the last number given."""

    instrument_id: str
    tick: int
    lot_multiple: int
    price_min: int
    price_max: int
    trades: int
    bids: list[RestingOrder]
    asks: list[RestingOrder]
    hidden_bids: list[RestingOrder]
    hidden_asks: list[RestingOrder]


def come_back(each: RestingOrder, side: Side, instrument_id: str, own: Half) -> None:
    """Let an order of a dump rest behind those that came back before."""
    ids = each.order_id, each.member_id, each.owner, instrument_id
    plain = *ids, side, each.price, each.quantity, each.open, each.post_only, each.session
    if each.terms is None:
        own.join(Order(*plain))
        return
    order = TermOrder(*plain, terms=each.terms, refills=each.refills)
    own.rest(order)
    order.shown = each.shown


def at_rest(order: Order) -> RestingOrder:
    """The order as a dump holds it."""
    terms, shown, refills = None, 0, 0
    if type(order) is TermOrder:
        terms, shown, refills = order.terms, order.shown, order.refills
    return RestingOrder(
        order.order_id,
        order.member_id,
        order.owner,
        order.price,
        order.quantity,
        order.open,
        order.post_only,
        order.session,
        terms,
        shown,
        refills,
    )
