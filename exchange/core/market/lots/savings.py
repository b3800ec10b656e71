"""What a lot costs against what it would have cost: the baseline, and what is saved against it.

Guarantees: exact; amounts are rounded once, as those of awards are. The baseline is what was paid before, where the
buyer gave it, or else the price at which the lot opens: reverse its ceiling, forward its floor, where it has one.
Does not say who may see it: the price before is its buyer's secret.
"""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from exchange.core.market.lots.pricing import amount_minor
from exchange.core.market.sourcing import Lot, SourcingEvent
from exchange.core.messages.awards import WonPart
from exchange.core.messages.lot_rules import LotDirection
from exchange.core.values import divided_half_away


class Baseline(StrEnum):
    """Where the price before comes from."""

    HISTORIC = "historic"  # it was paid before
    CEILING = "ceiling"  # the highest admissible bid of a reverse lot
    FLOOR = "floor"  # where a forward lot opens


class Savings(Struct, frozen=True):
    """Amounts in minor units before and after; a forward lot saves what it brings more."""

    before_minor: int
    after_minor: int
    saved_minor: int  # below zero: it costs more, or brings less

    @property
    def saved_bps(self) -> int | None:
        """Of the amount before, rounded half away from zero; nothing where that is none."""
        return divided_half_away(self.saved_minor * 10_000, self.before_minor) if self.before_minor else None


def baseline_of(lot: Lot) -> tuple[int, Baseline] | None:
    """The price before, and where it comes from; nothing for a forward lot that opens nowhere."""
    if lot.rules.historic_price:
        return lot.rules.historic_price, Baseline.HISTORIC
    if lot.direction is LotDirection.REVERSE:
        return lot.ceiling_price, Baseline.CEILING
    return (lot.rules.floor_price, Baseline.FLOOR) if lot.rules.floor_price else None


def savings_at(event: SourcingEvent, lot: Lot, price: int, quantity: int = 0) -> Savings | None:
    """What the lot, or so many of its pieces, saves at this price of the event's currency; nothing where there is no
    baseline, and in practice.
    """
    baseline, pieces = baseline_of(lot), quantity or lot.quantity
    if baseline is None or event.practice:
        return None
    before, after = amount_minor(event, baseline[0], pieces), amount_minor(event, price, pieces)
    return _saved(lot, before, after)


def _saved(lot: Lot, before: int, after: int) -> Savings:
    return Savings(before, after, before - after if lot.direction is LotDirection.REVERSE else after - before)


def savings_of(event: SourcingEvent, lot: Lot, parts: Iterable[WonPart]) -> Savings | None:
    """What all these parts save, each at its own price; nothing where there is no baseline, or no part, and in practice."""
    if (baseline := baseline_of(lot)) is None or event.practice:
        return None
    every = [
        _saved(lot, amount_minor(event, baseline[0], part.quantity), part.amount_minor) for part in parts
    ]
    return sum_of(every) if every else None


def sum_of(savings: Iterable[Savings]) -> Savings:
    """All of them together."""
    every = list(savings)
    return Savings(
        sum(each.before_minor for each in every),
        sum(each.after_minor for each in every),
        sum(each.saved_minor for each in every),
    )
