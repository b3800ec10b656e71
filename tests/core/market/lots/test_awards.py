"""Lots of several equal units and sealed lots with scores: who wins and what each gets, against the naive units."""

from fractions import Fraction
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from exchange.core.market.lots.awards import Awards, expected_parts
from exchange.core.messages.lot_rules import EventRules, LotDirection, LotFormat, LotRules, TiePolicy
from exchange.core.messages.scoring import CostRate, Scoring
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.lots.test_scoring import a_feature
from tests.core.market.room import CLOSE, FORWARD, OPEN
from tests.core.market.sealed_room import (
    FIRST_PRICE,
    SECOND_PRICE,
    SealedRoom,
    a_sealed_draft,
    an_open_sealed_lot,
)
from tests.models.scoring import NaiveScoredLot
from tests.models.units import NaiveUnits, Worth

TWO_UNITS = replace(SECOND_PRICE, winners=2)
SEED = "four bearings"
MEAT = Scoring([a_feature("Warranty", 0, 1_000)])


def opened(rules: LotRules, *prices: int, event_rules: EventRules = EventRules()) -> SealedRoom:  # noqa: B008
    """s1, s2 and so on have bid these prices for ten pieces, in this order."""
    room = an_open_sealed_lot(rules, event_rules)
    for number, price in enumerate(prices, 1):
        assert not isinstance(room.seal(f"s{number}", price, OPEN + number), Reject)
    room.pass_to(CLOSE)
    room.open_all()
    return room


def won(room: SealedRoom, *barred: int) -> list[tuple[str, int, int]]:
    """Winners, prices and pieces, as if the best were awarded now."""
    awards, lot = Awards(), room.lot()
    for alias in barred:
        awards.default(lot.lot_id, alias)
    event = room.auctions.event_of(lot.event_id)
    return [(part.winner_id, part.price, part.quantity) for part in expected_parts(event, lot, awards)]


# --- units -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rules,prices,expected",
    [
        (TWO_UNITS, (900, 700, 800), [("s2", 900, 5), ("s3", 900, 5)]),
        (TWO_UNITS, (900, 700, 700), [("s2", 900, 5), ("s3", 900, 5)]),
        (TWO_UNITS, (700, 600, 700), [("s2", 700, 5), ("s1", 700, 5)]),  # tied at the margin: its own
        (TWO_UNITS, (900, 700), [("s2", 1_000, 5), ("s1", 1_000, 5)]),  # the ceiling
        (replace(TWO_UNITS, reserve_price=950), (900, 700), [("s2", 950, 5), ("s1", 950, 5)]),
        (TWO_UNITS, (900,), [("s1", 1_000, 5)]),  # a unit stays unsold
        (TWO_UNITS, (), []),
        (replace(TWO_UNITS, floor_price=650), (900, 600, 800), [("s3", 1_000, 5), ("s1", 1_000, 5)]),
        (replace(FIRST_PRICE, winners=2), (900, 700, 800), [("s2", 700, 5), ("s3", 800, 5)]),
        (replace(FIRST_PRICE, winners=5), (900, 700), [("s2", 700, 2), ("s1", 900, 2)]),
    ],
)
def test_the_best_win_a_unit_each_at_one_price_or_at_their_own(
    rules: LotRules, prices: tuple[int, ...], expected: list[tuple[str, int, int]]
) -> None:
    assert won(opened(rules, *prices)) == expected


def test_in_a_forward_lot_all_pay_the_best_price_that_lost() -> None:
    rules = replace(TWO_UNITS, floor_price=100)

    assert won(opened(rules, 700, 900, 800, event_rules=FORWARD)) == [("s2", 700, 5), ("s3", 700, 5)]


def test_who_has_defaulted_is_passed_over_and_makes_no_price() -> None:
    room = opened(TWO_UNITS, 600, 700, 800, 900)

    assert won(room, 1) == [("s2", 900, 5), ("s3", 900, 5)]


