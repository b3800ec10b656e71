"""Members that trade over the public WebSocket and write down what was acknowledged."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random

from exchange_client import Client, Rejected, Unknown
from exchange_client.messages import DeclareStock, PlaceOrder, Side
from tests.whole.server import Server

IN_FLIGHT = 16
PATIENCE_S = 600
"""How long a command may stay open: over many kills in a row, on a machine that does other work as well."""
AN_INSTRUMENT = {"symbol": "NE555", "currency": "USD", "price_scale": 2}


async def admitted(server: Server, members: int = 4) -> tuple[list[str], str]:
    """Keys of so many members, each with money, and the instrument."""
    instrument = (await server.made("/v1/instruments", AN_INSTRUMENT))["instrument_id"]
    keys = []
    for number in range(members):
        company = {"name": f"M{number}", "country": "NL", "contact": "-", "roles": ["buyer", "seller"]}
        member_id = (await server.made("/v1/members", company))["member_id"]
        money = {
            "transfer_id": f"t{number}",
            "member_id": member_id,
            "currency": "USD",
            "amount": "1000000.00",
        }
        await server.made("/v1/top-ups", money)
        wanted = {"member_id": member_id, "scopes": ["read", "trade"], "label": "test"}
        keys.append((await server.made("/v1/keys", wanted))["key"])
    return keys, instrument


class Load:
    """One member that keeps orders in flight and writes down what was acknowledged."""

    def __init__(self, url: str, key: str, instrument: str, seed: int) -> None:
        self.url, self.key, self.instrument = url, key, instrument
        self.random = Random(seed)
        self.acknowledged: list[str] = []
        self.unknown: list[str] = []
        self.sent = self.refused = 0

    async def run(self, stopping: asyncio.Event) -> None:
        """Trade until told to stop; every command is then resolved."""
        async with Client(self.url, key=self.key, timeout_s=PATIENCE_S, connect_s_max=60) as client:
            await client.send(DeclareStock(instrument_id=self.instrument, quantity=10_000_000))
            async with asyncio.TaskGroup() as tasks:
                for _ in range(IN_FLIGHT):
                    tasks.create_task(self._trade(client, stopping))

    async def _trade(self, client: Client, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            command = PlaceOrder(
                instrument_id=self.instrument,
                side=self.random.choice(list(Side)),
                price=self.random.randint(95, 105),
                quantity=self.random.randint(1, 20),
            )
            self.sent += 1
            try:
                self.acknowledged.append((await client.send(command)).id)
            except Rejected:
                self.refused += 1
            except Unknown as unknown:
                self.unknown.append(str(unknown))
            await asyncio.sleep(0.002)


class Loads:
    """All of them together."""

    def __init__(self, loads: Sequence[Load]) -> None:
        self._loads = loads

    @property
    def acknowledged(self) -> list[str]:
        """Orders whose ack arrived."""
        return [order_id for load in self._loads for order_id in load.acknowledged]

    @property
    def sent(self) -> int:
        """Commands that somebody wanted done."""
        return sum(load.sent for load in self._loads)

    @property
    def unknown(self) -> list[str]:
        """Of each command whose outcome nobody learned, why."""
        return [why for load in self._loads for why in load.unknown]

    async def grow(self, count: int) -> None:
        """Until so many more are acknowledged."""
        wanted = len(self.acknowledged) + count
        while len(self.acknowledged) < wanted:
            await asyncio.sleep(0.01)


@asynccontextmanager
async def under_load(server: Server, keys: Sequence[str], instrument: str) -> AsyncIterator[Loads]:
    """Each key's member trades for the length of the block."""
    loads = [Load(server.websocket, key, instrument, seed) for seed, key in enumerate(keys)]
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for load in loads:
            tasks.create_task(load.run(stopping))
        yield Loads(loads)
        stopping.set()
