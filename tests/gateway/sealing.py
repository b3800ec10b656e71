"""A desk for lot keys beside a house, and sealed lots in it."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from exchange.core.messages import Role
from exchange.outbound.lot_keys import FileLotKeys
from exchange.outbound.unsealing import KeyDesk
from exchange_client.sealing import sealed_bid
from tests.gateway.house import Answer, Holder, House
from tests.gateway.rest.test_sourcing import EVENT, LOT, Market

SEALED = {"format": "sealed_first_price"}


@asynccontextmanager
async def a_desk(
    house: House, folder: Path, source: Callable[[int], bytes] = os.urandom
) -> AsyncIterator[None]:
    """Draws and opens for as long as the block lasts; keys are in the folder."""
    task = asyncio.create_task(KeyDesk(house.engine, FileLotKeys((folder,), source)).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def commit(house: House) -> None:
    """A command of somebody else, and the turn of whoever waits for a commit."""
    await house.instrument()
    await asyncio.sleep(0)


class SealedMarket(Market):
    """A market whose lot takes envelopes."""

    async def read(self, holder: Holder) -> Any:
        return await self.house.get(holder, f"/v1/lots/{self.lot}")

    async def until(self, **sealed: object) -> Any:
        """The lot as its buyer sees it, once its sealed bids are like that."""
        async with asyncio.timeout(10):
            while True:
                lot = await self.read(self.buyer)
                if all(lot["sealed"].get(name) == value for name, value in sealed.items()):
                    return lot
                await commit(self.house)

    async def key(self) -> str:
        """The public key, as soon as it is there."""
        async with asyncio.timeout(10):
            while not (key := (await self.read(self.buyer))["sealed"]["public_key"]):
                await commit(self.house)
        return str(key)

    async def envelope(self, supplier: int, price: int, **named: str) -> str:
        """A bid in cents, sealed as the client does."""
        names = {"lot_id": self.lot, "member_id": self.suppliers[supplier].member_id, **named}
        return sealed_bid(await self.key(), price=price, **names)

    async def hand_in(self, supplier: int, envelope: str) -> Answer:
        body = {"envelope": envelope}
        return await self.house.call(self.suppliers[supplier], "POST", f"/v1/lots/{self.lot}/envelope", body)

    async def seal(self, supplier: int, price: int, **named: str) -> Answer:
        return await self.hand_in(supplier, await self.envelope(supplier, price, **named))


async def a_sealed_market(
    house: House,
    rules: dict[str, Any] | None = None,
    suppliers: int = 2,
    *,
    ceiling: str = "90.00",
    **event: object,
) -> SealedMarket:
    """A published lot with sealed bids, not open yet."""
    buyer = await house.member(Role.BUYER)
    event_id = (await house.call(buyer, "POST", "/v1/events", EVENT | event)).body["event_id"]
    body = LOT | {"rules": SEALED | (rules or {}), "ceiling_price": ceiling}
    made = await house.call(buyer, "POST", f"/v1/events/{event_id}/lots", body)
    assert made.status == 201, made
    invited = [await house.member(Role.SELLER) for _ in range(suppliers)]
    for supplier in invited:
        named = {"member_id": supplier.member_id}
        assert (await house.call(buyer, "POST", f"/v1/events/{event_id}/invitations", named)).status == 200
    assert (await house.call(buyer, "POST", f"/v1/events/{event_id}/publication")).status == 200
    return SealedMarket(house, buyer, invited, event_id, made.body["lot_id"])


async def an_open_sealed_market(
    house: House, rules: dict[str, Any] | None = None, suppliers: int = 2, **draft: Any
) -> SealedMarket:
    """The same once it has its key and takes bids; a desk has to be at work."""
    market = await a_sealed_market(house, rules, suppliers, **draft)
    await market.key()
    await market.pass_until_open()
    return market
