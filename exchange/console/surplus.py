"""Surplus lots on the command line: the terms of a sale from stock, what a lot is of, its payment, where a sale stands.

Guarantees: a sale is told in words to whoever asks, with what to type next; nothing that REST doesn't show to this key.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from cyclopts import Parameter

from exchange.console import CallRefused, WrongUsage
from exchange.console.remote import HERE, Remote, segment
from exchange.console.spans import microseconds, to_the_second
from exchange.core.messages.lot_rules import LotDirection
from exchange.core.messages.lot_sales import SaleTerms
from exchange.core.values import span_of

_USUAL: Final = SaleTerms()


@Parameter(name="*")
@dataclass(frozen=True)
class Stock:
    """Whether an event sells what is in stock, and how it is paid.

    Parameters
    ----------
    from_stock
        Sell from one's own stock (seller): bidders outbid each other, and neither side learns who the other is.
    payment
        From stock: how long a winner may take to pay what its wallet lacks at the award, 36h or 3d; 3d unless said.
    award_next
        From stock: who hasn't paid by then is followed by the next-best bid; or the seller is asked (--no-award-next).
    """

    from_stock: Annotated[bool, Parameter(negative="")] = False
    payment: str = ""
    award_next: bool = True

    def body(self, direction: LotDirection | None) -> dict[str, Any]:
        """What of it REST takes beside the rules. Raises WrongUsage."""
        if not self.from_stock:
            if self.payment or not self.award_next:
                raise WrongUsage("--payment and --no-award-next are terms of a sale: add --from-stock.")
            return {}
        if direction is LotDirection.REVERSE:
            raise WrongUsage("What is sold from stock is bid for upwards: leave --direction out.")
        term = {"payment_us": microseconds(self.payment)} if self.payment else {}
        return {"sale": term | {"award_next": self.award_next}}


NO_STOCK: Final = Stock()


def offered(remote: Remote, name: str, tick: str) -> dict[str, Any]:
    """What a lot from stock says of the instrument of this id or symbol: its tick, too, unless another is given."""
    found = remote.call("GET", f"/v1/instruments/{segment(name)}")
    return {"instrument_id": found["instrument_id"], "tick": tick or found["tick"]}


def with_sales(remote: Remote, event: dict[str, Any]) -> dict[str, Any]:
    """The event, with their `sale` in the lots that have one which this key is told of."""
    if "sale" not in event or not any(lot["state"] in ("closed", "awarded") for lot in event["lots"]):
        return event
    told = remote.call("GET", f"/v1/events/{segment(event['event_id'])}/sales")["sales"]
    sales = {sale["lot_id"]: {"sale": sale} for sale in told}
    return event | {"lots": [lot | sales.get(lot["lot_id"], {}) for lot in event["lots"]]}


def terms_said(sale: dict[str, Any]) -> str:
    """The terms of an event from stock, in a sentence; REST leaves the usual ones out."""
    terms = {"payment_us": _USUAL.payment_us, "award_next": _USUAL.award_next} | sale
    late = "the next-best bid follows" if terms["award_next"] else "the seller is asked"
    return (
        f"Sold from stock. A winner pays within {span_of(terms['payment_us'])}; on one who doesn't, {late}."
    )


def sale_said(lot: dict[str, Any], event: dict[str, Any]) -> str:
    """Where the sale of a lot from stock stands for this viewer, and what to type next; nothing that it isn't told."""
    if "sale" not in lot:
        return _unsold(lot) if event["seen_as"] == "seller" else _not_own(lot, event)
    sale = lot["sale"]
    match sale["state"]:
        case "waits":
            return _waits(sale)
        case "paid":
            paid = sale.get("payable", sale["amount"])
            return f"paid{_by(sale)}: {paid} {sale['currency']}, contract {sale['contract_id']}"
        case _:
            return _unpaid(lot, sale)


def _unsold(lot: dict[str, Any]) -> str:
    """What a seller is told of a lot without a sale; an award that may still be withdrawn has none yet."""
    match lot["state"]:
        case "closed":
            return f"waits for your award (exchange event award {lot['lot_id']} ALIAS, or 0 for nobody)"
        case "awarded" if lot.get("awarded_alias"):
            return "awarded; its sale begins with the end of the standstill"
        case "awarded" | "void":
            return "sold to nobody: the pieces are in stock"
        case _:
            return ""


def _not_own(lot: dict[str, Any], event: dict[str, Any]) -> str:
    """What a bidder is told; while awards stand still, a winner has no sale either."""
    still = event.get("rules", {}).get("standstill_us", 0)
    return "not won" if lot["state"] == "awarded" and "own_price" in lot and not still else ""


def _waits(sale: dict[str, Any]) -> str:
    due, currency = to_the_second(sale["due"]), sale["currency"]
    if sale.get("side") == "buy":
        return f"won: pay {sale['payable']} {currency} by {due} (exchange event pay {sale['lot_id']})"
    whose = (
        f"{sale['buyer_id']}'s {sale['payable']}" if "buyer_id" in sale else f"its buyer's {sale['amount']}"
    )
    return f"waits for {whose} {currency} until {due}"


def _unpaid(lot: dict[str, Any], sale: dict[str, Any]) -> str:
    """Nobody has followed yet, or nobody can."""
    told = f"not paid{_by(sale)} in time"
    if sale.get("side") == "buy":
        return f"{told}: lost"
    if lot["state"] == "closed":
        return f"{told}: award another bid, or nobody (exchange event award {lot['lot_id']} ALIAS, or 0)"
    return f"{told}: the pieces are in stock again"


def _by(sale: dict[str, Any]) -> str:
    """Who pays, to operators."""
    return f" by {sale['buyer_id']}" if "buyer_id" in sale else ""


def pay(lot_id: str, *, remote: Remote = HERE) -> None:
    """Pay for a won surplus lot from the wallet (its winner), before the payment is due."""
    path = f"/v1/lots/{segment(lot_id)}"
    try:
        remote.call("POST", f"{path}/payment")
    except CallRefused as refused:
        sale = remote.call("GET", f"{path}/sale") if refused.reason == "MONEY_SHORT" else {}
        if "due" not in sale:
            raise
        raise CallRefused(_short(sale, refused.bound), refused.reason) from refused
    remote.show(remote.call("GET", f"{path}/sale"))


def _short(sale: dict[str, Any], held: str) -> str:
    """What is missing, and until when."""
    currency, due = sale["currency"], to_the_second(sale["due"])
    return (
        f"The wallet holds {held} {currency}, and the lot takes {sale['payable']} {currency} with tax and commission. "
        f"Pay in what is missing and repeat this, by {due}: what the wallet holds then is taken, or the lot is lost."
    )
