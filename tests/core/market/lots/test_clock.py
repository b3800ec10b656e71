"""When a lot closes: every edge of overtime, pauses, closes by hand, and all of it against the naive clock."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from exchange.core.limits import EVENT_DURATION_US_MAX, OUTAGE_NOTICE_US
from exchange.core.messages.lot_rules import EventRules, ExtensionStart, Overtime, TooFew
from exchange.core.messages.sourcing import CloseExtended, EventCancelled, LotClosed, LotOpened, LotShifted
from exchange.core.messages.steering import EventPaused, EventResumed, LotEnded, LotExtended, LotPostponed
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.room import CLOSE, MINUTE, OPEN, SECOND, AuctionRoom, a_waiting_lot, an_open_lot
from tests.models.lot_clock import NaiveClock

C = RejectCode
RECEIPT, FROM_CLOSE = ExtensionStart.RECEIPT_TIME, ExtensionStart.CLOSE_DATE


def overtime(
    *,
    window: int = 2 * MINUTE,
    extension: int = 3 * MINUTE,
    start: ExtensionStart = RECEIPT,
    rank: int = 1,
    leader: bool = False,
    count: int = 0,
    hard_us: int = 0,
) -> Overtime:
    return Overtime(window, extension, 60 * MINUTE, start, rank, leader, count, hard_us)


# --- overtime ----------------------------------------------------------------------------------------------


def test_an_extension_can_count_from_the_close_instead_of_the_bid() -> None:
    room = an_open_lot(overtime=overtime(start=FROM_CLOSE))

    assert room.extension("s1", 900, CLOSE - MINUTE) == [
        CloseExtended("lot-1", CLOSE + 3 * MINUTE, 3 * MINUTE)
    ]


@pytest.mark.parametrize(
    "rank,extends", [(1, [False, False]), (2, [True, False]), (3, [True, True]), (0, [True, True])]
)
def test_a_bid_extends_if_it_stands_at_the_rank_that_triggers(rank: int, extends: list[bool]) -> None:
    room = an_open_lot(overtime=overtime(rank=rank))
    room.bid("s1", 800, OPEN)

    second = room.extension("s2", 850, CLOSE - 1)
    third = room.extension("s3", 900, room.lot().close_at_us - 1)

    assert [bool(second), bool(third)] == extends


@pytest.mark.parametrize("leader", [False, True])
def test_a_leader_who_improves_on_itself_extends_where_the_rules_say_so(leader: bool) -> None:
    room = an_open_lot(overtime=overtime(leader=leader, rank=0))
    room.bid("s1", 900, OPEN)

    assert bool(room.extension("s1", 800, CLOSE - 1)) is leader


def test_extensions_are_counted() -> None:
    room = an_open_lot(overtime=overtime(count=1))

    assert room.extension("s1", 900, CLOSE - 1)
    assert room.extension("s2", 800, room.lot().close_at_us - 1) == []


def test_no_extension_passes_the_hard_deadline() -> None:
    room = an_open_lot(overtime=overtime(hard_us=CLOSE + MINUTE))

    assert room.extension("s1", 900, CLOSE - 1) == [CloseExtended("lot-1", CLOSE + MINUTE, MINUTE)]
    assert room.extension("s2", 800, CLOSE + MINUTE - 1) == []


def test_a_hard_deadline_before_the_close_contradicts_it() -> None:
    outcome = AuctionRoom().create(overtime=overtime(hard_us=CLOSE - 1))

    assert outcome == Reject(C.RULES_CONTRADICT, CLOSE, "overtime.hard_deadline_us")


# --- pause and resume ----------------------------------------------------------------------------------------


def test_a_pause_moves_every_timer_by_exactly_its_length() -> None:
    room = an_open_lot(overtime=overtime(hard_us=CLOSE + 5 * MINUTE))
    room.extension("s1", 900, CLOSE - MINUTE)  # closes two minutes after the planned close

    assert room.pause(CLOSE) == [EventPaused("event-1", CLOSE, "A question")]
    assert room.pass_to(CLOSE + 20 * MINUTE) == []
    assert room.bid("s2", 800, CLOSE + 20 * MINUTE) == Reject(C.EVENT_PAUSED)
    assert room.resume(CLOSE + 30 * MINUTE) == [EventResumed("event-1", 30 * MINUTE)]
    close_us = CLOSE + 32 * MINUTE
    assert (room.lot().close_at_us, room.lot().hard_deadline_us) == (close_us, CLOSE + 35 * MINUTE)
    assert room.pass_to(close_us - 1) == []
    assert room.pass_to(close_us) == [LotClosed("lot-1", "event-1", 900, "s1")]


def test_a_paused_event_opens_later_by_the_pause() -> None:
    room = a_waiting_lot()
    room.pause(OPEN - 1)

    assert room.pass_to(OPEN + MINUTE) == []
    room.resume(OPEN + MINUTE)
    assert room.pass_to(OPEN + MINUTE) == []
    assert room.pass_to(OPEN + MINUTE + 1) == [LotOpened("lot-1", "event-1", CLOSE + MINUTE + 1)]


def test_a_pause_survives_a_restart_and_contains_an_outage() -> None:
    room = an_open_lot()
    room.pause(OPEN + MINUTE)
    room.reload()

    assert room.outage(10 * MINUTE, OPEN + 20 * MINUTE) == []
    room.resume(OPEN + 21 * MINUTE)
    assert room.lot().close_at_us == CLOSE + 20 * MINUTE


def test_an_outage_that_would_pass_the_hard_deadline_leaves_the_event_paused() -> None:
    room = an_open_lot(overtime=overtime(hard_us=CLOSE + MINUTE))
    back_us = OPEN + 30 * MINUTE

    assert room.outage(MINUTE, OPEN + 10 * MINUTE) == [LotShifted("lot-1", OPEN, CLOSE + MINUTE)]
    assert room.outage(SECOND, back_us) == [EventPaused("event-1", back_us - SECOND, "Outage")]
    room.resume(back_us + MINUTE, actor_id="operator")
    assert room.lot().close_at_us == CLOSE + 2 * MINUTE + SECOND
    assert room.lot().hard_deadline_us == room.lot().close_at_us


def test_pause_and_resume_are_refused_out_of_turn() -> None:
    room = an_open_lot()

    assert room.resume(OPEN) == Reject(C.EVENT_NOT_PAUSED)
    assert room.pause(OPEN, actor_id="s1") == Reject(C.EVENT_UNKNOWN, 0, "event_id")
    room.pause(OPEN, actor_id="operator")
    assert room.pause(OPEN) == Reject(C.EVENT_PAUSED)
    assert room.resume(OPEN, actor_id="s1") == Reject(C.EVENT_UNKNOWN, 0, "event_id")
    room.resume(OPEN)
    room.pass_to(CLOSE)
    assert room.pause(CLOSE) == Reject(C.EVENT_NOT_RUNNING)
    assert room.resume(CLOSE) == Reject(C.EVENT_NOT_RUNNING)


# --- extended and ended by hand --------------------------------------------------------------------------------


def test_a_close_moved_by_hand_is_no_overtime() -> None:
    room = an_open_lot(overtime=overtime())

    assert room.extend(CLOSE + MINUTE) == [LotExtended("lot-1", CLOSE + MINUTE)]
    assert room.pass_to(CLOSE) == []
    assert room.extension("s1", 900, CLOSE) == [CloseExtended("lot-1", CLOSE + 3 * MINUTE, 2 * MINUTE)]


def test_a_close_moves_only_away_and_within_its_bounds() -> None:
    room = an_open_lot()
    bound = an_open_lot(overtime=overtime(hard_us=CLOSE + MINUTE))

    assert room.extend(CLOSE) == Reject(C.CLOSE_NOT_LATER, CLOSE, "close_at_us")
    latest = OPEN + EVENT_DURATION_US_MAX
    assert room.extend(latest + 1) == Reject(C.CLOSE_TOO_LATE, latest, "close_at_us")
    assert bound.extend(CLOSE + MINUTE + 1) == Reject(C.CLOSE_TOO_LATE, CLOSE + MINUTE, "close_at_us")
    assert room.extend(CLOSE + 1, actor_id="s1") == Reject(C.LOT_UNKNOWN, 0, "lot_id")
    room.pass_to(CLOSE)
    assert room.extend(CLOSE + 1) == Reject(C.LOT_NOT_OPEN)


def test_a_lot_is_ended_by_hand_once() -> None:
    room = an_open_lot()
    room.bid("s1", 900)

    assert room.end(actor_id="s1") == Reject(C.LOT_UNKNOWN, 0, "lot_id")
    assert room.end() == [LotEnded("lot-1", "Good enough"), LotClosed("lot-1", "event-1", 900, "s1")]
    assert room.pass_to(CLOSE) == []
    assert room.end() == Reject(C.LOT_NOT_OPEN)
    assert a_waiting_lot().end() == Reject(C.LOT_NOT_OPEN_YET, OPEN)


# --- too few -----------------------------------------------------------------------------------------------------


def a_lot_that_needs(participants: int, answer: TooFew) -> AuctionRoom:
    """With one supplier."""
    room = AuctionRoom()
    rules = EventRules(min_participants=participants, if_too_few=answer, postpone_us=5 * MINUTE)
    room.create(rules=rules)
    room.add_lot()
    room.invite("s1")
    room.publish()
    return room


def test_an_event_with_too_few_suppliers_is_cancelled_at_its_opening() -> None:
    room = a_lot_that_needs(2, TooFew.CANCEL)

    assert room.pass_to(OPEN) == [EventCancelled("event-1", "Too few suppliers")]
    assert room.pass_to(CLOSE) == []


def test_an_event_with_too_few_suppliers_is_postponed_once() -> None:
    room, patient = a_lot_that_needs(2, TooFew.POSTPONE), a_lot_that_needs(2, TooFew.POSTPONE)

    for each in (room, patient):
        assert each.pass_to(OPEN) == [LotPostponed("lot-1", 5 * MINUTE)]
    patient.invite("s2")
    assert room.pass_to(OPEN + 5 * MINUTE) == [EventCancelled("event-1", "Too few suppliers")]
    assert patient.pass_to(OPEN + 5 * MINUTE) == [LotOpened("lot-1", "event-1", CLOSE + 5 * MINUTE)]


@pytest.mark.parametrize(
    "participants,answer", [(2, TooFew.CONTINUE), (1, TooFew.CANCEL), (0, TooFew.CANCEL)]
)
def test_an_event_opens_if_they_are_enough_or_it_does_not_matter(participants: int, answer: TooFew) -> None:
    assert a_lot_that_needs(participants, answer).pass_to(OPEN) == [LotOpened("lot-1", "event-1", CLOSE)]


def test_to_postpone_by_no_time_is_a_contradiction() -> None:
    rules = EventRules(min_participants=2, if_too_few=TooFew.POSTPONE)

    assert AuctionRoom().create(rules=rules) == Reject(C.RULES_CONTRADICT, 0, "rules.postpone_us")


# --- all of it against the naive clock ----------------------------------------------------------------------------

SPANS = st.sampled_from((0, 1, SECOND, MINUTE - 1, MINUTE, 3 * MINUTE))
LENGTHS = st.sampled_from((0, MINUTE, 2 * MINUTE, 4 * MINUTE))


class Clock(RuleBasedStateMachine):
    """One lot, with bids, pauses, outages, closes by hand and restarts in any order."""

    @initialize(
        window=LENGTHS,
        extension=LENGTHS,
        total=LENGTHS,
        start=st.sampled_from(ExtensionStart),
        rank=st.integers(0, 3),
        leader=st.booleans(),
        count=st.integers(0, 3),
        hard=st.sampled_from((0, 0, 1, MINUTE, 10 * MINUTE)),
    )
    def begin(
        self,
        window: int,
        extension: int,
        total: int,
        start: ExtensionStart,
        rank: int,
        leader: bool,
        count: int,
        hard: int,
    ) -> None:
        rules = Overtime(window, extension, total, start, rank, leader, count, CLOSE + hard if hard else 0)
        self.room = a_waiting_lot(overtime=rules)
        self.naive = NaiveClock(rules, OPEN, CLOSE, rules.hard_deadline_us, OUTAGE_NOTICE_US)
        self.now_us = OPEN - 2 * MINUTE
        self.price = 1_000

    def _pass_to(self, at_us: int) -> None:
        self.now_us = at_us
        self.room.pass_to(at_us)
        self.naive.pass_to(at_us)

    @rule(member=st.sampled_from(("s1", "s2", "s3")), behind=st.booleans())
    def bid(self, member: str, behind: bool) -> None:
        """Takes the lead by a step, or improves on the own price behind the lead."""
        own = self.room.board().of(member)
        price = min(own.price, 1_000) - 10 if behind and own else self.price - 10
        outcome = self.room.bid(member, price, self.now_us)
        if isinstance(outcome, list):
            self.naive.bid(member, price, self.now_us)
            self.price = min(self.price, price)
        open_now = self.naive.state == "open" and self.naive.paused_since is None
        assert isinstance(outcome, list) <= open_now

    @rule(span=SPANS)
    def wait(self, span: int) -> None:
        self._pass_to(self.now_us + span)

    @rule(before=st.sampled_from((0, 1, MINUTE, 2 * MINUTE)))
    def wait_for_the_close(self, before: int) -> None:
        self._pass_to(max(self.now_us, self.room.lot().close_at_us - before))

    @rule()
    def pause(self) -> None:
        taken = isinstance(self.room.pause(self.now_us), list)
        assert taken == (self.naive.runs() and self.naive.paused_since is None)
        if taken:
            self.naive.pause(self.now_us)

    @rule()
    def resume(self) -> None:
        taken = isinstance(self.room.resume(self.now_us), list)
        assert taken == (self.naive.runs() and self.naive.paused_since is not None)
        if taken:
            self.naive.resume(self.now_us)
            self._pass_to(self.now_us)

    @rule(down=SPANS)
    def outage(self, down: int) -> None:
        self.now_us += down
        self.room.outage(down, self.now_us)
        self.naive.outage(down, self.now_us)
        self._pass_to(self.now_us)

    @rule(later=SPANS)
    def extend(self, later: int) -> None:
        close_at_us = self.room.lot().close_at_us + later
        if isinstance(self.room.extend(close_at_us), list):
            self.naive.close_us += later

    @rule()
    def end(self) -> None:
        if self.now_us > OPEN + 30 * MINUTE and isinstance(self.room.end(), list):
            self.naive.state = "closed"

    @rule()
    def restart(self) -> None:
        self.room.reload()

    @invariant()
    def both_agree(self) -> None:
        lot, naive = self.room.lot(), self.naive
        assert lot.state == naive.state
        if naive.runs():
            assert naive.state == "open" or lot.open_at_us == naive.open_us + naive.behind_us
            assert lot.close_at_us == naive.close_us + naive.behind_us
            assert lot.hard_deadline_us == (naive.hard_us + naive.behind_us if naive.hard_us else 0)
        assert (lot.extensions, lot.overtime_us) == (len(naive.extended), sum(naive.extended))


TestClock = Clock.TestCase
TestClock.settings = settings(max_examples=1_000, stateful_step_count=30, deadline=None)
