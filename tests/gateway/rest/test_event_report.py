"""The event report: to its buyer rules, timetable, bids by alias, savings and awards, in three forms."""

import csv
from io import StringIO
from typing import Any

import msgspec
import pytest

from exchange.accounting.paper import Column
from exchange.accounting.pdf import CHARACTER, MARGIN, WIDTH
from exchange.core.messages import Role
from exchange.gateway.rest.event_papers import AWARDS, BIDS, LOTS, TERMS, TIMETABLE, report_paper
from exchange.gateway.rest.event_report_shown import ReportPage
from tests.gateway.house import Holder, House
from tests.gateway.rest.test_lots import with_rules
from tests.gateway.rest.test_sourcing import LOT, MINUTE, Market, draft, published

PRICES = ((0, "80.00"), (1, "79.00"), (0, "78.00"))


async def an_eventful_lot(house: House) -> Market:
    """A pause, a bid in overtime, a close by hand."""
    market = await with_rules(house, {"historic_price": "100.00"})
    for who, price in PRICES:
        assert (await market.bid(who, price)).status == 201
    steer = f"/v1/events/{market.event}"
    assert (await house.call(market.buyer, "POST", f"{steer}/pause", {"reason": "A question"})).status == 200
    house.clock.pass_us(10 * MINUTE)
    assert (await house.call(market.buyer, "POST", f"{steer}/resumption")).status == 200
    house.clock.pass_us(58 * MINUTE)
    assert (await market.bid(1, "75.00")).status == 201
    end = f"/v1/lots/{market.lot}/end"
    assert (await house.call(market.buyer, "POST", end, {"reason": "All have bid"})).status == 200
    return market


async def award(house: House, market: Market, *parts: tuple[int, int], reason: str = "") -> None:
    """To these aliases, so many pieces each; whole to the first if there is one."""
    path, body = "award", dict[str, Any](alias=parts[0][0])
    if reason:
        each = [{"alias": alias, "quantity": count} for alias, count in parts]
        path, body = "split", {"parts": each, "reason": reason}
    answer = await house.call(market.buyer, "POST", f"/v1/lots/{market.lot}/{path}", body)
    assert answer.status == 200, answer
    await house.archive()


async def report_of(house: House, market: Market, query: str = "") -> Any:
    return await house.get(market.buyer, f"/v1/events/{market.event}/report{query}")


async def test_an_awarded_event_is_told_with_price_before_after_and_savings(house: House) -> None:
    market = await an_eventful_lot(house)
    await award(house, market, (2, 500))

    report = await report_of(house, market)

    (lot,) = report["lots"]
    assert (report["state"], report["final"]) == ("ended", True)
    assert (lot["baseline"], lot["price_before"], lot["price_after"]) == ("historic", "100.00", "75.00")
    saved = {"amount_before": "50000.00", "amount": "37500.00", "saved": "12500.00", "saved_percent": "25.00"}
    assert lot["savings"] == saved == report["savings"]
    winner = market.suppliers[1].member_id
    assert lot["awards"] == [
        {"alias": 2, "winner_id": winner, "price": "75.00", "quantity": 500, "amount": "37500.00"}
    ]
    assert report["event"]["lots"][0]["rules"] == {"historic_price": "100.00"}


async def test_the_timetable_tells_extensions_and_pauses_with_their_reasons(house: House) -> None:
    market = await an_eventful_lot(house)
    await award(house, market, (2, 500))

    steps = (await report_of(house, market))["timetable"]

    assert [(each["kind"], each.get("lot_id")) for each in steps] == [
        ("published", None),
        ("opened", market.lot),
        ("paused", None),
        ("resumed", None),
        ("overtime", market.lot),
        ("ended", market.lot),
        ("closed", market.lot),
        ("awarded", market.lot),
    ]
    assert (steps[2]["reason"], steps[3]["by_us"]) == ("A question", 10 * MINUTE)
    assert (steps[4]["by_us"], steps[4]["close_at"]) == (MINUTE, "2026-01-01T14:11:00.000000Z")
    assert steps[5]["reason"] == "All have bid"


