"""Two worlds as in `test_two_worlds`, for lots whose clock says who may accept or bid."""

from random import Random

import pytest

from exchange.core.messages import AnyCommand, FireDeadlines, SubmitBid
from exchange.core.messages.bids import RevokeBid
from exchange.core.messages.lot_clocks import AcceptLevel
from exchange.core.messages.lot_rules import ClockRules, LotFormat, LotRules
from exchange.core.messages.sourcing import Disclosure
from tests.core.venue import SECOND
from tests.gateway.test_two_worlds import CHANNELS, SECRET, Cast, a_world, swapped, the_same

SUPPLIERS = (*SECRET, "trader", "rival")


def rules(form: LotFormat) -> LotRules:
    clock = ClockRules(level_us=60 * SECOND, first_pause_us=60 * SECOND, turn_us=60 * SECOND)
    return LotRules(format=form, floor_price=900, clock=clock, revocable=True)


def wish(form: LotFormat, random: Random, ref: int, level: int) -> AnyCommand:
    """Mostly what the lot takes."""
    if random.random() < 0.1:
        return RevokeBid(lot_id="L", number=1, reason="none", ref=ref)
    price = 1_000 - 10 * random.randint(0, 10)
    if form is LotFormat.ROUNDS:
        return SubmitBid(lot_id="L", price=price, ref=ref)
    return AcceptLevel(lot_id="L", price=level if level and random.random() < 0.8 else price, ref=ref)


def heard(form: LotFormat, disclosure: Disclosure, random: Random, cast: Cast) -> list[list[bytes]]:
    """Everything that two suppliers and the buyer hear, write by write."""
    floor = a_world(cast, disclosure, rules(form))
    callers = {member_id: floor.caller(cast(member_id)) for member_id in ("buyer", *SUPPLIERS)}
    for caller in callers.values():
        caller.follow(*CHANNELS)

    def level() -> int:
        return floor.venue.kernel.auctions.lot_of("L").hands.price

    for number in range(1, 60):
        if random.random() < 0.2:
            floor.venue.send("", FireDeadlines(), after_us=60 * SECOND)
            floor.commit()
        callers[random.choice(SUPPLIERS)].say(wish(form, random, number, level()))
        if random.random() < 0.6:
            floor.commit()
    floor.venue.send("", FireDeadlines(), after_us=3_600 * SECOND)
    for number in range(60, 90):
        floor.venue.send("", FireDeadlines(), after_us=30 * SECOND)
        callers[random.choice(SUPPLIERS)].say(wish(form, random, number, level()))
        floor.commit()
    return [callers[member_id].line.writes for member_id in ("buyer", "trader", "rival")]


@pytest.mark.parametrize("form", [LotFormat.DUTCH, LotFormat.JAPANESE, LotFormat.ROUNDS])
def test_nobody_can_tell_two_suppliers_apart_by_the_clock_of_a_lot(form: LotFormat) -> None:
    taken = 0
    for seed in range(10):
        disclosure = Disclosure(lead_price=seed % 2 > 0, participant_count=True, prices_by_alias=seed % 3 > 1)
        worlds = [heard(form, disclosure, Random(seed), cast) for cast in (the_same, swapped)]

        assert worlds[0] == worlds[1]
        everything = b"".join(b"".join(writes) for writes in worlds[0])
        for member_id in SECRET:
            assert member_id.encode() not in everything
        taken += everything.count(b'"type":"ack"')
    assert taken >= 4, "the worlds must reach what they are about"
