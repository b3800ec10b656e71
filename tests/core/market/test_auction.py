"""The rules of timed lots, case by case."""

from collections.abc import Callable

import pytest

from exchange.core.deadlines import Deadlines
from exchange.core.limits import (
    AMOUNT_MINOR_MAX,
    BIDS_PER_SUPPLIER_MAX,
    SUPPLIERS_PER_LOT_MAX,
)
from exchange.core.market.sourcing import EventState, LotState
from exchange.core.messages.sourcing import (
    BidSubmitted,
    Disclosure,
    EventCancelled,
    EventCreated,
    EventPublished,
    LotAdded,
    LotAwarded,
    LotClosed,
    LotOpened,
    SubmitBid,
    SupplierInvited,
)
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.room import (
    ALL_SHOWN,
    CLOSE,
    NO_OVERTIME,
    OPEN,
    RANK_ONLY,
    AuctionRoom,
    Step,
    a_closed_lot,
    a_draft,
    a_waiting_lot,
    an_open_lot,
)

C = RejectCode


def an_awarded_lot() -> AuctionRoom:
    room = a_closed_lot()
    room.award(2)
    return room


def a_cancelled_event() -> AuctionRoom:
    room = an_open_lot()
    room.cancel()
    return room


def a_cancelled_draft() -> AuctionRoom:
    room = a_draft()
    room.cancel()
    return room


def an_empty_draft() -> AuctionRoom:
    room = AuctionRoom()
    room.create()
    return room


def a_draft_without_suppliers() -> AuctionRoom:
    room = an_empty_draft()
    room.add_lot()
    return room


def a_crowded_draft() -> AuctionRoom:
    return a_draft(*(f"s{number}" for number in range(SUPPLIERS_PER_LOT_MAX)))


# --- refusals: where, what, and the answer; where several apply, the first of the documented order --------

CREATING: list[tuple[Callable[[AuctionRoom], Step], Reject]] = [
    (lambda r: r.create(currency="QQQ", at_us=OPEN + 1), Reject(C.CURRENCY_UNKNOWN, 0, "currency")),
    (lambda r: r.create(at_us=OPEN + 1), Reject(C.OPENS_IN_THE_PAST, OPEN + 1, "open_at_us")),
]

ADDING: list[tuple[Callable[[], AuctionRoom], Callable[[AuctionRoom], Step], Reject]] = [
    (AuctionRoom, lambda r: r.add_lot(), Reject(C.EVENT_UNKNOWN, 0, "event_id")),
    (a_waiting_lot, lambda r: r.add_lot(buyer_id="other"), Reject(C.EVENT_UNKNOWN, 0, "event_id")),
    (a_waiting_lot, lambda r: r.add_lot("lot-2"), Reject(C.EVENT_NOT_DRAFT)),
    (an_awarded_lot, lambda r: r.add_lot("lot-2"), Reject(C.EVENT_ENDED)),
    (a_cancelled_draft, lambda r: r.add_lot("lot-2"), Reject(C.EVENT_ENDED)),
    (a_draft, lambda r: r.add_lot("lot-2", tick=7), Reject(C.TOO_MANY_LOTS, 1)),
    (an_empty_draft, lambda r: r.add_lot(tick=7), Reject(C.STEP_OFF_TICK, 7, "ceiling_price")),
    (an_empty_draft, lambda r: r.add_lot(tick=8, min_step=12), Reject(C.STEP_OFF_TICK, 8, "min_step")),
    (
        an_empty_draft,
        lambda r: r.add_lot(ceiling_price=10**12, quantity=10**9),
        Reject(C.AMOUNT_TOO_LARGE, AMOUNT_MINOR_MAX, "quantity"),
    ),
]

INVITING: list[tuple[Callable[[], AuctionRoom], Callable[[AuctionRoom], Step], Reject]] = [
    (AuctionRoom, lambda r: r.invite("s9", is_operator=True), Reject(C.EVENT_UNKNOWN, 0, "event_id")),
    (a_closed_lot, lambda r: r.invite("s9", actor_id="s1"), Reject(C.EVENT_UNKNOWN, 0, "event_id")),
    (a_closed_lot, lambda r: r.invite("s1", owner="buyer"), Reject(C.EVENT_ENDED)),
    (an_awarded_lot, lambda r: r.invite("s9"), Reject(C.EVENT_ENDED)),
    (a_cancelled_event, lambda r: r.invite("s9"), Reject(C.EVENT_ENDED)),
    (a_cancelled_draft, lambda r: r.invite("s9"), Reject(C.EVENT_ENDED)),
    (a_draft, lambda r: r.invite("s9", owner="buyer"), Reject(C.OWN_EVENT, 0, "member_id")),
    (a_draft, lambda r: r.invite("s1"), Reject(C.ALREADY_INVITED, 0, "member_id")),
    (a_crowded_draft, lambda r: r.invite("x9", owner="s1"), Reject(C.OWNER_ALREADY_INVITED, 0, "member_id")),
    (a_crowded_draft, lambda r: r.invite("x9"), Reject(C.TOO_MANY_SUPPLIERS, SUPPLIERS_PER_LOT_MAX)),
]

