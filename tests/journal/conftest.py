"""Stores to keep a journal in: memory, and shards of one database that flushes what it commits."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import count

import pytest

from exchange.database.embedded import EmbeddedPostgres
from exchange.database.migrate import migrate_to_latest
from tests.conftest import Databases
from tests.journal.backends import FAULTS, Backend, MemoryBackend, PostgresBackend, postgres_backend

BackendMaker = Callable[[], Awaitable[Backend]]


@pytest.fixture(scope="session")
def journal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server as in production: the journal refuses any other."""
    databases = Databases(EmbeddedPostgres(tmp_path_factory.mktemp("journal")))
    databases.runner.run(migrate_to_latest(databases.server.url))
    databases.execute(FAULTS)
    yield databases.server
    databases.close()


@pytest.fixture(scope="session")
def new_postgres(journal_server: EmbeddedPostgres) -> Callable[[], Awaitable[PostgresBackend]]:
    """Makes a backend on a shard that nobody used."""
    shards = count(1)
    return lambda: postgres_backend(journal_server.url, next(shards))


@pytest.fixture
async def postgres(new_postgres: Callable[[], Awaitable[PostgresBackend]]) -> AsyncIterator[PostgresBackend]:
    backend = await new_postgres()
    yield backend
    await backend.close()


@pytest.fixture(params=["memory", "postgres"])
def new_backend(request: pytest.FixtureRequest) -> BackendMaker:
    if request.param == "memory":
        return new_memory
    new_postgres: BackendMaker = request.getfixturevalue("new_postgres")
    return new_postgres


async def new_memory() -> Backend:
    return MemoryBackend()


@pytest.fixture
async def backend(new_backend: BackendMaker) -> AsyncIterator[Backend]:
    """Each test that asks for it runs once a back-end: one conformance suite for all."""
    backend = await new_backend()
    yield backend
    await backend.close()
