"""What a commission schedule says, which one a deal gets, and what may not be published.

Guarantees: a fee never falls as its base grows, so that splitting a base into orders cannot lower it;
at every instant one version applies to a seller's deals in a currency; a published version never changes.
Does not cumulate: `commission` adds a payer's bases up and asks for the fee of the sum.
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from exchange.core.messages.ledger import ChargedBase, Payer, PublishSchedule, Tier
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import CURRENCY_EXPONENT, divided_half_away, rate_of

SURPLUS: Final = "surplus"
"""The continuous market: charges a part of the price."""
SOURCING: Final = "sourcing"
"""Sourcing events: charge a part of the award, or of what it saves."""
BASES: Final = {
    SURPLUS: (ChargedBase.PRICE,),
    SOURCING: (ChargedBase.AWARD, ChargedBase.SAVINGS),
}
"""What each market charges by."""
Scope = tuple[str, str, str]
"""Of which market, whose deals (empty: everybody's), in which currency (empty: in all)."""
_EVERYBODY: Final = (SURPLUS, "", "")


class Schedule(Struct, frozen=True, array_like=True, gc=False):
    """A version: basis points of the base with what bounds them, and tax in basis points of the fee.

    Amounts are in minor units of `currency` and 0 where there is none. `rate_bps` applies above the last
    tier. Empty `seller` and `currency`: everybody's, every currency. `ends_us` 0: until a newer one begins.
    """

    version: int
    rate_bps: int
    tax_bps: int
    tiers: tuple[Tier, ...] = ()
    whole: bool = False
    fixed_minor: int = 0
    minimum_minor: int = 0
    cap_minor: int = 0
    market: str = SURPLUS
    seller: str = ""
    currency: str = ""
    begins_us: int = 0
    ends_us: int = 0
    payer: Payer = Payer.SELLER
    base: ChargedBase = ChargedBase.PRICE
    tax_category: str = ""
    buyer_share_bps: int = 0  # of the fee, where the payer is split

    @property
    def scope(self) -> Scope:
        """Which deals it is for."""
        return self.market, self.seller, self.currency

    def fee_minor(self, base_minor: int) -> int:
        """The fee of a sum of bases; nothing for nothing. Rounded once, half away from zero."""
        if base_minor == 0:
            return 0
        rates = self._by_whole_tier(base_minor) if self.whole else self._by_marginal_tier(base_minor)
        fee = max(self.fixed_minor + divided_half_away(rates, 10_000), self.minimum_minor)
        return min(fee, self.cap_minor) if self.cap_minor else fee

    def share_bps(self, side: Payer) -> int:
        """How much of the fee a side of the deal, seller or buyer, bears."""
        buyer_bps = _BUYER_BPS.get(self.payer, self.buyer_share_bps)
        return buyer_bps if side is _BUYER else 10_000 - buyer_bps

    def borne_minor(self, base_minor: int, side: Payer) -> int:
        """A side's part of the fee of its own sum; over one sum both parts add up to the fee."""
        fee_minor = self.fee_minor(base_minor)
        buyers_minor = rate_of(fee_minor, self.share_bps(_BUYER))
        return buyers_minor if side is _BUYER else fee_minor - buyers_minor

    def most_minor(self, base_minor: int) -> int:
        """What a buyer has to hold for its part of the fee and the tax on it: whatever it was charged on before.

        Only a tier of the whole sum can make more due on the base, when the sum reaches it.
        """
        if base_minor == 0:
            return 0
        rate_bps = max(self.rate_bps, *(tier.rate_bps for tier in self.tiers), 0)
        fee = max(self.fixed_minor + _raised(base_minor, rate_bps), self.minimum_minor)
        fee = min(fee, self.cap_minor) if self.cap_minor else fee
        borne = _raised(fee, self.share_bps(_BUYER))
        return borne + _raised(borne, self.tax_bps)

    def tax_minor(self, fee_minor: int) -> int:
        """The tax on a sum of fees."""
        return rate_of(fee_minor, self.tax_bps)

    def _by_marginal_tier(self, base_minor: int) -> int:
        """Each part of the base at the rate of its own tier, in 10^-4 minor units."""
        below, rates = 0, 0
        for tier in self.tiers:
            rates += max(0, min(base_minor, tier.up_to_minor) - below) * tier.rate_bps
            below = tier.up_to_minor
        return rates + max(0, base_minor - below) * self.rate_bps

    def _by_whole_tier(self, base_minor: int) -> int:
        """All of the base at one rate; never less than a smaller base would have paid at its own."""
        below, rates = 0, 0
        for tier in self.tiers:
            if base_minor > below:
                rates = max(rates, min(base_minor, tier.up_to_minor) * tier.rate_bps)
            below = tier.up_to_minor
        return max(rates, base_minor * self.rate_bps) if base_minor > below else rates


_BUYER: Final = Payer.BUYER
_BUYER_BPS: Final = {Payer.SELLER: 0, Payer.BUYER: 10_000}


def _raised(amount_minor: int, rate_bps: int) -> int:
    """`rate_bps` basis points of an amount, rounded up."""
    return -(-amount_minor * rate_bps // 10_000)


FIRST_SCHEDULE: Final = Schedule(version=1, rate_bps=800, tax_bps=0)
"""The seller pays 8 %, the buyer nothing; no tax until the operator sets one."""


class SchedulesState(Struct, frozen=True, array_like=True):
    """All versions, and which of them apply now."""

    schedules: list[Schedule]
    active: list[int]


class Schedules:
    """All versions from 1 on, and for every scope the standing one and the promotion that apply now.

    A deal gets the narrowest scope: the seller's in the currency, the seller's, the currency's, everybody's;
    within a scope the promotion (a schedule that ends) goes before the standing one.
    """

    def __init__(self) -> None:
        self.all = [FIRST_SCHEDULE]
        self._standing: dict[Scope, int] = {FIRST_SCHEDULE.scope: FIRST_SCHEDULE.version}
        self._promotions: dict[Scope, int] = {}
        self._is_plain = True  # one scope and no promotion: nothing to choose
        self.charge_buyers = False  # whether any that applies does

    @property
    def standing_version(self) -> int:
        """Everybody's standing version in every currency."""
        return self._standing[_EVERYBODY]

    def schedule(self, version: int) -> Schedule:
        """A version that was published."""
        return self.all[version - 1]

    def version_for(self, seller: str, currency: str) -> int:
        """The version to pin to a deal of the surplus market that is made now."""
        if self._is_plain:
            return self._standing[_EVERYBODY]
        version = self._narrowest(SURPLUS, seller, currency)
        assert version, "everybody has a standing schedule"
        return version

    def version_for_award(self, seller: str, currency: str) -> int:
        """The version to pin to an award that is made now to this supplier; 0: nothing is charged."""
        return self._narrowest(SOURCING, seller, currency)

    def _narrowest(self, market: str, seller: str, currency: str) -> int:
        for whose in ((seller, currency), (seller, ""), ("", currency), ("", "")):
            scope = market, *whose
            version = self._promotions.get(scope) or self._standing.get(scope)
            if version:
                return version
        return 0

    def buyers_version(self, currency: str) -> int:
        """The version to pin to a buyer's order that is placed now; 0: it pays nothing.

        Never a seller's own, so that nobody learns from its fee who sold.
        """
        if not self.charge_buyers:
            return 0
        version = self.version_for("", currency)
        return version if self.schedule(version).share_bps(_BUYER) else 0

    def refusal(self, command: PublishSchedule, at_us: int) -> Reject | None:
        """Checks: CURRENCY_UNKNOWN; SCHEDULE_NOT_CHARGEABLE (market or base that nothing is charged by);
        SCHEDULE_CONTRADICTS with the field; SCHEDULE_IN_THE_PAST; SCHEDULE_OVERLAPS with the other version.
        """
        if command.currency and command.currency not in CURRENCY_EXPONENT:
            return Reject(RejectCode.CURRENCY_UNKNOWN, field="currency")
        if command.market not in BASES:
            return Reject(RejectCode.SCHEDULE_NOT_CHARGEABLE, field="market")
        if command.base not in BASES[command.market]:
            return Reject(RejectCode.SCHEDULE_NOT_CHARGEABLE, field="base")
        if field := _contradiction(command):
            return Reject(RejectCode.SCHEDULE_CONTRADICTS, field=field)
        if command.begins_us and command.begins_us < at_us:
            return Reject(RejectCode.SCHEDULE_IN_THE_PAST, at_us, "begins_us")
        if command.ends_us and command.ends_us <= at_us:
            return Reject(RejectCode.SCHEDULE_IN_THE_PAST, at_us, "ends_us")
        return self._overlap(command, at_us)

    def _overlap(self, command: PublishSchedule, at_us: int) -> Reject | None:
        """Two promotions of one scope may not share an instant, nor two standing ones begin at the same."""
        begins_us, ends_us = command.begins_us or at_us, command.ends_us
        for other in self.all:
            scope = command.market, command.seller, command.currency
            if other.scope != scope or bool(other.ends_us) != bool(ends_us):
                continue
            meets = other.begins_us < ends_us and begins_us < other.ends_us
            if meets if ends_us else other.begins_us == begins_us:
                return Reject(RejectCode.SCHEDULE_OVERLAPS, other.version, "begins_us")
        return None

    def publish(self, schedule: Schedule, at_us: int) -> Schedule:
        """Add the next version, with its number; it applies at once unless it begins later."""
        begins_us = schedule.begins_us or at_us
        added = replace(schedule, version=len(self.all) + 1, begins_us=begins_us)
        self.all.append(added)
        if begins_us <= at_us:
            self.begin(added.version)
        return added

    def begin(self, version: int) -> None:
        """The version applies from now on."""
        schedule = self.schedule(version)
        (self._promotions if schedule.ends_us else self._standing)[schedule.scope] = version
        self._settle()

    def end(self, version: int) -> None:
        """The promotion applies no more."""
        scope = self.schedule(version).scope
        if self._promotions.get(scope) == version:
            del self._promotions[scope]
        self._settle()

    def _settle(self) -> None:
        active = [self.schedule(each) for each in (*self._standing.values(), *self._promotions.values())]
        surplus = [schedule for schedule in active if schedule.market == SURPLUS]
        self._is_plain = len(surplus) == 1 and not surplus[0].ends_us
        self.charge_buyers = any(schedule.share_bps(_BUYER) for schedule in surplus)

    def dump(self) -> SchedulesState:
        """The state: a copy."""
        return SchedulesState(list(self.all), sorted([*self._standing.values(), *self._promotions.values()]))

    @classmethod
    def load(cls, state: SchedulesState) -> "Schedules":
        """The schedules of a dump."""
        schedules = cls()
        schedules.all = list(state.schedules)
        for version in state.active:
            schedules.begin(version)
        return schedules


def _contradiction(command: PublishSchedule) -> str:
    """The first field that contradicts another, or nothing."""
    bounds = [tier.up_to_minor for tier in command.tiers]
    amounts = bounds or command.fixed_minor or command.minimum_minor or command.cap_minor
    for field, contradicts in (
        ("currency", bool(amounts) and not command.currency),
        ("tiers", bounds != sorted(frozenset(bounds))),
        ("whole", command.whole and not command.tiers),
        ("payer", bool(command.seller) and command.payer is not Payer.SELLER),
        ("buyer_share_bps", (command.payer is Payer.SPLIT) != (0 < command.buyer_share_bps < 10_000)),
        ("cap_minor", 0 < command.cap_minor < max(command.minimum_minor, command.fixed_minor)),
        ("ends_us", 0 < command.ends_us <= command.begins_us),
    ):
        if contradicts:
            return field
    return ""
