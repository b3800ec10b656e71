"""Bids that are taken back, and where their bidders stand then; at random in `test_english_against_its_twin`."""

from hashlib import sha256
from typing import Any

import pytest

from exchange.core.messages.bids import BidRevoked
from exchange.core.messages.lot_rules import LotFormat, LotRules, Overtime, TiePolicy
from exchange.core.messages.sourcing import CloseExtended
from exchange.core.rejects import Reject
from exchange.core.rejects import RejectCode as C
from tests.core.market.room import (
    CLOSE,
    MINUTE,
    OPEN,
    AuctionRoom,
    a_lot_with,
    an_open_lot,
)

REVOCABLE = LotRules(revocable=True)


def standing(room: AuctionRoom) -> list[tuple[str, int]]:
    return [(bid.member_id, bid.price) for bid in room.board().ranking()]


def test_the_bidder_falls_back_to_its_next_best_bid() -> None:
    room = a_lot_with(REVOCABLE)
    for member, price in (("s1", 900), ("s2", 890), ("s1", 850)):
        room.bid(member, price)

    assert room.revoke("s1", 2, OPEN + 5) == [
        BidRevoked("lot-1", "s1", 1, 2, 3, 850, by_operator=False, reason="A mistake", at_us=OPEN + 5)
    ]
    assert standing(room) == [("s2", 890), ("s1", 900)]


def test_whoever_has_no_other_bid_leaves_the_standing_and_keeps_its_alias() -> None:
    room = a_lot_with(REVOCABLE)
    room.bid("s1", 900)
    room.bid("s2", 890)

    room.revoke("s1", 1)

    assert standing(room) == [("s2", 890)]
    assert (room.board().bidders, room.board().by_alias(1), room.board().rank_of("s1")) == (2, None, 0)
    room.bid("s1", 950)
    assert room.board().of("s1") is not None
    assert [(bid.alias, bid.bids, bid.bid_number) for bid in room.board().ranking()] == [(2, 1, 2), (1, 2, 3)]


def test_a_tie_is_won_by_who_reached_the_price_first_also_after_falling_back_to_it() -> None:
    room = a_lot_with(REVOCABLE)
    for member, price in (("s1", 900), ("s2", 900), ("s1", 880)):
        room.bid(member, price)

    room.revoke("s1", 2)

    assert standing(room) == [("s1", 900), ("s2", 900)]


def test_an_earlier_bid_can_be_taken_back_and_the_standing_stays() -> None:
    room = a_lot_with(REVOCABLE)
    for price in (900, 880, 860):
        room.bid("s1", price)

    room.revoke("s1", 2)
    assert standing(room) == [("s1", 860)]
    room.revoke("s1", 3)
    assert standing(room) == [("s1", 900)]


def test_a_first_bid_after_all_were_taken_back_need_not_improve_on_them() -> None:
    room = a_lot_with(LotRules(revocable=True, qualification_price=950))
    room.bid("s1", 900)
    room.revoke("s1", 1)

    assert room.bid("s1", 960) == Reject(C.NOT_QUALIFYING, 950, "price")
    assert isinstance(room.bid("s1", 950), list)


def test_an_extension_stays_when_the_bid_that_made_it_is_taken_back() -> None:
    room = a_lot_with(REVOCABLE, overtime=Overtime(2 * MINUTE, 2 * MINUTE, 10 * MINUTE))
    (extended,) = room.extension("s1", 900, CLOSE - 1)
    assert isinstance(extended, CloseExtended)

    room.revoke("s1", 1, CLOSE - 1)

    assert (room.lot().close_at_us, room.lot().extensions) == (extended.close_at_us, 1)


