"""A surplus market's whole life from a seed: what an auditor is given to check.

Guarantees: the same seed gives the same commands and ids; every command goes through a kernel of its own. The days
reach over several months, so that books of it have month ends.
"""

from collections import deque
from collections.abc import Iterator
from random import Random
from typing import Final

from benchmarks.journaling import FIRST_US
from exchange.core.kernel import Exchange
from exchange.core.messages import (
    DRAWS_ID,
    SYSTEM,
    AnyCommand,
    CancelOrder,
    ConfirmReceipt,
    CreateInstrument,
    DeclareStock,
    Outcome,
    PlaceOrder,
    RegisterMember,
    Role,
    Sequenced,
    SetCommission,
    Side,
    TopUp,
    Traded,
    WithdrawStock,
)
from exchange.engine.base import Released
from exchange.engine.randomness import Randomness

MEMBERS: Final = 12
CURRENCIES: Final = ("USD", "EUR", "JPY")
STRETCH: Final = 500
"""Commands that are handed on at once."""
MONEY_MINOR: Final = 10**10
STOCK: Final = 10**7
PRICE: Final = 1_000
MONTHS_US: Final = 80 * 24 * 3_600 * 1_000_000
"""Over which the trades are spread, about."""


class Dealing:
    """Members that trade, receive, cancel and withdraw; `trades` counts what they traded."""

    def __init__(self, seed: int) -> None:
        self.trades = 0
        self.kernel = Exchange()
        self._random = Random(seed)
        self._ids = Randomness(self._random.randbytes)
        self._at_us = FIRST_US
        self._seq = 0
        self._released: list[Released] = []
        self._contracts: deque[tuple[str, str]] = deque(maxlen=200)  # a buyer, and its order
        self._orders: deque[tuple[str, str]] = deque(maxlen=200)

    def run(self, trades: int) -> Iterator[list[Released]]:
        """What happened, a stretch at a time, until so many trades are made."""
        self._operator = self._do(SYSTEM, RegisterMember(roles=(Role.OPERATOR,))).reply.id
        self._do(self._operator, SetCommission(rate_bps=800, tax_bps=2_100))
        self._instruments = [self._instrument(n, currency) for n, currency in enumerate(CURRENCIES)]
        self._members = [self._member() for _ in range(MEMBERS)]
        pause_us = MONTHS_US // (3 * trades)
        while self.trades < trades:
            self._at_us += self._random.randint(0, 2 * pause_us)
            self._step()
            if len(self._released) >= STRETCH:
                yield self._released
                self._released = []
        yield self._released

    def _step(self) -> None:
        drawn, random = self._random.random(), self._random
        if drawn < 0.25 and self._contracts:
            member_id, contract_id = random.choice(self._contracts)
            self._do(member_id, ConfirmReceipt(contract_id=contract_id))
        elif drawn < 0.32 and self._orders:
            member_id, order_id = random.choice(self._orders)
            self._do(member_id, CancelOrder(order_id=order_id))
        elif drawn < 0.34:
            wish = WithdrawStock(
                instrument_id=random.choice(self._instruments), quantity=random.randint(1, 9)
            )
            self._do(random.choice(self._members), wish)
        else:
            self._order(random.choice(self._members), random.choice(list(Side)))

    def _order(self, member_id: str, side: Side) -> None:
        random = self._random
        towards = random.randint(-3, 3) * (1 if side is Side.BUY else -1)
        wish = PlaceOrder(
            instrument_id=random.choice(self._instruments),
            side=side,
            price=PRICE + towards,
            quantity=random.randint(1, 50),
        )
        done = self._do(member_id, wish)
        if done.reply.code == 0:
            self._orders.append((member_id, done.reply.id))
        for event in done.events:
            if isinstance(event, Traded):
                self.trades += 1
                taker_buys = event.taker_side is Side.BUY
                self._contracts.append(
                    (event.taker_member_id, event.taker_order_id)
                    if taker_buys
                    else (event.maker_member_id, event.maker_order_id)
                )

    def _instrument(self, number: int, currency: str) -> str:
        scale = 0 if currency == "JPY" else 2
        wish = CreateInstrument(symbol=f"PART-{number}", currency=currency, price_scale=scale)
        return self._do(self._operator, wish).reply.id

    def _member(self) -> str:
        member_id = self._do(self._operator, RegisterMember(roles=(Role.BUYER, Role.SELLER))).reply.id
        for currency in CURRENCIES:
            money = TopUp(
                transfer_id=f"{currency} to {member_id}",
                member_id=member_id,
                currency=currency,
                amount_minor=MONEY_MINOR,
            )
            self._do(self._operator, money)
        for instrument_id in self._instruments:
            self._do(member_id, DeclareStock(instrument_id=instrument_id, quantity=STOCK))
        return member_id

    def _do(self, member_id: str, command: AnyCommand) -> Outcome:
        new_id = self._ids.public_id() if type(command) in DRAWS_ID else ""
        self._at_us += 1
        self._seq += 1
        sequenced = Sequenced(self._at_us, member_id, 0, new_id, "", command)
        outcome = self.kernel.execute(sequenced)
        self._released.append(Released(self._seq, sequenced, outcome, None))
        return outcome
