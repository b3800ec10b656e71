"""Dutch and Japanese lots: the clock's levels, who may accept which, and all of it against naive lots."""

from random import Random

import pytest

from exchange.core.limits import OUTAGE_NOTICE_US
from exchange.core.market.lots.levels import levels
from exchange.core.market.sourcing import LotState
from exchange.core.messages.lot_clocks import LevelSet
from exchange.core.messages.lot_rules import ClockRules, LotDirection, LotFormat, Overtime, TiePolicy
from exchange.core.messages.sourcing import BidSubmitted, LotClosed, LotOpened, LotShifted
from exchange.core.messages.steering import LotExtended
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
from tests.models.lot_levels import NaiveDutch, NaiveJapanese, ladder

C = RejectCode
DUTCH, JAPANESE = LotFormat.DUTCH, LotFormat.JAPANESE


def level_prices(room: AuctionRoom) -> list[int]:
    """Where somebody accepts everything, so that the clock goes on."""
    prices = [room.lot().hands.price]
    for minute in range(1, 5):
        for bidder in ("s1", "s2"):
            room.accept(bidder, prices[-1], OPEN + (minute - 1) * MINUTE)
        prices += [
            event.price for event in room.pass_to(OPEN + minute * MINUTE) if isinstance(event, LevelSet)
        ]
    return prices


# --- Dutch ---------------------------------------------------------------------------------------------


def test_a_dutch_reverse_clock_rises_from_the_floor_to_the_cap_and_stays_there() -> None:
    room = a_clocked_lot(DUTCH)

    shown = [room.lot().hands.price]
    shown += [event.price for event in room.pass_to(CLOSE - 1) if isinstance(event, LevelSet)]

    assert shown == [900, 930, 960, 990, 1_000]
    assert (room.lot().hands.until_us, room.deadlines.next_us()) == (0, CLOSE)
    assert room.pass_to(CLOSE) == [LotClosed("lot-1", "event-1", 0, "")]


def test_a_dutch_forward_clock_falls_from_the_ceiling_to_the_floor() -> None:
    room = a_clocked_lot(DUTCH, forward=True)

    shown = [room.lot().hands.price]
    shown += [event.price for event in room.pass_to(CLOSE - 1) if isinstance(event, LevelSet)]

    assert shown == [1_000, 970, 940, 910, 900]


def test_the_first_acceptance_wins_a_dutch_lot_and_closes_it() -> None:
    room = a_clocked_lot(DUTCH)
    at_us = OPEN + MINUTE
    room.pass_to(at_us)

    assert room.accept("s2", 930, at_us) == [
        BidSubmitted("lot-1", "s2", 930, 1, 1, at_us),
        LotClosed("lot-1", "event-1", 930, "s2"),
    ]
    assert room.accept("s1", 930, at_us) == Reject(C.LOT_NOT_OPEN)
    assert room.accept("s2", 930, at_us) == Reject(C.LOT_NOT_OPEN)
    assert room.deadlines.next_us() is None


@pytest.mark.parametrize("price", [900, 960, 1])
def test_a_stale_acceptance_is_refused_with_the_price_that_the_clock_shows(price: int) -> None:
    room = a_clocked_lot(DUTCH)
    room.pass_to(OPEN + MINUTE)

    assert room.accept("s1", price, OPEN + MINUTE) == Reject(C.LEVEL_STALE, 930, "price")


def test_an_acceptance_at_the_end_of_a_level_is_stale_before_the_next_one_is_written_down() -> None:
    room = a_clocked_lot(DUTCH)

    assert room.accept("s1", 900, OPEN + MINUTE) == Reject(C.LEVEL_STALE, 930, "price")
    assert isinstance(room.accept("s1", 900, OPEN + MINUTE - 1), list)


def test_a_late_acceptance_is_no_overtime() -> None:
    room = a_clocked_lot(JAPANESE, overtime=Overtime(window_us=CLOSE))

    assert isinstance(room.accept("s1", 1_000, OPEN), list)
    assert room.lot().close_at_us == CLOSE


# --- Japanese --------------------------------------------------------------------------------------------


def test_a_japanese_reverse_clock_falls_from_the_ceiling_while_more_than_one_accept() -> None:
    assert level_prices(a_clocked_lot(JAPANESE)) == [1_000, 970, 940, 910, 900]


def test_a_japanese_forward_clock_rises() -> None:
    assert level_prices(a_clocked_lot(JAPANESE, forward=True)) == [900, 930, 960, 990, 1_000]


