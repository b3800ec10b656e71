"""Transfers a second: the bare ledger, the kernel, durable through the engine, and a set-based SQL batch beside it.

What is counted are transfers, and here each is a command of its own, a top-up from the bank to a wallet: nothing is
gained by putting many into one. One account, `bank:client`, is in every one of them; `uniform` spreads the other side
over 10,000 wallets, `hot` has one wallet for all. The engine runs in this process on a PostgreSQL of ours that flushes
every commit, without follower and gateway. `settled_per_s` is what a market adds: receipts of contracts with 25
lines, five linked transfers a line.

The peer is one statement a batch on the same server: it inserts the transfers of arrays, and adds their sums to the
accounts. It has no refusals, no idempotent ids, no holds and no order of commands.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

import asyncpg

from benchmarks.market import MarketRefused
from benchmarks.progress import bar
from benchmarks.report import Report
from exchange.app import POSTGRES_SETTINGS
from exchange.core.kernel import Exchange
from exchange.core.ledger.accounts import AccountKind
from exchange.core.ledger.ledger import Ledger
from exchange.core.messages import (
    SYSTEM,
    AnyCommand,
    AnyEvent,
    ConfirmReceipt,
    CreateInstrument,
    DeclareStock,
    PlaceOrder,
    RegisterMember,
    Reply,
    Role,
    Sequenced,
    SetCommission,
    Side,
    TopUp,
)
from exchange.core.rejects import Reject
from exchange.database.embedded import EmbeddedPostgres
from exchange.database.migrate import migrate_to_latest
from exchange.engine.clock import EngineClock
from exchange.engine.collector import collect_seldom, keep_what_is_loaded
from exchange.engine.randomness import Randomness
from exchange.engine.sequencer import Engine, EngineSettings
from exchange.journal.postgres import PostgresJournal

WALLETS: Final = 10_000
SELLERS: Final = 1_000
TRANSFERS: Final = 60_000
"""A round of one kind; about a second."""
ROUNDS: Final = 3
LINES: Final = 25
CONTRACTS: Final = 200
LEGS: Final = 5
"""Transfers of a line that is settled with a fee and a tax."""
INBOX_MAX: Final = 2**20
"""A whole round may wait, so that handing commands in is not a second bound."""
SQL_BATCH, SQL_BATCH_SHORT = 8_192, 1_024
"""The second is as many as the engine commits at once."""
CURRENCY: Final = "USD"
LIMITS: Final = {"durable_per_s": 55_000.0, "hot_over_uniform": 0.9}

_SQL_TABLES: Final = """
create table peer_accounts (id bigint primary key, balance bigint not null default 0);
create table peer_transfers (
    number bigint primary key, debit bigint not null, credit bigint not null, amount bigint not null check (amount > 0)
);
"""
_SQL_BATCH: Final = """
with batch as (
    select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) as b (number, debit, credit, amount)
), posted as (
    insert into peer_transfers select * from batch
)
update peer_accounts set balance = balance + moved.amount
from (
    select id, sum(amount) as amount
    from (select debit as id, amount from batch union all select credit, -amount from batch) as sides
    group by id
) as moved
where peer_accounts.id = moved.id
"""


async def run(*, transfers: int = TRANSFERS, rounds: int = ROUNDS, contracts: int = CONTRACTS) -> Report:
    """All of them in turn, round by round, so that what else the machine does meets all alike."""
    collect_seldom()
    with TemporaryDirectory(prefix="exchange-bench-", ignore_cleanup_errors=True) as folder:
        async with EmbeddedPostgres(Path(folder) / "postgres", POSTGRES_SETTINGS) as postgres:
            await migrate_to_latest(postgres.url)
            async with desk_at(postgres.url) as desk, peer_at(postgres.url) as peer:
                taken = await _rounds(desk, peer, transfers, rounds, contracts)
    figures: dict[str, float] = {name: round(median(values)) for name, values in taken.items()}
    figures["hot_over_uniform"] = round(
        median(h / u for h, u in zip(taken["hot_durable_per_s"], taken["durable_per_s"], strict=True)), 3
    )
    figures["durable_over_sql"] = round(
        median(d / s for d, s in zip(taken["durable_per_s"], taken["sql_per_s"], strict=True)), 3
    )
    return Report(
        "ledger", figures, LIMITS, {"transfers": transfers, "follower_running": False, "rounds": taken}
    )


async def _rounds(
    desk: "Desk", peer: "Peer", transfers: int, rounds: int, contracts: int
) -> dict[str, list[float]]:
    """Transfers a second of every round."""
    taken: dict[str, list[float]] = {}
    with bar("rounds", rounds + 1) as progress:
        for number in range(rounds + 1):
            measured = await _round(desk, peer, transfers, contracts)
            progress.advance(1)
            for name, value in measured.items() if number else ():  # the first warms up
                taken.setdefault(name, []).append(value)
    return taken


async def _round(desk: "Desk", peer: "Peer", transfers: int, contracts: int) -> dict[str, float]:
    return {
        "core_per_s": core(transfers, WALLETS),
        "core_hot_per_s": core(transfers, 1),
        "kernel_per_s": kernel(transfers, WALLETS),
        "durable_per_s": await desk.top_ups(transfers, WALLETS),
        "hot_durable_per_s": await desk.top_ups(transfers, 1),
        "settled_per_s": await desk.settlements(contracts),
        "sql_per_s": await peer.batches(transfers, WALLETS, SQL_BATCH),
        "sql_hot_per_s": await peer.batches(transfers, 1, SQL_BATCH),
        "sql_short_per_s": await peer.batches(transfers, WALLETS, SQL_BATCH_SHORT),
    }


def core(transfers: int, wallets: int) -> float:
    """The ledger alone: `post` with its event."""
    ledger = Ledger()
    bank = ledger.account(AccountKind.BANK, "client", CURRENCY)
    accounts = [ledger.account(AccountKind.WALLET, f"member-{n}", CURRENCY) for n in range(wallets)]
    events: list[AnyEvent] = []
    began = perf_counter()
    for n in range(transfers):
        ledger.post(bank, accounts[n % wallets], 100, "top_up", "", events)
        if len(events) == 1_000:
            events.clear()
    return transfers / (perf_counter() - began)


def kernel(transfers: int, wallets: int) -> float:
    """The kernel: a command with its checks, its reply and its digest."""
    exchange, at_us = Exchange(), 1_767_268_800_000_000
    members = ["operator", *(f"member-{n}" for n in range(wallets))]
    for member_id in members:
        roles = (Role.OPERATOR,) if member_id == "operator" else (Role.BUYER,)
        exchange.execute(Sequenced(at_us, SYSTEM, 0, member_id, "", RegisterMember(roles=roles)))
    commands = [
        Sequenced(at_us, "operator", 0, "", "", _top_up(f"bank-{n}", members[1 + n % wallets]))
        for n in range(transfers)
    ]
    began = perf_counter()
    for sequenced in commands:
        exchange.digest.add(exchange.execute(sequenced))
    return transfers / (perf_counter() - began)


def _top_up(transfer_id: str, member_id: str) -> TopUp:
    return TopUp(transfer_id=transfer_id, member_id=member_id, currency=CURRENCY, amount_minor=10_000)


class Desk:
    """Hands commands to an engine as fast as it takes them, and waits until all are durable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._numbers = count(1)
        self._members: list[str] = []
        self._sellers: list[str] = []
        self._operator = self._instrument = ""

    async def open(self, wallets: int) -> None:
        """Members, an instrument, and a commission with tax."""
        (self._operator,) = await self.do([(SYSTEM, RegisterMember(roles=(Role.OPERATOR,)))])
        joined = RegisterMember(roles=(Role.BUYER, Role.SELLER))
        self._members = await self.do((self._operator, joined) for _ in range(wallets))
        listed = CreateInstrument(symbol="BENCH", currency=CURRENCY, price_scale=2)
        (self._instrument,) = await self.do([(self._operator, listed)])
        await self.do([(self._operator, SetCommission(rate_bps=800, tax_bps=2_100))])
        stock = DeclareStock(instrument_id=self._instrument, quantity=10**6)
        self._sellers = self._members[: min(SELLERS, wallets - 1)]
        await self.do((seller, stock) for seller in self._sellers)
        rich = TopUp(transfer_id="rich", member_id=self._members[-1], currency=CURRENCY, amount_minor=10**12)
        await self.do([(self._operator, rich)])
        keep_what_is_loaded()

    async def top_ups(self, transfers: int, wallets: int) -> float:
        """Durable transfers a second, each a command of its own."""
        commands = [
            (self._operator, _top_up(f"bank-{next(self._numbers)}", self._members[n % wallets]))
            for n in range(transfers)
        ]
        return transfers / await self._timed(commands)

    async def settlements(self, contracts: int) -> float:
        """Durable transfers a second of receipts; making the contracts is not timed."""
        buyer, bought = self._members[-1], []
        for _ in range(contracts):
            sell = PlaceOrder(instrument_id=self._instrument, side=Side.SELL, price=100, quantity=3)
            buy = PlaceOrder(instrument_id=self._instrument, side=Side.BUY, price=100, quantity=3 * LINES)
            sellers = [self._sellers[next(self._numbers) % len(self._sellers)] for _ in range(LINES)]
            bought.append((await self.do([*((seller, sell) for seller in sellers), (buyer, buy)]))[-1])
        receipts = [(buyer, ConfirmReceipt(contract_id=contract_id)) for contract_id in bought]
        return contracts * LINES * LEGS / await self._timed(receipts)

    async def _timed(self, commands: Sequence[tuple[str, AnyCommand]]) -> float:
        began = perf_counter()
        await self.do(commands)
        return perf_counter() - began

    async def do(
        self, commands: Sequence[tuple[str, AnyCommand]] | Iterator[tuple[str, AnyCommand]]
    ) -> list[str]:
        """Ids of what the commands made, once all are on disk. MarketRefused if one is refused."""
        waiting = list(commands)
        heard = Heard(len(waiting))
        for member_id, command in waiting:
            if refused := self._engine.submit(member_id, 0, command, heard):
                raise MarketRefused(str(refused))
        return await heard.done


