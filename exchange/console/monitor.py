"""`exchange event monitor`: an event as it runs, for its buyer: clocks, savings, bids by alias, who is connected.

Guarantees: shows what REST shows to this key, read anew every so often; it ends with the last lot. Where there is no
terminal it tells every look that shows something new, and folds nothing.
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
from exchange.console.screens import columns, title_cell
from exchange.console.spans import SECOND_US, countdown, microseconds
from exchange.console.tables import titled
from exchange.core.values import span_of

RUNNING: Final = frozenset({"draft", "waiting", "open"})
BIDS_SHOWN: Final = 8
PLAIN_WIDTH: Final = 240
"""Of lines that no terminal folds."""
screen: Final = Console(markup=False, highlight=False)


def monitor(
    event_id: str,
    *,
    every: str = "1s",
    once: Annotated[bool, Parameter(negative="")] = False,
    remote: Remote = HERE,
) -> None:
    """Watch all lots of an event (buyer): clocks, overtime, savings, bids by alias, connected suppliers.

    Where there is no terminal, it is printed whenever something is new; with --json as a line of JSON.

    Parameters
    ----------
    every
        How often it is read: 1s, 30s.
    once
        Show it as it is now, and end.
    """
    path, pause_s = f"/v1/events/{segment(event_id)}/monitor", microseconds(every) / SECOND_US
    if remote.as_json or once or not screen.is_terminal:
        _tell(remote, path, pause_s, once=once)
        return
    with Live(console=screen, auto_refresh=False) as live:
        while True:
            seen = remote.call("GET", path)
            live.update(picture(seen), refresh=True)
            if not _runs(seen):
                return
            time.sleep(pause_s)


def _tell(remote: Remote, path: str, pause_s: float, *, once: bool) -> None:
    """What is new, look by look; for programs a line each."""
    told: Any = None
    while True:
        seen = remote.call("GET", path)
        news = _timeless(seen)
        if news != told:
            say(json.dumps(seen) if remote.as_json else _printed(seen, again=told is not None))
        told = news
        if once or not _runs(seen):
            return
        time.sleep(pause_s)


def _printed(seen: dict[str, Any], *, again: bool) -> str:
    """A look as lines, without what fills them up to a screen's width."""
    plain = screen if screen.is_terminal else Console(width=PLAIN_WIDTH, markup=False, highlight=False)
    with plain.capture() as lines:
        plain.print(picture(seen))
    return "\n" * again + "\n".join(line.rstrip() for line in lines.get().splitlines())


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
    people = f"connected: {len(connected)} of {len(seen['suppliers'])} suppliers" if seen["suppliers"] else ""
    named = f" ({', '.join(connected)})" if connected else ""
    title = f"{titled(seen)}: {seen['state']}{paused}; prices in {seen['currency']}, saved {_saved(seen)}"
    return Group(Text(title, style="italic"), _lots(seen), _bids(seen), Text(people + named, style="dim"))


def _lots(seen: dict[str, Any]) -> Table:
    figures = ("left", "overtime", "before", "lead", "saved", "bidders")
    table = columns(("lot", "state", *figures, "standing"), figures, ("lot", "standing"))
    for lot in seen["lots"]:
        table.add_row(
            title_cell(lot["title"]),
            lot["state"],
            _left(lot),
            f"{span_of(lot['overtime_us'])} of {span_of(lot['overtime_us_max'])}",
            lot["baseline_price"] or "",
            lot.get("lead_price") or "",
            _percent(lot["savings"]) if lot["savings"] else "",
            str(lot.get("bidders", "sealed")),
            "  ".join(f"{each['alias']}: {each['price']}" for each in lot.get("standing", [])[:6]),
        )
    return table


def _left(lot: dict[str, Any]) -> str:
    """Of its clock, if it runs."""
    left = countdown(lot["left_us"]) if "left_us" in lot else ""
    return f"opens in {left}" if left and lot["state"] == "waiting" else left


def _bids(seen: dict[str, Any]) -> Table | Text:
    """The latest of all lots."""
    table = columns(("latest bids at", "lot", "alias", "price"), ("alias", "price"), ("lot",))
    every = [(bid["at"], lot["title"], bid) for lot in seen["lots"] for bid in lot.get("bids", [])]
    if not every:
        return Text("no bid is recorded yet")
    every.sort(key=lambda each: each[0], reverse=True)
    for at, title, bid in every[:BIDS_SHOWN]:
        revoked = " (revoked)" if "revoked" in bid else ""
        table.add_row(at, title_cell(title), str(bid["alias"]), bid["price"] + revoked)
    return table


def _saved(seen: dict[str, Any]) -> str:
    """By all lots together."""
    percent = _percent(seen["savings"])
    return f"{seen['savings']['saved']} {seen['currency']}" + (f" ({percent})" if percent else "")


def _percent(savings: dict[str, Any]) -> str:
    return "" if savings["saved_percent"] is None else f"{savings['saved_percent']} %"
