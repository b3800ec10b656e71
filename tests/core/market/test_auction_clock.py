"""When a lot closes: overtime, and outages."""

from collections.abc import Callable

import pytest

from exchange.core.limits import INSTANT_US_MAX, OUTAGE_NOTICE_US
from exchange.core.messages.lot_rules import EventRules, LotSchedule, Overtime, TooFew
from exchange.core.messages.sourcing import CloseExtended, LotClosed, LotOpened, LotShifted
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.room import (
    CLOSE,
    MINUTE,
    NO_OVERTIME,
    OPEN,
    SECOND,
    AuctionRoom,
    a_closed_lot,
    a_draft,
    a_waiting_lot,
    an_open_lot,
)

# Within the last two minutes a new lead moves the close to three minutes after it.
OVERTIME = Overtime(window_us=2 * MINUTE, extension_us=3 * MINUTE, total_us_max=60 * MINUTE)
NOT_OPEN = Reject(RejectCode.LOT_NOT_OPEN)
HALF = INSTANT_US_MAX // 2


def a_short_lot() -> AuctionRoom:
    """Waiting; it is to be open for a minute."""
    room = AuctionRoom()
    room.create(duration_us=MINUTE)
    room.add_lot()
    room.invite("s1")
    room.publish()
    return room


def an_awarded_lot() -> AuctionRoom:
    room = a_closed_lot()
    room.award(2)
    return room


def a_cancelled_event() -> AuctionRoom:
    room = an_open_lot()
    room.cancel()
    return room


# --- overtime ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before_us,extended_us",
    [(2 * MINUTE + 1, 0), (2 * MINUTE, MINUTE), (1, 3 * MINUTE - 1)],
    ids=["before the window", "at its start", "at the last instant"],
)
def test_a_new_lead_within_the_window_moves_the_close(before_us: int, extended_us: int) -> None:
    room = an_open_lot(overtime=OVERTIME)

    extension = room.extension("s1", 900, CLOSE - before_us)

    assert extension == [CloseExtended("lot-1", CLOSE + extended_us, extended_us)] * (extended_us > 0)
    assert (room.lot().close_at_us, room.lot().overtime_us) == (CLOSE + extended_us, extended_us)


def test_an_extension_that_ends_before_the_close_moves_nothing() -> None:
    room = an_open_lot(overtime=Overtime(5 * MINUTE, 3 * MINUTE, 60 * MINUTE))

    assert room.extension("s1", 900, CLOSE - 3 * MINUTE) == []
    assert room.lot().close_at_us == CLOSE


def test_an_extended_lot_closes_at_its_new_close() -> None:
    room = an_open_lot(overtime=OVERTIME)
    room.extension("s1", 900, CLOSE - MINUTE)

    assert room.pass_to(CLOSE + 2 * MINUTE - 1) == []
    assert isinstance(room.bid("s1", 800, CLOSE + 2 * MINUTE - 1), list)
    assert room.bid("s2", 700, CLOSE + 2 * MINUTE) == NOT_OPEN
    assert room.pass_to(CLOSE + 2 * MINUTE) == [LotClosed("lot-1", "event-1", 800, "s1")]


def test_a_bid_at_the_close_neither_counts_nor_extends() -> None:
    room = an_open_lot(overtime=OVERTIME)

    assert room.bid("s1", 900, CLOSE) == NOT_OPEN
    assert room.lot().close_at_us == CLOSE


def test_two_leads_in_one_microsecond_extend_once() -> None:
    room = an_open_lot(overtime=OVERTIME)
    at_us = CLOSE - SECOND

    assert room.extension("s1", 900, at_us) == [
        CloseExtended("lot-1", at_us + 3 * MINUTE, 3 * MINUTE - SECOND)
    ]
    assert room.extension("s2", 800, at_us) == []


def test_a_leader_who_improves_on_itself_extends_nothing() -> None:
    room = an_open_lot(overtime=OVERTIME)
    room.bid("s1", 900, OPEN)

    assert room.extension("s1", 800, CLOSE - 1) == []


