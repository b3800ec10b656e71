"""What has to be there before anything can be measured: members with keys, instruments, money and stock."""

from collections.abc import Sequence
from typing import Any, Final, Self

import aiohttp
from msgspec import Struct

from benchmarks.server import Server
from exchange.core.limits import AMOUNT_MINOR_MAX, QUANTITY_MAX
from exchange.gateway.notation import decimal_of

CURRENCY: Final = "USD"
MINOR_DIGITS: Final = 2
MONEY_MINOR: Final = AMOUNT_MINOR_MAX // 128
"""Ample for one member, and small enough for as many members as the largest sum has room for."""


class MarketRefused(Exception):
    """The exchange refused what a benchmark needs; the message is its answer."""


class Member(Struct, frozen=True):
    """A member that may buy and sell, and its key."""

    member_id: str
    key: str


class Market:
    """Speaks REST as the operator, and for members where they have to speak themselves. `async with` closes it."""

    def __init__(self, server: Server) -> None:
        self._operator_key = server.operator_key
        self._session = aiohttp.ClientSession(server.url)
        self._top_ups = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def instrument(self, symbol: str, price_scale: int, tick: int = 1) -> str:
        """The id of a new instrument with as wide a band as there is; the tick in 10^-price_scale."""
        body = {
            "symbol": symbol,
            "currency": CURRENCY,
            "price_scale": price_scale,
            "tick": decimal_of(tick, price_scale),
        }
        return str((await self._post("/v1/instruments", body))["instrument_id"])

    async def member(
        self, name: str, instruments: Sequence[str], *, money_minor: int = MONEY_MINOR, declarations: int = 1
    ) -> Member:
        """A new buyer and seller with ample money, and of each instrument as much stock as can be declared at once."""
        profile = {"name": name, "country": "DE", "contact": "benchmark", "roles": ["buyer", "seller"]}
        member_id = str((await self._post("/v1/members", profile))["member_id"])
        wanted = {"member_id": member_id, "scopes": ["read", "trade"]}
        member = Member(member_id, str((await self._post("/v1/keys", wanted))["key"]))
        if money_minor:
            await self._top_up(member_id, money_minor)
        for instrument_id in instruments:
            stock = {"instrument_id": instrument_id, "quantity": QUANTITY_MAX}
            for _ in range(declarations):
                await self._post("/v1/stock", stock, member.key)
        return member

    async def _top_up(self, member_id: str, amount_minor: int) -> None:
        self._top_ups += 1
        body = {
            "transfer_id": f"benchmark-{self._top_ups}",
            "member_id": member_id,
            "currency": CURRENCY,
            "amount": decimal_of(amount_minor, MINOR_DIGITS),
        }
        await self._post("/v1/top-ups", body)

    async def read(self, path: str, key: str = "") -> dict[str, Any]:
        """What a GET answers."""
        async with self._session.get(path, headers=self._headers(key)) as response:
            return await _answer_of(path, response)

    async def _post(self, path: str, body: dict[str, Any], key: str = "") -> dict[str, Any]:
        async with self._session.post(path, json=body, headers=self._headers(key)) as response:
            return await _answer_of(path, response)

    def _headers(self, key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key or self._operator_key}"}


async def _answer_of(path: str, response: aiohttp.ClientResponse) -> dict[str, Any]:
    answer: dict[str, Any] = await response.json(content_type=None)
    if response.status >= 400:
        raise MarketRefused(f"{path}: {answer}")
    return answer