def test_a_lottery_draws_who_of_equals_wins_the_last_unit() -> None:
    commitment = sha256(SEED.encode()).hexdigest()
    rules = replace(TWO_UNITS, tie_policy=TiePolicy.LOTTERY, lottery_sha256=commitment)
    room = opened(rules, 800, 700, 800, 800)
    room.reveal(SEED)
    drawn = min((1, 3, 4), key=lambda alias: sha256(f"{SEED}:{alias}".encode()).digest())

    assert won(room) == [("s2", 800, 5), (f"s{drawn}", 800, 5)]


@pytest.mark.parametrize(
    "rules,quantity,field",
    [
        (replace(SECOND_PRICE, winners=3), 10, "rules.winners"),
        (replace(SECOND_PRICE, winners=11), 10, "rules.winners"),
        (LotRules(winners=2), 10, "rules.winners"),
        (LotRules(format=LotFormat.JAPANESE, winners=2), 10, "rules.winners"),
    ],
)
def test_a_quantity_that_is_no_units_and_units_of_another_format_contradict(
    rules: LotRules, quantity: int, field: str
) -> None:
    room = SealedRoom()
    room.create()

    refused = room.add_lot(rules=rules, quantity=quantity)

    assert refused == Reject(RejectCode.RULES_CONTRADICT, 0, field)


# --- scores ----------------------------------------------------------------------------------------------


def a_scored_sealed_lot(rules: LotRules, *options: int) -> SealedRoom:
    """s1, s2 and so on have declared these options."""
    room = an_open_sealed_lot(rules)
    for number, option in enumerate(options, 1):
        assert not isinstance(room.declare(f"s{number}", options=(option,)), Reject)
    return room


def test_the_best_score_wins_and_gets_the_price_at_which_it_equals_the_next_one() -> None:
    room = a_scored_sealed_lot(replace(SECOND_PRICE, scoring=MEAT), 2, 1)
    room.seal("s1", 770)
    room.seal("s2", 700)
    room.pass_to(CLOSE)
    room.open_all()

    # 770 / (10/9) = 693 beats 700, which is 700 x 10/9 = 777.8 in the winner's terms: 777 still wins, 778 would not.
    assert won(room) == [("s1", 777, 10)]


def test_no_envelope_is_taken_before_its_bidder_has_declared() -> None:
    room = an_open_sealed_lot(replace(FIRST_PRICE, scoring=MEAT))

    assert room.seal("s1", 800) == Reject(RejectCode.DECLARATION_MISSING)


def test_a_declaration_stands_as_it_was_last_made_before_the_close() -> None:
    room = a_scored_sealed_lot(replace(FIRST_PRICE, scoring=MEAT), 1, 1)
    room.seal("s1", 770)
    room.seal("s2", 700)
    room.declare("s1", options=(2,), at_us=CLOSE - 1)
    late = room.declare("s2", options=(2,), at_us=CLOSE)
    room.pass_to(CLOSE)
    room.open_all()

    assert late == Reject(RejectCode.LOT_NOT_OPEN)
    assert won(room) == [("s1", 770, 10)]
    assert room.declare("s1", options=(1,), at_us=CLOSE) == Reject(RejectCode.LOT_NOT_OPEN)


# --- against the naive units -----------------------------------------------------------------------------

OFFER = st.tuples(
    st.integers(1, 110),  # price, in tens
    st.integers(1, 2),  # option
    st.integers(0, 20),  # amount
    st.sampled_from((1_000_000, 950_000, 1_000_001, 1_300_000)),
    st.integers(-60, 60),
)


