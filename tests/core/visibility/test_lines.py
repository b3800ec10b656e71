"""Lots of several lines: whose unit prices anybody is shown."""

import pytest
from msgspec import UNSET

from exchange.core.messages.lines import LotLine
from exchange.core.messages.lot_rules import LotRules
from exchange.core.messages.shown_lines import AliasLines, OwnLines
from exchange.core.messages.sourcing import Disclosure
from exchange.core.visibility.lots import Relation, lot_face, show_lot
from tests.core.market.room import OPEN, AuctionRoom

LINES = [LotLine("Bolts", 3), LotLine("Nuts", 7)]
EVERYTHING = Disclosure(participant_count=True, prices_by_alias=True)


def a_lined_lot() -> AuctionRoom:
    """s1 has priced its lines, s2 leads with a total alone, and s3 looks on; everything is disclosed."""
    room = AuctionRoom()
    room.create(disclosure=EVERYTHING, price_scale=3)
    room.add_lot(quantity=1, rules=LotRules(lines=LINES))
    for supplier in ("s1", "s2", "s3"):
        room.invite(supplier)
    room.publish()
    room.pass_to(OPEN)
    room.bid("s1", 940, lines=(80, 100))
    room.bid("s2", 900)
    return room


@pytest.mark.parametrize(
    "viewer,relation,own,by_alias",
    [
        ("s1", Relation.SUPPLIER, OwnLines((80, 100), (24, 70)), UNSET),
        ("s2", Relation.SUPPLIER, UNSET, UNSET),
        ("s3", Relation.SUPPLIER, UNSET, UNSET),
        ("buyer", Relation.BUYER, UNSET, [AliasLines(1, (80, 100), (24, 70))]),
        ("op", Relation.OPERATOR, UNSET, [AliasLines(1, (80, 100), (24, 70))]),
    ],
)
def test_unit_prices_are_shown_to_their_bidder_and_by_alias_to_buyer_and_operator(
    viewer: str, relation: Relation, own: object, by_alias: object
) -> None:
    room = a_lined_lot()
    event, lot = room.auctions.event_of("event-1"), room.lot()
    told = show_lot(lot_face(event, lot, relation), viewer)

    assert (told.own_lines, told.bid_lines) == (own, by_alias)
    assert told.rules is not UNSET
    assert told.rules.lines == LINES


def test_a_lot_without_lines_tells_of_none() -> None:
    room = AuctionRoom()
    room.create()
    room.add_lot()
    event, lot = room.auctions.event_of("event-1"), room.lot()

    told = show_lot(lot_face(event, lot, Relation.BUYER), "buyer")

    assert (told.own_lines, told.bid_lines) == (UNSET, UNSET)
