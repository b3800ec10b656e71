"""A real server keeps sealed bids sealed: no byte that it stores, logs or sends tells a price before the opening.

What a search looks for is found by it once the lot is open, and wherever a leak is planted.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import aiohttp
import asyncpg
import pytest
from msgspec import msgpack

from exchange.engine.replica import Replica, replayed
from exchange.journal.postgres import PostgresJournal
from exchange_client import Client
from tests.whole.server import PATIENCE_S, Server, a_server

PRICE: Final = Decimal("7391846.20")
CENTS: Final = 739_184_620
NEEDLES: Final = (
    str(CENTS).encode(),
    b"7391846.2",
    b"7,391,846",
    msgpack.encode(CENTS),
    msgpack.encode(CENTS).hex().encode(),
    str(CENTS).encode().hex().encode(),
)
TABLES: Final = "select table_name from information_schema.tables where table_schema = 'public' order by 1"
LOT: Final = {
    "title": "Bearings", "quantity": 5, "ceiling_price": "9999999.00", "min_step": "0.10", "tick": "0.10",
    "rules": {"format": "sealed_first_price"},
}  # fmt: skip
NAMED: Final = re.compile(r"{(\w+)}")


def holds(told: bytes) -> bool:
    return any(needle in told for needle in NEEDLES)


class Watcher:
    """A member's connection that keeps every frame of a lot and of its own."""

    def __init__(self) -> None:
        self.frames = bytearray()

    async def live(self, server: Server, key: str, lot: str) -> None:
        async with aiohttp.ClientSession() as http, http.ws_connect(server.websocket) as socket:
            await socket.send_json({"type": "hello", "key": key})
            welcome = await socket.receive_json()
            assert welcome["type"] == "welcome", welcome
            for channel in (f"lot:{lot}", "own"):
                await socket.send_json({"type": "subscribe", "channel": channel})
            async for message in socket:
                self.frames += message.data.encode() if isinstance(message.data, str) else message.data


