"""Scored lots as each viewer sees them: a supplier in its own terms, and never the terms of another."""

import pytest
from msgspec import UNSET, msgpack

from exchange.core.limits import FACTOR_PPM_MAX, PRICE_MAX
from exchange.core.messages import shown
from exchange.core.messages.lot_rules import EventRules, ImproveOn, LotDirection, LotRules
from exchange.core.messages.scoring import CostRate, Feature, FeatureOption, Scoring
from exchange.core.messages.shown_scoring import AliasScore, OwnScore
from exchange.core.messages.sourcing import Disclosure
from exchange.core.rejects import Reject, RejectCode
from exchange.core.visibility.lots import lot_face, relation, show_lot
from tests.core.market.room import OPEN, AuctionRoom

WARRANTY = Feature("Warranty", [FeatureOption("1 year", 0), FeatureOption("3 years", 1_000)])
MEAT = Scoring([WARRANTY], [CostRate("kWh", 2)])
TRANSFORMED = Scoring(transformed=True)
OPEN_BOOK = Disclosure(prices_by_alias=True)


def a_lot(scoring: Scoring, disclosure: Disclosure, transformed: dict[str, tuple[int, int]]) -> AuctionRoom:
    """Open, with s1 to s3 invited."""
    room = AuctionRoom()
    room.create(disclosure=disclosure)
    room.add_lot(rules=LotRules(scoring=scoring), tick=1)
    for supplier in ("s1", "s2", "s3"):
        room.invite(supplier)
    room.publish()
    for supplier, (factor_ppm, addend) in transformed.items():
        assert isinstance(room.transform(supplier, factor_ppm=factor_ppm, addend=addend), list)
    room.pass_to(OPEN)
    return room


def a_weighed_lot(disclosure: Disclosure, first: str = "s1", second: str = "s2") -> AuctionRoom:
    """The first stands at 900 / (10/9), the second at 820 + 20; s3 has declared and not bid."""
    room = a_lot(MEAT, disclosure, {})
    room.declare(first, options=(2,), amounts=(0,))
    room.declare(second, options=(1,), amounts=(10,))
    room.declare("s3", options=(2,), amounts=(5,))
    assert isinstance(room.bid(first, 900), list)
    assert isinstance(room.bid(second, 820), list)
    return room


def seen(room: AuctionRoom, viewer: str) -> shown.Lot:
    event = room.auctions.event_of("event-1")
    seen_as = relation(event, viewer, is_operator=viewer == "op")
    assert seen_as is not None
    return show_lot(lot_face(event, room.lot(), seen_as), viewer)


def test_a_supplier_is_shown_the_lead_as_the_price_of_its_own_that_meets_it() -> None:
    room = a_weighed_lot(Disclosure())

    assert seen(room, "s1").lead_price == 900
    assert seen(room, "s2").lead_price == 790  # 790 + 20 = 810
    assert seen(room, "s3").lead_price == 890  # (890 + 10) / (10/9) = 810
    assert (seen(room, "s1").bid_max, seen(room, "s2").bid_max) == (890, 810)
    assert seen(room, "s3").prices is UNSET


def test_prices_by_alias_are_in_own_terms_too_and_rounded_down_to_the_tick() -> None:
    room = a_weighed_lot(OPEN_BOOK)

    assert seen(room, "s3").prices == [shown.AliasPrice(1, 890), shown.AliasPrice(2, 923)]


def test_who_has_not_declared_is_shown_no_price_of_anybody() -> None:
    room = a_lot(MEAT, OPEN_BOOK, {})
    room.declare("s1", options=(2,), amounts=(0,))
    room.bid("s1", 900)

    lot = seen(room, "s2")

    assert (lot.lead_price, lot.prices, lot.own_score, lot.bid_max) == (UNSET, UNSET, UNSET, 0)


def test_a_lead_that_no_own_price_meets_is_left_out() -> None:
    room = a_lot(TRANSFORMED, Disclosure(), {"s2": (1_000_000, 10_000)})
    room.bid("s1", 900)

    assert seen(room, "s2").lead_price is UNSET
    assert seen(room, "s2").bid_max == 1_000


def test_own_terms_are_shown_to_their_owner_alone() -> None:
    room = a_weighed_lot(OPEN_BOOK)

    assert seen(room, "s2").own_score == OwnScore((1,), (10,), compared=840)
    assert seen(room, "s3").own_score == OwnScore((2,), (5,))
    assert seen(room, "s2").scores is UNSET
    assert seen(room, "buyer").own_score is UNSET


