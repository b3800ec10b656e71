"""A PostgreSQL server of our own: made, started, watched, started again and stopped by us.

Guarantees: `start` returns when the server takes connections; a server that dies unasked is started again,
with a growing pause, until it runs or we stop; one program at a time uses a folder; nobody but the owner of
the folder can connect (a socket in a closed folder, no network). What was committed survives every kind of
death, ours included.

Known limits: Linux and macOS. On macOS the server outlives a killed parent, and the next start says so. The
server lives no longer than the thread that starts it, so start it where the program's main loop runs.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from exchange.database import DatabaseError
from exchange.database.folder import DataFolder
from exchange.database.programs import Programs, find_programs

LAUNCH = Path(__file__).with_name("launch.py")
USER = "exchange"
PORT = 5432  # only names the socket file; nothing listens on the network
LOG_BYTES_SHOWN = 2_000  # of the server's log, in the message of a start that failed

READY_POLL_S = 0.01
START_S_MAX = 600.0  # recovery after a crash reads up to max_wal_size: seconds, minutes on a slow disk
PREDECESSOR_S_MAX = 60.0  # for a server whose parent was killed to finish its shutdown
RESTART_DELAY_S_MIN, RESTART_DELAY_S_MAX = 0.1, 5.0  # the pause doubles from one failure to the next
HEALTHY_S = 10.0  # a server that ran this long starts the pauses anew
# SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one (recovers at the next start).
STOP_STEPS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))

log = structlog.get_logger(__name__)


class EmbeddedPostgres:
    """One server on one data folder; `async with` starts and stops it.

    `settings` are PostgreSQL's own (`{"shared_buffers": "256MB"}`) and win over ours.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.restarts = 0  # how often it died unasked and came back
        self._folder = DataFolder(folder)
        self._settings = dict(settings or {})
        self._programs: Programs | None = None
        self._server: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """Where to connect, for asyncpg; valid from `start` to `stop`, over restarts too."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """As `url`, for another database of this server."""
        return f"postgresql://{USER}@/{database}?host={self._folder.sockets}&port={PORT}"

    @property
    def pid(self) -> int | None:
        """The server's process; None while it is down."""
        return self._server.pid if self._server and self._server.returncode is None else None

    async def start(self) -> None:
        """Make the cluster if there is none, start the server, watch over it.

        DatabaseError, in this order: the folder is in use; no programs; a cluster of another version; the
        server doesn't start (with the end of its log).
        """
        self._folder.claim()
        try:
            self._programs = await find_programs()
            await self._ensure_cluster(self._programs)
            await self._start_server()
        except BaseException:
            self._folder.release()
            raise
        self._watch = asyncio.create_task(self._restart_for_ever(), name="watch over PostgreSQL")

    async def stop(self) -> None:
        """End the server in order and give the folder back; does nothing if it wasn't started."""
        if self._watch:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
        if self._server:
            await _end(self._server)
        self._watch = self._server = None
        self._folder.release()

    async def _ensure_cluster(self, programs: Programs) -> None:
        major = self._folder.cluster_major()
        if major is None:
            await self._make_cluster()
        elif major != programs.major:
            raise DatabaseError(
                f"{self._folder.cluster} was made by PostgreSQL {major}, the programs in {programs.folder} are "
                f"{programs.major}, and only the same major version opens it. Set PG_BINDIR to programs of "
                f"version {major}, or dump the databases with those and load them into a new folder."
            )

    async def _make_cluster(self) -> None:
        """By a rename at the end, so that a cluster is whole or absent whenever we are killed."""
        room = self._folder.make_room()
        initdb = await self._launch(
            "initdb", f"--pgdata={room}", f"--username={USER}", "--auth-local=trust", "--auth-host=reject",
            "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums",
            output=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            told, _ = await initdb.communicate()
        finally:
            await _end(initdb)
        if initdb.returncode != 0:
            raise DatabaseError(
                f"PostgreSQL can't make its folder {room}:\n{told.decode(errors='replace').strip()}\n"
                "Mend the cause, or name another folder, or set DATABASE_URL."
            )
        room.rename(self._folder.cluster)

    async def _start_server(self) -> None:
        await self._let_predecessor_finish()
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._folder.sockets),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **self._settings,
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        with self._folder.open_log() as output:
            server = await self._launch(
                "postgres", "-D", str(self._folder.cluster), "-p", str(PORT), *options, output=output.fileno()
            )
        try:
            await self._wait_until_ready(server)
        except BaseException:
            await _end(server)
            raise
        self._server = server

    async def _let_predecessor_finish(self) -> None:
        loop = asyncio.get_running_loop()
        give_up_s = loop.time() + PREDECESSOR_S_MAX
        while pids := self._folder.users():
            if loop.time() > give_up_s:
                raise DatabaseError(
                    f"PostgreSQL still runs on {self._folder.cluster}: processes {pids}. Stop them (SIGINT), "
                    "or name another folder."
                )
            await asyncio.sleep(READY_POLL_S)
        self._folder.forget_crashed_server()

    async def _wait_until_ready(self, server: asyncio.subprocess.Process) -> None:
        loop = asyncio.get_running_loop()
        give_up_s = loop.time() + START_S_MAX
        while not self._folder.is_ready(server.pid):
            if server.returncode is not None or loop.time() > give_up_s:
                raise DatabaseError(
                    f"PostgreSQL doesn't start on {self._folder.cluster}. The end of {self._folder.log}:\n"
                    f"{self._folder.log.read_text(errors='replace')[-LOG_BYTES_SHOWN:].strip()}"
                )
            await asyncio.sleep(READY_POLL_S)

    async def _launch(self, program: str, *arguments: str, output: int) -> asyncio.subprocess.Process:
        """Start a program of PostgreSQL that ends with us; a terminal's ^C reaches us only."""
        assert self._programs is not None
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", LAUNCH,
            self._folder.path, str(os.getpid()), self._programs.folder / program, *arguments,
            stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=asyncio.subprocess.STDOUT,
            env=environment | {"LC_ALL": "C"}, start_new_session=True,
        )  # fmt: skip

    async def _restart_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        delay_s = RESTART_DELAY_S_MIN
        while True:
            assert self._server is not None
            began_s = loop.time()
            code = await self._server.wait()
            log.error("database_died", exit_code=code, log=str(self._folder.log))
            if loop.time() - began_s > HEALTHY_S:
                delay_s = RESTART_DELAY_S_MIN
            while self.pid is None:
                await asyncio.sleep(delay_s)
                delay_s = min(2 * delay_s, RESTART_DELAY_S_MAX)
                await self._try_restart()

    async def _try_restart(self) -> None:
        try:
            await self._start_server()
        except (DatabaseError, OSError) as error:
            log.error("database_restart_failed", reason=str(error))
            return
        self.restarts += 1
        log.warning("database_restarted", restarts=self.restarts)


def url_of_running(folder: Path) -> str | None:
    """Where the server that another program runs on this folder takes connections; nothing if none does."""
    sockets = DataFolder(folder).sockets_in_use()
    return f"postgresql://{USER}@/postgres?host={sockets}&port={PORT}" if sockets else None


async def _end(program: asyncio.subprocess.Process) -> None:
    """End a program we started, with growing force; returns at once if it ended by itself."""
    for number, patience_s in STOP_STEPS:
        if program.returncode is not None:
            return
        with suppress(ProcessLookupError):
            program.send_signal(number)
        with suppress(TimeoutError):
            await asyncio.wait_for(program.wait(), patience_s)
