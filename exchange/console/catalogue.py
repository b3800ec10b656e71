"""`exchange search`: find instruments."""

from typing import Any

from exchange.console.remote import HERE, Remote
from exchange.core.messages import Condition


def search(
    wish: str = "",
    *,
    manufacturer: str = "",
    condition: Condition | None = None,
    limit: int = 20,
    remote: Remote = HERE,
) -> None:
    """Find instruments by part number, a piece of one, or words; best first, with what is on offer.

    Parameters
    ----------
    wish
        lm358 say, or LM-358 P, or a word of the description.
    manufacturer
        Only those of this maker.
    condition
        Only goods in this state.
    limit
        Hits at most, 500 at once.
    """
    query = {"q": wish, "manufacturer": manufacturer, "condition": condition or "", "limit": str(limit)}
    given = {name: text for name, text in query.items() if text}
    answer = remote.call("GET", "/v1/instruments", query=given)
    if not remote.as_json:
        answer["instruments"] = [_row(each) for each in answer["instruments"]]
    remote.show(answer, "instruments")


def _row(hit: dict[str, Any]) -> dict[str, str]:
    """What people want to see of a hit."""
    part = hit.get("part", {})
    return {
        "symbol": hit["symbol"],
        "manufacturer": part.get("manufacturer", ""),
        "condition": part.get("condition", ""),
        "bid": _level(hit, "bid"),
        "ask": _level(hit, "ask"),
        "description": hit.get("description", ""),
        "instrument_id": hit["instrument_id"],
    }


def _level(hit: dict[str, Any], side: str) -> str:
    level = hit.get(side)
    return f"{level['quantity']} at {level['price']} {hit['currency']}" if level else ""
