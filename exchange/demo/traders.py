"""Simulated sellers and buyers of the surplus market: each trades a few parts around their real price."""

import asyncio
from contextlib import suppress
from random import Random

from exchange.demo.parts import LOT_MULTIPLE, Part
from exchange.demo.tally import Tally
from exchange_client import Client, Rejected, Resynced, Unknown
from exchange_client.messages import (
    AnyCommand,
    CancelOrder,
    ConfirmReceipt,
    DeclareStock,
    PlaceOrder,
    Side,
    TimeInForce,
)
from exchange_client.shown import (
    Ack,
    AnyOwnEvent,
    OwnCancelled,
    OwnContractLine,
    OwnFill,
    OwnReduced,
    OwnRested,
    OwnSettled,
)

PAUSE_S = (0.05, 0.4)
OPEN_ORDERS_MAX = 12
RECEIPT_AFTER_S = (1.0, 4.0)
CONFIRMED_AT_ONCE = 5


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
        self._open: dict[str, None] = {}  # own resting orders, oldest first
        self._owed: dict[str, None] = {}  # contracts with lines that the buyer has to confirm

    async def run(self, stopping: asyncio.Event) -> None:
        """Trade until told to stop; a buyer then confirms what it still has to."""
        if self._side is Side.SELL:
            for instrument_id, part in self._listed.items():
                await self._send(DeclareStock(instrument_id=instrument_id, quantity=part.stock * 10))
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(self._listen())
            tasks.create_task(self._confirm(stopping))
            while not stopping.is_set():
                await asyncio.sleep(self._random.uniform(*PAUSE_S))
                await self._act()
            listening.cancel()

    async def _listen(self) -> None:
        """Keep up with what happens to one's own orders and contracts."""
        async for update in self._client.own():
            if isinstance(update, Resynced):
                continue
            if update.snapshot:
                self._open = dict.fromkeys(order.order_id for order in update.orders)
            for event in update.events:
                self._note(event)

    def _note(self, event: AnyOwnEvent) -> None:
        match event:
            case OwnRested():
                self._open[event.order_id] = None
            case OwnFill(open_quantity=0) | OwnReduced(open_quantity=0) | OwnCancelled():
                self._open.pop(event.order_id, None)
            case OwnContractLine() if event.side is Side.BUY:
                self._owed[event.contract_id] = None
            case OwnSettled() if self._side is Side.SELL:
                self._tally.settle(event.fee_minor)
            case _:
                pass

    async def _act(self) -> None:
        """Mostly a new order; now and then, or with too many open, the oldest one is taken back."""
        if self._open and (len(self._open) > OPEN_ORDERS_MAX or self._random.random() < 0.1):
            oldest = next(iter(self._open))
            del self._open[oldest]
            await self._send(CancelOrder(order_id=oldest))
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
        if await self._send(command):
            self._tally.orders_acked += 1

    async def _confirm(self, stopping: asyncio.Event) -> None:
        """A buyer confirms what arrived, a while after it bought."""
        while not stopping.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._random.uniform(*RECEIPT_AFTER_S)):
                    await stopping.wait()
            for contract_id in list(self._owed)[:CONFIRMED_AT_ONCE]:
                del self._owed[contract_id]
                self._tally.receipts += await self._send(ConfirmReceipt(contract_id=contract_id)) is not None

    async def _send(self, command: AnyCommand) -> Ack | None:
        try:
            return await self._client.send(command)
        except Rejected as refused:
            self._tally.refuse(refused.reason)
        except Unknown:
            self._tally.unknown += 1
        return None
