"""Whatever comes in whatever order, a live lot does what the naive one does, in both directions, scored and not.

A thousand random schedules of each, of bids, doubled bids, proxies, revocations by both, late bids, overtime, closes
moved by hand, pauses, outages and restarts, under rules of every kind.
"""

from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any, Final

import pytest

from exchange.core.limits import OUTAGE_NOTICE_US
from exchange.core.market.sourcing import Proxy
from exchange.core.messages.lot_rules import (
    EventRules,
    ExtensionStart,
    ImproveOn,
    LotDirection,
    LotRules,
    Overtime,
    Prebid,
    TiePolicy,
)
from exchange.core.messages.scoring import CostRate, Feature, FeatureOption, Scoring
from exchange.core.rejects import Reject
from tests.core.market.room import CLOSE, MINUTE, OPEN, SECOND, AuctionRoom, Step, a_lot_with
from tests.models.admission import NaiveAdmission
from tests.models.lot_clock import NaiveClock
from tests.models.lot_english import NaiveEnglish
from tests.models.scoring import NaiveScoredLot

SCHEDULES: Final = 1_000
STEPS: Final = 30
CEILING, STEP = 40, 2
MEMBERS: Final = ("s1", "s2", "s3", "s4")
SPANS: Final = (0, 1, SECOND, MINUTE - 1, MINUTE, 3 * MINUTE)
LENGTHS: Final = (0, MINUTE, 2 * MINUTE, 4 * MINUTE)
POLICIES: Final = [policy for policy in TiePolicy if policy is not TiePolicy.LOTTERY]
FEATURE = Feature("Warranty", [FeatureOption("1 year", 0), FeatureOption("2 years", 2_000)])


def some_overtime(random: Random) -> Overtime:
    hard_us = random.choice((0, 0, 0, CLOSE + MINUTE, CLOSE + 10 * MINUTE))
    window_us, extension_us, total_us_max = random.choices(LENGTHS, k=3)
    return Overtime(
        window_us,
        extension_us,
        total_us_max,
        random.choice(list(ExtensionStart)),
        lowest_triggering_rank=random.randrange(4),
        leader_triggers=random.random() < 0.3,
        number_of_extensions=random.randrange(4),
        hard_deadline_us=hard_us,
    )


def some_rules(random: Random, scoring: Scoring | None) -> LotRules:
    on_own = random.random() < 0.6
    front, back = random.choice(((None, 0), (0, 0), (2, 0), (4, 2), (None, 4))) if on_own else (None, 0)
    share_bps = random.choice((0, 0, 1_200))
    return LotRules(
        improve_on=ImproveOn.OWN_BEST if on_own else ImproveOn.MARKET_LEAD,
        step_multiple_only=random.random() < 0.2 and scoring is None,
        step_bps=share_bps,
        max_step=random.choice((0, 0, 4 if share_bps == 0 else 8)),
        reserve_price=random.choice((0, 24)) if scoring is None else 0,
        floor_price=random.choice((0, 4)),
        front_buffer=front,
        back_buffer=back,
        tie_policy=random.choice(POLICIES),
        revocable=True,
        proxies=scoring is None and random.random() < 0.6,
        scoring=scoring,
    )


