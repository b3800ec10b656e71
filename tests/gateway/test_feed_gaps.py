"""Gap and traffic light over WebSocket: to who has bid, in deltas as the lead moves, and to nobody else."""

from exchange.core.messages.bids import RevokeBid
from exchange.core.messages.lot_rules import LightLimits, LotRules
from exchange.core.messages.sourcing import Disclosure
from tests.gateway.test_feed_lots import LOT, an_open_lot, bid, lots

LIGHT_ALONE = Disclosure(lead_price=False, light=LightLimits(green_bps=100, yellow_bps=1_000))
GAP_ALONE = Disclosure(lead_price=False, gap=True)


def test_a_bidder_is_told_its_gap_as_the_lead_moves_and_the_leader_that_it_has_none() -> None:
    floor = an_open_lot(GAP_ALONE)
    first, second, idle = (floor.caller(each) for each in ("s1", "s2", "s3"))
    for each in (first, second, idle):
        each.follow(LOT)

    for supplier, price in (("s1", 900), ("s2", 850), ("s2", 800), ("s1", 780)):
        bid(floor, supplier, price)

    assert [lot.gap for lot in lots(first)] == [0, 50, 100, 0]
    assert [lot.gap for lot in lots(second)] == [0, 0, 20]
    assert lots(idle) == []


def test_a_light_turns_only_when_its_colour_does_and_tells_no_price() -> None:
    floor = an_open_lot(LIGHT_ALONE)
    first, idle = floor.caller("s1"), floor.caller("s3")
    for each in (first, idle):
        each.follow(LOT)

    heard = []
    for supplier, price in (("s1", 900), ("s2", 890), ("s2", 870), ("s2", 860), ("s2", 800), ("s1", 790)):
        bid(floor, supplier, price)
        heard.append(first.line.heard_bytes())

    lights = [b'"light":"green"', b'"light":"yellow"', None, None, b'"light":"red"', b'"light":"green"']
    for light, frames in zip(lights, heard, strict=True):
        assert (light is None) == (frames == [])
        assert light is None or light in frames[0]
    told = b"".join(b"".join(frames) for frames in heard)
    assert not any(price in told for price in (b"870", b"860", b"800"))
    assert lots(idle) == []


def test_a_gap_goes_with_the_bid_that_is_taken_back() -> None:
    floor = an_open_lot(GAP_ALONE, LotRules(revocable=True))
    second = floor.caller("s2")
    second.follow(LOT)
    bid(floor, "s1", 900)
    bid(floor, "s2", 950)
    floor.venue.send("s2", RevokeBid(lot_id="L", number=1, reason="A slip"))
    floor.commit()

    assert b'"gap":null' in second.line.heard_bytes()[-1]
