"""Live reverse lots: a buyer puts a demand up, suppliers bid each other down against the clock, with overtime.

Beside each a sealed lot and a Dutch one ask for the same, so that the ways of bidding can be compared.
"""

import asyncio
from decimal import Decimal
from random import Random

from exchange.demo.formats import BEFORE, CEILING, ENGLISH, KINDS, LOT_US, SCALE, Kind, ended
from exchange.demo.tally import Tally
from exchange_client import Client, Disclosure, LotState, Overtime

OPENS_AFTER_US = 1_500_000
OVERTIME = Overtime(window_us=2_000_000, extension_us=2_000_000, total_us_max=4_000_000)
PAUSE_S = 2.0
QUANTITY = 10_000


class Sourcing:
    """One round of lots after the other, until told to stop.

    `awarded` are the events of live lots, in their order; `compared` those of the others with their kind.
    """

    def __init__(self, buyer: Client, suppliers: dict[str, Client], random: Random, tally: Tally) -> None:
        self._buyer = buyer
        self._suppliers = suppliers  # by member id
        self._random = random
        self._tally = tally
        self.awarded: list[str] = []
        self.compared: list[tuple[str, str]] = []

    async def run(self, stopping: asyncio.Event) -> None:
        """Rounds back to back; the last one goes on to its awards."""
        number = 0
        while not stopping.is_set():
            number += 1
            costs = [CEILING * Decimal(self._random.randint(55, 85)) / 100 for _ in self._suppliers]
            async with asyncio.TaskGroup() as lots:
                for kind in KINDS:
                    lots.create_task(self._hold(kind, number, costs))
            try:
                async with asyncio.timeout(PAUSE_S):
                    await stopping.wait()
            except TimeoutError:
                continue

    async def _hold(self, kind: Kind, number: int, costs: list[Decimal]) -> None:
        """One lot, from its draft to its award."""
        event_id, lot_id = await self._put_up(kind, number)
        async with asyncio.TaskGroup() as room:
            room.create_task(self._watch_and_award(kind, event_id, lot_id, number))
            for client, cost in zip(self._suppliers.values(), costs, strict=True):
                room.create_task(self._bid(kind, client, lot_id, cost))

    async def _put_up(self, kind: Kind, number: int) -> tuple[str, str]:
        """Draft, invite, publish; the ids of event and lot."""
        buyer = self._buyer
        event = await buyer.create_event(
            f"Demand {number}",
            currency="USD",
            price_scale=SCALE,
            open_at_us=buyer.clock.now_us() + OPENS_AFTER_US,
            duration_us=LOT_US,
            overtime=OVERTIME,
            disclosure=Disclosure(lead_price=True),
        )
        lot = await buyer.add_lot(
            event,
            f"Connectors {number}, {kind.name}",
            quantity=QUANTITY,
            ceiling_price=CEILING,
            min_step=kind.step,
            rules=kind.rules,
        )
        for member_id in self._suppliers:
            await buyer.invite_supplier(event, member_id)
        await buyer.publish_event(event)
        return event.id, lot.id

    async def _bid(self, kind: Kind, client: Client, lot_id: str, cost: Decimal) -> None:
        async with client.lot(lot_id) as room:
            await kind.bid(room, cost, self._random, self._tally)

    async def _watch_and_award(self, kind: Kind, event_id: str, lot_id: str, number: int) -> None:
        """The buyer looks on, and awards the lead when the lot has closed and, if it was sealed, is opened."""
        name = f"{kind.name} {number}"
        async with self._buyer.lot(lot_id) as room:
            async for _ in room:
                state = room.state
                self._tally.lot(name, f"{name} {state.state}: {_told(state)}")
                if ended(state) and (state.sealed is None or state.sealed.opened or state.state == "void"):
                    break
            if room.state.state == "closed" and room.state.prices and room.state.lead_price:
                await self._buyer.award_lot(lot_id, room.state.prices[0].alias)
                if kind is ENGLISH:
                    self.awarded.append(event_id)
                else:
                    self.compared.append((kind.name, event_id))
                self._tell_savings(name, room.state.lead_price)

    def _tell_savings(self, name: str, price: Decimal) -> None:
        saved = (BEFORE - price) * QUANTITY
        self._tally.saved += saved
        percent = 100 * (BEFORE - price) / BEFORE
        line = f"{name} awarded at {price} USD, {BEFORE} before; saved {saved:,.2f} ({percent:.2f} %)"
        self._tally.lot(name, line)


def _told(state: LotState) -> str:
    """What a buyer sees of a lot that runs."""
    if state.sealed and not state.sealed.opened:
        return "nobody reads its bids before the close"
    if state.clock and state.clock.level_price:
        return f"level {state.clock.level_price} {state.currency}"
    lead = f"lead {state.lead_price} {state.currency}" if state.lead_price else "no bid"
    return lead + (f", overtime {state.overtime_us // 1_000_000} s" if state.overtime_us else "")
