"""`exchange watch`: the lots of an event as they run, on one screen; where there is none, a line for every change.

Guarantees: what is shown is what the feeds of this member show, nothing more; the time left is by the exchange's
clock, as the client estimates it.
"""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec
import uvloop
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from exchange.console.award_lines import AwardNews, fields, line
from exchange.console.remote import HERE, Remote, say, segment
from exchange.console.screens import columns, title_cell
from exchange.console.spans import countdown
from exchange.console.surplus import sale_said, with_sales
from exchange.console.tables import text, titled
from exchange_client import Client, LotState, Resynced
from exchange_client.own_awards import OwnStandstillEnded
from exchange_client.updates import OwnUpdate

BLOCKS: Final = "▁▂▃▄▅▆▇█"
LEADS_KEPT: Final = 32
NEWS_KEPT: Final = 8
FIGURES: Final = frozenset({"left", "level", "lead", "own", "rank", "gap", "next bid"})
REDRAWN_S: Final = 0.25
RUNNING: Final = frozenset({"waiting", "open"})
STANDS_STILL: Final = frozenset({"provisional", "contested"})
"""An award that is not final."""
Ends = Callable[[LotState], Awaitable[bool]]
"""Whether a lot has to be watched no more."""


class Watched:
    """The lots of an event, as they were last shown, and the latest news of their awards."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.news: deque[str] = deque(maxlen=NEWS_KEPT)
        self.lots: dict[str, LotState] = {}
        self.leads: dict[str, deque[Decimal]] = {}

    def take(self, lot: LotState) -> None:
        """A lot has changed."""
        self.lots[lot.lot_id] = lot
        leads = self.leads.setdefault(lot.lot_id, deque(maxlen=LEADS_KEPT))
        price = lot.lead_price or lot.own_price
        if price is not None and (not leads or leads[-1] != price):
            leads.append(price)

    def table(self, now_us: int, clock: str) -> Group:
        """All of them, for people; without the columns that are empty."""
        rows = [facts(lot, now_us) | {"lead so far": self._line(lot)} for lot in self.lots.values()]
        names = [name for name in (rows[0] if rows else ()) if any(row[name] for row in rows)]
        table = columns(names, FIGURES, ("lot", "prices"))
        for row in rows:
            table.add_row(*(title_cell(row[name]) if name == "lot" else row[name] for name in names))
        return Group(Text(self.title, style="italic"), table, *map(Text, self.news), Text(clock, style="dim"))

    def _line(self, lot: LotState) -> str:
        return sparkline(self.leads[lot.lot_id])


def facts(lot: LotState, now_us: int) -> dict[str, str]:
    """What a lot shows, in words, by their column; empty where it doesn't show it."""
    prices = "  ".join(f"{each.alias}: {each.price}" for each in (lot.prices or [])[:6])
    return {
        "lot": lot.title,
        "state": f"paused ({lot.state})" if lot.paused_at_us else lot.state,
        "left": _left(lot, now_us),
        "in": lot.currency if lot.own_currency is None else lot.own_currency.currency,
        "level": _text(lot.clock and lot.clock.level_price),
        "lead": _text(lot.lead_price),
        "own": _text(lot.own_price),
        "rank": _text(lot.own_rank),
        "gap": _text(lot.gap),
        "light": _text(lot.light),
        "next bid": _text(lot.bid_min if lot.direction == "forward" else lot.bid_max),
        "bidders": _text(lot.participants),
        "prices": prices,
        "awarded": _text(lot.awarded_alias),
    }


def sentence(lot: LotState, now_us: int) -> str:
    """A lot in a line."""
    shown = facts(lot, now_us)
    title, state, left, currency = (shown.pop(name) for name in ("lot", "state", "left", "in"))
    timed = f", {left}" if left.startswith("opens") else f", {left} left" if left else ""
    figures = ", ".join(f"{name} {value}" for name, value in shown.items() if value)
    return f"{title}: {state}{timed}" + (f"; in {currency}: {figures}" if figures else "")


def sparkline(values: Iterable[Decimal]) -> str:
    """A column for each value, the lowest and the highest of them at the ends of the scale."""
    kept = list(values)
    if not kept:
        return ""
    low, high = min(kept), max(kept)
    span = high - low or Decimal(1)
    return "".join(BLOCKS[int((value - low) / span * (len(BLOCKS) - 1))] for value in kept)


def watch(event_id: str, *, awards: bool = False, remote: Remote = HERE) -> None:
    """Watch the lots of an event until all of them are closed: time left, lead, ranks, what to bid next.

    What is shown is what this member may see: a supplier its own rank, a buyer every price by alias, and either the
    awards that concern it. With `--awards` until every lot is awarded for good or void. Of lots from stock it is told at
    the end where their sales stand.
    """
    path = f"/v1/events/{segment(event_id)}"
    event = remote.call("GET", path)
    uvloop.run(_watch(remote, event, awards=awards))
    if "sale" in event:
        _tell_sales(remote, with_sales(remote, remote.call("GET", path)))


