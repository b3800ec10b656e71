"""Commission of the surplus market: versioned schedules, cumulated per payer so that splitting saves nothing.

Guarantees: fee and tax of a payer's bases in one version, invoice period and currency are those of their
sum, however the sum was split; a charge is never more than its base; a refund gives back what was
charged less what would have been charged on the part that is left.
Does not book: the flow posts what `charge` returns.
Known limits: one rate per version, paid by the seller; no tiers, minimum or cap.
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from exchange.core.messages import AnyEvent
from exchange.core.messages.ledger import CommissionSet, SetCommission
from exchange.core.values import rate_of


class Schedule(Struct, frozen=True, array_like=True, gc=False):
    """What is charged under a version: basis points of the base, and tax in basis points of the fee."""

    version: int
    rate_bps: int
    tax_bps: int


FIRST_SCHEDULE: Final = Schedule(version=1, rate_bps=800, tax_bps=0)
"""The seller pays 8 %, the buyer nothing; no tax until the operator sets one."""


class Charge(Struct, frozen=True, array_like=True, gc=False):
    """Fee and tax of one base, and the payer's sums before it: all that a later refund needs.

    `period` is a month as `values.month_of` writes it. Pin it to the deal; after a part of the base was
    given back, pin what `Commission.left` returns instead.
    """

    payer: str
    schedule_version: int
    period: int
    currency: str
    base_minor: int
    fee_minor: int
    tax_minor: int
    cum_base_minor: int
    cum_fee_minor: int
    cum_tax_minor: int


class Cumulated(Struct, array_like=True, gc=False):
    """Sums of one payer in one version, invoice period and currency, in minor units."""

    period: int
    payer: str
    schedule_version: int
    currency: str
    base_minor: int = 0
    fee_minor: int = 0
    tax_minor: int = 0


class CommissionState(Struct, frozen=True, array_like=True):
    """All schedules, the latest period, and all sums in the order of their first four fields."""

    schedules: list[Schedule]
    period: int
    cumulated: list[Cumulated]


class Commission:
    """The schedules by version, and the sums of every payer, period by period."""

    def __init__(self) -> None:
        self._schedules = [FIRST_SCHEDULE]
        self._period = 0
        self._cumulated: dict[tuple[int, str, int, str], Cumulated] = {}

    @property
    def version(self) -> int:
        """The version to pin to a trade made now."""
        return self._schedules[-1].version

    def schedule(self, version: int) -> Schedule:
        """What is charged under a pinned version."""
        return self._schedules[version - 1]

    def set_commission(self, command: SetCommission, events: list[AnyEvent]) -> None:
        """Begin a new version; what is pinned to an older one keeps it."""
        schedule = Schedule(self.version + 1, command.rate_bps, command.tax_bps)
        self._schedules.append(schedule)
        events.append(CommissionSet(schedule.version, schedule.rate_bps, schedule.tax_bps))

    def charge(
        self, payer: str, schedule_version: int, period: int, currency: str, base_minor: int
    ) -> Charge:
        """Fee and tax for one more base, either of which may be 0; both by difference of the payer's sums.

        `period` is a month as `values.month_of` writes it and never falls. Rounding is half away from
        zero. What a base of a few minor units cannot bear (a fee and a tax that both round up on it) is
        charged to the payer's next base.
        """
        assert base_minor > 0, "a charge has a base"
        assert period >= self._period, "periods never fall"
        self._period = period
        sums = self._sums(payer, schedule_version, period, currency)
        before = sums.base_minor, sums.fee_minor, sums.tax_minor
        fee_minor, tax_minor = self._due(schedule_version, before, base_minor)
        sums.base_minor += base_minor
        sums.fee_minor += fee_minor
        sums.tax_minor += tax_minor
        return Charge(payer, schedule_version, period, currency, base_minor, fee_minor, tax_minor, *before)

    def left(self, charge: Charge, base_left_minor: int) -> Charge:
        """The charge as it would have been for the part of its base that is left, from 0 to all of it."""
        assert 0 <= base_left_minor <= charge.base_minor, "a refund is a part of the base"
        before = charge.cum_base_minor, charge.cum_fee_minor, charge.cum_tax_minor
        fee_minor, tax_minor = self._due(charge.schedule_version, before, base_left_minor)
        return replace(charge, base_minor=base_left_minor, fee_minor=fee_minor, tax_minor=tax_minor)

    def refund(self, charge: Charge, base_left_minor: int) -> tuple[int, int]:
        """Fee and tax to give back when only `base_left_minor` of the base is left: charged - charged on that.

        Later charges are not changed, since each has its own sums before it pinned.
        """
        left = self.left(charge, base_left_minor)
        return charge.fee_minor - left.fee_minor, charge.tax_minor - left.tax_minor

    def _due(self, version: int, before: tuple[int, int, int], base_minor: int) -> tuple[int, int]:
        """Fee and tax that a base adds to the sums (base, fee, tax) before it, at most the base."""
        schedule = self.schedule(version)
        cum_base_minor, cum_fee_minor, cum_tax_minor = before
        fee_minor = min(rate_of(cum_base_minor + base_minor, schedule.rate_bps) - cum_fee_minor, base_minor)
        tax_due_minor = rate_of(cum_fee_minor + fee_minor, schedule.tax_bps) - cum_tax_minor
        return fee_minor, min(tax_due_minor, base_minor - fee_minor)

    def _sums(self, payer: str, schedule_version: int, period: int, currency: str) -> Cumulated:
        """The payer's sums in this period, from zero where it has none."""
        key = period, payer, schedule_version, currency
        sums = self._cumulated.get(key)
        if sums is None:
            sums = self._cumulated[key] = Cumulated(*key)
        return sums

    def dump(self) -> CommissionState:
        """The state: a copy, which later charges do not change."""
        cumulated = [self._cumulated[key] for key in sorted(self._cumulated)]
        return CommissionState(list(self._schedules), self._period, [replace(sums) for sums in cumulated])

    @classmethod
    def load(cls, state: CommissionState) -> "Commission":
        """The commission of a dump."""
        commission = cls()
        commission._schedules = list(state.schedules)
        commission._period = state.period
        commission._cumulated = {
            (sums.period, sums.payer, sums.schedule_version, sums.currency): replace(sums)
            for sums in state.cumulated
        }
        return commission
