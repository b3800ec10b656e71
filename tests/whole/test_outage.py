"""The database fails under load: the exchange halts, goes on showing what it knows, and comes back by itself.

Killed, frozen, and with a full disk. The full disk is a real one of 160 MB in a user namespace, which root and
ordinary users may make alike; where the system forbids these, a trigger answers appends as PostgreSQL does then.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import aiohttp
import asyncpg
import pytest

from exchange.core.messages import EndOutage
from exchange.core.messages.sourcing import LotClosed, LotOpened, LotShifted
from exchange.core.rejects import RejectCode
from exchange_client import Client
from tests.whole import small_disk
from tests.whole.agreement import agrees
from tests.whole.load import Loads, admitted, under_load
from tests.whole.server import Server, a_server

HOUR_US = 3_600_000_000
HELD_S = 1.0
"""How long the database stays away after the exchange has noticed."""

Fault: TypeAlias = Callable[[Server], AbstractAsyncContextManager[None]]


# --- what can go wrong -------------------------------------------------------------------------------


@asynccontextmanager
async def killed(server: Server) -> AsyncIterator[None]:
    """It is killed, and cannot start again before a mistake in its settings is mended."""
    settings = server.folder / "postgres" / "pg" / "postgresql.auto.conf"
    sound = settings.read_text()
    settings.write_text(sound + "no_such_setting = on\n")
    os.kill(server.database_processes()[0], signal.SIGKILL)
    yield
    settings.write_text(sound)


@asynccontextmanager
async def frozen(server: Server) -> AsyncIterator[None]:
    """None of its processes takes a step."""
    processes = server.database_processes()
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(processes):
            os.kill(pid, signal.SIGCONT)


@asynccontextmanager
async def full(server: Server) -> AsyncIterator[None]:
    """It answers, but finds no room."""
    if not can_have_small_disks():
        async with refusing_appends(server.dsn):
            yield
        return
    ballast = server.folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4_096)):
            pass
    yield
    ballast.unlink()


@asynccontextmanager
async def refusing_appends(dsn: str) -> AsyncIterator[None]:
    """Appends are answered as on a full disk."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(
        """
        create function no_room() returns trigger language plpgsql as $$
        begin
            raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';
        end
        $$;
        create trigger no_room before insert on journal_batch for each row execute function no_room();
        """
    )
    yield
    await connection.execute("drop trigger no_room on journal_batch")
    await connection.close()


def can_have_small_disks() -> bool:
    """Whether this user may make user namespaces here."""
    with TemporaryDirectory() as folder:
        program = [*on_small_disk(Path(folder)), sys.executable, "-c", "pass"]
        return subprocess.run(program, check=False, capture_output=True).returncode == 0


def on_small_disk(folder: Path) -> Sequence[str]:
    """What runs a program with 160 MB there."""
    return sys.executable, small_disk.__file__, str(folder), "160m"


# --- what has to be so -------------------------------------------------------------------------------


