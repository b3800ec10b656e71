"""What every test may ask for: databases of its own on one embedded PostgreSQL, a house, and a calm hypothesis.

The fixtures of databases are plain functions, so tests of any loop scope can use them.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import TYPE_CHECKING

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from exchange.database.embedded import EmbeddedPostgres
from exchange.database.migrate import migrate_to_latest
from exchange.engine.collector import keep_what_is_loaded

if TYPE_CHECKING:
    from tests.gateway.house import House

# Time says nothing about a rule, least of all on a shared machine.
settings.register_profile("rules", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("rules")

# A test's database need not survive a power cut; it does survive a kill -9 of the server.
UNSYNCED = {"fsync": "off", "max_connections": "200"}
TEMPLATE = "migrated"


def pytest_collection_finish() -> None:
    """All tests stay: the garbage collector need not walk them again and again."""
    keep_what_is_loaded()


class Databases:
    """Makes databases on one server and drops them, from code that isn't async."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self.server = server
        self.runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self.runner.run(server.start())
        self._connection = self.runner.run(asyncpg.connect(server.url))
        self._numbers = count(1)

    def execute(self, statement: str) -> None:
        self.runner.run(self._connection.execute(statement))

    def create(self, template: str) -> str:
        """The name of a new database, as `template` is."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"create database {name} template {template} strategy file_copy")
        return name

    def close(self) -> None:
        self.runner.run(self._connection.close())
        self.runner.run(self.server.stop())
        self.runner.close()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """The one server of this run."""
    databases = Databases(EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), UNSYNCED))
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def migrated_template(databases: Databases) -> str:
    """A database with all migrations, to copy."""
    databases.execute(f"create database {TEMPLATE}")
    databases.runner.run(migrate_to_latest(databases.server.url_of(TEMPLATE)))
    return TEMPLATE


@pytest.fixture
def database_url(databases: Databases, migrated_template: str) -> Iterator[str]:
    """Where to connect to a fresh database that has all migrations."""
    yield from _fresh(databases, migrated_template)


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    """Where to connect to a fresh database with nothing in it."""
    yield from _fresh(databases, "template0")


@pytest.fixture(scope="session")
def house_database_url(databases: Databases, migrated_template: str) -> Iterator[str]:
    """One database for all houses, which empty its tables: a fresh one costs more than most tests."""
    yield from _fresh(databases, migrated_template)


@pytest.fixture
async def house(house_database_url: str) -> AsyncIterator["House"]:
    """The exchange itself in this process, on real sockets: a gateway with an engine of its own."""
    from tests.gateway.house import a_house  # the tests of the core need not wait for the gateway

    async with a_house(house_database_url) as house:
        yield house


def _fresh(databases: Databases, template: str) -> Iterator[str]:
    name = databases.create(template)
    yield databases.server.url_of(name)
    databases.execute(f"drop database {name} with (force)")