async def test_a_split_award_is_told_with_each_part_and_its_reason(house: House) -> None:
    market = await an_eventful_lot(house)
    await award(house, market, (2, 300), (1, 200), reason="Two sources")

    (lot,) = (await report_of(house, market))["lots"]

    assert [(each["alias"], each["quantity"], each["amount"]) for each in lot["awards"]] == [
        (2, 300, "22500.00"),
        (1, 200, "15600.00"),
    ]
    assert (lot["reason"], lot["price_after"]) == ("Two sources", "76.20")
    assert lot["savings"]["amount"] == "38100.00" and lot["savings"]["saved"] == "11900.00"


async def test_bids_come_in_pages_lot_by_lot(house: House) -> None:
    buyer, supplier = await house.member(Role.BUYER), await house.member(Role.SELLER)
    event = await draft(house, buyer, rules={"schedule": "parallel"})
    lots = [
        (await house.call(buyer, "POST", f"/v1/events/{event}/lots", LOT)).body["lot_id"] for _ in range(2)
    ]
    body = {"member_id": supplier.member_id}
    await house.call(buyer, "POST", f"/v1/events/{event}/invitations", body)
    await house.call(buyer, "POST", f"/v1/events/{event}/publication")
    market = Market(house, buyer, [supplier], event, lots[0])
    await market.pass_until_open()
    for lot, price in ((1, "80.00"), (0, "79.00"), (1, "78.00"), (0, "77.00"), (0, "76.00")):
        answer = await house.call(supplier, "POST", f"/v1/lots/{lots[lot]}/bids", {"price": price})
        assert answer.status == 201
    await house.archive()

    seen, cursor = [], ""
    while page := await report_of(house, market, f"?limit=2&cursor={cursor}"):
        seen.append([(lots.index(bid["lot_id"]), bid["number"], bid["price"]) for bid in page["bids"]])
        if not (cursor := page["next"]):
            break

    assert seen == [
        [(0, 1, "79.00"), (0, 2, "77.00")],
        [(0, 3, "76.00"), (1, 1, "80.00")],
        [(1, 2, "78.00")],
    ]


async def test_csv_and_pdf_hold_the_same_by_format_or_by_accept(house: House) -> None:
    market = await an_eventful_lot(house)
    await award(house, market, (2, 500))
    path = f"/v1/events/{market.event}/report"

    by_format = await house.call(market.buyer, "GET", f"{path}?format=csv")
    by_accept = await house.call(market.buyer, "GET", path, headers={"Accept": "text/csv"})
    printed = await house.call(market.buyer, "GET", f"{path}?format=pdf")
    again = await house.call(market.buyer, "GET", path, headers={"Accept": "application/pdf"})

    lines = list(csv.DictReader(StringIO(by_format.raw.decode(), newline="")))
    assert by_format.raw == by_accept.raw
    bids = [(line["alias"], line["price"]) for line in lines if line["section"] == "bid"]
    assert bids == [("1", "80.00"), ("2", "79.00"), ("1", "78.00"), ("2", "75.00")]
    assert [line["amount"] for line in lines if line["what"] == "saved"] == ["12500.00"] * 2
    assert [line["what"] for line in lines if line["section"] == "timetable"][2] == "paused"
    assert any(line["what"] == "rules.historic_price" and line["text"] == "100.00" for line in lines)
    assert printed.raw[:5] == b"%PDF-" and printed.raw == again.raw
    assert f"event-{market.event}.pdf" in printed.headers["Content-Disposition"]


async def test_the_paper_says_rules_in_words_and_of_what_prices_and_times_are(house: House) -> None:
    market = await an_eventful_lot(house)
    await award(house, market, (2, 500))

    paper = report_paper(msgspec.convert(await report_of(house, market), ReportPage), [])

    rules = {rule: text for _, rule, text in paper.tables[2].rows}
    told = (rules["overtime: window"], rules["disclosure: lead price"], rules["rules: historic price"])
    assert told == ("2m", "yes", "100.00")
    assert not any("_" in rule for rule in rules)
    assert ("Prices", f"in {rules['currency']}") in paper.facts
    assert [table.columns[0].heading for table in paper.tables[3:]] == ["at (UTC)", "bid at (UTC)"]


async def test_a_revoked_bid_stays_in_the_history_with_its_reason(house: House) -> None:
    market = await with_rules(house, {"revocable": True})
    assert (await market.bid(0, "80.00")).status == 201
    body = {"number": 1, "reason": "A slip"}
    revoked = await house.call(market.suppliers[0], "POST", f"/v1/lots/{market.lot}/revocations", body)
    await house.archive()

    report = await report_of(house, market)

    assert revoked.status == 201, revoked
    assert [bid["revoked"] for bid in report["bids"]] == ["A slip"]
    assert (report["lots"][0]["price_after"], report["lots"][0]["savings"]) == (None, None)


