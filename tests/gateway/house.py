"""A gateway in this process: a real engine on a memory journal, a real database, real HTTP on loopback."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import asyncpg
import msgspec
from multidict import CIMultiDictProxy

from exchange.core.messages import (
    SYSTEM,
    AnyCommand,
    CreateInstrument,
    DeclareStock,
    RegisterMember,
    Reply,
    Role,
    TopUp,
)
from exchange.engine.randomness import Randomness
from exchange.engine.sequencer import Engine
from exchange.follower.archive import Archive
from exchange.follower.follower import Follower
from exchange.gateway.auth import Keys, Scope
from exchange.gateway.server import Gateway
from exchange.gateway.stored.records import Records
from exchange.journal.base import JournalUnavailable
from exchange.journal.memory import MemoryJournal, MemoryStore, Step
from tests.engine.venue import HandClock, an_engine, ask, running

ALL_SCOPES = frozenset(Scope)
NOBODY = ""
"""Stands for a request without a key."""
EMPTY_ALL = """
do $$ declare each regclass; begin
    for each in select oid from pg_class
        where relkind = 'r' and relnamespace = current_schema()::regnamespace
        and relname <> 'schema_migrations' and relname not like 'journal%'
    loop execute 'delete from ' || each; end loop;
end $$
"""
"""Empties every table that follows a journal. To truncate them takes ten times as long."""


@dataclass(frozen=True)
class GatewaySettings:
    """What `Gateway` asks of the settings."""

    host: str = "127.0.0.1"
    port: int = 0
    tls_cert: Path | None = None
    tls_key: Path | None = None
    origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    webhooks_to_loopback: bool = False


@dataclass(frozen=True)
class Holder:
    """A member and a key of its."""

    member_id: str
    key: str


@dataclass(frozen=True)
class Answer:
    """An HTTP response, whole."""

    status: int
    headers: CIMultiDictProxy[str]
    raw: bytes

    @property
    def body(self) -> Any:
        return msgspec.json.decode(self.raw)


class Disk:
    """Where the journal's faults come from: tests break it, or hold it up."""

    def __init__(self) -> None:
        self.broken = False
        self.moving = asyncio.Event()
        self.moving.set()

    async def __call__(self, step: Step) -> None:
        if step in {"append", "open"}:
            await self.moving.wait()
            if self.broken:
                raise JournalUnavailable("the disk is full")


class House:
    """Everything that a test of the gateway needs at hand."""

    def __init__(
        self,
        engine: Engine,
        disk: Disk,
        clock: HandClock,
        records: Records,
        keys: Keys,
        follower: Follower,
        gateway: Gateway,
        url: str,
        client: aiohttp.ClientSession,
    ) -> None:
        self.engine = engine
        self.disk = disk
        self.clock = clock
        self.records = records
        self.keys = keys
        self.follower = follower
        self.gateway = gateway
        self.url = url
        self.client = client

    async def do(self, member_id: str, command: AnyCommand) -> Reply:
        """A command that must take effect, past the gateway."""
        reply = await ask(self.engine, member_id, command)
        assert isinstance(reply, Reply) and reply.code == 0, reply
        return reply

    async def member(self, *roles: Role, scopes: frozenset[Scope] = ALL_SCOPES) -> Holder:
        """A new member with a key."""
        reply = await self.do(SYSTEM, RegisterMember(roles=roles or tuple(Role)))
        return await self.key_for(reply.id, scopes)

    async def key_for(self, member_id: str, scopes: frozenset[Scope] = ALL_SCOPES) -> Holder:
        made = await self.keys.create(member_id, scopes, "test", self.engine.now_us())
        assert isinstance(made, tuple)
        return Holder(member_id, made[0])

    async def instrument(self, **fields: Any) -> str:
        """An instrument in dollars with prices of two decimals: NE555P, NE555P-1, NE555P-2 and so on."""
        operator = await self.do(SYSTEM, RegisterMember(roles=(Role.OPERATOR,)))
        listed = len(self.engine.views.instruments)
        symbol = f"NE555P-{listed}" if listed else "NE555P"
        described: dict[str, Any] = {"symbol": symbol, "currency": "USD", "price_scale": 2, **fields}
        return (await self.do(operator.id, CreateInstrument(**described))).id

    async def top_up(self, holder: Holder, amount_minor: int) -> None:
        """Dollars in the wallet, once a member."""
        operator = await self.do(SYSTEM, RegisterMember(roles=(Role.OPERATOR,)))
        command = TopUp(
            transfer_id=f"bank-{holder.member_id}",
            member_id=holder.member_id,
            currency="USD",
            amount_minor=amount_minor,
        )
        await self.do(operator.id, command)

    async def buyer(self, amount_minor: int = 1_000_000) -> Holder:
        """A member with money."""
        buyer = await self.member(Role.BUYER)
        await self.top_up(buyer, amount_minor)
        return buyer

    async def seller(self, instrument_id: str, quantity: int = 1_000) -> Holder:
        """A member with stock."""
        seller = await self.member(Role.SELLER)
        await self.do(seller.member_id, DeclareStock(instrument_id=instrument_id, quantity=quantity))
        return seller

    async def archive(self) -> None:
        """Let the history tables catch up with the journal."""
        while await self.follower.catch_up():
            pass

    async def call(
        self,
        holder: Holder | None,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request; `body` is sent as JSON, `raw` as it is."""
        sent = dict(headers or {})
        if holder is not None:
            sent.setdefault("Authorization", f"Bearer {holder.key}")
        if body is not None:
            raw = msgspec.json.encode(body)
        if raw is not None:
            sent.setdefault("Content-Type", "application/json")
        request = self.client.request(method, self.url + path, data=raw, headers=sent, allow_redirects=False)
        async with request as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, holder: Holder | None, path: str) -> Any:
        """The body of a GET that must succeed."""
        answer = await self.call(holder, "GET", path)
        assert answer.status == 200, answer
        return answer.body


@asynccontextmanager
async def a_house(database_url: str, settings: GatewaySettings | None = None) -> AsyncIterator[House]:
    """Open for as long as the block lasts, on a new journal and thus on empty tables."""
    store, disk, clock = MemoryStore(), Disk(), HandClock()
    engine = an_engine(MemoryJournal(store, disk), clock)
    connection = await asyncpg.connect(database_url)
    await connection.execute(EMPTY_ALL)
    try:
        async with (
            Records(database_url) as records,
            running(engine),
            aiohttp.ClientSession() as client,
        ):
            randomness = Randomness(Random(7).randbytes)
            keys = Keys(records, randomness)
            follower = Follower(MemoryJournal(store), Archive(connection))
            await follower.open()
            gateway = Gateway(engine, keys, records, randomness, settings or GatewaySettings())
            url = await gateway.listen()
            gateway.open()
            try:
                yield House(engine, disk, clock, records, keys, follower, gateway, url, client)
            finally:
                await gateway.close()
    finally:
        await connection.close()
