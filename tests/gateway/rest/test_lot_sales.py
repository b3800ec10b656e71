"""Surplus lots from the draft to the payout, over REST and WebSocket; the books hold, and papers say what was sold."""

import asyncio
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from benchmarks.audit import bean_check
from exchange.accounting.beancount import Beancount
from exchange.accounting.period import Period
from exchange.core.messages import IssueInvoices, Role, SetCommission, TopUp
from exchange_client import Client
from exchange_client.lot_rules import EventRules, LotDirection
from exchange_client.lot_sales import SaleTerms
from exchange_client.own_awards import OwnSale
from exchange_client.updates import OwnUpdate
from tests.accounting.markets import books_of
from tests.gateway.desks import a_client
from tests.gateway.house import Answer, Holder, House
from tests.gateway.loading.test_loads import counts, loaded, send

MINUTE = 60_000_000
DAY = 24 * 60 * MINUTE
FORWARD = {"direction": "forward"}
DETAILS = {"name": "Seller & Co", "iban": "DE89370400440532013000", "bic": "COBADEFFXXX"}
EVENT = {
    "title": "Leftovers", "currency": "USD", "open_at": "2026-01-01T13:00:00Z", "duration_us": 60 * MINUTE,
    "price_scale": 2, "rules": FORWARD, "sale": {},
}  # fmt: skip


