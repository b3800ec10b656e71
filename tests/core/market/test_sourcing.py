"""The states of sourcing events and lots."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import pytest
from msgspec import msgpack

import exchange.core.market
from exchange.core.market.sourcing import EVENT_STATES, LOT_STATES, EventDump, EventState, LotState
from exchange.core.messages.base import Event
from exchange.core.messages.sourcing import LotClosed, LotOpened
from tests.core.market.room import OPEN, a_draft

State = TypeVar("State", bound=StrEnum)
README = Path(exchange.core.market.__path__[0], "README.md").read_text(encoding="utf-8")


def diagram(states: Mapping[State, Mapping[type[Event], State]]) -> str:
    """As the room's README draws it."""
    return "\n".join(
        f"    {state} → {after}: {event.__name__}"
        for state, steps in states.items()
        for event, after in steps.items()
    )


def test_the_readme_draws_the_states_as_they_are() -> None:
    assert diagram(EVENT_STATES) in README
    assert diagram(LOT_STATES) in README


def test_every_state_is_in_its_table() -> None:
    assert list(EVENT_STATES) == list(EventState)
    assert list(LOT_STATES) == list(LotState)


def test_a_step_that_the_table_does_not_know_is_a_bug() -> None:
    lot = a_draft().lot()

    with pytest.raises(KeyError):
        lot.tell(LotOpened)
    assert lot.state is LotState.DRAFT


def test_an_event_survives_its_dump_and_shares_nothing_with_it() -> None:
    room = a_draft("s1", "s2")
    room.invite("s3", owner="parent")
    room.publish()
    room.pass_to(OPEN)
    room.bid("s1", 900)
    event = room.auctions.event("event-1")
    assert event is not None
    dumped = event.dump()
    before = msgpack.encode(dumped)

    again = type(event).load(msgpack.decode(before, type=EventDump))
    event.lots[0].tell(LotClosed)
    event.invited["late"] = "late"

    assert msgpack.encode(dumped) == before
    assert msgpack.encode(again.dump()) == before
    assert (again.owners, again.lots[0].board.lead) == ({"s1", "s2", "parent"}, room.board().lead)
