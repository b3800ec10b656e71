"""What the console's tests may ask for."""

import pytest

from tests.console.commands import Console
from tests.gateway.house import House


@pytest.fixture
def console(house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Console:
    """Commands that talk to it."""
    return Console(house, monkeypatch, capfd)
