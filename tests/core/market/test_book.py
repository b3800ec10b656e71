"""The rules of the continuous book, one case each."""

from collections.abc import Callable

import pytest

from exchange.core.limits import FOK_MAKERS_MAX
from exchange.core.market.book import Book
from exchange.core.market.ladder import Register
from exchange.core.messages.orders import (
    CancelCause,
    OrderAmended,
    OrderCancelled,
    OrderPlaced,
    OrderRested,
    SelfTradePrevented,
    Traded,
)
from exchange.core.rejects import Reject, RejectCode
from tests.core.market.trading import BUY, FOK, GTC, IOC, PART, SELL, Step, Trading, made


def a_coarse_market() -> Trading:
    """Ticks of 5 from 15 to 100, lots of 10; Ann sells 20 at 60 and 10 at 70, Bob buys 20 at 40."""
    market = Trading(tick=5, lot_multiple=10, price_min=12, price_max=103)
    market.sell("Ann", 60, 20)
    market.sell("Ann", 70, 10)
    market.buy("Bob", 40, 20)
    return market


# --- what is taken


def test_an_order_that_meets_nobody_rests() -> None:
    market = Trading()

    assert market.buy("Ann", 50, 7) == [
        OrderPlaced("o1", "Ann", PART, BUY, 50, 7, GTC, False),
        OrderRested("o1", "Ann", PART, BUY, 50, 7),
    ]
    assert (market.book.best_bid, market.book.best_ask) == (50, 0)


def test_a_trade_fills_the_smaller_order_and_tells_what_is_left_of_both() -> None:
    market = Trading()
    market.sell("Ann", 50, 7)

    assert market.buy("Bob", 50, 10) == [
        OrderPlaced("o2", "Bob", PART, BUY, 50, 10, GTC, False),
        Traded(PART, 1, 50, 7, BUY, "o1", "o2", "Ann", "Bob", 0, 3),
        OrderRested("o2", "Bob", PART, BUY, 50, 3),
    ]
    assert (market.levels(BUY), market.levels(SELL)) == ([(50, 3, 1)], [])


def test_better_prices_are_met_before_older_orders() -> None:
    market = Trading()
    market.buy("Ann", 48, 5)
    market.buy("Bob", 50, 5)
    market.buy("Cyd", 49, 5)

    trades = [event for event in made(market.sell("Dan", 48, 12)) if isinstance(event, Traded)]

    assert [(each.maker_member_id, each.price, each.quantity) for each in trades] == [
        ("Bob", 50, 5),
        ("Cyd", 49, 5),
        ("Ann", 48, 2),
    ]


def test_an_order_stops_at_its_own_price() -> None:
    market = Trading()
    market.sell("Ann", 50, 5)
    market.sell("Ann", 52, 5)

    market.buy("Bob", 51, 8)

    assert market.levels(SELL) == [(52, 5, 1)]
    assert market.levels(BUY) == [(51, 3, 1)]


def test_an_ioc_order_that_meets_nobody_is_cancelled_whole() -> None:
    assert Trading().buy("Ann", 50, 7, IOC) == [
        OrderPlaced("o1", "Ann", PART, BUY, 50, 7, IOC, False),
        OrderCancelled("o1", "Ann", PART, BUY, 50, 7, False, CancelCause.REMAINDER),
    ]


def test_an_ioc_order_that_is_filled_has_no_remainder() -> None:
    market = Trading()
    market.sell("Ann", 50, 7)

    assert market.buy("Bob", 55, 7, IOC) == [
        OrderPlaced("o2", "Bob", PART, BUY, 55, 7, IOC, False),
        Traded(PART, 1, 50, 7, BUY, "o1", "o2", "Ann", "Bob", 0, 0),
    ]


def test_a_fok_order_trades_whole_over_several_levels() -> None:
    market = Trading()
    market.sell("Ann", 50, 4)
    market.sell("Bob", 51, 4)

    assert market.buy("Cyd", 51, 6, FOK) == [
        OrderPlaced("o3", "Cyd", PART, BUY, 51, 6, FOK, False),
        Traded(PART, 1, 50, 4, BUY, "o1", "o3", "Ann", "Cyd", 0, 2),
        Traded(PART, 2, 51, 2, BUY, "o2", "o3", "Bob", "Cyd", 2, 0),
    ]


def test_a_fok_order_behind_which_an_own_order_stands_trades() -> None:
    market = Trading()
    market.sell("Ann", 50, 4)
    market.sell("Bob", 50, 4)

    assert len(made(market.buy("Bob", 50, 4, FOK))) == 2


