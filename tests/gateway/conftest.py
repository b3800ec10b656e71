"""What the gateway's tests may ask for."""

from collections.abc import AsyncIterator

import pytest

from tests.gateway.house import House, a_house


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """A gateway with an engine and a database of its own."""
    async with a_house(database_url) as house:
        yield house
