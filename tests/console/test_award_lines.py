"""What a watcher is told of awards: a sentence with amounts and currencies, and the same as fields."""

import pytest

from exchange.console.award_lines import AwardNews, fields, line
from exchange_client.lot_sales import SaleState
from exchange_client.messages import Side
from exchange_client.own_awards import AwardState, OwnDefault, OwnPracticeAward, OwnSale, OwnStandstillEnded
from exchange_client.shown import OwnAward

WON = "L", "b", 7_900, 500, 3_950_000, "EUR", 2
LINES: list[tuple[AwardNews, str]] = [
    (OwnAward(*WON), "Oak: awarded, 500 at 79.00 EUR, 39500.00 EUR in all"),
    (OwnAward(*WON, "USD", True), "Oak: awarded provisionally, 500 at 79.00 USD, 39500.00 EUR in all"),
    (
        OwnPracticeAward("L", 7_900, 5, 395, "JPY", 2),
        "Oak: would have been awarded, 5 at 79.00 JPY, 395 JPY in all",
    ),
    (
        OwnSale("L", SaleState.WAITS, 1_200, 100, Side.BUY, 130_000, 1_000_000, "", "USD", 2),
        "Oak: payment waits until 1970-01-01T00:00:01.000000Z, 1300.00 USD",
    ),
    (
        OwnSale("L", SaleState.PAID, 1_200, 100, Side.BUY, 130_000, 0, "c", "USD", 2),
        "Oak: payment paid, 1300.00 USD",
    ),
    (OwnStandstillEnded("L", AwardState.FINAL), "Oak: its award is final"),
    (OwnDefault("L", "No delivery"), "Oak: its award was taken back (No delivery)"),
]


@pytest.mark.parametrize("news,said", LINES)
def test_news_of_an_award_is_a_sentence_about_its_lot(news: AwardNews, said: str) -> None:
    assert line(news, "Oak") == said


def test_programs_are_told_decimals_and_instants() -> None:
    assert fields(LINES[0][0]) == {
        "type": "lot_awarded", "lot_id": "L", "counterparty_id": "b", "price": "79.00", "quantity": 500,
        "amount": "39500.00", "currency": "EUR", "bid_currency": "", "provisional": False,
    }  # fmt: skip
    assert fields(LINES[3][0]) == {
        "type": "lot_sale_moved", "lot_id": "L", "state": "waits", "price": "12.00", "quantity": 100,
        "side": "buy", "amount": "1300.00", "due": "1970-01-01T00:00:01.000000Z", "contract_id": "",
        "currency": "USD",
    }  # fmt: skip
    assert fields(LINES[4][0])["due"] == ""
    assert fields(LINES[5][0]) == {"type": "standstill_ended", "lot_id": "L", "state": "final"}
