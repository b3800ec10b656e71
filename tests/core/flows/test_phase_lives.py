"""Random lives through all phases: what must hold after every step, and each uncross against a naive one."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.kernel import Exchange
from exchange.core.market.ladder import TermOrder, visible
from exchange.core.messages import FireDeadlines, Outcome, Side
from exchange.core.messages.phases import CallTraded, Phase, PhaseCause, PhaseSet, Uncrossed
from tests.core.lives import PART, a_life, a_market
from tests.core.venue import Venue
from tests.models.uncross import uncrossed

Queue = list[tuple[int, str, int]]
"""Price, order and quantity, in the order in which they would be met."""


def queue(venue: Venue, side: Side) -> Queue:
    """All that takes part in a call: at one price what shows, then what icebergs hide."""
    own, _ = venue.kernel.books.books[PART].ladders(side)
    shown, hidden = [], []
    for place, order in enumerate(own):
        shown.append((order.price * own.sign, 0, place, order.order_id, visible(order)))
        hidden.append((order.price * own.sign, 1, place, order.order_id, order.open - visible(order)))
    return [(abs(rank), order_id, quantity) for rank, _, _, order_id, quantity in sorted(shown + hidden)]


def shares(of: Queue, volume: int) -> Counter[str]:
    """First come first, piece by piece."""
    pieces = [order_id for _, order_id, quantity in of for _ in range(quantity)]
    return Counter(pieces[:volume])


class Watch:
    """Keeps what stood before each step, and says what is wrong after it."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.calls = self.trades = self.numbers = 0
        self.before()

    def before(self) -> None:
        book = self.venue.kernel.books.books[PART]
        self.bids, self.asks = queue(self.venue, Side.BUY), queue(self.venue, Side.SELL)
        self.reference, self.phase = book.stage.reference, book.stage.phase

    def check(self, outcome: Outcome) -> None:
        self._check_call(outcome)
        self._check_book()
        self._check_holds()
        self.before()

    def _check_call(self, outcome: Outcome) -> None:
        trades = [event for event in outcome.events if isinstance(event, CallTraded)]
        found = next((event for event in outcome.events if isinstance(event, Uncrossed)), None)
        ended = [event for event in outcome.events if isinstance(event, PhaseSet)]
        if not any(event.cause is PhaseCause.UNCROSS for event in ended):
            assert not trades and found is None
            return
        self.calls += 1
        depth = [[(price, quantity) for price, _, quantity in side] for side in (self.bids, self.asks)]
        naive = uncrossed(depth[0], depth[1], list(range(80, 121)), self.reference)
        if naive is None:
            assert found is None and not trades
            return
        assert found is not None
        assert (found.price, found.volume, found.surplus, found.surplus_side) == naive
        assert {trade.price for trade in trades} == {found.price}
        bought, sold = Counter[str](), Counter[str]()
        for trade in trades:
            bought[trade.buy_order_id] += trade.quantity
            sold[trade.sell_order_id] += trade.quantity
        assert bought == shares(self.bids, found.volume)
        assert sold == shares(self.asks, found.volume)
        self.trades += len(trades)

    def _check_book(self) -> None:
        book = self.venue.kernel.books.books[PART]
        if book.stage.phase is Phase.CONTINUOUS:
            assert not book.best_ask or book.best_bid < book.best_ask, "crossed"
        for order in self.venue.kernel.books.orders.values():
            assert order.open > 0
            if type(order) is TermOrder and order.terms.display_quantity:
                assert 0 < order.shown <= min(order.terms.display_quantity, order.open)

    def _check_holds(self) -> None:
        kernel = self.venue.kernel
        kernel.ledger.check_invariants()
        needs = {
            order.order_id: order.price * order.open if order.side is Side.BUY else order.open
            for order in kernel.books.orders.values()
        }
        assert {hold_id: hold.remaining for hold_id, hold in kernel.ledger.holds.items()} == needs


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), band=st.sampled_from([0, 0, 300, 800]))
def test_whatever_the_phases_nothing_is_lost_and_a_call_trades_as_a_naive_one(seed: int, band: int) -> None:
    venue = a_market(dynamic_band_bps=band, reference_price=100 if band else 0, call_us=60_000_000)
    watch = Watch(venue)

    for outcome in a_life(venue, seed, 60):
        watch.check(outcome)

    assert Exchange.load(venue.kernel.dump()).dump() == venue.kernel.dump()


@pytest.mark.parametrize("band", [0, 500])
def test_lives_do_reach_calls_that_trade(band: int) -> None:
    calls = trades = 0
    for seed in range(15):
        venue = a_market(dynamic_band_bps=band, reference_price=100, call_us=60_000_000)
        watch = Watch(venue)
        for outcome in a_life(venue, seed, 60):
            watch.check(outcome)
        calls, trades = calls + watch.calls, trades + watch.trades

    assert calls > 15
    assert trades > 20


def test_a_replay_of_the_log_is_the_same_life() -> None:
    venue = a_market(dynamic_band_bps=500, reference_price=100)
    for _ in a_life(venue, 7, 120):
        pass
    again = Exchange()

    outcomes = [again.execute(each) for each in venue.log]

    assert outcomes == venue.outcomes
    assert again.dump() == venue.kernel.dump()
    assert any(isinstance(each.command, FireDeadlines) and each.new_id for each in venue.log)