def test_whoever_lets_a_level_pass_is_out_and_does_not_come_back() -> None:
    room = a_clocked_lot(JAPANESE)
    for bidder in ("s1", "s2"):
        room.accept(bidder, 1_000)
    room.pass_to(OPEN + MINUTE)

    for at_us in (OPEN + MINUTE, OPEN + 2 * MINUTE - 1):
        assert room.accept("s3", 970, at_us) == Reject(C.DROPPED_OUT)
    assert isinstance(room.accept("s1", 970, OPEN + MINUTE), list)


def test_a_level_is_accepted_once() -> None:
    room = a_clocked_lot(JAPANESE)
    room.accept("s1", 1_000)

    assert room.accept("s1", 1_000) == Reject(C.LEVEL_ACCEPTED)


def test_a_japanese_lot_ends_with_the_level_that_one_alone_accepts() -> None:
    room = a_clocked_lot(JAPANESE)
    for bidder in ("s1", "s2", "s3"):
        room.accept(bidder, 1_000)
    room.pass_to(OPEN + MINUTE)
    room.accept("s2", 970, OPEN + MINUTE)

    assert room.pass_to(OPEN + 2 * MINUTE) == [LotClosed("lot-1", "event-1", 970, "s2")]


def test_a_japanese_lot_ends_with_as_many_as_it_stops_at() -> None:
    room = a_clocked_lot(JAPANESE, ClockRules(stop_at_active=2))
    for bidder in ("s3", "s1"):
        room.accept(bidder, 1_000)

    assert room.pass_to(OPEN + MINUTE) == [LotClosed("lot-1", "event-1", 1_000, "s3")]


def test_if_all_drop_out_at_one_level_the_last_accepted_one_counts_by_the_tie_policy() -> None:
    for policy, ranks in ((TiePolicy.EARLIEST, [1, 2]), (TiePolicy.EQUAL_BEST, [1, 1])):
        room = a_clocked_lot(JAPANESE, tie_policy=policy)
        for price, at_us in ((1_000, OPEN), (970, OPEN + MINUTE)):
            room.pass_to(at_us)
            for bidder in ("s2", "s1"):
                room.accept(bidder, price, at_us)

        assert room.pass_to(OPEN + 2 * MINUTE) == [LevelSet("lot-1", 3, 940, OPEN + 3 * MINUTE)]
        assert room.pass_to(OPEN + 3 * MINUTE) == [LotClosed("lot-1", "event-1", 970, "s2")]
        assert [room.board().rank_of(each) for each in ("s2", "s1")] == ranks


def test_a_japanese_lot_that_nobody_accepts_closes_without_a_bid() -> None:
    assert a_clocked_lot(JAPANESE).pass_to(OPEN + MINUTE) == [LotClosed("lot-1", "event-1", 0, "")]


def test_a_japanese_lot_ends_at_its_floor() -> None:
    room = a_clocked_lot(JAPANESE, floor_price=940)
    assert level_prices(room) == [1_000, 970, 940]
    assert room.lot().state is LotState.CLOSED


# --- what is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [DUTCH, JAPANESE])
def test_a_lot_with_levels_takes_no_bids(form: LotFormat) -> None:
    assert a_clocked_lot(form).bid("s1", 900) == Reject(C.OTHER_FORMAT)


def test_an_english_lot_has_no_level_to_accept() -> None:
    assert a_clocked_lot(LotFormat.ENGLISH).accept("s1", 900) == Reject(C.OTHER_FORMAT)


def test_an_acceptance_is_refused_as_a_bid_is_while_the_lot_takes_none() -> None:
    room = a_clocked_lot(DUTCH)

    assert room.accept("s5", 900) == Reject(C.LOT_UNKNOWN, 0, "lot_id")
    assert room.accept("buyer", 900) == Reject(C.OWN_EVENT)
    room.pause(OPEN)
    assert room.accept("s1", 900) == Reject(C.EVENT_PAUSED)


# --- time ------------------------------------------------------------------------------------------------


def test_a_pause_moves_the_end_of_a_level_by_exactly_its_length() -> None:
    room = a_clocked_lot(DUTCH)
    room.pause(OPEN + 10 * SECOND)
    assert room.pass_to(OPEN + 7 * MINUTE) == []
    room.resume(OPEN + 7 * MINUTE)

    ends_us = OPEN + 8 * MINUTE - 10 * SECOND
    assert (room.lot().hands.until_us, room.lot().close_at_us) == (ends_us, CLOSE + 7 * MINUTE - 10 * SECOND)
    assert room.pass_to(ends_us - 1) == []
    assert room.pass_to(ends_us) == [LevelSet("lot-1", 2, 930, ends_us + MINUTE)]


