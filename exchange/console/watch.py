"""`exchange watch`: the lots of an event as they run, on one screen; with `--json` a line for every change.

Guarantees: what is shown is what the feed of this member shows, nothing more; the time left is by the exchange's
clock, as the client estimates it.
"""

import asyncio
import json
import sys
from collections import deque
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import msgspec
import uvloop
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from exchange.console.remote import HERE, Remote, segment
from exchange.console.spans import countdown
from exchange_client import Client, LotState, Resynced

BLOCKS: Final = "▁▂▃▄▅▆▇█"
LEADS_KEPT: Final = 32
REDRAWN_S: Final = 0.25
RUNNING: Final = frozenset({"waiting", "open"})
screen: Final = Console()


class Watched:
    """The lots of an event, as they were last shown."""

    def __init__(self, title: str) -> None:
        self.title = title
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
        """All of them, for people."""
        table = Table(box=None, title=self.title, title_justify="left")
        for name in (
            "lot",
            "state",
            "left",
            "lead",
            "own",
            "rank",
            "next bid",
            "bidders",
            "prices",
            "lead so far",
        ):
            table.add_column(
                name, justify="right" if name in ("left", "lead", "own", "rank", "next bid") else "left"
            )
        for lot in self.lots.values():
            table.add_row(*self._row(lot, now_us))
        return Group(table, Text(clock, style="dim"))

    def _row(self, lot: LotState, now_us: int) -> list[str]:
        prices = (
            "" if lot.prices is None else "  ".join(f"{each.alias}: {each.price}" for each in lot.prices[:6])
        )
        next_bid = lot.bid_min if lot.direction == "forward" else lot.bid_max
        return [
            lot.title,
            f"paused ({lot.state})" if lot.paused_at_us else lot.state,
            _left(lot, now_us),
            _text(lot.lead_price),
            _text(lot.own_price),
            _text(lot.own_rank),
            _text(next_bid),
            _text(lot.participants),
            prices,
            sparkline(self.leads[lot.lot_id]),
        ]


def sparkline(values: Iterable[Decimal]) -> str:
    """A column for each value, the lowest and the highest of them at the ends of the scale."""
    kept = list(values)
    if not kept:
        return ""
    low, high = min(kept), max(kept)
    span = high - low or Decimal(1)
    return "".join(BLOCKS[int((value - low) / span * (len(BLOCKS) - 1))] for value in kept)


def watch(event_id: str, *, remote: Remote = HERE) -> None:
    """Watch the lots of an event until all of them are closed: time left, lead, ranks, what to bid next.

    What is shown is what this member may see: a supplier its own rank, a buyer every price by alias.
    """
    event = remote.call("GET", f"/v1/events/{segment(event_id)}")
    uvloop.run(_watch(remote, event))


async def _watch(remote: Remote, event: dict[str, Any]) -> None:
    seen = Watched(event["title"])
    lot_ids = [lot["lot_id"] for lot in event["lots"]]
    async with Client(_websocket_of(remote.url), key=remote.secret()) as client, asyncio.TaskGroup() as group:
        for lot_id in lot_ids:
            group.create_task(_follow(client, lot_id, seen, as_json=remote.as_json))
        if not remote.as_json:
            group.create_task(_draw(client, lot_ids, seen))


async def _follow(client: Client, lot_id: str, seen: Watched, *, as_json: bool) -> None:
    """Until the lot runs no more."""
    async with client.lot(lot_id) as room:
        async for update in room:
            if isinstance(update, Resynced):
                continue
            seen.take(update)
            if as_json:
                sys.stdout.write(json.dumps(msgspec.to_builtins(update, str_keys=True)) + "\n")
                sys.stdout.flush()
            if update.state not in RUNNING:
                return


async def _draw(client: Client, lot_ids: list[str], seen: Watched) -> None:
    """Until no lot runs any more."""
    clock, running = client.clock, True
    with Live(console=screen, auto_refresh=False, transient=False) as live:
        while running:
            running = len(seen.lots) < len(lot_ids) or any(
                each.state in RUNNING for each in seen.lots.values()
            )
            told = (
                f"clock: {clock.offset_us / 1_000:+.1f} ms, round trip {clock.round_trip_us / 1_000:.1f} ms"
            )
            live.update(seen.table(clock.now_us(), told), refresh=True)
            await asyncio.sleep(REDRAWN_S if running else 0)


def _left(lot: LotState, now_us: int) -> str:
    if lot.paused_at_us or lot.state not in RUNNING:
        return ""
    if lot.state == "waiting":
        return f"opens in {countdown(lot.open_at_us - now_us)}"
    return countdown(lot.close_at_us - now_us)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _websocket_of(url: str) -> str:
    """The address of the feeds of an exchange."""
    parts = urlsplit(url)
    scheme = "wss" if parts.scheme == "https" else "ws"
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + "/v1/ws", "", ""))
