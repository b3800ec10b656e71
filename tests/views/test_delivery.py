"""Goods in motion as views keep them, and two worlds that a side must not tell apart."""

from collections.abc import Callable

import msgspec

from exchange.core.messages import AnswerClaim, FileClaim
from exchange.core.messages.deals import ClaimReason
from exchange.core.visibility import show
from exchange.core.visibility.deals import show_claim, show_consignment, show_deal, show_shipment
from exchange.views.delivery import DeliveryView
from exchange.views.views import Views
from tests.core.hub import DAY, HubVenue
from tests.views.follower import Follower


def two_sales(venue: HubVenue, sellers: tuple[str, str], buyers: tuple[str, str] = ("B1", "B1")) -> None:
    """Two fills on their whole way: one is accepted and claimed, of the other a part is refused."""
    for number, (seller, buyer) in enumerate(zip(sellers, buyers, strict=True), 1):
        venue.sale(buyer=buyer, seller=seller, name=str(number))
    for number, seller in enumerate(sellers, 1):
        venue.dispatch((f"S-{number}", 1, 1_000), seller=seller, consignment=f"C-{number}")
        venue.receive(consignment=f"C-{number}", lot=f"L-{number}")
    venue.inspect(1_000, lot="L-1")
    venue.inspect(600, conditional=300, rejected=100, lot="L-2")
    venue.decide(take=False, contract="B-2", buyer=buyers[1])
    for number, buyer in enumerate(buyers, 1):
        venue.ship((f"B-{number}", 1), shipment=f"P-{number}")
        venue.confirm(1_000 if number == 1 else 590, shipment=f"P-{number}", buyer=buyer)
        venue.accept(f"B-{number}", buyer)
    claim = FileClaim(contract_id="B-1", line=1, reason=ClaimReason.DAMAGED)
    venue.done(buyers[0], claim, "CL-1")
    venue.done(sellers[0], AnswerClaim(contract_id="S-1", line=1, admit=False))


def told(venue: HubVenue, viewer: str) -> list[bytes]:
    """Everything that the viewer is told, with its place in its own stream and its instant."""
    pairs = zip(venue.log, venue.outcomes, strict=True)
    return [
        msgspec.json.encode((sequenced.at_us, list(show(event, viewer))))
        for sequenced, outcome in pairs
        for event in outcome.events
        if show(event, viewer)
    ]


def read(venue: HubVenue, viewer: str) -> bytes:
    """Every list of goods in motion that the viewer can read."""
    view = Views.from_kernel(venue.kernel).delivery
    lists = [
        [show_deal(fact, viewer) for fact in view.deals.of_member(viewer)],
        [show_consignment(fact, viewer) for fact in view.consignments.of_member(viewer)],
        [show_shipment(fact, viewer) for fact in view.shipments.of_member(viewer)],
        [show_claim(fact, viewer) for fact in view.claims.of_member(viewer)],
    ]
    return msgspec.json.encode(lists)


def world(play: Callable[[HubVenue], None]) -> HubVenue:
    venue = HubVenue()
    play(venue)
    return venue


def test_a_buyer_cannot_tell_two_sellers_from_one_with_two_orders() -> None:
    one = world(lambda venue: two_sales(venue, ("S1", "S1")))
    two = world(lambda venue: two_sales(venue, ("S1", "S2")))

    assert told(one, "B1") == told(two, "B1")
    assert read(one, "B1") == read(two, "B1")
    assert len(told(one, "B1")) > 20


def test_a_seller_cannot_tell_two_buyers_from_one() -> None:
    one = world(lambda venue: two_sales(venue, ("S1", "S1"), ("B1", "B1")))
    two = world(lambda venue: two_sales(venue, ("S1", "S1"), ("B1", "B2")))

    assert told(one, "S1") == told(two, "S1")
    assert read(one, "S1") == read(two, "S1")
    assert len(told(one, "S1")) > 20


def test_what_a_seller_is_told_does_not_show_how_its_passed_goods_travel_on() -> None:
    def shipped(venue: HubVenue) -> None:
        venue.sale()
        venue.dispatch()
        venue.receive()
        venue.inspect(1_000)
        venue.ship()
        venue.confirm()

    def waiting(venue: HubVenue) -> None:
        venue.sale()
        venue.dispatch()
        venue.receive()
        venue.inspect(1_000)

    assert told(world(shipped), "S1") == told(world(waiting), "S1")
    assert read(world(shipped), "S1") == read(world(waiting), "S1")


def test_strangers_are_told_and_read_nothing() -> None:
    venue = world(lambda venue: two_sales(venue, ("S1", "S1")))

    assert told(venue, "S2") == told(venue, "I1") == []
    assert read(venue, "S2") == read(venue, "I1") == b"[[],[],[],[]]"


def test_what_is_in_motion_is_the_same_by_events_and_by_state_at_every_step() -> None:
    venue = HubVenue()
    follower = Follower(venue)
    steps: list[Callable[[], object]] = [
        venue.sale,
        venue.dispatch,
        venue.receive,
        lambda: venue.inspect(900, conditional=100),
        lambda: venue.decide(take=True),
        venue.ship,
        venue.confirm,
        venue.accept,
        lambda: venue.done("B1", FileClaim(contract_id="B-1", line=1, reason=ClaimReason.DEFECTIVE), "CL-1"),
        lambda: venue.done("S1", AnswerClaim(contract_id="S-1", line=1, admit=True)),
        lambda: venue.wait(DAY),
    ]

    for step in steps:
        step()
        follower.catch_up()

        assert facts(follower.views.delivery) == facts(DeliveryView.from_kernel(venue.kernel))


def facts(view: DeliveryView) -> list[object]:
    kinds = (view.deals, view.consignments, view.hub_lots, view.shipments, view.claims)
    return [(kind.by_id, kind._of) for kind in kinds]
