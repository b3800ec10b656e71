"""Commands of the console against an exchange in this process: each runs in a thread, as it has a loop of its own."""

import asyncio
import json
import sys
from typing import Any, NamedTuple

import pytest
from structlog.testing import capture_logs

from exchange import __main__ as command_line
from tests.gateway.house import Holder, House


class Finished(NamedTuple):
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> Any:
        """The one JSON object that it printed."""
        return json.loads(self.out)


class Console:
    """Runs one command after another."""

    def __init__(
        self, house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        self._house = house
        self._monkeypatch = monkeypatch
        self._capfd = capfd

    async def run(self, holder: Holder, *arguments: object) -> Finished:
        """As this member."""
        return await self.type(*map(str, arguments), "--key", holder.key)

    async def type(self, *words: str) -> Finished:
        """As whoever the words name: by their key, or the operator by its file."""
        self._monkeypatch.setattr(sys, "argv", ["exchange", *words, "--url", self._house.url])
        self._capfd.readouterr()
        with capture_logs():  # the exchange's own, of this same process
            code = await asyncio.to_thread(_main)
        return Finished(code, *self._capfd.readouterr())


def _main() -> int:
    with pytest.raises(SystemExit) as exited:
        command_line.main()
    assert isinstance(exited.value.code, int)
    return exited.value.code
