"""What a commit did to the members that somebody follows."""

from exchange.core.messages import (
    CreateEvent,
    InviteSupplier,
    PublishEvent,
    Side,
    TimeInForce,
    shown,
)
from exchange.core.messages.sourcing import AddLot
from exchange.views.own import OwnChange
from tests.core.venue import SECOND, Venue
from tests.views.follower import Follower

BUY, SELL = Side.BUY, Side.SELL


def a_follower(*watched: str) -> Follower:
    venue = Venue()
    venue.instrument()
    for member_id in "bst":
        venue.member(member_id)
        venue.money(member_id, 10_000)
        venue.stock(member_id, 100)
    follower = Follower(venue)
    follower.catch_up()
    follower.views.own.watched.update(dict.fromkeys(watched))
    return follower


def test_a_watched_member_gets_its_events_in_order_and_the_balances_that_moved() -> None:
    follower = a_follower("b")
    venue, own = follower.venue, follower.views.own
    venue.order("s", SELL, 100, 3)
    venue.order("b", BUY, 100, 5, TimeInForce.IOC)
    placed_us = venue.at_us
    venue.order("t", SELL, 120, 1)
    follower.catch_up()

    assert list(own.changed) == ["b"]
    change = own.changed["b"]
    assert [type(event) for event in change.events] == [
        shown.OwnPlaced,
        shown.OwnFill,
        shown.OwnCancelled,
        shown.OwnContractLine,
    ]
    assert sorted(change.accounts) == [("held", "USD"), ("wallet", "USD")]
    assert change.at_us == placed_us


def test_a_member_whose_balance_moved_is_told_even_without_an_event() -> None:
    follower = a_follower("b")

    follower.venue.money("b", 5)
    follower.catch_up()

    assert follower.views.own.changed == {"b": OwnChange([], {("wallet", "USD"): None}, follower.venue.at_us)}


def test_the_next_commit_begins_empty_and_nobody_else_is_looked_at() -> None:
    follower = a_follower("b")
    follower.venue.money("b", 5)
    follower.catch_up()

    follower.venue.money("s", 5)
    follower.catch_up()

    assert follower.views.own.changed == {}


def test_a_supplier_learns_of_its_invitation_when_the_event_is_published() -> None:
    follower = a_follower("s", "t")
    venue, own = follower.venue, follower.views.own
    create = CreateEvent(title="E", currency="USD", open_at_us=venue.at_us + SECOND, duration_us=60 * SECOND)
    venue.send("b", create, new_id="E")
    venue.send("b", AddLot(event_id="E", title="L", quantity=1, ceiling_price=900, min_step=10), new_id="L")
    venue.send("b", InviteSupplier(event_id="E", member_id="s"))
    follower.catch_up()
    assert own.changed == {}

    venue.send("b", PublishEvent(event_id="E"))
    follower.catch_up()
    assert own.changed["s"].events == [shown.OwnInvitation("E")]
    assert "t" not in own.changed

    venue.send("operator", InviteSupplier(event_id="E", member_id="t"))
    follower.catch_up()
    assert own.changed["t"].events == [shown.OwnInvitation("E")]
    assert "s" not in own.changed


def test_an_invitation_and_the_publication_in_one_commit_are_told_once() -> None:
    follower = a_follower("s")
    venue = follower.venue
    create = CreateEvent(title="E", currency="USD", open_at_us=venue.at_us + SECOND, duration_us=60 * SECOND)
    venue.send("b", create, new_id="E")
    venue.send("b", AddLot(event_id="E", title="L", quantity=1, ceiling_price=900, min_step=10), new_id="L")
    venue.send("b", InviteSupplier(event_id="E", member_id="s"))
    venue.send("b", PublishEvent(event_id="E"))
    follower.catch_up()

    assert follower.views.own.changed["s"].events == [shown.OwnInvitation("E")]