class Watcher:
    """A connection that was there before; it follows the book, and counts what it hears."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, instrument: str) -> None:
        self._socket = socket
        self._instrument = instrument

    async def answer(self, frame: dict[str, object], *kinds: str) -> Any:
        """The first frame of one of these types after saying something."""
        await self._socket.send_json(frame)
        while (heard := await self._socket.receive_json())["type"] not in kinds:
            pass
        return heard

    async def hello(self, key: str) -> None:
        """Be welcomed, and follow the book."""
        await self.answer({"type": "hello", "key": key}, "welcome")
        channel = f"book:{self._instrument}"
        await self.answer({"type": "subscribe", "channel": channel}, "book_snapshot")

    def order(self, ref: int) -> dict[str, object]:
        """One that rests far away."""
        return {
            "type": "place_order", "ref": ref, "instrument_id": self._instrument, "side": "buy", "price": 1,
            "quantity": 1,
        }  # fmt: skip


async def until_ready(server: Server, status: int) -> Any:
    """Until /readyz answers so; what it says."""
    while (told := await server.call("GET", "/readyz"))[0] != status:
        await asyncio.sleep(0.02)
    return told[1]


async def halted_and_readable(server: Server, watcher: Watcher, keys: Sequence[str], instrument: str) -> None:
    """Reads go on from what was released; commands are refused, with a remedy."""
    assert await server.call("GET", "/healthz") == (200, {"state": "halted"})
    book = await server.call("GET", f"/v1/instruments/{instrument}/book", keys[0])
    accounts = await server.call("GET", "/v1/accounts", keys[0])
    order = {"instrument_id": instrument, "side": "buy", "price": "0.01", "quantity": 1}
    status, problem = await server.call("POST", "/v1/orders", keys[0], order)
    assert (book[0], accounts[0]) == (200, 200)
    assert book[1]["bids"] or book[1]["asks"]
    assert (status, problem["reason"]) == (503, "HALTED") and problem["remedy"]

    refused = await watcher.answer(watcher.order(1), "ack", "rejected")
    assert (refused["type"], refused["code"]) == ("rejected", RejectCode.HALTED)
    assert (await watcher.answer({"type": "sync_time", "client_us": 1}, "time"))["client_us"] == 1
    async with aiohttp.ClientSession() as http, http.ws_connect(server.websocket) as socket:
        await Watcher(socket, instrument).hello(keys[1])  # whoever comes now is welcomed as a reader


async def stays_halted(server: Server, loads: Loads) -> None:
    """And as long as it does, no ack arrives; a full disk may first have room for a last small commit or two."""
    since_s, acknowledged = time.monotonic(), len(loads.acknowledged)
    while time.monotonic() - since_s < HELD_S:
        if (await server.call("GET", "/readyz"))[0] == 200:
            since_s = time.monotonic()
            acknowledged = len(loads.acknowledged)
        await asyncio.sleep(0.02)
    assert len(loads.acknowledged) == acknowledged


async def an_open_lot(server: Server, buyer: Client, supplier: Client) -> str:
    """Open for an hour, with one bid."""
    event = await buyer.create_event(
        "Bolts", currency="USD", open_at_us=buyer.clock.now_us() + 300_000, duration_us=HOUR_US
    )
    lot = await buyer.add_lot(event, "M4", quantity=10, ceiling_price=Decimal(9), min_step=Decimal("0.01"))
    await buyer.invite_supplier(event, supplier.member_id)
    await buyer.publish_event(event)
    async with supplier.lot(lot.id) as room:
        async for _ in room:
            if room.state.state == "open":
                await room.bid(Decimal(8))
                return lot.id
    raise AssertionError("the lot never opened")


@pytest.mark.parametrize("fault", [killed, frozen, full], ids=lambda fault: fault.__name__)
async def test_without_its_database_it_halts_shows_what_it_knows_and_comes_back(fault: Fault) -> None:
    small = fault is full and can_have_small_disks()
    with TemporaryDirectory(prefix="outage-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        within = on_small_disk(data) if small else ()
        async with a_server(data, "--commit-s-max", "1", "--snapshot-every", "500", within=within) as server:
            keys, instrument = await admitted(server, members=2)
            async with (
                Client(server.websocket, key=keys[0]) as buyer,
                Client(server.websocket, key=keys[1]) as supplier,
                aiohttp.ClientSession() as http,
                http.ws_connect(server.websocket) as socket,
                under_load(server, keys, instrument) as loads,
            ):
                lot_id = await an_open_lot(server, buyer, supplier)
                watcher = Watcher(socket, instrument)
                await watcher.hello(keys[0])
                await loads.grow(50)
                async with fault(server):
                    assert await until_ready(server, 503) == {"state": "halted"}
                    await stays_halted(server, loads)
                    await halted_and_readable(server, watcher, keys, instrument)
                assert await until_ready(server, 200) == {"state": "serving"}
                await loads.grow(50)
                async with supplier.lot(lot_id) as room:
                    await room.bid(Decimal(7))
            everything = await agrees(server.dsn, loads)
            assert await server.end(signal.SIGINT) == 0
    outage_was_a_pause(everything)


def outage_was_a_pause(everything: Sequence[Any]) -> None:
    """The lot's close moved by all of it, and the lot is still open."""
    ends = [each.sequenced.command for each in everything if isinstance(each.sequenced.command, EndOutage)]
    events = [event for each in everything for event in each.outcome.events]
    closes_us = [event.close_at_us for event in events if isinstance(event, (LotOpened, LotShifted))]
    assert not any(isinstance(event, LotClosed) for event in events)
    assert sum(end.down_us for end in ends) >= HELD_S * 1_000_000
    assert closes_us[-1] - closes_us[0] == sum(end.down_us for end in ends)
