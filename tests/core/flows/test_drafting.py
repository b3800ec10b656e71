"""A draft that was changed is the draft that would have been made like that; what is published stays as it is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from exchange.core.messages import AnyCommand, Overtime, Role
from exchange.core.messages.changing import ChangeEvent, ChangeLot, RemoveLot
from exchange.core.messages.lot_rules import (
    EventRules,
    LotDirection,
    LotFormat,
    LotRules,
    LotSchedule,
    TiePolicy,
)
from exchange.core.messages.sourcing import (
    AddLot,
    CancelEvent,
    CreateEvent,
    Disclosure,
    InviteSupplier,
    PublishEvent,
)
from exchange.core.rejects import RejectCode
from exchange.engine.base import Released
from exchange.views.views import Views
from tests.core.venue import NOON, SECOND, Venue, refusal

OPENS = NOON + 600 * SECOND
HARD = Overtime(hard_deadline_us=OPENS + 120 * SECOND)
EVENT: dict[str, Any] = {
    "title": "Chairs",
    "open_at_us": OPENS,
    "duration_us": 60 * SECOND,
    "overtime": Overtime(),
    "disclosure": Disclosure(),
    "rules": EventRules(schedule=LotSchedule.PARALLEL),
}
LOT: dict[str, Any] = {
    "title": "Chair",
    "quantity": 10,
    "ceiling_price": 1_000,
    "min_step": 10,
    "tick": 1,
    "rules": LotRules(),
}


def a_draft(event: dict[str, Any], *lots: dict[str, Any]) -> Venue:
    venue = Venue()
    for member, role in (("B", Role.BUYER), ("B2", Role.BUYER), ("S", Role.SELLER)):
        venue.member(member, role)
    sent = [venue.send("B", CreateEvent(currency="EUR", price_scale=2, **event), new_id="E")]
    sent += [
        venue.send("B", AddLot(event_id="E", **lot), new_id=f"L{place}") for place, lot in enumerate(lots, 1)
    ]
    assert not any(outcome.reply.code for outcome in sent)
    return venue


def draft_of(venue: Venue) -> bytes:
    return msgpack.encode(venue.kernel.auctions.dump())


EVENT_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(("Chairs", "Desks")),
        "open_at_us": st.sampled_from((OPENS, OPENS + SECOND, NOON)),
        "duration_us": st.sampled_from((SECOND, 60 * SECOND, 600 * SECOND)),
        "overtime": st.sampled_from((Overtime(), Overtime(0, 0, 0), HARD)),
        "disclosure": st.sampled_from((Disclosure(), Disclosure(prices_by_alias=True))),
        "rules": st.builds(EventRules, schedule=st.sampled_from(LotSchedule)),
    },
)
LOT_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(("Chair", "Desk")),
        "quantity": st.sampled_from((1, 10, 10**9)),
        "ceiling_price": st.sampled_from((1_000, 995, 10**12)),
        "min_step": st.sampled_from((10, 15)),
        "tick": st.sampled_from((1, 5, 7)),
        "rules": st.sampled_from(
            (
                LotRules(),
                LotRules(floor_price=500),
                LotRules(tie_policy=TiePolicy.EQUAL_BEST),
                LotRules(format=LotFormat.SEALED_FIRST_PRICE),
            )
        ),
    },
)
STEPS = st.lists(st.tuples(st.sampled_from(("E", "L1", "L2", "L3")), EVENT_CHANGES, LOT_CHANGES), max_size=8)


@given(STEPS, st.lists(st.sampled_from(("L1", "L2", "L3")), max_size=2, unique=True))
def test_a_changed_draft_is_as_if_it_had_been_made_so(
    steps: list[tuple[str, dict[str, Any], dict[str, Any]]], removed: list[str]
) -> None:
    venue = a_draft(EVENT, LOT, LOT, LOT)
    event, lots = dict(EVENT), {f"L{place}": dict(LOT) for place in (1, 2, 3)}
    for what, of_event, of_lot in steps:
        if what == "E":
            taken = not venue.send("B", ChangeEvent(event_id="E", **of_event)).reply.code
            event |= of_event if taken else {}
        else:
            taken = not venue.send("B", ChangeLot(lot_id=what, **of_lot)).reply.code
            lots[what] |= of_lot if taken else {}
    for lot_id in removed:
        assert not venue.send("B", RemoveLot(lot_id=lot_id)).reply.code
        del lots[lot_id]

    plain = Venue()
    plain.member("B", Role.BUYER)
    plain.send("B", CreateEvent(currency="EUR", price_scale=2, **event), new_id="E")
    for lot_id, lot in lots.items():
        assert not plain.send("B", AddLot(event_id="E", **lot), new_id=lot_id).reply.code
    assert draft_of(venue) == draft_of(plain)


@given(STEPS)
def test_who_follows_the_events_sees_the_same_draft(
    steps: list[tuple[str, dict[str, Any], dict[str, Any]]],
) -> None:
    venue = a_draft(EVENT, LOT, LOT, LOT)
    for what, of_event, of_lot in steps:
        venue.send("B", ChangeEvent(event_id="E", **of_event))
        venue.send("B", ChangeLot(lot_id=what, **of_lot) if of_lot else RemoveLot(lot_id=what))

    views = Views()
    pairs = zip(venue.log, venue.outcomes, strict=True)
    views.apply([Released(seq, *pair, None) for seq, pair in enumerate(pairs, 1)])

    again = Views.from_kernel(venue.kernel)
    assert list(views.sourcing.lots) == list(again.sourcing.lots)
    assert [msgpack.encode(each.dump()) for each in views.sourcing.events.values()] == [
        msgpack.encode(each.dump()) for each in again.sourcing.events.values()
    ]


FORWARD = EventRules(direction=LotDirection.FORWARD, schedule=LotSchedule.PARALLEL)
R = RejectCode


@pytest.mark.parametrize(
    "command,code,field",
    [
        (ChangeEvent(event_id="X", title="Desks"), R.EVENT_UNKNOWN, "event_id"),
        (ChangeEvent(event_id="E"), R.NOTHING_TO_CHANGE, ""),
        (ChangeEvent(event_id="E", title="Chairs"), R.NOTHING_TO_CHANGE, ""),
        (ChangeEvent(event_id="E", open_at_us=NOON - 1), R.OPENS_IN_THE_PAST, "open_at_us"),
        (ChangeEvent(event_id="E", rules=EventRules()), R.TOO_MANY_LOTS, ""),
        (ChangeEvent(event_id="E", rules=FORWARD), R.RULES_CONTRADICT, "rules.direction"),
        (
            ChangeEvent(event_id="E", overtime=HARD, duration_us=600 * SECOND),
            R.RULES_CONTRADICT,
            "overtime.hard_deadline_us",
        ),
        (ChangeLot(lot_id="X", title="Desk"), R.LOT_UNKNOWN, "lot_id"),
        (ChangeLot(lot_id="L1"), R.NOTHING_TO_CHANGE, ""),
        (ChangeLot(lot_id="L1", tick=7), R.STEP_OFF_TICK, "ceiling_price"),
        (ChangeLot(lot_id="L1", rules=LotRules(floor_price=2_000)), R.RULES_CONTRADICT, "rules.floor_price"),
        (ChangeLot(lot_id="L1", ceiling_price=10**12, quantity=10**9), R.AMOUNT_TOO_LARGE, "quantity"),
        (RemoveLot(lot_id="X"), R.LOT_UNKNOWN, "lot_id"),
    ],
)
def test_a_change_that_does_not_fit_is_refused(command: AnyCommand, code: RejectCode, field: str) -> None:
    venue = a_draft(EVENT, LOT, LOT)
    before = draft_of(venue)

    outcome = venue.send("B", command)

    assert (RejectCode(outcome.reply.code), outcome.reply.field) == (code, field)
    assert draft_of(venue) == before


CHANGES: list[AnyCommand] = [
    ChangeEvent(event_id="E", title="Desks"),
    ChangeLot(lot_id="L1", quantity=7),
    RemoveLot(lot_id="L1"),
]


@pytest.mark.parametrize("command", CHANGES, ids=lambda command: type(command).__name__)
def test_a_change_of_rules_while_live_is_refused_by_name(command: AnyCommand) -> None:
    venue = a_draft(EVENT, LOT)
    venue.send("B", InviteSupplier(event_id="E", member_id="S"))
    assert not venue.send("B", PublishEvent(event_id="E")).reply.code
    published = refusal(venue.send("B", command))
    venue.send("B", CancelEvent(event_id="E", reason="r"))

    assert published == (RejectCode.RULES_FIXED, 0)
    assert refusal(venue.send("B", command)) == (RejectCode.EVENT_ENDED, 0)


@pytest.mark.parametrize("command", CHANGES, ids=lambda command: type(command).__name__)
def test_a_draft_is_changed_by_its_buyer_alone(command: AnyCommand) -> None:
    venue = a_draft(EVENT, LOT)
    unknown = RejectCode.EVENT_UNKNOWN if isinstance(command, ChangeEvent) else RejectCode.LOT_UNKNOWN

    assert refusal(venue.send("B2", command)) == (unknown, 0)
    assert refusal(venue.send("operator", command)) == (RejectCode.ROLE_MISSING, 0)
    assert not venue.send("B", command).reply.code
