"""The channel of a scored lot: each bidder follows it in its own terms, and nobody hears of a declaration."""

from msgspec import UNSET

from exchange.core.messages import shown
from exchange.core.messages.lot_rules import LotRules
from exchange.core.messages.scoring import (
    Feature,
    FeatureOption,
    Scoring,
    SetTransformation,
    SubmitDeclaration,
)
from exchange.core.messages.shown_scoring import AliasScore, OwnScore
from tests.gateway.floor import Floor
from tests.gateway.test_feed_lots import LOT, SHOWN, a_draft, bid, lots, opened

WARRANTY = Feature("Warranty", [FeatureOption("1 year", 0), FeatureOption("3 years", 1_000)])


def an_open_lot(one: str) -> Floor:
    """One's prices count 5 % more; s3 looks on. All prices by alias are disclosed."""
    floor = a_draft(SHOWN, LotRules(scoring=Scoring([WARRANTY], transformed=True)), quantity=1)
    transform = SetTransformation(lot_id="L", member_id=one, factor_ppm=1_050_000)
    assert not floor.venue.send("b", transform).reply.code
    opened(floor)
    declare(floor, "s3", 1)
    return floor


def declare(floor: Floor, supplier: str, option: int) -> None:
    assert not floor.venue.send(supplier, SubmitDeclaration(lot_id="L", options=(option,))).reply.code
    floor.commit()


def heard_by(viewer: str, one: str, other: str) -> list[shown.Lot]:
    """What the viewer hears while the one and the other declare and bid."""
    floor = an_open_lot(one)
    caller = floor.caller(viewer)
    caller.follow(LOT)
    declare(floor, one, 2)
    declare(floor, other, 1)
    bid(floor, one, 800)
    bid(floor, other, 700)
    return lots(caller)


def test_a_bidder_follows_the_lot_in_its_own_terms() -> None:
    floor = an_open_lot("s1")
    caller = floor.caller("s1")
    caller.follow(LOT)

    declare(floor, "s1", 2)
    (ready,) = lots(caller)
    declare(floor, "s2", 1)
    bid(floor, "s2", 700)
    (led,) = lots(caller)

    assert (ready.own_score, ready.bid_max) == (OwnScore((2,), factor_ppm=1_050_000), 1_000)
    assert led.lead_price == 740  # 1.05 x 740 / (10/9) = 699.3
    assert led.prices == [shown.AliasPrice(1, 740)]


def test_nobody_hears_of_a_declaration_but_its_bidder() -> None:
    floor = an_open_lot("s1")
    callers = [floor.caller(viewer) for viewer in ("s2", "s3", "b", "op")]
    for caller in callers:
        caller.follow(LOT)

    declare(floor, "s1", 2)

    assert [lots(caller) for caller in callers] == [[], [], [], []]


def test_two_bidders_who_change_places_are_the_same_bytes_to_everybody_else() -> None:
    for viewer in ("s3", "b", "op"):
        assert heard_by(viewer, "s1", "s2") == heard_by(viewer, "s2", "s1")


def test_the_operator_hears_what_compares_and_the_buyer_who_transforms_does_not() -> None:
    to_operator, to_buyer = heard_by("op", "s1", "s2")[-1], heard_by("b", "s1", "s2")[-1]

    assert to_operator.scores == [AliasScore(2, 700, (1,), ()), AliasScore(1, 756, (2,), ())]
    assert to_buyer.scores is UNSET
