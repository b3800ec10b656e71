"""REST of bids beyond making them: taken back by their bidder or by an operator.

Guarantees: whoever isn't shown the lot is told that there is none.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from exchange.core.limits import SUPPLIERS_PER_LOT_MAX
from exchange.core.messages.bids import BidNumber, RevokeBid
from exchange.gateway.notation import ShortText, instant_of
from exchange.gateway.rest.sourcing import LotSettled
from exchange.gateway.routes import AnyRoute, Call, NoQuery, Route


class Revocation(Struct, frozen=True, forbid_unknown_fields=True):
    """Which bid, and why. `number` counts the bids of its bidder, as GET /v1/lots/{lot_id}/bids lists them; an
    operator names the bidder by its alias.
    """

    number: BidNumber
    reason: ShortText
    alias: Annotated[int, Meta(ge=0, le=SUPPLIERS_PER_LOT_MAX)] = 0


async def revoke_bid(call: Call[Revocation, NoQuery]) -> LotSettled:
    """Supplier: take an own bid back, where the lot lets it. Operator: that of a bidder, until the award."""
    body = call.body
    command = RevokeBid(lot_id=call.id("lot_id"), number=body.number, reason=body.reason, alias=body.alias)
    reply = await call.settle(command)
    return LotSettled(reply.sequence, instant_of(reply.at_us), reply.id)


_LOT = "/v1/lots/{lot_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "POST", f"{_LOT}/revocations", "Take a bid back", revoke_bid,
        Revocation, NoQuery, LotSettled, RevokeBid, 201,
    ),
)  # fmt: skip
