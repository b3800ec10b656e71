"""What the client's tests may ask for."""

from collections.abc import AsyncIterator

import pytest

from tests.gateway.house import House, a_house


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """The exchange itself, in this process, on real sockets."""
    async with a_house(database_url) as house:
        yield house