@pytest.mark.parametrize("price", [950, 900])
def test_a_bid_that_does_not_lead_extends_nothing(price: int) -> None:
    room = an_open_lot(overtime=OVERTIME)
    room.bid("s1", 900, OPEN)

    assert room.extension("s2", price, CLOSE - 1) == []


def test_a_refused_bid_extends_nothing() -> None:
    room = an_open_lot(overtime=OVERTIME)
    room.bid("s1", 900, OPEN)

    assert isinstance(room.bid("s2", 899, CLOSE - 1), Reject)
    assert room.lot().close_at_us == CLOSE


def test_without_a_window_nothing_extends() -> None:
    room = an_open_lot(overtime=Overtime(0, 2 * MINUTE, 60 * MINUTE))

    assert room.extension("s1", 900, CLOSE - 1) == []


def test_extensions_together_never_pass_their_bound() -> None:
    room = an_open_lot(overtime=Overtime(2 * MINUTE, 2 * MINUTE, 3 * MINUTE))
    last_us = CLOSE + 3 * MINUTE

    assert room.extension("s1", 900, CLOSE - MINUTE) == [CloseExtended("lot-1", CLOSE + MINUTE, MINUTE)]
    assert room.extension("s2", 800, CLOSE + MINUTE - 1) == [
        CloseExtended("lot-1", last_us - 1, 3 * MINUTE - 1)
    ]
    assert room.extension("s1", 700, last_us - 2) == [CloseExtended("lot-1", last_us, 3 * MINUTE)]
    assert room.extension("s2", 600, last_us - 1) == []
    assert room.bid("s1", 500, last_us) == NOT_OPEN


# --- outages -----------------------------------------------------------------------------------------------


def test_an_outage_moves_the_timers_of_a_waiting_lot_by_its_length() -> None:
    room = a_waiting_lot()

    assert room.outage(MINUTE, OPEN - 5 * MINUTE) == [LotShifted("lot-1", OPEN + MINUTE, CLOSE + MINUTE)]
    assert room.pass_to(OPEN + MINUTE - 1) == []
    assert room.pass_to(OPEN + MINUTE) == [LotOpened("lot-1", "event-1", CLOSE + MINUTE)]


def test_an_outage_moves_the_close_of_an_open_lot_by_its_length() -> None:
    room = an_open_lot()

    assert room.outage(MINUTE, OPEN + 9 * MINUTE) == [LotShifted("lot-1", OPEN, CLOSE + MINUTE)]
    assert room.pass_to(CLOSE + MINUTE - 1) == []
    assert room.pass_to(CLOSE + MINUTE) == [LotClosed("lot-1", "event-1", 0, "")]


def test_an_open_lot_stays_open_for_the_notice_after_an_outage() -> None:
    room = an_open_lot()
    up_us = CLOSE + 30 * MINUTE

    # Down from a second before the close, so that a second would be left.
    assert room.outage(up_us - CLOSE + SECOND, up_us) == [LotShifted("lot-1", OPEN, up_us + OUTAGE_NOTICE_US)]
    assert isinstance(room.bid("s1", 900, up_us + OUTAGE_NOTICE_US - 1), list)
    assert room.bid("s1", 800, up_us + OUTAGE_NOTICE_US) == NOT_OPEN


def test_a_lot_that_should_have_opened_while_down_gets_the_notice_too() -> None:
    assert a_short_lot().outage(2 * SECOND, OPEN) == [
        LotShifted("lot-1", OPEN + 2 * SECOND, OPEN + OUTAGE_NOTICE_US)
    ]


def test_a_short_lot_that_opens_after_an_outage_keeps_its_length() -> None:
    assert a_short_lot().outage(SECOND, OPEN - 1) == [
        LotShifted("lot-1", OPEN + SECOND, OPEN + SECOND + MINUTE)
    ]


