"""Sourcing events that are about to open: their buyer, their suppliers, their lots."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from time import time
from typing import Any, Final, Self

from benchmarks.arena.speaker import Speaker
from benchmarks.market import CURRENCY, Market, Member
from benchmarks.server import Server

CEILING: Final = 1_000_000_000
LOTS_PER_EVENT: Final = 1_000
AT_ONCE: Final = 32
SECOND_US: Final = 1_000_000


def now_us() -> int:
    """By this machine's clock, which the exchange has too."""
    return int(time() * SECOND_US)


class Setting:
    """`async with` makes a buyer; events are its own."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self.market = await self._stack.enter_async_context(Market(self._server))
        self.buyer = await self.market.member("Buyer", (), money_minor=1)
        self._events: list[str] = []
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def suppliers(self, count: int) -> list[Member]:
        """New members that may bid."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> Member:
            async with gate:
                return await self.market.member(f"Supplier {number}", (), money_minor=0)

        return await asyncio.gather(*(one(number) for number in range(count)))

    async def published(
        self, lots: int, suppliers: Sequence[Member], *, open_at_us: int, duration_us: int
    ) -> list[str]:
        """Ids of new lots that open and close together, in as many events as they need. No overtime."""
        found: list[str] = []
        for first in range(0, lots, LOTS_PER_EVENT):
            count = min(LOTS_PER_EVENT, lots - first)
            draft: dict[str, Any] = {
                "type": "create_event",
                "title": "Benchmark",
                "currency": CURRENCY,
                "open_at_us": open_at_us,
                "duration_us": duration_us,
                "overtime": {"window_us": 0},
                "rules": {"schedule": "parallel"},
            }
            [event_id] = await self.make([draft])
            self._events.append(event_id)
            lot = {"type": "add_lot", "event_id": event_id, "quantity": 1, "ceiling_price": CEILING}
            found += await self.make(
                [{**lot, "title": f"Lot {first + number}", "min_step": 1} for number in range(count)]
            )
            await self.make(
                [
                    {"type": "invite_supplier", "event_id": event_id, "member_id": supplier.member_id}
                    for supplier in suppliers
                ]
            )
            await self.make([{"type": "publish_event", "event_id": event_id}])
        return found

    async def make(self, commands: Sequence[dict[str, Any]]) -> list[str]:
        """Ids of what the buyer's commands made or meant. Raises MarketRefused."""
        async with Speaker(self._server, self.buyer.key) as said:
            return await said.make(commands)

    async def lots(self) -> dict[str, dict[str, Any]]:
        """Every lot of every event by its id, as its buyer reads it."""
        found = [
            await self.market.read(f"/v1/events/{event_id}", self.buyer.key) for event_id in self._events
        ]
        return {lot["lot_id"]: lot for event in found for lot in event["lots"]}

    async def is_open(self, lot_id: str) -> bool:
        """Whether the lot takes bids."""
        return bool((await self.market.read(f"/v1/lots/{lot_id}", self.buyer.key))["state"] == "open")
