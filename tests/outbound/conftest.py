"""Members with addresses."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from exchange.outbound.mails import Mails, Smtp
from tests.gateway.house import a_house
from tests.outbound.mailing import SENDER, Post, a_server, posting


@pytest.fixture
async def post(database_url: str) -> AsyncIterator[Post]:
    connection = await asyncpg.connect(database_url)
    async with a_server() as server, a_house(database_url) as house:
        mails = Mails(connection, Smtp(posting(server)), SENDER, house.engine.now_us)
        yield Post(house, server, mails, connection)
    await connection.close()
