"""The kernel is a function: equal commands give equal outcomes, states and digests, from any snapshot on."""

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.kernel import Exchange
from exchange.core.messages import (
    AddLot,
    AmendOrder,
    AnyCommand,
    AwardLot,
    CancelOrder,
    ConfirmReceipt,
    CreateEvent,
    EndOutage,
    FireDeadlines,
    InviteSupplier,
    OpenSession,
    PlaceOrder,
    PublishEvent,
    RegisterMember,
    Reply,
    Role,
    Side,
    SubmitBid,
    TimeInForce,
)
from exchange.core.messages.sourcing import LotOpened
from exchange.core.rejects import Reject, RejectCode
from tests.core.venue import SECOND, Venue

MEMBERS = ("M0", "M1", "M2", "M3")


def a_busy_venue() -> Venue:
    """Four traders (two of one owner), one instrument, one lot open for bids."""
    venue = Venue()
    for number, member_id in enumerate(MEMBERS):
        venue.member(member_id, owner="pair" if number < 2 else "")
        venue.send(member_id, OpenSession())
    venue.instrument()
    for member_id in MEMBERS:
        venue.money(member_id, 50_000)
        venue.stock(member_id, 200)
    opens = venue.at_us + SECOND
    venue.send(
        "M0", CreateEvent(title="E", currency="USD", open_at_us=opens, duration_us=3600 * SECOND), new_id="E"
    )
    venue.send(
        "M0", AddLot(event_id="E", title="L", quantity=10, ceiling_price=1000, min_step=10), new_id="L"
    )
    for supplier in MEMBERS[2:]:
        venue.send("operator", InviteSupplier(event_id="E", member_id=supplier))
    venue.send("M0", PublishEvent(event_id="E"))
    opened = venue.send("", FireDeadlines(), after_us=2 * SECOND)
    assert [type(event) for event in opened.events] == [LotOpened]
    return venue


def orders() -> st.SearchStrategy[AnyCommand]:
    names = st.sampled_from([f"id-{number}" for number in range(1, 30)])
    prices = st.integers(min_value=90, max_value=110)
    return st.one_of(
        st.builds(
            PlaceOrder,
            instrument_id=st.just("LM358"),
            side=st.sampled_from(Side),
            price=prices,
            quantity=st.integers(min_value=1, max_value=60),
            time_in_force=st.sampled_from(TimeInForce),
        ),
        st.builds(CancelOrder, order_id=names),
        st.builds(AmendOrder, order_id=names, price=prices, quantity=st.integers(min_value=0, max_value=80)),
        st.builds(ConfirmReceipt, contract_id=names),
        st.builds(SubmitBid, lot_id=st.just("L"), price=st.integers(min_value=1, max_value=1_010)),
        st.builds(EndOutage, down_us=st.integers(min_value=0, max_value=SECOND)),
        st.builds(AwardLot, lot_id=st.just("L"), alias=st.integers(min_value=0, max_value=3)),
        st.just(FireDeadlines()),
    )


SYSTEM_COMMANDS = (EndOutage, FireDeadlines)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(MEMBERS), orders()), max_size=60), st.integers(0, 60))
def test_replay_from_any_point_gives_equal_outcomes_states_and_books(
    flow: list[tuple[str, AnyCommand]], cut: int
) -> None:
    venue = a_busy_venue()
    snapshot, tail = venue.kernel.dump(), len(venue.log)
    for number, (member_id, command) in enumerate(flow):
        venue.send("" if isinstance(command, SYSTEM_COMMANDS) else member_id, command)
        venue.kernel.ledger.check_invariants()
        if number == cut:
            snapshot, tail = venue.kernel.dump(), len(venue.log)

    from_the_start, from_the_snapshot = Exchange(), Exchange.load(snapshot)
    again = [from_the_start.execute(sequenced) for sequenced in venue.log]
    rest = [from_the_snapshot.execute(sequenced) for sequenced in venue.log[tail:]]

    assert again == venue.outcomes
    assert rest == venue.outcomes[tail:]
    assert from_the_start.dump() == from_the_snapshot.dump() == venue.kernel.dump()


def test_a_repeated_ref_is_known_and_another_command_under_it_is_refused() -> None:
    venue = a_busy_venue()
    order = PlaceOrder(instrument_id="LM358", side=Side.BUY, price=100, quantity=1, ref=1)

    first = venue.send("M0", order, session=1)
    seen = venue.kernel.seen("M0", 1, "", order)
    other = venue.kernel.seen("M0", 1, "", CancelOrder(order_id="id-1", ref=1))

    assert isinstance(seen, Reply) and seen == first.reply
    assert isinstance(other, Reject) and other.code is RejectCode.REF_REUSED


def test_an_order_is_cancelled_by_the_ref_that_placed_it() -> None:
    venue = a_busy_venue()
    order = PlaceOrder(instrument_id="LM358", side=Side.BUY, price=100, quantity=1, ref=1)
    placed = venue.send("M0", order, session=1)

    cancelled = venue.send("M0", CancelOrder(order_ref=1, ref=2), session=1)
    unknown = venue.send("M0", CancelOrder(order_ref=9, ref=3), session=1)

    assert cancelled.reply.id == placed.reply.id
    assert (unknown.reply.code, unknown.reply.field) == (RejectCode.ORDER_UNKNOWN, "order_ref")


def test_acks_count_the_members_own_commands_only() -> None:
    venue = Venue()
    venue.member("M0")
    venue.member("M1")

    sequences = [
        venue.send(member_id, OpenSession()).reply.sequence for member_id in ("M0", "M1", "M1", "M0")
    ]

    assert sequences == [1, 1, 2, 2]


def test_only_the_operator_admits_members() -> None:
    venue = Venue()
    venue.member("M0", Role.BUYER)

    refused = venue.send("M0", RegisterMember(roles=(Role.OPERATOR,)))

    assert refused.reply.code == RejectCode.ROLE_MISSING
