"""What truthful bidders pay in a live lot is within a step of what a sealed second-price auction would have them pay."""

from random import Random
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.market.lots.admission import Bounds, next_price
from exchange.core.market.lots.levels import still_in
from exchange.core.market.sourcing import LotState, Sight
from exchange.core.messages.lot_rules import (
    ClockRules,
    EventRules,
    ImproveOn,
    LotDirection,
    LotFormat,
    LotRules,
)
from exchange.core.messages.sourcing import LotAwarded
from tests.core.market.room import AuctionRoom
from tests.core.market.sealed_room import SECOND_PRICE, SealedRoom

Room = TypeVar("Room", bound=AuctionRoom)


def a_lot(direction: LotDirection, rules: LotRules, bidders: int, step: int) -> AuctionRoom:
    room = a_draft(AuctionRoom(), direction, rules, bidders, step)
    room.publish()
    room.pass_to(room.lot().open_at_us)
    return room


def a_draft(room: Room, direction: LotDirection, rules: LotRules, bidders: int, step: int) -> Room:
    room.create(rules=EventRules(direction=direction))
    room.add_lot(ceiling_price=1_000, min_step=step, rules=rules)
    for number in range(bidders):
        room.invite(f"s{number}")
    return room


@given(
    depths=st.lists(st.integers(0, 300), min_size=2, max_size=5),  # how far from the opening each would go
    direction=st.sampled_from(LotDirection),
    improve_on=st.sampled_from(ImproveOn),
    step=st.integers(20, 60),
    order=st.randoms(use_true_random=False),
)
@settings(max_examples=1_000, deadline=None)
def test_truthful_bidders_end_within_a_step_of_the_second_best_limit(
    depths: list[int], direction: LotDirection, improve_on: ImproveOn, step: int, order: Random
) -> None:
    """Each bids the next price that leads, as the lot tells it, for as long as its limit allows."""
    limits = [1_000 - depth if direction is LotDirection.REVERSE else 1 + depth for depth in depths]
    room = a_lot(direction, LotRules(improve_on=improve_on, floor_price=1), len(limits), step)
    reverse = direction is LotDirection.REVERSE

    willing = True
    while willing:
        willing = False
        for number in order.sample(range(len(limits)), len(limits)):
            lead = room.board().lead
            if lead is not None and lead.member_id == f"s{number}":
                continue
            towards = -step if reverse else step
            price = (
                next_price(Bounds(room.lot(), Sight.ALL), f"s{number}")
                if lead is None
                else lead.price + towards
            )
            if price and (price >= limits[number] if reverse else price <= limits[number]):
                assert isinstance(room.bid(f"s{number}", price), list)
                willing = True

    lead = room.board().lead
    assert lead is not None
    assert abs(lead.price - sorted(limits, reverse=not reverse)[1]) <= step


def japanese_price(costs: list[int], step: int) -> int:
    """Each accepts every level that covers its cost."""
    rules = LotRules(format=LotFormat.JAPANESE, floor_price=1, clock=ClockRules(level_us=1_000_000))
    room = a_lot(LotDirection.REVERSE, rules, len(costs), step)
    while room.lot().state is LotState.OPEN:
        hands = room.lot().hands
        for number, cost in enumerate(costs):
            if hands.price >= cost and still_in(room.lot(), f"s{number}"):
                assert isinstance(room.accept(f"s{number}", hands.price, hands.until_us - 1), list)
        room.pass_to(hands.until_us)
    lead = room.board().lead
    assert lead is not None and costs[int(lead.member_id[1:])] <= lead.price
    return lead.price


def english_price(costs: list[int], step: int, order: Random) -> int:
    """Each underbids the lead by a step while that covers its cost."""
    room = a_lot(LotDirection.REVERSE, LotRules(), len(costs), step)
    willing = True
    while willing:
        willing = False
        for number in order.sample(range(len(costs)), len(costs)):
            lead = room.board().lead
            price = 1_000 if lead is None else lead.price - step
            if (lead is None or lead.member_id != f"s{number}") and price >= costs[number]:
                assert isinstance(room.bid(f"s{number}", price), list)
                willing = True
    lead = room.board().lead
    assert lead is not None
    return lead.price


def sealed_price(costs: list[int]) -> int:
    """Each seals its cost; what the winner is paid."""
    room = a_draft(SealedRoom(), LotDirection.REVERSE, SECOND_PRICE, len(costs), 1)
    room.key()
    room.publish()
    room.pass_to(room.lot().open_at_us)
    for number, cost in enumerate(costs):
        assert isinstance(room.seal(f"s{number}", cost), list)
    room.pass_to(room.lot().close_at_us)
    assert isinstance(room.open_all(), list)
    lead = room.board().lead
    assert lead is not None and lead.price == min(costs)
    awarded = room.award(lead.alias)
    assert isinstance(awarded, list) and isinstance(awarded[-1], LotAwarded)
    return awarded[-1].price


@given(
    costs=st.lists(st.integers(100, 990), min_size=2, max_size=8),
    step=st.integers(1, 60),
    order=st.randoms(use_true_random=False),
)
def test_truthful_bidders_pay_within_a_step_of_the_second_lowest_cost(
    costs: list[int], step: int, order: Random
) -> None:
    """What a sealed second-price auction would pay."""
    assert abs(english_price(costs, step, order) - sorted(costs)[1]) <= step


def test_english_and_japanese_lots_end_within_a_step_of_what_the_sealed_second_price_pays() -> None:
    """Over a thousand draws of the same private costs for all three."""
    for seed in range(1_000):
        random = Random(seed)
        costs = [random.randint(700, 1_000) for _ in range(random.randint(1, 5))]
        step = random.randint(10, 60)
        sealed = sealed_price(costs)

        assert abs(japanese_price(costs, step) - sealed) <= step, (costs, step)
        assert abs(english_price(costs, step, random) - sealed) <= step, (costs, step)
        assert sealed == sorted([*costs, 1_000])[1]
