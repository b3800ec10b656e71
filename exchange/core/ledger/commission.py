"""Commission of the surplus market: cumulated per payer so that splitting saves nothing, and invoiced.

Guarantees: fee and tax of a payer's bases in one version, invoice period and currency are those of their
sum, however the sum was split; a charge is never more than its base; a refund gives back what was
charged less what would have been charged on the part that is left. What the bases could not bear (a
minimum above the first base, say) is owed with the invoice, whose fee and tax are those of the sum.
Invoices have consecutive numbers.
Does not book: the flow posts what `charge` and `issue` return.
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from exchange.core.ledger.schedules import Schedule, Schedules, SchedulesState
from exchange.core.messages import AnyEvent
from exchange.core.messages.ledger import (
    CommissionSet,
    InvoiceIssued,
    InvoiceLine,
    InvoiceSides,
    Payer,
    PublishSchedule,
    SchedulePublished,
    ScheduleSplit,
    SetCommission,
)
from exchange.core.rejects import Reject, RejectCode

BUYERS_FEE: Final = "buyers_fee"
BUYERS_TAX: Final = "buyers_fee_tax"
"""Reasons of transfers of what a buyer bears, to the house and back."""


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
    side: Payer = Payer.SELLER  # of the deal, on which the payer stood


class Cumulated(Struct, array_like=True, gc=False):
    """Sums of one payer in one version, invoice period and currency, in minor units.

    `charged_period` is an earlier one in the sums of refunds that came after the invoice of their charges.
    """

    period: int
    payer: str
    schedule_version: int
    currency: str
    charged_period: int
    base_minor: int = 0
    fee_minor: int = 0
    tax_minor: int = 0
    refunded_base_minor: int = 0
    refunded_fee_minor: int = 0
    refunded_tax_minor: int = 0
    side: Payer = Payer.SELLER


class CommissionState(Struct, frozen=True, array_like=True):
    """Schedules, the latest period, sums that are not invoiced in the order of their first fields."""

    schedules: SchedulesState
    period: int
    cumulated: list[Cumulated]
    invoiced_period: int
    invoices: int


class Commission:
    """The schedules, and the sums of every payer, period by period until they are invoiced."""

    def __init__(self) -> None:
        self.schedules = Schedules()
        self._period = 0
        self._cumulated: dict[tuple[int, str, int, str, int, Payer], Cumulated] = {}
        self._invoiced_period = 0
        self._invoices = 0

    @property
    def version(self) -> int:
        """Everybody's standing version; a deal pins `version_for` its seller."""
        return self.schedules.standing_version

    def version_for(self, seller: str, currency: str) -> int:
        """The version to pin to a deal that is made now."""
        return self.schedules.version_for(seller, currency)

    def schedule(self, version: int) -> Schedule:
        """What is charged under a pinned version."""
        return self.schedules.schedule(version)

    def set_commission(self, command: SetCommission, events: list[AnyEvent]) -> int:
        """Begin everybody's next standing version, now; what is pinned to an older one keeps it. Its number."""
        schedule = self.schedules.publish(Schedule(0, command.rate_bps, command.tax_bps), 0)
        events.append(CommissionSet(schedule.version, schedule.rate_bps, schedule.tax_bps))
        return schedule.version

    def publish(self, command: PublishSchedule, at_us: int, events: list[AnyEvent]) -> Schedule:
        """Add a version that was not refused; it begins at its instant."""
        fields = {name: getattr(command, name) for name in Schedule.__struct_fields__ if name != "version"}
        schedule = self.schedules.publish(Schedule(0, **fields), at_us)
        names = SchedulePublished.__struct_fields__
        events.append(SchedulePublished(*(getattr(schedule, name) for name in names)))
        if schedule.buyer_share_bps:
            events.append(ScheduleSplit(schedule.version, schedule.buyer_share_bps))
        return schedule

    # --- charges ---------------------------------------------------------------------------------

    def charge(
        self,
        payer: str,
        schedule_version: int,
        period: int,
        currency: str,
        base_minor: int,
        side: Payer = Payer.SELLER,
        bearable_minor: int | None = None,
    ) -> Charge:
        """Fee and tax for one more base, either of which may be 0; both by difference of the payer's sums.

        `period` is a month as `values.month_of` writes it and never falls. What is due beyond what can be borne
        (None: the base; a fee and a tax that both round up on a few minor units, or a minimum, can be more) is
        charged with the payer's next base. A side that bears nothing under the version has no sums.
        """
        assert base_minor > 0, "a charge has a base"
        assert period >= self._period, "periods never fall"
        self._period = period
        head = payer, schedule_version, period, currency, base_minor
        if not self.schedule(schedule_version).share_bps(side):
            return Charge(*head, 0, 0, 0, 0, 0, side)
        sums = self._sums(payer, schedule_version, period, currency, period, side)
        before = sums.base_minor, sums.fee_minor, sums.tax_minor
        bearable_minor = base_minor if bearable_minor is None else bearable_minor
        fee_minor, tax_minor = self._due(schedule_version, side, before, base_minor, bearable_minor)
        sums.base_minor += base_minor
        sums.fee_minor += fee_minor
        sums.tax_minor += tax_minor
        return Charge(*head, fee_minor, tax_minor, *before, side)

    def left(self, charge: Charge, base_left_minor: int) -> Charge:
        """The charge as it would have been for the part of its base that is left, from 0 to all of it."""
        assert 0 <= base_left_minor <= charge.base_minor, "a refund is a part of the base"
        before = charge.cum_base_minor, charge.cum_fee_minor, charge.cum_tax_minor
        held_minor = charge.fee_minor + charge.tax_minor if base_left_minor else 0
        bearable_minor = base_left_minor if charge.side is Payer.SELLER else held_minor
        fee_minor, tax_minor = self._due(
            charge.schedule_version, charge.side, before, base_left_minor, bearable_minor
        )
        fee_minor, tax_minor = min(fee_minor, charge.fee_minor), min(tax_minor, charge.tax_minor)
        return replace(charge, base_minor=base_left_minor, fee_minor=fee_minor, tax_minor=tax_minor)

    def refund(self, charge: Charge, base_left_minor: int) -> tuple[int, int]:
        """Fee and tax to give back when only `base_left_minor` of the base is left: charged - charged on that.

        Later charges are not changed, since each has its own sums before it pinned. Only tells: `give_back`
        counts it.
        """
        left = self.left(charge, base_left_minor)
        return charge.fee_minor - left.fee_minor, charge.tax_minor - left.tax_minor

    def give_back(self, charge: Charge, base_left_minor: int, period: int) -> tuple[int, int]:
        """As `refund`, and an invoice gives it back: that of the charge, or where there is one already that of `period`."""
        if not self.schedule(charge.schedule_version).share_bps(charge.side):
            return 0, 0
        fee_minor, tax_minor = self.refund(charge, base_left_minor)
        assert period > self._invoiced_period, "an invoiced period changes no more"
        invoiced = charge.period <= self._invoiced_period
        in_period = period if invoiced else charge.period
        sums = self._sums(
            charge.payer, charge.schedule_version, in_period, charge.currency, charge.period, charge.side
        )
        sums.refunded_base_minor += charge.base_minor - base_left_minor
        sums.refunded_fee_minor += fee_minor
        sums.refunded_tax_minor += tax_minor
        return fee_minor, tax_minor

    def _due(
        self, version: int, side: Payer, before: tuple[int, int, int], base_minor: int, bearable_minor: int
    ) -> tuple[int, int]:
        """Fee and tax that a base adds to the sums (base, fee, tax) before it, together what can be borne at most."""
        schedule = self.schedule(version)
        cum_base_minor, cum_fee_minor, cum_tax_minor = before
        due_minor = schedule.borne_minor(cum_base_minor + base_minor, side) - cum_fee_minor
        fee_minor = min(due_minor, bearable_minor)
        tax_due_minor = schedule.tax_minor(cum_fee_minor + fee_minor) - cum_tax_minor
        return fee_minor, min(tax_due_minor, bearable_minor - fee_minor)

    def _sums(
        self,
        payer: str,
        schedule_version: int,
        period: int,
        currency: str,
        charged_period: int,
        side: Payer,
    ) -> Cumulated:
        """The payer's sums in this period, from zero where it has none."""
        key = period, payer, schedule_version, currency, charged_period, side
        sums = self._cumulated.get(key)
        if sums is None:
            sums = self._cumulated[key] = Cumulated(*key[:5], side=side)
        return sums

    # --- invoices --------------------------------------------------------------------------------

    def invoice_refusal(self, period: int, current_period: int) -> Reject | None:
        """Checks: PERIOD_INVALID, PERIOD_NOT_ENDED, PERIOD_INVOICED, EARLIER_PERIOD_OPEN (the bound is which)."""
        if not 1 <= period % 100 <= 12:
            return Reject(RejectCode.PERIOD_INVALID, field="period")
        if period >= current_period:
            return Reject(RejectCode.PERIOD_NOT_ENDED, current_period, "period")
        if period <= self._invoiced_period:
            return Reject(RejectCode.PERIOD_INVOICED, self._invoiced_period, "period")
        earliest = min((sums.period for sums in self._cumulated.values()), default=period)
        if earliest < period:
            return Reject(RejectCode.EARLIER_PERIOD_OPEN, earliest, "period")
        return None

    def issue(self, period: int, events: list[AnyEvent]) -> list[InvoiceIssued]:
        """Number the invoices of an ended period, by payer and then currency, and forget its sums."""
        own: dict[tuple[str, str], list[Cumulated]] = {}
        for key in sorted(key for key in self._cumulated if key[0] == period):
            sums = self._cumulated.pop(key)
            own.setdefault((sums.payer, sums.currency), []).append(sums)
        issued = []
        for payer, currency in sorted(own):
            self._invoices += 1
            sums_of = own[payer, currency]
            lines = tuple(self._line(sums) for sums in sums_of)
            issued.append(InvoiceIssued(self._invoices, payer, period, currency, lines))
            events.append(issued[-1])
            if any(sums.side is not Payer.SELLER for sums in sums_of):
                events.append(InvoiceSides(self._invoices, tuple(sums.side for sums in sums_of)))
        self._invoiced_period = period
        return issued

    def _line(self, sums: Cumulated) -> InvoiceLine:
        """The sums of one version, and what is still owed of the fee and tax of the bases that are left."""
        schedule = self.schedule(sums.schedule_version)
        owed_fee_minor = owed_tax_minor = 0
        if sums.charged_period == sums.period:
            kept_fee_minor = sums.fee_minor - sums.refunded_fee_minor
            kept_tax_minor = sums.tax_minor - sums.refunded_tax_minor
            due_minor = schedule.borne_minor(sums.base_minor - sums.refunded_base_minor, sums.side)
            owed_fee_minor = max(0, due_minor - kept_fee_minor)
            owed_tax_minor = max(0, schedule.tax_minor(kept_fee_minor + owed_fee_minor) - kept_tax_minor)
        return InvoiceLine(
            sums.schedule_version,
            sums.charged_period,
            sums.base_minor,
            sums.fee_minor,
            sums.tax_minor,
            sums.refunded_base_minor,
            sums.refunded_fee_minor,
            sums.refunded_tax_minor,
            owed_fee_minor,
            owed_tax_minor,
        )

    # --- state -----------------------------------------------------------------------------------

    def dump(self) -> CommissionState:
        """The state: a copy, which later charges do not change."""
        cumulated = [replace(self._cumulated[key]) for key in sorted(self._cumulated)]
        return CommissionState(
            self.schedules.dump(), self._period, cumulated, self._invoiced_period, self._invoices
        )

    @classmethod
    def load(cls, state: CommissionState) -> "Commission":
        """The commission of a dump."""
        commission = cls()
        commission.schedules = Schedules.load(state.schedules)
        commission._period = state.period
        commission._cumulated = {
            (
                sums.period,
                sums.payer,
                sums.schedule_version,
                sums.currency,
                sums.charged_period,
                sums.side,
            ): replace(sums)
            for sums in state.cumulated
        }
        commission._invoiced_period, commission._invoices = state.invoiced_period, state.invoices
        return commission
