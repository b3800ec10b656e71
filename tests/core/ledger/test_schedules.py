"""Commission schedules: the fee of every kind of terms, which version a deal gets, and what may not be published."""

import itertools
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from exchange.core.ledger.commission import Charge, Commission
from exchange.core.ledger.schedules import Schedule, Schedules, SchedulesState
from exchange.core.messages import AnyEvent, PublishSchedule
from exchange.core.messages.ledger import ChargedBase, InvoiceSides, Payer, SchedulePublished, Tier
from exchange.core.rejects import Reject, RejectCode
from tests.models import fees

JUNE = 202406
SUCCESS_FEE = Schedule(
    2, 100, 2_100, (Tier(50_000_00, 200),), minimum_minor=250_00, cap_minor=5_000_00, currency="USD"
)


@pytest.mark.parametrize(
    "case, award, fee",
    [
        ("two tiers", 125_000_00, 1_750_00),
        ("only the first", 50_000_00, 1_000_00),
        ("less than the minimum", 1_000_00, 250_00),
        ("more than the cap", 1_000_000_00, 5_000_00),
        ("nothing for nothing", 0, 0),
    ],
)
def test_two_per_cent_to_fifty_thousand_then_one_with_minimum_and_cap(
    case: str, award: int, fee: int
) -> None:
    assert SUCCESS_FEE.fee_minor(award) == fee


def test_its_tax_is_that_of_the_fee() -> None:
    assert SUCCESS_FEE.tax_minor(1_750_00) == 367_50


def test_a_pool_in_three_deals_pays_two_per_cent_each() -> None:
    two_per_cent = Schedule(2, 200, 2_100)

    paid = [two_per_cent.fee_minor(share) for share in (4881_55, 2928_93, 2196_70)]

    assert paid == [97_63, 58_58, 43_93]
    assert [two_per_cent.tax_minor(fee) for fee in paid] == [20_50, 12_30, 9_23]


def test_a_whole_tier_rates_all_of_the_base_and_never_less_than_a_smaller_base() -> None:
    rebate = Schedule(2, 100, 0, (Tier(1_000, 200),), whole=True, currency="USD")

    assert [rebate.fee_minor(base) for base in (1_000, 1_001, 2_000, 3_000)] == [20, 20, 20, 30]


RATES = st.integers(0, 10_000)
BOUNDS = st.lists(st.integers(1, 120), max_size=3, unique=True).map(sorted)
TERMS = st.builds(
    lambda rate, tax, bounds, rates, whole, fixed, minimum, cap: fees.Terms(
        rate,
        tax,
        tuple(zip(bounds, rates, strict=False)),
        whole and bool(bounds),
        fixed,
        minimum,
        cap and max(cap, fixed, minimum),
    ),
    RATES,
    RATES,
    BOUNDS,
    st.lists(RATES, min_size=3, max_size=3),
    st.booleans(),
    st.integers(0, 20),
    st.integers(0, 30),
    st.integers(0, 60),
)
BASES = st.lists(st.integers(1, 40), min_size=1, max_size=6)


@given(TERMS, st.integers(0, 200))
def test_the_twin_gives_the_same_tier_by_tier_as_unit_by_unit(terms: fees.Terms, base: int) -> None:
    assert fees.fee_of_sum(terms, base) == fees.fee_due(terms, base)


PAYERS = {0: Payer.SELLER, 10_000: Payer.BUYER}


def published(terms: fees.Terms) -> Commission:
    """Version 2 has the terms."""
    commission = Commission()
    command = PublishSchedule(
        rate_bps=terms.rate_bps,
        tax_bps=terms.tax_bps,
        tiers=tuple(Tier(up_to, rate) for up_to, rate in terms.tiers),
        whole=terms.whole,
        fixed_minor=terms.fixed,
        minimum_minor=terms.minimum,
        cap_minor=terms.cap,
        currency="USD",
        payer=PAYERS.get(terms.buyer_bps, Payer.SPLIT),
        buyer_share_bps=0 if terms.buyer_bps in PAYERS else terms.buyer_bps,
    )
    assert commission.schedules.refusal(command, 1) is None
    commission.publish(command, 1, [])
    return commission


def charges(commission: Commission, bases: list[int]) -> list[Charge]:
    return [commission.charge("S1", 2, JUNE, "USD", base) for base in bases]


