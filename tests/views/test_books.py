"""Level 2 of one book: what stands, what a commit changed, what a ticker tells."""

import pytest

from exchange.core.messages import Side
from exchange.core.messages.shown import Print
from exchange.views.books import BookView, Quote
from exchange.views.limits import TRADES_KEPT

BUY, SELL = Side.BUY, Side.SELL


def a_book(*, watched: bool = False) -> BookView:
    """Three bids below two offers."""
    book = BookView("i")
    book.bids.update({97: 3, 99: 1, 98: 2})
    book.asks.update({102: 5, 101: 4})
    if watched:
        book.watch()
    return book


@pytest.mark.parametrize("watched", [False, True])
def test_levels_come_best_first_watched_or_not(watched: bool) -> None:
    book = a_book(watched=watched)

    assert book.levels(BUY, 2) == [(99, 1), (98, 2)]
    assert book.levels(SELL, 2) == [(101, 4), (102, 5)]
    assert book.levels(BUY, 9) == book.all_levels(BUY) == [(99, 1), (98, 2), (97, 3)]
    assert book.levels(SELL, 9) == book.all_levels(SELL) == [(101, 4), (102, 5)]
    assert book.levels(BUY, 0) == book.levels(SELL, 0) == []


@pytest.mark.parametrize("watched", [False, True])
def test_a_ticker_tells_best_prices_and_zero_where_there_is_none(watched: bool) -> None:
    book, empty = a_book(watched=watched), BookView("i")
    book.last_price, book.last_quantity, book.volume = 100, 2, 7

    assert book.quote() == Quote(99, 1, 101, 4, 100, 2, 7)
    assert empty.quote() == Quote(0, 0, 0, 0, 0, 0, 0)


def test_a_delta_holds_the_levels_that_are_not_as_they_were() -> None:
    book = a_book(watched=True)
    # 99 goes, 98 grows, 97 shrinks and grows back, 96 comes; 95 came and went.
    book.changed_bids.update({99: 1, 98: 2, 97: 3, 96: 0, 95: 0})
    del book.bids[99]
    book.bids.update({98: 9, 96: 6})

    book.settle()

    assert book.delta(BUY) == [(99, 0), (98, 9), (96, 6)]
    assert book.delta(SELL) == []
    assert book.levels(BUY, 9) == [(98, 9), (97, 3), (96, 6)]


def test_the_next_commit_begins_without_changes() -> None:
    book = a_book(watched=True)
    book.changed_bids[99] = 7
    book.fresh.append(Print(1, 100, 2, BUY, 0))

    book.forget_changes()

    assert book.delta(BUY) == []
    assert book.fresh == []


def test_prices_are_sorted_again_for_whoever_comes_back() -> None:
    book = a_book(watched=True)
    book.watch()
    book.unwatch()
    assert book.levels(BUY, 1) == [(99, 1)]
    book.unwatch()

    book.bids[100] = 8
    book.watch()

    assert book.levels(BUY, 1) == [(100, 8)]


def test_only_so_many_trades_are_kept() -> None:
    book = BookView("i")

    book.trades.extend(Print(number, 100, 1, BUY, 0) for number in range(TRADES_KEPT + 5))

    assert [trade.trade_number for trade in book.trades] == list(range(5, TRADES_KEPT + 5))