@given(
    offers=st.lists(OFFER, max_size=4),
    form=st.sampled_from((LotFormat.SEALED_FIRST_PRICE, LotFormat.SEALED_SECOND_PRICE)),
    winners=st.sampled_from((1, 2, 5)),
    forward=st.booleans(),
    kind=st.sampled_from(("price", "features", "costs", "transformed", "all")),
    tie=st.sampled_from((TiePolicy.EARLIEST, TiePolicy.EQUAL_BEST, TiePolicy.LOTTERY)),
    tick=st.sampled_from((1, 5, 10)),
    floor=st.sampled_from((0, 300)),
    reserve=st.sampled_from((0, 800)),
    barred=st.sets(st.integers(1, 4), max_size=2),
)
@settings(max_examples=2_000, deadline=None)
def test_a_thousand_draws_give_what_trying_every_price_gives(
    offers: list[tuple[int, int, int, int, int]],
    form: LotFormat,
    winners: int,
    forward: bool,
    kind: str,
    tie: TiePolicy,
    tick: int,
    floor: int,
    reserve: int,
    barred: set[int],
) -> None:
    scoring = None if kind == "price" else a_scoring(kind, forward=forward)
    lottery = sha256(SEED.encode()).hexdigest() if tie is TiePolicy.LOTTERY else ""
    rules = LotRules(
        format=form, winners=winners, scoring=scoring, tie_policy=tie, lottery_sha256=lottery,
        floor_price=floor, reserve_price=reserve,
    )  # fmt: skip
    room, naive = a_bid_for_lot(rules, offers, forward=forward, tick=tick)
    if lottery:
        assert not isinstance(room.reveal(SEED), Reject)
        naive.seed = SEED

    told = won(room, *sorted(barred))

    out = {naive.bids[alias - 1][0] for alias in barred if alias <= len(naive.bids)}
    chosen = naive.chosen(out)
    assert told == [(who, naive.paid(who, chosen), 10 // winners) for who in chosen]


def a_scoring(kind: str, *, forward: bool) -> Scoring:
    features = [a_feature("Warranty", 0, 700)] if kind in {"features", "all"} or forward else []
    costs = [CostRate("kWh", 3)] if kind in {"costs", "all"} and not forward else []
    return Scoring(features, costs, transformed=kind in {"transformed", "all"})


def a_bid_for_lot(
    rules: LotRules, offers: list[tuple[int, int, int, int, int]], *, forward: bool, tick: int
) -> tuple[SealedRoom, NaiveUnits]:
    """Opened; the naive one is told only of prices that break no rule."""
    event_rules = FORWARD if forward else EventRules()
    room = a_sealed_draft(rules, event_rules, tick=tick)
    direction = LotDirection.FORWARD if forward else LotDirection.REVERSE
    scored = NaiveScoredLot(direction, 1_000, tick, tick, rules)
    members = [f"s{number}" for number in range(1, len(offers) + 1)]
    if rules.scoring is not None and rules.scoring.transformed:
        for who, (*_, factor, addend) in zip(members, offers, strict=True):
            room.transform(who, factor_ppm=factor, addend=addend)
            scored.transformed[who] = (Fraction(factor, 1_000_000), addend)
    room.key()
    room.publish()
    room.pass_to(OPEN)
    scoring, bids = rules.scoring, list[tuple[str, int]]()
    for who, (tens, option, amount, *_) in zip(members, offers, strict=True):
        if scoring is not None and (scoring.features or scoring.costs):
            options, amounts = (option,) * len(scoring.features), (amount,) * len(scoring.costs)
            room.declare(who, options=options, amounts=amounts)
            scored.declared[who] = options, amounts
        price = 10 * tens
        room.seal(who, price)
        met = not rules.reserve_price or (
            price >= rules.reserve_price if forward else price <= rules.reserve_price
        )
        if rules.floor_price <= price <= 1_000 and met:
            bids.append((who, price))
    room.pass_to(CLOSE)
    room.open_all()
    second = rules.format is LotFormat.SEALED_SECOND_PRICE
    terms = tick, 1_000, rules.floor_price, rules.reserve_price
    return room, NaiveUnits(rules.winners, bids, worth_in(scored), forward, second, *terms)


def worth_in(scored: NaiveScoredLot) -> Worth:
    if scored.rules.scoring is None:
        return lambda _, price: Fraction(price)
    return scored.worth
