"""The command line: what it prints, and the exit code that tells programs how it went."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from exchange import __main__ as command_line
from exchange.config import INTERRUPTED, UNREACHABLE, USAGE, WRONG
from exchange.core.rejects import RejectCode
from exchange.database.embedded import EmbeddedPostgres
from exchange.database.migrate import LOCK
from exchange.database.migrations import load_migrations
from tests.conftest import Databases
from tests.console.commands import Finished
from tests.engine.damage import FIRST, LOG, intact
from tests.follower.tables import journaled

PATIENCE_S = 60
WAITS_FOR_SNAPSHOTS = "select from pg_locks where not granted and relation = 'journal_snapshot'::regclass"
"""Told of every database of the server, so that only the table tells whose lock it is."""
PROGRAM = (sys.executable, "-m", "exchange")
NOWHERE = "postgresql://127.0.0.1:1/x"
YEARS = ("--from", "2024-01-01", "--to", "2034-01-01")


Run = Callable[..., Finished]


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs one command: here, or in a process of its own if it sets up logs and signals for all of it."""

    def run(*arguments: object) -> Finished:
        words = [*map(str, arguments)]
        if words[0] in {"serve", "demo"}:
            ended = subprocess.run([*PROGRAM, *words], check=False, capture_output=True, text=True)
            return Finished(ended.returncode, ended.stdout, ended.stderr)
        monkeypatch.setattr(sys, "argv", ["exchange", *words])
        capfd.readouterr()
        with pytest.raises(SystemExit) as exited:
            command_line.main()
        code = exited.value.code
        assert isinstance(code, int)
        return Finished(code, *capfd.readouterr())

    return run


