"""The demo's exchange: a real `exchange serve` in a process of its own, on a folder of its own."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from exchange.app import OPERATOR_KEY, make_folder

START_S_MAX: Final = 120.0
STOP_S_MAX: Final = 90.0
LOG_LINES_SHOWN: Final = 5
"""Of an exchange that did not start; its last line says why."""


class DemoFailed(Exception):
    """The demo's exchange did not start or answer; the message says why, as far as it is known."""


@asynccontextmanager
async def an_exchange(data: Path, port: int) -> AsyncIterator[tuple[str, str]]:
    """Run a new exchange for the length of the block; its URL and its operator's key. Logs go to the folder.

    DemoFailed if the folder holds an exchange: simulated members must not get among real ones.
    """
    make_folder(data)
    if (data / OPERATOR_KEY).exists():
        raise _used(data)
    log_path = data / "exchange.log"
    with log_path.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "exchange", "serve", "--data", str(data), "--port", str(port),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=log,
            env={name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            start_new_session=True,  # ^C reaches us first: the members leave before the exchange does
        )  # fmt: skip
    try:
        line = await _first_line(process)
        if not line:
            raise _not_started(log_path)
        said = json.loads(line)
        if said["operator_key_file"] is None:
            raise _used(data)
        yield said["url"], Path(said["operator_key_file"]).read_text().strip()
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        try:
            async with asyncio.timeout(STOP_S_MAX):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _first_line(process: asyncio.subprocess.Process) -> bytes:
    """What it says once it serves; nothing if it ends before or takes too long."""
    assert process.stdout is not None
    with suppress(TimeoutError):
        async with asyncio.timeout(START_S_MAX):
            return await process.stdout.readline()
    return b""


def _used(data: Path) -> DemoFailed:
    return DemoFailed(f"There is an exchange in {data} already. Name a new folder for the demo with --data.")


def _not_started(log_path: Path) -> DemoFailed:
    """The log may be gone with its folder when somebody wants to look, so its end is told here."""
    lines = log_path.read_text(errors="replace").splitlines()
    told = [line for line in lines if not line.startswith("{")] or lines
    end = "\n".join(told[-LOG_LINES_SHOWN:])
    return DemoFailed(f"The demo's exchange did not start. The end of {log_path}:\n{end}")
