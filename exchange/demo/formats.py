"""The demo's lots by their format: their rules, and how a supplier bids in them.

All of them ask for the same goods under the same ceiling, so that what they save can be compared.
"""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from random import Random
from typing import Final

from msgspec import Struct

from exchange.demo.tally import Tally
from exchange_client import LotRules, LotState, Rejected, Room, Unknown
from exchange_client.lot_rules import ClockRules, LotFormat

LOT_US: Final = 8_000_000
CEILING: Final = Decimal("2.4000")
FLOOR: Final = Decimal("1.2000")
"""Where the Dutch level begins."""
BEFORE: Final = Decimal("2.2500")
"""What the buyer has paid so far: its own secret."""
SCALE: Final = 4
STEP: Final = Decimal("0.0060")
LEVEL_STEP: Final = Decimal("0.2000")
LEVEL_US: Final = 1_000_000
"""Seven levels from the floor to the ceiling; no clock of the exchange is faster."""
MARGIN_PERCENT_MAX: Final = 8
"""What a supplier asks above its cost where it has but one bid."""

Bidding = Callable[[Room, Decimal, Random, Tally], Awaitable[None]]
"""How a supplier bids in a room, at no price below its cost, until the lot takes no more."""


class Kind(Struct, frozen=True):
    """What people call the lot, its rules, its step, and how one bids in it."""

    name: str
    rules: LotRules
    step: Decimal
    bid: Bidding


async def bid_down(room: Room, cost: Decimal, random: Random, tally: Tally) -> None:
    """Take the lead back whenever it is lost and the price still pays."""
    async for _ in room:
        if ended(room.state):
            return
        if not _may_lead(room.state):
            continue
        await asyncio.sleep(random.uniform(0.1, 1.2))
        price = (room.state.bid_max or Decimal(0)) - random.randint(0, 6) * STEP
        if _may_lead(room.state) and price >= cost:
            await _counted(room.bid(price), tally)


async def seal(room: Room, cost: Decimal, random: Random, tally: Tally) -> None:
    """One bid, sealed here: nobody reads it before the close."""
    async for _ in room:
        state = room.state
        if ended(state):
            return
        if state.state == "open" and state.sealed and state.sealed.public_key:
            price = cost * (100 + random.randint(1, MARGIN_PERCENT_MAX)) / 100
            await _counted(room.bid_sealed(price.quantize(state.tick)), tally)
            return


async def accept_level(room: Room, cost: Decimal, random: Random, tally: Tally) -> None:
    """Accept the first level that pays, as fast as a person can."""
    async for _ in room:
        if ended(room.state):
            return
        if _pays(room.state, cost):
            await asyncio.sleep(random.uniform(0.05, 0.2))
            if _pays(room.state, cost):
                await _counted(room.accept(), tally)


def ended(state: LotState) -> bool:
    """Whether the lot takes no more bids."""
    return state.state not in {"waiting", "open"}


def _may_lead(state: LotState) -> bool:
    return state.state == "open" and state.own_rank != 1 and state.bid_max is not None


def _pays(state: LotState, cost: Decimal) -> bool:
    level = state.clock.level_price if state.clock else None
    return level is not None and level >= cost


async def _counted(bid: Awaitable[object], tally: Tally) -> None:
    """A bid with what came of it."""
    try:
        await bid
    except Rejected as refused:
        tally.refuse(refused.reason)
    except Unknown:
        tally.unknown += 1
    else:
        tally.bids_acked += 1


_BEFORE: Final = int(BEFORE.scaleb(SCALE))
ENGLISH: Final = Kind("lot", LotRules(historic_price=_BEFORE), STEP, bid_down)
KINDS: Final = (
    Kind("sealed lot", LotRules(format=LotFormat.SEALED_FIRST_PRICE, historic_price=_BEFORE), STEP, seal),
    Kind(
        "Dutch lot",
        LotRules(
            format=LotFormat.DUTCH,
            floor_price=int(FLOOR.scaleb(SCALE)),
            clock=ClockRules(level_us=LEVEL_US),
            historic_price=_BEFORE,
        ),
        LEVEL_STEP,
        accept_level,
    ),
    ENGLISH,
)
"""Side by side in each round; the report at the end is of the last."""