class SealedLot:
    """An open lot of a real server: its buyer, two suppliers and the operator."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.event = self.lot = ""
        self.seq = 0  # of the last command that was read
        self.members: dict[str, str] = {}
        self.keys = {"operator": server.operator_key}
        self.watchers = {name: Watcher() for name in ("operator", "buyer", "bidder", "rival")}

    async def call(self, name: str, method: str, path: str, body: dict[str, object] | None = None) -> Any:
        status, answer = await self.server.call(method, path, self.keys[name], body)
        assert status < 300, answer
        return answer

    async def admit(self) -> None:
        for name, role in (("buyer", "buyer"), ("bidder", "seller"), ("rival", "seller")):
            company = {"name": name, "country": "NL", "contact": "-", "roles": [role]}
            member_id = (await self.server.made("/v1/members", company))["member_id"]
            wanted = {"member_id": member_id, "scopes": ["read", "trade", "manage"], "label": "test"}
            self.members[name] = member_id
            self.keys[name] = (await self.server.made("/v1/keys", wanted))["key"]

    async def publish(self) -> None:
        opens = datetime.now(UTC) + timedelta(seconds=3)
        event = {
            "title": "Parts", "currency": "EUR", "open_at": opens.isoformat(), "duration_us": 3_600_000_000,
            "price_scale": 2, "disclosure": {"prices_by_alias": True},
        }  # fmt: skip
        self.event = (await self.call("buyer", "POST", "/v1/events", event))["event_id"]
        self.lot = await self.another_lot(self.event)
        for name in ("bidder", "rival"):
            invited: dict[str, object] = {"member_id": self.members[name]}
            await self.call("buyer", "POST", f"/v1/events/{self.event}/invitations", invited)
        await self.call("buyer", "POST", f"/v1/events/{self.event}/publication")

    async def another_lot(self, event: str) -> str:
        made = await self.call("buyer", "POST", f"/v1/events/{event}/lots", dict(LOT))
        return str(made["lot_id"])

    async def until(self, **due: object) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                lot = await self.call("buyer", "GET", f"/v1/lots/{self.lot}")
                told = lot | lot["sealed"]
                if all(told.get(name) == value for name, value in due.items()):
                    return
                await asyncio.sleep(0.05)

    async def bid(self) -> None:
        await self.until(state="open")
        for name, price in (("rival", Decimal("8000000.00")), ("bidder", PRICE)):
            async with (
                Client(self.server.websocket, key=self.keys[name]) as client,
                client.lot(self.lot) as room,
            ):
                await room.bid_sealed(price)

    # --- everything that is told or kept -----------------------------------------------------------

    async def everything(self) -> dict[str, bytes]:
        """By the kind of place."""
        return {
            "journal": await self._journal(),
            "tables": await self._tables(),
            "answers": await self._answers(),
            "frames": b"".join(bytes(each.frames) for each in self.watchers.values()),
            "logs": self.server.log.read_bytes(),
            "files": b"".join(_read(self.server.folder)),
        }

    async def _journal(self) -> bytes:
        """Every command with all that it did, and the state that it all leads to."""
        journal, replica = PostgresJournal(self.server.dsn), Replica()
        told = [repr(released).encode() async for released in replayed(journal, replica)]
        await journal.close()
        self.seq = replica.next_seq - 1
        return b"".join(told) + replica.kernel.dump()

    async def _tables(self) -> bytes:
        """Every row, once the history has caught up with what is there now."""
        connection = await asyncpg.connect(self.server.dsn)
        async with asyncio.timeout(PATIENCE_S):
            while await connection.fetchval("select coalesce(max(seq), 0) from follower_position") < self.seq:
                await asyncio.sleep(0.05)
        told = b""
        for table in await connection.fetch(TABLES):
            rows = await connection.fetch(f"select t::text as row from {table['table_name']} t")
            told += b"".join(str(row["row"]).encode() for row in rows)
        await connection.close()
        return told

    async def _answers(self) -> bytes:
        """What everybody but the bidder reads at every address that names nothing else than what there is here."""
        described = (await self.server.call("GET", "/openapi.json"))[1]["paths"]
        known = {"event_id": self.event, "lot_id": self.lot, "member_id": self.members["bidder"]}
        told = b""
        for path in (path for path, ways in described.items() if "get" in ways):
            names = NAMED.findall(path)
            if not set(names) <= known.keys() or "stream" in path:
                continue
            for name in ("operator", "buyer", "rival"):
                told += await self._read(name, path.format(**known))
        return told

    async def _read(self, name: str, path: str) -> bytes:
        headers = {"Authorization": f"Bearer {self.keys[name]}"}
        async with (
            aiohttp.ClientSession(self.server.url, headers=headers) as http,
            http.get(path) as response,
        ):
            return await response.read()


def _read(folder: Path) -> Iterable[bytes]:
    for path in folder.rglob("*"):
        if path.is_file():
            try:
                yield path.read_bytes()
            except FileNotFoundError:  # the database took it away
                continue


@asynccontextmanager
async def a_sealed_lot(data: Path, leak: str = "") -> AsyncIterator[SealedLot]:
    async with a_server(data, module=("tests.whole.leaky", leak) if leak else ("exchange",)) as server:
        lot = SealedLot(server)
        await lot.admit()
        await lot.publish()
        async with asyncio.TaskGroup() as tasks:
            watching = [
                tasks.create_task(watcher.live(server, lot.keys[name], lot.lot))
                for name, watcher in lot.watchers.items()
            ]
            await lot.bid()
            yield lot
            for task in watching:
                task.cancel()


async def test_a_price_is_stored_logged_and_sent_nowhere_before_its_lot_is_opened(tmp_path: Path) -> None:
    async with a_sealed_lot(tmp_path / "data") as lot:
        await lot.another_lot(await _a_draft(lot))
        sealed = await lot.everything()
        await lot.call("buyer", "POST", f"/v1/lots/{lot.lot}/end", {"reason": "All are in"})
        await lot.until(opened=True)
        opened = await lot.everything()

    assert {place for place, told in sealed.items() if holds(told)} == set()
    assert {place for place, told in opened.items() if not holds(told)} == {"logs"}


@pytest.mark.parametrize("leak,place", [("price_in_log", "logs"), ("price_in_journal", "journal")])
async def test_a_leak_that_is_planted_is_found(tmp_path: Path, leak: str, place: str) -> None:
    async with a_sealed_lot(tmp_path / "data", leak) as lot:
        await lot.another_lot(await _a_draft(lot))
        async with asyncio.timeout(PATIENCE_S):
            while not holds((await lot.everything())[place]):
                await asyncio.sleep(0.05)


async def _a_draft(lot: SealedLot) -> str:
    """Of another event: the desk of the keys has something to do."""
    opens = datetime.now(UTC) + timedelta(hours=1)
    event = {"title": "More", "currency": "EUR", "open_at": opens.isoformat(), "duration_us": 60_000_000}
    made = await lot.call("buyer", "POST", "/v1/events", event | {"price_scale": 2})
    return str(made["event_id"])
