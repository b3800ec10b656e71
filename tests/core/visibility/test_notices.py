"""What a commit has members told outside their feeds: the very words of the feeds, to those whom they concern."""

from collections.abc import Iterable

import pytest

from exchange.core.market.sourcing import EventState, Lot, LotState, SourcingEvent
from exchange.core.messages import CreateEvent, Event, Side, shown
from exchange.core.messages.inquiries import InquiryAnswered
from exchange.core.messages.lot_rules import LotDirection
from exchange.core.messages.orders import CancelCause, OrderCancelled
from exchange.core.messages.review import LotReopened
from exchange.core.messages.sourcing import (
    AddLot,
    BidSubmitted,
    CloseExtended,
    EventCancelled,
    EventPublished,
    LotClosed,
    LotOpened,
    SupplierInvited,
)
from exchange.core.messages.steering import EventPaused, LotMoved
from exchange.core.visibility.lots import lot_face, relation, show_lot
from exchange.core.visibility.notices import KINDS, EventTold, Notice, Teller

NOW_US = 7


def a_sourcing() -> SourcingEvent:
    """Of buyer b, with the suppliers s and t, and one open lot."""
    drafted = CreateEvent(
        title="Chairs", currency="EUR", open_at_us=10, duration_us=1_000_000_000, price_scale=2
    )
    sourcing = SourcingEvent.drafted("e", "b", "b", drafted)
    lot = Lot.drafted(
        "l",
        AddLot(event_id="e", title="Oak", quantity=1, ceiling_price=100, min_step=1, tick=1),
        LotDirection.REVERSE,
    )
    sourcing.lots.append(lot)
    sourcing.invited |= {"s": "s", "t": "t"}
    return sourcing


class One:
    """One sourcing event."""

    def __init__(self, sourcing: SourcingEvent) -> None:
        self.sourcing = sourcing

    def event(self, event_id: str) -> SourcingEvent:
        return self.sourcing

    def lot(self, lot_id: str) -> Lot | None:
        return next((lot for lot in self.sourcing.lots if lot.lot_id == lot_id), None)


def open_sourcing() -> SourcingEvent:
    sourcing = a_sourcing()
    sourcing.publish()
    sourcing.lots[0].tell(LotOpened)
    return sourcing


def told(
    sourcing: SourcingEvent, events: Iterable[Event], listening: Iterable[str], to_all: Iterable[str] = ()
) -> list[Notice]:
    teller = Teller(One(sourcing), lambda member_id: member_id == "op", set(listening), set(to_all))
    for event in events:
        teller.take(event, NOW_US)
    return teller.notices


TO_ALL_RELATED: list[tuple[Event, str]] = [
    (LotOpened("l", "e", 1), "lot.opened"),
    (CloseExtended("l", 2, 1), "lot.extended"),
    (LotClosed("l", "e", 0, ""), "lot.closed"),
    (LotReopened("l", "e", 9, "x"), "lot.reopened"),
    (LotMoved("l", 1, 2), "lot.moved"),
    (EventPublished("e"), "event.published"),
    (EventPaused("e", 1, "x"), "event.paused"),
    (EventCancelled("e", "x"), "event.cancelled"),
]


@pytest.mark.parametrize("event,kind", TO_ALL_RELATED, ids=[kind for _, kind in TO_ALL_RELATED])
def test_what_everybody_in_an_event_sees_is_told_to_them_and_to_no_stranger(event: Event, kind: str) -> None:
    notices = told(open_sourcing(), [event], ["b", "s", "t", "op", "stranger"])

    assert [each.member_id for each in notices if each.kind == kind] and kind in KINDS
    assert {each.member_id for each in notices if each.kind == kind} == {"b", "s", "t", "op"}


def test_a_lot_is_told_as_each_ones_feed_shows_it() -> None:
    sourcing = open_sourcing()
    lot = sourcing.lots[0]
    lot.board.submit("s", 90)

    for notice in told(sourcing, [LotClosed("l", "e", 0, "")], ["b", "s", "t"]):
        seen_as = relation(sourcing, notice.member_id, is_operator=False)
        assert seen_as is not None
        face = lot_face(sourcing, lot, seen_as)
        assert notice.told == show_lot(face, notice.member_id, channel="lot:l", at_us=NOW_US)


def test_a_bid_is_told_to_its_bidder_alone() -> None:
    notices = told(open_sourcing(), [BidSubmitted("l", "s", 90, 1, 1, 5)], ["b", "s", "t", "op"])

    assert [(each.member_id, each.kind) for each in notices] == [("s", "lot.bid")]


def test_an_invitation_to_a_draft_is_told_once_it_is_published_and_once() -> None:
    draft, published = a_sourcing(), open_sourcing()
    both = [SupplierInvited("e", "s"), EventPublished("e")]

    assert told(draft, both[:1], ["s"]) == []
    assert [each.told for each in told(published, both, ["s"]) if each.kind == "own.invited"] == [
        shown.OwnInvitation("e")
    ]


def test_a_draft_that_is_cancelled_is_told_to_no_supplier() -> None:
    sourcing = a_sourcing()
    sourcing.cancel()

    assert [each.member_id for each in told(sourcing, [EventCancelled("e", "x")], ["b", "s"])] == ["b"]
    assert sourcing.state is EventState.CANCELLED and sourcing.lots[0].state is LotState.VOID


def test_what_happens_to_an_own_order_is_told_as_the_own_channel_shows_it() -> None:
    event = OrderCancelled("o", "s", "i", Side.BUY, 100, 5, True, CancelCause.REQUESTED)

    assert [
        (each.member_id, each.kind, each.told) for each in told(open_sourcing(), [event], ["s", "t"])
    ] == [("s", "own.order_cancelled", shown.OwnCancelled("o", 5, CancelCause.REQUESTED))]


def test_nobody_who_does_not_listen_is_told_anything() -> None:
    events = [event for event, _ in TO_ALL_RELATED]

    assert told(open_sourcing(), events, []) == []


def test_what_is_for_all_reaches_those_invited_who_do_not_listen() -> None:
    events = [EventCancelled("e", "x"), InquiryAnswered("q", "e", "h", 1)]
    notices = told(open_sourcing(), events, [], ["event.cancelled", "own.inquiry_answered"])

    assert [(each.member_id, each.kind) for each in notices] == [
        ("s", "own.inquiry_answered"),
        ("t", "own.inquiry_answered"),
        ("b", "event.cancelled"),
        ("s", "event.cancelled"),
        ("t", "event.cancelled"),
    ]
    assert isinstance(notices[-1].told, EventTold)
