"""Whether the rules of a drafted lot leave a first bid, found without trying price after price.

Guarantees: exact for whoever bids in the event's currency. What others have bid is no rule: it is asked of an empty lot.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from exchange.core.limits import PREMIUM_BPS_MAX
from exchange.core.market.lots.admission import Admission, Bounds, step_at
from exchange.core.market.lots.formats import format_of
from exchange.core.market.lots.lines import prices_at, total_of
from exchange.core.market.sourcing import Lot
from exchange.core.messages.lines import LotLine
from exchange.core.messages.lot_rules import LotDirection
from exchange.core.messages.sourcing import AddLot


def spoilt_bids(command: AddLot, direction: LotDirection) -> Iterator[tuple[str, int]]:
    """The rules that leave no bid, each with the border that it would have to keep, 0 where that is no number; asked of
    rules that fit otherwise.

    A `max_step` below the step that is asked for at the ceiling; a qualification price that no first bid reaches within
    whole steps and the largest one; lines of which no discount comes to a price that would be taken.
    """
    rules = command.rules
    if not format_of(rules).takes_bids:
        return
    # All rules bind the price that is bid, whatever it compares as.
    lot = Lot.drafted("", replace(command, rules=replace(rules, scoring=None)), direction)
    largest = step_at(lot, lot.ceiling_price)
    if 0 < rules.max_step < largest:
        yield "rules.max_step", largest
    admission = Admission(Bounds(lot), "")
    worst, best = admission.nearest(admission.first), admission.best(admission.last)
    if worst is None or best is None:
        yield "rules.qualification_price", _best_first(admission)
    elif rules.by_discount:
        lowest, highest = sorted((admission.price(worst), admission.price(best)))
        if not any_discount(rules.lines, lowest, highest):
            yield "rules.by_discount", 0


def _best_first(admission: Admission) -> int:
    """The best first price that all rules but that of the qualification would take."""
    admission.limit = admission.first
    return admission.price(admission.best(admission.last))


def any_discount(lines: Sequence[LotLine], lowest: int, highest: int) -> bool:
    """Whether one discount off all lines makes a total between these two, and nothing free that may not be."""

    def total(discount_bps: int) -> int:
        return total_of(lines, prices_at(lines, discount_bps))

    every = range(-PREMIUM_BPS_MAX, 10_001)
    # The least discount that is enough has the dearest lines of all that are.
    least = every[bisect_left(every, -highest, key=lambda discount: -total(discount))]
    free = (
        not price and not line.may_be_free for line, price in zip(lines, prices_at(lines, least), strict=True)
    )
    return lowest <= total(least) and not any(free)
