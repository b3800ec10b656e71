"""Build the market, let it live, tell what happens, and at the end account for it."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, nullcontext
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

import aiohttp
from msgspec import Struct

from exchange.demo.auction import Sourcing
from exchange.demo.parts import LOT_MULTIPLE, PRICE_SCALE, Part, load_parts
from exchange.demo.screen import REFRESH_PER_S, Screen
from exchange.demo.server import DemoFailed, Office, an_exchange
from exchange.demo.summary import Summary, summarize
from exchange.demo.tally import Tally
from exchange.demo.traders import Trader
from exchange_client import Client, ExchangeError, Resynced, Side

SELLERS: Final = 10
BUYERS: Final = 16
SUPPLIERS: Final = 6
PARTS_PER_TRADER: Final = 24
BUSY_PARTS: Final = 60
"""Most of the trade is in these."""
MONEY: Final = Decimal(5_000_000)
SEED: Final = 1_991
UNDER_WAY_MAX: Final = 64
FOLLOWED_MAX: Final = 250
"""Channels that one connection may follow; the demo lists somewhat more parts, so its live count is low."""

Say = Callable[[str], None]


class Market(Struct):
    """Who takes part, and what is traded; prices by instrument id."""

    listed: dict[str, Part]
    sellers: list[str]
    buyers: list[str]
    suppliers: dict[str, str]
    sourcer: str


async def run_demo(
    seconds: float, data: Path | None, port: int, say: Say, screen: Screen | None = None
) -> Summary:
    """The demo for so many seconds, or with 0 until it is interrupted; in `data`, or in a folder of its own.

    While it lives it is shown on the screen, or without one told in a line a second.

    DemoFailed if its exchange doesn't start, or leaves a member without an answer; it may be in a group.
    """
    try:
        return await _run(seconds, data, port, say, screen)
    except* ExchangeError as failures:
        first: BaseException = failures
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise DemoFailed(f"A member of the demo got no answer: {first} Run it again.") from failures


async def _run(seconds: float, data: Path | None, port: int, say: Say, screen: Screen | None) -> Summary:
    with TemporaryDirectory(prefix="exchange-demo-") as folder:
        place = data or Path(folder)
        tally, stopping = Tally(), asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        say(f"starting an exchange in {place} …")
        began, day = asyncio.get_running_loop().time(), datetime.now(UTC).date()
        async with an_exchange(place, port) as (url, operator_key):
            say(f"it listens on {url}  (metrics {url}/metrics, API {url}/openapi.json)")
            market = await _build(url, operator_key, say)
            _show_around(url, operator_key, market, say)
            await _live(url, market, tally, stopping, _tell(tally, stopping, seconds, say, screen))
            say("stopping: the follower archives the last commands …")
        say("verifying the journal, and the books that an auditor would read …")
        return await summarize(place, tally, asyncio.get_running_loop().time() - began, day)


async def _build(url: str, operator_key: str, say: Say) -> Market:
    """Members, money and instruments, by the operator."""
    headers = {"Authorization": f"Bearer {operator_key}"}
    async with aiohttp.ClientSession(url, headers=headers) as http:
        office = Office(http)
        sellers = [await office.admit(f"Seller {n + 1}", "seller") for n in range(SELLERS)]
        buyers = [await office.admit(f"Buyer {n + 1}", "buyer") for n in range(BUYERS)]
        suppliers = [await office.admit(f"Supplier {n + 1}", "seller") for n in range(SUPPLIERS)]
        sourcer = await office.admit("Purchasing", "buyer")
    parts = load_parts()
    async with Client(_socket(url), key=operator_key) as operator:
        for number, (member_id, _) in enumerate(buyers):
            await operator.top_up(member_id, MONEY, currency="USD", transfer_id=f"demo-{number}")
        made = []
        for start in range(0, len(parts), UNDER_WAY_MAX):
            made += await asyncio.gather(
                *(_list(operator, part) for part in parts[start : start + UNDER_WAY_MAX])
            )
    say(f"{len(made)} parts listed, {SELLERS} sellers, {BUYERS} buyers and {SUPPLIERS} suppliers admitted")
    return Market(
        dict(zip(made, parts, strict=True)),
        [key for _, key in sellers],
        [key for _, key in buyers],
        dict(suppliers),
        sourcer[1],
    )


async def _list(operator: Client, part: Part) -> str:
    made = await operator.create_instrument(
        part.part_number, currency="USD", price_scale=PRICE_SCALE, lot_multiple=LOT_MULTIPLE
    )
    return made.id


def _show_around(url: str, operator_key: str, market: Market, say: Say) -> None:
    instrument_id = next(iter(market.listed))
    say(f"operator key  {operator_key}")
    say(f"a buyer's key {market.buyers[0]}")
    say(f"try: curl -H 'Authorization: Bearer {market.buyers[0]}' {url}/v1/instruments/{instrument_id}/book")


async def _live(
    url: str, market: Market, tally: Tally, stopping: asyncio.Event, telling: Coroutine[Any, Any, None]
) -> None:
    """Everybody at work for as long as it is told."""
    random = Random(SEED)  # noqa: S311  # a show, not a secret
    async with AsyncExitStack() as stack:
        desks = []
        for keys, side in ((market.sellers, Side.SELL), (market.buyers, Side.BUY)):
            for key in keys:
                client = await stack.enter_async_context(Client(_socket(url), key=key))
                names = random.sample(list(market.listed)[:BUSY_PARTS], PARTS_PER_TRADER)
                listed = {name: market.listed[name] for name in names}
                desks.append(Trader(client, side, listed, Random(random.random()), tally))  # noqa: S311
        suppliers = {
            member_id: await stack.enter_async_context(Client(_socket(url), key=key))
            for member_id, key in market.suppliers.items()
        }
        sourcer = await stack.enter_async_context(Client(_socket(url), key=market.sourcer))
        sourcing = Sourcing(sourcer, suppliers, random, tally)
        async with asyncio.TaskGroup() as tasks:
            for desk in desks:
                tasks.create_task(desk.run(stopping))
            lots = tasks.create_task(sourcing.run(stopping))
            watching = tasks.create_task(_count_trades(sourcer, market, tally))
            await telling
            lots.cancel()
            watching.cancel()


async def _count_trades(client: Client, market: Market, tally: Tally) -> None:
    """Follow the public trades of every part."""

    async def count(instrument_id: str) -> None:
        async for trade in client.trades(instrument_id):
            if not isinstance(trade, Resynced):
                tally.trade(market.listed[instrument_id].part_number, trade.price, trade.quantity)

    async with asyncio.TaskGroup() as tasks:
        for instrument_id in list(market.listed)[:FOLLOWED_MAX]:
            tasks.create_task(count(instrument_id))


async def _tell(
    tally: Tally, stopping: asyncio.Event, seconds: float, say: Say, screen: Screen | None
) -> None:
    """Until the time is over or somebody interrupts."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    with screen or nullcontext():
        while not stopping.is_set() and not 0 < seconds <= loop.time() - began:
            await asyncio.sleep(1 / REFRESH_PER_S if screen else 1)
            if screen:
                screen.show(tally, loop.time() - began, seconds)
            else:
                say(_line(tally, loop.time() - began))
    stopping.set()


def _line(tally: Tally, passed_s: float) -> str:
    return (
        f"{passed_s:5.0f} s  {tally.orders_acked:6,} orders  {tally.trades:5,} trades  "
        f"{tally.receipts:5,} receipts  {tally.bids_acked:4,} bids   {tally.lot_line}"
    )


def _socket(url: str) -> str:
    return f"{url.replace('http', 'ws', 1)}/v1/ws"
