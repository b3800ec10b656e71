"""`exchange bid`: a supplier's bid in a lot that takes open bids."""

from exchange.console.remote import HERE, Remote, segment


def bid(lot_id: str, price: str, *, remote: Remote = HERE) -> None:
    """Bid in a lot (supplier). It counts if it arrives before the close.

    Parameters
    ----------
    price
        For one piece: 1.4040 say. In a lot of several lines, for all of it.
    """
    remote.show(remote.call("POST", f"/v1/lots/{segment(lot_id)}/bids", {"price": price}))
