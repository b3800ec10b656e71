"""`exchange event`, `bid` and `watch`: an agent's whole event and a supplier's whole bidding, as they are typed."""

import asyncio
import json
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console as Screen

from exchange.config import UNREACHABLE, USAGE
from exchange.console.screens import columns, title_cell
from exchange.console.tables import titled
from exchange.console.watch import sparkline
from exchange.core.messages import Role
from tests.console.commands import Console
from tests.gateway.house import Holder, House

OPENS = ("--open-at", "2026-01-01T14:00+01:00", "--duration", "1h")
DRAFT = ("event", "draft", "Connectors", "--currency", "EUR", *OPENS)
HOUR_US = 3_600_000_000
LOT = ("--quantity", "1000", "--ceiling", "2.4000", "--step", "0.0060", "--tick", "0.0020")


async def an_open_lot(
    house: House, console: Console, buyer: Holder, *suppliers: Holder, rules: Path | None = None
) -> tuple[str, str]:
    """Event and lot, drafted, published and opened as a buyer types it."""
    ruled = () if rules is None else ("--rules", rules)
    event = (await console.run(buyer, *DRAFT, *ruled, "--json")).answer["event_id"]
    lot = (await console.run(buyer, "event", "lot", event, "Type A", *LOT, "--json")).answer["lot_id"]
    invited = await console.run(buyer, "event", "invite", event, *(each.member_id for each in suppliers))
    assert invited.code == 0
    assert (await console.run(buyer, "event", "publish", event)).code == 0
    house.clock.pass_us(HOUR_US)
    await house.instrument()  # any command lets the engine notice
    return event, lot


async def test_an_event_is_run_from_draft_to_award_by_typing(house: House, console: Console) -> None:
    buyer, near, far = await house.member(Role.BUYER), *[await house.member(Role.SELLER) for _ in range(2)]
    event, lot = await an_open_lot(house, console, buyer, near, far)

    first = await console.run(near, "bid", lot, "1.4120", "--json")
    second = await console.run(far, "bid", lot, "1.4040", "--json")
    listed = await console.run(far, "event", "list")
    seen = await console.run(near, "event", "show", event, "--json")
    ended = await console.run(buyer, "event", "end", lot, "All have bid", "--json")
    awarded = await console.run(buyer, "event", "award", lot, 2, "--json")
    shown = await console.run(buyer, "event", "show", event)

    assert [each.code for each in (first, second, ended, awarded, shown)] == [0] * 5
    assert "Connectors" in listed.out and "supplier" in listed.out
    (told,) = seen.answer["lots"]
    assert (told["own_rank"], told["lead_price"]) == (2, "1.4040")
    assert "Connectors: ended, open from 2026-01-01T13:00:00.000000Z; prices in EUR\n" in shown.out
    assert "awarded" in shown.out and far.member_id in shown.out and near.member_id not in shown.out


async def test_a_refusal_tells_what_would_be_taken(house: House, console: Console) -> None:
    buyer, supplier = await house.member(Role.BUYER), await house.member(Role.SELLER)
    _, lot = await an_open_lot(house, console, buyer, supplier)
    await console.run(supplier, "bid", lot, "1.4120")

    small = await console.run(supplier, "bid", lot, "1.4100")

    assert small.code == UNREACHABLE
    told = "The bid improves by too little. Bid 1.4060 or lower; one step is 0.0060."
    assert small.err == f"exchange: {told}\n"


async def test_an_event_can_be_paused_extended_and_cancelled(house: House, console: Console) -> None:
    buyer, supplier = await house.member(Role.BUYER), await house.member(Role.SELLER)
    event, lot = await an_open_lot(house, console, buyer, supplier)

    paused = await console.run(buyer, "event", "pause", event, "A question is open")
    late = await console.run(supplier, "bid", lot, "1.4120")
    resumed = await console.run(buyer, "event", "resume", event)
    extended = await console.run(buyer, "event", "extend", lot, "2026-01-01T15:00Z")
    cancelled = await console.run(buyer, "event", "cancel", event, "No need any more")

    assert [each.code for each in (paused, resumed, extended, cancelled)] == [0] * 4
    assert late.code == UNREACHABLE and "pause" in late.err.lower()