async def test_a_surrogate_bid_is_marked_in_monitor_and_report(house: House) -> None:
    market, operator = await with_rules(house, {}), await house.member(Role.OPERATOR)
    body = {"member_id": market.suppliers[0].member_id, "price": "80.00", "reason": "By phone"}
    made = await house.call(operator, "POST", f"/v1/lots/{market.lot}/surrogate-bids", body)
    assert made.status == 201, made
    await house.archive()

    report = await report_of(house, market)
    monitor = await house.get(market.buyer, f"/v1/events/{market.event}/monitor")
    sheet = await house.call(market.buyer, "GET", f"/v1/events/{market.event}/report?format=csv")

    assert report["bids"][0]["surrogate"] == "By phone" == monitor["lots"][0]["bids"][0]["surrogate"]
    assert monitor["lots"][0]["standing"][0]["surrogate"] is True
    assert b"by an operator for its bidder: By phone" in sheet.raw


@pytest.mark.parametrize("end", ["award to nobody", "cancel"])
async def test_an_event_without_a_winner_saves_nothing_and_is_final(house: House, end: str) -> None:
    market = await an_eventful_lot(house)
    if end == "cancel":
        path = f"/v1/events/{market.event}/cancellation"
        assert (await house.call(market.buyer, "POST", path, {"reason": "Budget"})).status == 200
        await house.archive()
    else:
        await award(house, market, (0, 0))

    report = await report_of(house, market)

    assert report["final"] and report["lots"][0]["awards"] == []
    assert report["lots"][0]["savings"] is None and report["savings"]["saved"] == "0.00"
    assert report["savings"]["saved_percent"] is None


async def test_a_report_before_the_award_is_not_final_and_names_no_supplier(house: House) -> None:
    market = await an_eventful_lot(house)
    await house.archive()

    report = await report_of(house, market)

    assert not report["final"] and report["lots"][0]["price_after"] == "75.00"
    named = repr(report | {"event": None})
    assert not any(each.member_id in named for each in market.suppliers)


async def test_only_the_buyer_and_operators_get_the_report(house: House) -> None:
    market = await published(house)
    operator, stranger = await house.member(Role.OPERATOR), await house.member(Role.BUYER, Role.SELLER)
    invitation = {"member_id": stranger.member_id}
    await house.call(market.buyer, "POST", f"/v1/events/{market.event}/invitations", invitation)

    async def said(who: Holder, form: str) -> Any:
        answer = await house.call(who, "GET", f"/v1/events/{market.event}/report?format={form}")
        return answer.status, "" if answer.status == 200 else answer.body["reason"]

    for form in ("json", "csv", "pdf"):
        assert await said(operator, form) == (200, "")
        for supplier in (market.suppliers[0], stranger):
            assert await said(supplier, form) == (404, "EVENT_UNKNOWN")


async def test_an_event_whose_award_stands_still_is_called_provisional_until_it_is_final(
    house: House,
) -> None:
    market = await published(house, rules={"standstill_us": 600 * MINUTE})
    await market.pass_until_open()
    assert (await market.bid(0, "80.00")).status == 201
    await market.pass_until_closed()
    await award(house, market, (1, 500))
    path, seen = f"/v1/events/{market.event}/report", []

    for _ in range(2):
        report = await report_of(house, market)
        table = (await house.call(market.buyer, "GET", f"{path}?format=csv")).raw.decode()
        seen.append((report["final"], report["lots"][0]["award_state"], table.splitlines()[1]))
        house.clock.pass_us(601 * MINUTE)
        await house.instrument()

    provisional = 'status,,,,,,,,"provisional: an award stands still, and bidders may complain of it"'
    assert seen == [(False, "provisional", provisional), (True, "final", "status,,,,,,,,final")]


@pytest.mark.parametrize("columns", [LOTS, AWARDS, TERMS, TIMETABLE, BIDS])
def test_every_table_is_as_wide_as_its_page_at_most(columns: list[Column]) -> None:
    characters = sum(each.width for each in columns) + 2 * (len(columns) - 1)

    assert characters * CHARACTER <= WIDTH - 2 * MARGIN
