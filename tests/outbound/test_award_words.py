"""Mails name each amount with its currency, and each price with that of its bid."""

import pytest

from exchange.core.market.sourcing import SourcingEvent
from exchange.core.messages import CreateEvent, Side
from exchange.core.messages.awards import WonPart
from exchange.core.messages.lifecycles import AwardState
from exchange.core.messages.lot_sales import SaleState
from exchange.core.messages.shown import OwnAward, OwnInvitation
from exchange.core.messages.shown_awards import OwnPracticeAward, OwnSale, OwnStandstillEnded
from exchange.core.visibility.awards import Result
from exchange.outbound.award_words import own_words, result_words, standstill_words

DUE_US = 86_400_000_000
SOLD = 1_200, 100, Side.BUY, 130_000
BOUGHT = "100 at 12.00 USD; with tax and commission at most 1300.00 USD.\n"


@pytest.mark.parametrize(
    "told,words",
    [
        (OwnAward("l", "b", 7_900, 5, 39_500, "EUR", 2), "Awarded: 5 at 79.00 EUR, 395.00 EUR in all.\n"),
        (
            OwnPracticeAward("l", 7_900, 5, 43_450, "JPY", 2, "EUR"),
            "Awarded: 5 at 79.00 EUR, 43450 JPY in all.\n",
        ),
        (
            OwnSale("l", SaleState.WAITS, *SOLD, DUE_US, "", "USD", 2),
            f"You buy {BOUGHT}Pay from your wallet before 1970-01-02 at 00:00:00 UTC, or the award is no more.\n",
        ),
        (
            OwnSale("l", SaleState.PAID, *SOLD, 0, "c", "USD", 2),
            f"It is paid: you buy {BOUGHT}Your contract tells the terms.\n",
        ),
        (
            OwnSale("l", SaleState.DEFAULTED, *SOLD, 0, "", "USD", 2),
            "It was not paid in time: the award is no more.\n",
        ),
        (OwnStandstillEnded("l", AwardState.FINAL), "It is final now.\n"),
        (
            OwnStandstillEnded("l", AwardState.WITHDRAWN),
            "It was withdrawn: the lot may be awarded again.\n",
        ),
        (OwnInvitation("e"), ""),
    ],
)
def test_what_is_told_of_an_award_is_written_in_figures(told: object, words: str) -> None:
    assert own_words(told) == words


def test_a_result_says_the_own_rank_and_the_parts_that_it_has() -> None:
    drafted = CreateEvent(title="E", currency="USD", open_at_us=10, duration_us=1_000_000, price_scale=3)
    event = SourcingEvent.drafted("e", "b", "b", drafted)
    part = WonPart(0, "", 1_500, 4, 600)

    assert result_words(event, Result([part], 3, ["USD"])) == (
        "You ranked 3.\nAwarded: 4 at 1.500 USD, 6.00 USD in all.\n"
    )
    assert result_words(event, Result([part], 0, ["EUR"])) == "Awarded: 4 at 1.500 EUR, 6.00 USD in all.\n"
    assert result_words(event, Result([], 0, [])) == ""


def test_a_standstill_says_when_it_ends() -> None:
    assert "provisional until 1970-01-02 at 00:00:00 UTC" in standstill_words(DUE_US)
