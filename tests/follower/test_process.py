"""The follower as a process of its own: it is kept alive, ends with its parent, and its alarm is final."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from exchange.follower.process import FollowerProcess, FollowerStopped
from tests.engine.damage import DIVERGED, LOG, SIZE, changed_outcome, intact
from tests.engine.days import a_day
from tests.follower.tables import Connection, Database, expected, journaled, position, tables

PATIENCE_S = 60
"""After so long, a state that must come won't: only a broken program waits for it."""
NEVER = 10**9

PARENT = """
import asyncio, sys
from exchange.follower.process import FollowerProcess

async def main():
    follower = FollowerProcess(sys.argv[1], 10**9)
    running = asyncio.create_task(follower.run())
    while follower.pid is None:
        await asyncio.sleep(0.01)
    print(follower.pid, flush=True)
    await running

asyncio.run(main())
"""


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not happened():
            await asyncio.sleep(0.01)


async def until_at(reader: Connection, seq: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while await position(reader) < seq:
            await asyncio.sleep(0.01)


def lives(pid: int) -> bool:
    """Whether the process runs; one that ended may wait to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@asynccontextmanager
async def followed(url: str) -> AsyncIterator[FollowerProcess]:
    """The child, kept alive by this program."""
    follower = FollowerProcess(url, NEVER)
    running = asyncio.create_task(follower.run())
    await until(lambda: follower.pid is not None)
    try:
        yield follower
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_it_is_started_again_when_it_dies_and_finishes_when_it_is_no_longer_wanted(
    database: Database, reader: Connection
) -> None:
    async with journaled(database.url, intact()) as journal:
        async with followed(database.url) as follower:
            first = follower.pid
            assert first
            arguments = Path(f"/proc/{first}/cmdline").read_bytes()
            os.kill(first, signal.SIGKILL)
            await until(lambda: follower.pid not in {None, first})
            second = follower.pid
            assert second
            await until_at(reader, 1)

        assert (lives(second), follower.restarts) == (False, 1)
        assert database.url.encode() not in arguments, "everybody can read them, and it may hold a password"
        assert await tables(reader) == expected(a_day(4))
        snapshot = await journal.latest_snapshot()
        assert snapshot and snapshot.seq == len(LOG)


async def test_a_database_that_goes_away_is_waited_for(database: Database, reader: Connection) -> None:
    batches = intact()
    async with journaled(database.url, batches[:10]) as journal, followed(database.url) as follower:
        await until_at(reader, 10 * SIZE)
        cut = await reader.fetchval(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where pid <> pg_backend_pid()"
            " and datname = current_database() and application_name <> 'exchange journal writer 0'"
        )
        for batch in batches[10:]:
            await journal.append(batch)
        await until_at(reader, len(LOG))

        assert cut >= 1 and follower.restarts == 0
        assert await tables(reader) == expected(a_day(4))


async def test_when_replay_differs_it_names_the_sequence_and_is_not_started_again(
    database: Database, reader: Connection, capfd: pytest.CaptureFixture[str]
) -> None:
    async with journaled(database.url, changed_outcome(intact())):
        with pytest.raises(FollowerStopped, match="exchange verify"):
            await FollowerProcess(database.url, NEVER).run()

    told = [msgspec.json.decode(line) for line in capfd.readouterr().err.splitlines() if line[:1] == "{"]
    assert [line["seq"] for line in told if line["event"] == "replay_differs"] == [DIVERGED[changed_outcome]]
    assert await position(reader) < DIVERGED[changed_outcome]


async def test_it_ends_when_its_parent_is_killed(database: Database, reader: Connection) -> None:
    async with journaled(database.url, intact()):
        parent = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PARENT, database.url, stdout=asyncio.subprocess.PIPE
        )
        assert parent.stdout
        child = int(await parent.stdout.readline())
        await until_at(reader, len(LOG))
        assert lives(child)
        parent.kill()
        await parent.wait()

        await until(lambda: not lives(child))
