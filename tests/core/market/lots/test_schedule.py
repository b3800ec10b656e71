"""Events of several lots: how they follow each other, and what moves whom, against the naive timetable."""

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest
from msgspec.structs import replace

from exchange.core.limits import LOTS_PER_EVENT_MAX, OUTAGE_NOTICE_US
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
    "rules,hard_us,field,border",
    [
        (SERIAL, CLOSE, "overtime.hard_deadline_us", 0),
        (EventRules(lot_gap_us=1), 0, "rules.lot_gap_us", 0),
        (EventRules(schedule=LotSchedule.PARALLEL, min_lot_gap_us=1), 0, "rules.lot_gap_us", 0),
        (replace(STAGGERED, min_lot_gap_us=5 * MINUTE + 1), 0, "rules.min_lot_gap_us", 5 * MINUTE),
        (replace(SERIAL, min_lot_gap_us=2 * LENGTH), 0, "rules.min_lot_gap_us", LENGTH + 5 * MINUTE),
    ],
)
def test_a_schedule_that_contradicts_itself_is_refused(
    rules: EventRules, hard_us: int, field: str, border: int
) -> None:
    outcome = AuctionRoom().create(rules=rules, overtime=Overtime(hard_deadline_us=hard_us))

    assert outcome == Reject(C.RULES_CONTRADICT, border, field)


def test_the_last_lot_has_to_close_before_the_hard_deadline() -> None:
    room = AuctionRoom()
    room.create(rules=STAGGERED, overtime=Overtime(hard_deadline_us=CLOSE + MINUTE))
    room.add_lot("lot-0")
    room.add_lot("lot-1")
    room.invite("s1")

    last = CLOSE + 5 * MINUTE
    assert room.publish() == Reject(C.RULES_CONTRADICT, last, "overtime.hard_deadline_us")


# --- against the naive timetable ---------------------------------------------------------------------------


class Twins:
    """Three lots and their naive timetable; who leads is read off the bids that stand, the lowest first."""

    def __init__(self, room: AuctionRoom, naive: NaiveSchedule) -> None:
        self.room, self.naive = room, naive
        self.price = 10**6
        self.bids: dict[int, list[tuple[int, str, int]]] = {
            lot: [] for lot in range(3)
        }  # price, bidder, number
        self.made: Counter[tuple[int, str]] = Counter()

    def leader(self, lot: int) -> str:
        return min(self.bids[lot])[1] if self.bids[lot] else ""

    def near(self, lot: int) -> None:
        self.naive.now_us = max(self.naive.now_us, self.naive.times[lot][1] - 2 * MINUTE)
        self.room.pass_to(self.naive.now_us)

    def wait(self, minutes: int) -> None:
        self.naive.now_us += minutes * MINUTE
        self.room.pass_to(self.naive.now_us)

    def lead(self, lot: int) -> None:
        """By a new bid; a leader triggers nothing."""
        self.price -= 10
        bidder = "s1" if self.price % 20 else "s2"
        taken = self.room.bid(bidder, self.price, self.naive.now_us, f"lot-{lot}")
        assert isinstance(taken, list) == self.naive.is_open(lot)
        if isinstance(taken, list):
            led = self.leader(lot) == bidder
            self.made[lot, bidder] += 1
            self.bids[lot].append((self.price, bidder, self.made[lot, bidder]))
            if not led:
                self.naive.lead(lot)

    def double(self, lot: int) -> None:
        """The best bid once more: it is no step better, and moves nothing."""
        if self.bids[lot]:
            price, bidder, _ = min(self.bids[lot])
            assert isinstance(self.room.bid(bidder, price, self.naive.now_us, f"lot-{lot}"), Reject)

    def revoke(self, lot: int) -> None:
        """The best bid; what it extended stays so."""
        if self.bids[lot]:
            self.bids[lot].remove(best := min(self.bids[lot]))
            alias = next(alias for alias in (1, 2) if self.room.board(f"lot-{lot}").bidder(alias) == best[1])
            taken_back = self.room.revoke("operator", best[2], self.naive.now_us, f"lot-{lot}", alias=alias)
            assert isinstance(taken_back, list)

    def extend(self, lot: int) -> None:
        if self.naive.runs(lot):
            assert isinstance(self.room.extend(self.naive.times[lot][1] + MINUTE, f"lot-{lot}"), list)
            self.naive.extend(lot, MINUTE)

    def pause(self, minutes: int) -> None:
        if any(self.naive.runs(each) for each in range(3)):
            assert isinstance(self.room.pause(self.naive.now_us), list)
            self.naive.pause(minutes * MINUTE)
            assert isinstance(self.room.resume(self.naive.now_us), list)
            self.room.pass_to(self.naive.now_us)

    def outage(self, minutes: int) -> None:
        self.naive.outage(minutes * MINUTE, OUTAGE_NOTICE_US)
        self.room.outage(minutes * MINUTE, self.naive.now_us)
        self.room.pass_to(self.naive.now_us)

    def restart(self, _: int) -> None:
        self.room.reload()


SPANS = (0, MINUTE, 3 * MINUTE, 10 * MINUTE)
STEPS: dict[Callable[[Twins, int], None], tuple[int, int]] = {
    Twins.wait: (2, 90),
    Twins.near: (3, 2),
    Twins.lead: (6, 2),
    Twins.double: (1, 2),
    Twins.revoke: (2, 2),
    Twins.extend: (1, 2),
    Twins.pause: (1, 9),
    Twins.outage: (1, 9),
    Twins.restart: (1, 0),
}
"""How often each is done, and the greatest number that it is given: of minutes, or of the lot."""


@pytest.mark.parametrize("whose", LotsToExtend)
@pytest.mark.parametrize("schedule", [each for each in LotSchedule if each is not LotSchedule.SINGLE])
def test_lots_move_each_other_as_in_the_naive_timetable(schedule: LotSchedule, whose: LotsToExtend) -> None:
    """A thousand schedules of each, of bids, doubled bids, revocations, overtime, pauses and outages."""
    extended = sum(run(schedule, whose, Random(seed)) for seed in range(1_000))

    assert extended > 300, "the schedules must reach what they are about"


def run(schedule: LotSchedule, whose: LotsToExtend, random: Random) -> int:
    """One schedule; how many bids extended a lot."""
    apart = schedule is not LotSchedule.PARALLEL
    gap, least = random.choice(SPANS) * apart, random.choice(SPANS) * apart
    if schedule is LotSchedule.STAGGERED:
        least = min(gap, least)
    rules = EventRules(schedule=schedule, lot_gap_us=gap, min_lot_gap_us=least)
    overtime = Overtime(4 * MINUTE, 5 * MINUTE, 10**12, lots_to_extend=whose)
    twins = Twins(lots(rules, overtime=overtime), NaiveSchedule.planned(rules, overtime, 3, OPEN, LENGTH))
    twins.wait(OPEN // MINUTE)
    for step in random.choices(list(STEPS), [often for often, _ in STEPS.values()], k=25):
        step(twins, random.randint(0, STEPS[step][1]))
        assert [list(each) for each in timetable(twins.room)] == twins.naive.times
    return sum(twins.room.lot(f"lot-{each}").extensions for each in range(3))
