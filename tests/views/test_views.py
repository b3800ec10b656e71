"""The read models stay equal to the kernel whose events they follow, whatever the commits."""

from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import msgpack
from msgspec.structs import replace

from exchange.core.messages import (
    AmendOrder,
    AnyCommand,
    AwardLot,
    CancelEvent,
    CancelOrder,
    Condition,
    ConfirmReceipt,
    CreateEvent,
    DeclareStock,
    Delivery,
    Disclosure,
    EndOutage,
    FireDeadlines,
    InviteSupplier,
    Part,
    PlaceOrder,
    PublishEvent,
    Role,
    SetStanding,
    Side,
    Standing,
    SubmitBid,
    TimeInForce,
)
from exchange.core.messages.sourcing import AddLot
from exchange.views.books import BookView
from exchange.views.market import OrderView
from exchange.views.views import Views
from tests.core.venue import SECOND, Venue
from tests.models.book_feed import BookFromFeed
from tests.views.follower import Follower

T = TypeVar("T")

TRADERS = ("M0", "M1", "M2", "M3")
ORDER_EVENTS = ("Order", "Traded", "SelfTrade")


def a_venue() -> Venue:
    """Two of the four traders have one owner; two instruments; an event of M0 that is still a draft."""
    venue = Venue()
    for number, member_id in enumerate(TRADERS):
        venue.member(member_id, owner="pair" if number < 2 else "")
    for instrument_id in ("A", "B"):
        venue.instrument(instrument_id)
        for member_id in TRADERS:
            venue.stock(member_id, 200, instrument_id)
    for member_id in TRADERS:
        venue.money(member_id, 50_000)
    created = CreateEvent(
        title="E",
        currency="USD",
        open_at_us=venue.at_us + SECOND,
        duration_us=60 * SECOND,
        disclosure=Disclosure(prices_by_alias=True),
    )
    venue.send("M0", created, new_id="E")
    venue.send("M0", AddLot(event_id="E", title="L", quantity=1, ceiling_price=900, min_step=10), new_id="L")
    return venue


ids = st.sampled_from([f"id-{number}" for number in range(1, 20)])
prices = st.integers(95, 105)
commands: st.SearchStrategy[AnyCommand] = st.one_of(
    st.builds(
        PlaceOrder,
        instrument_id=st.sampled_from(["A", "B"]),
        side=st.sampled_from(Side),
        price=prices,
        quantity=st.integers(1, 60),
        time_in_force=st.sampled_from(TimeInForce),
    ),
    st.builds(CancelOrder, order_id=ids),
    st.builds(AmendOrder, order_id=ids, price=st.just(0) | prices, quantity=st.integers(0, 80)),
    st.builds(ConfirmReceipt, contract_id=ids),
    st.builds(SubmitBid, lot_id=st.just("L"), price=st.integers(1, 910)),
    st.builds(InviteSupplier, event_id=st.just("E"), member_id=st.sampled_from(TRADERS[1:])),
    st.builds(AwardLot, lot_id=st.just("L"), alias=st.integers(0, 2)),
    st.builds(EndOutage, down_us=st.integers(0, SECOND)),
    st.builds(
        SetStanding,
        member_id=st.sampled_from((*TRADERS, "operator")),
        standing=st.sampled_from(Standing),
    ),
    st.sampled_from(
        [
            PublishEvent(event_id="E"),
            CancelEvent(event_id="E", reason="r"),
            FireDeadlines(),
            FireDeadlines(),
        ]
    ),
)
OF_THE_EXCHANGE = (EndOutage, FireDeadlines)
OF_THE_BUYER = (PublishEvent, AwardLot, CancelEvent, InviteSupplier)


def sender(venue: Venue, member_id: str, command: AnyCommand) -> str:
    """Who sends it, so that most of it takes effect."""
    if isinstance(command, OF_THE_EXCHANGE):
        return ""
    if isinstance(command, CancelOrder | AmendOrder):
        order = venue.kernel.books.orders.get(command.order_id)
        return order.member_id if order else member_id
    if isinstance(command, ConfirmReceipt):
        contract = venue.kernel.contracts.get(command.contract_id)
        return contract.member_id if contract else member_id
    if isinstance(command, SetStanding):
        return "operator"
    return "M0" if isinstance(command, OF_THE_BUYER) else member_id


steps = st.tuples(
    st.sampled_from(TRADERS), commands, st.booleans(), st.sampled_from([1_000, 1_000, 20 * SECOND])
)


def assert_equal(views: Views, other: Views) -> None:
    """Everything that a restart keeps."""
    for instrument_id, book in views.market.books.items():
        again = other.market.books[instrument_id]
        assert (book.bids, book.asks) == (again.bids, again.asks)
        assert queues(views, instrument_id) == queues(other, instrument_id)
        assert (book.phase, book.ends_at_us, book.extensions) == (
            again.phase,
            again.ends_at_us,
            again.extensions,
        )
    assert _unnumbered(views.market.orders) == _unnumbered(other.market.orders)
    assert views.accounts.balances == other.accounts.balances
    assert _filled(views.contracts.open) == _filled(other.contracts.open)
    assert views.members == other.members
    assert views.instruments == other.instruments
    assert [msgpack.encode(event.dump()) for event in views.sourcing.events.values()] == [
        msgpack.encode(event.dump()) for event in other.sourcing.events.values()
    ]
    assert list(views.sourcing.lots) == list(other.sourcing.lots)


