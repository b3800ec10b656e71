"""REST with one key, as a member's own program would call it."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from exchange.demo.server import DemoFailed
from exchange.demo.tally import Tally


class Office:
    """One key's calls; the session is shared by all."""

    def __init__(self, session: aiohttp.ClientSession, key: str, tally: Tally) -> None:
        self._session = session
        self._headers = {"Authorization": f"Bearer {key}"}
        self._tally = tally

    def of(self, key: str) -> "Office":
        """The same with another key."""
        return Office(self._session, key, self._tally)

    async def admit(self, name: str, *roles: str) -> tuple[str, str]:
        """Operator: a new member and a key for it."""
        body = {"name": name, "country": "NL", "contact": "demo", "roles": list(roles)}
        member_id = (await self.do("POST", "/v1/members", body))["member_id"]
        scopes = ["read", "trade", "manage"]
        made = await self.do("POST", "/v1/keys", {"member_id": member_id, "scopes": scopes, "label": "demo"})
        return member_id, made["key"]

    async def get(self, path: str, **query: str | int) -> Any:
        """Read; DemoFailed if it is refused."""
        return await self._call("GET", path, None, query)

    async def all(self, path: str, name: str, **query: str | int) -> AsyncIterator[Any]:
        """Every line of a list, page by page."""
        cursor: dict[str, str] = {}
        while True:
            page = await self.get(path, **query, **cursor)
            for line in page[name]:
                yield line
            if not page["next"]:
                return
            cursor = {"cursor": page["next"]}

    async def do(self, method: str, path: str, body: object) -> Any:
        """Change something; DemoFailed if it is refused."""
        return await self._call(method, path, body, {})

    async def attempt(self, path: str, body: object) -> Any:
        """Post what may come too late; nothing if it is refused, which is counted."""
        status, answer = await self._answer("POST", path, body, {})
        if status < 400:
            return answer
        self._tally.refuse(answer.get("reason", str(status)))
        return None

    async def _call(self, method: str, path: str, body: object, query: dict[str, str | int]) -> Any:
        status, answer = await self._answer(method, path, body, query)
        if status >= 400:
            raise DemoFailed(f"{method} {path} was refused: {answer}")
        return answer

    async def _answer(
        self, method: str, path: str, body: object, query: dict[str, str | int]
    ) -> tuple[int, Any]:
        try:
            async with self._session.request(
                method, path, json=body, params=query, headers=self._headers
            ) as response:
                return response.status, await response.json()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DemoFailed(f"{method} {path} got no answer: {error}. Run it again.") from error
