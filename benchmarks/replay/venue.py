"""A server with what a replay needs: one instrument, makers and a taker with ample money and stock."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from msgspec import Struct

from benchmarks.market import MINOR_DIGITS, Market
from benchmarks.replay.desk import ORDERS_PER_MAKER, Desk
from benchmarks.server import serving
from exchange.core.limits import AMOUNT_MINOR_MAX, PRICE_SCALE_MAX
from exchange_client import Client

OPTIONS: Final = ("--batch-max", "1", "--no-follower")
"""A commit for each command, so that each has its own frame in the feed."""
IN_MEMORY: Final = "--no-journal"
DECLARATIONS: Final = 20
"""How often each declares as much stock as can be declared at once: twenty thousand million pieces."""


class Scale(Struct, frozen=True):
    """How prices of a file become the exchange's: `price_scale` decimals, in steps of `tick`, each `unit` of the file's.

    An exchange's price may have no finer step than a whole minor unit for one piece; where the file's are finer,
    one step of the file stands as one minor unit.
    """

    price_scale: int
    tick: int
    unit: int = 1


def scale_of(step: int, decimals: int) -> Scale:
    """For prices that are multiples of `step`, in 10^-decimals."""
    minor = 10 ** max(0, decimals - MINOR_DIGITS)
    if decimals <= PRICE_SCALE_MAX and step % minor == 0:
        return Scale(decimals, minor)
    return Scale(MINOR_DIGITS, 1, step)


@asynccontextmanager
async def venue(
    scale: Scale, orders_max: int, *, journal: bool, orders_per_maker: int = ORDERS_PER_MAKER
) -> AsyncIterator[Desk]:
    """A desk at a server of its own, with room for so many open orders."""
    makers = 1 + orders_max // orders_per_maker
    options = OPTIONS if journal else (*OPTIONS, IN_MEMORY)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving(*options))
        async with Market(server) as market:
            instrument_id = await market.instrument("RECORDED", scale.price_scale, scale.tick)
            members = [
                await market.member(
                    f"member {number}",
                    [instrument_id],
                    money_minor=AMOUNT_MINOR_MAX // (makers + 2),
                    declarations=DECLARATIONS,
                )
                for number in range(makers + 1)
            ]
        clients = [
            await stack.enter_async_context(Client(server.websocket_url, key=member.key))
            for member in members
        ]
        yield await stack.enter_async_context(Desk(clients[1:], clients[0], instrument_id, orders_per_maker))
