import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from exchange.core.ledger.commission import Charge, Commission, CommissionState
from exchange.core.ledger.schedules import Schedule
from exchange.core.messages import AnyEvent, CommissionSet, SetCommission
from tests.models.ledger import fee_of

JUNE, JULY = 202406, 202407


def a_commission(rate_bps: int = 800, tax_bps: int = 2_100) -> Commission:
    """Its second version has these rates."""
    commission = Commission()
    commission.set_commission(SetCommission(rate_bps=rate_bps, tax_bps=tax_bps), [])
    return commission


def charged(commission: Commission, bases: list[int], payer: str = "S1") -> tuple[int, int]:
    """Sums of fee and tax over the bases, charged one by one."""
    charges = [commission.charge(payer, 2, JUNE, "USD", base) for base in bases]
    return sum(charge.fee_minor for charge in charges), sum(charge.tax_minor for charge in charges)


def fee_and_tax(charge: Charge) -> tuple[int, int]:
    return charge.fee_minor, charge.tax_minor


def test_the_first_schedule_is_eight_per_cent_without_tax() -> None:
    commission = Commission()

    assert commission.schedule(commission.version) == Schedule(version=1, rate_bps=800, tax_bps=0)
    assert fee_and_tax(commission.charge("S1", 1, JUNE, "USD", 237_500)) == (19_000, 0)


def test_a_new_schedule_is_the_next_version_and_the_old_one_stays() -> None:
    commission, events = Commission(), list[AnyEvent]()

    commission.set_commission(SetCommission(rate_bps=1_000, tax_bps=2_100), events)

    assert events == [CommissionSet(2, 1_000, 2_100)]
    assert commission.version == 2
    assert fee_and_tax(commission.charge("S1", 1, JUNE, "USD", 10_000)) == (800, 0)
    assert fee_and_tax(commission.charge("S1", 2, JUNE, "USD", 10_000)) == (1_000, 210)


def test_halves_are_rounded_away_from_zero() -> None:
    assert fee_and_tax(a_commission(rate_bps=50, tax_bps=5_000).charge("S1", 2, JUNE, "USD", 100)) == (1, 1)


def test_a_split_base_pays_what_the_whole_would() -> None:
    whole, split = a_commission(), a_commission()

    assert charged(whole, [1_000]) == (80, 17)
    assert charged(split, [5] * 200) == (80, 17)


@given(st.lists(st.integers(3, 10**9), min_size=1, max_size=50))
def test_no_split_changes_the_fee_or_the_tax_of_the_sum(bases: list[int]) -> None:
    fee = fee_of(sum(bases), 800)

    assert charged(a_commission(), bases) == (fee, fee_of(fee, 2_100))


SMALL_BASES = st.lists(st.integers(1, 40), min_size=1, max_size=50)


@given(st.integers(0, 10_000), st.integers(0, 10_000), SMALL_BASES)
def test_no_charge_is_more_than_its_base(rate_bps: int, tax_bps: int, bases: list[int]) -> None:
    commission = a_commission(rate_bps, tax_bps)

    for base in bases:
        fee, tax = fee_and_tax(commission.charge("S1", 2, JUNE, "USD", base))
        assert fee >= 0 and tax >= 0 and fee + tax <= base


@given(st.integers(0, 4_000), st.integers(0, 10_000), SMALL_BASES)
def test_what_small_bases_could_not_bear_is_charged_to_a_large_one(
    rate_bps: int, tax_bps: int, bases: list[int]
) -> None:
    bases.append(1_000_000)

    fee = fee_of(sum(bases), rate_bps)
    assert charged(a_commission(rate_bps, tax_bps), bases) == (fee, fee_of(fee, tax_bps))


def test_a_cent_that_bears_its_fee_but_not_the_tax_leaves_the_tax_to_the_next_base() -> None:
    commission = a_commission()
    charged(commission, [31])

    assert fee_and_tax(commission.charge("S1", 2, JUNE, "USD", 1)) == (
        1,
        0,
    )  # due: fee 3 (was 2) and tax 1 (was 0)
    assert fee_and_tax(commission.charge("S1", 2, JUNE, "USD", 4)) == (0, 1)


