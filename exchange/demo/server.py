"""The demo's exchange: a real `exchange serve` in a process of its own, on a folder of its own."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import aiohttp

START_S_MAX: Final = 120.0
STOP_S_MAX: Final = 90.0


class DemoFailed(Exception):
    """The demo's exchange did not start or answer; the message says where to look."""


@asynccontextmanager
async def an_exchange(data: Path, port: int) -> AsyncIterator[tuple[str, str]]:
    """Run an exchange for the length of the block; its URL and its operator's key. Logs go to the folder."""
    log_path = data / "exchange.log"
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with log_path.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "exchange", "serve", "--data", str(data), "--port", str(port),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=log,
            start_new_session=True,  # ^C reaches us first: the members leave before the exchange does
        )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(START_S_MAX):
            line = await process.stdout.readline()
        if not line:
            raise DemoFailed(f"The exchange did not start; {log_path} says why.")
        said = json.loads(line)
        yield said["url"], Path(said["operator_key_file"]).read_text().strip()
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        try:
            async with asyncio.timeout(STOP_S_MAX):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


class Office:
    """The operator's REST calls that the demo needs."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def admit(self, name: str, *roles: str) -> tuple[str, str]:
        """A new member and a key for it."""
        body = {"name": name, "country": "NL", "contact": "demo", "roles": list(roles)}
        member_id = (await self._post("/v1/members", body))["member_id"]
        scopes = ["read", "trade"]
        made = await self._post("/v1/keys", {"member_id": member_id, "scopes": scopes, "label": "demo"})
        return member_id, made["key"]

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        async with self._session.post(path, json=body) as response:
            answer = await response.json()
        if response.status >= 400:
            raise DemoFailed(f"{path} was refused: {answer}")
        return answer
