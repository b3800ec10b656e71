"""A WebSocket session that says many commands at once and hears what became of each.

Guarantees: answers come in the order of the commands; at most WINDOW wait for theirs at a time.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, Self

import aiohttp
import orjson

from benchmarks.market import MarketRefused
from benchmarks.server import Server

WINDOW: Final = 64


class Answer(dict[str, Any]):
    """An ack or a refusal, as it came."""

    @property
    def taken(self) -> bool:
        """Whether the command took effect."""
        return bool(self["type"] == "ack")


class Speaker:
    """`async with` says hello and closes it."""

    def __init__(self, server: Server, key: str) -> None:
        self._http = aiohttp.ClientSession()
        self._url, self._key = server.websocket_url, key
        self._ref = 0

    async def __aenter__(self) -> Self:
        self.socket = await self._http.ws_connect(self._url, max_msg_size=0)
        await self._send({"type": "hello", "key": self._key})
        assert (await self._hear())["type"] == "welcome"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()
        await self._http.close()

    async def say(self, commands: Iterable[dict[str, Any]]) -> list[Answer]:
        """What became of each, refusals included."""
        answers: list[Answer] = []
        waiting = 0
        for command in commands:
            self._ref += 1
            await self._send({**command, "ref": self._ref})
            waiting += 1
            if waiting == WINDOW:
                answers.append(await self._hear())
                waiting -= 1
        answers.extend([await self._hear() for _ in range(waiting)])
        return answers

    async def make(self, commands: Sequence[dict[str, Any]]) -> list[str]:
        """Ids of what the commands made or meant. Raises MarketRefused."""
        answers = await self.say(commands)
        for answer, command in zip(answers, commands, strict=True):
            if not answer.taken:
                raise MarketRefused(f"{command}: {answer}")
        return [str(answer.get("id", "")) for answer in answers]

    async def _send(self, frame: dict[str, Any]) -> None:
        await self.socket.send_str(orjson.dumps(frame).decode())

    async def _hear(self) -> Answer:
        """The next answer; what feeds tell is passed over."""
        while True:
            message = await self.socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                raise MarketRefused(f"the connection ended: {message}")
            heard = Answer(orjson.loads(message.data))
            if heard["type"] in ("ack", "rejected", "welcome", "error"):
                return heard