async def test_more_rules_come_from_a_file(house: House, console: Console, tmp_path: Path) -> None:
    buyer, rules = await house.member(Role.BUYER), tmp_path / "rules.json"
    rules.write_text(json.dumps({"improve_on": "market_lead"}))
    event = (await console.run(buyer, *DRAFT, "--json")).answer["event_id"]

    added = await console.run(buyer, "event", "lot", event, "Type A", *LOT, "--rules", rules, "--json")
    rules.write_text("improve_on: market_lead")
    spoilt = await console.run(buyer, "event", "lot", event, "Type B", *LOT, "--rules", rules)
    nobody = await console.run(buyer, "event", "invite", event)

    lot = (await house.call(buyer, "GET", f"/v1/lots/{added.answer['lot_id']}")).body
    assert lot["rules"]["improve_on"] == "market_lead"
    assert (spoilt.code, nobody.code) == (USAGE, USAGE)


async def test_a_watcher_is_told_every_change_until_the_close(house: House, console: Console) -> None:
    buyer, supplier = await house.member(Role.BUYER), await house.member(Role.SELLER)
    event, lot = await an_open_lot(house, console, buyer, supplier)
    watching = asyncio.create_task(console.run(supplier, "watch", event, "--json"))
    async with asyncio.timeout(20):
        while not (feed := house.gateway.sockets.feed) or not feed.streams:
            await asyncio.sleep(0)

    await house.call(supplier, "POST", f"/v1/lots/{lot}/bids", {"price": "1.4120"})
    await house.call(buyer, "POST", f"/v1/lots/{lot}/end", {"reason": "Enough"})
    ended = await watching

    lines = [json.loads(line) for line in ended.out.splitlines()]
    assert ended.code == 0
    assert lines[0]["state"] == "open" and lines[-1]["state"] == "closed"
    assert lines[-1]["own_price"] == "1.4120" and lines[-1]["own_rank"] == 1


async def test_a_buyer_monitors_bids_savings_and_connections(house: House, console: Console) -> None:
    buyer, supplier = await house.member(Role.BUYER), await house.member(Role.SELLER)
    event, lot = await an_open_lot(house, console, buyer, supplier)
    await house.call(supplier, "POST", f"/v1/lots/{lot}/bids", {"price": "1.8000"})
    await house.archive()

    once = await console.run(buyer, "event", "monitor", event, "--once", "--json")
    await house.call(buyer, "POST", f"/v1/lots/{lot}/end", {"reason": "Enough"})
    shown = await console.run(buyer, "event", "monitor", event)
    foreign = await console.run(supplier, "event", "monitor", event)

    assert once.answer["savings"]["saved_percent"] == "25.00"
    assert once.answer["lots"][0]["bids"][0]["alias"] == 1
    assert shown.code == 0 and foreign.code == UNREACHABLE
    words = (
        "Connectors",
        "Type A",
        "closed",
        "600.00 EUR (25.00 %)",
        "0s of 1h",
        "1: 1.8000",
        "0 of 1 suppliers",
    )
    assert all(word in shown.out for word in words)


async def test_an_event_is_cloned_by_typing(house: House, console: Console) -> None:
    buyer, supplier = await house.member(Role.BUYER), await house.member(Role.SELLER)
    event, _ = await an_open_lot(house, console, buyer, supplier)
    opens = ("--open-at", "2099-01-01T14:00Z")

    cloned = await console.run(
        buyer, "event", "clone", event, *opens, "--title", "Again", "--invitations", "--json"
    )
    foreign = await console.run(supplier, "event", "clone", event, *opens)

    assert (cloned.code, cloned.answer["invited"], foreign.code) == (0, 1, UNREACHABLE)
    shown = await console.run(buyer, "event", "show", cloned.answer["event_id"], "--json")
    assert (shown.answer["title"], shown.answer["state"]) == ("Again", "draft")


async def test_a_watcher_of_awards_hears_its_own_until_the_last_one_is_final(
    house: House, console: Console, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps({"standstill_us": 24 * HOUR_US}))
    buyer, winner = await house.member(Role.BUYER), await house.member(Role.SELLER)
    event, lot = await an_open_lot(house, console, buyer, winner, rules=rules)
    watching = asyncio.create_task(console.run(winner, "watch", event, "--awards"))
    async with asyncio.timeout(20):
        while not (feed := house.gateway.sockets.feed) or feed.streams < 2:
            await asyncio.sleep(0)

    await house.call(winner, "POST", f"/v1/lots/{lot}/bids", {"price": "1.4120"})
    await house.call(buyer, "POST", f"/v1/lots/{lot}/end", {"reason": "Enough"})
    await house.call(buyer, "POST", f"/v1/lots/{lot}/award", {"alias": 1})
    house.clock.pass_us(25 * HOUR_US)
    await house.instrument()
    ended = await watching

    lines = ended.out.splitlines()
    assert ended.code == 0
    assert lines[-1] == "Type A: its award is final"
    assert "Type A: awarded provisionally, 1000 at 1.4120 EUR, 1412.00 EUR in all" in lines
    assert any(each.startswith("Type A: closed; in EUR: lead 1.4120, own 1.4120, rank 1") for each in lines)


