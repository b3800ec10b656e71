"""The naive twin of commission schedules: every fee is worked out afresh from the terms, in exact fractions."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple


class Terms(NamedTuple):
    """A schedule by its terms: tiers are (up to, rate), the rate applies above them."""

    rate_bps: int
    tax_bps: int = 0
    tiers: tuple[tuple[int, int], ...] = ()
    whole: bool = False
    fixed: int = 0
    minimum: int = 0
    cap: int = 0
    buyer_bps: int = 0


def rounded(amount: Fraction) -> int:
    """Half away from zero, of what is never negative."""
    return int(amount + Fraction(1, 2))


def rate_at(terms: Terms, unit: int) -> int:
    """The rate of the unit-th minor unit of a base, from 1."""
    return next((rate for up_to, rate in terms.tiers if unit <= up_to), terms.rate_bps)


def fee_due(terms: Terms, base: int) -> int:
    """The fee of a sum of bases, minor unit by minor unit."""
    if base == 0:
        return 0
    if terms.whole:
        parts = max(Fraction(unit * rate_at(terms, unit), 10_000) for unit in range(1, base + 1))
    else:
        parts = sum((Fraction(rate_at(terms, unit), 10_000) for unit in range(1, base + 1)), Fraction(0))
    fee = max(terms.fixed + rounded(parts), terms.minimum)
    return min(fee, terms.cap) if terms.cap else fee


def fee_of_sum(terms: Terms, base: int) -> int:
    """As `fee_due`, tier by tier instead of unit by unit: for sums of any size."""
    if base == 0:
        return 0
    ends = [min(up_to, base) for up_to, _ in terms.tiers] + [base]
    rates = [rate for _, rate in terms.tiers] + [terms.rate_bps]
    begins = [0, *ends[:-1]]
    parts = [
        Fraction((end if terms.whole else end - begin) * rate, 10_000)
        for begin, end, rate in zip(begins, ends, rates, strict=True)
        if begin < end
    ]
    share = max(parts) if terms.whole else sum(parts, Fraction(0))
    fee = max(terms.fixed + rounded(share), terms.minimum)
    return min(fee, terms.cap) if terms.cap else fee


def tax_due(terms: Terms, fee: int) -> int:
    return rounded(Fraction(fee * terms.tax_bps, 10_000))


def borne(terms: Terms, base: int, side: str) -> int:
    """A side's part of the fee: the buyer's is rounded, the seller bears the rest."""
    fee = fee_of_sum(terms, base)
    buyers = rounded(Fraction(fee * terms.buyer_bps, 10_000))
    return buyers if side == "buyer" else fee - buyers


def charged(terms: Terms, bases: Sequence[int]) -> list[tuple[int, int]]:
    """Fee and tax of each base in turn, none of which bears more than itself."""
    charges: list[tuple[int, int]] = []
    for number, base in enumerate(bases, 1):
        fee_before, tax_before = sum(fee for fee, _ in charges), sum(tax for _, tax in charges)
        fee = min(fee_due(terms, sum(bases[:number])) - fee_before, base)
        tax = min(tax_due(terms, fee_before + fee) - tax_before, base - fee)
        charges.append((fee, tax))
    return charges
