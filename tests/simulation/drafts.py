"""What buyers of the wide world draft: events and lots of every kind, short enough to end within a run."""

from hashlib import sha256
from random import Random
from typing import Any, Final

from exchange.core.market.lots.formats import format_of
from exchange.core.market.sourcing import SourcingEvent
from exchange.core.messages import AddLot
from exchange.core.messages.lot_rules import (
    ClockRules,
    EventRules,
    ExtensionStart,
    LotDirection,
    LotFormat,
    LotRules,
    LotSchedule,
    LotsToExtend,
    Overtime,
    Prebid,
    TiePolicy,
)
from exchange.core.messages.scoring import CostRate, Feature, FeatureOption, Scoring
from exchange.core.messages.sourcing import Disclosure
from tests.simulation.temper import SECOND

SEED: Final = "drawn"
"""Of every lottery."""
SEED_SHA256: Final = sha256(SEED.encode()).hexdigest()
EVENTS: Final = (
    EventRules(),
    EventRules(schedule=LotSchedule.PARALLEL),
    EventRules(schedule=LotSchedule.STAGGERED, lot_gap_us=5 * SECOND),
    EventRules(direction=LotDirection.FORWARD),
    EventRules(direction=LotDirection.FORWARD, schedule=LotSchedule.SERIAL),
    EventRules(review_us=40 * SECOND),
    EventRules(standstill_us=60 * SECOND),
    EventRules(bid_bond_minor=5),
    EventRules(bid_bond_minor=5, review_us=40 * SECOND),
    EventRules(prebid=Prebid.OPEN, review_us=20 * SECOND, standstill_us=30 * SECOND),
)
OVERTIMES: Final = (
    Overtime(),
    Overtime(10 * SECOND, 10 * SECOND, 60 * SECOND),
    Overtime(20 * SECOND, 5 * SECOND, 60 * SECOND, leader_triggers=True),
    Overtime(600 * SECOND, 5 * SECOND, 600 * SECOND, ExtensionStart.CLOSE_DATE),
    Overtime(600 * SECOND, 4 * SECOND, 400 * SECOND, ExtensionStart.CLOSE_DATE, leader_triggers=True),
    Overtime(600 * SECOND, 600 * SECOND, 3_600 * SECOND, lowest_triggering_rank=2),
    Overtime(
        600 * SECOND, 3 * SECOND, 60 * SECOND, ExtensionStart.CLOSE_DATE, lots_to_extend=LotsToExtend.ALL
    ),
)
"""Of long windows, too: what an outage leaves of a lot is longer than a storm."""
DEAR: Final = 900_000
"""How much dearer sealed lots are, so that no other number looks like a price in an envelope."""
WARRANTY: Final = Feature("Warranty", [FeatureOption("1 year", 0), FeatureOption("2 years", 2_000)])


def some_event(chance: Random, now_us: int) -> dict[str, Any]:
    """Fields of a CreateEvent."""
    given = {
        "open_at_us": now_us + chance.choice((5, 20)) * SECOND,
        "duration_us": chance.choice((10, 20, 60)) * SECOND,
        "currency": "EUR",
        "rules": chance.choice(EVENTS),
        "overtime": chance.choice(OVERTIMES),
    }
    return given | ({} if chance.random() < 0.3 else {"disclosure": Disclosure(participant_count=True)})


def some_lot(chance: Random, event: SourcingEvent) -> dict[str, Any]:
    """Fields of an AddLot to the event."""
    tick = chance.choice((1, 5))
    ceiling, step = chance.randint(100, 199) * tick, chance.randint(1, 4) * tick
    rules = chance.choice(_kinds(chance, event, ceiling, tick))
    if rules.clock.level_us < 60 * SECOND and rules.format is not LotFormat.ROUNDS:
        step = ceiling // 4 // tick * tick
    given: dict[str, Any] = {"ceiling_price": ceiling, "min_step": step, "tick": tick}
    if chance.random() < 0.1:
        return given
    if format_of(rules).sealed:
        given["ceiling_price"] = ceiling * DEAR
    if event.rules.direction is LotDirection.FORWARD and chance.random() < 0.3:
        rules = LotRules(buy_now_price=ceiling, floor_price=tick)
    return given | {"rules": rules, "quantity": chance.choice((2, 10))}


def a_lot(chance: Random, event: SourcingEvent) -> AddLot:
    """For the event."""
    return AddLot(event_id=event.event_id, title="Bearings", **({"quantity": 5} | some_lot(chance, event)))


def _kinds(chance: Random, event: SourcingEvent, ceiling: int, tick: int) -> list[LotRules]:
    floor = tick * 5
    clock = ClockRules(
        level_us=chance.choice((2, 5)) * SECOND,
        turn_us=5 * SECOND,
        first_pause_us=2 * SECOND,
        pause_us=2 * SECOND,
    )
    reverse = event.rules.direction is LotDirection.REVERSE
    scoring = Scoring([WARRANTY], [CostRate("kWh", 2)] if reverse else [], transformed=chance.random() < 0.5)
    first, second = LotFormat.SEALED_FIRST_PRICE, LotFormat.SEALED_SECOND_PRICE
    lots = [
        LotRules(proxies=True, revocable=True),
        LotRules(proxies=True, revocable=True),
        LotRules(proxies=True, reserve_price=(ceiling - 10 * tick) if reverse else 10 * tick),
        LotRules(
            revocable=chance.random() < 0.5,
            tie_policy=chance.choice((TiePolicy.EQUAL_BEST, TiePolicy.FORBID_ANY)),
        ),
        LotRules(tie_policy=TiePolicy.LOTTERY, lottery_sha256=SEED_SHA256),
        LotRules(tie_policy=TiePolicy.LOTTERY, lottery_sha256=SEED_SHA256, proxies=True),
        LotRules(scoring=scoring),
        LotRules(format=first, reserve_price=chance.choice((0, ceiling * DEAR // 2))),
        LotRules(format=chance.choice((first, second)), two_envelopes=True),
    ]
    often = [
        LotRules(format=LotFormat.DUTCH, clock=clock, floor_price=floor),
        LotRules(format=LotFormat.JAPANESE, clock=clock, floor_price=floor),
        LotRules(format=LotFormat.ROUNDS, clock=clock),
        LotRules(format=second, floor_price=chance.choice((0, floor))),
    ]
    return lots + 2 * often  # few events can have them, and few of theirs come to an award
