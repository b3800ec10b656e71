"""A server to measure: `exchange serve` as its own process on a temporary folder, on a port that was free.

Guarantees: it is what an operator would start, with its own PostgreSQL; it and what it started are gone when the
block ends, and so is the folder. Nothing it knew outlives it.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urlsplit

from benchmarks.machine import children

START_S_MAX: Final = 90.0
STOP_S_MAX: Final = 30.0
ELSEWHERE: Final = ("DATABASE_URL", "EXCHANGE_DATA_FOLDER")
"""Settings of the environment that would lead away from the temporary folder."""
FOLLOWER: Final = "exchange.follower"


class ServerFailed(Exception):
    """The server did not start; the message has the end of its log."""


class Server:
    """A serving exchange. `pid` is the engine's process."""

    def __init__(self, url: str, operator_key: str, pid: int) -> None:
        self.url = url
        self.operator_key = operator_key
        self.pid = pid
        address = urlsplit(url)
        self.host, self.port = address.hostname or "", address.port or 0

    @property
    def websocket_url(self) -> str:
        """Where clients connect to."""
        return f"ws://{self.host}:{self.port}/v1/ws"

    @property
    def follower_pid(self) -> int:
        """The follower's process, 0 if there is none."""
        return next((pid for pid, line in children(self.pid).items() if FOLLOWER in line), 0)


@asynccontextmanager
async def serving(*options: str) -> AsyncIterator[Server]:
    """A server with these options of `exchange serve`. Raises ServerFailed."""
    with TemporaryDirectory(prefix="exchange-bench-", ignore_cleanup_errors=True) as folder:
        log_path = Path(folder) / "server.log"
        with log_path.open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "exchange", "serve",
                "--data", f"{folder}/data", "--port", "0", *options,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                env={name: value for name, value in os.environ.items() if name not in ELSEWHERE},
            )  # fmt: skip
        try:
            yield await _started(process, log_path)
        finally:
            await _ended(process)


async def _started(process: asyncio.subprocess.Process, log_path: Path) -> Server:
    assert process.stdout is not None
    with suppress(TimeoutError):
        async with asyncio.timeout(START_S_MAX):
            if line := await process.stdout.readline():
                said = json.loads(line)
                key = Path(said["operator_key_file"]).read_text(encoding="ascii").strip()
                return Server(said["url"], key, process.pid)
    raise ServerFailed(f"exchange serve did not start: {log_path.read_text(errors='replace')[-2_000:]}")


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Ask it to stop, but not to finish what nobody will read: its follower is ended at once."""
    follower = [pid for pid, line in children(process.pid).items() if FOLLOWER in line]
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    for pid in follower:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    try:
        async with asyncio.timeout(STOP_S_MAX):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
