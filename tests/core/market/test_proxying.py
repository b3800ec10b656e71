"""Bids that the lot makes for a leader, up to a limit that only its owner knows."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from exchange.core.market.sourcing import Proxy
from exchange.core.messages import AnyEvent
from exchange.core.messages.bids import ProxyEnd, ProxyEnded, ProxySet
from exchange.core.messages.lot_rules import (
    EventRules,
    ImproveOn,
    LotDirection,
    LotFormat,
    LotRules,
    Overtime,
    Prebid,
    TiePolicy,
)
from exchange.core.messages.sourcing import BidSubmitted, CloseExtended, Disclosure
from exchange.core.rejects import Reject
from exchange.core.rejects import RejectCode as C
from tests.core.market.room import (
    CLOSE,
    FORWARD,
    MINUTE,
    OPEN,
    AuctionRoom,
    Step,
    a_lot_with,
    an_open_lot,
)
from tests.models.admission import NaiveAdmission
from tests.models.bidding import NaiveBidding

PROXIES = LotRules(proxies=True, revocable=True)
MEMBERS = st.sampled_from(("s1", "s2", "s3", "s4"))


def standing(room: AuctionRoom) -> list[tuple[str, int]]:
    return [(bid.member_id, bid.price) for bid in room.board().ranking()]


def kinds(step: Step) -> list[type[AnyEvent]]:
    assert isinstance(step, list)
    return [type(event) for event in step]


def test_the_first_proxy_bids_what_the_lot_opens_at() -> None:
    room = a_lot_with(PROXIES)

    assert room.proxy("s1", 700) == [
        BidSubmitted("lot-1", "s1", 1_000, 1, 1, OPEN),
        ProxySet("lot-1", "s1", 700),
    ]
    assert room.lot().proxy == Proxy("s1", 700)


def test_a_bid_is_answered_one_step_beyond_it() -> None:
    room = a_lot_with(PROXIES)
    room.proxy("s1", 700)

    assert room.bid("s2", 900, OPEN + 1) == [
        BidSubmitted("lot-1", "s2", 900, 2, 2, OPEN + 1),
        BidSubmitted("lot-1", "s1", 890, 1, 3, OPEN + 1),
    ]


def test_the_better_limit_leads_one_step_beyond_the_worse_whoever_came_first() -> None:
    for first, second in (("s1", "s2"), ("s2", "s1")):
        room, limits = a_lot_with(PROXIES), {"s1": 700, "s2": 650}
        room.proxy(first, limits[first])
        room.proxy(second, limits[second])

        assert standing(room) == [("s2", 690), ("s1", 700)]
        assert room.lot().proxy == Proxy("s2", 650)


def test_the_leader_never_goes_beyond_its_own_limit() -> None:
    room = a_lot_with(PROXIES)
    room.proxy("s1", 700)
    events = room.proxy("s2", 695)

    assert standing(room) == [("s2", 695), ("s1", 700)]
    assert isinstance(events, list)
    assert [event for event in events if isinstance(event, ProxyEnded)] == [
        ProxyEnded("lot-1", "s1", ProxyEnd.SPENT),
        ProxyEnded("lot-1", "s2", ProxyEnd.SPENT),
    ]


def test_of_equal_limits_the_earlier_leads() -> None:
    room = a_lot_with(PROXIES)
    room.proxy("s1", 700)
    room.proxy("s2", 700)

    assert standing(room) == [("s1", 700), ("s2", 700)]
    assert room.lot().proxy is None


def test_of_equal_limits_that_take_several_steps_the_earlier_leads_too() -> None:
    """Whole steps of 12 % lie at 4 coming from 24, and at 2 coming from 4."""
    rules = LotRules(proxies=True, step_multiple_only=True, step_bps=1_200)
    room = a_lot_with(rules, ceiling_price=24, min_step=2, tick=2)
    room.proxy("s1", 2)
    room.proxy("s2", 2)

    assert standing(room) == [("s1", 2), ("s2", 2)]
    assert room.lot().proxy is None


def test_a_bid_at_exactly_the_limit_reached_that_price_first() -> None:
    room = a_lot_with(PROXIES)
    room.proxy("s1", 700)
    room.bid("s2", 700)

    assert standing(room) == [("s2", 700), ("s1", 700)]


def test_whoever_is_outbid_beyond_its_limit_stands_at_it() -> None:
    room = a_lot_with(PROXIES)
    room.proxy("s1", 700)
    room.proxy("s2", 800)
    room.bid("s3", 600)

    assert standing(room) == [("s3", 600), ("s1", 700), ("s2", 800)]


def test_a_changed_limit_counts_and_a_withdrawn_one_answers_no_more() -> None:
    room = a_lot_with(PROXIES)
    room.proxy("s1", 700)
    assert room.proxy("s1", 950) == [ProxySet("lot-1", "s1", 950)]
    assert room.withdraw_proxy("s1") == [ProxyEnded("lot-1", "s1", ProxyEnd.WITHDRAWN)]
    room.bid("s2", 980)

    assert standing(room) == [("s2", 980), ("s1", 1_000)]
    assert room.withdraw_proxy("s1") == Reject(C.NO_PROXY)


def test_an_own_bid_beyond_the_limit_ends_the_proxy_and_one_before_it_does_not() -> None:
    room = a_lot_with(PROXIES)
    room.proxy("s1", 700)
    room.bid("s1", 800)
    assert room.lot().proxy == Proxy("s1", 700)
    room.bid("s1", 690)
    assert room.lot().proxy is None


def test_an_answer_moves_no_close_and_the_bid_that_it_answers_does() -> None:
    overtime = Overtime(2 * MINUTE, 2 * MINUTE, 60 * MINUTE)
    room = a_lot_with(PROXIES, overtime=overtime)
    room.proxy("s1", 700)

    assert kinds(room.bid("s2", 900, CLOSE - 2)) == [BidSubmitted, CloseExtended, BidSubmitted]
    close_at_us = room.lot().close_at_us
    assert kinds(room.bid("s2", 890, CLOSE - 1)) == [BidSubmitted]
    assert room.lot().close_at_us == close_at_us, "it met the lead and took nothing"


def test_the_bid_with_which_a_proxy_is_set_counts_as_its_bidders_own() -> None:
    overtime = Overtime(2 * MINUTE, 2 * MINUTE, 60 * MINUTE)
    room = a_lot_with(PROXIES, overtime=overtime)
    room.bid("s1", 900)

    assert kinds(room.proxy("s2", 700, CLOSE - 1)) == [BidSubmitted, CloseExtended, ProxySet]


def test_a_proxy_whose_limit_meets_the_reserve_of_a_forward_lot_jumps_to_it() -> None:
    rules = LotRules(proxies=True, reserve_price=500, floor_price=100)
    room = a_lot_with(rules, event_rules=FORWARD)
    room.proxy("s1", 400)
    assert standing(room) == [("s1", 100)]
    room.proxy("s1", 600)
    assert standing(room) == [("s1", 500)]
    room.proxy("s2", 800)
    assert standing(room) == [("s2", 610), ("s1", 600)]


def test_a_limit_below_the_reserve_leaves_the_reserve_alone() -> None:
    rules = LotRules(proxies=True, reserve_price=500, floor_price=100)
    room = a_lot_with(rules, event_rules=FORWARD)
    room.bid("s1", 450)
    room.proxy("s2", 490)

    assert standing(room) == [("s2", 460), ("s1", 450)]


def test_the_largest_step_binds_those_who_type_and_not_what_answers_for_them() -> None:
    room = a_lot_with(LotRules(proxies=True, max_step=50))
    room.proxy("s1", 500)
    for price in (990, 940, 890):
        room.bid("s2", price)

    assert standing(room) == [("s1", 880), ("s2", 890)]
    room.proxy("s3", 600)
    assert standing(room)[:2] == [("s1", 590), ("s3", 600)]


def test_a_bid_that_is_taken_back_takes_its_bidders_proxy_along_and_nobody_elses_bids() -> None:
    room = a_lot_with(PROXIES)
    room.proxy("s1", 700)
    room.proxy("s2", 650)
    number = room.board().bids_of("s2")

    events = room.revoke("s2", number)

    assert isinstance(events, list) and events[1:] == [ProxyEnded("lot-1", "s2", ProxyEnd.REVOKED)]
    assert standing(room) == [("s1", 700)]
    assert room.lot().proxy is None


REFUSED: list[tuple[str, int, dict[str, Any], Reject]] = [
    ("s9", 700, {}, Reject(C.LOT_UNKNOWN, 0, "lot_id")),
    ("buyer", 700, {}, Reject(C.OWN_EVENT)),
    ("s1", 700, {"at_us": CLOSE}, Reject(C.LOT_NOT_OPEN)),
    ("s1", 703, {}, Reject(C.PRICE_OFF_TICK, 5, "price")),
    ("s1", 1_005, {}, Reject(C.BID_ABOVE_CEILING, 1_000, "price")),
    ("s1", 95, {}, Reject(C.BID_BELOW_FLOOR, 100, "price")),
    ("s1", 955, {}, Reject(C.NOT_QUALIFYING, 950, "price")),
    ("s2", 895, {}, Reject(C.STEP_TOO_SMALL, 890, "price")),
]


@pytest.mark.parametrize("member, price, asked, refused", REFUSED)
def test_a_limit_that_can_bid_nothing_is_refused_with_the_bound_that_it_missed(
    member: str, price: int, asked: dict[str, Any], refused: Reject
) -> None:
    rules = LotRules(proxies=True, floor_price=100, qualification_price=950)
    room = a_lot_with(rules, tick=5)
    room.bid("s2", 900)
    before = room.dumped()

    assert room.proxy(member, price, **asked) == refused
    assert room.dumped() == before


def test_a_hidden_lead_bounds_no_limit() -> None:
    rules = LotRules(proxies=True, improve_on=ImproveOn.MARKET_LEAD)
    for shown, bound in ((True, 890), (False, 0)):
        room = a_lot_with(rules, disclosure=Disclosure(lead_price=shown))
        room.bid("s2", 900)
        assert room.proxy("s1", 895) == Reject(C.STEP_TOO_SMALL, bound, "price")


def test_a_lot_takes_proxies_only_where_its_rules_and_its_format_do() -> None:
    assert an_open_lot().proxy("s1", 700) == Reject(C.PROXY_NOT_TAKEN)
    room = AuctionRoom()
    room.create()
    refused = room.add_lot(rules=LotRules(format=LotFormat.SEALED_FIRST_PRICE, proxies=True))
    assert refused == Reject(C.RULES_CONTRADICT, 0, "rules.proxies")


def test_nothing_is_set_while_the_event_is_paused() -> None:
    room = a_lot_with(PROXIES)
    room.proxy("s1", 700)
    room.pause(OPEN)

    assert room.proxy("s2", 650) == room.withdraw_proxy("s1") == Reject(C.EVENT_PAUSED)
    room.resume(OPEN + MINUTE)
    room.bid("s2", 900, OPEN + MINUTE)
    assert standing(room)[0] == ("s1", 890)


@given(limits=st.lists(st.integers(10, 99).map(lambda tens: tens * 10), min_size=2, max_size=4, unique=True))
def test_any_number_of_proxies_end_as_the_two_best_limits_say(limits: list[int]) -> None:
    room = a_lot_with(PROXIES)
    for number, limit in enumerate(limits, 1):
        room.proxy(f"s{number}", limit)

    best, second = sorted(limits)[:2]
    lead = room.board().lead
    assert lead is not None
    assert lead.member_id == f"s{limits.index(best) + 1}"
    stood_there_first = lead.price == second
    assert stood_there_first or lead.price == max(best, second - 10)


class Schedule(RuleBasedStateMachine):
    """Bids, proxies, revocations, pauses, repetitions and restarts in any order, by rules of every kind, in a lot
    that opens at any moment.
    """

    @initialize(
        direction=st.sampled_from(LotDirection),
        policy=st.sampled_from([policy for policy in TiePolicy if policy is not TiePolicy.LOTTERY]),
        improve_on=st.sampled_from(ImproveOn),
        steps=st.fixed_dictionaries(
            {
                "step_multiple_only": st.booleans(),
                "step_bps": st.sampled_from((0, 0, 1_200)),
                "max_step": st.sampled_from((0, 4)),
                "reserve_price": st.sampled_from((0, 14)),
                "floor_price": st.sampled_from((0, 4)),
            }
        ),
        buffers=st.sampled_from(((None, 0), (0, 0), (2, 0), (4, 2), (None, 4))),
        tick=st.sampled_from((1, 2)),
        prebid=st.sampled_from(Prebid),
        waits=st.booleans(),
    )
    def begin(
        self,
        direction: LotDirection,
        policy: TiePolicy,
        improve_on: ImproveOn,
        steps: dict[str, Any],
        buffers: tuple[int | None, int],
        tick: int,
        prebid: Prebid,
        waits: bool,
    ) -> None:
        own = improve_on is ImproveOn.OWN_BEST
        front, back = buffers if own else (None, 0)
        rules = LotRules(
            revocable=True,
            proxies=True,
            tie_policy=policy,
            improve_on=improve_on,
            front_buffer=front,
            back_buffer=back,
            **steps,
        )
        event_rules = EventRules(direction=direction, prebid=prebid)
        self.room = a_lot_with(
            rules, event_rules=event_rules, ceiling_price=24, min_step=2, tick=tick, waits=waits
        )
        self.naive = NaiveBidding(NaiveAdmission(direction, 24, 2, tick, rules), prebid=prebid, waits=waits)

    @property
    def at_us(self) -> int:
        return OPEN - 1 if self.naive.waits else OPEN

    def _agree(self, member: str, outcome: Step, broken: str) -> bool:
        broken = self.naive.shut(member) or broken
        if broken:
            assert isinstance(outcome, Reject) and outcome.code.name == broken
        else:
            assert isinstance(outcome, list)
        return not broken

    @rule(member=MEMBERS, price=st.integers(1, 25))
    def bid(self, member: str, price: int) -> None:
        broken = next(self.naive.lot.broken(member, price), "")
        if self._agree(member, self.room.bid(member, price, self.at_us), broken):
            self.naive.bid(member, price)
            self.naive.answer()

    @rule(member=MEMBERS, price=st.integers(1, 25), twice=st.booleans())
    def set_proxy(self, member: str, price: int, twice: bool) -> None:
        for _ in range(1 + twice):
            broken = self.naive.may_set(member, price)
            if self._agree(member, self.room.proxy(member, price, self.at_us), broken):
                self.naive.set_proxy(member, price)

    @rule(member=MEMBERS)
    def withdraw(self, member: str) -> None:
        broken = "" if self.naive.proxy and self.naive.proxy[0] == member else "NO_PROXY"
        if self._agree(member, self.room.withdraw_proxy(member, self.at_us), broken):
            self.naive.proxy = None

    @rule(member=MEMBERS, number=st.integers(1, 6))
    def revoke(self, member: str, number: int) -> None:
        broken = self.naive.not_revocable(member, number)
        if self._agree(member, self.room.revoke(member, number, self.at_us), broken):
            self.naive.revoke(member, number)

    @rule()
    def pause_or_go_on(self) -> None:
        if self.naive.paused:
            self.room.resume(self.at_us)
        else:
            self.room.pause(self.at_us)
        self.naive.paused = not self.naive.paused

    @precondition(lambda self: self.naive.waits and not self.naive.paused)
    @rule()
    def open(self) -> None:
        self.room.pass_to(OPEN)
        self.naive.waits = False

    @precondition(lambda self: not self.naive.paused)
    @rule()
    def restart(self) -> None:
        self.room.reload()

    @invariant()
    def both_agree(self) -> None:
        naive, lot = self.naive, self.room.lot()
        ranking, prices = naive.lot.ranking(), naive.lot.standing()
        assert standing(self.room) == [(each, prices[each]) for each in ranking]
        assert lot.proxy == (Proxy(*naive.proxy) if naive.proxy else None)
        if lot.proxy is not None:
            assert lot.board.lead is not None and lot.board.lead.member_id == lot.proxy.member_id


TestSchedules = Schedule.TestCase
TestSchedules.settings = settings(max_examples=1_000, stateful_step_count=10, deadline=None)
