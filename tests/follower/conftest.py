"""What the follower's tests may ask for."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.follower.tables import Connection, Database


@pytest.fixture
async def reader(database_url: str) -> AsyncIterator[Connection]:
    """Sees what is committed."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Opens archives, and closes what they stand on."""
    database = Database(database_url)
    yield database
    await database.close()
