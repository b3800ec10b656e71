"""The examples run, against the exchange itself; the README shows one of them."""

import asyncio
import re
from decimal import Decimal
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

import exchange_client
from exchange.core.messages import Role
from exchange_client import Client, Room
from tests.client.test_against_exchange import an_open_lot
from tests.gateway.house import House

PACKAGE = Path(__file__).parents[2] / "clients" / "python"
README = (PACKAGE / "README.md").read_text(encoding="utf-8")


def an_example(name: str) -> ModuleType:
    """A program of the examples, loaded but not run."""
    spec = spec_from_file_location(name, PACKAGE / "examples" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_the_quick_start_places_an_order_and_takes_it_back(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    await house.instrument()
    buyer = await house.buyer()

    await an_example("quick_start").main(house.url, buyer.key, "NE555P")

    assert "0 bought, 100 wait as " in capsys.readouterr().out
    assert not house.engine.views.market.orders.get(buyer.member_id)


async def test_the_quick_start_says_why_it_was_refused(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    await house.instrument()
    poor = await house.member(Role.BUYER)

    await an_example("quick_start").main(house.url, poor.key, "NE555P")

    assert "MONEY_SHORT Top up" in capsys.readouterr().out


async def test_the_market_is_followed(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    instrument = await house.instrument()
    buyer, seller = await house.buyer(), await house.seller(instrument)
    async with (
        Client(house.url, key=buyer.key) as buys,
        Client(house.url, key=seller.key) as sells,
    ):
        await sells.sell(instrument, price=Decimal("0.30"), quantity=10)
        await buys.buy(instrument, price=Decimal("0.30"), quantity=4)
        main = an_example("follow_market").main(house.url, buyer.key, "NE555P")
        following = asyncio.create_task(main)
        await _printed(capsys, buys, instrument, {"5 at 0.25 | 6 at 0.30", "trade 1: 4 at 0.30"})
        following.cancel()
        await asyncio.wait([following])


async def _printed(
    capsys: pytest.CaptureFixture[str], buys: Client, instrument: str, lines: set[str]
) -> None:
    """Keep the book moving until all the lines were printed."""
    printed: set[str] = set()
    async with asyncio.timeout(30):
        while not lines <= printed:
            placed = await buys.buy(instrument, price=Decimal("0.25"), quantity=5)
            await buys.cancel_order(placed.order_id)
            printed |= set(capsys.readouterr().out.splitlines())


async def test_a_bidder_takes_the_lead_and_keeps_its_limit(house: House) -> None:
    buyer, bidder, rival = [await house.member(role) for role in (Role.BUYER, Role.SELLER, Role.SELLER)]
    async with (
        Client(house.url, key=buyer.key) as buys,
        Client(house.url, key=rival.key) as rivals,
    ):
        lot = await an_open_lot(house, buys, bidder, rival)
        async with rivals.lot(lot.id) as room:
            await room.bid(Decimal("0.95"))
            main = an_example("bid_in_lot").main(house.url, bidder.key, lot.id, Decimal("0.80"))
            bidding = asyncio.create_task(main)
            await _lead_at(room, Decimal("0.90"))
            await room.bid(Decimal("0.85"))
            await _lead_at(room, Decimal("0.80"))
            await room.bid(Decimal("0.75"))
            await buys.cancel_event(room.state.event_id, "enough")

            assert (await bidding).own_price == Decimal("0.80")


async def _lead_at(room: Room, price: Decimal) -> None:
    async with asyncio.timeout(30):
        while room.state.lead_price != price:
            await room.next()


def test_the_readme_shows_the_quick_start() -> None:
    shown = re.findall(r"```python\n(import.*?)```", README, re.DOTALL)
    program = (PACKAGE / "examples" / "quick_start.py").read_text(encoding="utf-8")

    assert len(shown) == 1
    assert program.endswith(f'"""\n\n{shown[0]}'), "all of it, so that it runs as it is typed"


def test_the_readme_names_every_command_call() -> None:
    calls = [name for name in vars(exchange_client.calls.Calls) if not name.startswith("_")]

    assert [
        name for name in calls if name not in {"send", "instrument", "lot_scale"} and name not in README
    ] == []