def test_an_outage_of_no_length_moves_only_what_closes_too_soon() -> None:
    room = an_open_lot()

    assert room.outage(0, CLOSE - OUTAGE_NOTICE_US) == []
    assert room.outage(0, CLOSE - OUTAGE_NOTICE_US + 1) == [LotShifted("lot-1", OPEN, CLOSE + 1)]


@pytest.mark.parametrize("room", [a_draft, a_closed_lot, an_awarded_lot, a_cancelled_event])
def test_an_outage_leaves_what_is_not_running(room: Callable[[], AuctionRoom]) -> None:
    at_work = room()
    before = at_work.dumped()

    assert at_work.outage(MINUTE, CLOSE + MINUTE) == []
    assert at_work.dumped() == before


def test_an_outage_is_no_overtime() -> None:
    room = an_open_lot(overtime=Overtime(2 * MINUTE, 2 * MINUTE, 2 * MINUTE))
    room.extension("s1", 900, CLOSE - MINUTE)
    room.outage(60 * MINUTE, CLOSE - MINUTE)
    close_us = CLOSE + 61 * MINUTE

    # A minute of overtime is used, a minute is left.
    assert room.lot().close_at_us == close_us
    assert room.extension("s2", 800, close_us - 1) == [CloseExtended("lot-1", close_us + MINUTE, 2 * MINUTE)]


def test_the_window_moves_with_the_close() -> None:
    room = an_open_lot(overtime=OVERTIME)
    room.outage(30 * MINUTE, OPEN + 30 * MINUTE)

    assert room.extension("s1", 900, CLOSE - 1) == []
    assert room.extension("s2", 800, CLOSE + 28 * MINUTE) == [
        CloseExtended("lot-1", CLOSE + 31 * MINUTE, MINUTE)
    ]


def test_lots_shift_in_the_order_of_their_drafting() -> None:
    room = AuctionRoom()
    for number in (2, 3, 1):
        room.create(f"event-{number}")
        room.add_lot(f"lot-{number}", f"event-{number}")
        room.invite("s1", f"event-{number}")
    for number in (1, 2, 3):
        room.publish(f"event-{number}")
    room.reload()

    assert room.outage(SECOND, 5 * MINUTE) == [
        LotShifted(f"lot-{number}", OPEN + SECOND, CLOSE + SECOND) for number in (2, 3, 1)
    ]


@pytest.mark.parametrize(
    "rules,overtime",
    [
        (EventRules(schedule=LotSchedule.SERIAL, lot_gap_us=INSTANT_US_MAX), NO_OVERTIME),
        (EventRules(schedule=LotSchedule.STAGGERED, lot_gap_us=HALF, min_lot_gap_us=HALF), NO_OVERTIME),
        (EventRules(if_too_few=TooFew.POSTPONE, postpone_us=INSTANT_US_MAX), NO_OVERTIME),
        (EventRules(schedule=LotSchedule.PARALLEL), Overtime(total_us_max=HALF)),
    ],
)
def test_no_lot_can_close_later_than_an_instant_can_be(rules: EventRules, overtime: Overtime) -> None:
    room = AuctionRoom()
    room.create(rules=rules, overtime=overtime)
    room.add_lot()
    if rules.schedule is not LotSchedule.SINGLE:
        room.add_lot("lot-2")
    room.invite("s1")

    assert room.publish() == Reject(RejectCode.RULES_CONTRADICT, 0, "rules.lot_gap_us")


def test_a_timetable_may_be_as_long_as_instants_go() -> None:
    room = AuctionRoom()
    gap_us = INSTANT_US_MAX - CLOSE - (CLOSE - OPEN)
    room.create(rules=EventRules(schedule=LotSchedule.SERIAL, lot_gap_us=gap_us))
    room.add_lot()
    room.add_lot("lot-2")
    room.invite("s1")

    assert isinstance(room.publish(), list)
    assert room.lot("lot-2").close_at_us == INSTANT_US_MAX