class Server:
    """`exchange serve` in a process of its own."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self.log = data.with_suffix(".log")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*PROGRAM, "serve", "--data", data, "--port", "0", *arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, self.log.read_text()[-3_000:]
        self.said = json.loads(line)
        self.url = str(self.said["url"])
        self.key_file = Path(self.said["operator_key_file"] or "none")

    def remote(self) -> tuple[object, ...]:
        """Options that lead to it."""
        return "--url", self.url, "--key-file", self.key_file, "--json"

    def stop(self, number: int = signal.SIGINT) -> int:
        """Its exit code, and it said nothing more."""
        self.process.send_signal(number)
        assert self.process.stdout
        assert self.process.stdout.read() == b""
        self.process.stdout.close()
        return self.process.wait(PATIENCE_S)


@contextmanager
def serving(data: Path, *arguments: str) -> Iterator[Server]:
    """A server that is gone at the end, whatever happened."""
    server = Server(data, *arguments)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()
        assert server.process.stdout
        server.process.stdout.close()


# --- wrong usage, and what cannot be reached ---------------------------------------------------------

WRONG_USAGE = [
    (["--nope"], "--nope"),
    (["nope"], "nope"),
    (["verify", "--nope"], "--nope"),
    (["serve", "--port", "65536"], "<= 65535"),
    (["serve", "--batch-max", "0"], ">= 1"),
    (["serve", "--commit-s-max", "0"], "> 0"),
    (["demo", "--seconds", "-1"], ">= 0"),
    (["member", "add"], "requires an argument"),
    (["member", "add", "N", "--country", "NL", "--contact", "c", "--role", "king"], "king"),
    (["key", "add", "m", "--scope", "all"], "all"),
    (["export", "beancount", "--from", "yesterday", "--to", "2026-01-01"], "--from"),
    (["export", "hledger", "--from", "2026-01-02", "--to", "2026-01-02"], "Give --to a later day"),
    (["restore", "{tmp}/none", "--data", "{tmp}/new"], "Name the file that `exchange backup` wrote."),
    (["serve", "--data", "{tmp}", "--tls-cert", "cert.pem"], "Give both --tls-cert and --tls-key."),
    (["serve", "--data", "{tmp}", "--host", "0.0.0.0", "--port", "0"], "or listen on 127.0.0.1."),
]


@pytest.mark.parametrize(
    "arguments, told", WRONG_USAGE, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_wrong_usage_is_told_with_exit_code_2(
    exchange: Run, tmp_path: Path, arguments: list[str], told: str
) -> None:
    finished = exchange(*(argument.format(tmp=tmp_path) for argument in arguments))

    assert (finished.code, finished.out) == (USAGE, "")
    assert told in finished.err


OUT_OF_REACH = [
    (["migrate", "--database-url", NOWHERE], "Check DATABASE_URL and whether the server runs."),
    (["verify", "--database-url", NOWHERE], "Check DATABASE_URL and whether the server runs."),
    (["verify", "--database-url", "nonsense"], "Check DATABASE_URL and whether the server runs."),
    (
        ["serve", "--data", "{tmp}", "--database-url", NOWHERE],
        "Check DATABASE_URL and whether the server runs.",
    ),
    (["verify", "--data", "{tmp}"], "Name its folder with --data, or its database with --database-url."),
    (["export", "beancount", *YEARS, "--data", "{tmp}"], "Name its folder with --data, or its database"),
    (["export", "hledger", *YEARS, "--database-url", NOWHERE], "Check DATABASE_URL"),
    (
        ["backup", "{tmp}/b", "--data", "{tmp}"],
        "Name its folder with --data, or its database with --database-url.",
    ),
    (["backup", "{tmp}/b", "--database-url", NOWHERE], "Check DATABASE_URL and whether the server runs."),
    (["member", "list", "--url", "http://127.0.0.1:1", "--key", "k"], "Is `exchange serve` running there?"),
    (["key", "list", "--key-file", "{tmp}/none"], "Give --key-file, --key or EXCHANGE_KEY,"),
    (["serve", "--data", "/proc/exchange"], "Name another with --data."),
]


@pytest.mark.parametrize(
    "arguments, told", OUT_OF_REACH, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_what_cannot_be_reached_is_told_in_one_line_with_exit_code_3(
    exchange: Run, tmp_path: Path, arguments: list[str], told: str
) -> None:
    finished = exchange(*(argument.format(tmp=tmp_path) for argument in arguments))

    assert (finished.code, finished.out) == (UNREACHABLE, "")
    assert told in finished.err
    assert len([line for line in finished.err.splitlines() if line[:1] != "{"]) == 1
    assert not list(tmp_path.glob("*/pg")), "a folder named by mistake is not made an exchange"


def test_help_tells_the_exit_codes(exchange: Run) -> None:
    finished = exchange("--help")

    assert finished.code == 0
    for code, meaning in (
        (WRONG, "wrong"),
        (USAGE, "usage"),
        (UNREACHABLE, "reached"),
        (INTERRUPTED, "interrupted"),
    ):
        assert any(str(code) in line and meaning in line for line in finished.out.splitlines()), finished.out


def test_without_assertions_it_does_not_run() -> None:
    refused = subprocess.run(
        [sys.executable, "-O", "-m", "exchange", "describe"], check=False, capture_output=True, text=True
    )

    assert (refused.returncode, refused.stdout) == (USAGE, "")
    assert "without -O" in refused.stderr


@pytest.mark.parametrize("no_color", ["", "1"])
def test_colours_are_left_out_where_they_are_not_wanted(no_color: str) -> None:
    ours, theirs = os.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "NO_COLOR": no_color}
    subprocess.run(
        [*PROGRAM, "verify", "--database-url", NOWHERE],
        check=False,
        stdout=theirs,
        stderr=theirs,
        env=environment,
    )
    told = os.read(ours, 10_000)
    os.close(theirs)
    os.close(ours)

    assert b"Check DATABASE_URL" in told
    assert (b"\x1b[31m" in told) == (not no_color)


# --- describe ----------------------------------------------------------------------------------------


def test_describe_prints_every_refusal_or_the_whole_interface(exchange: Run) -> None:
    table, document = exchange("describe"), exchange("describe", "--json")

    assert (table.code, document.code) == (0, 0)
    assert all(f"| {code.value} | `{code.name}` |" in table.out for code in RejectCode)
    assert document.answer["openapi"].startswith("3.1")
    assert "/v1/orders" in document.answer["paths"]


# --- an exchange on its own database -----------------------------------------------------------------


def test_an_exchange_is_served_administered_verified_and_stopped(exchange: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as server:
        assert server.said.keys() == {"url", "operator_key_file"}
        assert server.key_file == data / "operator.key"
        assert (server.key_file.stat().st_mode & 0o777, data.stat().st_mode & 0o777) == (0o600, 0o700)
        keys = _administer(exchange, server)
        _collide(exchange, server, data)
        beside = exchange("verify", "--data", data, "--json")
        books = exchange("export", "beancount", *YEARS, "--data", data)
        assert server.stop() == 0
    stopped = exchange("verify", "--data", data, "--json")
    kept = exchange("export", "hledger", *YEARS, "--data", data, "--out", tmp_path / "books")

    assert (beside.code, stopped.code) == (0, 0)
    assert beside.answer == stopped.answer
    assert (beside.answer["ok"], beside.answer["commands"]) == (True, 3)
    assert "up to sequence 3 of" in books.out
    assert (kept.code, kept.out, [path.name for path in tmp_path.glob("books*")]) == (0, "", ["books"])
    assert "up to sequence 3." in kept.err
    log = server.log.read_text()
    assert all({"event", "level", "timestamp"} <= json.loads(line).keys() for line in log.splitlines())
    assert not any(key in log for key in keys), "no secret in a log"


def _administer(exchange: Run, server: Server) -> list[str]:
    """A member and a key come, are listed, and go; all keys that were used."""
    remote = server.remote()
    company = ("Acme BV", "--country", "NL", "--contact", "desk", "--role", "buyer", "--role", "seller")
    member_id = exchange("member", "add", *company, *remote).answer["member_id"]
    listed = exchange("member", "list", *remote).answer["members"]
    made = exchange("key", "add", member_id, "--scope", "read", "--label", "desk", *remote).answer
    theirs = exchange("key", "list", member_id, *remote)
    suspended = exchange("member", "suspend", member_id, *remote)
    revoked = exchange("key", "revoke", made["key_id"], *remote)
    nobody = exchange("member", "list", "--url", server.url, "--key", made["key"])

    assert [(m["name"], m["roles"]) for m in listed if m["member_id"] == member_id] == [
        ("Acme BV", ["buyer", "seller"])
    ]
    assert [key["label"] for key in theirs.answer["keys"]] == ["desk"]
    assert made["key"] not in theirs.out, "a key is shown once"
    assert (suspended.code, revoked.code) == (0, 0)
    assert exchange("key", "list", member_id, *remote).answer["keys"] == []
    assert (nobody.code, nobody.out) == (UNREACHABLE, "")
    assert "key" in nobody.err
    return [made["key"], server.key_file.read_text().strip()]


def _collide(exchange: Run, server: Server, data: Path) -> None:
    """Another server on its folder, or on its port, is turned away and disturbs nothing."""
    port = server.url.rpartition(":")[2]
    same_folder = exchange("serve", "--data", data, "--port", "0")
    same_port = exchange("serve", "--data", data.with_name("other"), "--port", port, "--no-journal")
    alive = exchange("member", "list", *server.remote())

    assert same_folder.code == UNREACHABLE
    assert f"in use by process {server.process.pid}" in same_folder.err
    assert same_port.code == UNREACHABLE
    assert f"Can't listen on 127.0.0.1:{port}" in same_port.err and "Choose another" in same_port.err
    assert alive.code == 0


# --- an exchange on a database of somebody else's ------------------------------------------------------


@pytest.fixture(scope="module")
def external(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """A server that flushes what it commits, as an exchange demands."""
    databases = Databases(EmbeddedPostgres(tmp_path_factory.mktemp("external")))
    yield databases
    databases.close()


@pytest.fixture
def external_url(external: Databases) -> str:
    """An empty database on it."""
    return external.server.url_of(external.create("template0"))


def execute(external: Databases, url: str, *statements: str) -> list[Any]:
    """Run statements as superuser; the rows of the last one."""

    async def work() -> list[Any]:
        connection = await asyncpg.connect(url)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return [tuple(row) for row in await connection.fetch(statements[-1])]
        finally:
            await connection.close()

    return external.runner.run(work())


def test_a_database_is_migrated_once_and_verified_only_then(
    exchange: Run, external_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", external_url)
    too_early, first, second = exchange("verify"), exchange("migrate"), exchange("migrate")
    verified = exchange("verify", "--json")

    assert (too_early.code, too_early.out) == (UNREACHABLE, "")
    assert "Run `exchange migrate`" in too_early.err
    assert (first.code, first.out.split()) == (0, [migration.name for migration in load_migrations()])
    assert (second.code, second.out) == (0, "")
    assert (verified.code, verified.answer["ok"], verified.answer["commands"]) == (0, True, 0)


def test_verify_names_the_first_bad_sequence_and_nothing_is_served_from_it(
    exchange: Run, external: Databases, external_url: str, tmp_path: Path
) -> None:
    where = ("--database-url", external_url)
    exchange("migrate", *where)
    external.runner.run(_fill(external_url))
    intact = exchange("verify", *where)
    corruption = f"update journal_batch set body = set_byte(body, 200, get_byte(body, 200) # 1) where first_seq = {FIRST}"
    with pytest.raises(asyncpg.ObjectNotInPrerequisiteStateError, match="only grows"):
        execute(external, external_url, corruption)
    execute(external, external_url, "alter table journal_batch disable trigger all", corruption)

    told, answered = exchange("verify", *where), exchange("verify", *where, "--json")
    served = exchange("serve", *where, "--data", tmp_path, "--port", 0)

    assert (intact.code, intact.out[:4]) == (0, f"{len(LOG)} ")
    assert (told.code, answered.code) == (WRONG, WRONG)
    assert f"Wrong at sequence {FIRST}:" in told.out
    assert (answered.answer["ok"], answered.answer["first_bad_seq"]) == (False, FIRST)
    assert (served.code, served.out) == (WRONG, "")
    assert f"journal damaged at sequence {FIRST}" in served.err


async def _fill(url: str) -> None:
    async with journaled(url, intact()):
        pass


def test_a_server_that_loses_what_it_commits_is_refused(
    exchange: Run, database_url: str, tmp_path: Path
) -> None:
    refused = exchange("serve", "--database-url", database_url, "--data", tmp_path, "--port", 0)

    assert (refused.code, refused.out) == (UNREACHABLE, "")
    assert "alter system set fsync = on" in refused.err


def test_a_second_exchange_takes_an_external_database_over(
    exchange: Run, external_url: str, tmp_path: Path
) -> None:
    where = ("--database-url", external_url)
    with serving(tmp_path / "first", *where) as first:
        key = first.key_file.read_text().strip()
        with serving(tmp_path / "second", *where) as second:
            deposed = first.process.wait(PATIENCE_S)
            answer = exchange("key", "list", "--url", second.url, "--key", key, "--json")
            stopped = second.stop(signal.SIGTERM)

    assert deposed == WRONG
    assert (
        "another writer took over" in first.log.read_text()
        or "no longer the current one" in first.log.read_text()
    )
    assert second.said["operator_key_file"] is None
    assert (answer.code, stopped) == (0, 0)


def interrupted(external: Databases, url: str, lock: str, waits: str, *words: object) -> Finished:
    """How a command ends that is interrupted as soon as it `waits` for the `lock`, both told in SQL."""
    held = external.runner.run(asyncpg.connect(url))
    external.runner.run(held.execute(lock))
    process = subprocess.Popen(
        [*PROGRAM, *map(str, words)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        while not external.runner.run(held.fetch(waits)):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, told = process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
        process.communicate()
        external.runner.run(held.close())
    return Finished(process.returncode, out, told)


def test_interrupted_while_it_starts_it_ends_in_order(
    external: Databases, external_url: str, tmp_path: Path
) -> None:
    waits = "select 1 from pg_stat_activity where datname = current_database() and query ~ 'try_advisory' and pid <> pg_backend_pid()"
    words = ("serve", "--database-url", external_url, "--data", tmp_path, "--port", "0")

    ended = interrupted(external, external_url, f"select pg_advisory_lock({LOCK})", waits, *words)

    assert ended == (INTERRUPTED, "", "")


def test_an_operator_that_was_left_without_a_key_gets_one_at_the_next_start(
    exchange: Run, external: Databases, external_url: str, tmp_path: Path
) -> None:
    where = ("--database-url", external_url)
    with serving(tmp_path / "data", *where) as server:
        server.stop()
    execute(external, external_url, "delete from api_keys", "select 1")
    server.key_file.unlink()
    with serving(tmp_path / "data", *where) as server:
        members = exchange("member", "list", *server.remote()).answer["members"]

    assert [member["roles"] for member in members] == [["operator"]]


def test_an_interrupted_verify_says_so_by_its_exit_code(
    exchange: Run, external: Databases, external_url: str
) -> None:
    exchange("migrate", "--database-url", external_url)
    lock, words = "begin; lock table journal_snapshot", ("verify", "--database-url", external_url)

    ended = interrupted(external, external_url, lock, WAITS_FOR_SNAPSHOTS, *words)

    assert ended == (INTERRUPTED, "", "")


# --- the demo ----------------------------------------------------------------------------------------


def test_the_demo_that_finds_its_port_taken_says_so_itself(exchange: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        finished = exchange("demo", "--port", taken.getsockname()[1], "--json")

    assert (finished.code, finished.out) == (UNREACHABLE, "")
    assert "Can't listen on 127.0.0.1" in finished.err
    assert "Traceback" not in finished.err


def test_the_demo_stays_away_from_an_exchange_that_is_there(exchange: Run, tmp_path: Path) -> None:
    (tmp_path / "operator.key").write_text("k")
    finished = exchange("demo", "--data", tmp_path, "--json")

    assert (finished.code, finished.out) == (UNREACHABLE, "")
    assert "Name a new folder" in finished.err
    assert [path.name for path in tmp_path.iterdir()] == ["operator.key"]
