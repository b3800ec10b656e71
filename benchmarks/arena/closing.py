"""Many lots that close in one millisecond while suppliers bid: who won, what came too late, how late the close was.

Guarantees: the winner that ought to be comes from the acknowledgements alone: the best price that was taken. An
instant is the exchange's own, from the ack; the lag of a close is what a watching buyer's socket shows, feeds
and this process included.
"""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from random import Random
from typing import Any, Final

from msgspec import Struct

from benchmarks.arena.crowd import Gather, Told, Watch
from benchmarks.arena.ranks import crowded
from benchmarks.arena.setting import CEILING, SECOND_US, Setting, now_us
from benchmarks.arena.speaker import Answer, Speaker
from benchmarks.machine import cpu_seconds
from benchmarks.market import Member
from benchmarks.server import Server

SUPPLIERS: Final = 8
FOLLOWED_EACH: Final = 250
"""Lots per connection of the buyer: less than a connection may follow."""
LOTS_PER_S: Final = 500
"""So many are drafted, published and followed in a second, at least."""
PATIENCE_S: Final = 60.0
SEED: Final = 11


class Closed(Struct, frozen=True):
    """What was seen. `lags_ms` are from the close to the frame that tells it, sorted; `cpu_ms` is what the engine's process
    did from the close until the last was told, late bids included.
    """

    lots: int
    bids: int
    refused_late: int
    wrong_winners: int
    late_accepts: int
    lags_ms: list[float]
    cpu_ms: float


class Taken(Struct, frozen=True, order=True):
    """A bid that the exchange took. The smaller one wins."""

    price: int
    at_us: int
    member_id: str


async def close_together(server: Server, lots: int, *, lead_s: float) -> Closed:
    """Let that many lots close at one instant; `lead_s` is how long they are open before bidding ends."""
    async with Setting(server) as setting, AsyncExitStack() as stack:
        suppliers = await setting.suppliers(SUPPLIERS)
        open_at_us = now_us() + (3 + lots // LOTS_PER_S) * SECOND_US
        close_at_us = open_at_us + int(lead_s * SECOND_US)
        lot_ids = await setting.published(
            lots, suppliers, open_at_us=open_at_us, duration_us=close_at_us - open_at_us
        )
        ask = await stack.enter_async_context(crowded())
        await ask(_watching(server, setting.buyer, lot_ids))
        await asyncio.sleep(max(0.0, (open_at_us - now_us()) / SECOND_US) + 0.1)
        watch = asyncio.create_task(ask(Watch('"state":"closed"', lots, lead_s + PATIENCE_S)))
        used = asyncio.create_task(_used_until(server, close_at_us, watch))
        said = [await stack.enter_async_context(Speaker(server, each.key)) for each in suppliers]
        taken: dict[str, list[Taken]] = {lot_id: [] for lot_id in lot_ids}
        late = [0]
        await asyncio.gather(*(
            _bid(each, member, number, lot_ids, close_at_us, taken, late)
            for number, (each, member) in enumerate(zip(said, suppliers, strict=True))
        ))  # fmt: skip
        seen = (await watch).came_us
        wrong = await _wrong_winners(setting, taken)
    bids = [bid for each in taken.values() for bid in each]
    lags = sorted((at_us - close_at_us) / 1_000 for at_us in seen)
    assert len(lags) == lots, "every close was told"
    return Closed(
        lots, len(bids), late[0], wrong, sum(bid.at_us >= close_at_us for bid in bids), lags, await used
    )


async def _used_until(server: Server, close_at_us: int, watch: asyncio.Task[Told]) -> float:
    """CPU of the engine's process from the close until everybody has been told, in milliseconds."""
    await asyncio.sleep((close_at_us - now_us()) / SECOND_US)
    before = cpu_seconds(server.pid)
    await asyncio.wait([watch])
    return round(1_000 * (cpu_seconds(server.pid) - before), 1)


def _watching(server: Server, buyer: Member, lot_ids: list[str]) -> Gather:
    """The buyer's sockets, each with some of the lots."""
    channels = [f"lot:{lot_id}" for lot_id in lot_ids]
    parts = [channels[first : first + FOLLOWED_EACH] for first in range(0, len(channels), FOLLOWED_EACH)]
    return Gather(server.host, server.port, [buyer.key] * len(parts), parts)


async def _bid(
    said: Speaker,
    member: Member,
    number: int,
    lot_ids: list[str],
    close_at_us: int,
    taken: dict[str, list[Taken]],
    late: list[int],
) -> None:
    """Bid somewhere, over and over, until some time after the close. No two suppliers ever name one price."""
    random, sent = Random(f"{SEED}:{number}"), list[tuple[str, int]]()

    def bids() -> Iterator[dict[str, Any]]:
        price = dict.fromkeys(lot_ids, CEILING - CEILING % SUPPLIERS - SUPPLIERS + number)
        while now_us() < close_at_us + SECOND_US // 5:
            lot_id = random.choice(lot_ids)
            price[lot_id] -= SUPPLIERS * random.randrange(1, 1_000)
            sent.append((lot_id, price[lot_id]))
            yield {"type": "submit_bid", "lot_id": lot_id, "price": price[lot_id]}

    def note(answer: Answer, lot_id: str, price: int) -> None:
        if answer.taken:
            taken[lot_id].append(Taken(price, answer["at_us"], member.member_id))
        else:
            late[0] += answer["reason"] == "LOT_NOT_OPEN"

    for answer, (lot_id, price) in zip(await said.say(bids()), sent, strict=True):
        note(answer, lot_id, price)


async def _wrong_winners(setting: Setting, taken: dict[str, list[Taken]]) -> int:
    """Award each lot to whoever leads; how many went to somebody else than the acknowledgements say."""
    closed = await setting.lots()
    leads = {lot_id: closed[lot_id]["prices"][0]["alias"] for lot_id, bids in taken.items() if bids}
    await setting.make(
        [{"type": "award_lot", "lot_id": lot_id, "alias": alias} for lot_id, alias in leads.items()]
    )
    awarded = await setting.lots()
    return sum(awarded[lot_id]["winner_id"] != min(taken[lot_id]).member_id for lot_id in leads)
