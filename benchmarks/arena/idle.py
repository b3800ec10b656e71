"""Open lots that wait for their close: what they cost while nothing is due."""

import asyncio
from typing import Final

from msgspec import Struct

from benchmarks.arena.setting import SECOND_US, Setting, now_us
from benchmarks.machine import cpu_seconds
from benchmarks.server import Server

REST_S: Final = 5.0
LOTS_PER_S: Final = 1_500
"""So many are drafted and published in a second, at least."""
OPENED_PER_S: Final = 5_000
DAY_US: Final = 24 * 3_600 * SECOND_US


class Idle(Struct, frozen=True):
    """Shares of one processor, in percent."""

    lots: int
    empty_cpu_percent: float
    open_cpu_percent: float


async def stay_open(server: Server, lots: int, *, rest_s: float = REST_S) -> Idle:
    """The engine's CPU before there is any lot, and with that many open."""
    async with Setting(server) as setting:
        suppliers = await setting.suppliers(2)
        empty = await _share(server, rest_s)
        open_at_us = now_us() + (3 + lots // LOTS_PER_S) * SECOND_US
        found = await setting.published(lots, suppliers, open_at_us=open_at_us, duration_us=DAY_US)
        await asyncio.sleep(max(0.0, (open_at_us - now_us()) / SECOND_US))
        await asyncio.sleep(2.0 + lots / OPENED_PER_S)
        assert await setting.is_open(found[-1]), "all have opened by now"
        return Idle(lots, empty, await _share(server, rest_s))


async def _share(server: Server, rest_s: float) -> float:
    before = cpu_seconds(server.pid)
    await asyncio.sleep(rest_s)
    return 100 * (cpu_seconds(server.pid) - before) / rest_s
