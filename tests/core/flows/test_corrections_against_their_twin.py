"""Busts and corrections amid random lives: what the naive exchange says, the real one does, to the last field."""

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.kernel import Exchange
from exchange.core.limits import BUST_TERM_US
from exchange.core.messages import (
    AmendOrder,
    AnyCommand,
    CancelOrder,
    ConfirmReceipt,
    PlaceOrder,
    Sequenced,
    SetCommission,
    Side,
    TimeInForce,
)
from exchange.core.messages.corrections import BustCause, BustTrade, CorrectTrade
from exchange.core.rejects import RejectCode
from tests.core.venue import Venue
from tests.models.exchange import NaiveExchange, as_foretold

PART = "LM358"
OWNERS = {"A": "one", "A2": "one", "B": "two", "C": "three"}


class Life:
    """A venue and its twin; `told` counts what became of busts and corrections."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.venue, self.naive = Venue(), NaiveExchange()
        self.told: Counter[tuple[str, int]] = Counter()
        venue = self.venue
        for member_id, owner in OWNERS.items():
            venue.member(member_id, owner=owner)
        venue.instrument(PART, tick=2, lot_multiple=3, price_min=80, price_max=900, reference_price=100)
        for member_id in OWNERS:
            venue.money(member_id, 6_000)
            venue.stock(member_id, 300)
        for sent in venue.log:
            self.naive.execute(sent)

    def step(self) -> None:
        venue, chance = self.venue, self.chance
        member_id, wish = self._wish()
        after_us = BUST_TERM_US // 2 if chance.random() < 0.05 else 1_000
        outcome = venue.send(member_id, wish, after_us=after_us)
        sent: Sequenced = venue.log[-1]

        assert as_foretold(outcome) == self.naive.execute(sent), wish
        if isinstance(wish, BustTrade | CorrectTrade):
            self.told[type(wish).__name__, outcome.reply.code] += 1
        self._compare()
        if chance.random() < 0.05:
            dumped = venue.kernel.dump()
            venue.kernel = Exchange.load(dumped)
            assert venue.kernel.dump() == dumped

    def _compare(self) -> None:
        kernel, sale = self.venue.kernel, self.naive.sale
        real = {
            each.contract_id: [line.trade_number for line in each.lines] for each in kernel.contracts.dump()
        }
        assert {key: sorted(open_) for key, open_ in real.items()} == {
            key: sorted(sale.contracts.open_numbers(key)) for key in sale.contracts.in_force()
        }
        assert kernel.books.books[PART].stage.reference == sale.reference(PART)

    def _wish(self) -> tuple[str, AnyCommand]:
        chance, roll = self.chance, self.chance.random()
        price, quantity = chance.randrange(90, 112, 2), 3 * chance.randrange(1, 8)
        if roll < 0.25:
            return "operator", self._afterthought()
        if roll < 0.28:
            return "operator", SetCommission(rate_bps=chance.choice((0, 777)), tax_bps=1_900)
        trades = self.naive.sale.contracts.trades
        if roll < 0.33 and trades:
            trade = chance.choice(trades)
            return trade.buyer, ConfirmReceipt(contract_id=trade.buy_id)
        resting = sorted(self.venue.kernel.books.orders)
        if roll < 0.45 and resting:
            order = self.venue.kernel.books.orders[chance.choice(resting)]
            if chance.random() < 0.4:
                return order.member_id, CancelOrder(order_id=order.order_id)
            return order.member_id, AmendOrder(order_id=order.order_id, price=price, quantity=quantity)
        return chance.choice(list(OWNERS)), PlaceOrder(
            instrument_id=PART,
            side=chance.choice(list(Side)),
            price=price,
            quantity=quantity,
            time_in_force=chance.choice([TimeInForce.GTC] * 4 + [TimeInForce.IOC]),
        )

    def _afterthought(self) -> AnyCommand:
        """Mostly of one of the latest trades."""
        chance, last = self.chance, self.venue.kernel.books.books[PART].trades
        number = max(1, last + 1 - chance.choice((0, 1, 1, 1, 2, 2, 3, 5, 20)))
        cause = chance.choice(list(BustCause))
        if chance.random() < 0.4:
            return BustTrade(instrument_id=PART, trade_number=number, cause=cause)
        price = chance.choice((*range(90, 112, 2), 91, 78, 880, 902))
        quantity = chance.choice((0, 0, 3, 6, 9, 4, 60))
        return CorrectTrade(
            instrument_id=PART, trade_number=number, price=price, quantity=quantity, cause=cause
        )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_busts_and_corrections_do_what_the_naive_exchange_says(seed: int) -> None:
    life = Life(seed)

    for _ in range(80):
        life.step()


def test_lives_do_reach_every_end_of_a_bust_and_of_a_correction() -> None:
    told: Counter[tuple[str, int]] = Counter()
    for seed in range(25):
        life = Life(seed)
        for _ in range(80):
            life.step()
        told += life.told

    done = {("BustTrade", 0), ("CorrectTrade", 0)}
    refused = {
        RejectCode.TRADE_UNKNOWN, RejectCode.TRADE_OVER, RejectCode.TRADE_TOO_OLD, RejectCode.MONEY_SHORT,
        RejectCode.QUANTITY_ABOVE_TRADE, RejectCode.PRICE_OFF_TICK, RejectCode.PRICE_BELOW_BAND,
        RejectCode.PRICE_ABOVE_BAND, RejectCode.QUANTITY_OFF_LOT, RejectCode.NOTHING_TO_CHANGE,
    }  # fmt: skip
    assert done <= told.keys()
    assert refused <= {code for _, code in told}
