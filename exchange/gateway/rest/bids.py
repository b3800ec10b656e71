"""REST of bids beyond making them: taken back by their bidder or by an operator, or made by
the lot itself up to a limit.

Guarantees: whoever isn't shown the lot is told that there is none.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from exchange.core.limits import SUPPLIERS_PER_LOT_MAX
from exchange.core.messages.bids import BidNumber, RevokeBid, SetProxy, SubmitSurrogateBid, WithdrawProxy
from exchange.gateway.decoding import price_of
from exchange.gateway.notation import Decimals, Id, ShortText, instant_of
from exchange.gateway.problems import Scales
from exchange.gateway.rest.sourcing import LotSettled, lot_of
from exchange.gateway.routes import AnyRoute, Call, NoBody, NoQuery, Route


class Revocation(Struct, frozen=True, forbid_unknown_fields=True):
    """Which bid, and why. `number` counts the bids of its bidder, as GET /v1/lots/{lot_id}/bids lists them; an
    operator names the bidder by its alias.
    """

    number: BidNumber
    reason: ShortText
    alias: Annotated[int, Meta(ge=0, le=SUPPLIERS_PER_LOT_MAX)] = 0


class Limit(Struct, frozen=True, forbid_unknown_fields=True):
    """The best price that the lot may bid for the sender: nobody else is ever shown it."""

    price: Decimals


class NewSurrogateBid(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose bid, and why it is not made by its bidder."""

    member_id: Id
    price: Decimals
    reason: ShortText


async def revoke_bid(call: Call[Revocation, NoQuery]) -> LotSettled:
    """Supplier: take an own bid back, where the lot lets it. Operator: that of a bidder, until the award."""
    body = call.body
    command = RevokeBid(lot_id=call.id("lot_id"), number=body.number, reason=body.reason, alias=body.alias)
    reply = await call.settle(command)
    return LotSettled(reply.sequence, instant_of(reply.at_us), reply.id)


async def set_proxy(call: Call[Limit, NoQuery]) -> LotSettled:
    """Bidder: let the lot bid for oneself, or change up to which price."""
    event, lot, _ = lot_of(call.views, call.id("lot_id"), call.member_id)
    price = price_of("price", call.body.price, event.price_scale)
    reply = await call.settle(
        SetProxy(lot_id=lot.lot_id, price=price), Scales(event.price_scale, event.currency)
    )
    return LotSettled(reply.sequence, instant_of(reply.at_us), reply.id)


async def withdraw_proxy(call: Call[NoBody, NoQuery]) -> LotSettled:
    """Bidder: bid for oneself again; what the proxy has bid stands."""
    reply = await call.settle(WithdrawProxy(lot_id=call.id("lot_id")))
    return LotSettled(reply.sequence, instant_of(reply.at_us), reply.id)


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
    reply = await call.settle(command, Scales(event.price_scale, event.currency))
    return LotSettled(reply.sequence, instant_of(reply.at_us), reply.id)


_LOT = "/v1/lots/{lot_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
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