class Auction:
    """A seller's lot of 100 pieces, for which buyers without a cent are invited."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def draft(self, bidders: int = 2, **fields: Any) -> "Auction":
        house = self.house
        self.operator, self.instrument = await house.member(Role.OPERATOR), await house.instrument()
        self.seller = await house.seller(self.instrument, 1_000)
        self.bidders = [await house.member(Role.BUYER) for _ in range(bidders)]
        self.event = (await self.post(self.seller, "/v1/events", EVENT | fields)).body["event_id"]
        self.lot = (await self.post(self.seller, f"/v1/events/{self.event}/lots", self.piece())).body[
            "lot_id"
        ]
        for each in self.bidders:
            invited = {"member_id": each.member_id}
            await self.post(self.operator, f"/v1/events/{self.event}/invitations", invited)
        return self

    def piece(self, **fields: Any) -> dict[str, Any]:
        return {
            "title": "A lot", "quantity": 100, "ceiling_price": "50.00", "min_step": "0.01",
            "instrument_id": self.instrument,
        } | fields  # fmt: skip

    async def closed(self, *prices: str) -> "Auction":
        """Published, bid for by the bidders in their order, and closed."""
        await self.post(self.seller, f"/v1/events/{self.event}/publication")
        await self.pass_us(62 * MINUTE)
        for bidder, price in zip(self.bidders, prices, strict=False):
            await self.post(bidder, f"/v1/lots/{self.lot}/bids", {"price": price})
        await self.pass_us(120 * MINUTE)
        return self

    async def pass_us(self, us: int) -> None:
        """Let the clock run, and the engine notice: any command does."""
        self.house.clock.pass_us(us)
        await self.house.member(Role.INSPECTOR)

    async def post(self, holder: Holder, path: str, body: object = None) -> Answer:
        answer = await self.house.call(holder, "POST", path, body)
        assert answer.status in (200, 201), answer
        return answer

    async def award(self, alias: int) -> None:
        await self.post(self.seller, f"/v1/lots/{self.lot}/award", {"alias": alias})

    async def pay_in(self, holder: Holder, amount_minor: int) -> None:
        paid = TopUp(
            transfer_id=f"in-{holder.member_id}", member_id=holder.member_id, currency="USD",
            amount_minor=amount_minor,
        )  # fmt: skip
        await self.house.do(self.operator.member_id, paid)

    async def sale(self, holder: Holder) -> Any:
        return await self.house.get(holder, f"/v1/lots/{self.lot}/sale")

    async def held(self, holder: Holder) -> dict[str, str]:
        page = await self.house.get(holder, "/v1/accounts")
        return {each["kind"]: each["available"] for each in page["accounts"]}


@pytest.fixture
def auction(house: House) -> Auction:
    return Auction(house)


async def told(client: Client, count: int) -> list[OwnSale]:
    """What the own channel says of sales, until so many came."""
    seen = list[OwnSale]()
    async with asyncio.timeout(30), client.own() as own:
        while len(seen) < count:
            update = await own.next()
            assert isinstance(update, OwnUpdate), "nothing was missed"
            seen += [each for each in update.events if isinstance(each, OwnSale)]
    return seen


async def test_a_lot_is_sold_paid_delivered_paid_out_and_invoiced(
    house_database_url: str, auction: Auction, tmp_path: Path
) -> None:
    house = auction.house
    await auction.draft()
    await house.do(auction.operator.member_id, SetCommission(rate_bps=800, tax_bps=2_100))
    await auction.closed("12.00", "11.00")
    winner, seller = auction.bidders[0], auction.seller

    await auction.award(1)
    waits = await auction.sale(winner)
    await auction.pay_in(winner, 1_200_00)
    await auction.post(winner, f"/v1/lots/{auction.lot}/payment")
    bought = (await auction.sale(winner))["contract_id"]
    await auction.post(winner, f"/v1/contracts/{bought}/receipt")
    assert (await house.call(seller, "PUT", "/v1/bank-details", DETAILS)).status == 200
    owed = {"source": "payable", "currency": "USD", "amount": "1083.84"}
    await auction.post(seller, "/v1/withdrawals", owed)
    house.clock.pass_us(31 * DAY)
    await house.do(auction.operator.member_id, IssueInvoices(period=202_601))
    await house.archive()

    assert (waits["state"], waits["payable"], waits["side"]) == ("waits", "1200.00", "buy")
    assert waits["due"] == "2026-01-04T15:02:00.000000Z"
    (invoice,) = (await house.get(seller, "/v1/invoices"))["invoices"]
    assert (invoice["fee"], invoice["tax"]) == ("96.00", "20.16")
    note = await house.get(seller, f"/v1/contracts/{auction.lot}/lines/1/settlement-note")
    assert (note["trade_number"], note["total"]) == (0, "1083.84")
    paper = await house.call(
        winner, "GET", f"/v1/contracts/{bought}/lines/1/settlement-note", headers={"Accept": "text/csv"}
    )
    assert b'Trade,"of a lot, ' in paper.raw
    books = tmp_path / "books.beancount"
    books.write_text(
        await books_of(house_database_url, Beancount(), Period(date(2026, 1, 1), date(2026, 3, 1)))
    )
    assert await bean_check(books) == (True, "")
    statement = await house.get(winner, "/v1/statements?month=2026-01")
    assert {each["closing"] for each in statement["accounts"] if each["kind"] == "wallet"} == {"0.00"}
    report = await house.get(seller, f"/v1/events/{auction.event}/report")
    assert [each["kind"] for each in report["timetable"]][-3:] == ["awarded", "sale_waits", "sale_paid"]


async def test_the_same_by_websocket(house: House) -> None:
    operator, instrument = await house.member(Role.OPERATOR), await house.instrument()
    seller, buyer = await house.seller(instrument), await house.member(Role.BUYER)
    async with (
        a_client(house, operator) as desk,
        a_client(house, seller) as sells,
        a_client(house, buyer) as buys,
    ):
        opens_us = house.clock.wall + MINUTE
        event = await sells.create_event(
            "Leftovers",
            "USD",
            open_at_us=opens_us,
            duration_us=60 * MINUTE,
            price_scale=2,
            rules=EventRules(direction=LotDirection.FORWARD),
            sale=SaleTerms(payment_us=DAY),
        )
        made = await sells.add_lot(
            event, "A lot", quantity=100, ceiling_price=Decimal(50), min_step=Decimal("0.01"),
            instrument_id=instrument,
        )  # fmt: skip
        await desk.invite_supplier(event, buyer.member_id)
        await sells.publish_event(event)
        house.clock.pass_us(2 * MINUTE)
        await house.member(Role.INSPECTOR)
        listening = [asyncio.create_task(told(each, 2)) for each in (buys, sells)]
        await buys.submit_bid(made.id, price=Decimal(12))
        house.clock.pass_us(120 * MINUTE)
        await house.member(Role.INSPECTOR)
        await sells.award_lot(made.id, 1)
        await desk.top_up(buyer.member_id, Decimal(1_200), "USD", transfer_id="bank-1")
        paid = await buys.pay_sale(made.id)
        bought, sold = await asyncio.gather(*listening)

    assert paid.number == 1_200_00
    assert [(each.side, each.state, each.amount_minor, each.contract_id) for each in bought] == [
        ("buy", "waits", 1_200_00, ""),
        ("buy", "paid", 1_200_00, f"{made.id}-b"),
    ]
    assert [(each.side, each.state, each.contract_id) for each in sold] == [
        ("sell", "waits", ""),
        ("sell", "paid", made.id),
    ]
    assert bought[0].due_us > house.clock.wall > 0 and not bought[1].due_us


async def test_who_does_not_pay_in_time_is_followed_by_the_next_best(auction: Auction) -> None:
    await (await auction.draft()).closed("12.00", "11.00")
    await auction.award(1)
    await auction.pay_in(auction.bidders[1], 1_100_00)

    await auction.pass_us(3 * DAY)

    sold = await auction.sale(auction.seller)
    assert (sold["state"], sold["price"], sold["side"]) == ("paid", "11.00", "sell")
    gone = await auction.house.call(auction.bidders[0], "GET", f"/v1/lots/{auction.lot}/sale")
    late = await auction.house.call(auction.bidders[0], "POST", f"/v1/lots/{auction.lot}/payment")
    assert (gone.status, gone.body["reason"]) == (late.status, late.body["reason"]) == (404, "SALE_UNKNOWN")
    assert (await auction.held(auction.seller))["stock"] == "900"


async def test_the_sales_of_an_event_are_listed_to_each_as_each_is_told_of_them(auction: Auction) -> None:
    await (await auction.draft()).closed("12.00", "11.00")
    path = f"/v1/events/{auction.event}/sales"
    before = await auction.house.get(auction.seller, path)

    await auction.award(1)

    assert before == {"sales": []}
    for holder in (auction.seller, auction.bidders[0], auction.operator):
        assert await auction.house.get(holder, path) == {"sales": [await auction.sale(holder)]}
    assert await auction.house.get(auction.bidders[1], path) == {"sales": []}
    stranger = await auction.house.member(Role.BUYER)
    assert (await auction.house.call(stranger, "GET", path)).status == 404


async def test_a_payment_that_is_short_says_what_there_is(auction: Auction) -> None:
    await (await auction.draft()).closed("12.00")
    await auction.award(1)
    await auction.pay_in(auction.bidders[0], 1_199_99)

    answer = await auction.house.call(auction.bidders[0], "POST", f"/v1/lots/{auction.lot}/payment")

    assert (answer.status, answer.body["reason"]) == (409, "MONEY_SHORT")
    assert answer.body["bound"] == "1199.99"


@pytest.mark.parametrize(
    "fields, status, reason, field",
    [
        ({"instrument_id": "nobodys"}, 404, "INSTRUMENT_UNKNOWN", "instrument_id"),
        ({"instrument_id": None}, 422, "RULES_CONTRADICT", "instrument_id"),
    ],
)
async def test_a_lot_that_is_not_in_stock_is_refused_with_its_field(
    auction: Auction, fields: dict[str, Any], status: int, reason: str, field: str
) -> None:
    await auction.draft(rules=FORWARD | {"schedule": "parallel"})
    path = f"/v1/events/{auction.event}/lots"

    answer = await auction.house.call(auction.seller, "POST", path, auction.piece(**fields))

    assert (answer.status, answer.body["reason"]) == (status, reason)
    assert answer.body["errors"][0]["field"] == field


async def test_stock_that_is_missing_stops_the_publication(auction: Auction) -> None:
    await auction.draft()
    path = f"/v1/lots/{auction.lot}"
    assert (await auction.house.call(auction.seller, "PATCH", path, {"quantity": 1_001})).status == 200

    answer = await auction.house.call(auction.seller, "POST", f"/v1/events/{auction.event}/publication")

    assert (answer.status, answer.body["reason"]) == (409, "STOCK_SHORT")
    assert answer.body["bound"] == "1000"


async def test_terms_of_the_sale_are_shown_and_changed(auction: Auction) -> None:
    await auction.draft(sale={"payment_us": DAY})
    path = f"/v1/events/{auction.event}"
    assert (await auction.house.get(auction.seller, path))["sale"] == {"payment_us": DAY}

    changed = await auction.house.call(auction.seller, "PATCH", path, {"sale": {"award_next": False}})

    assert changed.status == 200
    assert (await auction.house.get(auction.seller, path))["sale"] == {"award_next": False}


async def test_lots_of_a_spreadsheet_name_their_instrument_by_id_or_symbol(auction: Auction) -> None:
    await auction.draft(rules=FORWARD | {"schedule": "parallel"})
    path = f"/v1/lots/bulk?event_id={auction.event}"
    head = "title,quantity,ceiling,step,symbol\n"
    sheet = f"{head}A,100,50.00,0.01,NE555P\nB,50,9.00,0.01,{auction.instrument}\n"
    wrong = f"{head}A,100,50.00,0.01,LM358\nB,100,50.00,0.01,\n"

    checked = await send(auction.house, auction.seller, f"{path}&dry_run=true", wrong.encode())
    done = await loaded(auction.house, auction.seller, path, sheet.encode())

    assert [(each["row"], each["column"]) for each in checked.body["faults"]] == [
        (2, "symbol"),
        (3, "instrument_id"),
    ]
    assert counts(done) == ("done", 2, 0, 0)
    lots = (await auction.house.get(auction.seller, f"/v1/events/{auction.event}"))["lots"]
    assert [lot["instrument_id"] for lot in lots] == [auction.instrument] * 3
