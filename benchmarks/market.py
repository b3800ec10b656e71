"""What has to be there before anything can be measured: members with keys, instruments, money and stock."""

from collections.abc import Sequence
from typing import Any, Final, Self

import aiohttp
from msgspec import Struct

from benchmarks.server import Server
from exchange.core.limits import AMOUNT_MINOR_MAX, QUANTITY_MAX

CURRENCY: Final = "USD"
MINOR_DIGITS: Final = 2
MONEY_MINOR: Final = AMOUNT_MINOR_MAX // 256
"""Ample for one member, and small enough for as many members as the largest sum has room for."""
STOCK: Final = QUANTITY_MAX
DECLARATIONS: Final = 10
"""How often a member declares STOCK of each instrument."""


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

    async def instrument(self, symbol: str, price_scale: int, tick: str | None = None) -> str:
        """The id of a new instrument with as wide a band as there is."""
        body = {"symbol": symbol, "currency": CURRENCY, "price_scale": price_scale}
        made = await self._post("/v1/instruments", body | ({"tick": tick} if tick else {}))
        return str(made["instrument_id"])

    async def member(self, name: str, instruments: Sequence[str]) -> Member:
        """A new buyer and seller with ample money, and ample stock of each instrument."""
        profile = {"name": name, "country": "DE", "contact": "benchmark", "roles": ["buyer", "seller"]}
        member_id = str((await self._post("/v1/members", profile))["member_id"])
        wanted = {"member_id": member_id, "scopes": ["read", "trade"]}
        member = Member(member_id, str((await self._post("/v1/keys", wanted))["key"]))
        await self._top_up(member_id)
        for instrument_id in instruments:
            for _ in range(DECLARATIONS):
                stock = {"instrument_id": instrument_id, "quantity": STOCK}
                await self._post("/v1/stock", stock, member.key)
        return member

    async def _top_up(self, member_id: str) -> None:
        self._top_ups += 1
        whole, cents = divmod(MONEY_MINOR, 10**MINOR_DIGITS)
        body = {
            "transfer_id": f"benchmark-{self._top_ups}",
            "member_id": member_id,
            "currency": CURRENCY,
            "amount": f"{whole}.{cents:0{MINOR_DIGITS}}",
        }
        await self._post("/v1/top-ups", body)

    async def _post(self, path: str, body: dict[str, Any], key: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {key or self._operator_key}"}
        async with self._session.post(path, json=body, headers=headers) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
            if response.status >= 400:
                raise MarketRefused(f"{path}: {answer}")
            return answer
