"""The only place that builds and connects things, and that starts and stops them in order.

Start: database → migrations → journal → engine (recovery) → gateway → follower. The gateway listens
before recovery ends, so that health checks and clients are told `starting`. Stop is the same backwards: no new
connection, everybody told to come back, the engine done, the follower's last stretch, the database.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import structlog
from msgspec import Struct

from exchange.config import Settings
from exchange.core.messages import SYSTEM, RegisterMember, Reply, Role, Standing
from exchange.core.parties.members import Member
from exchange.core.rejects import Reject
from exchange.database import DatabaseError
from exchange.database.embedded import EmbeddedPostgres, url_of_running
from exchange.database.folder import DataFolder
from exchange.database.migrate import migrate_to_latest
from exchange.engine.answer import Answer
from exchange.engine.clock import EngineClock
from exchange.engine.collector import collect_seldom, keep_what_is_loaded
from exchange.engine.randomness import Randomness
from exchange.engine.sequencer import Engine, EngineSettings
from exchange.follower.process import FollowerProcess
from exchange.gateway.auth import Keys, Scope
from exchange.gateway.server import Gateway, UnfitSettings, refuse_unfit
from exchange.gateway.stored.records import Records, RecordsUnavailable
from exchange.journal.base import Journal
from exchange.journal.memory import MemoryJournal, MemoryStore
from exchange.journal.postgres import PostgresJournal
from exchange.outbound.booking import book_entries
from exchange.outbound.house import HouseBank
from exchange.outbound.lot_keys import FOLDER as LOT_KEYS
from exchange.outbound.lot_keys import FileLotKeys
from exchange.outbound.posting import Posting
from exchange.outbound.unsealing import KeyDesk

log = structlog.get_logger(__name__)

OPERATOR_KEY: Final = "operator.key"
"""The file in the data folder that holds the first operator's key, readable by its owner only."""
MAIL: Final = "mail"
"""The maildir in the data folder, where no mail server is set."""
FOLLOWER_POLL_S: Final = 1.0
_POSITION: Final = "select seq from follower_position where shard = 0"

POSTGRES_SETTINGS: Final = {
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",  # a checkpoint in the middle of a burst costs latency
    "wal_compression": "off",  # the journal's rows do not compress, and trying costs the engine's core
    "autovacuum_naptime": "30s",
}


class Running(Struct):
    """A serving exchange. `ended` is done when it had to stop by itself, and raises why."""

    url: str
    engine: Engine
    dsn: str
    operator_key_file: Path
    follower: FollowerProcess | None
    ended: asyncio.Future[None]


@asynccontextmanager
async def database(settings: Settings, *, share: bool = False) -> AsyncIterator[str]:
    """The DSN of the external database, or of our own, started for as long as the block lasts.

    With `share`, the server of an exchange that runs on the same folder will do.
    """
    if settings.database_url:
        yield settings.database_url
        return
    postgres = EmbeddedPostgres(settings.data / "postgres", POSTGRES_SETTINGS)
    try:
        await postgres.start()
    except DatabaseError:
        shared = url_of_running(settings.data / "postgres")
        if not share or shared is None or not await _answers(shared):
            raise
        yield shared
        return
    try:
        yield postgres.url
    finally:
        await postgres.stop()


def make_folder(folder: Path) -> None:
    """The data folder, closed to others if it is new; DatabaseError where there can't be one."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise DatabaseError(
            f"The data folder {folder} can't be made: {error.strerror}. Name another with --data."
        ) from error


def has_cluster(settings: Settings) -> bool:
    """Whether there is a database in the folder already."""
    return DataFolder(settings.data / "postgres").cluster_major() is not None


async def _answers(dsn: str) -> bool:
    async with Records(dsn) as records:
        with suppress(RecordsUnavailable):
            return bool(await records.fetch("select 1"))
    return False


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Running]:
    """An exchange that has recovered and serves, for as long as the block lasts."""
    refuse_unfit(settings)
    house = house_bank(settings)
    posting_of(settings)
    collect_seldom()
    make_folder(settings.data)
    async with AsyncExitStack() as stack:
        dsn = await stack.enter_async_context(database(settings))
        await migrate_to_latest(dsn)
        journal = _journal(settings, dsn)
        stack.push_async_callback(journal.close)
        randomness = Randomness(os.urandom)
        engine = Engine(journal, _clock(), randomness, _engine_settings(settings))
        records = await stack.enter_async_context(Records(dsn))
        keys = Keys(records, randomness)
        gateway = Gateway(engine, keys, records, randomness, settings)
        url = await gateway.listen()
        stack.push_async_callback(gateway.close)
        await engine.start()
        await keys.reload()
        gateway.open()
        follower = _follower(settings, dsn, house)
        ended = asyncio.ensure_future(
            _run(
                engine,
                gateway,
                _key_desk(engine, settings),
                follower,
                records,
                books_entries=house is not None,
            )
        )
        stack.push_async_callback(_end, ended)
        await _ensure_operator(engine, keys, settings.data / OPERATOR_KEY)
        keep_what_is_loaded()
        yield Running(url, engine, dsn, settings.data / OPERATOR_KEY, follower, ended)


def _follower(settings: Settings, dsn: str, house: HouseBank | None) -> FollowerProcess | None:
    if not (settings.follower and settings.journal):
        return None
    return FollowerProcess(dsn, settings.snapshot_every, house, posting_of(settings))


def posting_of(settings: Settings) -> Posting:
    """How members are told outside their feeds. Raises UnfitSettings."""
    password_file = settings.mail_password_file
    posting = Posting(
        settings.webhooks_to_loopback,
        str((settings.data / MAIL).absolute()),
        settings.mail_host,
        settings.mail_port,
        settings.mail_tls,
        settings.mail_user,
        str(password_file.absolute()) if password_file else "",
        settings.mail_from,
    )
    if unfit := posting.unfit():
        raise UnfitSettings(unfit)
    return posting


def house_bank(settings: Settings) -> HouseBank | None:
    """The bank to exchange files with, or nothing. Raises UnfitSettings."""
    if settings.bank_folder is None:
        return None
    if not (settings.follower and settings.journal):
        raise UnfitSettings("Payments run in the second process: --bank-folder needs the follower.")
    house = HouseBank(
        settings.bank_folder.absolute(),
        settings.bank_name,
        settings.bank_iban.replace(" ", "").upper(),
        settings.operating_iban.replace(" ", "").upper(),
        settings.bank_bic.replace(" ", "").upper(),
    )
    if unfit := house.unfit():
        raise UnfitSettings(unfit)
    return house


async def _run(
    engine: Engine,
    gateway: Gateway,
    desk: KeyDesk,
    follower: FollowerProcess | None,
    records: Records,
    *,
    books_entries: bool,
) -> None:
    """Everything that goes on while we serve; ends when any of it fails for good."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(engine.run())
        tasks.create_task(gateway.run())
        tasks.create_task(desk.run())
        if follower is not None:
            tasks.create_task(follower.run())
            tasks.create_task(_watch_follower(engine, records))
        if books_entries:
            tasks.create_task(book_entries(engine, records, RecordsUnavailable))


