"""What goes wrong at the steps of the journal, and when: slow, failing, down, full, or the power goes."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Final

from exchange.journal.base import JournalUnavailable
from exchange.journal.memory import Fault, Step
from tests.simulation.loop import SimLoop
from tests.simulation.temper import MS, SECOND, Temper

SILENCE_US_MAX: Final = 3 * SECOND
"""How long a broken connection keeps silent: less than every command has to come to its end after the last fault."""
READS_WEIGH: Final = 0.03
"""A recovery reads many batches: each is so much likelier to go well than another step."""


class StoreFaults:
    """The state of the store, for whoever uses it; `calm` makes it a good one."""

    def __init__(self, loop: SimLoop, chance: Random, temper: Temper) -> None:
        self.stormy = False
        self.down_until_us = 0
        self.full_until_us = 0
        self.crashes_at: dict[str, int] = {}
        self._loop = loop
        self._chance = chance
        self._temper = temper

    def calm(self) -> None:
        """From now on all goes well."""
        self.stormy = False
        self.down_until_us = self.full_until_us = 0

    def fault_of(self, host: str, cut_power: Callable[[], None]) -> Fault:
        """The fault port of one process's journal."""

        async def fault(step: Step) -> None:
            await self._pause(step)
            if not self.stormy:
                return
            weight = READS_WEIGH if step == "read" else 1.0
            if self._chance.random() < self._temper.crash_per_step * weight:
                self.crashes_at[step] = self.crashes_at.get(step, 0) + 1
                cut_power()
                if self._loop.is_dead(host):
                    await self._loop.create_future()
            await self._fail(step, weight)

        return fault

    async def _pause(self, step: Step) -> None:
        temper, chance = self._temper, self._chance
        if step == "append" or (step not in {"read", "appended"} and chance.random() < 0.5):
            flush_us = int(chance.random() * temper.flush_us_max)
            if self.stormy and chance.random() < temper.slow_flush:
                flush_us = chance.randrange(2 * SECOND)
            await asyncio.sleep(flush_us / 1e6)
        elif chance.random() < 0.2:
            await asyncio.sleep(chance.randrange(300) / 1e6)

    async def _fail(self, step: Step, weight: float) -> None:
        """Before the write the store may be down or full; after it the answer may get lost."""
        now_us, chance = self._loop.now_us, self._chance
        if now_us < self.down_until_us:
            await asyncio.sleep(chance.randrange(50 * MS) / 1e6)
            raise JournalUnavailable("the store does not answer")
        if step == "append" and now_us < self.full_until_us:
            raise JournalUnavailable("no space left on the store's disk")
        if chance.random() < self._temper.fail_per_step * weight:
            if chance.random() < 0.2:
                await asyncio.sleep(chance.randrange(SILENCE_US_MAX) / 1e6)
            if not self.stormy:
                return  # the faults stopped meanwhile
            raise JournalUnavailable("the connection to the store broke")