@given(TERMS, BASES)
def test_every_fee_is_that_of_the_terms_worked_out_afresh(terms: fees.Terms, bases: list[int]) -> None:
    taken = charges(published(terms), bases)

    assert [(each.fee_minor, each.tax_minor) for each in taken] == fees.charged(terms, bases)


@given(TERMS, BASES, st.data())
def test_what_was_charged_and_is_owed_with_the_invoice_is_the_fee_of_the_sum(
    terms: fees.Terms, bases: list[int], data: st.DataObject
) -> None:
    commission = published(terms)
    taken = charges(commission, bases)
    left = sum(bases)
    if data.draw(st.booleans()):
        last = data.draw(st.integers(0, bases[-1]))
        commission.give_back(taken[-1], last, JUNE)
        left = sum(bases[:-1]) + last

    (line,) = commission.issue(JUNE, [])[0].lines

    kept = line.fee_minor - line.refunded_fee_minor + line.owed_fee_minor
    kept_tax = line.tax_minor - line.refunded_tax_minor + line.owed_tax_minor
    assert (kept, kept_tax) == (fees.fee_due(terms, left), fees.tax_due(terms, kept))


@given(TERMS, st.integers(1, 200), st.data())
def test_no_split_of_an_order_lowers_its_fee(terms: fees.Terms, whole: int, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, whole - 1)), max_size=5)))
    edges = [0, *[cut for cut in cuts if cut < whole], whole]
    parts = [after - before for before, after in itertools.pairwise(edges)]

    def invoiced(bases: list[int]) -> tuple[int, int]:
        commission = published(terms)
        charges(commission, bases)
        (line,) = commission.issue(JUNE, [])[0].lines
        return line.fee_minor + line.owed_fee_minor, line.tax_minor + line.owed_tax_minor

    assert invoiced(parts) == invoiced([whole])


SPLITS = 100_000
MARKET = fees.Terms(800, 2_100)
SPLIT = fees.Terms(800, 2_100, ((1_000_00, 300),), minimum=5_00, buyer_bps=3_333)
TIERED = fees.Terms(100, 2_100, ((50_000_00, 200),), minimum=250_00, cap=5_000_00)


@pytest.mark.parametrize(
    "terms, side",
    [(MARKET, Payer.SELLER), (TIERED, Payer.SELLER), (SPLIT, Payer.BUYER), (SPLIT, Payer.SELLER)],
    ids=["eight per cent", "tiers, minimum and cap", "a buyer's third", "the seller's rest"],
)
def test_a_hundred_thousand_random_splits_of_orders_never_lower_a_fee(terms: fees.Terms, side: Payer) -> None:
    chance, commission = Random(8), published(terms)
    schedule = commission.schedule(2)
    sums = []
    for number in range(SPLITS // 2):
        bases = [chance.randint(1, 10 ** chance.randint(1, 8)) for _ in range(chance.randint(1, 6))]
        for base in bases:
            commission.charge(f"S{number:06}", 2, JUNE, "USD", base, side)
        sums.append(sum(bases))

    invoices = commission.issue(JUNE, [])

    assert len(invoices) == SPLITS // 2
    for invoice, whole in zip(invoices, sums, strict=True):
        (line,) = invoice.lines
        fee = line.fee_minor + line.owed_fee_minor
        assert (line.base_minor, fee) == (whole, schedule.borne_minor(whole, side))
        assert line.tax_minor + line.owed_tax_minor == schedule.tax_minor(fee)


# --- who pays ---------------------------------------------------------------------------------------

SHARED = st.builds(lambda terms, bps: terms._replace(buyer_bps=bps), TERMS, st.integers(0, 10_000))


@given(SHARED, BASES)
def test_of_one_sum_the_parts_of_both_sides_add_up_to_the_fee(terms: fees.Terms, bases: list[int]) -> None:
    schedule = published(terms).schedule(2)

    for base in bases:
        parts = [schedule.borne_minor(base, side) for side in (Payer.BUYER, Payer.SELLER)]
        assert parts == [fees.borne(terms, base, side) for side in ("buyer", "seller")]
        assert sum(parts) == fees.fee_due(terms, base)


@given(SHARED, BASES, st.sampled_from([Payer.BUYER, Payer.SELLER]))
def test_what_a_side_was_charged_and_owes_is_its_part_of_the_fee_of_its_sum_however_it_was_split(
    terms: fees.Terms, bases: list[int], side: Payer
) -> None:
    commission, whole = published(terms), sum(bases)
    for base in bases:
        commission.charge("P1", 2, JUNE, "USD", base, side)

    events: list[AnyEvent] = []
    invoices = commission.issue(JUNE, events)

    if not commission.schedule(2).share_bps(side):
        assert invoices == []
        return
    ((line,),) = [invoice.lines for invoice in invoices]
    fee, tax = line.fee_minor + line.owed_fee_minor, line.tax_minor + line.owed_tax_minor
    assert (line.base_minor, fee) == (whole, fees.borne(terms, whole, side))
    assert tax == fees.tax_due(terms, fee)
    sides = [event.sides for event in events if isinstance(event, InvoiceSides)]
    assert sides == ([(Payer.BUYER,)] if side is Payer.BUYER else [])


FILLS = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 40)), min_size=1, max_size=12)


