"""Live reverse lots: a buyer puts a demand up, suppliers bid each other down against the clock, with overtime."""

import asyncio
from decimal import Decimal
from random import Random

from exchange.demo.tally import Tally
from exchange_client import Client, Disclosure, LotRules, Overtime, Rejected, Room, Unknown

OPENS_AFTER_US = 1_500_000
LOT_US = 8_000_000
OVERTIME = Overtime(window_us=2_000_000, extension_us=2_000_000, total_us_max=4_000_000)
PAUSE_S = 2.0
QUANTITY = 10_000
CEILING = Decimal("2.4000")
BEFORE = Decimal("2.2500")
"""What the buyer has paid so far: its own secret."""
SCALE = 4
STEP = Decimal("0.0060")


class Sourcing:
    """One lot after the other, until told to stop; `awarded` are the events, in their order."""

    def __init__(self, buyer: Client, suppliers: dict[str, Client], random: Random, tally: Tally) -> None:
        self._buyer = buyer
        self._suppliers = suppliers  # by member id
        self._random = random
        self._tally = tally
        self.awarded: list[str] = []

    async def run(self, stopping: asyncio.Event) -> None:
        """Events back to back; the last one goes on to its award."""
        number = 0
        while not stopping.is_set():
            number += 1
            event_id, lot_id = await self._put_up(number)
            async with asyncio.TaskGroup() as room:
                room.create_task(self._watch_and_award(event_id, lot_id, number))
                for client in self._suppliers.values():
                    cost = CEILING * Decimal(self._random.randint(55, 85)) / 100
                    room.create_task(self._bid_down(client, lot_id, cost))
            try:
                async with asyncio.timeout(PAUSE_S):
                    await stopping.wait()
            except TimeoutError:
                continue

    async def _put_up(self, number: int) -> tuple[str, str]:
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
            f"Connectors {number}",
            quantity=QUANTITY,
            ceiling_price=CEILING,
            min_step=STEP,
            rules=LotRules(historic_price=int(BEFORE.scaleb(SCALE))),
        )
        for member_id in self._suppliers:
            await buyer.invite_supplier(event, member_id)
        await buyer.publish_event(event)
        return event.id, lot.id

    async def _watch_and_award(self, event_id: str, lot_id: str, number: int) -> None:
        """The buyer looks on, and awards the lead when the lot has closed."""
        async with self._buyer.lot(lot_id) as room:
            async for _ in room:
                state = room.state
                lead = f"lead {state.lead_price}" if state.lead_price else "no bid"
                overtime = f", overtime {state.overtime_us // 1_000_000} s" if state.overtime_us else ""
                self._tally.lot(str(number), f"lot {number} {state.state}: {lead}{overtime}")
                if state.state in {"closed", "void", "awarded"}:
                    break
            if room.state.state == "closed" and room.state.prices and room.state.lead_price:
                await self._buyer.award_lot(lot_id, room.state.prices[0].alias)
                self.awarded.append(event_id)
                self._tell_savings(number, room.state.lead_price)

    def _tell_savings(self, number: int, price: Decimal) -> None:
        saved = (BEFORE - price) * QUANTITY
        self._tally.saved += saved
        percent = 100 * (BEFORE - price) / BEFORE
        line = (
            f"lot {number} awarded: {BEFORE} before, {price} after, saved {saved:,.2f} USD ({percent:.2f} %)"
        )
        self._tally.lot(str(number), line)

    async def _bid_down(self, client: Client, lot_id: str, cost: Decimal) -> None:
        """Take the lead back whenever it is lost and the price still pays."""
        async with client.lot(lot_id) as room:
            async for _ in room:
                state = room.state
                if state.state not in {"waiting", "open"}:
                    return
                if state.state == "waiting" or state.own_rank == 1 or not state.bid_max:
                    continue
                await asyncio.sleep(self._random.uniform(0.1, 1.2))
                state = room.state
                price = (state.bid_max or Decimal(0)) - self._random.randint(0, 6) * STEP
                if state.state == "open" and state.own_rank != 1 and price >= cost:
                    await self._bid(room, price)

    async def _bid(self, room: Room, price: Decimal) -> None:
        try:
            await room.bid(price)
        except Rejected as refused:
            self._tally.refuse(refused.reason)
        except Unknown:
            self._tally.unknown += 1
        else:
            self._tally.bids_acked += 1
