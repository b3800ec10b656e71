"""`exchange event monitor`: an event as it runs, for its buyer: clocks, savings, bids by alias, who is connected.

Guarantees: shows what REST shows to this key, read anew every so often; it ends with the last lot.
"""

import json
import time
from typing import Annotated, Any, Final

from cyclopts import Parameter
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from exchange.console.remote import HERE, Remote, say, segment
from exchange.console.spans import SECOND_US, countdown, microseconds
from exchange.console.tables import titled

RUNNING: Final = frozenset({"draft", "waiting", "open"})
BIDS_SHOWN: Final = 8
screen: Final = Console(markup=False, highlight=False)


def monitor(
    event_id: str,
    *,
    every: str = "1s",
    once: Annotated[bool, Parameter(negative="")] = False,
    remote: Remote = HERE,
) -> None:
    """Watch all lots of an event (buyer): clocks, overtime, savings, bids by alias, connected suppliers.

    With --json a line of JSON for every look that shows something new.

    Parameters
    ----------
    every
        How often it is read: 1s, 30s.
    once
        Show it as it is now, and end.
    """
    path, pause_s = f"/v1/events/{segment(event_id)}/monitor", microseconds(every) / SECOND_US
    if remote.as_json:
        _tell(remote, path, pause_s, once=once)
        return
    with Live(console=screen, auto_refresh=False) as live:
        while True:
            seen = remote.call("GET", path)
            live.update(picture(seen), refresh=True)
            if once or not _runs(seen):
                return
            time.sleep(pause_s)


def _tell(remote: Remote, path: str, pause_s: float, *, once: bool) -> None:
    """Lines for programs."""
    told: Any = None
    while True:
        seen = remote.call("GET", path)
        news = _timeless(seen)
        if news != told:
            say(json.dumps(seen))
        told = news
        if once or not _runs(seen):
            return
        time.sleep(pause_s)


def _runs(seen: dict[str, Any]) -> bool:
    return any(lot["state"] in RUNNING for lot in seen["lots"])


def _timeless(seen: dict[str, Any]) -> Any:
    """What is seen without what passes by itself."""
    lots = [{name: each for name, each in lot.items() if name != "left_us"} for lot in seen["lots"]]
    return seen | {"at": "", "lots": lots}


def picture(seen: dict[str, Any]) -> Group:
    """One look, for people."""
    connected = [each["member_id"] for each in seen["suppliers"] if each["connected"]]
    paused = f", paused since {seen['paused_at']}" if "paused_at" in seen else ""
    people = f"connected: {len(connected)} of {len(seen['suppliers'])} suppliers"
    named = f" ({', '.join(connected)})" if connected else ""
    title = f"{titled(seen)}: {seen['state']}{paused}; saved {_saved(seen['savings'])} {seen['currency']}"
    return Group(_lots(seen, title), _bids(seen), Text(people + named, style="dim"))


def _lots(seen: dict[str, Any], title: str) -> Table:
    table = Table(box=None, title=title, title_justify="left")
    for name in ("lot", "state", "left", "overtime", "before", "lead", "saved", "bidders", "standing"):
        table.add_column(name, justify="left" if name in ("lot", "state", "standing") else "right")
    for lot in seen["lots"]:
        table.add_row(
            lot["title"],
            lot["state"],
            countdown(lot["left_us"]) if "left_us" in lot else "",
            f"{lot['overtime_us'] // SECOND_US} s of {lot['overtime_us_max'] // SECOND_US} s",
            lot["baseline_price"] or "",
            lot.get("lead_price") or "",
            _saved(lot["savings"]) if lot["savings"] else "",
            str(lot.get("bidders", "sealed")),
            "  ".join(f"{each['alias']}: {each['price']}" for each in lot.get("standing", [])[:6]),
        )
    return table


def _bids(seen: dict[str, Any]) -> Table:
    """The latest of all lots."""
    table = Table(box=None, title="latest bids", title_justify="left")
    for name in ("at", "lot", "alias", "price"):
        table.add_column(name, justify="right" if name in ("alias", "price") else "left")
    every = [(bid["at"], lot["title"], bid) for lot in seen["lots"] for bid in lot.get("bids", [])]
    every.sort(key=lambda each: each[0], reverse=True)
    for at, title, bid in every[:BIDS_SHOWN]:
        revoked = " (revoked)" if "revoked" in bid else ""
        table.add_row(at, title, str(bid["alias"]), bid["price"] + revoked)
    return table


def _saved(savings: dict[str, Any]) -> str:
    percent = savings["saved_percent"]
    return savings["saved"] if percent is None else f"{savings['saved']} ({percent} %)"
