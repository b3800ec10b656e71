"""What the console's tests may ask for."""

from collections.abc import AsyncIterator

import pytest

from tests.console.commands import Console
from tests.gateway.house import House, a_house


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """The exchange itself, in this process, on real sockets."""
    async with a_house(database_url) as house:
        yield house


@pytest.fixture
def console(house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Console:
    """Commands that talk to it."""
    return Console(house, monkeypatch, capfd)