@given(SHARED, FILLS)
def test_what_orders_that_fill_in_turn_cannot_bear_of_a_buyers_fee_is_owed_on_its_invoice(
    terms: fees.Terms, fills: list[tuple[int, int]]
) -> None:
    commission, spent, paid = published(terms), [0] * 3, [0] * 3
    schedule = commission.schedule(2)
    for order, base in fills:
        spent[order] += base
        held = schedule.most_minor(spent[order]) - paid[order]
        charge = commission.charge("B1", 2, JUNE, "USD", base, Payer.BUYER, held)
        assert charge.fee_minor + charge.tax_minor <= held
        paid[order] += charge.fee_minor + charge.tax_minor

    if not terms.buyer_bps:
        return
    ((line,),) = [invoice.lines for invoice in commission.issue(JUNE, [])]
    due = fees.borne(terms, sum(spent), "buyer")
    assert line.fee_minor <= due == line.fee_minor + line.owed_fee_minor


@given(SHARED.filter(lambda terms: not terms.whole), st.integers(0, 200), st.integers(1, 200))
def test_what_a_buyer_holds_covers_its_fee_and_tax_on_top_of_any_sum(
    terms: fees.Terms, before: int, base: int
) -> None:
    commission = published(terms)
    if before:
        commission.charge("B1", 2, JUNE, "USD", before, Payer.BUYER, 10**9)

    charge = commission.charge("B1", 2, JUNE, "USD", base, Payer.BUYER, 10**9)

    assert charge.fee_minor + charge.tax_minor <= commission.schedule(2).most_minor(base)


def test_a_member_who_bought_and_sold_is_invoiced_for_either_side_of_its_own() -> None:
    commission = published(fees.Terms(1_000, buyer_bps=2_500))
    events: list[AnyEvent] = []
    commission.charge("M1", 2, JUNE, "USD", 1_000, Payer.SELLER)
    commission.charge("M1", 2, JUNE, "USD", 400, Payer.BUYER)

    (invoice,) = commission.issue(JUNE, events)

    assert [(line.base_minor, line.fee_minor) for line in invoice.lines] == [(400, 10), (1_000, 75)]
    assert InvoiceSides(1, (Payer.BUYER, Payer.SELLER)) in events


def test_a_buyer_never_gets_a_sellers_own_version_so_that_its_fee_tells_nobody_who_sold() -> None:
    schedules = Schedules()
    publish(schedules, payer=Payer.BUYER)
    publish(schedules, seller="S1")

    assert schedules.version_for("S1", "USD") == 3
    assert schedules.buyers_version("USD") == 2


# --- which version ----------------------------------------------------------------------------------


def publish(schedules: Schedules, at_us: int = 10, **fields: Any) -> int | Reject:
    command = PublishSchedule(rate_bps=500, **fields)
    if refused := schedules.refusal(command, at_us):
        return refused
    given = {name: getattr(command, name) for name in Schedule.__struct_fields__ if name != "version"}
    return schedules.publish(Schedule(0, **given), at_us).version


def test_the_narrowest_scope_goes_first_and_a_promotion_before_what_stands() -> None:
    schedules = Schedules()
    publish(schedules, currency="USD")
    publish(schedules, seller="S1")
    publish(schedules, seller="S1", currency="EUR")
    publish(schedules, seller="S2", ends_us=99)
    publish(schedules, ends_us=99)

    assert schedules.version_for("S1", "EUR") == 4
    assert schedules.version_for("S1", "USD") == 3
    assert schedules.version_for("S2", "USD") == 5
    assert schedules.version_for("S3", "USD") == 2
    assert schedules.version_for("S3", "JPY") == 6


