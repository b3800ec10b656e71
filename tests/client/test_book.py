from decimal import Decimal
from zlib import crc32

from hypothesis import given
from hypothesis import strategies as st

from exchange_client import shown
from exchange_client.book import Book, Level
from exchange_client.messages import Side

LEVELS = st.lists(st.tuples(st.integers(1, 20), st.integers(0, 5)), max_size=8)


def a_book(bids: list[shown.Level] | None = None, asks: list[shown.Level] | None = None) -> Book:
    return Book(shown.BookSnapshot("book:i-1", 1, 0, "EUR", 2, bids or [], asks or [], 0))


def a_delta(bids: list[shown.Level] | None = None, asks: list[shown.Level] | None = None) -> shown.BookDelta:
    return shown.BookDelta("book:i-1", 1, 1, 0, bids or [], asks or [], 0)


def test_sides_are_shown_best_first_in_the_scale_of_the_book() -> None:
    book = a_book(bids=[(1_250, 3), (1_200, 1)], asks=[(1_300, 2), (1_350, 4)])

    assert book.bids() == [Level(Decimal("12.50"), 3), Level(Decimal("12.00"), 1)]
    assert book.asks(1) == [Level(Decimal("13.00"), 2)]
    assert book.bids(0) == []


def test_a_quantity_of_zero_removes_the_level() -> None:
    book = a_book(bids=[(1_250, 3), (1_200, 1)])

    book.apply(a_delta(bids=[(1_250, 0), (1_240, 7), (999, 0)]))

    assert book.top(Side.BUY) == [(1_240, 7), (1_200, 1)]


def test_the_checksum_is_over_the_top_ten_of_both_sides() -> None:
    book = a_book(bids=[(price, 1) for price in range(1, 13)], asks=[(20, 2), (21, 3)])
    text = "12:1,11:1,10:1,9:1,8:1,7:1,6:1,5:1,4:1,3:1,20:2,21:3"

    assert book.matches(crc32(text.encode("ascii")))
    assert not book.matches(0)


@given(LEVELS, st.lists(st.tuples(LEVELS, LEVELS)))
def test_a_book_is_what_a_dict_of_levels_would_be(
    first: list[shown.Level], changes: list[tuple[list[shown.Level], list[shown.Level]]]
) -> None:
    bids = {price: quantity for price, quantity in first if quantity}
    asks: dict[int, int] = {}
    book = a_book(bids=list(bids.items()))

    for new_bids, new_asks in changes:
        book.apply(a_delta(new_bids, new_asks))
        bids = {price: quantity for price, quantity in (bids | dict(new_bids)).items() if quantity}
        asks = {price: quantity for price, quantity in (asks | dict(new_asks)).items() if quantity}

    assert book.top(Side.BUY, 99) == sorted(bids.items(), reverse=True)
    assert book.top(Side.SELL, 99) == sorted(asks.items())
