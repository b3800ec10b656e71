"""The embedded server survives what happens to it, and says what it can't."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import uvloop

from exchange.database import DatabaseError, embedded
from exchange.database.embedded import EmbeddedPostgres, url_of_running
from exchange.database.programs import NEEDED, find_programs

OTHER_PROGRAM = """
import asyncio, sys
from pathlib import Path
from exchange.database.embedded import EmbeddedPostgres

async def main():
    async with EmbeddedPostgres(Path(sys.argv[1])) as server:
        print(server.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""
LAUNCH_WHERE_NAMESPACES_ARE_FORBIDDEN = """
import sys
from importlib.util import module_from_spec, spec_from_file_location

spec = spec_from_file_location("launch", {path!r})
launch = module_from_spec(spec)
spec.loader.exec_module(launch)
launch.namespaces_allowed = lambda: False
launch.main(sys.argv[1:])
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "database"


async def ask(server: EmbeddedPostgres, question: str) -> object:
    connection = await asyncpg.connect(server.url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def until_restarted(server: EmbeddedPostgres, times: int = 1) -> None:
    async with asyncio.timeout(60):
        while server.restarts < times:
            await asyncio.sleep(0.01)


async def test_a_cold_start_makes_a_server_that_nobody_else_reaches(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        assert await ask(server, "show listen_addresses") == ""
        assert await ask(server, "show data_checksums") == "on"
        assert await ask(server, "show fsync") == "on"
        assert await ask(server, "show timezone") == "UTC"
    assert folder.stat().st_mode & 0o077 == 0


async def test_a_stopped_server_is_gone_and_its_rows_come_back(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        await ask(server, "create table kept as select 7 as n")
        pid = server.pid

    assert server.pid is None
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    async with EmbeddedPostgres(folder) as server:
        assert await ask(server, "select n from kept") == 7


async def test_a_server_killed_twice_comes_back_twice_with_what_was_committed(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        await ask(server, "create table kept as select 7 as n")
        for times in (1, 2):
            assert server.pid is not None
            os.kill(server.pid, signal.SIGKILL)

            await until_restarted(server, times)

            assert await ask(server, "select n from kept") == 7


async def test_a_server_that_cannot_come_back_is_tried_until_it_can(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        control = folder / "pg" / "global" / "pg_control"
        assert server.pid is not None
        control.rename(control.with_suffix(".away"))
        os.kill(server.pid, signal.SIGKILL)
        async with asyncio.timeout(60):
            while b"could not find the database system" not in (folder / "postgres.log").read_bytes():
                await asyncio.sleep(0.01)
        assert server.restarts == 0

        control.with_suffix(".away").rename(control)
        await until_restarted(server)

        assert await ask(server, "select 1") == 1


def test_the_server_is_watched_on_the_faster_loop_too(folder: Path) -> None:
    async def killed_and_asked() -> object:
        async with EmbeddedPostgres(folder) as server:
            assert server.pid is not None
            os.kill(server.pid, signal.SIGKILL)
            await until_restarted(server)
            return await ask(server, "select 1")

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(killed_and_asked()) == 1


async def test_a_pid_file_that_names_a_stranger_does_not_stop_the_start(folder: Path) -> None:
    async with EmbeddedPostgres(folder):
        left = (folder / "pg" / "postmaster.pid").read_text().splitlines()
    stranger = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE
    )
    (folder / "pg" / "postmaster.pid").write_text("\n".join([str(stranger.pid), *left[1:]]) + "\n")

    async with EmbeddedPostgres(folder) as server:
        assert await ask(server, "select 1") == 1

    stranger.kill()
    await stranger.wait()


async def test_an_interrupted_first_start_is_begun_anew(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    starting = asyncio.create_task(server.start())
    async with asyncio.timeout(60):
        while not list(folder.glob("pg.new-*/PG_VERSION")):
            await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not (folder / "pg").exists()
    assert list(folder.glob("pg.new-*"))

    async with server:
        assert await ask(server, "select 1") == 1

    assert not list(folder.glob("pg.new-*"))


async def test_a_cluster_of_another_version_is_refused_by_name(folder: Path) -> None:
    (folder / "pg").mkdir(parents=True)
    (folder / "pg" / "PG_VERSION").write_text("13\n")

    with pytest.raises(
        DatabaseError, match=r"made by PostgreSQL 13.*Set PG_BINDIR to programs of version 13"
    ):
        await EmbeddedPostgres(folder).start()


async def test_a_folder_with_something_else_in_it_is_left_alone(folder: Path) -> None:
    (folder / "pg").mkdir(parents=True)
    (folder / "pg" / "letters.txt").write_text("dear")

    with pytest.raises(DatabaseError, match="holds no PostgreSQL cluster"):
        await EmbeddedPostgres(folder).start()

    assert (folder / "pg" / "letters.txt").read_text() == "dear"


async def test_a_folder_is_used_by_one_server_at_a_time(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as first:
        with pytest.raises(DatabaseError, match=f"in use by process {os.getpid()}"):
            await EmbeddedPostgres(folder).start()

        assert await ask(first, "select 1") == 1


async def test_a_server_ends_with_a_killed_parent_and_the_next_start_waits_for_it(folder: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OTHER_PROGRAM, folder, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    orphan = int(await parent.stdout.readline())
    os.kill(orphan, signal.SIGSTOP)  # Its shutdown takes as long as we like.
    parent.kill()
    await parent.wait()
    server = EmbeddedPostgres(folder)

    starting = asyncio.create_task(server.start())
    try:
        assert await asyncio.wait({starting}, timeout=1) == (set(), {starting})
    finally:
        os.kill(orphan, signal.SIGCONT)
    await starting

    assert server.pid != orphan
    assert await ask(server, "select 1") == 1
    await server.stop()


async def test_a_bad_setting_is_told_with_the_words_of_the_server(folder: Path) -> None:
    with pytest.raises(DatabaseError, match='unrecognized configuration parameter "no_such_setting"'):
        await EmbeddedPostgres(folder, {"no_such_setting": "1"}).start()


@pytest.mark.parametrize("name", ["long" * 30, "with, comma and blank"])
async def test_a_folder_whose_path_no_socket_can_have_works_all_the_same(tmp_path: Path, name: str) -> None:
    async with EmbeddedPostgres(tmp_path / name) as server:
        sockets = Path(server.url.split("host=")[1].split("&")[0])
        assert await ask(server, "select 1") == 1

    assert not sockets.exists()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="quickmatch-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


async def test_root_needs_no_user_namespace_and_its_files_come_back_to_it(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = (await find_programs()).folder.parents[1]
    for part in wheel.parent.glob(f"{wheel.name}*"):  # the programs and the libraries beside them
        shutil.copytree(part, open_folder / part.name)
    monkeypatch.setenv("PG_BINDIR", str(open_folder / wheel.name / "pginstall" / "bin"))
    script = open_folder / "launch_elsewhere.py"
    script.write_text(LAUNCH_WHERE_NAMESPACES_ARE_FORBIDDEN.format(path=str(embedded.LAUNCH)))
    data = open_folder / "database"

    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(embedded, "LAUNCH", script)
        async with EmbeddedPostgres(data) as server:
            assert await ask(server, "select 1") == 1
        assert (data / "pg").stat().st_uid != 0
    async with EmbeddedPostgres(data) as server:
        assert await ask(server, "select 1") == 1

    assert (data / "pg").stat().st_uid == os.geteuid()


async def test_programs_named_by_hand_are_used_or_refused_but_never_replaced(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PG_BINDIR", str(folder))

    with pytest.raises(DatabaseError, match=r"no programs of PostgreSQL.*Install the extra"):
        await EmbeddedPostgres(folder).start()


def programs_that_say(folder: Path, script: str) -> str:
    (folder / "bin").mkdir(parents=True)
    for name in NEEDED:
        (folder / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / "bin" / name).chmod(0o755)
    return str(folder / "bin")


async def test_programs_that_are_too_old_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BINDIR", programs_that_say(folder, "echo 'postgres (PostgreSQL) 16.3 (Old 18)'"))

    with pytest.raises(DatabaseError, match="has version 16, which is too old"):
        await EmbeddedPostgres(folder).start()


async def test_a_cluster_that_cannot_be_made_is_told_with_the_words_of_the_program(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "echo 'postgres (PostgreSQL) 18.0'; echo 'initdb: error: no room' >&2; exit 1"
    monkeypatch.setenv("PG_BINDIR", programs_that_say(folder, script))

    with pytest.raises(DatabaseError, match=r"can't make its folder(.|\n)*initdb: error: no room"):
        await EmbeddedPostgres(folder).start()

    assert not (folder / "pg").exists()


async def test_the_server_of_another_program_can_be_shared(tmp_path: Path) -> None:
    assert url_of_running(tmp_path) is None

    async with EmbeddedPostgres(tmp_path) as postgres:
        assert url_of_running(tmp_path) == postgres.url