def test_buyer_and_operator_see_what_compares_by_alias() -> None:
    room = a_weighed_lot(Disclosure())
    scores = [AliasScore(1, 810, (2,), (0,)), AliasScore(2, 840, (1,), (10,))]

    for insider in ("buyer", "op"):
        lot = seen(room, insider)
        assert lot.scores == scores
        assert (lot.lead_price, lot.prices) == (900, [shown.AliasPrice(1, 900), shown.AliasPrice(2, 820)])


def test_a_buyer_that_transforms_prices_is_not_told_whose_alias_is_whose() -> None:
    room = a_lot(TRANSFORMED, OPEN_BOOK, {"s1": (1_100_000, 0)})
    room.bid("s1", 900)

    assert seen(room, "buyer").scores is UNSET
    assert seen(room, "op").scores == [AliasScore(1, 990, (), ())]
    assert seen(room, "s1").own_score == OwnScore(factor_ppm=1_100_000, compared=990)


def test_two_suppliers_who_change_places_are_the_same_to_everybody_else() -> None:
    for disclosure in (Disclosure(), OPEN_BOOK):
        one, other = a_weighed_lot(disclosure), a_weighed_lot(disclosure, "s2", "s1")
        for viewer in ("s3", "buyer", "op"):
            assert msgpack.encode(seen(one, viewer)) == msgpack.encode(seen(other, viewer))


def test_a_declaration_before_the_first_bid_changes_nothing_for_anybody_else() -> None:
    room = a_lot(MEAT, OPEN_BOOK, {})
    before = {viewer: seen(room, viewer) for viewer in ("s2", "s3", "buyer", "op")}
    room.declare("s1", options=(2,), amounts=(0,))

    assert {viewer: seen(room, viewer) for viewer in before} == before


def a_lot_far_apart(direction: LotDirection, improve_on: ImproveOn) -> AuctionRoom:
    """What s1 bids is a hundred million times as much in the terms of s2."""
    room = AuctionRoom()
    disclosure = Disclosure(prices_by_alias=True, gap=True)
    room.create(disclosure=disclosure, rules=EventRules(direction=direction))
    floor = PRICE_MAX - 1_000 if direction is LotDirection.FORWARD else 0
    rules = LotRules(scoring=TRANSFORMED, improve_on=improve_on, max_step=20, floor_price=floor)
    room.add_lot(rules=rules, quantity=1, ceiling_price=PRICE_MAX)
    for supplier in ("s1", "s2"):
        room.invite(supplier)
    room.publish()
    room.transform("s1", factor_ppm=FACTOR_PPM_MAX)
    room.transform("s2", factor_ppm=1)
    room.pass_to(OPEN)
    return room


@pytest.mark.parametrize(
    "improve_on,bound", [(ImproveOn.OWN_BEST, PRICE_MAX - 20), (ImproveOn.MARKET_LEAD, 0)]
)
def test_no_price_is_told_that_nobody_could_bid_however_far_apart_two_bidders_compare(
    improve_on: ImproveOn, bound: int
) -> None:
    room = a_lot_far_apart(LotDirection.REVERSE, improve_on)
    assert isinstance(room.bid("s1", PRICE_MAX - 10), list)

    assert room.bid("s2", 1_000) == Reject(RejectCode.STEP_TOO_LARGE, bound, "price")
    lot = seen(room, "s2")
    assert (lot.lead_price, lot.prices) == (PRICE_MAX, [shown.AliasPrice(1, PRICE_MAX)])
    msgpack.encode(lot)


def test_a_gap_wider_than_any_price_is_told_as_the_largest_one() -> None:
    room = a_lot_far_apart(LotDirection.FORWARD, ImproveOn.OWN_BEST)
    for bidder in ("s1", "s2"):
        assert isinstance(room.bid(bidder, PRICE_MAX - 990), list)

    lot = seen(room, "s2")

    assert lot.gap == PRICE_MAX
    assert (lot.lead_price, lot.prices) == (
        UNSET,  # no price of its own compares as well
        [shown.AliasPrice(1, 0), shown.AliasPrice(2, PRICE_MAX - 990)],
    )
    msgpack.encode(lot)
