"""The channel of a lot of several lines: unit prices are between their bidder, the buyer and the operator."""

import pytest
from msgspec import UNSET

from exchange.core.messages import shown
from exchange.core.messages.lines import LotLine
from exchange.core.messages.lot_rules import LotRules
from exchange.core.messages.shown_lines import AliasLines, OwnLines
from exchange.core.messages.sourcing import SubmitBid
from tests.gateway.test_feed_lots import LOT, SHOWN, an_open_lot, lots

RULES = LotRules(lines=[LotLine("Bolts", 3), LotLine("Nuts", 7)])
Bid = tuple[str, int, tuple[int, ...]]


def heard_by(viewer: str, *bids: Bid) -> list[shown.Lot]:
    """What the viewer hears while these bids come."""
    floor = an_open_lot(SHOWN, RULES, quantity=1)
    caller = floor.caller(viewer)
    caller.follow(LOT)
    for supplier, price, lines in bids:
        assert not floor.venue.send(supplier, SubmitBid(lot_id="L", price=price, lines=lines)).reply.code
        floor.commit()
    return lots(caller)


def test_a_bidder_is_shown_its_lines_and_the_buyer_and_the_operator_those_of_all() -> None:
    bids: list[Bid] = [("s1", 940, (80, 100)), ("s2", 910, (70, 100))]

    assert heard_by("s1", *bids)[-1].own_lines == OwnLines((80, 100), (2, 7))
    for viewer in ("b", "op"):
        assert heard_by(viewer, *bids)[-1].bid_lines == [
            AliasLines(2, (70, 100), (2, 7)),
            AliasLines(1, (80, 100), (2, 7)),
        ]


@pytest.mark.parametrize("lines", [(), (80, 100), (290, 10)])
def test_how_a_total_is_made_up_is_the_same_bytes_to_every_other_supplier(lines: tuple[int, ...]) -> None:
    for viewer in ("s2", "s3"):
        heard = heard_by(viewer, ("s1", 940, lines), ("s2", 910, (70, 100)))

        assert heard == heard_by(viewer, ("s1", 940, (10, 130)), ("s2", 910, (70, 100)))
        assert all(lot.bid_lines is UNSET for lot in heard)


def test_two_bidders_who_change_places_are_the_same_bytes_to_everybody_else() -> None:
    def world(one: str, other: str, viewer: str) -> list[shown.Lot]:
        return heard_by(viewer, (one, 940, (80, 100)), (other, 910, ()), (one, 900, (20, 120)))

    for viewer in ("s3", "b", "op"):
        assert world("s1", "s2", viewer) == world("s2", "s1", viewer)
