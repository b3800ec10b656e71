"""Sealed lots: keys, envelopes, and what counts when they are opened."""

from collections.abc import Callable
from hashlib import sha256

import pytest

from exchange.core.limits import BIDS_PER_SUPPLIER_MAX
from exchange.core.market.lots.envelopes import Opening
from exchange.core.market.sourcing import LotState
from exchange.core.messages.lot_rules import EventRules, LotDirection, LotFormat, LotRules, TiePolicy
from exchange.core.messages.sealed import (
    BidsRevealed,
    BidVoided,
    EnvelopeSubmitted,
    EnvelopeWithdrawn,
    LotKeySet,
    OpenedBid,
    RevealRetried,
    UnopenedReported,
    VoidReason,
)
from exchange.core.messages.sourcing import BidSubmitted, LotAwarded, LotShifted
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.room import CLOSE, MINUTE, OPEN, AuctionRoom, Step
from tests.core.market.sealed_room import (
    FIRST_PRICE,
    KEY,
    SECOND_PRICE,
    UNREADABLE,
    SealedRoom,
    a_closed_sealed_lot,
    a_sealed_draft,
    an_open_sealed_lot,
    envelope,
)

# --- keys ----------------------------------------------------------------------------------------


def test_a_lot_with_its_key_opens_at_its_instant() -> None:
    room = a_sealed_draft()

    assert room.key() == [LotKeySet("lot-1", KEY)]
    room.publish()
    room.pass_to(OPEN)
    assert room.lot().state is LotState.OPEN


def test_a_lot_without_a_key_does_not_open_and_loses_no_time_by_it() -> None:
    room = a_sealed_draft()
    room.publish()
    assert room.pass_to(OPEN + MINUTE) == []
    assert room.lot().state is LotState.WAITING

    late = room.key(OPEN + MINUTE)
    room.pass_to(OPEN + MINUTE)

    assert late == [LotKeySet("lot-1", KEY), LotShifted("lot-1", OPEN + MINUTE, CLOSE + MINUTE)]
    assert room.lot().state is LotState.OPEN


def test_a_key_that_comes_while_the_event_is_paused_moves_the_lot_by_what_it_had_waited() -> None:
    room = a_sealed_draft()
    room.publish()
    room.pass_to(OPEN + MINUTE)
    room.pause(OPEN + MINUTE)

    room.key(OPEN + 3 * MINUTE)
    room.resume(OPEN + 5 * MINUTE)

    lot = room.lot()
    assert (lot.open_at_us, lot.close_at_us) == (OPEN + 5 * MINUTE, CLOSE + 5 * MINUTE)


# --- envelopes -----------------------------------------------------------------------------------


def test_the_last_envelope_of_a_bidder_counts_from_when_it_came() -> None:
    room = an_open_sealed_lot()

    room.seal("s1", 700, OPEN)
    room.seal("s2", 900, OPEN + 1)
    again = room.seal("s1", 900, OPEN + 2)
    room.pass_to(CLOSE)

    assert again == [EnvelopeSubmitted("lot-1", "s1", envelope(900, "s1"), 3, OPEN + 2)]
    assert room.open_all() == [
        BidSubmitted("lot-1", "s2", 900, 1, 1, OPEN + 1),
        BidSubmitted("lot-1", "s1", 900, 2, 2, OPEN + 2),
        BidsRevealed("lot-1", 2, 0),
    ]


def test_a_withdrawn_envelope_never_was_and_another_may_follow() -> None:
    room = an_open_sealed_lot()
    room.seal("s1", 700)
    room.seal("s2", 800)

    assert room.withdraw("s1") == [EnvelopeWithdrawn("lot-1", "s1")]
    room.seal("s1", 900)
    room.withdraw("s2")
    room.pass_to(CLOSE)

    assert room.open_all() == [
        BidSubmitted("lot-1", "s1", 900, 1, 1, OPEN),
        BidsRevealed("lot-1", 1, 0),
    ]


def test_an_envelope_moves_no_close() -> None:
    room = an_open_sealed_lot()

    events = room.seal("s1", 900, CLOSE - 1)

    assert isinstance(events, list)
    assert [type(event) for event in events] == [EnvelopeSubmitted]
    assert room.lot().close_at_us == CLOSE


def test_a_lot_that_closes_without_envelopes_needs_no_opening() -> None:
    room = an_open_sealed_lot()
    room.seal("s1", 900)
    room.withdraw("s1")

    room.pass_to(CLOSE)

    assert room.sealed().opening is Opening.OPEN
    assert isinstance(room.award(0), list)


# --- opening -------------------------------------------------------------------------------------

FLOORED = LotRules(
    format=LotFormat.SEALED_FIRST_PRICE, floor_price=500, reserve_price=850, qualification_price=950
)


