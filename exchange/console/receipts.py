"""`exchange receipt`: the receipt of an own bid, fetched and recomputed here.

Guarantees: a receipt that doesn't hold ends with exit code 1, whoever gave it.
"""

import json
from pathlib import Path
from typing import Any

from exchange.console import WrongUsage
from exchange.console.remote import HERE, Remote, segment


def receipt(
    lot_id: str = "",
    number: int = 1,
    *,
    sealed: bool = False,
    check: Path | None = None,
    remote: Remote = HERE,
) -> None:
    """Prove that an own bid stands in the journal (supplier), once its lot is closed, or check a receipt that was kept.

    Parameters
    ----------
    lot_id
        The lot that was bid for.
    number
        Which own bid of the lot, from 1.
    sealed
        Of the envelope that was handed in, not of the bid that was found in it.
    check
        A receipt in a file, as --json printed it; nobody is asked then.
    """
    from exchange_client.receipts import checked

    if bool(lot_id) is bool(check):
        raise WrongUsage("Give a lot, or a file with --check.")
    told = _kept(check) if check else remote.call("GET", _path(lot_id, number, sealed=sealed))
    proven = checked(told)
    if remote.as_json:
        remote.show(told)
        return
    facts = {
        "lot": told.get("lot_id"),
        "bid": told.get("number"),
        "at": told.get("at"),
        "member": proven.member_id,
        "command": json.dumps(proven.sent) if proven.sent else "",
        "sequence": proven.sequence,
        "chain": proven.chain,
    }
    rows = [{"what": name, "proved": fact} for name, fact in facts.items() if fact]
    remote.show({"facts": rows}, "facts")


def _path(lot_id: str, number: int, *, sealed: bool) -> str:
    return f"/v1/lots/{segment(lot_id)}/{'envelopes' if sealed else 'bids'}/{number}/receipt"


def _kept(path: Path) -> Any:
    """What is in the file. Raises WrongUsage."""
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise WrongUsage(f"{path} holds no receipt: give a file that --json printed.") from error