def test_a_post_only_order_rests_a_tick_behind_the_best_opposite_price() -> None:
    market = Trading()
    market.sell("Ann", 50, 4)

    market.buy("Bob", 49, 4, post_only=True)

    assert market.book.best_bid == 49


def test_a_cancel_takes_away_what_is_open() -> None:
    market = Trading()
    market.sell("Ann", 50, 7)
    market.buy("Bob", 50, 2)

    assert market.cancel("Ann", "o1") == [
        OrderCancelled("o1", "Ann", PART, SELL, 50, 5, True, CancelCause.REQUESTED)
    ]
    assert market.levels(SELL) == []


def test_an_order_counts_what_it_filled() -> None:
    market = Trading()
    market.sell("Ann", 50, 7)
    order = market.resting("o1")
    market.buy("Bob", 50, 2)
    assert (order.filled, order.open, order.quantity) == (2, 5, 7)

    market.cancel("Ann", "o1")

    assert (order.filled, order.open, order.quantity) == (2, 0, 2)


def test_levels_tell_price_quantity_and_orders_of_the_best_ones() -> None:
    market = Trading()
    for price, quantity in ((50, 5), (52, 1), (50, 2), (51, 3)):
        market.sell("Ann", price, quantity)
        market.buy("Bob", price - 10, quantity)

    assert list(market.book.levels(SELL, 2)) == [(50, 7, 2), (51, 3, 1)]
    assert list(market.book.levels(BUY, 2)) == [(42, 1, 1), (41, 3, 1)]
    assert list(market.book.levels(BUY, 0)) == []


# --- what is refused


@pytest.mark.parametrize(
    "send, expected",
    [
        (lambda m: m.buy("Cyd", 8, 7, IOC, post_only=True), (RejectCode.QUANTITY_OFF_LOT, 10, "quantity")),
        (lambda m: m.sell("Cyd", 60, 15), (RejectCode.QUANTITY_OFF_LOT, 10, "quantity")),
        (lambda m: m.buy("Cyd", 8, 10, IOC, post_only=True), (RejectCode.PRICE_OFF_TICK, 5, "price")),
        (lambda m: m.buy("Cyd", 199, 10), (RejectCode.PRICE_OFF_TICK, 5, "price")),
        (lambda m: m.buy("Cyd", 10, 10, IOC, post_only=True), (RejectCode.PRICE_BELOW_BAND, 15, "price")),
        (lambda m: m.sell("Cyd", 105, 10, IOC, post_only=True), (RejectCode.PRICE_ABOVE_BAND, 100, "price")),
        (lambda m: m.buy("Cyd", 60, 10, IOC, post_only=True), (RejectCode.POST_ONLY_NOT_RESTING, 0, "post_only")),
        (lambda m: m.buy("Cyd", 60, 90, FOK, post_only=True), (RejectCode.POST_ONLY_NOT_RESTING, 0, "post_only")),
        (lambda m: m.buy("Cyd", 60, 10, post_only=True), (RejectCode.WOULD_TRADE, 60, "price")),
        (lambda m: m.sell("Cyd", 15, 10, post_only=True), (RejectCode.WOULD_TRADE, 40, "price")),
        (lambda m: m.buy("Ann", 65, 10, post_only=True), (RejectCode.WOULD_TRADE, 60, "price")),
        (lambda m: m.buy("Cyd", 55, 10, FOK), (RejectCode.NOT_FILLABLE, 0, "quantity")),
        (lambda m: m.buy("Cyd", 65, 30, FOK), (RejectCode.NOT_FILLABLE, 20, "quantity")),
        (lambda m: m.buy("Cyd", 70, 40, FOK), (RejectCode.NOT_FILLABLE, 30, "quantity")),
        (lambda m: m.sell("Cyd", 40, 30, FOK), (RejectCode.NOT_FILLABLE, 20, "quantity")),
        (lambda m: m.buy("Ann", 70, 10, FOK), (RejectCode.NOT_FILLABLE, 0, "quantity")),
    ],
)  # fmt: skip
def test_an_order_is_refused_for_the_first_of_its_faults(
    send: Callable[[Trading], Step], expected: tuple[RejectCode, int, str]
) -> None:
    market = a_coarse_market()
    before = market.books.dump()

    assert send(market) == Reject(*expected)
    assert market.books.dump() == before


@pytest.mark.parametrize("price", [15, 100])
def test_both_ends_of_the_band_are_admissible(price: int) -> None:
    made(a_coarse_market().order(BUY if price < 50 else SELL, "Cyd", price, 10))


