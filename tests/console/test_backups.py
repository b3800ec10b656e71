"""`exchange backup` and `exchange restore`: what they refuse, what they leave, and who gets in afterwards."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import asyncpg
import pytest
from msgspec import json
from msgspec.structs import replace

from exchange.app import OPERATOR_KEY, database, serving
from exchange.config import USAGE, WRONG, Settings
from exchange.console import ConsoleError
from exchange.console.backups import back_up, restore
from exchange.core.kernel import RULES
from exchange.database import DatabaseError
from exchange.database.dump import MANIFEST, BackupDamaged, BackupRefused, JournalEnd, Manifest, Ran
from exchange.database.embedded import EmbeddedPostgres
from exchange.database.migrate import migrate_to_latest
from exchange.engine.audit import audit
from exchange.engine.randomness import Randomness
from exchange.gateway.auth import Keys, Scope
from exchange.gateway.stored.records import Records
from exchange.journal.postgres import PostgresJournal
from tests.engine.damage import FIRST, LOG, intact
from tests.follower.tables import journaled


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A server as in production; its database `day` holds a day of trading, `empty` nothing."""
    async with EmbeddedPostgres(tmp_path / "server") as server:
        connection = await asyncpg.connect(server.url)
        for name in ("day", "empty"):
            await connection.execute(f"create database {name}")
        await connection.close()
        await migrate_to_latest(server.url_of("day"))
        async with journaled(server.url_of("day"), intact()):
            pass
        yield server


@pytest.fixture
async def file(server: EmbeddedPostgres, tmp_path: Path) -> Path:
    """A backup of that day."""
    await back_up(tmp_path / "backup", Settings(database_url=server.url_of("day")))
    return tmp_path / "backup"


def altered(file: Path, **changes: Any) -> Path:
    """The backup with another manifest."""
    other = file.with_name("altered")
    with ZipFile(file) as source, ZipFile(other, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == MANIFEST:
                content = json.encode(replace(json.decode(content, type=Manifest), **changes))
            target.writestr(name, content)
    return other


async def verdict_of(settings: Settings) -> tuple[bool, int, str]:
    async with database(settings) as dsn:
        journal = PostgresJournal(dsn)
        verdict, _ = await audit(journal)
        await journal.close()
    return verdict.ok, verdict.commands, verdict.chain


async def operators_of(dsn: str, key: str) -> bool:
    """Whether the key lets an operator in."""
    async with Records(dsn) as records:
        keys = Keys(records, Randomness(os.urandom))
        await keys.reload()
        found = keys.find(key)
    return found is not None and found.scopes == frozenset(Scope)


async def test_a_backup_comes_back_in_a_folder_and_in_a_database_with_the_same_chain(
    server: EmbeddedPostgres, file: Path, tmp_path: Path
) -> None:
    there = Settings(database_url=server.url_of("empty"), data=tmp_path / "keys")
    here = Settings(data=tmp_path / "new")
    (tmp_path / "new").mkdir()
    wanted = await verdict_of(Settings(database_url=server.url_of("day")))
    answers = [await restore(file, here), await restore(file, there)]

    assert wanted[0] and wanted[1] == len(LOG)
    for settings, answer in zip((here, there), answers, strict=True):
        assert (answer.commands, answer.chain) == wanted[1:]
        assert await verdict_of(settings) == wanted
        key_file = settings.data / OPERATOR_KEY
        assert answer.operator_key_file == str(key_file)
        assert key_file.stat().st_mode & 0o777 == 0o600
        async with database(settings) as dsn:
            assert await operators_of(dsn, key_file.read_text().strip())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "keys", "new", "server"]


async def test_no_key_is_in_a_backup(server: EmbeddedPostgres, tmp_path: Path) -> None:
    settings = Settings(database_url=server.url_of("empty"), data=tmp_path / "data", port=0, follower=False)
    async with serving(settings) as running:
        await back_up(tmp_path / "backup", settings)
        secret = running.operator_key_file.read_text().strip()
    with ZipFile(tmp_path / "backup") as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())

    assert sha256(secret.encode()).digest() in everything, "the key's member gets in after a restore"
    assert secret.encode() not in everything
    assert secret.removeprefix("qm_").encode() not in everything