PUBLISHING: list[tuple[Callable[[], AuctionRoom], Callable[[AuctionRoom], Step], Reject]] = [
    (AuctionRoom, lambda r: r.publish(), Reject(C.EVENT_UNKNOWN, 0, "event_id")),
    (a_waiting_lot, lambda r: r.publish(actor_id="s1"), Reject(C.EVENT_UNKNOWN, 0, "event_id")),
    (a_waiting_lot, lambda r: r.publish(at_us=OPEN + 1), Reject(C.EVENT_NOT_DRAFT)),
    (a_cancelled_draft, lambda r: r.publish(), Reject(C.EVENT_ENDED)),
    (an_empty_draft, lambda r: r.publish(at_us=OPEN + 1), Reject(C.EVENT_WITHOUT_LOT)),
    (a_draft_without_suppliers, lambda r: r.publish(at_us=OPEN + 1), Reject(C.EVENT_WITHOUT_SUPPLIERS)),
    (a_draft, lambda r: r.publish(at_us=OPEN + 1), Reject(C.OPENS_IN_THE_PAST, OPEN + 1)),
]


def bid_often() -> AuctionRoom:
    """s1 has made all the bids that a supplier may make."""
    room = AuctionRoom()
    room.create()
    room.add_lot(ceiling_price=2 * BIDS_PER_SUPPLIER_MAX, min_step=1)
    room.invite("s1")
    room.publish()
    room.pass_to(OPEN)
    for number in range(BIDS_PER_SUPPLIER_MAX):
        assert isinstance(room.bid("s1", 2 * BIDS_PER_SUPPLIER_MAX - number), list)
    return room


def an_open_lot_in_fives() -> AuctionRoom:
    return an_open_lot(tick=5)


BIDDING: list[tuple[Callable[[], AuctionRoom], Callable[[AuctionRoom], Step], Reject]] = [
    (AuctionRoom, lambda r: r.bid("s1", 900), Reject(C.LOT_UNKNOWN, 0, "lot_id")),
    (a_closed_lot, lambda r: r.bid("s9", 900), Reject(C.LOT_UNKNOWN, 0, "lot_id")),
    (a_draft, lambda r: r.bid("s1", 900), Reject(C.LOT_UNKNOWN, 0, "lot_id")),
    (a_cancelled_draft, lambda r: r.bid("s1", 900), Reject(C.LOT_UNKNOWN, 0, "lot_id")),
    (a_closed_lot, lambda r: r.bid("buyer", 900), Reject(C.OWN_EVENT)),
    (a_waiting_lot, lambda r: r.bid("s1", 9_999), Reject(C.LOT_NOT_OPEN_YET, OPEN)),
    (a_closed_lot, lambda r: r.bid("s1", 9_999), Reject(C.LOT_NOT_OPEN)),
    (a_cancelled_event, lambda r: r.bid("s1", 900), Reject(C.LOT_NOT_OPEN)),
    (an_open_lot, lambda r: r.bid("s1", 900, CLOSE), Reject(C.LOT_NOT_OPEN)),
    (an_open_lot_in_fives, lambda r: r.bid("s1", 1_001), Reject(C.PRICE_OFF_TICK, 5, "price")),
    (an_open_lot_in_fives, lambda r: r.bid("s1", 1_005), Reject(C.BID_ABOVE_CEILING, 1_000, "price")),
    (bid_often, lambda r: r.bid("s1", 20_000), Reject(C.STEP_TOO_SMALL, 10_000, "price")),
    (bid_often, lambda r: r.bid("s1", 9_000), Reject(C.TOO_MANY_BIDS, BIDS_PER_SUPPLIER_MAX)),
]

