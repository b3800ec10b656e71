"""A follower that lags makes the exchange busy; one that finds a difference stops it."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from tests.whole.agreement import agrees
from tests.whole.load import admitted, under_load
from tests.whole.server import PATIENCE_S, Server, a_server, children_of

LAG_MAX = 200


async def follower_of(server: Server) -> int:
    """The second process, as soon as it is there."""
    while True:
        for pid in children_of(server.process.pid):
            if b"exchange.follower" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        await asyncio.sleep(0.01)


@asynccontextmanager
async def stopped(pid: int) -> AsyncIterator[None]:
    """It takes no step."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_the_exchange_waits_for_a_follower_that_is_too_far_behind(tmp_path: Path) -> None:
    async with a_server(tmp_path / "data", "--follower-lag-max", str(LAG_MAX)) as server:
        keys, instrument = await admitted(server)
        order = {"instrument_id": instrument, "side": "buy", "price": "0.01", "quantity": 1}
        refused: Any = None
        async with under_load(server, keys[1:], instrument) as loads:
            async with stopped(await follower_of(server)):
                await loads.grow(LAG_MAX // 2)
                while refused is None or refused[0] == 201:
                    refused = await server.call("POST", "/v1/orders", keys[0], order)
                    if refused[0] == 201:
                        path = f"/v1/orders/{refused[1]['order_id']}"
                        assert (await server.call("DELETE", path, keys[0]))[0] in {200, 503}
                ready = await server.call("GET", "/readyz")
            await loads.grow(LAG_MAX)
        status, problem = refused
        assert (status, problem["reason"], ready[0]) == (503, "BUSY", 200) and problem["remedy"]
        assert await server.end(signal.SIGINT) == 0


async def test_the_exchange_stops_when_its_follower_finds_a_difference(tmp_path: Path) -> None:
    async with a_server(tmp_path / "data") as server:
        keys, instrument = await admitted(server, members=2)
        async with under_load(server, keys, instrument) as loads:
            await loads.grow(20)
        everything = await agrees(server.dsn, loads)
        async with stopped(await follower_of(server)):
            await server.made(
                "/v1/members", {"name": "N", "country": "NL", "contact": "-", "roles": ["buyer"]}
            )
            await change_last_outcome(server.dsn)
        ended = await asyncio.wait_for(server.process.wait(), PATIENCE_S)
        log = server.log.read_text()
        told = [json.loads(line) for line in log.splitlines() if line[:1] == "{"]

    assert ended == 1
    assert [line["seq"] for line in told if line["event"] == "replay_differs"] == [everything[-1].seq + 1]
    assert "exchange: the follower found a difference" in log
    assert "Traceback" not in log


async def change_last_outcome(dsn: str) -> None:
    """As nobody but the database's superuser could."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("alter table journal_batch disable trigger journal_only_grows")
    await connection.execute(
        """
        update journal_batch set outcome_digest = sha256(outcome_digest)
        where first_seq = (select max(first_seq) from journal_batch)
        """
    )
    await connection.close()
