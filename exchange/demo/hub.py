"""The inspector at the hub: counts what comes, inspects it as lots, and ships what passed. All over REST.

Each round does one step of what waits, so that goods are seen on their way.
"""

import asyncio
from hashlib import sha256
from random import Random
from typing import Any, Final

from exchange.demo.office import Office
from exchange.demo.tally import Tally

PAUSE_S: Final = 0.6
AT_ONCE: Final = 50
"""Boxes and lots of a round: a page."""
LAB_COST: Final = "35.00"
SAMPLE: Final = 20
FAILED: Final = 0.10
IN_PART: Final = 0.15


class Hub:
    """Most of what it looks at is as it should be."""

    def __init__(self, office: Office, random: Random, tally: Tally) -> None:
        self._office = office
        self._random = random
        self._tally = tally

    async def run(self, closed: asyncio.Event) -> None:
        """Rounds until the demo's market has been wound up."""
        while not closed.is_set():
            await self.work()
            await asyncio.sleep(PAUSE_S)

    async def work(self) -> None:
        """A round, from the end of the way to its beginning."""
        ready = await self._page("/v1/hub/ready", "lines")
        waiting = await self._page("/v1/hub/lots", "hub_lots")
        boxes = await self._page("/v1/consignments", "consignments")
        parcels: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for line in ready:
            parcels.setdefault((line["buyer_id"], line["instrument_id"]), []).append(line)
        await asyncio.gather(
            *(self._ship(lines) for lines in parcels.values()),
            *(self._inspect(lot) for lot in waiting),
            *(self._receive(box) for box in boxes),
        )

    async def _page(self, path: str, name: str) -> list[dict[str, Any]]:
        page: list[dict[str, Any]] = (await self._office.get(path, limit=AT_ONCE))[name]
        return page

    async def _receive(self, box: dict[str, Any]) -> None:
        path = f"/v1/consignments/{box['consignment_id']}/receipt"
        answer = await self._office.attempt(path, {"counted_quantity": box["quantity"]})
        self._tally.received += answer is not None

    async def _inspect(self, lot: dict[str, Any]) -> None:
        """Whole lots pass or fail, or a quarter of the pieces fails and a quarter is conditional."""
        quantity, luck = lot["quantity"], self._random.random()
        rejected, conditional, result = 0, 0, "passed"
        if luck < FAILED:
            rejected, result = quantity, "failed"
        elif luck < FAILED + IN_PART:
            rejected, conditional, result = quantity // 4, quantity // 4, "conditional"
        body = {
            "plan": "fixed_sample",
            "sample_quantity": min(SAMPLE, quantity),
            "checks": [
                {"method": "visual", "result": "passed"},
                {"method": "marking", "result": result},
            ],
            "evidence": sha256(f"{lot['hub_lot_id']}: {result}".encode()).hexdigest(),
            "passed_quantity": quantity - rejected - conditional,
            "conditional_quantity": conditional,
            "rejected_quantity": rejected,
            "cost": LAB_COST,
        }
        if await self._office.attempt(f"/v1/hub/lots/{lot['hub_lot_id']}/inspection", body):
            self._tally.inspect(lot["seller_id"], result)

    async def _ship(self, lines: list[dict[str, Any]]) -> None:
        named = [{"contract_id": line["contract_id"], "line": line["line"]} for line in lines]
        answer = await self._office.attempt("/v1/shipments", {"lines": named})
        self._tally.shipped += answer is not None