def test_a_fok_order_that_would_meet_an_own_order_before_it_is_complete_is_refused() -> None:
    market = Trading()
    market.sell("Ann", 50, 4)
    market.sell("Bob", 50, 4)
    market.sell("Cyd", 50, 4)

    assert market.buy("Bob", 50, 8, FOK) == Reject(RejectCode.NOT_FILLABLE, 4, "quantity")


def test_a_fill_or_kill_order_counts_on_no_more_makers_than_the_bound() -> None:
    market = Trading()
    for _ in range(FOK_MAKERS_MAX + 1):
        market.sell("Ann", 50, 1)

    assert market.buy("Bob", 50, FOK_MAKERS_MAX + 1, FOK) == Reject(
        RejectCode.NOT_FILLABLE, FOK_MAKERS_MAX, "quantity"
    )
    filled = market.buy("Bob", 50, FOK_MAKERS_MAX, FOK)
    assert isinstance(filled, list) and len(filled) == 1 + FOK_MAKERS_MAX


def test_a_band_without_a_price_on_the_tick_never_gets_a_book() -> None:
    with pytest.raises(AssertionError, match="band"):
        Book(PART, 5, 1, 11, 14, Register())


# --- own orders


def test_orders_of_one_owner_shrink_both_and_the_rest_goes_on_matching() -> None:
    market = Trading(owners={"Ann": "group", "Bob": "group"})
    market.sell("Ann", 50, 4)
    market.sell("Cyd", 50, 3)

    assert market.buy("Bob", 52, 9) == [
        OrderPlaced("o3", "Bob", PART, BUY, 52, 9, GTC, False),
        SelfTradePrevented(PART, 50, 4, BUY, "o1", "o3", "Ann", "Bob", 0, 5),
        Traded(PART, 1, 50, 3, BUY, "o2", "o3", "Cyd", "Bob", 0, 2),
        OrderRested("o3", "Bob", PART, BUY, 52, 2),
    ]
    assert list(market.books.orders) == ["o3"]


def test_an_own_order_that_is_larger_stays_where_it_stands() -> None:
    market = Trading()
    market.sell("Ann", 50, 9)
    market.sell("Bob", 50, 1)

    assert market.buy("Ann", 50, 4) == [
        OrderPlaced("o3", "Ann", PART, BUY, 50, 4, GTC, False),
        SelfTradePrevented(PART, 50, 4, BUY, "o1", "o3", "Ann", "Ann", 5, 0),
    ]
    maker = market.resting("o1")
    assert (maker.quantity, maker.filled, maker.open) == (5, 0, 5)
    assert made(market.buy("Cyd", 50, 1))[1] == Traded(PART, 1, 50, 1, BUY, "o1", "o4", "Ann", "Cyd", 4, 0)


def test_what_is_left_of_an_ioc_order_after_meeting_itself_is_cancelled() -> None:
    market = Trading()
    market.sell("Ann", 50, 4)

    assert made(market.buy("Ann", 50, 6, IOC))[1:] == [
        SelfTradePrevented(PART, 50, 4, BUY, "o1", "o2", "Ann", "Ann", 0, 2),
        OrderCancelled("o2", "Ann", PART, BUY, 50, 2, False, CancelCause.REMAINDER),
    ]


# --- amend


def a_queue() -> Trading:
    """Ann sells 10, of which 4 are filled, then Bob 10, both at 50; Cyd buys 5 at 45."""
    market = Trading()
    market.sell("Ann", 50, 10)
    market.sell("Bob", 50, 10)
    market.buy("Cyd", 45, 5)
    market.buy("Dan", 50, 4, IOC)
    return market


def next_maker(market: Trading) -> str:
    trade = made(market.buy("Eve", 1_000, 1, IOC))[1]
    assert isinstance(trade, Traded)
    return trade.maker_member_id


def test_less_quantity_at_the_same_price_keeps_the_place() -> None:
    market = a_queue()

    assert market.amend("Ann", "o1", quantity=7) == [
        OrderAmended("o1", "Ann", PART, SELL, 50, 6, 50, 7, 3, True)
    ]
    assert market.levels(SELL) == [(50, 13, 2)]
    assert next_maker(market) == "Ann"


def test_more_quantity_loses_the_place() -> None:
    market = a_queue()

    assert market.amend("Ann", "o1", quantity=11) == [
        OrderAmended("o1", "Ann", PART, SELL, 50, 6, 50, 11, 7, False),
        OrderRested("o1", "Ann", PART, SELL, 50, 7),
    ]
    assert next_maker(market) == "Bob"


