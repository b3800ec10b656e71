"""How far a bidder is behind the lead, in lots of either direction and in scored ones."""

import pytest

from exchange.core.messages.lot_rules import EventRules, Light, LightLimits, Prebid
from exchange.core.messages.sourcing import Disclosure
from exchange.core.visibility.gaps import gap_fields
from tests.core.market.room import FORWARD, USUAL_EVENT, a_lot_with

BOTH = Disclosure(gap=True, light=LightLimits(green_bps=100, yellow_bps=1_000))


@pytest.mark.parametrize(
    "rules, lead, own, gap, light",
    [
        (USUAL_EVENT, 500, 505, 5, Light.GREEN),
        (USUAL_EVENT, 500, 506, 6, Light.YELLOW),
        (USUAL_EVENT, 500, 551, 51, Light.RED),
        (USUAL_EVENT, 500, 500, 0, Light.GREEN),
        (FORWARD, 500, 495, 5, Light.GREEN),
        (FORWARD, 500, 449, 51, Light.RED),
    ],
)
def test_a_gap_counts_towards_the_lead_in_both_directions(
    rules: EventRules, lead: int, own: int, gap: int, light: Light
) -> None:
    room = a_lot_with(event_rules=rules)
    room.bid("s1", lead)
    room.bid("s2", own)

    assert gap_fields(room.lot(), "s2", BOTH) == {"gap": gap, "light": light}
    assert gap_fields(room.lot(), "s1", BOTH) == {"gap": 0, "light": Light.GREEN}
    assert gap_fields(room.lot(), "s3", BOTH) == {}


def test_who_has_bid_before_the_opening_is_shown_its_gap() -> None:
    room = a_lot_with(event_rules=EventRules(prebid=Prebid.OPEN), waits=True)
    room.bid("s1", 500, 5)
    room.bid("s2", 600, 6)

    assert gap_fields(room.lot(), "s2", Disclosure(gap=True)) == {"gap": 100}
