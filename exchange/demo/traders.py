"""Simulated sellers and buyers of the surplus market: each trades a few parts around their real price.

Some of the parts go through the hub (`goods.py`); of the others the buyer confirms the receipt.
"""

import asyncio
from random import Random

from exchange.demo.goods import Goods
from exchange.demo.office import Office
from exchange.demo.parts import LOT_MULTIPLE, Part
from exchange.demo.tally import Tally
from exchange_client import Client, Rejected, Resynced, Unknown
from exchange_client.messages import (
    AnyCommand,
    CancelAll,
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
GOODS_AFTER_S = (0.8, 2.0)
CONFIRMED_AT_ONCE = 10


class Trader:
    """One member at its desk. `listed` are its parts by instrument id."""

    def __init__(
        self,
        client: Client,
        office: Office,
        side: Side,
        listed: dict[str, Part],
        random: Random,
        tally: Tally,
    ) -> None:
        self._client = client
        self._office = office
        self._side = side
        self._listed = listed
        self._ids = list(listed)
        self._random = random
        self._tally = tally
        self._open: dict[str, None] = {}  # own resting orders, oldest first
        self._owed: dict[str, None] = {}  # contracts with lines that the buyer has to confirm
        self._confirming = 0
        self._goods = Goods(self._send, side, random, tally)

    @property
    def left(self) -> int:
        """Contracts and lines of a buyer that are not yet settled."""
        if self._side is Side.SELL:
            return 0
        return self._goods.left + len(self._owed.keys() - self._goods.contracts) + self._confirming

    async def run(self, stopping: asyncio.Event, closed: asyncio.Event) -> None:
        """Trade until told to stop; then take all orders back, and do what is due until all is wound up."""
        if self._side is Side.SELL:
            for instrument_id, part in self._listed.items():
                await self._send(DeclareStock(instrument_id=instrument_id, quantity=part.stock * 10))
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(self._listen())
            working = tasks.create_task(self._work())
            while not stopping.is_set():
                await asyncio.sleep(self._random.uniform(*PAUSE_S))
                await self._act()
            await self._send(CancelAll())
            await self.catch_up()
            await closed.wait()
            working.cancel()
            listening.cancel()

    async def catch_up(self) -> None:
        """Read what is there to do: the feed might have had a gap."""
        await self._goods.catch_up(self._office)
        async for contract in self._office.all("/v1/contracts", "contracts"):
            if contract["side"] == Side.BUY and contract["lines"]:
                self._owed[contract["contract_id"]] = None

    async def _listen(self) -> None:
        """Keep up with what happens to one's own orders and contracts."""
        async for update in self._client.own():
            if isinstance(update, Resynced):
                await self.catch_up()
                continue
            for account in update.accounts:
                if account.kind == "held":
                    self._tally.held_minor[self._client.member_id] = account.available
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
                self._tally.escrow_minor += event.amount_minor
            case OwnSettled() if self._side is Side.SELL:
                self._tally.settle(event.fee_minor)
            case OwnSettled():
                self._tally.escrow_minor -= event.amount_minor
            case _:
                self._goods.note(event)

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

    async def _work(self) -> None:
        """A while after it was sold: goods through the hub go on, and a buyer confirms what arrived directly."""
        while True:
            await asyncio.sleep(self._random.uniform(*GOODS_AFTER_S))
            await self._goods.work()
            for contract_id in list(self._owed)[:CONFIRMED_AT_ONCE]:
                del self._owed[contract_id]
                if contract_id in self._goods.contracts:
                    continue
                self._confirming += 1
                sent = await self._send(ConfirmReceipt(contract_id=contract_id))
                self._tally.receipts += sent is not None
                self._confirming -= 1

    async def _send(self, command: AnyCommand) -> Ack | None:
        try:
            return await self._client.send(command)
        except Rejected as refused:
            self._tally.refuse(refused.reason)
        except Unknown:
            self._tally.unknown += 1
        return None