def test_another_price_loses_the_place_even_with_less_quantity() -> None:
    market = a_queue()

    assert market.amend("Ann", "o1", price=51, quantity=5) == [
        OrderAmended("o1", "Ann", PART, SELL, 50, 6, 51, 5, 1, False),
        OrderRested("o1", "Ann", PART, SELL, 51, 1),
    ]
    assert market.levels(SELL) == [(50, 10, 1), (51, 1, 1)]


def test_a_price_that_crosses_matches_under_the_same_id_and_keeps_what_was_filled() -> None:
    market = a_queue()
    order = market.resting("o1")

    assert market.amend("Ann", "o1", price=45) == [
        OrderAmended("o1", "Ann", PART, SELL, 50, 6, 45, 10, 6, False),
        Traded(PART, 2, 45, 5, SELL, "o3", "o1", "Cyd", "Ann", 0, 1),
        OrderRested("o1", "Ann", PART, SELL, 45, 1),
    ]
    assert market.resting("o1") is order
    assert (order.filled, order.open) == (9, 1)


def test_an_amended_order_that_trades_whole_is_gone() -> None:
    market = a_queue()

    assert market.amend("Ann", "o1", price=45, quantity=9) == [
        OrderAmended("o1", "Ann", PART, SELL, 50, 6, 45, 9, 5, False),
        Traded(PART, 2, 45, 5, SELL, "o3", "o1", "Cyd", "Ann", 0, 0),
    ]
    assert market.cancel("Ann", "o1") == Reject(RejectCode.ORDER_UNKNOWN)


@pytest.mark.parametrize("total", [4, 3])
def test_at_or_below_what_is_filled_cancels_the_rest(total: int) -> None:
    market = a_queue()

    assert market.amend("Ann", "o1", price=45, quantity=total) == [
        OrderCancelled("o1", "Ann", PART, SELL, 50, 6, True, CancelCause.AMENDED)
    ]
    assert market.levels(SELL) == [(50, 10, 1)]


def test_an_amended_price_that_meets_an_own_order_shrinks_both() -> None:
    market = Trading()
    market.buy("Ann", 45, 5)
    market.sell("Ann", 50, 8)

    assert market.amend("Ann", "o2", price=45) == [
        OrderAmended("o2", "Ann", PART, SELL, 50, 8, 45, 8, 8, False),
        SelfTradePrevented(PART, 45, 5, SELL, "o1", "o2", "Ann", "Ann", 0, 3),
        OrderRested("o2", "Ann", PART, SELL, 45, 3),
    ]
    assert (market.resting("o2").quantity, market.resting("o2").filled) == (3, 0)


@pytest.mark.parametrize(
    "price, quantity, expected",
    [
        (0, 0, (RejectCode.NOTHING_TO_CHANGE, 0, "")),
        (60, 20, (RejectCode.NOTHING_TO_CHANGE, 0, "")),
        (61, 11, (RejectCode.QUANTITY_OFF_LOT, 10, "quantity")),
        (0, 5, (RejectCode.QUANTITY_OFF_LOT, 10, "quantity")),
        (8, 0, (RejectCode.PRICE_OFF_TICK, 5, "price")),
        (10, 30, (RejectCode.PRICE_BELOW_BAND, 15, "price")),
        (105, 30, (RejectCode.PRICE_ABOVE_BAND, 100, "price")),
    ],
)
def test_an_amendment_is_refused_for_the_first_of_its_faults(
    price: int, quantity: int, expected: tuple[RejectCode, int, str]
) -> None:
    market = a_coarse_market()
    before = market.books.dump()

    assert market.amend("Ann", "o1", price, quantity) == Reject(*expected)
    assert market.books.dump() == before


def test_a_post_only_order_is_not_amended_into_a_trade() -> None:
    market = Trading()
    market.buy("Ann", 45, 5)
    market.sell("Bob", 50, 5, post_only=True)

    assert market.amend("Bob", "o2", price=45) == Reject(RejectCode.WOULD_TRADE, 45, "price")
    made(market.amend("Bob", "o2", price=46))


def test_a_post_only_order_is_cancelled_by_its_new_total_whatever_the_price() -> None:
    market = Trading()
    market.buy("Ann", 45, 5)
    market.sell("Bob", 50, 5, post_only=True)
    market.buy("Cyd", 50, 2)

    assert market.amend("Bob", "o2", price=45, quantity=2) == [
        OrderCancelled("o2", "Bob", PART, SELL, 50, 3, True, CancelCause.AMENDED)
    ]
