"""What is shown with an alias where several currencies are bid in: prices on the event's tick, whatever they were bid in."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from exchange.core.market.lots.pricing import amount_minor
from exchange.core.market.sourcing import Lot, SourcingEvent
from exchange.core.messages import AddLot, CreateEvent
from exchange.core.messages.awards import WonPart
from exchange.core.messages.currencies import BidCurrency
from exchange.core.messages.lot_rules import LotDirection
from exchange.core.visibility.bids import expected_by_alias, price_by_alias, unit_price_by_alias


def a_lot(price: int, tick: int, rate_ppb: int) -> tuple[SourcingEvent, Lot]:
    """In euros with two decimals; its one bid is in dollars at this rate."""
    event = SourcingEvent.drafted(
        "e", "b", "b", CreateEvent(title="E", currency="EUR", open_at_us=10, duration_us=9, price_scale=2)
    )
    asked = AddLot(event_id="e", title="L", quantity=3, ceiling_price=10**9, min_step=1, tick=tick)
    lot = Lot.drafted("l", asked, LotDirection.REVERSE)
    event.lots.append(lot)
    event.set_currencies((BidCurrency("USD", rate_ppb),))
    event.choose("s", "USD")
    lot.board.submit("s", price)
    return event, lot


@given(st.integers(1, 10**9), st.integers(1, 10**4), st.integers(10**6, 10**11))
def test_a_price_under_an_alias_is_the_nearest_tick_and_never_none(
    price: int, tick: int, rate_ppb: int
) -> None:
    _, lot = a_lot(price, tick, rate_ppb)

    shown, worth = price_by_alias(lot, 1, price), price * Fraction(rate_ppb, 10**9)

    assert shown > 0 and shown % tick == 0
    assert shown == tick or abs(shown - worth) * 2 <= tick


def test_a_unit_price_has_no_tick_to_be_on() -> None:
    _, lot = a_lot(8_770, 10, 900_000_000)

    assert (price_by_alias(lot, 1, 8_770), unit_price_by_alias(lot, 1, 8_770)) == (7_890, 7_893)


def test_what_would_be_awarded_has_the_amount_that_follows_from_the_price_shown() -> None:
    event, lot = a_lot(8_770, 10, 900_000_000)
    part = WonPart(1, "s", 8_770, 3, amount_minor(event, 8_770, 3, lot.rate_of("s")))

    assert expected_by_alias(event, lot, [part]) == [WonPart(1, "s", 7_890, 3, 236_70)]


def test_in_one_currency_prices_are_shown_as_they_were_bid() -> None:
    event, lot = a_lot(8_777, 10, 900_000_000)
    event.set_currencies(())
    part = WonPart(1, "s", 8_777, 3, 263_31)

    assert price_by_alias(lot, 1, 8_777) == 8_777
    assert expected_by_alias(event, lot, [part]) == [part]