class Heard:
    """The sink of many commands; they are answered in their order."""

    def __init__(self, expected: int) -> None:
        self.done: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        self._expected = expected
        self._ids: list[str] = []

    def settled(self, reply: Reply) -> None:
        """On disk."""
        if reply.code and not self.done.done():
            self.done.set_exception(MarketRefused(str(reply)))
        self._ids.append(reply.id)
        if len(self._ids) == self._expected:
            self.done.set_result(self._ids)

    def lost(self, reject: Reject) -> None:
        """Unknown."""
        if not self.done.done():
            self.done.set_exception(MarketRefused(str(reject)))


class Peer:
    """Transfers by arrays, a statement and a commit each batch."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection
        self._posted = 0

    async def batches(self, transfers: int, wallets: int, size: int) -> float:
        """Durable transfers a second, so many in a batch."""
        batches = [range(first, min(first + size, transfers)) for first in range(0, transfers, size)]
        began = perf_counter()
        for batch in batches:
            numbers = [self._posted + 1 + n for n in batch]
            credits_ = [1 + n % wallets for n in batch]
            await self._connection.execute(
                _SQL_BATCH, numbers, [0] * len(batch), credits_, [100] * len(batch)
            )
        took_s = perf_counter() - began
        self._posted += transfers
        return transfers / took_s


@asynccontextmanager
async def desk_at(dsn: str, *, wallets: int = WALLETS, throwaway: bool = False) -> AsyncIterator[Desk]:
    """A desk before an engine that runs for as long as the block lasts."""
    journal = PostgresJournal(dsn, throwaway=throwaway)
    clock = EngineClock(_microseconds(time.time_ns), _microseconds(time.monotonic_ns))
    settings = EngineSettings(inbox_max=INBOX_MAX)
    engine = Engine(journal, clock, Randomness(os.urandom), settings)
    await engine.start()
    running = asyncio.create_task(engine.run())
    try:
        desk = Desk(engine)
        await desk.open(wallets)
        yield desk
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await journal.close()


@asynccontextmanager
async def peer_at(dsn: str) -> AsyncIterator[Peer]:
    """The peer on tables of its own."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(_SQL_TABLES)
    await connection.execute("insert into peer_accounts (id) select generate_series(0, $1::int)", WALLETS)
    yield Peer(connection)
    await connection.close()


def _microseconds(nanoseconds: Callable[[], int]) -> Callable[[], int]:
    return lambda: nanoseconds() // 1_000
