"""REST calls of the demo: pages are read to their end, refusals are told or counted."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from exchange.demo.office import Office
from exchange.demo.server import DemoFailed
from exchange.demo.tally import Tally

PAGES = {"": ([1, 2], "b"), "b": ([3], "c"), "c": ([], "")}


async def listed(request: web.Request) -> web.Response:
    """Three pages for whoever has the key."""
    assert request.headers["Authorization"] == "Bearer k"
    lines, following = PAGES[request.query.get("cursor", "")]
    return web.json_response({"lines": lines, "next": following})


async def refused(_: web.Request) -> web.Response:
    return web.json_response({"reason": "MONEY_SHORT"}, status=409)


@pytest.fixture
def tally() -> Tally:
    return Tally()


@pytest.fixture
async def office(tally: Tally) -> AsyncIterator[Office]:
    app = web.Application()
    app.add_routes([web.get("/lines", listed), web.post("/refused", refused)])
    async with TestServer(app) as server, aiohttp.ClientSession(server.make_url("/")) as http:
        yield Office(http, "another", tally).of("k")


async def test_a_list_is_read_to_its_last_page(office: Office) -> None:
    assert [line async for line in office.all("/lines", "lines")] == [1, 2, 3]


async def test_what_may_come_too_late_is_counted_when_refused(office: Office, tally: Tally) -> None:
    assert await office.attempt("/refused", {}) is None
    assert tally.refused == {"MONEY_SHORT": 1}


async def test_any_other_refusal_ends_the_demo_with_its_reason(office: Office) -> None:
    with pytest.raises(DemoFailed, match="MONEY_SHORT"):
        await office.do("POST", "/refused", {})


async def test_an_exchange_that_is_gone_is_told_in_a_sentence() -> None:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{unused_port()}") as http:
        with pytest.raises(DemoFailed, match="GET /lines got no answer"):
            await Office(http, "k", Tally()).get("/lines")
