"""What truthful bidders pay in a live lot is within a step of what a sealed second-price auction would have them pay."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.market.lots.admission import next_price
from exchange.core.market.sourcing import Sight
from exchange.core.messages.lot_rules import EventRules, ImproveOn, LotDirection, LotRules
from tests.core.market.room import AuctionRoom


def a_lot(direction: LotDirection, rules: LotRules, bidders: int, step: int) -> AuctionRoom:
    room = AuctionRoom()
    room.create(rules=EventRules(direction=direction))
    room.add_lot(ceiling_price=1_000, min_step=step, rules=rules)
    for number in range(bidders):
        room.invite(f"s{number}")
    room.publish()
    room.pass_to(room.lot().open_at_us)
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
            price = next_price(room.lot(), f"s{number}", Sight.ALL) if lead is None else lead.price + towards
            if price and (price >= limits[number] if reverse else price <= limits[number]):
                assert isinstance(room.bid(f"s{number}", price), list)
                willing = True

    lead = room.board().lead
    assert lead is not None
    assert abs(lead.price - sorted(limits, reverse=not reverse)[1]) <= step
