"""What the tests of bad input share: a lot in some state, a frame that is wrong, and whatever must stay as it was."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import aiohttp
from msgspec import msgpack, structs

from exchange.core.kernel import State
from exchange.engine.replica import Replica, replayed
from tests.gateway.house import Holder, House
from tests.gateway.rest.test_lots import with_rules
from tests.gateway.rest.test_sourcing import Market

Stage = Callable[[House], Awaitable[Market]]
Step = Callable[[Market], Awaitable[object]]


class Case(NamedTuple):
    """What the second supplier sends, and the refusal that it reads; a frame without a lot means that of the stage."""

    what: str
    stage: Stage
    sent: dict[str, Any]
    reason: str
    remedy: str
    bound: int = 0
    field: str = ""


def named(case: Case) -> str:
    return case.what


def a_bid(price: int, **more: Any) -> dict[str, Any]:
    """In cents."""
    return {"type": "submit_bid", "price": price, **more}


def live(
    rules: dict[str, Any] | None = None,
    *then: Step,
    bids: tuple[tuple[int, str], ...] = ((0, "85.00"), (1, "86.00")),
    event_rules: dict[str, Any] | None = None,
    **event: Any,
) -> Stage:
    """An open lot from 90.00 in steps of 0.50 and ticks of 0.10: the first supplier leads, the second has bid too."""

    async def stage(house: House) -> Market:
        market = await with_rules(house, rules or {}, rules=event_rules or {}, **event)
        for who, price in bids:
            taken = await market.bid(who, price)
            assert taken.status == 201, taken
        for step in then:
            await step(market)
        return market

    return stage


def posted(path: str, body: Any = None, who: int | None = None, method: str = "POST") -> Step:
    """A request that succeeds, of the buyer or of a supplier."""

    async def step(market: Market) -> None:
        sender = market.buyer if who is None else market.suppliers[who]
        answer = await market.house.call(
            sender, method, path.format(event=market.event, lot=market.lot), body
        )
        assert answer.status < 300, answer

    return step


async def closes(market: Market) -> None:
    await market.pass_until_closed()


class Speaker:
    """A raw connection: frames as they are written, answers as they are read."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ref = 0

    @classmethod
    async def of(cls, house: House, holder: Holder) -> "Speaker":
        """Welcomed under this key."""
        socket = await house.client.ws_connect(f"{house.url}/v1/ws")
        await socket.send_json({"type": "hello", "key": holder.key})
        assert (await socket.receive_json())["type"] == "welcome"
        return cls(socket)

    async def say(self, message: dict[str, Any]) -> Any:
        """The answer to a message, with the next ref unless it has one."""
        self._ref += 1
        await self._socket.send_json({"ref": self._ref, **message})
        return await self._answer()

    async def write(self, text: str) -> Any:
        """The answer to a frame as it is."""
        await self._socket.send_str(text)
        return await self._answer()

    async def _answer(self) -> Any:
        while (heard := await self._socket.receive_json(timeout=30))["type"] not in (
            "ack",
            "rejected",
            "error",
        ):
            pass
        return heard


_OF_SENDERS = {"digest", "sequences", "sessions", "deadlines"}
"""What every command leaves behind, refused or not: its outcome, and how far its sender and the clock have come."""


async def everything(market: Market) -> dict[str, Any]:
    """The whole state, ledger and lots included, and what each viewer reads of the lot and of its bids."""
    house, replica = market.house, Replica()
    async for _ in replayed(house.engine.journal, replica):
        pass
    state = msgpack.decode(replica.kernel.dump(), type=State)
    told: dict[str, Any] = {
        name: value for name, value in structs.asdict(state).items() if name not in _OF_SENDERS
    }
    told["due"] = [(each.kind, each.subject, each.due_us) for each in state.deadlines[1]]
    await house.archive()
    for viewer in (market.buyer, *market.suppliers):
        for path in (f"/v1/lots/{market.lot}", f"/v1/lots/{market.lot}/bids", "/v1/accounts"):
            told[viewer.member_id + path] = (await house.call(viewer, "GET", path)).raw
    return told


_OVER_REST = {
    "submit_bid": "/v1/lots/{}/bids",
    "accept_level": "/v1/lots/{}/acceptances",
    "revoke_bid": "/v1/lots/{}/revocations",
}


async def rest_says(market: Market, sent: dict[str, Any]) -> Any:
    """The problem that the same wish meets over REST; nothing where REST writes it otherwise."""
    body = {name: value for name, value in sent.items() if name not in ("type", "lot_id")}
    if sent["type"] not in _OVER_REST or "lines" in body or "discount_bps" in body:
        return None
    if "price" in body:
        body["price"] = f"{body['price'] // 100}.{body['price'] % 100:02}"
    path = _OVER_REST[sent["type"]].format(sent.get("lot_id", market.lot))
    return (await market.house.call(market.suppliers[1], "POST", path, body)).body


async def holds(house: House, case: Case) -> None:
    """The case's frame is refused as it says, over both doors in the same words, and nothing has changed."""
    market = await case.stage(house)
    speaker = await Speaker.of(house, market.suppliers[1])
    before = await everything(market)

    told = await speaker.say({"lot_id": market.lot, **case.sent})
    problem = await rest_says(market, case.sent)

    assert (told["type"], told["reason"], told["remedy"]) == ("rejected", case.reason, case.remedy)
    assert (told.get("bound", 0), told.get("field", "")) == (case.bound, case.field)
    if problem is not None:
        assert (problem["reason"], problem["remedy"]) == (case.reason, case.remedy)
        assert problem.get("bound", "") in case.remedy and ("bound" in problem) >= (case.bound > 0)
        whole = f"{problem['title']} {case.remedy}" if "bound" in problem else problem["title"]
        assert problem["detail"] == whole
    assert await everything(market) == before
