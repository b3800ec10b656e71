"""A command under a condition takes effect only on what its sender has read."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.flows.conditions import Conditions
from exchange.core.kernel import Exchange
from exchange.core.market.ladder import Order
from exchange.core.market.versions import event_version, lot_version, order_version
from exchange.core.messages import (
    MEMBER_COMMANDS,
    AddLot,
    AmendOrder,
    AnyCommand,
    AwardLot,
    CancelEvent,
    CancelOrder,
    CreateEvent,
    EndLot,
    ExtendLot,
    FireDeadlines,
    InviteSupplier,
    OpenSession,
    PauseEvent,
    PlaceOrder,
    PublishEvent,
    ResumeEvent,
    RevealSeed,
    Role,
    SetStanding,
    Side,
    Standing,
    SubmitBid,
)
from exchange.core.messages.base import ConditionalCommand
from exchange.core.messages.changing import ChangeEvent, ChangeLot, RemoveLot
from exchange.core.messages.currencies import BidCurrency, SetCurrencies
from exchange.core.messages.lot_rules import EventRules, LotSchedule, Overtime
from exchange.core.messages.review import ReopenLot
from exchange.core.messages.suppliers import InviteSuppliers
from exchange.core.parties.members import standing_version
from exchange.core.rejects import RejectCode
from tests.core.venue import SECOND, Venue, refusal

BUY, SELL = Side.BUY, Side.SELL
OTHER = 5
"""A version that nothing has."""
LOT = AddLot(event_id="E", title="L", quantity=1, ceiling_price=900, min_step=10)


def a_venue() -> Venue:
    """An event with one lot and a supplier who is invited, and an order to buy at 200."""
    venue = Venue()
    venue.instrument()
    venue.member("B")
    venue.member("S", Role.SELLER)
    venue.member("S2", Role.SELLER)
    venue.money("B", 1_000_000)
    event = CreateEvent(
        title="E",
        currency="USD",
        open_at_us=venue.at_us + SECOND,
        duration_us=60 * SECOND,
        overtime=Overtime(window_us=0),
        rules=EventRules(schedule=LotSchedule.PARALLEL, review_us=3_600 * SECOND),
    )
    venue.send("B", event, new_id="E")
    venue.send("B", LOT, new_id="L")
    venue.send("B", InviteSupplier(event_id="E", member_id="S"))
    order = PlaceOrder(instrument_id="LM358", side=BUY, price=200, quantity=100)
    venue.send("B", order, new_id="O")
    return venue


def open_lot(venue: Venue) -> None:
    venue.send("B", PublishEvent(event_id="E"))
    venue.send("", FireDeadlines(), after_us=SECOND)


def closed_lot(venue: Venue) -> None:
    open_lot(venue)
    venue.send("S", SubmitBid(lot_id="L", price=500))
    venue.send("", FireDeadlines(), after_us=61 * SECOND)


def drafted(_: Venue) -> None:
    """As it is."""


def paused(venue: Venue) -> None:
    open_lot(venue)
    venue.send("B", PauseEvent(event_id="E", reason="r"))


def of_order(venue: Venue) -> int:
    order = venue.kernel.books.find("B", "O")
    assert isinstance(order, Order)
    return order_version(order.price, order.quantity, order.open)


def of_event(venue: Venue) -> int:
    return event_version(venue.kernel.auctions.event_of("E"))


def of_lot(venue: Venue) -> int:
    return lot_version(venue.kernel.auctions.event_of("E"), venue.kernel.auctions.lot_of("L"))


def of_standing(venue: Venue) -> int:
    member = venue.kernel.members.get("S")
    assert member is not None
    return standing_version(member)


CASES: list[
    tuple[str, type[ConditionalCommand], dict[str, object], Callable[[Venue], None], Callable[[Venue], int]]
]
CASES = [
    ("B", AmendOrder, {"order_id": "O", "price": 190}, drafted, of_order),
    ("B", CancelOrder, {"order_id": "O"}, drafted, of_order),
    ("operator", SetStanding, {"member_id": "S", "standing": Standing.SUSPENDED}, drafted, of_standing),
    ("B", AddLot, {"event_id": "E", "title": "M", "quantity": 1, "ceiling_price": 9, "min_step": 1}, drafted, of_event),
    ("B", ChangeEvent, {"event_id": "E", "title": "M"}, drafted, of_event),
    ("B", ChangeLot, {"lot_id": "L", "quantity": 7}, drafted, of_lot),
    ("B", RemoveLot, {"lot_id": "L"}, drafted, of_lot),
    ("B", InviteSupplier, {"event_id": "E", "member_id": "S2"}, drafted, of_event),
    ("B", InviteSuppliers, {"event_id": "E", "member_ids": ("S2",)}, drafted, of_event),
    ("B", PublishEvent, {"event_id": "E"}, drafted, of_event),
    ("B", SetCurrencies, {"event_id": "E", "currencies": (BidCurrency("EUR", 1_080_000_000),)}, drafted, of_event),
    ("operator", CancelEvent, {"event_id": "E", "reason": "r"}, drafted, of_event),
    ("B", PauseEvent, {"event_id": "E", "reason": "r"}, open_lot, of_event),
    ("operator", ResumeEvent, {"event_id": "E"}, paused, of_event),
    ("operator", ExtendLot, {"lot_id": "L", "close_at_us": 1_767_270_000 * SECOND}, open_lot, of_lot),
    ("B", EndLot, {"lot_id": "L", "reason": "r"}, open_lot, of_lot),
    ("B", AwardLot, {"lot_id": "L", "alias": 1}, closed_lot, of_lot),
    ("B", ReopenLot, {"lot_id": "L", "close_at_us": 1_767_270_000 * SECOND, "reason": "r"}, closed_lot, of_lot),
]  # fmt: skip
"""Who may send what about what, and where its version comes from."""
GONE = {CancelOrder: RejectCode.ORDER_UNKNOWN, RemoveLot: RejectCode.LOT_UNKNOWN}
"""After these there is nothing left that could have a version."""
IDS = [case[1].__name__ for case in CASES]


def test_every_command_that_takes_a_condition_has_a_version_to_meet() -> None:
    kernel = Exchange()
    conditions = Conditions(kernel.members, kernel.books, kernel.auctions, kernel.sessions)
    conditional = {kind for kind in MEMBER_COMMANDS if issubclass(kind, ConditionalCommand)}

    assert set(conditions.versions) == conditional
    assert {case[1] for case in CASES} == conditional - {RevealSeed}


@pytest.mark.parametrize("sender, kind, fields, prepare, version", CASES, ids=IDS)
def test_it_takes_effect_once_under_one_version(
    sender: str,
    kind: type[ConditionalCommand],
    fields: dict[str, object],
    prepare: Callable[[Venue], None],
    version: Callable[[Venue], int],
) -> None:
    venue = a_venue()
    prepare(venue)
    read = version(venue)

    other = venue.send(sender, kind(**fields, expected_version=OTHER))  # type: ignore[arg-type]
    first = venue.send(sender, kind(**fields, expected_version=read))  # type: ignore[arg-type]
    again = venue.send(sender, kind(**fields, expected_version=read))  # type: ignore[arg-type]

    assert refusal(other) == (RejectCode.VERSION_OTHER, read) and other.reply.field == "expected_version"
    assert first.reply.code == 0
    gone = GONE.get(kind)
    assert RejectCode(again.reply.code) is (gone or RejectCode.VERSION_OTHER)
    assert gone or again.reply.bound == version(venue) != read


@pytest.mark.parametrize("sender, kind, fields, prepare, version", CASES, ids=IDS)
def test_who_may_not_change_a_thing_learns_no_version(
    sender: str,
    kind: type[ConditionalCommand],
    fields: dict[str, object],
    prepare: Callable[[Venue], None],
    version: Callable[[Venue], int],
) -> None:
    venue = a_venue()
    venue.member("stranger")
    prepare(venue)
    plain = venue.send("stranger", kind(**fields))  # type: ignore[arg-type]

    outcome = venue.send("stranger", kind(**fields, expected_version=OTHER))  # type: ignore[arg-type]

    assert plain.reply.code and refusal(outcome) == refusal(plain)


def test_an_order_is_found_by_the_ref_that_placed_it() -> None:
    venue = a_venue()
    session = venue.send("B", OpenSession()).reply.number
    order = PlaceOrder(ref=1, instrument_id="LM358", side=BUY, price=100, quantity=10)
    venue.send("B", order, session=session)

    outcomes = [
        venue.send(
            "B", AmendOrder(ref=ref, order_ref=1, price=110, expected_version=version), session=session
        )
        for ref, version in ((2, OTHER), (3, order_version(100, 10, 10)))
    ]

    assert refusal(outcomes[0]) == (RejectCode.VERSION_OTHER, order_version(100, 10, 10))
    assert outcomes[1].reply.code == 0


def test_a_fill_changes_an_order_and_a_bid_no_lot() -> None:
    venue = a_venue()
    venue.stock("S", 100)
    order, lot = of_order(venue), of_lot(venue)
    venue.order("S", SELL, 200, 40)
    assert of_order(venue) != order

    open_lot(venue)
    opened = of_lot(venue)
    venue.send("S", SubmitBid(lot_id="L", price=500))
    assert of_lot(venue) == opened != lot


# --- two agents at once --------------------------------------------------------------------------------

EDITS: st.SearchStrategy[tuple[str, type[ConditionalCommand], dict[str, object]]] = st.one_of(
    st.builds(lambda price: ("order", AmendOrder, {"order_id": "O", "price": price}), st.integers(1, 9)),
    st.builds(
        lambda quantity: ("order", AmendOrder, {"order_id": "O", "quantity": quantity}), st.integers(1, 9)
    ),
    st.builds(
        lambda member_id: ("event", InviteSupplier, {"event_id": "E", "member_id": member_id}),
        st.sampled_from(["S", "S2"]),
    ),
    st.just(
        ("event", AddLot, {"event_id": "E", "title": "M", "quantity": 1, "ceiling_price": 9, "min_step": 1})
    ),
    st.just(("event", PublishEvent, {"event_id": "E"})),
    st.builds(
        lambda standing: ("standing", SetStanding, {"member_id": "S", "standing": standing}),
        st.sampled_from(Standing),
    ),
)
VERSIONS: dict[str, Callable[[Venue], int]] = {
    "order": of_order,
    "event": of_event,
    "standing": of_standing,
}


@given(steps=st.lists(st.tuples(st.sampled_from(["one", "two"]), st.none() | EDITS), min_size=4, max_size=40))
@settings(max_examples=100, deadline=None)
def test_of_two_agents_who_read_the_same_the_first_to_change_it_wins_and_nothing_is_lost(
    steps: list[tuple[str, tuple[str, type[ConditionalCommand], dict[str, object]] | None]],
) -> None:
    """Each agent reads (None) or edits what it has read last. No edit falls on what its agent has not seen."""
    venue = a_venue()
    read = {agent: {name: of(venue) for name, of in VERSIONS.items()} for agent in ("one", "two")}
    for agent, edit in steps:
        if edit is None:
            read[agent] = {name: of(venue) for name, of in VERSIONS.items()}
            continue
        name, kind, fields = edit
        before = VERSIONS[name](venue)
        sender = "operator" if kind is SetStanding else "B"
        command: AnyCommand = kind(**fields, expected_version=read[agent][name])  # type: ignore[arg-type, assignment]
        reply = venue.send(sender, command).reply
        after = VERSIONS[name](venue)

        if read[agent][name] != before:
            assert (reply.code, reply.bound, after) == (RejectCode.VERSION_OTHER, before, before)
        else:
            assert reply.code != RejectCode.VERSION_OTHER
        if reply.code == 0:
            read[agent][name] = after

    again = Exchange()
    assert [again.execute(each) for each in venue.log] == venue.outcomes