def test_a_version_that_begins_later_changes_nothing_until_then() -> None:
    schedules = Schedules()

    version = publish(schedules, begins_us=50, ends_us=60)
    before = schedules.version_for("S1", "USD")
    schedules.begin(2)
    during = schedules.version_for("S1", "USD")
    schedules.end(2)

    assert (version, before, during, schedules.version_for("S1", "USD")) == (2, 1, 2, 1)


def test_loaded_schedules_apply_as_the_dumped_did() -> None:
    schedules = Schedules()
    publish(schedules, seller="S1")
    publish(schedules, begins_us=50)
    publish(schedules, ends_us=99)
    dumped = msgpack.encode(schedules.dump())

    loaded = Schedules.load(msgpack.decode(dumped, type=SchedulesState))

    assert msgpack.encode(loaded.dump()) == dumped
    assert [loaded.version_for(seller, "USD") for seller in ("S1", "S2")] == [2, 4]


@pytest.mark.parametrize(
    "fields, expected",
    [
        ({"currency": "ZZZ"}, Reject(RejectCode.CURRENCY_UNKNOWN, field="currency")),
        ({"market": "bazaar"}, Reject(RejectCode.SCHEDULE_NOT_CHARGEABLE, field="market")),
        ({"base": ChargedBase.SAVINGS}, Reject(RejectCode.SCHEDULE_NOT_CHARGEABLE, field="base")),
        (
            {"payer": Payer.BUYER, "seller": "S1"},
            Reject(RejectCode.SCHEDULE_CONTRADICTS, field="payer"),
        ),
        ({"payer": Payer.SPLIT}, Reject(RejectCode.SCHEDULE_CONTRADICTS, field="buyer_share_bps")),
        (
            {"payer": Payer.BUYER, "buyer_share_bps": 5_000},
            Reject(RejectCode.SCHEDULE_CONTRADICTS, field="buyer_share_bps"),
        ),
        ({"fixed_minor": 1}, Reject(RejectCode.SCHEDULE_CONTRADICTS, field="currency")),
        (
            {"currency": "USD", "tiers": (Tier(9, 1), Tier(5, 1))},
            Reject(RejectCode.SCHEDULE_CONTRADICTS, field="tiers"),
        ),
        ({"whole": True}, Reject(RejectCode.SCHEDULE_CONTRADICTS, field="whole")),
        (
            {"currency": "USD", "minimum_minor": 9, "cap_minor": 8},
            Reject(RejectCode.SCHEDULE_CONTRADICTS, field="cap_minor"),
        ),
        ({"begins_us": 60, "ends_us": 50}, Reject(RejectCode.SCHEDULE_CONTRADICTS, field="ends_us")),
        ({"begins_us": 9}, Reject(RejectCode.SCHEDULE_IN_THE_PAST, 10, "begins_us")),
        ({"ends_us": 10}, Reject(RejectCode.SCHEDULE_IN_THE_PAST, 10, "ends_us")),
        ({"begins_us": 29, "ends_us": 31}, Reject(RejectCode.SCHEDULE_OVERLAPS, 2, "begins_us")),
        ({"begins_us": 10, "ends_us": 21}, Reject(RejectCode.SCHEDULE_OVERLAPS, 2, "begins_us")),
        ({"begins_us": 70}, Reject(RejectCode.SCHEDULE_OVERLAPS, 3, "begins_us")),
    ],
)
def test_what_cannot_be_charged_or_contradicts_or_overlaps_is_refused_by_name(
    fields: dict[str, Any], expected: Reject
) -> None:
    schedules = Schedules()
    publish(schedules, begins_us=20, ends_us=30)
    publish(schedules, begins_us=70)

    assert publish(schedules, **fields) == expected


def test_windows_that_only_touch_or_have_another_scope_do_not_overlap() -> None:
    schedules = Schedules()
    publish(schedules, begins_us=20, ends_us=30)

    assert publish(schedules, begins_us=30, ends_us=40) == 3
    assert publish(schedules, begins_us=20, ends_us=30, seller="S1") == 4
    assert publish(schedules, begins_us=20, ends_us=30, currency="EUR") == 5


def test_a_published_version_is_told_with_all_its_terms() -> None:
    commission, events = Commission(), list[AnyEvent]()

    schedule = commission.publish(PublishSchedule(rate_bps=300, tax_bps=2_100, seller="S1"), 7, events)

    assert schedule == Schedule(2, 300, 2_100, seller="S1", begins_us=7)
    names = SchedulePublished.__struct_fields__
    assert [getattr(events[0], name) for name in names] == [getattr(schedule, name) for name in names]