async def test_a_live_key_in_the_folder_of_an_external_exchange_stays(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    settings = Settings(database_url=server.url_of("empty"), data=tmp_path / "data", port=0, follower=False)
    async with serving(settings):
        await back_up(tmp_path / "backup", settings)
    was = (tmp_path / "data" / OPERATOR_KEY).read_text()
    connection = await asyncpg.connect(server.url)
    await connection.execute("create database another")
    await connection.close()
    await restore(
        tmp_path / "backup", Settings(database_url=server.url_of("another"), data=tmp_path / "data")
    )

    assert (tmp_path / "data" / OPERATOR_KEY).read_text() == was
    assert await operators_of(server.url_of("another"), was.strip())


async def next_epoch(dsn: str) -> int:
    journal = PostgresJournal(dsn)
    tail = await journal.open_epoch()
    await journal.close()
    return tail.epoch


async def test_followers_of_the_old_exchange_see_that_the_restored_one_is_another(
    server: EmbeddedPostgres, file: Path, tmp_path: Path
) -> None:
    """The epoch begins anew, later than anything the old exchange can have reached by starting again."""
    await restore(file, Settings(database_url=server.url_of("empty"), data=tmp_path / "keys"))
    old, new = [await next_epoch(server.url_of(name)) for name in ("day", "empty")]

    assert (old, new > 1_000_000_000) == (2, True)


REFUSED = [
    ({"journal": JournalEnd(1, "00", RULES + 1)}, BackupRefused, f"follows rules {RULES + 1}"),
    ({"migrations": (Ran("0999", "00"),)}, BackupRefused, "has migration 0999"),
    ({"journal": JournalEnd(len(LOG), "00" * 32, RULES)}, BackupDamaged, "ends at sequence"),
    ({"journal": JournalEnd(len(LOG) + 1, "00" * 32, RULES)}, BackupDamaged, f"and not at {len(LOG) + 1}"),
]


@pytest.mark.parametrize("changes, kind, told", REFUSED, ids=[told for _, _, told in REFUSED])
async def test_a_backup_that_is_not_what_it_says_leaves_no_folder(
    file: Path, tmp_path: Path, changes: dict[str, Any], kind: type[Exception], told: str
) -> None:
    there = sorted(tmp_path.iterdir())
    with pytest.raises(kind, match=told):
        await restore(altered(file, **changes), Settings(data=tmp_path / "new"))

    (tmp_path / "altered").unlink()
    assert sorted(tmp_path.iterdir()) == there


async def test_a_journal_that_was_wrong_when_it_was_copied_is_told_and_not_restored(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    url = server.url_of("day")
    connection = await asyncpg.connect(url)
    await connection.execute("alter table journal_batch disable trigger all")
    await connection.execute(
        f"update journal_batch set body = set_byte(body, 200, get_byte(body, 200) # 1) where first_seq = {FIRST}"
    )
    await connection.close()
    await back_up(tmp_path / "backup", Settings(database_url=url))
    with pytest.raises(BackupDamaged, match=f"from sequence {FIRST} on"):
        await restore(tmp_path / "backup", Settings(data=tmp_path / "new"))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "server"]


async def test_a_target_that_is_in_use_is_left_alone(
    server: EmbeddedPostgres, file: Path, tmp_path: Path
) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "letter").write_text("mine")
    with pytest.raises(BackupRefused, match="Name a new folder with --data"):
        await restore(file, Settings(data=taken))
    with pytest.raises(BackupRefused, match="Name a new folder with --data"):
        await restore(file, Settings(data=taken / "letter"))
    with pytest.raises(BackupRefused, match="Name a new, empty database"):
        await restore(file, Settings(database_url=server.url_of("day"), data=tmp_path / "keys"))

    assert (taken / "letter").read_text() == "mine"
    assert (await verdict_of(Settings(database_url=server.url_of("day"))))[:2] == (True, len(LOG))


async def test_where_no_exchange_is_nothing_is_copied(server: EmbeddedPostgres, tmp_path: Path) -> None:
    never_started = Settings(database_url=server.url_of("empty"))
    with pytest.raises(ConsoleError, match="There is no exchange in"):
        await back_up(tmp_path / "backup", Settings(data=tmp_path / "none"))
    with pytest.raises(DatabaseError, match="exchange migrate"):
        await back_up(tmp_path / "backup", never_started)
    await migrate_to_latest(server.url_of("empty"))
    with pytest.raises(BackupRefused, match="never started"):
        await back_up(tmp_path / "backup", never_started)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["server"]


# --- as commands -------------------------------------------------------------------------------------


async def run(*words: object) -> tuple[int | None, str, str]:
    """Exit code, results and words of one command."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "exchange", *map(str, words),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, told = await process.communicate()
    return process.returncode, out.decode(), told.decode()


async def test_results_go_to_stdout_and_the_exit_code_tells_what_was_wrong(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    file = tmp_path / "backup"
    taken = await run("backup", file, "--database-url", server.url_of("day"), "--json")
    restored = await run("restore", file, "--data", tmp_path / "new")
    again = await run("restore", file, "--data", tmp_path / "new")
    file.write_bytes(file.read_bytes()[:-100])
    damaged = await run("restore", file, "--data", tmp_path / "newer")

    answer = json.decode(taken[1])
    assert (taken[0], answer["commands"], answer["operator_key_file"]) == (0, len(LOG), None)
    assert restored[0] == 0
    assert answer["chain"] in restored[1] and str(tmp_path / "new" / OPERATOR_KEY) in restored[1]
    assert again[:2] == (USAGE, "") and "is not empty" in again[2]
    assert damaged[:2] == (WRONG, "") and "is damaged, or no backup" in damaged[2]
    assert not (tmp_path / "newer").exists()
