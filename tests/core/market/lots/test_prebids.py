"""Bids between the publication of an event and the opening of its lot."""

from typing import Any

import pytest

from exchange.core.market.sourcing import LotState
from exchange.core.messages.lot_rules import (
    EventRules,
    LotDirection,
    LotFormat,
    LotRules,
    Overtime,
    Prebid,
    TooFew,
)
from exchange.core.messages.sourcing import BidSubmitted, CloseExtended, Disclosure
from exchange.core.rejects import Reject
from exchange.core.rejects import RejectCode as C
from tests.core.market.room import CLOSE, MINUTE, OPEN, AuctionRoom, a_lot_with, a_waiting_lot

TAKEN = EventRules(prebid=Prebid.OPEN)
REQUIRED = EventRules(prebid=Prebid.REQUIRED)


def waiting(event_rules: EventRules = TAKEN, **fields: Any) -> AuctionRoom:
    return a_lot_with(event_rules=event_rules, waits=True, **fields)


def standing(room: AuctionRoom) -> list[tuple[str, int]]:
    return [(bid.member_id, bid.price) for bid in room.board().ranking()]


def test_a_bid_before_the_opening_stands_in_the_open_lot() -> None:
    room = waiting()
    assert room.bid("s1", 900, 5) == [BidSubmitted("lot-1", "s1", 900, 1, 1, 5)]
    room.reload()
    room.pass_to(OPEN)
    room.bid("s2", 880)

    assert standing(room) == [("s2", 880), ("s1", 900)]


def test_no_lot_takes_bids_before_its_opening_unless_its_event_says_so() -> None:
    assert a_waiting_lot().bid("s1", 900, 5) == Reject(C.LOT_NOT_OPEN_YET, OPEN)


def test_a_bid_before_the_opening_keeps_to_the_rules_of_the_lot() -> None:
    room = waiting(ceiling_price=1_000, min_step=10, tick=5)
    room.bid("s1", 900, 5)

    assert room.bid("s1", 895, 6) == Reject(C.STEP_TOO_SMALL, 890, "price")
    assert room.bid("s2", 1_005, 6) == Reject(C.BID_ABOVE_CEILING, 1_000, "price")
    assert room.bid("s9", 800, 6) == Reject(C.LOT_UNKNOWN, 0, "lot_id")
    assert room.bid("buyer", 800, 6) == Reject(C.OWN_EVENT)


@pytest.mark.parametrize("form", [each for each in LotFormat if each is not LotFormat.ENGLISH])
def test_a_lot_whose_format_takes_none_waits_for_its_opening(form: LotFormat) -> None:
    counted = Disclosure(participant_count=True)
    room = waiting(rules=LotRules(format=form, floor_price=500), disclosure=counted)

    assert room.bid("s1", 900, 5) == Reject(C.LOT_NOT_OPEN_YET, OPEN)


def test_where_it_is_required_only_who_has_bid_before_bids_live() -> None:
    room = waiting(REQUIRED)
    room.bid("s1", 900, 5)
    room.pass_to(OPEN)

    assert room.bid("s2", 800) == Reject(C.PREBID_MISSING)
    assert isinstance(room.bid("s1", 880), list)
    assert standing(room) == [("s1", 880)]


def test_a_required_bid_that_was_taken_back_was_made() -> None:
    room = waiting(REQUIRED, rules=LotRules(revocable=True))
    room.bid("s1", 900, 5)
    assert isinstance(room.revoke("s1", 1, 6), list)
    room.pass_to(OPEN)

    assert isinstance(room.bid("s1", 950), list)


def test_a_bid_before_the_opening_moves_no_close() -> None:
    wide = Overtime(window_us=CLOSE, extension_us=CLOSE, total_us_max=CLOSE)
    room = waiting(overtime=wide)
    assert room.bid("s1", 900, OPEN - 1) == [BidSubmitted("lot-1", "s1", 900, 1, 1, OPEN - 1)]
    room.pass_to(OPEN)

    moved = room.bid("s2", 800)
    assert isinstance(moved, list) and isinstance(moved[1], CloseExtended)


def test_a_paused_event_takes_none_and_one_is_late_at_the_opening() -> None:
    room = waiting()
    room.pause(5)
    assert room.bid("s1", 900, 6) == Reject(C.EVENT_PAUSED)
    room.resume(5 + MINUTE)
    assert room.bid("s1", 900, OPEN + MINUTE) == Reject(C.LOT_NOT_OPEN_YET, OPEN + MINUTE)
    assert isinstance(room.bid("s1", 900, OPEN + MINUTE - 1), list)


def test_a_lot_is_not_bought_before_it_opens_and_a_bid_takes_the_offer_away() -> None:
    rules = EventRules(direction=LotDirection.FORWARD, prebid=Prebid.OPEN)
    room = waiting(rules, rules=LotRules(buy_now_price=800))
    assert room.buy_now("s1", 800, 5) == Reject(C.LOT_NOT_OPEN_YET, OPEN)
    room.bid("s2", 100, 6)
    room.pass_to(OPEN)
    assert room.buy_now("s1", 800) == Reject(C.BUY_NOW_GONE)


@pytest.mark.parametrize("bidders, state", [(1, LotState.VOID), (2, LotState.OPEN)])
def test_where_it_is_required_only_who_has_bid_counts_as_able_to(bidders: int, state: LotState) -> None:
    rules = EventRules(prebid=Prebid.REQUIRED, min_participants=2, if_too_few=TooFew.CANCEL)
    room = waiting(rules)
    for number in range(1, bidders + 1):
        room.bid(f"s{number}", 900, 5)
    room.pass_to(OPEN)

    assert room.lot().state is state
