"""The whole exchange, killed under load again and again: nothing acknowledged is lost, and nothing happens twice.

A real `exchange serve` on its embedded PostgreSQL is ended with SIGKILL while members trade through the
public WebSocket; the Python client reconnects and sends unanswered commands again under their old refs.
"""

import asyncio
import json
import signal
import socket
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random

import aiohttp
import asyncpg

from exchange.app import database
from exchange.config import Settings
from exchange.core.kernel import Exchange
from exchange.core.messages import PlaceOrder, Sequenced
from exchange.engine.audit import audit
from exchange.engine.replica import Replica
from exchange.journal.postgres import PostgresJournal
from exchange_client import Client, Rejected, Unknown
from exchange_client.messages import DeclareStock, Side
from exchange_client.messages import PlaceOrder as Place

KILLS = 20
MEMBERS = 4
IN_FLIGHT = 16


class Child:
    """The server process, started again after each kill on the same folder and port."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait until it serves."""
        with (self.data / "server.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "exchange", "serve", "--data", str(self.data), "--port", str(self.port),
                "--snapshot-every", "500", stdout=asyncio.subprocess.PIPE, stderr=log, start_new_session=True,
            )  # fmt: skip
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), 60)
        assert line, (self.data / "server.log").read_text()[-3000:]
        json.loads(line)

    async def end(self, number: int) -> int:
        """Send it a signal; its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), 60)


async def admitted(child: Child) -> tuple[list[str], str]:
    """Keys of the members, each with money and stock, and the instrument."""
    operator_key = (child.data / "operator.key").read_text().strip()
    url, keys = f"http://127.0.0.1:{child.port}", []
    async with aiohttp.ClientSession(url, headers={"Authorization": f"Bearer {operator_key}"}) as http:

        async def post(path: str, body: Mapping[str, object]) -> dict[str, str]:
            async with http.post(path, json=body) as response:
                answer: dict[str, str] = await response.json()
            assert response.status < 300, answer
            return answer

        instrument = (await post("/v1/instruments", AN_INSTRUMENT))["instrument_id"]
        for number in range(MEMBERS):
            company = {"name": f"M{number}", "country": "NL", "contact": "-", "roles": ["buyer", "seller"]}
            member_id = (await post("/v1/members", company))["member_id"]
            top_up = {
                "transfer_id": f"t{number}",
                "member_id": member_id,
                "currency": "USD",
                "amount": "1000000.00",
            }
            await post("/v1/top-ups", top_up)
            wanted = {"member_id": member_id, "scopes": ["read", "trade"], "label": "test"}
            keys.append((await post("/v1/keys", wanted))["key"])
    return keys, instrument


AN_INSTRUMENT: dict[str, object] = {"symbol": "NE555", "currency": "USD", "price_scale": 2}


class Load:
    """One member that keeps orders in flight and writes down what was acknowledged."""

    def __init__(self, url: str, key: str, instrument: str, seed: int) -> None:
        self.url, self.key, self.instrument = url, key, instrument
        self.random = Random(seed)
        self.acknowledged: list[str] = []
        self.sent = self.refused = self.unknown = 0

    async def run(self, stopping: asyncio.Event) -> None:
        """Trade until told to stop; every command is then resolved."""
        async with Client(self.url, key=self.key, timeout_s=120, connect_s_max=60) as client:
            await client.send(DeclareStock(instrument_id=self.instrument, quantity=10_000_000))
            async with asyncio.TaskGroup() as tasks:
                for _ in range(IN_FLIGHT):
                    tasks.create_task(self._trade(client, stopping))

    async def _trade(self, client: Client, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            command = Place(
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
            except Unknown:
                self.unknown += 1
            await asyncio.sleep(0.002)


async def test_nothing_acknowledged_is_lost_or_doubled_over_twenty_kills(tmp_path: Path) -> None:
    child = Child(tmp_path)
    await child.start()
    keys, instrument = await admitted(child)
    url = f"ws://127.0.0.1:{child.port}/v1/ws"
    loads = [Load(url, key, instrument, seed) for seed, key in enumerate(keys)]
    stopping, random = asyncio.Event(), Random(5)
    async with asyncio.TaskGroup() as tasks:
        for load in loads:
            tasks.create_task(load.run(stopping))
        for _ in range(KILLS):
            await asyncio.sleep(random.uniform(0.05, 0.6))
            assert await child.end(signal.SIGKILL) == -signal.SIGKILL
            await child.start()
        await asyncio.sleep(0.5)
        stopping.set()
    assert await child.end(signal.SIGINT) == 0

    acknowledged = [order_id for load in loads for order_id in load.acknowledged]
    assert len(acknowledged) > 50 * KILLS, "there was load"
    assert sum(load.unknown for load in loads) == 0, "every command was resolved"
    async with database(Settings(data=tmp_path)) as dsn:
        await agrees(dsn, acknowledged, sum(load.sent for load in loads))


async def agrees(dsn: str, acknowledged: list[str], sent: int) -> None:
    """The journal, its replay and the history tables tell what the members were told."""
    journal = PostgresJournal(dsn)
    verdict, kernel = await audit(journal)
    assert verdict.ok, verdict
    assert not any(verdict.ledger_sums.values())

    placed = [
        sequenced for sequenced in await every_command(journal) if type(sequenced.command) is PlaceOrder
    ]
    refs = Counter((each.member_id, each.session, each.command.ref) for each in placed)
    assert max(refs.values()) == 1, "a ref took effect twice"
    assert len(placed) == sent
    assert len(acknowledged) == len(set(acknowledged))
    assert set(acknowledged) <= {each.new_id for each in placed}

    connection = await asyncpg.connect(dsn)
    assert await history_of(connection) == books_of(kernel)
    orders = await connection.fetch("select order_id from orders")
    assert {row["order_id"] for row in orders} == set(acknowledged)
    await connection.close()
    await journal.close()


async def every_command(journal: PostgresJournal) -> list[Sequenced]:
    """The whole journal, executed once more on the way."""
    replica, commands = Replica(), []
    async for batch in journal.read(1):
        commands += [released.sequenced for released in replica.apply(batch)]
    return commands


async def history_of(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[tuple[str, str], int]:
    """Balances by unit and account, summed from the follower's transfers."""
    rows = await connection.fetch("select unit, account, sum(amount) as balance from postings group by 1, 2")
    return {(row["unit"], row["account"]): int(row["balance"]) for row in rows if row["balance"]}


def books_of(kernel: Exchange) -> dict[tuple[str, str], int]:
    """The same from the ledger itself."""
    return {
        (account.unit, f"{account.kind}:{account.owner}"): account.balance
        for account in kernel.ledger.dump().accounts
        if account.balance
    }
