"""Who has no bid in a lot learns nothing of its lead, where the event says so: not by a bound, a refusal or an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.market.lots.admission import Bounds, next_price
from exchange.core.market.lots.sight import is_newcomer, sight_in
from exchange.core.messages.lot_rules import EventRules, ImproveOn, LotDirection, LotRules, Prebid, TiePolicy
from exchange.core.messages.sourcing import Disclosure
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.room import FORWARD, OPEN, USUAL_EVENT, AuctionRoom, a_lot_with

AFTER_A_BID = Disclosure(lead_visible_after_valid_bid=True)
ALL_AFTER_A_BID = Disclosure(prices_by_alias=True, lead_visible_after_valid_bid=True)


@given(
    leads=st.tuples(st.integers(1, 999), st.integers(1, 999)),
    price=st.integers(1, 1_200),
    forward=st.booleans(),
    disclosure=st.sampled_from([AFTER_A_BID, ALL_AFTER_A_BID]),
    improve_on=st.sampled_from(ImproveOn),
    front=st.sampled_from([None, 0, 7]),
    back=st.sampled_from([0, 25]),
    multiples=st.booleans(),
    max_step=st.sampled_from([0, 300]),
    prebid=st.booleans(),
)
def test_a_newcomers_first_bid_is_answered_alike_whatever_the_lead(
    leads: tuple[int, int],
    price: int,
    forward: bool,
    disclosure: Disclosure,
    improve_on: ImproveOn,
    front: int | None,
    back: int,
    multiples: bool,
    max_step: int,
    prebid: bool,
) -> None:
    on_lead = improve_on is ImproveOn.MARKET_LEAD
    rules = LotRules(
        improve_on=improve_on,
        front_buffer=None if on_lead else front,
        back_buffer=0 if on_lead else back,
        step_multiple_only=multiples,
        max_step=max_step,
        proxies=True,
    )
    direction = LotDirection.FORWARD if forward else LotDirection.REVERSE
    event = EventRules(direction=direction, prebid=Prebid.OPEN if prebid else Prebid.NONE)
    answers = []
    for lead in leads:
        room = a_lot_with(rules, event_rules=event, disclosure=disclosure, waits=prebid)
        at_us = 5 if prebid else OPEN
        room.auctions.place(room.lot(), "s1", lead, at_us, room.deadlines, [])
        sourcing = room.auctions.event_of("event-1")
        bounds = Bounds(room.lot(), sight_in(sourcing, room.lot(), newcomer=True))
        first = room.proxy("s3", price, at_us), next_price(bounds, "s3")
        bid = room.bid("s3", price, at_us)
        answers.append((*first, bid if isinstance(bid, Reject) else "taken"))

    assert answers[0] == answers[1]


def test_with_a_bid_that_stands_one_is_a_newcomer_no_more_and_bound_by_the_lead() -> None:
    room = a_lot_with(disclosure=AFTER_A_BID)
    event = room.auctions.event_of("event-1")
    room.bid("s1", 500)

    assert is_newcomer(event, room.lot(), "s2") and not is_newcomer(event, room.lot(), "s1")
    assert isinstance(room.bid("s2", 495), list), "within the buffer of a lead that it was not shown"
    assert not is_newcomer(event, room.lot(), "s2")
    assert room.bid("s1", 490) == Reject(RejectCode.STEP_TOO_SMALL, 485, "price")


def test_whoever_took_its_only_bid_back_is_a_newcomer_again() -> None:
    room = a_lot_with(LotRules(revocable=True), disclosure=AFTER_A_BID)
    room.bid("s1", 500)
    room.revoke("s1", 1)

    assert is_newcomer(room.auctions.event_of("event-1"), room.lot(), "s1")


@pytest.mark.parametrize("event_rules", [USUAL_EVENT, FORWARD])
def test_a_proxy_comes_after_an_own_bid(event_rules: EventRules) -> None:
    room = a_lot_with(LotRules(proxies=True), event_rules=event_rules, disclosure=AFTER_A_BID)

    first = room.proxy("s1", 500)
    room.bid("s1", 500)

    assert first == Reject(RejectCode.PROXY_BEFORE_BID)
    assert isinstance(room.proxy("s1", 600 if event_rules is FORWARD else 400), list)


@pytest.mark.parametrize("policy", [TiePolicy.FORBID_ANY, TiePolicy.FORBID_FIRST])
def test_ties_are_not_forbidden_where_a_newcomer_may_not_learn_what_it_met(policy: TiePolicy) -> None:
    room = AuctionRoom()
    room.create(disclosure=AFTER_A_BID)

    assert room.add_lot(rules=LotRules(tie_policy=policy)) == Reject(
        RejectCode.RULES_CONTRADICT, 0, "rules.tie_policy"
    )


def test_a_lead_that_nobody_is_shown_is_not_shown_after_a_bid_either() -> None:
    hidden = Disclosure(lead_price=False, lead_visible_after_valid_bid=True)

    assert AuctionRoom().create(disclosure=hidden) == Reject(
        RejectCode.RULES_CONTRADICT, 0, "disclosure.lead_visible_after_valid_bid"
    )
