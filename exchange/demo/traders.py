"""Simulated sellers and buyers of the surplus market: each trades a few parts around their real price."""

import asyncio
from random import Random

from exchange.demo.parts import LOT_MULTIPLE, Part
from exchange.demo.tally import Tally
from exchange_client import Client, Rejected, Unknown
from exchange_client.messages import (
    AnyCommand,
    CancelOrder,
    ConfirmReceipt,
    DeclareStock,
    PlaceOrder,
    Side,
    TimeInForce,
)
from exchange_client.shown import Ack

PAUSE_S = (0.05, 0.4)
OPEN_ORDERS_MAX = 12
RECEIPT_AFTER_S = (1.0, 4.0)


class Trader:
    """One member at its desk. `listed` are its parts by instrument id."""

    def __init__(
        self, client: Client, side: Side, listed: dict[str, Part], random: Random, tally: Tally
    ) -> None:
        self._client = client
        self._side = side
        self._listed = listed
        self._ids = list(listed)
        self._random = random
        self._tally = tally
        self._open: list[str] = []
        self._owed: set[str] = set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Trade until told to stop; a buyer then confirms what it still has to."""
        if self._side is Side.SELL:
            for instrument_id, part in self._listed.items():
                await self._send(DeclareStock(instrument_id=instrument_id, quantity=part.stock * 10))
        confirms = asyncio.create_task(self._confirm(stopping))
        try:
            while not stopping.is_set():
                await asyncio.sleep(self._random.uniform(*PAUSE_S))
                await self._act()
        finally:
            await confirms

    async def _act(self) -> None:
        """Mostly a new order; now and then, or with too many open, the oldest one is taken back."""
        if self._open and (len(self._open) > OPEN_ORDERS_MAX or self._random.random() < 0.1):
            await self._send(CancelOrder(order_id=self._open.pop(0)))
            return
        instrument_id = self._random.choice(self._ids)
        part = self._listed[instrument_id]
        away = self._random.gauss(0.01, 0.02) * (1 if self._side is Side.SELL else -1)
        hurried = self._random.random() < 0.15
        command = PlaceOrder(
            instrument_id=instrument_id,
            side=self._side,
            price=max(1, round(part.price * (1 + away))),
            quantity=LOT_MULTIPLE * self._random.randint(1, 20),
            time_in_force=TimeInForce.IOC if hurried else TimeInForce.GTC,
        )
        ack = await self._send(command)
        if ack is None:
            return
        self._tally.orders_acked += 1
        if ack.open_quantity:
            self._open.append(ack.id)
        if self._side is Side.BUY:
            self._owed.add(ack.id)

    async def _confirm(self, stopping: asyncio.Event) -> None:
        """A buyer confirms what arrived, a while after it bought."""
        while not stopping.is_set():
            try:
                async with asyncio.timeout(self._random.uniform(*RECEIPT_AFTER_S)):
                    await stopping.wait()
            except TimeoutError:
                for contract_id in sorted(self._owed)[:3]:
                    self._owed.discard(contract_id)
                    if await self._send(ConfirmReceipt(contract_id=contract_id)):
                        self._tally.receipts += 1

    async def _send(self, command: AnyCommand) -> Ack | None:
        try:
            return await self._client.send(command)
        except Rejected as refused:
            self._tally.refuse(refused.reason)
        except Unknown:
            self._tally.unknown += 1
        return None