@pytest.mark.parametrize(
    "case, payer, version, period, currency",
    [
        ("another payer", "S2", 2, JUNE, "USD"),
        ("another version", "S1", 3, JUNE, "USD"),
        ("another month", "S1", 2, JULY, "USD"),
        ("another currency", "S1", 2, JUNE, "EUR"),
    ],
)
def test_sums_are_kept_apart(case: str, payer: str, version: int, period: int, currency: str) -> None:
    commission = a_commission()
    commission.set_commission(SetCommission(rate_bps=800), [])
    charged(commission, [6])

    assert charged(a_commission(), [6, 1]) == (1, 0)
    assert commission.charge(payer, version, period, currency, 1).fee_minor == 0


def test_an_ended_month_is_kept_and_takes_no_more_charges() -> None:
    commission = a_commission()
    charged(commission, [6])

    commission.charge("S1", 2, JULY, "USD", 7)

    assert [(sums.period, sums.base_minor) for sums in commission.dump().cumulated] == [(JUNE, 6), (JULY, 7)]
    with pytest.raises(AssertionError, match="never fall"):
        commission.charge("S1", 2, JUNE, "USD", 6)


def test_a_charge_pins_the_sums_before_it() -> None:
    commission = a_commission()
    commission.charge("S1", 2, JUNE, "USD", 1_000)

    charge = commission.charge("S1", 2, JUNE, "USD", 500)

    assert charge == Charge("S1", 2, JUNE, "USD", 500, 40, 8, 1_000, 80, 17)


def test_a_claim_of_forty_per_cent_gives_back_forty_per_cent_of_fee_and_tax() -> None:
    commission = a_commission()
    charge = commission.charge("S1", 2, JUNE, "USD", 237_500)

    assert fee_and_tax(charge) == (19_000, 3_990)
    assert commission.refund(charge, 142_500) == (7_600, 1_596)


def test_a_refund_is_no_other_for_what_was_charged_since() -> None:
    commission = a_commission()
    charge = commission.charge("S1", 2, JUNE, "USD", 237_500)
    commission.charge("S1", 2, JUNE, "USD", 99)

    assert commission.refund(charge, 142_500) == (7_600, 1_596)


@given(st.integers(0, 10_000), st.integers(0, 10_000), SMALL_BASES, st.integers(1, 10**6), st.data())
def test_refunds_one_by_one_give_back_what_was_charged_and_no_more(
    rate_bps: int, tax_bps: int, before: list[int], base: int, data: st.DataObject
) -> None:
    commission = a_commission(rate_bps, tax_bps)
    charged(commission, before)
    first = charge = commission.charge("S1", 2, JUNE, "USD", base)
    returned = [0, 0]
    for left in [*sorted(data.draw(st.lists(st.integers(0, base), max_size=4)), reverse=True), 0]:
        fee, tax = commission.refund(charge, left)
        assert fee >= 0 and tax >= 0
        returned = [returned[0] + fee, returned[1] + tax]
        charge = commission.left(charge, left)

    assert returned == [first.fee_minor, first.tax_minor]


CHARGES = st.lists(st.tuples(st.sampled_from(["S1", "S2"]), st.integers(1, 500)), max_size=20)


@given(CHARGES, CHARGES)
def test_a_loaded_commission_goes_on_where_the_dumped_one_stood(
    before: list[tuple[str, int]], after: list[tuple[str, int]]
) -> None:
    commission = a_commission()
    for payer, base in before:
        commission.charge(payer, 2, JUNE, "USD", base)
    dumped = msgpack.encode(commission.dump())
    loaded = Commission.load(msgpack.decode(dumped, type=CommissionState))

    for payer, base in after:
        charge = payer, 2, JUNE, "USD", base
        assert loaded.charge(*charge) == commission.charge(*charge)

    assert loaded.dump() == commission.dump()


def test_a_dump_is_not_changed_by_later_charges_nor_by_who_paid_first() -> None:
    first, second = a_commission(), a_commission()
    for payer in ("S1", "S2"):
        charged(first, [10], payer)
    for payer in ("S2", "S1"):
        charged(second, [10], payer)
    dumped = first.dump()
    encoded = msgpack.encode(dumped)

    charged(first, [10])

    assert msgpack.encode(dumped) == encoded == msgpack.encode(second.dump())