async def test_a_practice_event_is_drafted_listed_and_watched_as_one(house: House, console: Console) -> None:
    buyer, supplier = await house.member(Role.BUYER), await house.member(Role.SELLER)
    event, _ = await an_open_lot(house, console, buyer, supplier)
    opens = ("--open-at", "2099-01-01T14:00Z")

    drafted = await console.run(
        buyer,
        *DRAFT[:-4],
        *opens,
        "--duration",
        "1h",
        "--preview-at",
        "2098-01-01T14:00Z",
        "--practice",
        "--json",
    )
    cloned = await console.run(buyer, "event", "clone", event, *opens, "--practice", "--json")
    listed = await console.run(buyer, "event", "list", "--json")

    shown = await console.run(buyer, "event", "show", drafted.answer["event_id"], "--json")
    assert shown.answer["preview_at"] == "2098-01-01T14:00:00.000000Z"
    marked = {each["event_id"] for each in listed.answer["events"] if each.get("practice")}
    assert marked == {drafted.answer["event_id"], cloned.answer["event_id"]}
    assert titled({"title": "Chairs", "practice": True}) == "PRACTICE, nothing binds: Chairs"
    assert titled({"title": "Chairs"}) == "Chairs"


async def test_a_report_is_a_table_json_csv_or_pdf(house: House, console: Console, tmp_path: Path) -> None:
    buyer, supplier = await house.member(Role.BUYER), await house.member(Role.SELLER)
    event, lot = await an_open_lot(house, console, buyer, supplier)
    await house.call(supplier, "POST", f"/v1/lots/{lot}/bids", {"price": "1.8000"})
    await console.run(buyer, "event", "end", lot, "All have bid")
    await console.run(buyer, "event", "award", lot, 1)
    await house.archive()
    pdf = tmp_path / "report.pdf"

    shown = await console.run(buyer, "event", "report", event)
    as_json = await console.run(buyer, "event", "report", event, "--json")
    as_csv = await console.run(buyer, "event", "report", event, "--csv")
    printed = await console.run(buyer, "event", "report", event, "--pdf", "--out", pdf)

    assert [each.code for each in (shown, as_json, as_csv, printed)] == [0] * 4
    words = ("Connectors", "final", "Type A", "600.00", "25.00", "All have bid", f"1={supplier.member_id}")
    assert all(word in shown.out for word in words)
    assert as_json.answer["final"] and len(as_json.answer["bids"]) == 1
    assert "savings,,Type A,saved,,,,600.00,25.00 %" in as_csv.out
    assert pdf.read_bytes()[:5] == b"%PDF-"


async def test_a_screen_shows_lots_with_their_clock(
    house: House, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # makes a screen of what is none
    buyer, supplier = await house.member(Role.BUYER), await house.member(Role.SELLER)
    event, lot = await an_open_lot(house, console, buyer, supplier)
    await house.call(supplier, "POST", f"/v1/lots/{lot}/bids", {"price": "1.4120"})
    await house.call(buyer, "POST", f"/v1/lots/{lot}/end", {"reason": "Enough"})

    shown = await console.run(buyer, "watch", event)

    assert shown.code == 0
    assert "rank" not in shown.out, "a buyer has none: columns that are empty are left out"
    assert all(
        word in shown.out for word in ("Connectors", "Type A", "closed", "1.4120", " ± ", "round trip")
    )


def test_a_title_gives_way_to_figures_on_a_narrow_screen() -> None:
    table = columns(("lot", "lead", "rank"), ("lead", "rank"), ("lot",))
    table.add_row(title_cell("Connector housing with locking lever and seal"), "1.8550", "2")
    narrow = Screen(width=30, markup=False, highlight=False)

    with narrow.capture() as drawn:
        narrow.print(table)

    assert drawn.get().splitlines()[1] == "Connector housi…  1.8550     2"


def test_a_sparkline_spans_from_the_lowest_to_the_highest() -> None:
    assert sparkline([]) == ""
    assert sparkline([Decimal(5)]) == "▁"
    assert sparkline([Decimal("9.0"), Decimal("5.0"), Decimal("7.0")]) == "█▁▄"