async def _watch_follower(engine: Engine, records: Records) -> None:
    """Tell the engine where the follower stands; while the database is down it stands where it stood."""
    while True:
        with suppress(RecordsUnavailable):
            row = await records.fetch_row(_POSITION)
            engine.follower_seq = row["seq"] if row else 0
        await asyncio.sleep(FOLLOWER_POLL_S)


async def _end(ended: asyncio.Future[None]) -> None:
    ended.cancel()
    await asyncio.gather(ended, return_exceptions=True)


def _journal(settings: Settings, dsn: str) -> Journal:
    if settings.journal:
        return PostgresJournal(dsn, append_timeout_s=settings.commit_s_max)
    return MemoryJournal(MemoryStore())


def _key_desk(engine: Engine, settings: Settings) -> KeyDesk:
    return KeyDesk(engine, FileLotKeys((settings.data / LOT_KEYS, *settings.lot_keys_copy)))


def _clock() -> EngineClock:
    return EngineClock(lambda: time.time_ns() // 1_000, lambda: time.monotonic_ns() // 1_000)


def _engine_settings(settings: Settings) -> EngineSettings:
    return EngineSettings(
        inbox_max=settings.inbox_max,
        batch_max=settings.batch_max,
        follower_lag_max=settings.follower_lag_max,
    )


async def _ensure_operator(engine: Engine, keys: Keys, key_file: Path) -> None:
    """Admit the first operator of a new exchange, and give it a key that only the folder's owner can read.

    If we died between the two, the operator without a key gets one now.
    """
    operators = [m.member_id for m in engine.views.members.values() if Role.OPERATOR in m.roles]
    if any(keys.of_member(member_id) for member_id in operators):
        return
    member_id = operators[0] if operators else await _admit_operator(engine)
    made = await keys.create(member_id, frozenset(Scope), "first operator", engine.now_us())
    assert not isinstance(made, Reject)
    _write_secret(key_file, made[0])
    log.info("operator_admitted", member_id=member_id, key_file=str(key_file))


async def renew_operator_key(dsn: str, members: Sequence[Member], key_file: Path) -> bool:
    """Give the first operator in good standing one more key, unless the file holds a live one; whether it has one."""
    operators = [m.member_id for m in members if Role.OPERATOR in m.roles and m.standing is Standing.GOOD]
    if not operators:
        return False
    async with Records(dsn) as records:
        keys = Keys(records, Randomness(os.urandom))
        await keys.reload()
        holder = keys.find(key_file.read_text().strip()) if key_file.exists() else None
        if holder is not None and holder.member_id in operators:
            return True
        made = await keys.create(operators[0], frozenset(Scope), "operator, restored", _clock().now_us())
    if isinstance(made, Reject):
        return False  # with so many keys of its own it can get in
    _write_secret(key_file, made[0])
    return True


async def _admit_operator(engine: Engine) -> str:
    asked = Answer()
    command = RegisterMember(roles=(Role.OPERATOR,))
    answer = engine.submit(SYSTEM, 0, command, asked) or await asked.heard
    if not isinstance(answer, Reply) or answer.code:
        raise DatabaseError(
            "The first operator could not be admitted: the journal cannot be written. Start again."
        )
    return answer.id


def _write_secret(path: Path, secret: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret + "\n")
