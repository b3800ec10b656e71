"""Scored lots: cases and vectors, every refusal by name, and every bid against the naive lot."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.market.lots.admission import Bounds, next_price
from exchange.core.market.lots.scoring import Declaration, Scores, Transformation
from exchange.core.market.lots.terms import rules_refusal
from exchange.core.market.sourcing import Sight
from exchange.core.messages.lot_rules import (
    EventRules,
    ImproveOn,
    LotDirection,
    LotRules,
    TiePolicy,
)
from exchange.core.messages.scoring import CostRate, Feature, FeatureOption, Scoring
from exchange.core.messages.sourcing import AddLot, Disclosure
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.lots.fitting import fitting_rules
from tests.core.market.room import ALL_SHOWN, CLOSE, FORWARD, OPEN, AuctionRoom, a_lot_with
from tests.models.scoring import NaiveScoredLot

C = RejectCode


def a_feature(name: str, *weights_bps: int) -> Feature:
    return Feature(name, [FeatureOption(f"{name} {weight}", weight) for weight in weights_bps])


WARRANTY = a_feature("Warranty", 0, 500, 1_000)
MEAT = Scoring([WARRANTY])
LIFE_CYCLE = Scoring(costs=[CostRate("kWh a year", 3), CostRate("Filters", 20)])
TRANSFORMED = Scoring(transformed=True)


def a_scored_lot(
    scoring: Scoring, *, forward: bool = False, disclosure: Disclosure = ALL_SHOWN, **rules: object
) -> AuctionRoom:
    every = LotRules(scoring=scoring, **rules)  # type: ignore[arg-type]
    event_rules = FORWARD if forward else EventRules()
    return a_lot_with(every, event_rules=event_rules, disclosure=disclosure)


def ranked(room: AuctionRoom) -> list[str]:
    return [bid.member_id for bid in room.board().ranking()]


# --- what compares ---------------------------------------------------------------------------------------


def test_a_price_is_divided_by_one_plus_the_weights_over_what_the_largest_leave() -> None:
    scores = Scores(Scoring([a_feature("a", 0, 1_000), a_feature("b", 0, 500, 1_000)]))
    scores.declare("s1", Declaration((2, 2), ()))

    assert scores.value_of("s1", 950) == Fraction(950) / (1 + Fraction(15, 80))


def test_in_a_forward_lot_the_price_is_multiplied_and_more_is_better() -> None:
    room = a_scored_lot(MEAT, forward=True)
    room.declare("s1", options=(3,))
    room.declare("s2", options=(1,))
    room.bid("s2", 600)
    room.bid("s1", 540)

    assert ranked(room) == ["s2", "s1"]  # 540 x 10/9 = 600: the earlier leads
    assert room.board().in_terms_of("s1", next(room.board().ranking())) == 540


def test_costs_of_life_cycle_are_added_to_the_price() -> None:
    room = a_scored_lot(LIFE_CYCLE)
    room.declare("s1", amounts=(100, 0))
    room.declare("s2", amounts=(10, 2))
    room.bid("s1", 400)
    room.bid("s2", 620)

    assert ranked(room) == ["s2", "s1"]  # 690 and 700


def test_a_transformation_is_the_buyers_word_for_one_supplier() -> None:
    room = a_scored_lot_before_it_opens(TRANSFORMED)
    room.transform("s1", factor_ppm=1_050_000, addend=-20)
    room.pass_to(OPEN)
    room.bid("s1", 800)
    room.bid("s2", 820)

    assert ranked(room) == ["s1", "s2"]  # 820 and 820
    assert room.board().rank_of("s2") == 2


def test_everything_at_once_is_one_exact_fraction() -> None:
    scores = Scores(Scoring([WARRANTY], [CostRate("kWh", 7)], transformed=True))
    scores.declare("s1", Declaration((2,), (11,)))
    scores.transform("s1", Transformation(1_000_001, -5))

    expected = (Fraction(1_000_001, 1_000_000) * 640 - 5 + 77) / (1 + Fraction(5, 90))
    assert scores.value_of("s1", 640) == expected
    assert scores.in_terms_of("s1", "s1", 640) == 640


@given(
    st.lists(
        st.tuples(
            st.integers(1, 100_000_000),
            st.integers(-(10**12), 10**12),
            st.integers(0, 9_000),
            st.integers(1, 10**12),
        ),
        min_size=2,
        max_size=2,
    ),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=1_000, deadline=None)
def test_whole_keys_order_as_the_fractions_they_stand_for(
    both: list[tuple[int, int, int, int]], forward: bool, tied: bool
) -> None:
    """Also where two lie as near to each other as two can, and where they are equal."""
    direction = LotDirection.FORWARD if forward else LotDirection.REVERSE
    feature = a_feature("a", *dict.fromkeys([0, 9_000, *(weight for _, _, weight, _ in both)]))
    scores = Scores(Scoring([feature], transformed=True), direction)
    for name, (factor, addend, weight, _) in zip("ab", both, strict=True):
        number = [option.weight_bps for option in feature.options].index(weight) + 1
        scores.declare(name, Declaration((number,), ()))
        scores.transform(name, Transformation(factor, addend))
    one, other = both[0][3], both[1][3]
    if tied:
        met = scores.in_terms_of("b", "a", one)
        other = max(1, met.numerator // met.denominator)

    values = scores.value_of("a", one), scores.value_of("b", other)
    keys = scores.key("a", one), scores.key("b", other)

    assert (values[0] == values[1]) == (keys[0] == keys[1])
    assert (values[0] > values[1] if forward else values[0] < values[1]) == (keys[0] < keys[1])


# --- bids ----------------------------------------------------------------------------------------------------


def a_scored_lot_before_it_opens(scoring: Scoring) -> AuctionRoom:
    room = AuctionRoom()
    room.create()
    room.add_lot(rules=LotRules(scoring=scoring))
    for number in range(1, 5):
        room.invite(f"s{number}")
    room.publish()
    return room


def test_steps_count_in_the_own_price_and_the_bound_is_rounded_down_to_the_tick() -> None:
    room = a_scored_lot(MEAT)
    room.declare("s1", options=(1,))
    room.declare("s2", options=(2,))
    room.bid("s1", 700)

    assert room.board().in_terms_of("s2", next(room.board().ranking())) == Fraction(700 * 95, 90)  # 738.9
    assert room.bid("s2", 735) == Reject(C.STEP_TOO_SMALL, 728, "price")
    assert isinstance(room.bid("s2", 728), list)
    assert ranked(room) == ["s2", "s1"]
    assert room.bid("s2", 719) == Reject(C.STEP_TOO_SMALL, 718, "price")


def test_ceiling_and_floor_bind_the_price_that_is_bid() -> None:
    room = a_scored_lot(MEAT, floor_price=500)
    room.declare("s1", options=(3,))

    assert room.bid("s1", 1_001) == Reject(C.BID_ABOVE_CEILING, 1_000, "price")
    assert room.bid("s1", 499) == Reject(C.BID_BELOW_FLOOR, 500, "price")


def test_a_tie_is_forbidden_where_what_compares_is_equal() -> None:
    room = a_scored_lot(MEAT, tie_policy=TiePolicy.FORBID_ANY)
    room.declare("s1", options=(3,))
    room.declare("s2", options=(1,))
    room.bid("s1", 1_000)  # 900

    assert room.bid("s2", 900) == Reject(C.TIE_FORBIDDEN, 890, "price")


def test_a_lead_that_is_hidden_tells_no_bound_in_own_terms_either() -> None:
    room = a_scored_lot(MEAT, disclosure=Disclosure(lead_price=False))
    room.declare("s1", options=(1,))
    room.declare("s2", options=(3,))
    room.bid("s1", 700)

    assert room.bid("s2", 770) == Reject(C.STEP_TOO_SMALL, 0, "price")


# --- declarations ---------------------------------------------------------------------------------------------


def test_nobody_bids_before_it_has_declared() -> None:
    room = a_scored_lot(MEAT)

    assert next_price(Bounds(room.lot(), Sight.ALL), "s1") == 0
    assert room.bid("s1", 900) == Reject(C.DECLARATION_MISSING)
    assert isinstance(room.declare("s1", options=(1,)), list)
    assert next_price(Bounds(room.lot(), Sight.ALL), "s1") == 1_000
    assert isinstance(room.bid("s1", 900), list)


def test_a_declaration_can_be_changed_until_the_first_bid() -> None:
    room = a_scored_lot(MEAT)
    room.declare("s1", options=(1,))
    room.declare("s1", options=(3,))
    room.bid("s1", 1_000)

    assert room.declare("s1", options=(2,)) == Reject(C.DECLARATION_FINAL)
    scores = room.board().scores
    assert scores is not None
    assert scores.value_of("s1", 1_000) == 900


def test_where_only_the_buyer_transforms_nobody_declares() -> None:
    room = a_scored_lot(TRANSFORMED)

    assert room.declare("s1") == Reject(C.LOT_NOT_SCORED)
    assert isinstance(room.bid("s1", 900), list)


@pytest.mark.parametrize(
    "options,amounts,refused",
    [
        ((), (1, 1), Reject(C.DECLARATION_UNFIT, 1, "options")),
        ((1, 1), (1, 1), Reject(C.DECLARATION_UNFIT, 1, "options")),
        ((1,), (1,), Reject(C.DECLARATION_UNFIT, 2, "amounts")),
        ((4,), (1, 1), Reject(C.DECLARATION_UNFIT, 3, "options")),
        ((3,), (10**9, 0), None),
    ],
)
def test_a_declaration_fits_the_criteria(
    options: tuple[int, ...], amounts: tuple[int, ...], refused: Reject | None
) -> None:
    room = a_scored_lot(Scoring([WARRANTY], LIFE_CYCLE.costs))

    outcome = room.declare("s1", options=options, amounts=amounts)

    assert (outcome if isinstance(outcome, Reject) else None) == refused


def test_costs_that_no_price_can_reach_are_refused() -> None:
    room = a_scored_lot(Scoring(costs=[CostRate("a", 1_000)]))

    assert isinstance(room.declare("s1", amounts=(10**9,)), list)
    room = a_scored_lot(Scoring(costs=[CostRate("a", 1_001)]))
    assert room.declare("s1", amounts=(10**9,)) == Reject(C.COSTS_TOO_LARGE, 10**12, "amounts")


def test_who_may_declare_is_who_may_bid_until_the_close() -> None:
    room = a_scored_lot_before_it_opens(MEAT)
    assert isinstance(room.declare("s1", options=(1,), at_us=0), list)
    assert room.declare("stranger", options=(1,), at_us=0) == Reject(C.LOT_UNKNOWN, field="lot_id")
    assert room.declare("buyer", options=(1,), at_us=0) == Reject(C.OWN_EVENT)
    room.pass_to(OPEN)
    room.pause(OPEN)
    assert isinstance(room.declare("s2", options=(1,), at_us=2 * CLOSE), list)
    room.resume(OPEN)
    assert room.declare("s3", options=(1,), at_us=CLOSE) == Reject(C.LOT_NOT_OPEN)
    room.pass_to(CLOSE)
    assert room.declare("s3", options=(1,), at_us=CLOSE) == Reject(C.LOT_NOT_OPEN)


def test_a_transformation_is_set_for_who_is_invited_before_the_lot_opens() -> None:
    room = a_scored_lot_before_it_opens(TRANSFORMED)

    assert room.transform("s1", actor_id="s2") == Reject(C.LOT_UNKNOWN, field="lot_id")
    assert room.transform("s9") == Reject(C.SUPPLIER_NOT_INVITED, field="member_id")
    assert isinstance(room.transform("s1", factor_ppm=2), list)
    room.pass_to(OPEN)
    assert room.transform("s1") == Reject(C.TRANSFORMATION_FINAL)
    room.cancel()
    assert room.transform("s1") == Reject(C.EVENT_ENDED)
    assert a_scored_lot_before_it_opens(MEAT).transform("s1") == Reject(C.LOT_NOT_SCORED)


@pytest.mark.parametrize(
    "scoring,others,field,bound",
    [
        (Scoring(), {}, "scoring", 0),
        (Scoring([a_feature("a", 0, 5_000), a_feature("b", 0, 4_001)]), {}, "scoring.features", 9_000),
        (Scoring([a_feature("a", 0, 5), a_feature("a", 0, 5)]), {}, "scoring.features", 0),
        (Scoring([Feature("a", [FeatureOption("x", 0), FeatureOption("x", 5)])]), {}, "scoring.features", 0),
        (Scoring([a_feature("a", 5, 5)]), {}, "scoring.features", 0),
        (Scoring(costs=[CostRate("a", 1), CostRate("a", 2)]), {}, "scoring.costs", 0),
        (
            MEAT,
            {"improve_on": ImproveOn.MARKET_LEAD, "step_multiple_only": True},
            "step_multiple_only",
            0,
        ),
    ],
)
def test_criteria_that_contradict_each_other_are_refused_by_name(
    scoring: Scoring, others: dict[str, object], field: str, bound: int
) -> None:
    rules = LotRules(scoring=scoring, **others)  # type: ignore[arg-type]
    command = AddLot(event_id="e", title="t", quantity=1, ceiling_price=1_000, min_step=10, rules=rules)

    refused = rules_refusal(command, LotDirection.REVERSE)

    assert refused is not None and refused.field == f"rules.{field}"
    assert (refused.code, refused.bound) == (C.SCORING_CONTRADICTS, bound)


@pytest.mark.parametrize(
    "rules,field",
    [
        (LotRules(scoring=LIFE_CYCLE), "rules.scoring.costs"),
        (LotRules(scoring=MEAT, buy_now_price=900), "rules.buy_now_price"),
    ],
)
def test_what_a_forward_lot_can_not_score_is_refused_by_name(rules: LotRules, field: str) -> None:
    command = AddLot(event_id="e", title="t", quantity=1, ceiling_price=1_000, min_step=10, rules=rules)

    assert rules_refusal(command, LotDirection.FORWARD) == Reject(C.SCORING_CONTRADICTS, 0, field)


# --- every bid against the naive lot ----------------------------------------------------------------------------

MEMBERS = st.sampled_from(("s1", "s2", "s3", "s4"))
WEIGHTS = st.sampled_from((0, 500, 1_000, 2_500))
FIXED = {"PRICE_OFF_TICK", "BID_ABOVE_CEILING", "BID_BELOW_FLOOR", "NOT_QUALIFYING", "STEP_TOO_LARGE"}


@st.composite
def some_scoring(draw: st.DrawFn, forward: bool) -> Scoring:
    """Mixed: any of features, costs and transformations, but not none of them."""
    features = draw(st.lists(st.lists(WEIGHTS, min_size=2, max_size=3, unique=True), max_size=2))
    costs = [] if forward else draw(st.lists(st.integers(1, 9), max_size=2))
    return Scoring(
        [a_feature(f"feature {number}", *weights) for number, weights in enumerate(features)],
        [CostRate(f"cost {number}", price) for number, price in enumerate(costs)],
        transformed=draw(st.booleans()) or not (features or costs),
    )


@given(data=st.data(), tick=st.sampled_from((1, 5)), forward=st.booleans(), ticks=st.integers(8, 30))
@settings(max_examples=1_000, deadline=None)
def test_every_bid_in_a_scored_lot_is_answered_as_the_naive_lot_answers(
    data: st.DataObject, tick: int, forward: bool, ticks: int
) -> None:
    """Random schedules of declarations, transformations, bids, doubled bids, pauses and restarts."""
    ceiling, min_step = ticks * tick, tick * data.draw(st.integers(1, 4))
    scoring = data.draw(some_scoring(forward))
    rules = data.draw(fitting_rules(tick, ceiling, min_step, scoring))
    direction = LotDirection.FORWARD if forward else LotDirection.REVERSE
    room = AuctionRoom()
    room.create(rules=EventRules(direction=direction), disclosure=Disclosure(prices_by_alias=True))
    outcome = room.add_lot(ceiling_price=ceiling, min_step=min_step, tick=tick, rules=rules)
    assert isinstance(outcome, list)
    for number in range(1, 5):
        room.invite(f"s{number}")
    room.publish()
    naive = NaiveScoredLot(direction, ceiling, min_step, tick, rules)
    _transform(room, naive, data)
    room.pass_to(OPEN)
    for _ in range(data.draw(st.integers(4, 12))):
        _act(room, naive, data)


def _transform(room: AuctionRoom, naive: NaiveScoredLot, data: st.DataObject) -> None:
    assert naive.rules.scoring is not None
    if not naive.rules.scoring.transformed:
        return
    for member in ("s1", "s2"):
        factor_ppm = data.draw(st.sampled_from((500_000, 1_000_000, 1_050_000, 333_333)))
        addend = data.draw(st.integers(-20, 20))
        assert isinstance(room.transform(member, factor_ppm=factor_ppm, addend=addend), list)
        naive.transformed[member] = (Fraction(factor_ppm, 1_000_000), addend)


def _act(room: AuctionRoom, naive: NaiveScoredLot, data: st.DataObject) -> None:
    member = data.draw(MEMBERS)
    act = data.draw(st.sampled_from(("bid", "bid", "bid", "doubled", "declare", "reload", "pause")))
    if act == "declare":
        _declare(room, naive, member, data)
    elif act == "reload":
        room.reload()
    elif act == "pause":
        room.pause(OPEN)
        assert not naive.ready(member) or room.bid(member, 1) == Reject(C.EVENT_PAUSED)
        room.resume(OPEN)
    elif not naive.ready(member):
        assert room.bid(member, 1) == Reject(C.DECLARATION_MISSING)
    else:
        price = data.draw(st.integers(1, naive.ceiling_price + 2))
        near = price if data.draw(st.booleans()) else naive.next_taken(member, price)
        for _ in range(2 if act == "doubled" else 1):
            _bid(room, naive, member, near or price)


def _declare(room: AuctionRoom, naive: NaiveScoredLot, member: str, data: st.DataObject) -> None:
    scoring = naive.rules.scoring
    assert scoring is not None
    options = tuple(data.draw(st.integers(1, len(each.options))) for each in scoring.features)
    amounts = tuple(data.draw(st.integers(0, 5)) for _ in scoring.costs)
    outcome = room.declare(member, options=options, amounts=amounts)
    if not (options or amounts):
        assert outcome == Reject(C.LOT_NOT_SCORED)
    elif member in naive.standing():
        assert outcome == Reject(C.DECLARATION_FINAL)
    else:
        assert isinstance(outcome, list)
        naive.declared[member] = (options, amounts)


def _bid(room: AuctionRoom, naive: NaiveScoredLot, member: str, price: int) -> None:
    broken = list(naive.broken(member, price))
    outcome = room.bid(member, price)
    refused = outcome if isinstance(outcome, Reject) else None

    assert (refused.code.name if refused else None) == (broken[0] if broken else None)
    if refused and refused.code.name not in FIXED:
        assert refused.bound == naive.next_taken(member, price)
    if refused is None:
        naive.bids.append((member, price))
    board = room.board()
    assert [bid.member_id for bid in board.ranking()] == naive.ranking()
    assert [board.rank_of(each) for each in naive.ranking()] == [
        naive.rank_of(each) for each in naive.ranking()
    ]
    assert next_price(Bounds(room.lot(), Sight.ALL), member) == naive.next_taken(member, naive.opening())
