"""A real `exchange serve` in a process of its own, on a folder of its own, and the processes of its database."""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

PATIENCE_S = 60
"""After so long, a state that must come won't: only a broken program waits for it."""


class Server:
    """The process, started again on the same folder and port; `within` is a program that runs it, `module` the exchange's
    own or one that stands for it, with its first words.
    """

    def __init__(
        self, data: Path, *options: str, within: Sequence[str] = (), module: Sequence[str] = ("exchange",)
    ) -> None:
        self.data = data
        self.log = data.with_suffix(".log")
        self._within = within
        self._command = (*within, sys.executable, "-m", *module, "serve", "--data", str(data), *options)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.websocket = f"ws://127.0.0.1:{self.port}/v1/ws"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The one that was started last."""
        assert self._process is not None
        return self._process

    async def start(self) -> None:
        """Start it and wait until it serves."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, "--port", str(self.port),
                stdout=asyncio.subprocess.PIPE, stderr=log, start_new_session=True,
            )  # fmt: skip
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE_S)
        assert line, self.log.read_text()[-3_000:]
        json.loads(line)

    async def end(self, number: int) -> int:
        """Send it a signal; its exit code."""
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), PATIENCE_S)

    # --- what it says ----------------------------------------------------------------------------

    @property
    def operator_key(self) -> str:
        """The first operator's."""
        return (self.folder / "operator.key").read_text().strip()

    async def call(
        self, method: str, path: str, key: str = "", body: Mapping[str, object] | None = None
    ) -> tuple[int, Any]:
        """Status and answer of one REST call."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with (
            aiohttp.ClientSession(self.url, headers=headers) as http,
            http.request(method, path, json=body) as response,
        ):
            return response.status, await response.json(content_type=None)

    async def made(self, path: str, body: Mapping[str, object]) -> Any:
        """What the operator's POST made."""
        status, answer = await self.call("POST", path, self.operator_key, body)
        assert status < 300, answer
        return answer

    # --- its folder and its database, as seen from here --------------------------------------------

    @property
    def folder(self) -> Path:
        """The data folder."""
        return Path(f"{self._root}{self.data}")

    @property
    def dsn(self) -> str:
        """Its embedded database."""
        return f"postgresql://exchange@/postgres?host={self._root}{self._told_by_database(5)}&port=5432"

    @property
    def _root(self) -> str:
        """Where its file systems begin, if it has some of its own."""
        return f"/proc/{self.process.pid}/root" if self._within else ""

    def _told_by_database(self, line: int) -> str:
        """Of the file in which the database says how it runs; 1 is its pid, 5 the folder of its socket."""
        return (self.folder / "postgres" / "pg" / "postmaster.pid").read_text().splitlines()[line - 1].strip()

    def database_processes(self) -> list[int]:
        """The database's first process, then its children."""
        first = int(self._told_by_database(1))
        return [first, *children_of(first)]


def children_of(pid: int) -> list[int]:
    """Processes whose parent it is."""
    found = []
    for stat in Path("/proc").glob("[1-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it ended meanwhile
            continue
        if parent == pid:
            found.append(int(stat.parent.name))
    return found


@asynccontextmanager
async def a_server(
    data: Path, *options: str, within: Sequence[str] = (), module: Sequence[str] = ("exchange",)
) -> AsyncIterator[Server]:
    """A server that serves, and that is gone at the end, whatever happened."""
    server = Server(data, *options, within=within, module=module)
    try:
        await server.start()
        yield server
    finally:
        if server.process.returncode is None:
            await server.end(signal.SIGKILL)
