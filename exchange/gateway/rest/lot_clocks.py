"""REST of lots with a clock: how its levels are accepted.

Guarantees: whoever isn't shown the lot is told that there is none.
"""

from typing import Final

from exchange.core.messages.lot_clocks import AcceptLevel
from exchange.gateway.decoding import price_of
from exchange.gateway.problems import Scales
from exchange.gateway.rest.sourcing import LotSettled, NewBid, lot_of
from exchange.gateway.routes import AnyRoute, Call, NoQuery, Route


async def accept_level(call: Call[NewBid, NoQuery]) -> LotSettled:
    """Bidder: accept the price that the clock of a Dutch or Japanese lot shows."""
    event, lot, _ = lot_of(call.views, call.id("lot_id"), call.member_id)
    price = price_of("price", call.body.price, event.price_scale)
    command = AcceptLevel(lot_id=lot.lot_id, price=price)
    return LotSettled.of(await call.settle(command, Scales(event.price_scale, event.currency)))


ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route(
        "POST", "/v1/lots/{lot_id}/acceptances", "Accept a level", accept_level,
        NewBid, NoQuery, LotSettled, AcceptLevel, 201,
    ),
)  # fmt: skip
