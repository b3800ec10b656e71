"""The folder of an embedded server: what lies where, who may use it, and who still does.

FOLDER/lock           held while a program of ours uses the folder; holds that program's pid
FOLDER/pg/            the PostgreSQL cluster; appears whole, by a rename, or not at all
FOLDER/sock/          the server's socket, unless the path is too long for one
FOLDER/postgres.log   what the server says; the older half of it in postgres.log.1
"""

import fcntl
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import IO

from exchange.database import DatabaseError

LOG_BYTES_MAX = 16 * 1024 * 1024  # of one log file; looked at whenever the server starts
# A socket address holds 107 bytes, of which the server adds "/.s.PGSQL.5432"; it takes a comma or a blank
# for the end of a path.
SOCKET_FOLDER_FITS = re.compile(r"[\w./+-]{1,92}", re.ASCII)


class DataFolder:
    """Paths below one folder, which is made with access for its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.cluster = self.path / "pg"
        self.log = self.path / "postgres.log"
        self._lock: IO[str] | None = None
        self._sockets: Path | None = None

    @property
    def sockets(self) -> Path:
        """The folder of the server's socket; known while the folder is claimed."""
        assert self._sockets is not None, "the folder is claimed before its socket is asked for"
        return self._sockets

    def claim(self) -> None:
        """Take the folder for this program, or raise DatabaseError naming the one that has it."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self.path / "lock").open("a+")
        except OSError as error:
            raise DatabaseError(
                f"The data folder {self.path} can't be used: {error.strerror}. Name another folder."
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            lock.close()
            raise DatabaseError(
                f"The data folder {self.path} is in use by process {holder or 'unknown'}. "
                "Stop that one first, or name another folder."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock
        self._sockets = self._make_sockets()

    def release(self) -> None:
        """Give the folder back; does nothing if it was not claimed."""
        if self._lock is None:
            return
        if self.sockets.parent != self.path:
            shutil.rmtree(self.sockets, ignore_errors=True)
        self._lock.close()
        self._lock = self._sockets = None

    def _make_sockets(self) -> Path:
        sockets = self.path / "sock"
        if SOCKET_FOLDER_FITS.fullmatch(str(sockets)):
            sockets.mkdir(mode=0o700, exist_ok=True)
            return sockets
        return Path(tempfile.mkdtemp(prefix="quickmatch-"))

    def make_room(self) -> Path:
        """An empty folder to make a cluster in, after removing what an interrupted attempt left."""
        for left in self.path.glob("pg.new-*"):
            shutil.rmtree(left)
        return Path(tempfile.mkdtemp(prefix="pg.new-", dir=self.path))

    def cluster_major(self) -> int | None:
        """The major version that made the cluster; None if there is none yet."""
        if not self.cluster.exists():
            return None
        try:
            return int((self.cluster / "PG_VERSION").read_text())
        except (OSError, ValueError):
            raise DatabaseError(
                f"{self.cluster} is there but holds no PostgreSQL cluster. Move it away, or name another folder."
            ) from None

    def open_log(self) -> IO[bytes]:
        """The log, to append to; one that grew large becomes postgres.log.1 first."""
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES_MAX:
            self.log.replace(self.log.with_suffix(".log.1"))
        return self.log.open("ab")

    def users(self) -> list[int]:
        """Pids of the PostgreSQL processes that still work in the cluster (Linux; elsewhere always empty).

        The server's own pid file can't tell: after a crash its pid may belong to anything.
        """
        return [
            int(seen.name) for seen in Path("/proc").glob("[1-9]*") if _works_in(seen, self.cluster)
        ]  # fmt: skip

    def forget_crashed_server(self) -> None:
        """Remove the pid file of a server that is gone; only after `users` was empty, on Linux."""
        if Path("/proc/self/cwd").exists():
            (self.cluster / "postmaster.pid").unlink(missing_ok=True)

    def sockets_in_use(self) -> Path | None:
        """Line 5 of the pid file: the socket folder of the server that runs here, whoever started it."""
        try:
            told = (self.cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return None
        return Path(told[4].strip()) if len(told) >= 8 and told[4].strip() else None

    def is_ready(self, server_pid: int) -> bool:
        """True once the server with this pid says that it takes connections."""
        try:
            told = (self.cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        # Line 1 is the pid, line 8 the state; a file left by a killed server says "ready" as well.
        return len(told) >= 8 and told[0].strip() == str(server_pid) and told[7].strip() == "ready"


def _works_in(seen: Path, cluster: Path) -> bool:
    try:
        return (seen / "comm").read_text() == "postgres\n" and (seen / "cwd").readlink() == cluster
    except OSError:  # It ended meanwhile, or belongs to somebody else and so is not ours.
        return False