def test_a_lot_that_is_extended_by_hand_shows_its_level_longer() -> None:
    room = a_clocked_lot(DUTCH)

    assert room.extend(CLOSE + SECOND) == [LotExtended("lot-1", CLOSE + SECOND)]
    assert room.pass_to(OPEN + MINUTE) == []
    assert room.pass_to(OPEN + MINUTE + SECOND) == [LevelSet("lot-1", 2, 930, OPEN + 2 * MINUTE + SECOND)]


def test_after_an_outage_a_level_stands_for_the_notice_at_least() -> None:
    room, at_us = a_clocked_lot(JAPANESE), OPEN + 50 * SECOND
    by_us = at_us + OUTAGE_NOTICE_US - (OPEN + MINUTE)

    assert room.outage(20 * SECOND, at_us) == [LotShifted("lot-1", OPEN, CLOSE + by_us)]
    assert room.lot().hands.until_us == at_us + OUTAGE_NOTICE_US


def test_the_opening_shows_the_first_level() -> None:
    room = a_clocked_lot(DUTCH)
    other = AuctionRoom()
    other.create()
    other.add_lot(min_step=30, rules=room.lot().rules)
    other.invite("s1")
    other.publish()

    assert other.pass_to(OPEN) == [
        LotOpened("lot-1", "event-1", CLOSE),
        LevelSet("lot-1", 1, 900, OPEN + MINUTE),
    ]


# --- against the naive lots --------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", LotDirection)
@pytest.mark.parametrize("form", [DUTCH, JAPANESE])
def test_whatever_happens_a_lot_with_levels_does_what_the_naive_one_does(
    form: LotFormat, direction: LotDirection
) -> None:
    accepted = 0
    for seed in range(1_000):
        accepted += run(form, Random(seed), forward=direction is LotDirection.FORWARD)

    assert accepted > 700, "the schedules must reach what they are about"


def run(form: LotFormat, random: Random, *, forward: bool) -> int:
    """One schedule; how many acceptances were taken."""
    stop = random.choice((1, 1, 2))
    floor, step = random.choice((1, 880, 900, 910)), random.choice((30, 45, 100))
    clock = ClockRules(level_us=random.choice((10 * SECOND, MINUTE)), stop_at_active=stop)
    room = a_clocked_lot(form, clock, forward=forward, floor_price=floor, min_step=step)
    rises = (form is DUTCH) != forward
    prices = ladder(*((floor, step, 1_000) if rises else (1_000, step, floor)))
    levelled = len(prices) - (1 if form is DUTCH else 0)
    ends = [OPEN + place * clock.level_us for place in range(1, levelled + 1)]
    naive = (NaiveDutch if form is DUTCH else NaiveJapanese)(
        prices, naive_times(room, ends, OUTAGE_NOTICE_US), list(BIDDERS[:4]), stop
    )
    driver, taken = Driver(room, naive.times, naive.pass_to), 0
    assert len(prices) == levels(1_000 - floor, step)
    for _ in range(30):
        if random.random() < (0.2 if form is DUTCH else 0.7):
            level = prices[naive.level()]
            price = random.choice((level, level, level, level, prices[0], level + step, level - 1))
            bidder, price = random.choice(BIDDERS), max(1, price)
            taken += accept(room, naive, bidder, price, driver.now_us, random.choice((1, 1, 2)))
        elif random.random() < 0.15:
            take_back_something(room, random, naive, driver.now_us)
        else:
            driver.anything(random)
        lot = room.lot()
        assert (lot.state is LotState.CLOSED) == naive.closed
        assert [bid.member_id for bid in lot.board.ranking()] == naive.ranking()
        assert naive.closed or lot.hands.price == prices[naive.level()]
        driver.agree()
    return taken


def accept(
    room: AuctionRoom, naive: NaiveDutch | NaiveJapanese, bidder: str, price: int, at_us: int, times: int
) -> int:
    """Once or twice; how many of these acceptances were taken."""
    taken = 0
    for _ in range(times):
        expected = naive.refusal(bidder, price)
        assert said(room.accept(bidder, price, at_us)) == expected
        if expected is None:
            naive.accept(bidder)
            taken += 1
    return taken