AWARDING: list[tuple[Callable[[], AuctionRoom], Callable[[AuctionRoom], Step], Reject]] = [
    (AuctionRoom, lambda r: r.award(0), Reject(C.LOT_UNKNOWN, 0, "lot_id")),
    (a_closed_lot, lambda r: r.award(1, actor_id="s1"), Reject(C.LOT_UNKNOWN, 0, "lot_id")),
    (a_draft, lambda r: r.award(9), Reject(C.LOT_NOT_CLOSED)),
    (a_waiting_lot, lambda r: r.award(9), Reject(C.LOT_NOT_CLOSED)),
    (an_open_lot, lambda r: r.award(9), Reject(C.LOT_NOT_CLOSED)),
    (an_awarded_lot, lambda r: r.award(9), Reject(C.LOT_ALREADY_AWARDED)),
    (a_cancelled_event, lambda r: r.award(9), Reject(C.EVENT_ENDED)),
    (a_closed_lot, lambda r: r.award(3), Reject(C.ALIAS_UNKNOWN, 2, "alias")),
]

CANCELLING: list[tuple[Callable[[], AuctionRoom], Callable[[AuctionRoom], Step], Reject]] = [
    (AuctionRoom, lambda r: r.cancel(is_operator=True), Reject(C.EVENT_UNKNOWN, 0, "event_id")),
    (an_awarded_lot, lambda r: r.cancel(actor_id="s1"), Reject(C.EVENT_UNKNOWN, 0, "event_id")),
    (an_awarded_lot, lambda r: r.cancel(), Reject(C.EVENT_ENDED)),
    (a_cancelled_event, lambda r: r.cancel(), Reject(C.EVENT_ENDED)),
]


@pytest.mark.parametrize("step,refusal", CREATING)
def test_no_event_is_drafted(step: Callable[[AuctionRoom], Step], refusal: Reject) -> None:
    assert step(AuctionRoom()) == refusal


@pytest.mark.parametrize(
    "room,step,refusal", [*ADDING, *INVITING, *PUBLISHING, *BIDDING, *AWARDING, *CANCELLING]
)
def test_a_refusal_comes_in_its_order_and_changes_nothing(
    room: Callable[[], AuctionRoom], step: Callable[[AuctionRoom], Step], refusal: Reject
) -> None:
    at_work = room()
    before = at_work.dumped()

    assert step(at_work) == refusal
    assert at_work.dumped() == before


# --- from draft to opening ---------------------------------------------------------------------------------


def test_a_draft_tells_its_terms() -> None:
    room = AuctionRoom()

    assert room.create() == [
        EventCreated("event-1", "buyer", "Bearings", "EUR", 2, OPEN, CLOSE - OPEN, NO_OVERTIME, ALL_SHOWN)
    ]
    assert room.add_lot() == [LotAdded("lot-1", "event-1", "Bearings 6204", 10, 1_000, 10, 1)]
    assert room.invite("s1") == [SupplierInvited("event-1", "s1")]
    assert room.publish() == [EventPublished("event-1")]


def test_an_event_may_open_at_the_instant_of_its_draft_and_of_its_publication() -> None:
    room = AuctionRoom()

    assert isinstance(room.create(at_us=OPEN), list)
    room.add_lot()
    room.invite("s1")
    assert isinstance(room.publish(at_us=OPEN), list)


