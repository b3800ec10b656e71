"""The naive twin of awards: who has won what is worked out afresh from all that was said, in order."""

from fractions import Fraction
from typing import NamedTuple


class Said(NamedTuple):
    """An award (alias → quantity), or a default of an alias."""

    awarded: dict[int, int]
    defaulted: int = 0
    next_too: bool = False


def standing(bids: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Alias and price, the best first: each bidder's last price, equal ones by who reached theirs first."""
    last = {alias: (price, place) for place, (alias, price) in enumerate(bids)}
    return sorted(
        ((alias, price) for alias, (price, _) in last.items()), key=lambda bid: (bid[1], last[bid[0]][1])
    )


def outcome(bids: list[tuple[int, int]], quantity: int, said: list[Said]) -> tuple[dict[int, int], set[int]]:
    """What each alias has won, and who is out."""
    won: dict[int, int] = {}
    barred: set[int] = set()
    for each in said:
        if each.defaulted:
            whole = len(won) == 1
            barred.add(each.defaulted)
            best = [alias for alias, _ in standing(bids) if alias not in barred]
            won = {best[0]: quantity} if whole and each.next_too and best else {}
        else:
            won = dict(each.awarded)
    return won, barred


def apportioned(quantity: int, shares: list[int]) -> list[int]:
    """By largest remainder, equal ones first come."""
    exact = [Fraction(quantity * share, sum(shares)) for share in shares]
    parts = [int(each) for each in exact]
    order = sorted(range(len(shares)), key=lambda place: (parts[place] - exact[place], place))
    for place in order[: quantity - sum(parts)]:
        parts[place] += 1
    return parts


def bonds_left(
    placed: dict[str, int], winners: set[str], *, bears_fee: bool, over: bool, forfeited: set[str]
) -> set[str]:
    """Who still has a bond in the event once it is over: winners whose bond bears no fee."""
    if not over:
        return set(placed) - forfeited
    return {member for member in placed if member in winners and not bears_fee} - forfeited