def _tell_sales(remote: Remote, event: dict[str, Any]) -> None:
    """Where the sales of its lots stand."""
    for lot in event["lots"]:
        if remote.as_json and "sale" in lot:
            say(json.dumps(lot["sale"]))
        elif not remote.as_json and (said := sale_said(lot, event)):
            say(text(f"{lot['title']}: {said}"))


async def _watch(remote: Remote, event: dict[str, Any], *, awards: bool) -> None:
    seen = Watched(titled(event))
    titles = {lot["lot_id"]: lot["title"] for lot in event["lots"]}
    screen = Console(markup=False, highlight=False)
    drawn = screen.is_terminal and not remote.as_json
    ends = _awarded(remote) if awards else _closed
    async with Client(remote.url, key=remote.secret()) as client, asyncio.TaskGroup() as group:
        tell = _teller(client, remote, drawn=drawn)
        following = {
            lot_id: group.create_task(_follow(client, lot_id, seen, tell, ends)) for lot_id in titles
        }
        hearing = group.create_task(_hear(client, titles, seen, following, _news_teller(remote, drawn=drawn)))
        if drawn:
            group.create_task(_draw(client, following.values(), seen, screen))
        if following:
            await asyncio.wait(following.values())
        hearing.cancel()


async def _closed(lot: LotState) -> bool:
    """Whether the lot runs no more."""
    return lot.state not in RUNNING


def _awarded(remote: Remote) -> Ends:
    async def awarded(lot: LotState) -> bool:
        """Whether nothing can come of the lot any more."""
        if lot.state in RUNNING or lot.state == "closed":
            return False
        path = f"/v1/lots/{segment(lot.lot_id)}/standstill"
        standstill = await asyncio.to_thread(remote.call, "GET", path)
        return standstill.get("state") not in STANDS_STILL

    return awarded


def _teller(client: Client, remote: Remote, *, drawn: bool) -> Callable[[LotState], None]:
    """What is printed of every change, where nothing is drawn."""
    if drawn:
        return lambda _: None
    if remote.as_json:
        return lambda lot: say(json.dumps(msgspec.to_builtins(lot, str_keys=True)))
    return lambda lot: say(text(sentence(lot, client.clock.now_us())))


def _news_teller(remote: Remote, *, drawn: bool) -> Callable[[AwardNews, str], None]:
    """The same of a piece of news, given what it says."""
    if drawn:
        return lambda _, __: None
    if remote.as_json:
        return lambda news, _: say(json.dumps(fields(news)))
    return lambda _, said: say(said)


async def _follow(
    client: Client, lot_id: str, seen: Watched, tell: Callable[[LotState], None], ends: Ends
) -> None:
    """Until it ends."""
    async with client.lot(lot_id) as room:
        async for update in room:
            if isinstance(update, Resynced):
                continue
            seen.take(update)
            tell(update)
            if await ends(update):
                return


async def _hear(
    client: Client,
    titles: Mapping[str, str],
    seen: Watched,
    following: Mapping[str, asyncio.Task[None]],
    tell: Callable[[AwardNews, str], None],
) -> None:
    """News of awards; a lot whose award is final is followed no more."""
    async with client.own() as own:
        async for update in own:
            for news in _news(update, titles):
                said = text(line(news, titles[news.lot_id]))
                seen.news.append(said)
                tell(news, said)
            for lot_id in _final(update, titles):
                following[lot_id].cancel()


def _final(update: OwnUpdate | Resynced, titles: Mapping[str, str]) -> list[str]:
    """Lots whose standstill has ended with that."""
    return [
        each.lot_id
        for each in _news(update, titles)
        if isinstance(each, OwnStandstillEnded) and each.state == "final"
    ]


def _news(update: OwnUpdate | Resynced, titles: Mapping[str, str]) -> list[AwardNews]:
    events = () if isinstance(update, Resynced) else update.events
    return [each for each in events if isinstance(each, AwardNews) and each.lot_id in titles]


async def _draw(
    client: Client, following: Collection[asyncio.Task[None]], seen: Watched, screen: Console
) -> None:
    """Until no lot is followed any more."""
    clock, running = client.clock, True
    with Live(console=screen, auto_refresh=False, transient=False) as live:
        while running:
            running = not all(each.done() for each in following)
            told = _clock(clock.offset_us, clock.round_trip_us)
            live.update(seen.table(clock.now_us(), told), refresh=True)
            await asyncio.sleep(REDRAWN_S if running else 0)


def _clock(offset_us: int, round_trip_us: int) -> str:
    """How far the exchange's clock is ahead; the estimate is off by half a round trip at most."""
    offset, error, there_and_back = (us / 1_000 for us in (offset_us, round_trip_us / 2, round_trip_us))
    return f"clock: {offset:+.1f} ± {error:.1f} ms, round trip {there_and_back:.1f} ms"


def _left(lot: LotState, now_us: int) -> str:
    if lot.paused_at_us or lot.state not in RUNNING:
        return ""
    if lot.state == "waiting":
        return f"opens in {countdown(lot.open_at_us - now_us)}"
    return countdown(lot.close_at_us - now_us)


def _text(value: object) -> str:
    return "" if value is None else str(value)
