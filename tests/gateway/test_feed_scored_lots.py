"""The channel of a scored lot: each bidder follows it in its own terms, and nobody hears of a declaration."""

from msgspec import UNSET

from exchange.core.messages import CreateEvent, FireDeadlines, InviteSupplier, PublishEvent, Role, shown
from exchange.core.messages.lot_rules import LotRules
from exchange.core.messages.scoring import (
    Feature,
    FeatureOption,
    Scoring,
    SetTransformation,
    SubmitDeclaration,
)
from exchange.core.messages.shown_scoring import AliasScore, OwnScore
from exchange.core.messages.sourcing import AddLot, Disclosure
from tests.core.venue import SECOND
from tests.gateway.floor import Floor
from tests.gateway.test_feed_lots import LOT, bid, lots

WARRANTY = Feature("Warranty", [FeatureOption("1 year", 0), FeatureOption("3 years", 1_000)])


def an_open_lot(one: str) -> Floor:
    """One's prices count 5 % more; s3 looks on. All prices by alias are disclosed."""
    floor = Floor()
    for member_id in ("b", "s1", "s2", "s3"):
        floor.member(member_id)
    floor.member("op", Role.OPERATOR)
    venue = floor.venue
    create = CreateEvent(
        title="E",
        currency="USD",
        open_at_us=venue.at_us + 10 * SECOND,
        duration_us=600 * SECOND,
        disclosure=Disclosure(prices_by_alias=True),
    )
    venue.send("b", create, new_id="E")
    rules = LotRules(scoring=Scoring([WARRANTY], transformed=True))
    add = AddLot(event_id="E", title="L", quantity=1, ceiling_price=1_000, min_step=10, rules=rules)
    assert not venue.send("b", add, new_id="L").reply.code
    for supplier in ("s1", "s2", "s3"):
        venue.send("b", InviteSupplier(event_id="E", member_id=supplier))
    assert not venue.send("b", SetTransformation(lot_id="L", member_id=one, factor_ppm=1_050_000)).reply.code
    venue.send("b", PublishEvent(event_id="E"))
    venue.send("", FireDeadlines(), after_us=20 * SECOND)
    assert not venue.send("s3", SubmitDeclaration(lot_id="L", options=(1,))).reply.code
    floor.commit()
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
