"""The follower as a process of its own: started beside the engine, watched, ended with it.

The engine's side (`FollowerProcess`) starts it again when it dies, with a growing pause; if it stopped because
replay differs, that is final and is told to whoever runs the engine. The follower's side (`follow`) runs at a
lower priority and goes when its parent goes.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import asyncpg
import structlog

from exchange.database.world import WORLD
from exchange.engine.base import Diverged
from exchange.engine.collector import collect_seldom
from exchange.follower.archive import Archive
from exchange.follower.follower import Follower, FollowerSettings
from exchange.journal.base import Corrupt, JournalUnavailable
from exchange.journal.postgres import PostgresJournal
from exchange.outbound.house import HouseBank
from exchange.outbound.mails import send_mails
from exchange.outbound.payments import exchange_files
from exchange.outbound.posting import Posting
from exchange.outbound.webhooks import send_webhooks

BANK: Final = "EXCHANGE_HOUSE_BANK"
"""The environment variable that tells the child of the house's bank; empty: there is none."""
POSTING: Final = "EXCHANGE_POSTING"
"""The environment variable that tells the child how members are told."""
NICENESS: Final = 10
"""The engine comes first where cores are few."""
DIVERGED_EXIT: Final = 3
RESTART_S_MIN, RESTART_S_MAX = 0.2, 5.0
STOP_S_MAX: Final = 60.0
"""For the last stretch and a snapshot; then it is killed, which costs nothing but time at the next start."""

log = structlog.get_logger(__name__)


class FollowerStopped(Exception):
    """The follower found that replay differs from the journal, and says nothing is to be trusted after it."""


class FollowerProcess:
    """The child process; `run` keeps it alive until cancelled."""

    def __init__(
        self,
        dsn: str,
        snapshot_every: int,
        house: HouseBank | None = None,
        posting: Posting | None = None,
    ) -> None:
        self.restarts = 0
        self._arguments = ("--snapshot-every", str(snapshot_every), "--parent", str(os.getpid()))
        # Everybody on the machine can read a program's arguments, and a DSN may hold a password.
        self._environment = os.environ | {
            "DATABASE_URL": dsn,
            BANK: house.as_text() if house else "",
            POSTING: (posting or Posting()).as_text(),
        }
        self._child: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process, or nothing while there is none."""
        return self._child.pid if self._child and self._child.returncode is None else None

    async def run(self) -> None:
        """Keep it running. Raises `FollowerStopped`; when cancelled, lets it finish first."""
        delay_s = RESTART_S_MIN
        try:
            while True:
                self._child = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "exchange.follower",
                    *self._arguments,
                    env=self._environment,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.DEVNULL,  # a pipe of ours must end when we do
                    start_new_session=True,  # ^C must not reach it before us
                )
                code = await self._child.wait()
                if code == DIVERGED_EXIT:
                    raise FollowerStopped(
                        "the follower found a difference; see its log and `exchange verify`"
                    )
                log.error("follower_died", exit_code=code, again_s=delay_s)
                await asyncio.sleep(delay_s)
                delay_s = min(2 * delay_s, RESTART_S_MAX)
                self.restarts += 1
        finally:
            await self._end()

    async def _end(self) -> None:
        child = self._child
        if child is None or child.returncode is not None:
            return
        with suppress(ProcessLookupError):
            child.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(STOP_S_MAX):
                    await child.wait()
            except TimeoutError:
                child.kill()
                await child.wait()


async def follow(
    dsn: str,
    snapshot_every: int,
    parent: int,
    house: HouseBank | None = None,
    posting: Posting | None = None,
) -> int:
    """Follow, send what waits, and exchange files with the bank if there is one; the exit code.

    Until SIGTERM or until the parent (a pid) is gone.
    """
    os.nice(NICENESS)
    collect_seldom()
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)

    def stopping() -> bool:
        return asked.is_set() or os.getppid() != parent

    posting = posting or Posting()
    outward = [send_webhooks(dsn, posting, stopping), send_mails(dsn, posting, stopping)]
    if house is not None:
        outward.append(exchange_files(dsn, house, stopping))
    running = [asyncio.ensure_future(each) for each in outward]
    try:
        return await _follow(dsn, snapshot_every, stopping, asked)
    finally:
        asked.set()
        await asyncio.gather(*running)


async def _follow(dsn: str, snapshot_every: int, stopping: Callable[[], bool], asked: asyncio.Event) -> int:
    while not stopping():
        try:
            await _follow_once(dsn, snapshot_every, stopping)
        except (Corrupt, Diverged) as error:
            log.critical("replay_differs", seq=error.seq, what=error.what)
            return DIVERGED_EXIT
        except (JournalUnavailable, *WORLD) as error:
            log.warning("follower_waits", reason=str(error) or type(error).__name__)
            await _pause(asked)
    return 0


async def _pause(asked: asyncio.Event) -> None:
    """Before the next attempt; not for long, and not at all once it is asked to stop."""
    with suppress(TimeoutError):
        async with asyncio.timeout(RESTART_S_MIN):
            await asked.wait()


async def _follow_once(dsn: str, snapshot_every: int, stopping: Callable[[], bool]) -> None:
    connection = await asyncpg.connect(
        dsn,
        timeout=10,
        # Rows and position are one transaction: what a crash loses of both is written again from the journal.
        server_settings={"application_name": "exchange follower", "synchronous_commit": "off"},
    )
    journal = PostgresJournal(dsn)
    try:
        follower = Follower(journal, Archive(connection), FollowerSettings(snapshot_every=snapshot_every))
        await follower.open()
        await follower.run(stopping)
    finally:
        await journal.close()
        connection.terminate()
