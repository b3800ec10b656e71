"""What an award tells whom on their own channels: parts with their currency, payments, and the end of a standstill."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.core.market.lots.currencies import Currencies
from exchange.core.market.sourcing import Lot, SourcingEvent
from exchange.core.messages import AddLot, CreateEvent, Event, Side
from exchange.core.messages.awards import LotSplit, SuccessFeeCharged, SuccessFeeReturned, WonPart
from exchange.core.messages.currencies import BidCurrency
from exchange.core.messages.ledger import Payer
from exchange.core.messages.lifecycles import AwardState
from exchange.core.messages.lot_rules import EventRules, LotDirection
from exchange.core.messages.lot_sales import LotSaleMoved, SaleState
from exchange.core.messages.practice import PracticeAwarded
from exchange.core.messages.shown import OwnAward
from exchange.core.messages.shown_awards import OwnPracticeAward, OwnSale, OwnStandstillEnded, OwnSuccessFee
from exchange.core.messages.sourcing import LotAwarded
from exchange.core.messages.standstill import AwardMoved
from exchange.core.visibility.award_news import AWARD_EVENTS, award_news

USD = ("USD", 3)
"""What names the figures of a bid in the event's currency: that, and the decimals of prices."""


def a_lot(standstill_us: int = 0) -> tuple[SourcingEvent, Lot]:
    """Of buyer b, in dollars with three decimals; w, v and x have bid for it, v in euros."""
    drafted = CreateEvent(
        title="E", currency="USD", open_at_us=10, duration_us=1_000_000_000, price_scale=3,
        rules=EventRules(standstill_us=standstill_us),
    )  # fmt: skip
    sourcing = SourcingEvent.drafted("e", "b", "b", drafted)
    asked = AddLot(event_id="e", title="L", quantity=10, ceiling_price=100, min_step=1, tick=1)
    lot = Lot.drafted("l", asked, LotDirection.REVERSE)
    sourcing.lots.append(lot)
    sourcing.currencies = Currencies([BidCurrency("EUR", 1_100_000_000)], {"v": "EUR"})
    for member_id, price in (("w", 90), ("v", 95), ("x", 97)):
        lot.board.submit(member_id, price)
    return sourcing, lot


W, V = WonPart(1, "w", 90, 6, 540), WonPart(2, "v", 95, 4, 418)
SALE = "l", "e", "s", "w", 1
TOLD: list[tuple[Event, list[tuple[str, object]]]] = [
    (
        LotAwarded("l", "e", "b", "w", 1, 90, 10, 900),
        [("b", OwnAward("l", "w", 90, 10, 900, *USD)), ("w", OwnAward("l", "b", 90, 10, 900, *USD))],
    ),
    (LotAwarded("l", "e", "", "w", 1, 90, 10, 900), [("w", OwnAward("l", "", 90, 10, 900, *USD))]),
    (LotAwarded("l", "e", "b", "", 0, 0, 10, 0), []),
    (
        LotSplit("l", "e", "b", (W, V), "why"),
        [
            ("b", OwnAward("l", "w", 90, 6, 540, *USD)),
            ("w", OwnAward("l", "b", 90, 6, 540, *USD)),
            ("b", OwnAward("l", "v", 95, 4, 418, *USD, "EUR")),
            ("v", OwnAward("l", "b", 95, 4, 418, *USD, "EUR")),
        ],
    ),
    (
        PracticeAwarded("l", "e", 1, (W, V), ""),
        [
            ("w", OwnPracticeAward("l", 90, 6, 540, *USD)),
            ("v", OwnPracticeAward("l", 95, 4, 418, *USD, "EUR")),
        ],
    ),
    (
        LotSaleMoved(*SALE, SaleState.WAITS, 90, 10, 900, 1_000, 77, ""),
        [
            ("w", OwnSale("l", SaleState.WAITS, 90, 10, Side.BUY, 1_000, 77, "", *USD)),
            ("s", OwnSale("l", SaleState.WAITS, 90, 10, Side.SELL, 900, 77, "", *USD)),
        ],
    ),
    (
        LotSaleMoved(*SALE, SaleState.PAID, 90, 10, 900, 1_000, 0, "c"),
        [
            ("w", OwnSale("l", SaleState.PAID, 90, 10, Side.BUY, 1_000, 0, "c", *USD)),
            ("s", OwnSale("l", SaleState.PAID, 90, 10, Side.SELL, 900, 0, "l", *USD)),
        ],
    ),
    (SuccessFeeCharged("l", "m", Payer.SELLER, 2, 900, 9, 1), [("m", OwnSuccessFee("l", 9, 1, False, "USD"))]),
    (SuccessFeeReturned("l", "m", 9, 1), [("m", OwnSuccessFee("l", 9, 1, True, "USD"))]),
]  # fmt: skip


@pytest.mark.parametrize("state", [AwardState.FINAL, AwardState.WITHDRAWN])
def test_all_who_bid_and_the_buyer_are_told_how_a_standstill_ended(state: AwardState) -> None:
    told = award_news(AwardMoved("l", "e", state, 7), *a_lot())

    assert list(told) == [(each, OwnStandstillEnded("l", state)) for each in "bwvx"]


@pytest.mark.parametrize("state", [AwardState.PROVISIONAL, AwardState.CONTESTED])
def test_nobody_is_told_what_could_tell_of_a_complaint(state: AwardState) -> None:
    assert not award_news(AwardMoved("l", "e", state, 7), *a_lot())


@pytest.mark.parametrize("event,told", TOLD)
def test_whom_an_award_concerns_is_told_its_own_side(event: Event, told: list[tuple[str, object]]) -> None:
    assert list(award_news(event, *a_lot())) == told


def test_every_event_of_awards_has_its_case() -> None:
    assert {type(event) for event, _ in TOLD} | {AwardMoved} == AWARD_EVENTS


def test_an_award_before_a_standstill_is_told_as_provisional() -> None:
    award = LotAwarded("l", "e", "b", "w", 1, 90, 10, 900)

    assert [news.provisional for _, news in award_news(award, *a_lot(9)) if isinstance(news, OwnAward)] == [
        True,
        True,
    ]


who = st.sampled_from(["member-A", "member-B", "member-C", "member-D"])
PARTS = st.lists(st.builds(WonPart, st.just(1), who, st.just(2), st.just(3), st.just(6)), max_size=3).map(
    tuple
)
EVENTS: st.SearchStrategy[Any] = st.one_of(
    st.builds(PracticeAwarded, st.just("l"), st.just("e"), st.just(1), PARTS, st.just("")),
    st.builds(
        LotSaleMoved, st.just("l"), st.just("e"), who, who, st.just(1), st.sampled_from(SaleState), st.just(2),
        st.just(3), st.just(6), st.just(7), st.just(0), st.just(""),
    ),
    st.builds(SuccessFeeReturned, st.just("l"), who, st.just(6), st.just(1)),
    st.builds(AwardMoved, st.just("l"), st.just("e"), st.sampled_from(AwardState), st.just(7)),
)  # fmt: skip


@given(EVENTS)
def test_only_an_award_in_earnest_names_anybody(event: Any) -> None:
    for _, news in award_news(event, *a_lot()):
        assert b"member-" not in msgspec.json.encode(news)
