"""REST calls: each asks a route as the route takes it, and there is one for whatever is no command."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, Final

import msgspec
import pytest

from exchange.core.messages import Role
from exchange.gateway.rest.table import ROUTES
from exchange.gateway.routes import AnyRoute
from exchange_client import Invalid, Refused, Rejected, Rest, Unreachable
from tests.gateway.house import Holder, House
from tests.gateway.rest.test_event_report import an_eventful_lot, award
from tests.gateway.rest.test_webhooks import URL

NOT_FOR_CLIENTS: Final = {
    "/asyncapi.json", "/docs", "/docs/page.css", "/docs/page.js", "/healthz", "/metrics", "/openapi.json",
    "/problems/{name}", "/readyz",
}  # fmt: skip
"""Pages for people, and what a monitoring system reads."""


class Desk(Rest):
    """Asks nobody: holds every call against its route, and answers with what the route would have, empty."""

    def __init__(self) -> None:
        super().__init__("http://desk", key="qm_x")
        self.asked: list[AnyRoute] = []

    async def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, object],
        raw: bytes | None = None,
        media: str = "",
        headers: Mapping[str, str] | None = None,
        patience_s: float = 0,
    ) -> bytes:
        (route,) = [each for each in ROUTES if each.method == method and leads(each, path)]
        given = {name: value for name, value in query.items() if value not in (None, "")}
        msgspec.convert(given, route.query, strict=False)
        if media == "application/json":
            msgspec.json.decode(raw or b"{}", type=route.body)
        else:
            assert not media or media in route.takes
        self.asked.append(route)
        names = msgspec.structs.fields(route.response) if hasattr(route.response, "__struct_fields__") else ()
        return msgspec.json.encode({each.encode_name: "" if each.name == "next" else [] for each in names})


def leads(route: AnyRoute, path: str) -> bool:
    """Whether the path is one of this route; words of the route go before its ids."""
    words = re.sub(r"\{\w+\}", "[A-Z0-9]+", route.path)
    return re.fullmatch(words, path) is not None


CALLS: Final[list[Callable[[Rest], Awaitable[Any] | AsyncIterator[Any]]]] = [
    lambda rest: rest.events(),
    lambda rest: rest.event("E1"),
    lambda rest: rest.lot("L1"),
    lambda rest: rest.bids("L1"),
    lambda rest: rest.bid_receipt("L1", 2),
    lambda rest: rest.envelope_receipt("L1", 1),
    lambda rest: rest.lot_result("L1"),
    lambda rest: rest.standstill("L1"),
    lambda rest: rest.event_sales("E1"),
    lambda rest: rest.lot_sale("L1"),
    lambda rest: rest.seller_score("L1"),
    lambda rest: rest.monitor("E1", bids_max=5),
    lambda rest: rest.report("E1"),
    lambda rest: rest.report_file("E1"),
    lambda rest: rest.calendar("E1"),
    lambda rest: rest.release("E1"),
    lambda rest: rest.load_lots("E1", b"title", dry_run=True, batch="b"),
    lambda rest: rest.find_suppliers(categories=["cables"], regions=["NL"], limit=5),
    lambda rest: rest.supplier_profile(),
    lambda rest: rest.set_supplier_profile({"name": "N", "regions": ["NL"]}),
    lambda rest: rest.remove_supplier_profile(),
    lambda rest: rest.invitations(),
    lambda rest: rest.terms("E1"),
    lambda rest: rest.set_terms("E1", "Net 30."),
    lambda rest: rest.publish_addendum("E1", "Net 40.", [{"name": "drawing", "sha256": "a" * 64}]),
    lambda rest: rest.questionnaire("E1"),
    lambda rest: rest.set_questionnaire("E1", [{"kind": "yes_no", "text": "ISO 9001?"}]),
    lambda rest: rest.answer_questionnaire("E1", [{"place": 1, "yes_no": True}]),
    lambda rest: rest.participants("E1"),
    lambda rest: rest.decide_qualification("E1", "M1", approve=False, reason="No answer."),
    lambda rest: rest.inquiries("E1"),
    lambda rest: rest.inquire("E1", "Which colour?"),
    lambda rest: rest.answer_inquiry("Q1", "Any."),
    lambda rest: rest.time(),
    lambda rest: rest.members(),
    lambda rest: rest.member("M1"),
    lambda rest: rest.add_member("N", country="NL", contact="c", roles=["seller"], owner="o"),
    lambda rest: rest.keys("M1"),
    lambda rest: rest.add_key("M1", label="desk"),
    lambda rest: rest.revoke_key("K1"),
    lambda rest: rest.webhooks(),
    lambda rest: rest.add_webhook(URL, ["lot.closed"]),
    lambda rest: rest.remove_webhook("W1"),
    lambda rest: rest.enable_webhook("W1"),
    lambda rest: rest.renew_webhook_secret("W1"),
    lambda rest: rest.test_webhook("W1"),
    lambda rest: rest.webhook_messages("W1", state="waiting"),
    lambda rest: rest.redeliver("W1", since="2026-01-01T00:00:00Z"),
    lambda rest: rest.instruments("lm358", manufacturer="TI"),
    lambda rest: rest.instrument_card("I1"),
    lambda rest: rest.book_now("I1", depth=5),
    lambda rest: rest.phase_now("I1"),
    lambda rest: rest.market_trades("I1"),
    lambda rest: rest.orders(state="closed", instrument_id="I1"),
    lambda rest: rest.order("O1"),
    lambda rest: rest.own_trades(instrument_id="I1"),
    lambda rest: rest.stock(),
    lambda rest: rest.adverts("I1"),
    lambda rest: rest.load_instruments(b"symbol", dry_run=True),
    lambda rest: rest.load_stock(b"symbol", batch="b"),
    lambda rest: rest.load("L1"),
    lambda rest: rest.contracts(),
    lambda rest: rest.contract("C1"),
    lambda rest: rest.contract_steps("C1"),
    lambda rest: rest.settlement_note("C1", 1, member_id="M1"),
    lambda rest: rest.settlement_note_file("C1", 1),
    lambda rest: rest.deals(state="shipped"),
    lambda rest: rest.consignments(),
    lambda rest: rest.shipments(),
    lambda rest: rest.hub(at="2026-01-01T00:00:00Z"),
    lambda rest: rest.hub_lots(),
    lambda rest: rest.hub_ready(),
    lambda rest: rest.claims(),
    lambda rest: rest.resolved_claims(),
    lambda rest: rest.feedback(),
    lambda rest: rest.own_feedback(),
    lambda rest: rest.feedback_on("M1"),
    lambda rest: rest.give_feedback("C1", as_described=5, delivery=4, communication=3, text="Fine."),
    lambda rest: rest.accounts(member_id="M1"),
    lambda rest: rest.postings(unit="USD", since="2026-01-01T00:00:00Z"),
    lambda rest: rest.statement(month="2026-01"),
    lambda rest: rest.statement_file("text/csv", first="2026-01-01", end="2026-02-01"),
    lambda rest: rest.invoices(),
    lambda rest: rest.invoice(1),
    lambda rest: rest.invoice_file(1),
    lambda rest: rest.commission(),
    lambda rest: rest.schedules(),
    lambda rest: rest.withdrawals(),
    lambda rest: rest.bank_details(),
    lambda rest: rest.set_bank_details("N", "NL91 ABNA 0417 1643 00"),
    lambda rest: rest.payouts(),
    lambda rest: rest.bank_entries(),
    lambda rest: rest.suspense(),
]  # fmt: skip


async def done(call: Awaitable[Any] | AsyncIterator[Any]) -> Any:
    """What it gives; of rows, all."""
    return [each async for each in call] if isinstance(call, AsyncIterator) else await call


async def test_every_call_asks_a_route_as_it_takes_it_and_whatever_is_no_command_has_one() -> None:
    desk = Desk()

    for call in CALLS:
        await done(call(desk))

    asked = {(route.method, route.path) for route in desk.asked}
    wanted = {
        (route.method, route.path)
        for route in ROUTES
        if route.command is None and route.path not in NOT_FOR_CLIENTS
    }
    assert len(desk.asked) >= len(CALLS)
    assert wanted - asked == set()


@asynccontextmanager
async def a_desk(house: House, holder: Holder) -> AsyncIterator[Rest]:
    async with Rest(house.url, key=holder.key) as rest:
        yield rest


async def test_a_buyer_reads_its_event_as_it_runs_and_as_it_ended(house: House) -> None:
    market = await an_eventful_lot(house)
    await award(house, market, (2, 10))
    await house.archive()
    async with a_desk(house, market.buyer) as rest:
        monitor, report = await rest.monitor(market.event), await rest.report(market.event)
        listed, bids = await done(rest.events()), await done(rest.bids(market.lot))
        pdf, calendar = await rest.report_file(market.event), await rest.calendar(market.event)
        invited = await done(rest.participants(market.event))

    assert [each["event_id"] for each in listed] == [market.event]
    assert monitor["lots"][0]["lead_price"] == "75.00"
    assert len(report["bids"]) == len(bids) == 4 and "next" not in report
    assert pdf[:5] == b"%PDF-" and calendar.startswith(b"BEGIN:VCALENDAR")
    assert {each["member_id"] for each in invited} == {each.member_id for each in market.suppliers}


async def test_suppliers_are_found_by_what_they_say_of_themselves(house: House) -> None:
    buyer, supplier = await house.member(Role.BUYER), await house.member(Role.SELLER)
    async with a_desk(house, supplier) as rest:
        await rest.set_supplier_profile({"name": "Cable Works", "categories": ["cables"], "regions": ["NL"]})
        assert (await rest.supplier_profile())["name"] == "Cable Works"

    async with a_desk(house, buyer) as rest:
        found = await rest.find_suppliers(categories=["cables"], regions=["DE"])

    assert [(each["member_id"], each["missing"]["regions"]) for each in found] == [
        (supplier.member_id, ["DE"])
    ]


async def test_a_webhook_is_added_tried_replayed_and_removed(house: House) -> None:
    member = await house.member()
    async with a_desk(house, member) as rest:
        made = await rest.add_webhook(URL, ["lot.closed"])
        endpoint_id = made["endpoint_id"]
        message_id = (await rest.test_webhook(endpoint_id))["message_id"]
        (waits,) = await rest.webhook_messages(endpoint_id, state="waiting")
        again = await rest.redeliver(endpoint_id, message_id=message_id)
        renewed = await rest.renew_webhook_secret(endpoint_id)
        await rest.enable_webhook(endpoint_id)
        (listed,) = (await rest.webhooks())["webhooks"]
        await rest.remove_webhook(endpoint_id)
        left = (await rest.webhooks())["webhooks"]

    assert waits["message_id"] == message_id and again == 1
    assert made["secret"] != renewed["secret"]
    assert listed["url"] == URL and left == []


async def test_lists_are_read_to_their_end(house: House) -> None:
    operator = await house.member(Role.OPERATOR)
    async with a_desk(house, operator) as rest:
        made = [await house.instrument() for _ in range(3)]
        pages = [each async for each in rest.rows("/v1/instruments", "instruments")]
        one = await rest.get("/v1/instruments", limit=1)
        rest_of_it = await rest.get("/v1/instruments", limit=500, cursor=one["next"])

    assert {each["instrument_id"] for each in pages} == set(made)
    assert len(one["instruments"]) == 1 and len(rest_of_it["instruments"]) == 2


async def test_a_refusal_tells_its_name_remedy_and_bound(house: House) -> None:
    market = await an_eventful_lot(house)
    async with a_desk(house, market.suppliers[0]) as rest:
        with pytest.raises(Rejected) as foreign:
            await rest.send("POST", f"/v1/events/{market.event}/publication")
        with pytest.raises(Refused) as malformed:
            await rest.send("POST", "/v1/webhooks", {"url": ""})
        with pytest.raises(Refused) as nowhere:
            await rest.get("/v1/nothing")
        with pytest.raises(Refused) as closed:
            await rest.send("POST", f"/v1/lots/{market.lot}/bids", {"price": "1.00"})

    assert foreign.value.reason == "ROLE_MISSING" and foreign.value.remedy
    assert malformed.value.status == 422 and "url" in malformed.value.errors
    assert nowhere.value.status == 404
    assert closed.value.reason == "LOT_NOT_OPEN"


async def test_a_bound_is_told_as_a_price(house: House) -> None:
    refused = Refused({"code": 1, "reason": "R", "bound": "1.40", "step": "0.01"}, 422)
    dated = Refused({"code": 1, "reason": "R", "bound": "2026-01-01T00:00:00Z"}, 422)

    assert (refused.bound_price, refused.step_price) == (Decimal("1.40"), Decimal("0.01"))
    assert (dated.bound_price, dated.bound_text) == (None, "2026-01-01T00:00:00Z")


async def test_where_nobody_answers_it_says_so() -> None:
    async with Rest("http://127.0.0.1:1", key="qm_x") as rest:
        with pytest.raises(Unreachable, match="GET /v1/time"):
            await rest.time()


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ws://host", "http://", "https://me:secret@host"])
def test_what_is_no_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(Invalid, match="http"):
        Rest(url, key="qm_x")


async def test_outside_its_block_nothing_is_asked() -> None:
    with pytest.raises(Invalid, match="async with"):
        await Rest("http://127.0.0.1:1", key="qm_x").time()


async def test_the_key_follows_no_redirect() -> None:
    seen = list[bytes]()

    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(
            b"HTTP/1.1 307 Go\r\nLocation: /v1/time\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(elsewhere, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with Rest(f"http://127.0.0.1:{port}", key="qm_x") as rest:
            with pytest.raises(Refused, match="HTTP 307"):
                await rest.time()

    assert len(seen) == 1
