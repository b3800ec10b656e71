"""Lots in rounds: first prices, turns in the order of the standing, and all of it against the naive lot."""

from random import Random

import pytest

from exchange.core.limits import OUTAGE_NOTICE_US
from exchange.core.market.sourcing import LotState
from exchange.core.messages.lot_clocks import RoundPaused, RoundsStarted, TurnBegan
from exchange.core.messages.lot_rules import ClockRules, LotDirection, LotFormat
from exchange.core.messages.sourcing import LotClosed
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.lots.clocked import (
    BIDDERS,
    Driver,
    a_clocked_lot,
    naive_times,
    said,
    take_back_something,
)
from tests.core.market.room import CLOSE, MINUTE, OPEN, SECOND, AuctionRoom
from tests.models.lot_rounds import NaiveRounds

C = RejectCode
PAUSE, TURN = 120 * SECOND, 120 * SECOND
FIRST_TURN = CLOSE + 300 * SECOND


def a_lot_in_rounds(
    *first_prices: tuple[str, int], clock: ClockRules | None = None, forward: bool = False
) -> AuctionRoom:
    """With these first prices; ceiling 1,000, step 10."""
    room = a_clocked_lot(LotFormat.ROUNDS, clock, forward=forward, floor_price=0, min_step=10)
    for bidder, price in first_prices:
        assert isinstance(room.bid(bidder, price), list)
    return room


def test_rounds_have_the_pauses_and_turns_of_the_national_engine() -> None:
    room = a_lot_in_rounds(("s1", 900), ("s2", 950))

    told = room.pass_to(10 * CLOSE)

    second, third = FIRST_TURN + 2 * TURN + PAUSE, FIRST_TURN + 4 * TURN + 2 * PAUSE
    assert told == [
        RoundsStarted("lot-1", third + 2 * TURN),
        RoundPaused("lot-1", 1, FIRST_TURN),
        TurnBegan("lot-1", 1, [2, 1], FIRST_TURN + TURN),
        TurnBegan("lot-1", 1, [1], FIRST_TURN + 2 * TURN),
        RoundPaused("lot-1", 2, second),
        TurnBegan("lot-1", 2, [2, 1], second + TURN),
        TurnBegan("lot-1", 2, [1], second + 2 * TURN),
        RoundPaused("lot-1", 3, third),
        TurnBegan("lot-1", 3, [2, 1], third + TURN),
        TurnBegan("lot-1", 3, [1], third + 2 * TURN),
        LotClosed("lot-1", "event-1", 900, "s1"),
    ]
    assert room.deadlines.next_us() is None


def test_the_worst_bids_first_and_of_equal_prices_the_later_one() -> None:
    room = a_lot_in_rounds(("s1", 900), ("s2", 950), ("s3", 900))

    assert room.pass_to(FIRST_TURN)[-1] == TurnBegan("lot-1", 1, [2, 3, 1], FIRST_TURN + TURN)


def test_the_leader_bids_last_and_the_order_of_a_round_is_that_of_the_standing_as_it_begins() -> None:
    room = a_lot_in_rounds(("s1", 900), ("s2", 950))
    room.pass_to(FIRST_TURN)
    room.bid("s2", 800, FIRST_TURN)

    told = [event.order for event in room.pass_to(FIRST_TURN + 4 * TURN) if isinstance(event, TurnBegan)]

    assert told == [[1], [1, 2], [2]]


def test_a_turn_takes_one_bid_a_step_below_the_own_one() -> None:
    room = a_lot_in_rounds(("s1", 900), ("s2", 950))
    room.pass_to(FIRST_TURN)

    assert room.bid("s2", 941, FIRST_TURN) == Reject(C.STEP_TOO_SMALL, 940, "price")
    assert isinstance(room.bid("s2", 899, FIRST_TURN), list), "the lead binds nobody"
    assert room.bid("s2", 800, FIRST_TURN) == Reject(C.TURN_USED)
    assert room.bid("s2", 899, FIRST_TURN) == Reject(C.TURN_USED)


def test_bids_out_of_turn_are_refused() -> None:
    room = a_lot_in_rounds(("s1", 900), ("s2", 950))
    room.pass_to(CLOSE)

    assert room.bid("s1", 800, CLOSE) == Reject(C.NOT_YOUR_TURN), "in the pause"
    room.pass_to(FIRST_TURN)
    assert room.bid("s1", 800, FIRST_TURN) == Reject(C.NOT_YOUR_TURN)
    assert room.bid("s2", 800, FIRST_TURN + TURN) == Reject(C.NOT_YOUR_TURN), "the turn is over"
    assert room.bid("s3", 800, FIRST_TURN) == Reject(C.NO_FIRST_PRICE)


