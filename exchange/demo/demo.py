"""Build the market, let it live, wind it up, tell what happens, and at the end account for it."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

import aiohttp
from msgspec import Struct

from exchange.accounting.period import DAY
from exchange.demo.auction import Sourcing
from exchange.demo.build import BUYERS, SELLERS, SUPPLIERS, Market, Member, build
from exchange.demo.hub import Hub
from exchange.demo.office import Office
from exchange.demo.report import read_report
from exchange.demo.screen import REFRESH_PER_S, Screen
from exchange.demo.server import DemoFailed, an_exchange
from exchange.demo.statement import Statement, read_statement
from exchange.demo.summary import Summary, summarize
from exchange.demo.tally import Tally
from exchange.demo.traders import Trader
from exchange.demo.treasury import Treasury
from exchange_client import Client, ExchangeError, Resynced, Side

PARTS_PER_TRADER: Final = 24
BUSY_PARTS: Final = 60
"""Most of the trade is in these."""
SEED: Final = 1_991
FOLLOWED_MAX: Final = 250
"""Channels that one connection may follow; the demo lists somewhat more parts, so its live count is low."""
WIND_UP_S_MAX: Final = 120.0
"""What is not finished by then is left as it is, and the summary shows it."""
LAST_LOT_S_MAX: Final = 20.0
"""For the last reverse lot, after all else."""
LOOK_EVERY_S: Final = 0.5

Say = Callable[[str], None]


class Show(Struct):
    """How a demo is shown and how long: `stopping` ends its trade, `closed` everything."""

    seconds: float
    say: Say
    screen: Screen | None
    tally: Tally
    stopping: asyncio.Event
    closed: asyncio.Event

    def interrupt(self) -> None:
        """The first time no more is traded; the second time nothing is waited for."""
        (self.closed if self.stopping.is_set() else self.stopping).set()


async def run_demo(
    seconds: float, data: Path | None, port: int, say: Say, screen: Screen | None = None
) -> Summary:
    """A market for so many seconds, or with 0 until it is interrupted; in `data`, or in a folder of its own.

    While it lives it is shown on the screen, or without one told in a line a second. Then what is open is finished:
    goods inspected and accepted, claims decided, sellers paid; a second interrupt leaves that out.

    DemoFailed if its exchange doesn't start, or leaves a member without an answer; it may be in a group.
    """
    show = Show(seconds, say, screen, Tally(), asyncio.Event(), asyncio.Event())
    try:
        return await _run(show, data, port)
    except* ExchangeError as failures:
        first: BaseException = failures
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise DemoFailed(f"A member of the demo got no answer: {first} Run it again.") from failures


async def _run(show: Show, data: Path | None, port: int) -> Summary:
    with TemporaryDirectory(prefix="exchange-demo-") as folder:
        place = data or Path(folder)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, show.interrupt)
        show.say(f"starting an exchange in {place} …")
        began, day = asyncio.get_running_loop().time(), datetime.now(UTC).date()
        async with an_exchange(place, port) as (url, operator_key), aiohttp.ClientSession(url) as http:
            show.say(f"it listens on {url}: /docs describes it, /metrics measures it")
            office = Office(http, operator_key, show.tally)
            async with Client(url, key=operator_key) as operator:
                market = await build(office, operator)
            _show_around(url, operator_key, market, show.say)
            sourcing = await _live(url, office, market, show)
            buyer = office.of(market.sourcer.key)
            report = await read_report(buyer, sourcing.awarded, sourcing.compared)
            statement = await _statement(office, market, show.tally, day)
            show.say("stopping: the follower archives the last commands …")
        show.say("verifying the journal, and the books that an auditor would read …")
        took_s = asyncio.get_running_loop().time() - began
        return await summarize(place, show.tally, took_s, day, statement, report)


def _show_around(url: str, operator_key: str, market: Market, say: Say) -> None:
    say(
        f"{len(market.listed)} parts listed, {SELLERS} sellers, {BUYERS} buyers and {SUPPLIERS} suppliers admitted"
    )
    instrument_id, key = next(iter(market.listed)), market.buyers[0].key
    say(f"operator key  {operator_key}")
    say(f"a buyer's key {key}")
    say(f"try: curl -H 'Authorization: Bearer {key}' {url}/v1/instruments/{instrument_id}/book")


async def _live(url: str, office: Office, market: Market, show: Show) -> Sourcing:
    """Everybody at work until the trade is over and what it left is finished; tells what was sourced."""
    random, tally = Random(SEED), show.tally  # noqa: S311  # a show, not a secret
    async with AsyncExitStack() as stack:

        async def connect(member: Member) -> Client:
            return await stack.enter_async_context(Client(url, key=member.key))

        desks = []
        for members, side in ((market.sellers, Side.SELL), (market.buyers, Side.BUY)):
            for member in members:
                names = random.sample(list(market.listed)[:BUSY_PARTS], PARTS_PER_TRADER)
                listed = {name: market.listed[name] for name in names}
                own = Random(random.random())  # noqa: S311
                desks.append(Trader(await connect(member), office.of(member.key), side, listed, own, tally))
        suppliers = {member.member_id: await connect(member) for member in market.suppliers}
        sourcer = await connect(market.sourcer)
        hub = Hub(office.of(market.inspector.key), random, tally)
        treasury = Treasury(office, [each.member_id for each in market.sellers], random, tally)
        async with asyncio.TaskGroup() as tasks:
            for desk in desks:
                tasks.create_task(desk.run(show.stopping, show.closed))
            sourcing = Sourcing(sourcer, suppliers, random, tally)
            lots = tasks.create_task(sourcing.run(show.stopping))
            watching = tasks.create_task(_count_trades(sourcer, market, tally))
            tasks.create_task(hub.run(show.closed))
            paying = tasks.create_task(treasury.run(show.stopping))
            tasks.create_task(_tell(show))
            await show.stopping.wait()
            await paying
            await _wind_up(desks, treasury, show)
            if not show.closed.is_set():
                await asyncio.wait({lots}, timeout=LAST_LOT_S_MAX)
            lots.cancel()
            show.closed.set()
            watching.cancel()
        return sourcing


async def _wind_up(desks: list[Trader], treasury: Treasury, show: Show) -> None:
    """Until every deal is paid or void, every claim decided and every seller paid; bounded."""
    show.tally.closing = True
    show.say("no more trade: what is open is delivered, inspected, accepted and paid …")
    loop = asyncio.get_running_loop()
    until = loop.time() + WIND_UP_S_MAX
    while loop.time() < until and not show.closed.is_set():
        claims = await treasury.decide_claims()
        if not claims and not any(desk.left for desk in desks):
            await asyncio.gather(*(desk.catch_up() for desk in desks))
            if not any(desk.left for desk in desks):
                break
        await asyncio.sleep(LOOK_EVERY_S)
    await treasury.decide_claims()
    await treasury.close()


async def _statement(office: Office, market: Market, tally: Tally, day: date) -> Statement:
    """Of the seller who had most goods fail: there is most to see."""
    seller = max(market.sellers, key=lambda each: tally.failed_of[each.member_id])
    end = datetime.now(UTC).date() + DAY
    return await read_statement(office.of(seller.key), seller.name, day, end)


async def _count_trades(client: Client, market: Market, tally: Tally) -> None:
    """Follow the public trades of every part."""

    async def count(instrument_id: str) -> None:
        async for trade in client.trades(instrument_id):
            if not isinstance(trade, Resynced):
                tally.trade(market.listed[instrument_id].part_number, trade.price, trade.quantity)

    async with asyncio.TaskGroup() as tasks:
        for instrument_id in list(market.listed)[:FOLLOWED_MAX]:
            tasks.create_task(count(instrument_id))


async def _tell(show: Show) -> None:
    """Until everything is finished; the trade ends when its time is over or somebody interrupts."""
    loop = asyncio.get_running_loop()
    began, screen, tally = loop.time(), show.screen, show.tally
    with screen or nullcontext():
        while not show.closed.is_set():
            await asyncio.sleep(1 / REFRESH_PER_S if screen else 1)
            passed_s = loop.time() - began
            if 0 < show.seconds <= passed_s:
                show.stopping.set()
            if screen:
                screen.show(tally, passed_s, show.seconds)
            else:
                show.say(_line(tally, passed_s))


def _line(tally: Tally, passed_s: float) -> str:
    return (
        f"{passed_s:5.0f} s  {tally.orders_acked:6,} orders  {tally.trades:5,} trades  "
        f"{tally.receipts:5,} receipts  {tally.passed:4,} passed {tally.in_part:3,} in part {tally.failed:3,} failed  "
        f"{tally.accepted:4,} accepted  {tally.payouts:3,} payouts  {tally.bids_acked:4,} bids   {tally.lot_line}"
    )