@pytest.mark.parametrize(
    "text,reason",
    [
        (UNREADABLE, VoidReason.UNREADABLE),
        (envelope(800, "s1", "lot-2"), VoidReason.OTHER_LOT),
        (envelope(800, "s2"), VoidReason.OTHER_MEMBER),
        (envelope(803, "s2", "lot-2"), VoidReason.OTHER_LOT),
        (envelope(803, "s1"), VoidReason.OFF_TICK),
        (envelope(1_005, "s1"), VoidReason.ABOVE_CEILING),
        (envelope(495, "s1"), VoidReason.BELOW_FLOOR),
        (envelope(955, "s1"), VoidReason.NOT_QUALIFYING),
        (envelope(855, "s1"), VoidReason.RESERVE_NOT_MET),
        (envelope(850, "s1"), None),
        (envelope(500, "s1"), None),
    ],
)
def test_a_bid_that_breaks_a_rule_is_void_with_its_reason(text: str, reason: VoidReason | None) -> None:
    room = an_open_sealed_lot(FLOORED, tick=5)
    room.hand_in("s1", text)
    room.seal("s2", 600)
    room.pass_to(CLOSE)

    events = room.open_all()

    assert isinstance(events, list)
    voids = [event for event in events if isinstance(event, BidVoided)]
    assert voids == ([BidVoided("lot-1", "s1", 2, reason)] if reason else [])
    assert events[-1] == (BidsRevealed("lot-1", 1, 1) if reason else BidsRevealed("lot-1", 2, 0))


def test_in_a_forward_lot_the_reserve_binds_from_the_other_side() -> None:
    rules = LotRules(format=LotFormat.SEALED_FIRST_PRICE, reserve_price=500)
    room = an_open_sealed_lot(rules, EventRules(direction=LotDirection.FORWARD))
    room.seal("s1", 499)
    room.seal("s2", 500)
    room.seal("s3", 600)
    room.pass_to(CLOSE)

    room.open_all()

    assert [bid.member_id for bid in room.board().ranking()] == ["s3", "s2"]
    assert room.sealed().voids["s1"].reason is VoidReason.RESERVE_NOT_MET


def test_nothing_of_an_envelope_is_kept_once_it_is_open() -> None:
    room = a_closed_sealed_lot()
    assert b"lot-1 s1 900" in room.dumped()

    room.open_all()

    assert b"lot-1 s1 900" not in room.dumped()


def test_a_key_that_is_missing_leaves_the_lot_closed_until_somebody_asks_again() -> None:
    room = a_closed_sealed_lot()

    assert room.report() == [UnopenedReported("lot-1", "No key")]
    assert room.award(1) == Reject(RejectCode.BIDS_NOT_REVEALED)
    room.reload()
    assert room.retry() == [RevealRetried("lot-1")]
    assert isinstance(room.open_all(), list)
    assert isinstance(room.award(1), list)


# --- prices --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rules,prices,alias,price",
    [
        (FIRST_PRICE, (900, 800, 850), 2, 800),
        (SECOND_PRICE, (900, 800, 850), 2, 850),
        (SECOND_PRICE, (900, 800, 850), 3, 900),
        (SECOND_PRICE, (900, 800, 850), 1, 1_000),
        (SECOND_PRICE, (900,), 1, 1_000),
        (SECOND_PRICE, (800, 800), 1, 800),
        (SECOND_PRICE, (800, 990, 700), 3, 800),
    ],
)
def test_the_winner_gets_its_own_price_or_that_of_the_next_bid(
    rules: LotRules, prices: tuple[int, ...], alias: int, price: int
) -> None:
    room = a_closed_sealed_lot(rules, *prices)
    room.open_all()

    events = room.award(alias)

    assert isinstance(events, list)
    (awarded,) = events
    assert isinstance(awarded, LotAwarded)
    assert (awarded.winner_id, awarded.price) == (f"s{alias}", price)


@pytest.mark.parametrize(
    "prices,reserve,price",
    [
        ((500, 700, 600), 0, 600),
        ((700,), 0, 100),
        ((700,), 400, 400),
        ((700, 300), 400, 400),
        ((700, 700), 0, 700),
    ],
)
def test_in_a_forward_lot_the_second_highest_price_is_paid(
    prices: tuple[int, ...], reserve: int, price: int
) -> None:
    rules = LotRules(format=LotFormat.SEALED_SECOND_PRICE, floor_price=100, reserve_price=reserve)
    room = an_open_sealed_lot(rules, EventRules(direction=LotDirection.FORWARD))
    for number, offered in enumerate(prices, 1):
        room.seal(f"s{number}", offered)
    room.pass_to(CLOSE)
    room.open_all()
    lead = room.board().lead
    assert lead is not None

    events = room.award(lead.alias)

    assert isinstance(events, list)
    (awarded,) = events
    assert isinstance(awarded, LotAwarded)
    assert (awarded.price, lead.price) == (price, 700)


def test_ties_by_lot_are_drawn_after_the_opening() -> None:
    digest = sha256(b"seed").hexdigest()
    rules = LotRules(format=LotFormat.SEALED_FIRST_PRICE, tie_policy=TiePolicy.LOTTERY, lottery_sha256=digest)
    room = a_closed_sealed_lot(rules, 800, 800, 800)

    early = room.reveal("seed")
    room.open_all()
    drawn = room.reveal("seed")

    assert early == Reject(RejectCode.BIDS_NOT_REVEALED)
    assert isinstance(drawn, list)
    order = [bid.alias for bid in room.board().ranking()]
    assert order == sorted((1, 2, 3), key=lambda alias: sha256(f"seed:{alias}".encode()).digest())