def test_a_turn_has_no_level_to_accept() -> None:
    assert a_lot_in_rounds().accept("s1", 900) == Reject(C.OTHER_FORMAT)


def test_first_prices_are_improved_on_by_a_step_and_the_bound_tells_nothing_of_the_lead() -> None:
    room = a_lot_in_rounds(("s1", 900), ("s2", 905))

    assert room.bid("s2", 899) == Reject(C.STEP_TOO_SMALL, 895, "price")
    assert isinstance(room.bid("s2", 895), list)


@pytest.mark.parametrize("first_prices", [(), (("s1", 900),)])
def test_with_fewer_than_two_first_prices_there_are_no_rounds(
    first_prices: tuple[tuple[str, int], ...],
) -> None:
    room = a_lot_in_rounds(*first_prices)

    lead = ("lot-1", "event-1", 900, "s1") if first_prices else ("lot-1", "event-1", 0, "")
    assert room.pass_to(CLOSE) == [LotClosed(*lead)]


def test_a_lot_that_is_ended_by_hand_has_no_more_turns() -> None:
    room = a_lot_in_rounds(("s1", 900), ("s2", 950))
    room.pass_to(FIRST_TURN)
    room.end()

    assert room.deadlines.next_us() is None
    assert room.bid("s2", 800, FIRST_TURN) == Reject(C.LOT_NOT_OPEN)


def test_a_pause_in_a_turn_moves_all_that_is_to_come() -> None:
    room = a_lot_in_rounds(("s1", 900), ("s2", 950))
    room.pass_to(FIRST_TURN + SECOND)
    close_us = room.lot().close_at_us
    room.pause(FIRST_TURN + SECOND)
    room.resume(FIRST_TURN + MINUTE)

    moved_us = MINUTE - SECOND
    assert (room.lot().hands.until_us, room.lot().close_at_us) == (
        FIRST_TURN + TURN + moved_us,
        close_us + moved_us,
    )


@pytest.mark.parametrize("direction", LotDirection)
def test_whatever_happens_a_lot_in_rounds_does_what_the_naive_one_does(direction: LotDirection) -> None:
    forward = direction is LotDirection.FORWARD
    in_turn = sum(run(Random(seed), forward=forward) for seed in range(1_000))

    assert in_turn > 800, "the schedules must reach what they are about"


def run(random: Random, *, forward: bool) -> int:
    """One schedule; how many bids were taken in a turn."""
    clock = ClockRules(
        rounds=random.randint(1, 3), first_pause_us=MINUTE, pause_us=20 * SECOND, turn_us=30 * SECOND
    )
    room = a_lot_in_rounds(clock=clock, forward=forward)
    times = naive_times(room, [], OUTAGE_NOTICE_US)
    naive = NaiveRounds(1_000, 10, clock, times, list(BIDDERS[:4]), forward)
    driver, in_turn = Driver(room, times, naive.pass_to), 0
    for bidder in random.sample(BIDDERS[:4], random.choice((0, 1, 2, 3, 4, 4))):
        price = random.choice((700, 710, 715) if forward else (1_000, 990, 985))
        room.bid(bidder, price)
        naive.bid(bidder, price)
    driver.pass_by(CLOSE - OPEN - 10 * SECOND)
    for _ in range(80):
        if random.random() < 0.4:
            turn = naive.turn() if naive.plan and not naive.closed else ""
            bidder = turn if turn and random.random() < 0.7 else random.choice(BIDDERS)
            in_turn += bid(room, naive, bidder, driver.now_us, random)
        elif random.random() < 0.1:
            take_back_something(room, random, naive, driver.now_us)
        else:
            driver.anything(random)
        lot = room.lot()
        assert (lot.state is LotState.CLOSED) == naive.closed
        assert [bid.member_id for bid in lot.board.ranking()] == naive.ranking()
        driver.agree()
    return in_turn


def bid(room: AuctionRoom, naive: NaiveRounds, bidder: str, at_us: int, random: Random) -> int:
    """Once or twice, about a step better than the own one; how many were taken in a turn."""
    by, taken = random.choice((10, 10, 11, 30, 9, 0)), 0
    best = naive.best(bidder) if bidder in naive.bidders() else 700 if naive.forward else 1_001
    price = best + by if naive.forward else best - by
    for _ in range(random.choice((1, 1, 2))):
        expected = naive.refusal(bidder, price)
        assert said(room.bid(bidder, price, at_us)) == expected
        if expected is None:
            naive.bid(bidder, price)
            taken += bool(naive.plan)
    return taken