class Twins:
    """The room and the naive lot; `now_us` is the instant of both."""

    def __init__(self, random: Random, direction: LotDirection, *, scored: bool) -> None:
        self.random, self.now_us = random, OPEN - 2 * MINUTE
        costs = [CostRate("kWh", 2)] if direction is LotDirection.REVERSE else []
        scoring = Scoring([FEATURE], costs, transformed=random.random() < 0.5) if scored else None
        rules, overtime = some_rules(random, scoring), some_overtime(random)
        prebid = random.choice((*Prebid, Prebid.NONE, Prebid.OPEN))
        event_rules = EventRules(direction=direction, prebid=prebid)
        self.room: AuctionRoom = a_lot_with(
            rules,
            event_rules=event_rules,
            overtime=overtime,
            ceiling_price=CEILING,
            min_step=STEP,
            waits=True,
        )
        terms = direction, CEILING, STEP, 1, rules
        self.lot = NaiveScoredLot(*terms) if scored else NaiveAdmission(*terms)
        clock = NaiveClock(overtime, OPEN, CLOSE, overtime.hard_deadline_us, OUTAGE_NOTICE_US)
        self.naive = NaiveEnglish(self.lot, prebid=prebid, clock=clock)
        self.taken = self.extended = 0
        if isinstance(self.lot, NaiveScoredLot):
            self._declare(self.lot, scoring)
        if random.random() < 0.6:
            self.pass_to(OPEN)

    def _declare(self, lot: NaiveScoredLot, scoring: Scoring | None) -> None:
        """All but s4, which may not bid for want of it."""
        assert scoring is not None
        for member in MEMBERS[:3]:
            options, amounts = (
                (self.random.randint(1, 2),),
                tuple(self.random.randrange(3) for _ in scoring.costs),
            )
            if scoring.transformed:
                factor = self.random.choice((1_000_000, 1_050_000, 900_000))
                assert isinstance(self.room.transform(member, factor_ppm=factor, addend=1), list)
                lot.transformed[member] = (Fraction(factor, 1_000_000), 1)
            assert isinstance(self.room.declare(member, options=options, amounts=amounts, at_us=0), list)
            lot.declared[member] = (options, amounts)

    # --- what bidders do ---------------------------------------------------------------------------

    def _agree(self, member: str, outcome: Step, broken: str) -> bool:
        unready = isinstance(self.lot, NaiveScoredLot) and not self.lot.ready(member)
        broken = self.naive.shut(member) or ("DECLARATION_MISSING" if unready else broken)
        assert (outcome.code.name if isinstance(outcome, Reject) else "") == broken
        self.taken += not broken
        return not broken

    def bid(self) -> None:
        """Once or twice."""
        member, price = self.random.choice(MEMBERS), self.random.randint(1, CEILING + 1)
        if (lead := self.lot.lead()) is not None and self.random.random() < 0.7:
            better = -1 if self.lot.direction is LotDirection.REVERSE else 1
            price = max(1, lead[1] + better * self.random.choice((-STEP, 0, 1, STEP, STEP, 2 * STEP)))
        for _ in range(self.random.choice((1, 1, 2))):
            unready = isinstance(self.lot, NaiveScoredLot) and not self.lot.ready(member)
            broken = "" if unready else next(self.lot.broken(member, price), "")
            if self._agree(member, self.room.bid(member, price, self.now_us), broken):
                self.naive.acting = member
                self.naive.bid(member, price)
                self.naive.answer()

    def bid_late(self) -> None:
        """At the close, before anybody has noticed that it is over."""
        if self.naive.clock.state == "open":
            outcome = self.room.bid("s1", 1, self.room.lot().close_at_us)
            paused = self.naive.clock.paused_since is not None
            assert isinstance(outcome, Reject)
            assert outcome.code.name == ("EVENT_PAUSED" if paused else "LOT_NOT_OPEN")

    def proxy(self) -> None:
        member, price = self.random.choice(MEMBERS), self.random.randint(1, CEILING + 1)
        if not self.lot.rules.proxies:
            return
        for _ in range(self.random.choice((1, 1, 2))):
            broken = self.naive.may_set(member, price)
            if self._agree(member, self.room.proxy(member, price, self.now_us), broken):
                self.naive.acting = member
                self.naive.set_proxy(member, price)
                self.naive.acting = ""

    def withdraw_proxy(self) -> None:
        member = self.random.choice(MEMBERS)
        if self.lot.rules.proxies:
            broken = "" if self.naive.proxy and self.naive.proxy[0] == member else "NO_PROXY"
            if self._agree(member, self.room.withdraw_proxy(member, self.now_us), broken):
                self.naive.proxy = None

    def revoke(self) -> None:
        """By the bidder or by an operator, once or twice."""
        member = self.random.choice(MEMBERS)
        number = self.random.choice((1, 2, max(1, len(self.naive.made.get(member, [])))))
        aliases = self.naive.aliases()
        alias = aliases.index(member) + 1 if member in aliases and self.random.random() < 0.5 else 0
        for _ in range(self.random.choice((1, 1, 2))):
            broken = self.naive.not_revocable(member, number)
            outcome = self.room.revoke(member, number, self.now_us, alias=alias)
            if alias:
                assert (outcome.code.name if isinstance(outcome, Reject) else "") == broken
            elif not self._agree(member, outcome, broken):
                continue
            if not broken:
                self.naive.revoke(member, number)

    # --- what time and the buyer do ------------------------------------------------------------------

    def pass_to(self, at_us: int) -> None:
        self.now_us = at_us
        self.room.pass_to(at_us)
        self.naive.pass_to(at_us)

    def wait(self) -> None:
        self.pass_to(self.now_us + self.random.choice(SPANS))

    def wait_for_the_close(self) -> None:
        before_us = self.random.choice((0, 1, *[MINUTE] * 6, *[2 * MINUTE] * 4))
        self.pass_to(max(self.now_us, self.room.lot().close_at_us - before_us))

    def pause_or_go_on(self) -> None:
        clock = self.naive.clock
        if not clock.runs():
            assert isinstance(self.room.pause(self.now_us), Reject)
        elif clock.paused_since is None:
            assert isinstance(self.room.pause(self.now_us), list)
            clock.pause(self.now_us)
            if self.random.random() < 0.7:
                self.wait()
                self.pause_or_go_on()
        else:
            assert isinstance(self.room.resume(self.now_us), list)
            clock.resume(self.now_us)
            self.pass_to(self.now_us)

    def outage(self) -> None:
        down_us = self.random.choice(SPANS)
        self.now_us += down_us
        self.room.outage(down_us, self.now_us)
        self.naive.clock.outage(down_us, self.now_us)
        self.pass_to(self.now_us)

    def extend(self) -> None:
        later_us = self.random.choice(SPANS)
        if isinstance(self.room.extend(self.room.lot().close_at_us + later_us), list):
            self.naive.clock.close_us += later_us

    def restart(self) -> None:
        self.room.reload()

    # --- what has to agree ---------------------------------------------------------------------------

    def agree(self) -> None:
        lot, board, naive, clock = self.room.lot(), self.room.board(), self.naive, self.naive.clock
        ranking, prices = naive.lot.ranking(), naive.lot.standing()
        assert [(bid.member_id, bid.price) for bid in board.ranking()] == [
            (who, prices[who]) for who in ranking
        ]
        assert board.lead == next(board.ranking(), None)
        assert [board.rank_of(each) for each in ranking] == [naive.lot.rank_of(each) for each in ranking]
        assert [board.bidder(alias) for alias in range(1, board.bidders + 1)] == naive.aliases()
        assert [board.bids_of(each) for each in naive.made] == [len(made) for made in naive.made.values()]
        assert board.bids == sum(map(len, naive.made.values()))
        assert lot.proxy == (Proxy(*naive.proxy) if naive.proxy else None)
        assert lot.state == clock.state
        if clock.runs():
            assert lot.close_at_us == clock.close_us + clock.behind_us
        assert (lot.extensions, lot.overtime_us) == (len(clock.extended), sum(clock.extended))


DEEDS: Final[dict[Callable[[Twins], Any], int]] = {
    Twins.bid: 10,
    Twins.bid_late: 1,
    Twins.proxy: 3,
    Twins.withdraw_proxy: 1,
    Twins.revoke: 3,
    Twins.wait: 2,
    Twins.wait_for_the_close: 3,
    Twins.pause_or_go_on: 2,
    Twins.outage: 1,
    Twins.extend: 1,
    Twins.restart: 1,
}


@pytest.mark.parametrize("scored", [False, True], ids=["by_price", "scored"])
@pytest.mark.parametrize("direction", LotDirection)
def test_whatever_happens_a_live_lot_does_what_the_naive_one_does(
    direction: LotDirection, scored: bool
) -> None:
    taken = extended = 0
    for seed in range(SCHEDULES):
        twins = Twins(random := Random(seed), direction, scored=scored)
        for deed in random.choices(list(DEEDS), list(DEEDS.values()), k=STEPS):
            deed(twins)
            twins.agree()
        taken += twins.taken
        extended += len(twins.naive.clock.extended)

    assert taken > SCHEDULES and extended > SCHEDULES // 10, "the schedules must reach what they are about"
