from decimal import Decimal

from msgspec import UNSET, convert

from exchange_client import shown
from exchange_client.book import Book, Level
from exchange_client.messages import Side
from exchange_client.scoring import AliasScore
from exchange_client.updates import (
    AliasPrice,
    BookUpdate,
    Instrument,
    LotState,
    OwnScore,
    OwnUpdate,
    Quotation,
    Trade,
)
from tests.client.naive_exchange import LOT

D = Decimal


def a_lot(**seen: object) -> LotState:
    """A lot with the optional fields that are given."""
    frame = {"channel": "lot:l-1", "epoch": 1, "offset": 0, "type": "lot", **LOT, **seen}
    return LotState.of(convert(frame, shown.Lot))


def test_an_instrument_tells_its_steps_as_prices() -> None:
    wire = shown.Instrument("i-1", "NE555P", "EUR", 2, 5, 10, 100, 9_000)

    assert Instrument.of(wire) == Instrument("i-1", "NE555P", "EUR", 2, D("0.05"), 10, D("1.00"), D("90.00"))


def test_a_book_update_tells_what_changed_and_the_whole() -> None:
    snapshot = shown.BookSnapshot("book:i-1", 1, 7, "EUR", 2, [(100, 3)], [(101, 4)], 0)
    book = Book(snapshot)

    assert BookUpdate.of(snapshot, book) == BookUpdate(
        book, [Level(D("1.00"), 3)], [Level(D("1.01"), 4)], snapshot=True, offset=7
    )
    delta = shown.BookDelta("book:i-1", 1, 8, 0, [(100, 0)], [], 0)
    assert BookUpdate.of(delta, book) == BookUpdate(book, [Level(D("1.00"), 0)], [], snapshot=False, offset=8)


def test_a_trade_tells_its_price() -> None:
    assert Trade.of(shown.Print(3, 125, 10, Side.SELL, 9), 2) == Trade(3, D("1.25"), 10, Side.SELL, 9)


def test_a_ticker_tells_nothing_where_there_is_nothing() -> None:
    empty = shown.Ticker("ticker:i-1", 1, 0, 0, 0, 0, 0, 0, 0, 0, 5)
    full = shown.Ticker("ticker:i-1", 1, 0, 99, 1, 101, 2, 100, 3, 40, 5)

    assert Quotation.of(empty, 2) == Quotation(None, 0, None, 0, None, 0, 0, 5)
    assert Quotation.of(full, 2) == Quotation(D("0.99"), 1, D("1.01"), 2, D("1.00"), 3, 40, 5)


def test_an_own_snapshot_tells_everything_open_and_every_balance() -> None:
    order = shown.OrderState("o-1", "i-1", Side.BUY, 5, 6, 7)
    account = shown.AccountState("wallet", "EUR", 8)

    update = OwnUpdate.of(shown.OwnSnapshot("own", 1, 0, [order], [account]))

    assert update == OwnUpdate([], [account], [order], snapshot=True, at_us=0)


def test_what_a_viewer_is_not_shown_of_a_lot_is_nothing() -> None:
    lot = a_lot()

    assert (lot.ceiling_price, lot.min_step, lot.tick) == (D("12.50"), D("0.10"), D("0.05"))
    hidden = (
        lot.own_price,
        lot.own_rank,
        lot.bid_max,
        lot.lead_price,
        lot.participants,
        lot.prices,
        lot.winner_id,
    )
    assert set(hidden) == {None}


def test_what_a_viewer_is_shown_of_a_lot_is_told_in_prices() -> None:
    lot = a_lot(
        own_price=1_200, own_rank=2, bid_max=1_190, participants=0, prices=[[1, 1_195]], awarded_alias=0
    )

    assert (lot.own_price, lot.own_rank, lot.bid_max) == (D("12.00"), 2, D("11.90"))
    assert (lot.participants, lot.prices, lot.awarded_alias) == (0, [AliasPrice(1, D("11.95"))], 0)
    assert UNSET not in (lot.lead_price, lot.own_alias, lot.buyer_id)


def test_a_scored_lot_tells_how_own_prices_compare() -> None:
    own = {"options": [2], "factor_ppm": 1_050_000, "addend": -150, "compared": 7_925}

    assert a_lot(price_scale=2).own_score is None
    assert a_lot(price_scale=2, own_score=own).own_score == OwnScore(
        (2,), (), D("1.05"), D("-1.50"), D("79.25")
    )
    assert a_lot(price_scale=2, own_score={}).own_score == OwnScore((), (), D(1), D(0), None)
    assert a_lot(scores=[[1, 810, [2], []]]).scores == [AliasScore(1, 810, (2,), ())]
