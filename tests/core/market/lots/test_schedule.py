"""Events of several lots: how they follow each other, and what moves whom, against the naive timetable."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.limits import LOTS_PER_EVENT_MAX
from exchange.core.market.sourcing import EventState, LotState
from exchange.core.messages.lot_rules import EventRules, LotSchedule, LotsToExtend, Overtime
from exchange.core.messages.sourcing import CloseExtended, EventCancelled, LotClosed, LotOpened, LotShifted
from exchange.core.messages.steering import LotMoved
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.room import CLOSE, MINUTE, NO_OVERTIME, OPEN, SECOND, AuctionRoom
from tests.models.lot_schedule import NaiveSchedule

C = RejectCode
LENGTH = CLOSE - OPEN
PARALLEL = EventRules(schedule=LotSchedule.PARALLEL)
STAGGERED = EventRules(schedule=LotSchedule.STAGGERED, lot_gap_us=5 * MINUTE)
SERIAL = EventRules(schedule=LotSchedule.SERIAL, lot_gap_us=5 * MINUTE)


def lots(rules: EventRules, *, overtime: Overtime = NO_OVERTIME, number: int = 3) -> AuctionRoom:
    """A published event of `lot-0`, `lot-1` … with the suppliers s1 and s2."""
    room = AuctionRoom()
    room.create(rules=rules, overtime=overtime)
    for each in range(number):
        assert isinstance(room.add_lot(f"lot-{each}", ceiling_price=10**6), list)
    room.invite("s1")
    room.invite("s2")
    assert isinstance(room.publish(), list)
    return room


def timetable(room: AuctionRoom, number: int = 3) -> list[tuple[int, int]]:
    found = [room.lot(f"lot-{each}") for each in range(number)]
    return [(lot.open_at_us, lot.close_at_us) for lot in found]


@pytest.mark.parametrize(
    "rules,expected",
    [
        (PARALLEL, [(OPEN, CLOSE)] * 3),
        (STAGGERED, [(OPEN, CLOSE + each * 5 * MINUTE) for each in range(3)]),
        (
            SERIAL,
            [
                (OPEN + each * (LENGTH + 5 * MINUTE), CLOSE + each * (LENGTH + 5 * MINUTE))
                for each in range(3)
            ],
        ),
    ],
)
def test_lots_open_and_close_as_their_schedule_says(
    rules: EventRules, expected: list[tuple[int, int]]
) -> None:
    room = lots(rules)

    assert timetable(room) == expected
    happened = room.pass_to(expected[-1][1])
    assert [event.lot_id for event in happened if isinstance(event, LotOpened)] == ["lot-0", "lot-1", "lot-2"]
    assert [event.lot_id for event in happened if isinstance(event, LotClosed)] == ["lot-0", "lot-1", "lot-2"]


@pytest.mark.parametrize(
    "whose,moved",
    [(LotsToExtend.TRIGGERING, []), (LotsToExtend.ALL, [0, 2]), (LotsToExtend.CASCADE, [2])],
)
def test_an_extension_takes_along_whom_the_rules_name(whose: LotsToExtend, moved: list[int]) -> None:
    room = lots(STAGGERED, overtime=Overtime(20 * MINUTE, 20 * MINUTE, 60 * MINUTE, lots_to_extend=whose))
    room.pass_to(OPEN)
    at_us = CLOSE - MINUTE
    by_us = at_us + 20 * MINUTE - (CLOSE + 5 * MINUTE)

    events = room.bid("s1", 900, at_us, "lot-1")

    assert isinstance(events, list)
    assert events[1:] == [
        CloseExtended("lot-1", CLOSE + 5 * MINUTE + by_us, by_us),
        *(LotMoved(f"lot-{each}", OPEN, CLOSE + each * 5 * MINUTE + by_us) for each in moved),
    ]


def test_a_later_close_moves_if_the_one_before_comes_too_near() -> None:
    rules = EventRules(schedule=LotSchedule.STAGGERED, lot_gap_us=5 * MINUTE, min_lot_gap_us=3 * MINUTE)
    room = lots(rules, overtime=Overtime(2 * MINUTE, 4 * MINUTE, 60 * MINUTE))
    room.pass_to(OPEN)

    room.bid("s1", 900, CLOSE - SECOND, "lot-0")

    first = CLOSE - SECOND + 4 * MINUTE
    assert [close for _, close in timetable(room)] == [first, first + 3 * MINUTE, CLOSE + 10 * MINUTE]


def test_a_lot_in_series_opens_after_the_extended_close_of_the_one_before() -> None:
    room = lots(SERIAL, overtime=Overtime(2 * MINUTE, 2 * MINUTE, 60 * MINUTE))
    room.pass_to(OPEN)

    room.bid("s1", 900, CLOSE - MINUTE, "lot-0")

    assert timetable(room)[1] == (CLOSE + 6 * MINUTE, CLOSE + 6 * MINUTE + LENGTH)
    assert room.bid("s1", 900, CLOSE + 5 * MINUTE, "lot-1") == Reject(C.LOT_NOT_OPEN_YET, CLOSE + 6 * MINUTE)


def test_an_outage_keeps_lots_in_series_apart() -> None:
    room = lots(SERIAL)
    room.pass_to(OPEN)

    events = room.outage(MINUTE, CLOSE)  # a minute was left, five are due

    assert events[:3] == [
        LotShifted("lot-0", OPEN, CLOSE + 5 * MINUTE),
        LotShifted("lot-1", CLOSE + 6 * MINUTE, CLOSE + 6 * MINUTE + LENGTH),
        LotShifted("lot-2", CLOSE + 11 * MINUTE + LENGTH, CLOSE + 11 * MINUTE + 2 * LENGTH),
    ]
    assert timetable(room)[1][0] == timetable(room)[0][1] + 5 * MINUTE


def test_an_event_ends_with_the_award_of_its_last_lot() -> None:
    room = lots(PARALLEL)
    room.pass_to(CLOSE)
    event = room.auctions.event("event-1")
    assert event is not None

    states = []
    for each in range(3):
        room.award(0, f"lot-{each}")
        states.append(event.state)

    assert states == [EventState.PUBLISHED, EventState.PUBLISHED, EventState.ENDED]


def test_to_cancel_an_event_leaves_the_lots_that_are_awarded() -> None:
    room = lots(SERIAL)
    room.pass_to(CLOSE)
    room.award(0, "lot-0")

    assert room.cancel() == [EventCancelled("event-1", "No budget")]
    assert [room.lot(f"lot-{each}").state for each in range(3)] == [
        LotState.AWARDED,
        LotState.VOID,
        LotState.VOID,
    ]


def test_suppliers_are_invited_until_the_last_lot_closes() -> None:
    room = lots(SERIAL)
    room.pass_to(CLOSE)

    assert isinstance(room.invite("s9"), list)


def test_an_event_has_the_lots_that_its_schedule_allows() -> None:
    single, many = AuctionRoom(), AuctionRoom()
    single.create()
    single.add_lot()
    many.create(rules=PARALLEL)
    for each in range(LOTS_PER_EVENT_MAX):
        many.add_lot(f"lot-{each}")

    assert single.add_lot("lot-2") == Reject(C.TOO_MANY_LOTS, 1)
    assert many.add_lot("lot-x") == Reject(C.TOO_MANY_LOTS, LOTS_PER_EVENT_MAX)


@pytest.mark.parametrize(
    "rules,hard_us,field",
    [
        (SERIAL, CLOSE, "overtime.hard_deadline_us"),
        (EventRules(lot_gap_us=1), 0, "rules.lot_gap_us"),
        (EventRules(schedule=LotSchedule.PARALLEL, min_lot_gap_us=1), 0, "rules.lot_gap_us"),
    ],
)
def test_a_schedule_that_contradicts_itself_is_refused(rules: EventRules, hard_us: int, field: str) -> None:
    outcome = AuctionRoom().create(rules=rules, overtime=Overtime(hard_deadline_us=hard_us))

    assert outcome == Reject(C.RULES_CONTRADICT, 0, field)


def test_the_last_lot_has_to_close_before_the_hard_deadline() -> None:
    room = AuctionRoom()
    room.create(rules=STAGGERED, overtime=Overtime(hard_deadline_us=CLOSE + MINUTE))
    room.add_lot("lot-0")
    room.add_lot("lot-1")
    room.invite("s1")

    assert room.publish() == Reject(C.RULES_CONTRADICT, 0, "overtime.hard_deadline_us")


# --- against the naive timetable ---------------------------------------------------------------------------

SPANS = st.sampled_from((0, MINUTE, 3 * MINUTE, 10 * MINUTE))
STEPS = st.one_of(
    st.tuples(st.just("wait"), st.integers(0, 90)),
    st.tuples(st.just("near"), st.integers(0, 2)),
    st.tuples(st.just("lead"), st.integers(0, 2)),
    st.tuples(st.just("lead"), st.integers(0, 2)),
    st.tuples(st.just("extend"), st.integers(0, 2)),
    st.tuples(st.just("pause"), st.integers(0, 9)),
    st.tuples(st.just("restart"), st.just(0)),
)


@given(
    schedule=st.sampled_from([each for each in LotSchedule if each is not LotSchedule.SINGLE]),
    whose=st.sampled_from(LotsToExtend),
    gap=SPANS,
    least=SPANS,
    steps=st.lists(STEPS, max_size=25),
)
@settings(max_examples=1_000, deadline=None)
def test_lots_move_each_other_as_in_the_naive_timetable(
    schedule: LotSchedule, whose: LotsToExtend, gap: int, least: int, steps: list[tuple[str, int]]
) -> None:
    apart = schedule is not LotSchedule.PARALLEL
    rules = EventRules(schedule=schedule, lot_gap_us=gap * apart, min_lot_gap_us=least * apart)
    overtime = Overtime(4 * MINUTE, 5 * MINUTE, 10**12, lots_to_extend=whose)
    room = lots(rules, overtime=overtime)
    naive = NaiveSchedule.planned(rules, overtime, 3, OPEN, LENGTH)
    price, leaders = 10**6, dict[int, str]()
    for step, number in steps:
        if step == "wait":
            naive.now_us += number * MINUTE
        elif step == "near":
            naive.now_us = max(naive.now_us, naive.times[number][1] - 2 * MINUTE)
        room.pass_to(naive.now_us)
        if step == "lead":
            price -= 10
            taken = room.bid("s1" if price % 20 else "s2", price, naive.now_us, f"lot-{number}")
            assert isinstance(taken, list) == naive.is_open(number)
            bidder = "s1" if price % 20 else "s2"
            if isinstance(taken, list) and leaders.get(number) != bidder:  # a leader triggers nothing
                naive.lead(number)
                leaders[number] = bidder
        elif step == "extend" and naive.runs(number):
            assert isinstance(room.extend(naive.times[number][1] + MINUTE, f"lot-{number}"), list)
            naive.extend(number, MINUTE)
        elif step == "pause" and any(naive.runs(each) for each in range(3)):
            assert isinstance(room.pause(naive.now_us), list)
            naive.pause(number * MINUTE)
            assert isinstance(room.resume(naive.now_us), list)
            room.pass_to(naive.now_us)
        elif step == "restart":
            room.reload()
        assert [list(each) for each in timetable(room)] == naive.times
