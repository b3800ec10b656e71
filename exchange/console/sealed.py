"""`exchange seal` and `exchange reveal`: bid in a sealed lot; have bids opened whose key was missing.

Guarantees: a price that the exchange could only void once it is opened is refused here, before it is sealed.
"""

from decimal import Decimal, InvalidOperation
from typing import Any

from exchange.console import WrongUsage
from exchange.console.remote import HERE, Remote, segment


def seal(lot_id: str, price: str, *, member: str = "", remote: Remote = HERE) -> int:
    """Seal a unit price here and hand it in (supplier), in place of the one before. Nobody reads it before the close.

    Parameters
    ----------
    price
        1.4040 say.
    member
        Who bids; only needed with a key that sees other members too.
    """
    path = f"/v1/lots/{segment(lot_id)}"
    lot = remote.call("GET", path)
    count = _count(lot, price)
    bidder = member or _own_id(remote)
    from exchange_client.sealing import sealed_bid

    envelope = sealed_bid(lot["sealed"]["public_key"], lot_id=lot_id, member_id=bidder, price=count)
    remote.show(remote.call("POST", f"{path}/envelope", {"envelope": envelope}))
    return 0


def _count(lot: dict[str, Any], price: str) -> int:
    """The price in the exchange's units. Raises WrongUsage."""
    sealed = lot.get("sealed")
    if sealed is None:
        raise WrongUsage("This lot takes open bids. Use `exchange bid`.")
    if not sealed["public_key"]:
        raise WrongUsage("The lot has no key yet. Try again in a moment.")
    tick, ceiling = _bounds(lot)
    try:
        offered = Decimal(price)
        if not offered.is_finite() or offered <= 0 or offered % tick:
            raise WrongUsage(f"{price} is no multiple of {tick}.")
    except InvalidOperation as error:
        raise WrongUsage(f"{price} is no price.") from error
    if offered > ceiling:
        raise WrongUsage(f"{price} is above the ceiling of {ceiling}.")
    return int(offered.scaleb(lot["price_scale"]))


def _bounds(lot: dict[str, Any]) -> tuple[Decimal, Decimal]:
    """Tick and ceiling in the currency that the supplier bids in."""
    tick, ceiling, own = Decimal(lot["tick"]), Decimal(lot["ceiling_price"]), lot.get("own_currency")
    if own is None:
        return tick, ceiling
    from exchange_client.own_currency import OwnCurrency

    own_tick = Decimal(own.get("tick", tick))
    return own_tick, OwnCurrency(own["currency"], Decimal(own["rate"]), own_tick).at_most(ceiling)


def _own_id(remote: Remote) -> str:
    """Whose key it is. Raises WrongUsage where the key sees others too."""
    seen = remote.call("GET", "/v1/members")["members"]
    if len(seen) != 1:
        raise WrongUsage("This key sees other members. Name the bidder with --member.")
    return str(seen[0]["member_id"])


def reveal(lot_id: str, *, remote: Remote = HERE) -> int:
    """Try again to open the sealed bids of a closed lot, once its key is back in `lot-keys` (operator).

    Parameters
    ----------
    lot_id
        The lot. `exchange serve` names it in its log where a key is missing.
    """
    remote.show(remote.call("POST", f"/v1/lots/{segment(lot_id)}/reveal"))
    return 0
