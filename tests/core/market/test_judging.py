"""Two envelopes: technical offers first, and the prices of those that passed."""

from collections.abc import Callable

import pytest

from exchange.core.market.lots.envelopes import Opening
from exchange.core.messages.lot_rules import LotRules
from exchange.core.messages.sealed import (
    BidsRevealed,
    BidVoided,
    TechnicalJudged,
    TechnicalOpened,
    TechnicalRevealed,
    VoidReason,
)
from exchange.core.messages.sourcing import BidSubmitted
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.room import CLOSE, OPEN, AuctionRoom, Step
from tests.core.market.sealed_room import DOCUMENT, TWO, SealedRoom, an_open_sealed_lot


def a_closed_lot(*bidders: str) -> SealedRoom:
    """s1 at 900, s2 at 800 and so on, each with a technical offer."""
    room = an_open_sealed_lot(TWO)
    for number, bidder in enumerate(bidders or ("s1", "s2", "s3"), 1):
        room.hand_in_two(bidder, 1_000 - 100 * number, at_us=OPEN + number)
    room.pass_to(CLOSE)
    return room


def test_prices_are_opened_only_of_those_that_passed_and_under_their_aliases() -> None:
    room = a_closed_lot()

    opened = room.open_technical()
    early = room.open_all()
    verdicts = [room.judge(alias, passed=alias != 2) for alias in (3, 1, 2)]
    room.reload()
    revealed = room.open_all()

    assert opened == [
        *(TechnicalOpened("lot-1", f"s{alias}", alias, [DOCUMENT], None) for alias in (1, 2, 3)),
        TechnicalRevealed("lot-1", 3),
    ]
    assert early == Reject(RejectCode.ENVELOPES_OTHER)
    assert verdicts == [
        [TechnicalJudged("lot-1", "s3", 3, True, "As asked")],
        [TechnicalJudged("lot-1", "s1", 1, True, "As asked")],
        [
            TechnicalJudged("lot-1", "s2", 2, False, "As asked"),
            BidVoided("lot-1", "s2", 2, VoidReason.TECHNICAL_FAILED),
        ],
    ]
    assert revealed == [
        BidSubmitted("lot-1", "s1", 900, 1, 1, OPEN + 1),
        BidSubmitted("lot-1", "s3", 700, 3, 2, OPEN + 3),
        BidsRevealed("lot-1", 2, 1),
    ]
    assert room.award(2) == Reject(RejectCode.BID_REVOKED, 0, "alias")
    assert isinstance(room.award(3), list)


def test_what_cannot_be_read_has_failed_without_a_verdict() -> None:
    room = a_closed_lot()

    opened = room.open_technical("s1")

    assert isinstance(opened, list)
    assert opened[0] == TechnicalOpened("lot-1", "s1", 1, [], VoidReason.UNREADABLE)
    assert room.judge(1, passed=True) == Reject(RejectCode.NOTHING_TO_JUDGE, field="alias")
    room.judge(2, passed=True)
    last = room.judge(3, passed=True)
    assert isinstance(last, list)
    assert last[1:] == [BidVoided("lot-1", "s1", 1, VoidReason.UNREADABLE)]


@pytest.mark.parametrize("readable", [True, False])
def test_where_nobody_passes_no_price_is_opened(readable: bool) -> None:
    room = a_closed_lot("s1")

    last = room.open_technical() if readable else room.open_technical("s1")
    if readable:
        last = room.judge(1, passed=False)

    assert isinstance(last, list)
    assert last[-1] == BidsRevealed("lot-1", 0, 1)
    assert room.sealed().is_open
    assert isinstance(room.award(0), list)


def test_a_missing_key_is_found_again_at_either_stage() -> None:
    room = a_closed_lot("s1")
    assert isinstance(room.report(), list)
    room.retry()
    assert room.sealed().opening is Opening.TECHNICAL
    room.open_technical()
    assert room.report() == Reject(RejectCode.ENVELOPES_OTHER)
    room.judge(1, passed=True)
    assert isinstance(room.report(), list)
    room.retry()

    assert room.sealed().opening is Opening.DUE
    assert isinstance(room.open_all(), list)


def judging() -> SealedRoom:
    room = a_closed_lot()
    room.open_technical()
    return room


REFUSALS: list[tuple[str, Callable[[], Step], Reject]] = [
    (
        "no technical envelope",
        lambda: an_open_sealed_lot(TWO).seal("s1", 1),
        Reject(RejectCode.RULES_CONTRADICT, field="technical"),
    ),
    (
        "a technical envelope too many",
        lambda: an_open_sealed_lot().hand_in_two("s1", 1),
        Reject(RejectCode.RULES_CONTRADICT, field="technical"),
    ),
    ("opened early", lambda: an_open_sealed_lot(TWO).open_technical(), Reject(RejectCode.LOT_NOT_CLOSED)),
    ("opened twice", lambda: judging().open_technical(), Reject(RejectCode.ENVELOPES_OTHER)),
    ("prices first", lambda: a_closed_lot().open_all(), Reject(RejectCode.ENVELOPES_OTHER)),
    ("not open", lambda: a_closed_lot().judge(1, passed=True), Reject(RejectCode.NOTHING_TO_JUDGE)),
    ("nobody", lambda: judging().judge(4, passed=True), Reject(RejectCode.ALIAS_UNKNOWN, 3, "alias")),
    (
        "not its buyer",
        lambda: judging().judge(1, passed=True, actor_id="s1"),
        Reject(RejectCode.LOT_UNKNOWN, field="lot_id"),
    ),
    ("awarded early", lambda: judging().award(1), Reject(RejectCode.BIDS_NOT_REVEALED)),
]


@pytest.mark.parametrize("step,refusal", [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS])
def test_what_is_refused(step: Callable[[], Step], refusal: Reject) -> None:
    assert step() == refusal


def test_open_bids_have_one_envelope_only() -> None:
    room = AuctionRoom()
    room.create()

    refused = room.add_lot(rules=LotRules(two_envelopes=True))

    assert refused == Reject(RejectCode.RULES_CONTRADICT, 0, "rules.two_envelopes")