def test_an_operator_takes_back_where_bidders_may_not_and_after_the_close_too() -> None:
    room = an_open_lot()
    room.bid("s1", 900)
    room.bid("s2", 800)
    assert room.revoke("s2", 1) == Reject(C.REVOCATION_NOT_ALLOWED)
    room.pass_to(CLOSE)

    events = room.revoke("operator", 1, alias=2)
    assert isinstance(events, list)
    (revoked,) = events
    assert isinstance(revoked, BidRevoked)
    assert (revoked.member_id, revoked.by_operator) == ("s2", True)
    assert room.award(2) == Reject(C.BID_REVOKED, 0, "alias")
    assert isinstance(room.award(1), list)


def test_a_drawn_tie_stays_drawn() -> None:
    room = a_lot_with(
        LotRules(tie_policy=TiePolicy.LOTTERY, lottery_sha256=sha256(b"seed").hexdigest(), revocable=True)
    )
    for member, price in (("s1", 900), ("s2", 900), ("s3", 900), ("s3", 880)):
        room.bid(member, price)
    room.pass_to(CLOSE)
    room.reveal("seed")
    tickets = {alias: sha256(f"seed:{alias}".encode()).digest() for alias in (1, 2, 3)}

    room.revoke("operator", 2, alias=3)

    assert [bid.alias for bid in room.board().ranking()] == sorted(tickets, key=tickets.__getitem__)


REFUSED: list[tuple[str, dict[str, Any], Reject]] = [
    ("s9", {"number": 1}, Reject(C.LOT_UNKNOWN, 0, "lot_id")),
    ("s1", {"number": 1, "lot_id": "other"}, Reject(C.LOT_UNKNOWN, 0, "lot_id")),
    ("buyer", {"number": 1}, Reject(C.OWN_EVENT)),
    ("s1", {"number": 1, "at_us": CLOSE}, Reject(C.LOT_NOT_OPEN)),
    ("s1", {"number": 3}, Reject(C.BID_UNKNOWN, 2, "number")),
    ("s2", {"number": 1}, Reject(C.BID_UNKNOWN, 0, "number")),
    ("s1", {"number": 2}, Reject(C.BID_REVOKED, 0, "number")),
    ("operator", {"number": 2, "alias": 1}, Reject(C.BID_REVOKED, 0, "number")),
    ("operator", {"number": 1, "alias": 2}, Reject(C.ALIAS_UNKNOWN, 1, "alias")),
    ("operator", {"number": 1, "alias": 1, "lot_id": "other"}, Reject(C.LOT_UNKNOWN, 0, "lot_id")),
]


@pytest.mark.parametrize("member, asked, refused", REFUSED)
def test_what_can_not_be_taken_back_is_said_by_name(
    member: str, asked: dict[str, Any], refused: Reject
) -> None:
    room = a_lot_with(REVOCABLE)
    room.bid("s1", 900)
    room.bid("s1", 880)
    room.revoke("s1", 2)
    before = room.dumped()

    assert room.revoke(member, **asked) == refused
    assert room.dumped() == before


@pytest.mark.parametrize(
    "state, code",
    [("paused", C.EVENT_PAUSED), ("awarded", C.LOT_ALREADY_AWARDED), ("cancelled", C.EVENT_ENDED)],
)
def test_when_nothing_can_be_taken_back(state: str, code: C) -> None:
    room = a_lot_with(REVOCABLE)
    room.bid("s1", 900)
    if state == "paused":
        room.pause(OPEN)
        outcome = room.revoke("s1", 1)
        assert isinstance(room.revoke("operator", 1, alias=1), list)
    else:
        room.pass_to(CLOSE)
        room.award(1) if state == "awarded" else room.cancel()
        outcome = room.revoke("operator", 1, alias=1)

    assert outcome == Reject(code)


def test_a_format_without_revocation_contradicts_the_rule() -> None:
    room = AuctionRoom()
    room.create()
    refused = room.add_lot(rules=LotRules(format=LotFormat.SEALED_FIRST_PRICE, revocable=True))
    assert isinstance(refused, Reject) and refused.code is C.RULES_CONTRADICT
