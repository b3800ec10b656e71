"""`exchange event`: draft a sourcing event, put lots into it, invite, publish, steer and award."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import App, Parameter

from exchange.console import WrongUsage
from exchange.console.loads import Batch, DryRun, load_lots
from exchange.console.monitor import monitor
from exchange.console.papers import report
from exchange.console.qualifying import COMMANDS as QUALIFYING
from exchange.console.qualifying import json_of
from exchange.console.remote import HERE, Remote, say, segment
from exchange.console.spans import instant, microseconds
from exchange.console.surplus import NO_STOCK, Stock, offered, pay, sale_said, terms_said, with_sales
from exchange.console.tables import text, titled
from exchange.core.messages.lot_rules import LotDirection, LotSchedule

app: Final = App(
    name="event", help="Run sourcing events, from draft to award (buyer), and answer them (supplier)."
)
RulesFile = Annotated[
    Path | None, Parameter(help="JSON with more rules, as `rules` of the REST description has them.")
]


Practice = Annotated[bool, Parameter(negative="")]


@Parameter(name="*")
@dataclass(frozen=True)
class Clock:
    """When lots open and close.

    Parameters
    ----------
    open_at
        When it opens: an instant with its time zone, or +5m from now.
    duration
        How long a lot is open: 90s, 20m, 1h30m.
    window
        A new lead within this time before the close extends the lot; 0s means no overtime.
    extension
        For how long, from that bid.
    overtime_max
        All extensions of a lot together.
    preview_at
        From when suppliers are shown the lots, as --open-at; else from the publication.
    """

    open_at: str
    duration: str
    window: str = "2m"
    extension: str = "2m"
    overtime_max: str = "1h"
    preview_at: str = ""

    def body(self) -> dict[str, Any]:
        """As REST takes it. Raises WrongUsage."""
        now = datetime.now(UTC)
        preview = {"preview_at": instant(self.preview_at, now)} if self.preview_at else {}
        return preview | {
            "open_at": instant(self.open_at, now),
            "duration_us": microseconds(self.duration),
            "overtime": {
                "window_us": microseconds(self.window),
                "extension_us": microseconds(self.extension),
                "total_us_max": microseconds(self.overtime_max),
            },
        }


@Parameter(name="*")
@dataclass(frozen=True)
class Sight:
    """What suppliers see of each other, beside their own rank.

    Parameters
    ----------
    hide_lead
        Don't show the leading price.
    count
        Show how many take part.
    prices
        Show all prices by alias.
    lead_after_bid
        Show a supplier nothing of the lead before it has bid itself.
    """

    hide_lead: Annotated[bool, Parameter(negative="")] = False
    count: Annotated[bool, Parameter(negative="")] = False
    prices: Annotated[bool, Parameter(negative="")] = False
    lead_after_bid: Annotated[bool, Parameter(negative="")] = False

    def body(self) -> dict[str, bool]:
        """As REST takes it."""
        shown = {"participant_count": self.count, "prices_by_alias": self.prices}
        after = {"lead_visible_after_valid_bid": self.lead_after_bid}
        return {"lead_price": not self.hide_lead, **shown, **after}


USUAL: Final = Sight()


@app.command
def draft(
    title: str,
    *,
    currency: str,
    clock: Clock,
    price_scale: int = 4,
    direction: LotDirection | None = None,
    schedule: LotSchedule = LotSchedule.SINGLE,
    sight: Sight = USUAL,
    stock: Stock = NO_STOCK,
    bond: str = "",
    practice: Practice = False,
    rules: RulesFile = None,
    remote: Remote = HERE,
) -> None:
    """Draft an event, by default a live English reverse auction with overtime; prints its id.

    Parameters
    ----------
    title
        What it is about; suppliers see it.
    currency
        USD say.
    price_scale
        Decimals of its prices.
    direction
        reverse: suppliers underbid each other, as unless said otherwise; forward: bidders outbid each other.
    schedule
        single: there is one lot. Of several: parallel, all at the same time; staggered, which close one after the
        other; serial, which open one after the other.
    bond
        What every bidder deposits before its first bid, and loses if it wins and doesn't perform: 100.00 say.
    practice
        For suppliers to train: whoever is invited may bid, and nothing binds.
    """
    named = {"title": title, "currency": currency, "price_scale": price_scale}
    way = direction or (LotDirection.FORWARD if stock.from_stock else LotDirection.REVERSE)
    more = (
        {"direction": way, "schedule": schedule} | ({"bid_bond_amount": bond} if bond else {}) | _rules(rules)
    )
    body = named | clock.body() | {"disclosure": sight.body(), "rules": more, "practice": practice}
    body |= stock.body(direction)
    remote.show(remote.call("POST", "/v1/events", body))


@app.command
def lot(
    event_id: str,
    title: str,
    *,
    quantity: int,
    ceiling: str,
    step: str,
    tick: str = "",
    part: str = "",
    reserve: str = "",
    rules: RulesFile = None,
    remote: Remote = HERE,
) -> None:
    """Put a lot into a draft; prints its id.

    Parameters
    ----------
    quantity
        How many pieces are bought, or sold. A bid is a price for one.
    ceiling
        The highest price that is taken.
    step
        By how much a bid has to improve, at least.
    tick
        Every price is a multiple of it; one unit of the last decimal, or the part's tick, unless said otherwise.
    part
        In an event from stock, what is sold: an instrument by its symbol or id (`exchange search`).
    reserve
        A hidden price: on worse bids than this no award is due.
    """
    body = {"title": title, "quantity": quantity, "ceiling_price": ceiling, "min_step": step}
    body |= {"tick": tick} if tick else {}
    body |= offered(remote, part, tick) if part else {}
    more = ({"reserve_price": reserve} if reserve else {}) | _rules(rules)
    body |= {"rules": more} if more else {}
    remote.show(remote.call("POST", f"/v1/events/{segment(event_id)}/lots", body))


@app.command
def lots(
    event_id: str, file: Path, *, dry_run: DryRun = False, batch: Batch = "", remote: Remote = HERE
) -> int:
    """Put the lots of a spreadsheet (CSV or XLSX) into a draft, in the order of its rows; all of them or none.

    Columns: title, quantity, ceiling_price, min_step, and those of the REST description (`/docs`) that you like.

    Parameters
    ----------
    file
        Its faults are told by row and column, with exit code 1.
    """
    return load_lots(event_id, file, dry_run, batch, remote)


@app.command
def invite(event_id: str, *member_id: str, remote: Remote = HERE) -> None:
    """Admit suppliers to an event."""
    if not member_id:
        raise WrongUsage("Whom? Give one or more member ids.")
    path = f"/v1/events/{segment(event_id)}/invitations"
    answers = [remote.call("POST", path, {"member_id": each}) | {"member_id": each} for each in member_id]
    remote.show({"invited": answers}, "invited")


@app.command
def publish(event_id: str, *, remote: Remote = HERE) -> None:
    """Fix a draft; it opens by itself."""
    remote.show(remote.call("POST", f"/v1/events/{segment(event_id)}/publication"))


@app.command(name="list")
def list_events(*, limit: int = 20, remote: Remote = HERE) -> None:
    """List the events that this member may see, the latest opening first."""
    answer = remote.call("GET", "/v1/events", query={"limit": str(limit)})
    if not remote.as_json:
        answer["events"] = [
            {name: each[name] for name in ("event_id", "title", "state", "seen_as", "open_at")}
            | {"lots": len(each["lots"]), "practice": each.get("practice", False)}
            for each in answer["events"]
        ]
    remote.show(answer, "events")


@app.command
def show(event_id: str, *, remote: Remote = HERE) -> None:
    """Show an event with its lots, and where the sale of each stands that is from stock."""
    answer = with_sales(remote, remote.call("GET", f"/v1/events/{segment(event_id)}"))
    if not remote.as_json:
        names = ("lot_id", "title", "state", "quantity", "ceiling_price", "close_at", "lead_price")
        more = ("own_price", "own_rank", "bid_max", "bid_min", "participants", "awarded_alias", "winner_id")
        answer["lots"] = [
            {name: each[name] for name in names + more if name in each}
            | ({"sale": sale_said(each, answer)} if "sale" in answer else {})
            for each in answer["lots"]
        ]
    if not remote.for_programs:
        say(
            f"{text(titled(answer))}: {answer['state']}, open from {answer['open_at']}; prices in {answer['currency']}"
        )
    remote.show(answer, "lots")
    if "sale" in answer and not remote.for_programs:
        say(terms_said(answer["sale"]))


@app.command
def pause(event_id: str, reason: str, *, remote: Remote = HERE) -> None:
    """Stop all clocks of an event; no bid is taken meanwhile."""
    remote.show(remote.call("POST", f"/v1/events/{segment(event_id)}/pause", {"reason": reason}))


@app.command
def resume(event_id: str, *, remote: Remote = HERE) -> None:
    """Go on; every timer moves by exactly the paused time."""
    remote.show(remote.call("POST", f"/v1/events/{segment(event_id)}/resumption"))


@app.command
def extend(lot_id: str, close_at: str, *, remote: Remote = HERE) -> None:
    """Close a lot later; it is not overtime."""
    body = {"close_at": instant(close_at, datetime.now(UTC))}
    remote.show(remote.call("POST", f"/v1/lots/{segment(lot_id)}/extension", body))


@app.command
def end(lot_id: str, reason: str, *, remote: Remote = HERE) -> None:
    """Close an open lot now."""
    remote.show(remote.call("POST", f"/v1/lots/{segment(lot_id)}/end", {"reason": reason}))


@app.command
def award(lot_id: str, alias: int, *, remote: Remote = HERE) -> None:
    """Give a closed lot to the supplier behind an alias; 0 awards nobody."""
    remote.show(remote.call("POST", f"/v1/lots/{segment(lot_id)}/award", {"alias": alias}))


@app.command
def cancel(event_id: str, reason: str, *, remote: Remote = HERE) -> None:
    """End an event that is not awarded."""
    remote.show(remote.call("POST", f"/v1/events/{segment(event_id)}/cancellation", {"reason": reason}))


@app.command
def clone(
    event_id: str,
    *,
    open_at: str,
    title: str = "",
    invitations: Annotated[bool, Parameter(negative="")] = False,
    lottery: str = "",
    practice: bool | None = None,
    remote: Remote = HERE,
) -> None:
    """Draft an event like another of one's own (buyer): its rules, lots, terms and questionnaire; prints its id.

    Parameters
    ----------
    open_at
        When the clone opens: an instant with its time zone, or +5m from now.
    title
        Another title.
    invitations
        Invite whom the other one invited.
    lottery
        SHA-256 of another seed, where ties are drawn.
    practice
        For suppliers to train, or --no-practice: in earnest; as the other one, unless said.
    """
    body: dict[str, Any] = {"open_at": instant(open_at, datetime.now(UTC)), "invitations": invitations}
    body |= {"title": title} if title else {}
    body |= {"lottery_sha256": lottery} if lottery else {}
    body |= {} if practice is None else {"practice": practice}
    remote.show(remote.call("POST", f"/v1/events/{segment(event_id)}/clone", body))


app.command(monitor)
app.command(pay)
app.command(report)
for each in QUALIFYING:
    app.command(each)


def _rules(path: Path | None) -> dict[str, Any]:
    """The rules of a file. Raises WrongUsage."""
    return {} if path is None else json_of(path)
