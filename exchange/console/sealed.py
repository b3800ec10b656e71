"""`exchange reveal`: have the sealed bids of a lot opened whose key was missing."""

from exchange.console.remote import HERE, Remote, segment


def reveal(lot_id: str, *, remote: Remote = HERE) -> int:
    """Try again to open the sealed bids of a closed lot, once its key is back in `lot-keys` (operator).

    Parameters
    ----------
    lot_id
        The lot. `exchange serve` names it in its log where a key is missing.
    """
    remote.show(remote.call("POST", f"/v1/lots/{segment(lot_id)}/reveal"))
    return 0
