"""What an outage does to the events of all buyers at once."""

import pytest

from exchange.core.kernel import Exchange
from exchange.core.messages import (
    AddLot,
    CreateEvent,
    EndOutage,
    FireDeadlines,
    InviteSupplier,
    PublishEvent,
    Role,
    Sequenced,
)
from exchange.core.messages.lifecycles import AwardState
from exchange.core.messages.lot_rules import ClockRules, EventRules, LotFormat, LotRules, LotSchedule
from exchange.core.messages.sourcing import LotClosed, LotShifted
from exchange.engine.base import Released
from exchange.views.views import Views
from tests.core.auctioneer import Auctioneer
from tests.core.venue import SECOND, Venue


def test_lots_move_in_the_order_of_their_drafting_after_a_recovery_too() -> None:
    venue = Venue()
    venue.member("buyer", Role.BUYER)
    venue.member("supplier", Role.SELLER)
    for event_id in ("E1", "E2"):
        event = CreateEvent(
            title="E", currency="USD", open_at_us=venue.at_us + 60 * SECOND, duration_us=60 * SECOND
        )
        venue.send("buyer", event, new_id=event_id)
        venue.send("buyer", InviteSupplier(event_id=event_id, member_id="supplier"))
    for event_id in ("E2", "E1"):
        lot = AddLot(event_id=event_id, title="L", quantity=1, ceiling_price=90, min_step=1)
        venue.send("buyer", lot, new_id=f"lot of {event_id}")
        venue.send("buyer", PublishEvent(event_id=event_id))
    recovered = Exchange.load(venue.kernel.dump())
    ends = Sequenced(venue.at_us + SECOND, "", 0, "", "", EndOutage(down_us=SECOND))

    outcome = recovered.execute(ends)

    moved = [event.lot_id for event in outcome.events if isinstance(event, LotShifted)]
    assert moved == ["lot of E2", "lot of E1"]
    assert outcome == venue.kernel.execute(ends)
    assert recovered.dump() == venue.kernel.dump()


HOURS = 3_600 * SECOND


def after_a_close(*, awarded: bool) -> Auctioneer:
    """An hour into a review of ten hours, or into a standstill of ten."""
    house = Auctioneer(rules=EventRules(review_us=10 * HOURS, standstill_us=10 * HOURS))
    house.open()
    house.bid("SUP1", 1_000_00)
    house.bid("SUP2", 1_100_00)
    house.wait(59 * 60 * SECOND)
    if awarded:
        house.award(1)
    house.at_us += HOURS
    return house


def until_us(house: Auctioneer) -> int:
    """When the review, or the standstill, ends."""
    found = house.kernel.standstills.get("L1")
    return house.kernel.auctions.lot_of("L1").review_until_us if found is None else found.until_us


@pytest.mark.parametrize("awarded", [False, True], ids=["review", "standstill"])
def test_an_outage_lengthens_what_follows_a_close_by_as_much(awarded: bool) -> None:
    house = after_a_close(awarded=awarded)
    before = until_us(house)

    house.send("", EndOutage(down_us=3 * HOURS, after_close=True), after_us=3 * HOURS)

    assert until_us(house) == before + 3 * HOURS
    views = Views.from_kernel(Exchange())
    pairs = zip(house.log, house.outcomes, strict=True)
    views.apply([Released(seq, *pair, None) for seq, pair in enumerate(pairs, 1)])
    seen = views.sourcing.standstills.get("L1")
    assert before + 3 * HOURS == (seen.until_us if seen else views.sourcing.lots["L1"].review_until_us)


def test_an_award_becomes_final_when_its_longer_standstill_is_over_and_no_sooner() -> None:
    house = after_a_close(awarded=True)
    house.send("", EndOutage(down_us=3 * HOURS, after_close=True), after_us=3 * HOURS)

    states = []
    for left_us in (until_us(house) - 1 - house.at_us, 1):
        house.wait(left_us)
        found = house.kernel.standstills.get("L1")
        states.append(found.state if found else None)

    assert states == [AwardState.PROVISIONAL, AwardState.FINAL]


@pytest.mark.parametrize("awarded", [False, True], ids=["review", "standstill"])
def test_what_was_over_before_an_outage_stays_over_and_old_outages_lengthened_nothing(awarded: bool) -> None:
    house, other = after_a_close(awarded=awarded), after_a_close(awarded=awarded)
    before = until_us(house)

    house.send("", EndOutage(down_us=HOURS, after_close=True), after_us=12 * HOURS)
    other.send("", EndOutage(down_us=3 * HOURS), after_us=3 * HOURS)

    assert until_us(house) == until_us(other) == before


def test_a_lot_with_a_clock_that_could_not_open_before_its_close_is_past_closes_once() -> None:
    venue = Venue()
    buyer, supplier = venue.member("b"), venue.member("s")
    draft = CreateEvent(
        title="E",
        currency="USD",
        open_at_us=venue.at_us + 60 * SECOND,
        duration_us=60 * SECOND,
        rules=EventRules(schedule=LotSchedule.SERIAL),
    )
    event = venue.send(buyer, draft).reply.id
    rules = LotRules(format=LotFormat.JAPANESE, floor_price=860, clock=ClockRules(level_us=9 * SECOND))
    add = AddLot(event_id=event, title="L", quantity=1, ceiling_price=900, min_step=10, rules=rules)
    lots = [venue.send(buyer, add).reply.id for _ in range(2)]
    venue.send(buyer, InviteSupplier(event_id=event, member_id=supplier))
    assert not venue.send(buyer, PublishEvent(event_id=event)).reply.code

    for _ in range(3):
        venue.send("", FireDeadlines(), after_us=400 * SECOND)

    closed = [
        each.lot_id for outcome in venue.outcomes for each in outcome.events if isinstance(each, LotClosed)
    ]
    assert closed == lots
    assert venue.kernel.deadlines.next_us() is None
