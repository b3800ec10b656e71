"""The whole exchange, killed under load again and again: nothing acknowledged is lost, and nothing happens twice.

A real `exchange serve` on its embedded PostgreSQL is ended with SIGKILL while members trade through the
public WebSocket; the Python client reconnects and sends unanswered commands again under their old refs.
"""

import asyncio
import signal
from pathlib import Path
from random import Random

from exchange.app import database
from exchange.config import Settings
from tests.whole.agreement import agrees
from tests.whole.load import admitted, under_load
from tests.whole.server import a_server

KILLS = 20


async def test_nothing_acknowledged_is_lost_or_doubled_over_twenty_kills(tmp_path: Path) -> None:
    random, data = Random(5), tmp_path / "data"
    async with a_server(data, "--snapshot-every", "500") as server:
        keys, instrument = await admitted(server)
        async with under_load(server, keys, instrument) as loads:
            for _ in range(KILLS):
                await asyncio.sleep(random.uniform(0.05, 0.6))
                assert await server.end(signal.SIGKILL) == -signal.SIGKILL
                await server.start()
            await asyncio.sleep(0.5)
        assert await server.end(signal.SIGINT) == 0

    assert len(loads.acknowledged) > 50 * KILLS, "there was load"
    async with database(Settings(data=data)) as dsn:
        await agrees(dsn, loads)