def test_the_largest_lot_that_can_be_booked_is_taken() -> None:
    room = AuctionRoom()
    room.create(price_scale=2)

    assert isinstance(room.add_lot(ceiling_price=AMOUNT_MINOR_MAX // 10_000, quantity=10_000), list)


def test_a_lot_opens_and_closes_by_itself() -> None:
    room = a_waiting_lot()

    assert room.pass_to(OPEN - 1) == []
    assert room.pass_to(OPEN) == [LotOpened("lot-1", "event-1", CLOSE)]
    assert room.pass_to(CLOSE - 1) == []
    assert room.pass_to(CLOSE) == [LotClosed("lot-1", "event-1", 0, "")]


def test_a_close_tells_the_lead() -> None:
    room = an_open_lot()
    room.bid("s1", 950)
    room.bid("s2", 900)

    assert room.pass_to(CLOSE) == [LotClosed("lot-1", "event-1", 900, "s2")]


def test_a_lot_never_opens_early() -> None:
    room = a_waiting_lot()

    with pytest.raises(AssertionError):
        room.auctions.open_lot("lot-1", OPEN - 1, Deadlines(), [])


@pytest.mark.parametrize("room", [a_draft, a_waiting_lot, an_open_lot])
def test_suppliers_are_invited_until_the_close(room: Callable[[], AuctionRoom]) -> None:
    assert room().invite("s9") == [SupplierInvited("event-1", "s9")]


def test_the_operator_may_invite_to_anybodys_event() -> None:
    assert a_draft().invite("s9", actor_id="operator", is_operator=True) == [SupplierInvited("event-1", "s9")]


def test_a_supplier_invited_late_bids() -> None:
    room = an_open_lot()
    room.invite("s9")

    assert room.bid("s9", 900) == [BidSubmitted("lot-1", "s9", 900, 1, 1, OPEN)]


# --- bids --------------------------------------------------------------------------------------------------


def test_a_bid_tells_its_alias_number_and_instant() -> None:
    room = an_open_lot()

    assert room.bid("s2", 1_000, OPEN + 1) == [BidSubmitted("lot-1", "s2", 1_000, 1, 1, OPEN + 1)]
    assert room.bid("s1", 990, OPEN + 2) == [BidSubmitted("lot-1", "s1", 990, 2, 2, OPEN + 2)]
    assert room.bid("s2", 980, OPEN + 3) == [BidSubmitted("lot-1", "s2", 980, 1, 3, OPEN + 3)]


def test_a_bidder_is_told_the_number_of_its_own_bids_and_not_of_others() -> None:
    room = an_open_lot()
    bids = (("s1", 990), ("s2", 900), ("s2", 880), ("s1", 950))

    told = [
        room.auctions.submit_bid(each, SubmitBid(lot_id="lot-1", price=price), OPEN, room.deadlines, [])
        for each, price in bids
    ]

    assert told == [1, 1, 2, 2]


@pytest.mark.parametrize(
    "at_us,counts", [(OPEN, True), (CLOSE - 1, True), (CLOSE, False), (CLOSE + 1, False)]
)
def test_a_bid_counts_if_its_instant_is_before_the_close(at_us: int, counts: bool) -> None:
    room = an_open_lot()

    assert isinstance(room.bid("s1", 900, at_us), list) is counts


def test_a_step_counts_from_the_standing_price() -> None:
    # 100.00 stands and the step is 5.00: 95.01 is too little, 95.00 is enough.
    room = AuctionRoom()
    room.create()
    room.add_lot(ceiling_price=10_000, min_step=500)
    room.invite("s1")
    room.invite("s2")
    room.publish()
    room.pass_to(OPEN)
    room.bid("s1", 10_000)

    assert room.bid("s1", 9_501) == Reject(C.STEP_TOO_SMALL, 9_500, "price")
    assert room.bid("s2", 9_501) == Reject(C.STEP_TOO_SMALL, 9_500, "price")
    assert isinstance(room.bid("s2", 9_500), list)


OWN_950_LEAD_900: list[tuple[int, Reject | None]] = [
    (950, Reject(C.STEP_TOO_SMALL, 940, "price")),
    (941, Reject(C.STEP_TOO_SMALL, 940, "price")),
    (940, None),
    (901, None),
    (900, None),  # the lead's price: ranks behind
    (899, Reject(C.STEP_TOO_SMALL, 890, "price")),
    (891, Reject(C.STEP_TOO_SMALL, 890, "price")),
    (890, None),
    (1, None),
]


@pytest.mark.parametrize("price,answer", OWN_950_LEAD_900)
def test_a_bid_improves_on_its_own_and_takes_the_lead_by_a_step(price: int, answer: Reject | None) -> None:
    room = an_open_lot()
    room.bid("s1", 950)
    room.bid("s2", 900)

    outcome = room.bid("s1", price)

    assert (None if isinstance(outcome, list) else outcome) == answer


def test_the_bound_skips_what_lies_too_near_the_lead() -> None:
    room = an_open_lot()
    room.bid("s1", 909)
    room.bid("s2", 895, OPEN)  # s1 leads at 909: this takes the lead

    # A step below its own best would be 899 and is taken; from 904 it would be 894, too near 895.
    assert room.bid("s1", 905) == Reject(C.STEP_TOO_SMALL, 899, "price")
    assert isinstance(room.bid("s3", 904), list)
    assert room.bid("s3", 900) == Reject(C.STEP_TOO_SMALL, 885, "price")


def test_the_leader_need_not_step_below_anybody_else() -> None:
    room = an_open_lot()
    room.bid("s1", 950)
    room.bid("s2", 950)

    assert isinstance(room.bid("s1", 940), list)


def test_where_no_lower_price_is_left_the_bound_is_nothing() -> None:
    room = an_open_lot()
    room.bid("s1", 10)

    assert room.bid("s1", 9) == Reject(C.STEP_TOO_SMALL, 0, "price")
    assert room.bid("s2", 9) == Reject(C.STEP_TOO_SMALL, 0, "price")


HIDDEN_LEAD: list[tuple[int, Reject]] = [
    (941, Reject(C.STEP_TOO_SMALL, 940, "price")),  # its own best tells this
    (899, Reject(C.STEP_TOO_SMALL, 0, "price")),  # the lead would tell the bound
]


@pytest.mark.parametrize("price,refusal", HIDDEN_LEAD)
def test_a_refusal_never_tells_a_lead_that_is_not_disclosed(price: int, refusal: Reject) -> None:
    room = an_open_lot(disclosure=RANK_ONLY)
    room.bid("s1", 950)
    room.bid("s2", 900)

    assert room.bid("s1", price) == refusal


def test_prices_by_alias_disclose_the_lead() -> None:
    room = an_open_lot(disclosure=Disclosure(lead_price=False, prices_by_alias=True))
    room.bid("s2", 900)

    assert room.bid("s1", 899) == Reject(C.STEP_TOO_SMALL, 890, "price")


def test_an_equal_price_ranks_behind_the_one_that_was_first() -> None:
    room = an_open_lot()
    room.bid("s1", 900)
    room.bid("s2", 900)

    assert [bid.member_id for bid in room.board().ranking()] == ["s1", "s2"]


def test_every_bid_that_was_acknowledged_is_there_at_the_close() -> None:
    room = an_open_lot()
    for number in range(90):
        room.bid(f"s{number % 3 + 1}", 1_000 - 10 * number, OPEN + number)
    room.pass_to(CLOSE)

    assert (room.board().bids, room.board().lead) == (90, room.board().of("s3"))
    assert [bid.price for bid in room.board().ranking()] == [110, 120, 130]


# --- the end -----------------------------------------------------------------------------------------------


def test_an_award_makes_the_sides_known_and_ends_the_event() -> None:
    room = a_closed_lot()

    assert room.award(1) == [LotAwarded("lot-1", "event-1", "buyer", "s1", 1, 950, 10, 9_500)]
    event = room.auctions.event("event-1")
    assert event is not None
    assert (event.state, room.lot().state) == (EventState.ENDED, LotState.AWARDED)


def test_an_award_is_remembered() -> None:
    room = a_closed_lot()
    assert room.lot().awarded_alias == 0

    room.award(2)
    room.reload()

    assert room.lot().awarded_alias == 2


def test_a_lot_can_be_awarded_to_nobody() -> None:
    assert a_closed_lot().award(0) == [LotAwarded("lot-1", "event-1", "buyer", "", 0, 0, 10, 0)]


@pytest.mark.parametrize(
    "currency,price_scale,price,quantity,amount_minor",
    [
        ("EUR", 4, 23_751, 1_000, 237_510),  # 2.3751 × 1,000 = 2,375.10
        ("EUR", 4, 12_345, 1, 123),  # 1.2345 → 1.23
        ("EUR", 4, 12_350, 1, 124),  # 1.2350 → 1.24, halves go up
        ("EUR", 4, 12_345, 10, 1_235),  # the sum is rounded: 12.345 → 12.35, not 10 × 1.23
        ("JPY", 0, 128_001, 3, 384_003),
        ("JPY", 4, 5_000, 1, 1),
        ("USD", 0, 7, 3, 2_100),
    ],
)
def test_an_awarded_amount_is_rounded_once(
    currency: str, price_scale: int, price: int, quantity: int, amount_minor: int
) -> None:
    room = AuctionRoom()
    room.create(currency=currency, price_scale=price_scale)
    room.add_lot(ceiling_price=10**6, quantity=quantity)
    room.invite("s1")
    room.publish()
    room.pass_to(OPEN)
    room.bid("s1", price)
    room.pass_to(CLOSE)

    assert room.award(1) == [LotAwarded("lot-1", "event-1", "buyer", "s1", 1, price, quantity, amount_minor)]


@pytest.mark.parametrize("room", [an_empty_draft, a_draft, a_waiting_lot, an_open_lot, a_closed_lot])
def test_an_event_that_is_not_awarded_can_be_cancelled(room: Callable[[], AuctionRoom]) -> None:
    at_work = room()

    assert at_work.cancel() == [EventCancelled("event-1", "No budget")]
    assert at_work.pass_to(2 * CLOSE) == []


def test_the_operator_may_cancel_anybodys_event() -> None:
    assert a_draft().cancel(actor_id="operator", is_operator=True) == [EventCancelled("event-1", "No budget")]