# --- refusals ------------------------------------------------------------------------------------


def an_english_lot() -> SealedRoom:
    room = SealedRoom()
    room.create()
    room.add_lot()
    room.invite("s1")
    room.publish()
    room.pass_to(OPEN)
    return room


def worn_out() -> SealedRoom:
    room = an_open_sealed_lot()
    room.sealed().sent["s1"] = BIDS_PER_SUPPLIER_MAX
    return room


REFUSALS: list[tuple[str, Callable[[], Step], Reject]] = [
    ("no lot", lambda: SealedRoom().seal("s1", 1), Reject(RejectCode.LOT_UNKNOWN, field="lot_id")),
    (
        "not invited",
        lambda: an_open_sealed_lot().seal("s9", 1),
        Reject(RejectCode.LOT_UNKNOWN, field="lot_id"),
    ),
    ("own event", lambda: an_open_sealed_lot().seal("buyer", 1), Reject(RejectCode.OWN_EVENT)),
    ("late", lambda: an_open_sealed_lot().seal("s1", 1, CLOSE), Reject(RejectCode.LOT_NOT_OPEN)),
    ("open bids", lambda: an_english_lot().seal("s1", 1), Reject(RejectCode.LOT_NOT_SEALED)),
    ("an open bid", lambda: an_open_sealed_lot().bid("s1", 900), Reject(RejectCode.BIDS_ARE_SEALED)),
    ("too many", lambda: worn_out().seal("s1", 1), Reject(RejectCode.TOO_MANY_BIDS, BIDS_PER_SUPPLIER_MAX)),
    ("none to withdraw", lambda: an_open_sealed_lot().withdraw("s1"), Reject(RejectCode.ENVELOPE_UNKNOWN)),
    ("late to withdraw", lambda: a_closed_sealed_lot().withdraw("s1"), Reject(RejectCode.LOT_NOT_OPEN)),
    ("a second key", lambda: an_open_sealed_lot().key(), Reject(RejectCode.LOT_KEY_SET)),
    ("a key for open bids", lambda: an_english_lot().key(), Reject(RejectCode.LOT_NOT_SEALED)),
    ("a key for no lot", lambda: SealedRoom().key(), Reject(RejectCode.LOT_UNKNOWN, field="lot_id")),
    ("opened early", lambda: an_open_sealed_lot().open_all(), Reject(RejectCode.LOT_NOT_CLOSED)),
    ("opened in part", lambda: a_closed_sealed_lot().reveal_as([]), Reject(RejectCode.ENVELOPES_OTHER)),
    (
        "others opened",
        lambda: a_closed_sealed_lot().reveal_as([OpenedBid(1), OpenedBid(3)]),
        Reject(RejectCode.ENVELOPES_OTHER),
    ),
    ("nothing to retry", lambda: a_closed_sealed_lot().retry(), Reject(RejectCode.NOTHING_STUCK)),
    ("awarded early", lambda: a_closed_sealed_lot().award(1), Reject(RejectCode.BIDS_NOT_REVEALED)),
    ("paused", lambda: paused().seal("s1", 1, OPEN + 1), Reject(RejectCode.EVENT_PAUSED)),
    ("a key too late", lambda: cancelled().key(), Reject(RejectCode.EVENT_ENDED)),
    ("cancelled", lambda: cancelled().open_all(), Reject(RejectCode.EVENT_ENDED)),
]


def paused() -> SealedRoom:
    room = an_open_sealed_lot()
    room.pause(OPEN)
    return room


def cancelled() -> SealedRoom:
    room = a_sealed_draft()
    room.cancel()
    return room


@pytest.mark.parametrize("step,refusal", [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS])
def test_what_a_sealed_lot_refuses(step: Callable[[], Step], refusal: Reject) -> None:
    assert step() == refusal


def test_what_was_opened_stays_open() -> None:
    room = a_closed_sealed_lot()
    room.open_all()

    assert room.open_all() == room.report() == room.retry() == Reject(RejectCode.BIDS_REVEALED)


@pytest.mark.parametrize(
    "rules,field",
    [
        (LotRules(format=LotFormat.SEALED_FIRST_PRICE, tie_policy=TiePolicy.FORBID_ANY), "rules.tie_policy"),
        (LotRules(format=LotFormat.SEALED_FIRST_PRICE, max_step=100), "rules.max_step"),
        (LotRules(format=LotFormat.SEALED_SECOND_PRICE, buy_now_price=100), "rules.buy_now_price"),
        (LotRules(format=LotFormat.SEALED_SECOND_PRICE, step_bps=100), "rules.step_bps"),
    ],
)
def test_rules_of_open_bids_contradict_a_sealed_lot(rules: LotRules, field: str) -> None:
    room = AuctionRoom()
    room.create()

    assert room.add_lot(rules=rules) == Reject(RejectCode.RULES_CONTRADICT, 0, field)
