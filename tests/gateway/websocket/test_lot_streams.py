"""A lot that a crowd follows: everybody is told of itself, what is alike is made once, and nobody is always first."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import asdict, replace

from exchange.core.messages import CreateEvent, FireDeadlines, InviteSupplier, PublishEvent, SubmitBid, shown
from exchange.core.messages.shown import Subscribe
from exchange.core.messages.sourcing import AddLot
from exchange.core.visibility.lots import Times, lot_face, relation, show_lot
from exchange.gateway.websocket.faces import AT_ONCE, Turn
from exchange.gateway.websocket.lot_streams import LotStream
from exchange.gateway.websocket.outlet import Outlet, Post
from tests.core.venue import SECOND
from tests.gateway.floor import EPOCH, Caller, Floor, Line

LOT = "lot:L"
NAMES = [f"s{number:02}" for number in range(AT_ONCE)]
TIMES = [
    Times("open", 1, 5, 0, UNSET, UNSET),
    Times("open", 1, 7, 2, UNSET, UNSET),
    Times("open", 1, 7, 2, 3, UNSET),
    Times("closed", 1, 7, 2, UNSET, UNSET),
    Times("closed", 1, 5, 0, UNSET, 9),
]


def a_crowd(names: Sequence[str] = NAMES) -> tuple[Floor, list[Caller]]:
    """As many suppliers as make a crowd, who follow one open lot."""
    floor = Floor()
    venue = floor.venue
    for member_id in ("b", *names):
        floor.member(member_id)
    opens_us = venue.at_us + 100 * SECOND
    create = CreateEvent(title="E", currency="USD", open_at_us=opens_us, duration_us=900 * SECOND)
    venue.send("b", create, new_id="E")
    add = AddLot(event_id="E", title="Bolts", quantity=1, ceiling_price=9_000, min_step=1)
    venue.send("b", add, new_id="L")
    for name in names:
        venue.send("b", InviteSupplier(event_id="E", member_id=name))
    venue.send("b", PublishEvent(event_id="E"))
    venue.send("", FireDeadlines(), after_us=101 * SECOND)
    floor.commit()
    crowd = [floor.caller(name) for name in names]
    for caller in crowd:
        caller.follow(LOT)
    return floor, crowd


class Listed(Line):
    """A connection that notes when it was written to."""

    def __init__(self, name: str, order: list[str]) -> None:
        super().__init__()
        self._name, self._order = name, order

    def write(self, frames: bytes) -> None:
        self._order.append(self._name)


def test_each_of_a_crowd_is_told_what_it_would_be_shown_alone() -> None:
    floor, crowd = a_crowd()
    sourcing = floor.views.sourcing
    event, lot = sourcing.events["E"], sourcing.lots["L"]

    for number, name in enumerate([*NAMES, *NAMES[:7], NAMES[40]]):
        floor.venue.send(name, SubmitBid(lot_id="L", price=8_000 - 7 * number))
        floor.commit()

        for caller, viewer in zip(crowd, NAMES, strict=True):
            (told,) = caller.hear()
            assert isinstance(told, shown.Lot)
            seen_as = relation(event, viewer, is_operator=False)
            assert seen_as is not None
            alone = show_lot(lot_face(event, lot, seen_as), viewer, channel=LOT, epoch=told.epoch)
            assert told == replace(alone, offset=told.offset, at_us=told.at_us)


def test_viewers_who_are_told_nothing_of_themselves_get_the_same_object() -> None:
    floor, crowd = a_crowd()

    floor.venue.send("s00", SubmitBid(lot_id="L", price=8_000))
    floor.commit()

    (first,), (second,) = crowd[1].line.writes, crowd[2].line.writes
    assert first is second


def test_a_bidders_ack_does_not_wait_until_the_crowd_has_been_told() -> None:
    floor, crowd = a_crowd()

    crowd[50].say(SubmitBid(ref=1, lot_id="L", price=8_000))
    floor.commit()

    ack, change = crowd[50].line.writes
    assert b'"type":"ack"' in ack
    assert b'"own_rank":1' in change


def test_the_first_of_a_crowd_are_written_to_before_the_last_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    floor, crowd = a_crowd([f"s{number:03}" for number in range(2 * AT_ONCE)])
    done: list[str] = []
    for does, what in (("told", LotStream.see), ("written", Post.write)):

        def noting(*args: Any, does: str = does, what: Callable[..., None] = what) -> None:
            done.append(does)
            what(*args)

        monkeypatch.setattr(LotStream if does == "told" else Post, what.__name__, noting)
    floor.venue.send("s000", SubmitBid(lot_id="L", price=8_000))
    floor.commit()

    group = ["told"] * AT_ONCE + ["written"] * AT_ONCE
    assert done == group * 2
    assert all(caller.hear() for caller in crowd)


def test_whoever_comes_back_to_a_lot_is_told_it_whole_unless_nothing_was_missed() -> None:
    floor, crowd = a_crowd()
    place = Subscribe(LOT, EPOCH, 0)

    crowd[0].say(place)
    told, *missed = crowd[0].hear()
    assert (told, missed) == (shown.Subscribed(LOT, EPOCH, 0, recovered=True), [])

    floor.venue.send("s01", SubmitBid(lot_id="L", price=8_000))
    floor.commit()
    crowd[0].hear()
    crowd[0].say(place)
    told, whole = crowd[0].hear()
    assert told == shown.Subscribed(LOT, EPOCH, 1, recovered=False)
    assert isinstance(whole, shown.Lot)
    assert (whole.offset, whole.lead_price) == (1, 8_000)


def test_nobody_of_a_crowd_is_always_told_first() -> None:
    floor, crowd = a_crowd()
    order: list[str] = []
    for name, caller in zip(NAMES, crowd, strict=True):
        caller.session.ended()
        floor.feed.subscribe(Outlet(Listed(name, order), floor.post), name, Subscribe(LOT))
    floor.post.flush()

    told: list[list[str]] = []
    for price in (8_000, 7_000, 6_000):
        order.clear()
        floor.venue.send("s00", SubmitBid(lot_id="L", price=price))
        floor.commit()
        told.append(list(order))

    assert all(sorted(each) == NAMES for each in told)
    assert len({each[0] for each in told}) == len({each[-1] for each in told}) == 3


@given(st.lists(st.tuples(st.sampled_from(TIMES), st.sampled_from(TIMES)), max_size=6))
def test_the_change_of_a_timetable_is_of_that_lot_whatever_moved_before_it(
    moves: list[tuple[Times, Times]],
) -> None:
    turn = Turn()
    for before, now in moves:
        turn.move(replace(now))
        told = {
            name: None if value is UNSET else value
            for name, value in asdict(now).items()
            if value != getattr(before, name)
        }

        assert msgspec.json.decode(b"{%b}" % turn.moved(before)) == told