def queues(views: Views, instrument_id: str) -> list[tuple[Side, int, str]]:
    """Every order that shows, in the order in which it would be met; numbers begin anew with every start."""
    shows = [
        (order.side, order.price, order.number, order.order_id)
        for mine in views.market.orders.values()
        for order in mine.values()
        if order.instrument_id == instrument_id and order.number
    ]
    return [(side, price, order_id) for side, price, _, order_id in sorted(shows)]


def _unnumbered(by_member: dict[str, dict[str, OrderView]]) -> dict[str, dict[str, OrderView]]:
    return {
        member_id: {order_id: replace(order, number=0) for order_id, order in mine.items()}
        for member_id, mine in by_member.items()
        if mine
    }


def assert_like(book: BookView, naive: BookFromFeed) -> None:
    """The same levels, sorted prices or not."""
    for side in Side:
        levels = [level[:2] for level in naive.levels(side)]
        assert book.all_levels(side) == levels
        assert book.levels(side, 3) == levels[:3]


def _filled(by_member: dict[str, dict[str, T]]) -> dict[str, dict[str, T]]:
    return {member_id: mine for member_id, mine in by_member.items() if mine}


@settings(max_examples=60)
@given(st.lists(steps, max_size=60), st.booleans())
def test_following_the_events_gives_what_the_kernels_state_gives(
    flow: list[tuple[str, AnyCommand, bool, int]], watch: bool
) -> None:
    venue = a_venue()
    follower = Follower(venue)
    follower.catch_up()
    naive = {instrument_id: BookFromFeed() for instrument_id in ("A", "B")}
    if watch:
        for book in follower.views.market.books.values():
            book.watch()

    for member_id, command, commits, after_us in flow:
        outcome = venue.send(sender(venue, member_id, command), command, after_us=after_us)
        for event in outcome.events:
            if type(event).__name__.startswith(ORDER_EVENTS):
                naive[event.instrument_id].follow(event)  # type: ignore[union-attr]
        if commits:
            follower.catch_up()
            for book in follower.views.market.books.values():
                assert_like(book, naive[book.instrument_id])
    follower.catch_up()

    assert_equal(follower.views, Views.from_kernel(venue.kernel))
    assert not any(follower.views.accounts.sums().values())


def test_views_of_a_restarted_exchange_go_on_as_the_others() -> None:
    venue = a_venue()
    follower = Follower(venue)
    venue.order("M0", Side.BUY, 100, 10, instrument_id="A")
    venue.order("M2", Side.SELL, 100, 4, instrument_id="A")
    follower.catch_up()
    restarted = Follower(venue, Views.from_kernel(venue.kernel))

    venue.order("M2", Side.SELL, 99, 4, instrument_id="A")
    venue.send("M0", ConfirmReceipt(contract_id="id-1"))
    venue.order("M3", Side.SELL, 99, 4, instrument_id="A")
    follower.catch_up()
    restarted.catch_up()

    assert_equal(follower.views, restarted.views)
    assert [trade.trade_number for trade in restarted.views.market.books["A"].trades] == [2, 3]


def test_an_award_survives_a_restart() -> None:
    venue = a_venue()
    venue.send("M0", InviteSupplier(event_id="E", member_id="M2"))
    venue.send("M0", PublishEvent(event_id="E"))
    venue.send("", FireDeadlines(), after_us=2 * SECOND)
    venue.send("M2", SubmitBid(lot_id="L", price=500))
    venue.send("", FireDeadlines(), after_us=900 * SECOND)
    venue.send("M0", AwardLot(lot_id="L", alias=1))

    assert Views.from_kernel(venue.kernel).sourcing.lots["L"].awarded_alias == 1


def test_an_operator_is_one_while_it_is_in_good_standing() -> None:
    venue = Venue()
    follower = Follower(venue)
    venue.member("op", Role.OPERATOR)
    venue.member("m")
    follower.catch_up()
    assert [follower.views.is_operator(each) for each in ("op", "m", "nobody")] == [True, False, False]

    venue.send("operator", SetStanding(member_id="op", standing=Standing.SUSPENDED))
    follower.catch_up()

    assert not follower.views.is_operator("op")


def test_new_instruments_are_told_in_their_commit_only() -> None:
    venue = Venue()
    follower = Follower(venue)
    venue.instrument("A")
    venue.instrument("B")

    follower.catch_up()
    assert list(follower.views.catalogue.fresh) == ["A", "B"]

    venue.member("m")
    follower.catch_up()
    assert not follower.views.catalogue.fresh
    assert follower.views.at_us == venue.at_us


def test_an_instrument_is_shown_with_the_terms_of_its_deals() -> None:
    venue = Venue()
    follower = Follower(venue)
    venue.instrument("A", delivery=Delivery.HUB, guarantee_bps=200)
    venue.instrument("B", symbol="", part=Part("TI", "LM-358", Condition.NOS), reference_price=100)

    venue.member("m")
    venue.send("m", DeclareStock(instrument_id="A", quantity=7, advertise=True))
    follower.catch_up()

    catalogue = follower.views.catalogue
    assert catalogue.of_part(Part("ti", "lm358", Condition.NOS)) == catalogue.instruments["B"]
    made = Views.from_kernel(venue.kernel).catalogue
    beside: dict[str, object] = {"fresh": {}, "fresh_adverts": [], "adverts": None}
    assert vars(made) | beside == vars(catalogue) | beside
    assert made.adverts.dump() == catalogue.adverts.dump() == venue.kernel.adverts.dump() != []
    shown_a = follower.views.instruments["A"]
    assert (shown_a.delivery, shown_a.guarantee_bps) == (Delivery.HUB, 200)
    assert follower.views.catalogue.fresh == follower.views.instruments
    assert Views.from_kernel(venue.kernel).instruments == follower.views.instruments
