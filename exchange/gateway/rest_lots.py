"""REST of a lot beyond its bids: bought at once by a bidder, its ties drawn by its buyer.

Guarantees: whoever isn't shown the lot is told that there is none.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from exchange.core.limits import SEED_LENGTH_MAX
from exchange.core.messages import BuyNow, RevealSeed
from exchange.gateway.decoding import price_of
from exchange.gateway.notation import instant_of
from exchange.gateway.problems import Scales
from exchange.gateway.rest_sourcing import LotSettled, NewBid, lot_of
from exchange.gateway.routes import AnyRoute, Call, NoQuery, Route


class Seed(Struct, frozen=True, forbid_unknown_fields=True):
    """The text whose SHA-256 the lot was drafted with."""

    seed: Annotated[str, Meta(min_length=1, max_length=SEED_LENGTH_MAX)]


async def buy_now(call: Call[NewBid, NoQuery]) -> LotSettled:
    """Bidder: take a forward lot at its buy-now price, while nobody has bid; it closes at once."""
    event, lot, _ = lot_of(call.views, call.id("lot_id"), call.member_id)
    price = price_of("price", call.body.price, event.price_scale)
    reply = await call.settle(
        BuyNow(lot_id=lot.lot_id, price=price), Scales(event.price_scale, event.currency)
    )
    return LotSettled(reply.sequence, instant_of(reply.at_us), reply.id)


async def reveal_seed(call: Call[Seed, NoQuery]) -> LotSettled:
    """Buyer: reveal the committed seed of a closed lot; equal prices rank as it draws."""
    reply = await call.settle(RevealSeed(lot_id=call.id("lot_id"), seed=call.body.seed))
    return LotSettled(reply.sequence, instant_of(reply.at_us), reply.id)


_LOT = "/v1/lots/{lot_id}"
ROUTES: Final[tuple[AnyRoute, ...]] = (
    Route("POST", f"{_LOT}/purchase", "Buy a lot at once", buy_now, NewBid, NoQuery, LotSettled, BuyNow, 201),
    Route("POST", f"{_LOT}/seed", "Reveal a seed", reveal_seed, Seed, NoQuery, LotSettled, RevealSeed),
)
