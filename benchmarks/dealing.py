"""A surplus market's whole life from a seed: what an auditor is given to check.

Guarantees: the same seed gives the same commands and ids; every command goes through a kernel of its own. The days
reach over several months, so that books of it have month ends.
"""

from collections import deque
from collections.abc import Iterator
from random import Random
from typing import Final

from msgspec.structs import replace

from benchmarks.hub import Hub
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
    Delivery,
    FireDeadlines,
    Outcome,
    PlaceOrder,
    RegisterMember,
    Role,
    Sequenced,
    SetCommission,
    Side,
    TaxRegime,
    TopUp,
    Traded,
    WithdrawStock,
)
from exchange.core.messages.bank import (
    BookBankEntry,
    Direction,
    PayDeposit,
    PayOut,
    PayoutSent,
    SetBankDetails,
    SweepFloat,
)
from exchange.engine.base import Released
from exchange.engine.randomness import Randomness

MEMBERS: Final = 12
CURRENCIES: Final = ("USD", "EUR", "JPY")
HUB_TAX: Final = (TaxRegime.DISCLOSED_AGENT, TaxRegime.OWN_NAME)
"""Of the instruments that go through the hub."""
STRETCH: Final = 500
"""Commands that are handed on at once."""
USUAL: Final = SetCommission(rate_bps=800, tax_bps=2_100)
MONEY_MINOR: Final = 10**10
STOCK: Final = 10**7
PRICE: Final = 1_000
MONTHS_US: Final = 85 * 24 * 3_600 * 1_000_000
"""Over which the trades are spread, about."""


class Dealing:
    """Members that trade, receive, cancel and withdraw; `members` are their ids, `trades` counts what they traded."""

    def __init__(self, seed: int, commission: AnyCommand = USUAL) -> None:
        self.trades = 0
        self._commission = commission
        self.kernel = Exchange()
        self._random = Random(seed)
        self._ids = Randomness(self._random.randbytes)
        self._at_us = FIRST_US
        self._seq = 0
        self._released: list[Released] = []
        self._contracts: deque[tuple[str, str]] = deque(maxlen=200)  # a buyer, and its order
        self._orders: deque[tuple[str, str]] = deque(maxlen=200)
        self._payouts: list[PayoutSent] = []
        self._hub = Hub(self._random, self._do)

    def run(self, trades: int) -> Iterator[list[Released]]:
        """What happened, a stretch at a time, until so many trades are made."""
        self._operator = self._do(SYSTEM, RegisterMember(roles=(Role.OPERATOR,))).reply.id
        self._do(self._operator, self._commission)
        self._hub.operator = self._operator
        self._hub.inspector = self._do(self._operator, RegisterMember(roles=(Role.INSPECTOR,))).reply.id
        self._instruments = [self._instrument(n, currency) for n, currency in enumerate(CURRENCIES)]
        self._instruments += [self._instrument(3 + n, "USD", tax) for n, tax in enumerate(HUB_TAX)]
        self.members = [self._member() for _ in range(MEMBERS)]
        pause_us = MONTHS_US // (3 * trades + 60)
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
            self._do(random.choice(self.members), wish)
        elif drawn < 0.36:
            self._bank(random.choice(self.members), random.choice(CURRENCIES))
        elif drawn < 0.6:
            self._hub.deliver()
        else:
            self._order(random.choice(self.members), random.choice(list(Side)))

    def _bank(self, member_id: str, currency: str) -> None:
        """A payout or a sweep is sent, or the bank books, returns or brings something."""
        random, drawn = self._random, self._random.random()
        if drawn < 0.4:
            self._do(self._operator, PayOut(member_id=member_id, currency=currency))
        elif drawn < 0.5:
            self._do(self._operator, SweepFloat(currency=currency))
        elif drawn < 0.9 and self._payouts:
            self._booked(self._payouts.pop(random.randrange(len(self._payouts))))
        else:
            self._entry(Direction.CREDIT, currency, random.randint(1, 10_000), random.choice(("", member_id)))

    def _booked(self, payout: PayoutSent) -> None:
        """Some payouts come back."""
        self._entry(Direction.DEBIT, payout.currency, payout.amount_minor, payout.payout_id)
        if self._random.random() < 0.1:
            self._entry(Direction.CREDIT, payout.currency, payout.amount_minor, payout.payout_id)

    def _entry(self, direction: Direction, currency: str, amount_minor: int, reference: str) -> None:
        entry = BookBankEntry(
            entry_id=f"entry {self._seq}",
            direction=direction,
            currency=currency,
            amount_minor=amount_minor,
            reference=reference,
        )
        self._do(self._operator, entry)

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

    def _instrument(self, number: int, currency: str, tax: TaxRegime | None = None) -> str:
        """Delivered directly, or through the hub where there is a tax regime."""
        scale = 0 if currency == "JPY" else 2
        wish = CreateInstrument(symbol=f"PART-{number}", currency=currency, price_scale=scale)
        if tax:
            goods_tax_bps = 2_100 if tax is TaxRegime.OWN_NAME else 0
            wish = replace(
                wish, delivery=Delivery.HUB, guarantee_bps=50, tax_regime=tax, goods_tax_bps=goods_tax_bps
            )
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
        self._do(member_id, PayDeposit(currency="USD", amount_minor=20_000))
        self._do(member_id, SetBankDetails(details_hash="d" * 64))
        for instrument_id in self._instruments:
            self._do(member_id, DeclareStock(instrument_id=instrument_id, quantity=STOCK))
        return member_id

    def _do(self, member_id: str, command: AnyCommand) -> Outcome:
        self._at_us += 1
        while (due_us := self.kernel.deadlines.next_us()) is not None and due_us <= self._at_us:
            self._execute(due_us, SYSTEM, FireDeadlines())
        return self._execute(self._at_us, member_id, command)

    def _execute(self, at_us: int, member_id: str, command: AnyCommand) -> Outcome:
        new_id = self._ids.public_id() if type(command) in DRAWS_ID else ""
        self._seq += 1
        sequenced = Sequenced(at_us, member_id, 0, new_id, "", command)
        outcome = self.kernel.execute(sequenced)
        self._released.append(Released(self._seq, sequenced, outcome, None))
        self._hub.hear(outcome)
        self._payouts += [event for event in outcome.events if isinstance(event, PayoutSent)]
        return outcome
