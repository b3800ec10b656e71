"""The drill: an exchange is copied while members trade on it, lost, brought back elsewhere, and goes on."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import asyncpg

from exchange.core.messages import PlaceOrder
from exchange.engine.audit import audit
from exchange.engine.replica import Replica, replayed
from exchange.journal.postgres import PostgresJournal
from tests.whole.load import admitted, under_load
from tests.whole.server import Server, a_server


async def run(*words: object) -> Any:
    """What a command of the exchange answers, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "exchange", *map(str, words), "--json",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, told = await process.communicate()
    assert process.returncode == 0, told.decode()
    return json.loads(out)


async def test_all_that_was_acknowledged_before_a_backup_is_there_after_a_disaster(tmp_path: Path) -> None:
    file, data = tmp_path / "exchange.backup", tmp_path / "data"
    async with a_server(data, "--snapshot-every", "200") as lost:
        keys, instrument = await admitted(lost)
        operator_key = lost.operator_key
        async with under_load(lost, keys, instrument) as loads:
            await loads.grow(300)
            before = loads.acknowledged
            taken = await run("backup", file, "--data", data)
            told_meanwhile = loads.acknowledged
            await loads.grow(100)
        assert await lost.end(signal.SIGKILL) == -signal.SIGKILL
    restored = await run("restore", file, "--data", tmp_path / "new")

    assert len(told_meanwhile) > len(before), "members traded while it was copied"
    assert (restored["commands"], restored["chain"]) == (taken["commands"], taken["chain"])
    async with a_server(tmp_path / "new") as found:
        orders = await _agreed(found, taken)
        assert set(before) <= orders
        assert found.operator_key != operator_key
        for key in (found.operator_key, operator_key):
            assert (await found.call("GET", "/v1/members", key))[0] == 200
        async with under_load(found, keys, instrument) as loads:
            await loads.grow(50)


async def _agreed(server: Server, taken: dict[str, Any]) -> set[str]:
    """Journal and history of the exchange that came back hold what the backup says; the orders in them."""
    journal = PostgresJournal(server.dsn)
    verdict, _ = await audit(journal)
    assert verdict.ok, verdict
    assert verdict.commands >= taken["commands"]
    assert not any(verdict.ledger_sums.values())
    everything = [each async for released in replayed(journal, Replica()) for each in released]
    await journal.close()
    accepted = {
        each.sequenced.new_id
        for each in everything
        if type(each.sequenced.command) is PlaceOrder and each.outcome.reply.code == 0
    }
    connection = await asyncpg.connect(server.dsn)
    position = "select coalesce(max(seq), 0) from follower_position"
    while await connection.fetchval(position) < verdict.commands:
        await asyncio.sleep(0.01)
    archived = {row["order_id"] for row in await connection.fetch("select order_id from orders")}
    await connection.close()
    assert archived == accepted
    return accepted
