"""What the members want: each habit is a task on its client's host, and begins again with it.

What a member learned survives its program. Everybody also tries what is not allowed, now and then.
"""

import asyncio
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple, Protocol

from exchange_client import lot_rules, messages, shown
from exchange_client.messages import AnyCommand, Side, Standing, TimeInForce
from tests.simulation.client import Client, Final
from tests.simulation.loop import SimLoop
from tests.simulation.postman import Postman
from tests.simulation.temper import MS, SECOND, Temper

POISON_BPS = 6_666
"""A commission that trips an assertion, which the simulation plants in the kernel."""
TERMS = (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK)


class Goods(NamedTuple):
    """An instrument as its traders know it."""

    instrument_id: str
    currency: str
    tick: int
    lot_multiple: int
    price_min: int
    price_max: int


@dataclass
class Offer:
    """A lot as its suppliers know it."""

    lot_id: str
    event_id: str
    ceiling_price: int
    min_step: int
    tick: int


class Town(Protocol):
    """The world, as its members see it."""

    loop: SimLoop
    chance: Random
    temper: Temper
    trading: bool
    bidding: bool
    members: dict[str, str]
    goods: list[Goods]
    offers: list[Offer]

    def think_us(self) -> int:
        """A while until somebody wants something again."""
        ...


async def pause(town: Town, us: int) -> None:
    """Let virtual time pass."""
    await asyncio.sleep(us / 1e6)


async def ask(client: Client, command: AnyCommand) -> Final:
    """Send a command and wait until its end is known."""
    heard: asyncio.Future[Final] = asyncio.get_running_loop().create_future()
    while not client.post(command, lambda _command, outcome: heard.set_result(outcome)):
        await asyncio.sleep(0.5)
    return await heard


class Trader:
    """Buys and sells surplus goods."""

    def __init__(self, town: Town, client: Client, postman: Postman | None = None) -> None:
        self.town = town
        self.client = client
        self.postman = postman  # takes some of the wishes, if there is one
        self.orders: list[tuple[str, int]] = []  # id and ref
        self.contracts: list[str] = []

    async def live(self) -> None:
        """Want something every now and then, and sometimes much at once."""
        town, chance = self.town, self.town.chance
        for goods in town.goods[:2]:
            for kind in ("book", "trades", "ticker"):
                if chance.random() < 0.3:
                    self.client.follow(f"{kind}:{goods.instrument_id}")
        self.client.follow("own")
        while True:
            await pause(town, town.think_us())
            for _ in range(chance.randrange(1, 12) if chance.random() < 0.1 else 1):
                if town.trading:
                    self._send(self._wish())

    def _send(self, wish: AnyCommand) -> None:
        if self.postman is not None and self.town.chance.random() < 0.5:
            self.postman.post(wish)
        else:
            self.client.post(wish, self._learn)

    def _learn(self, command: AnyCommand, outcome: Final) -> None:
        if isinstance(command, messages.PlaceOrder) and isinstance(outcome, shown.Ack):
            self.orders.append((outcome.id, outcome.ref))
            if command.side is Side.BUY and outcome.filled_quantity:
                self.contracts.append(outcome.id)

    def _wish(self) -> AnyCommand:
        chance = self.town.chance
        roll = chance.random()
        if roll < 0.6 or not self.orders:
            return self._order()
        if roll < 0.75:
            return messages.CancelOrder(**self._named())
        if roll < 0.87:
            goods = chance.choice(self.town.goods)
            price, quantity = self._price(goods), chance.randrange(0, 9) * goods.lot_multiple
            return messages.AmendOrder(**self._named(), price=price * chance.randrange(2), quantity=quantity)
        if roll < 0.95:
            order_id, _ = chance.choice(self.orders)
            return messages.ConfirmReceipt(contract_id=chance.choice([*self.contracts[-5:], order_id]))
        goods = chance.choice(self.town.goods)
        if chance.random() < 0.5:
            return messages.DeclareStock(instrument_id=goods.instrument_id, quantity=chance.randint(1, 200))
        return messages.WithdrawStock(instrument_id=goods.instrument_id, quantity=chance.randint(1, 500))

    def _named(self) -> dict[str, Any]:
        """An order of one's own, by its id or its ref, mostly one that is open; or none that there is."""
        chance = self.town.chance
        open_ = list(self.client.pictures.open_orders())
        if open_ and chance.random() < 0.6:
            return {"order_id": chance.choice(open_)}
        order_id, ref = chance.choice(self.orders[-8:])
        if chance.random() < 0.03:
            return {"order_id": "nobody's"}
        return {"order_id": order_id} if chance.random() < 0.6 else {"order_ref": ref}

    def _order(self) -> messages.PlaceOrder:
        chance = self.town.chance
        goods = chance.choice(self.town.goods)
        terms = chance.choices(TERMS, weights=(8, 2, 1))[0]
        odd = chance.random() < 0.03
        return messages.PlaceOrder(
            instrument_id="nothing" if chance.random() < 0.005 else goods.instrument_id,
            side=chance.choice(list(Side)),
            price=self._price(goods),
            quantity=chance.randint(1, 12) * goods.lot_multiple + odd,
            time_in_force=terms,
            post_only=chance.random() < 0.08,
        )

    def _price(self, goods: Goods) -> int:
        chance = self.town.chance
        middle = (goods.price_min + goods.price_max) // 2 // goods.tick * goods.tick
        price = middle + chance.randint(-4, 4) * goods.tick
        return price + chance.choice((1, goods.price_max)) if chance.random() < 0.03 else max(1, price)


class Operator:
    """Books money, admits and suspends members, changes the commission; and knows the poison."""

    def __init__(self, town: Town, client: Client) -> None:
        self.town = town
        self.client = client
        self.payments: list[messages.TopUp] = []
        self.suspended = ""

    async def live(self) -> None:
        """Do something every now and then."""
        town = self.town
        self.client.follow("notices")
        while True:
            await pause(town, 3 * town.think_us())
            if town.trading:
                self.client.post(self._wish())

    async def poison(self) -> None:
        """Send what makes the exchange fail."""
        while self.town.temper.poison_gap_us:
            await pause(self.town, int(self.town.chance.expovariate(1 / self.town.temper.poison_gap_us)))
            if self.town.trading:
                self.client.post(messages.SetCommission(rate_bps=POISON_BPS))

    def _wish(self) -> AnyCommand:
        chance = self.town.chance
        roll = chance.random()
        if roll < 0.5:
            return self._payment()
        if roll < 0.65:
            return messages.SetCommission(
                rate_bps=chance.choice((0, 800, 777)), tax_bps=chance.choice((0, 1_900))
            )
        if roll < 0.8:
            return self._restore() if self.suspended else self._suspend()
        if roll < 0.9:
            return messages.RegisterMember(roles=(messages.Role.BUYER,), owner=chance.choice(("", "group")))
        return messages.CreateInstrument(
            symbol=f"S{chance.randrange(20)}", currency=chance.choice(("USD", "ZZZ")), price_scale=4,
            tick=chance.choice((3, 100)), price_min=100, price_max=900,
        )  # fmt: skip

    def _payment(self) -> messages.TopUp:
        chance = self.town.chance
        if self.payments and chance.random() < 0.3:
            payment = chance.choice(self.payments)
            return payment if chance.random() < 0.7 else _other_amount(payment)
        member_id = chance.choice(list(self.town.members.values()))
        number = len(self.payments) + 1
        payment = messages.TopUp(
            transfer_id=f"{self.client.host}-{number}",
            member_id=member_id,
            currency=chance.choice(("USD", "EUR", "JPY")),
            amount_minor=chance.randint(1, 20_000),
        )
        self.payments.append(payment)
        return payment

    def _suspend(self) -> messages.SetStanding:
        self.suspended = self.town.members[self.town.chance.choice(("trader-1", "supplier-1"))]
        return messages.SetStanding(member_id=self.suspended, standing=Standing.SUSPENDED)

    def _restore(self) -> messages.SetStanding:
        restored, self.suspended = self.suspended, ""
        return messages.SetStanding(member_id=restored, standing=Standing.GOOD)


def _other_amount(payment: messages.TopUp) -> messages.TopUp:
    return messages.TopUp(
        transfer_id=payment.transfer_id,
        member_id=payment.member_id,
        currency=payment.currency,
        amount_minor=payment.amount_minor + 1,
    )


class Organizer:
    """Buys by sourcing events: drafts, invites, publishes, awards."""

    def __init__(self, town: Town, client: Client) -> None:
        self.town = town
        self.client = client
        self.offers: list[Offer] = []

    async def live(self) -> None:
        """Hold one event after the other."""
        town = self.town
        for offer in self.offers:
            self.client.follow(f"lot:{offer.lot_id}")
        while True:
            await pause(town, 2 * town.think_us())
            if town.trading and len(self.offers) < 4:
                await self._hold()
            if town.trading or town.bidding:
                self._award()

    async def _hold(self) -> None:
        """Draft an event and publish it; a refusal on the way leaves a draft behind."""
        created = await ask(self.client, self._event())
        if not isinstance(created, shown.Ack):
            return
        chance = self.town.chance
        tick = chance.choice((1, 5))
        lot = messages.AddLot(
            event_id=created.id, title="screws", quantity=chance.randint(1, 99),
            ceiling_price=chance.randint(100, 199) * tick, min_step=chance.randint(1, 4) * tick, tick=tick,
        )  # fmt: skip
        added = await ask(self.client, lot)
        if not isinstance(added, shown.Ack):
            return
        for name in ("supplier-1", "supplier-2", "supplier-3", "trader-1", "trader-2", "buyer"):
            if chance.random() < 0.7:
                invite = messages.InviteSupplier(event_id=created.id, member_id=self.town.members[name])
                self.client.post(invite)
        await ask(self.client, messages.PublishEvent(event_id=created.id))
        offer = Offer(added.id, created.id, lot.ceiling_price, lot.min_step, tick)
        self.offers.append(offer)
        self.town.offers.append(offer)
        self.client.follow(f"lot:{offer.lot_id}")
        if chance.random() < 0.1:
            self.client.post(messages.CancelEvent(event_id=created.id, reason="no need any more"))

    def _event(self) -> messages.CreateEvent:
        chance = self.town.chance
        window_us = chance.choice((0, 2, 20)) * SECOND
        return messages.CreateEvent(
            title="screws",
            currency="EUR",
            open_at_us=self.client.exchange_us() + chance.choice((-SECOND, 2 * SECOND, 20 * SECOND)),
            duration_us=chance.choice((2, 20, 60, 400)) * SECOND,
            overtime=lot_rules.Overtime(window_us, chance.choice((1, 30)) * SECOND, 50 * SECOND),
            disclosure=messages.Disclosure(
                chance.random() < 0.7, chance.random() < 0.3, chance.random() < 0.2
            ),
        )

    def _award(self) -> None:
        """Award what is closed, and sometimes what is not."""
        chance = self.town.chance
        for offer in self.offers:
            lot = self.client.pictures.lots.get(offer.lot_id)
            is_due = lot is not None and lot.state == "closed" and chance.random() < 0.7
            if is_due or chance.random() < 0.02:
                self.client.post(messages.AwardLot(lot_id=offer.lot_id, alias=chance.randrange(4)))


class Supplier:
    """Bids in lots, most eagerly just before they close."""

    def __init__(self, town: Town, client: Client) -> None:
        self.town = town
        self.client = client

    async def live(self) -> None:
        """Bid every now and then; where a lot closes before the next time, wait for its last moment."""
        town = self.town
        while True:
            think_us = town.think_us()
            for offer in town.offers:
                if f"lot:{offer.lot_id}" not in self.client.refused:
                    self.client.follow(f"lot:{offer.lot_id}")
            await pause(town, self._until_the_last_moment(think_us))
            if town.bidding and town.offers:
                for _ in range(town.chance.choice((1, 1, 1, 4))):
                    self.client.post(self._bid(self._offer()))

    def _until_the_last_moment(self, think_us: int) -> int:
        lots = self.client.pictures.lots.values()
        left_us = [lot.close_at_us - self.client.exchange_us() for lot in lots if lot.state == "open"]
        soon_us = [us for us in left_us if 0 < us < think_us]
        if not soon_us:
            return think_us
        return max(0, min(soon_us) - self.town.chance.choice((5 * MS, 500, 0, -500, 300 * MS)))

    def _offer(self) -> Offer:
        """Mostly a lot that is open to this supplier."""
        lots, offers = self.client.pictures.lots, self.town.offers
        open_ = [offer for offer in offers if offer.lot_id in lots and lots[offer.lot_id].state == "open"]
        return self.town.chance.choice(open_ if open_ and self.town.chance.random() < 0.9 else offers)

    def _bid(self, offer: Offer) -> messages.SubmitBid:
        chance = self.town.chance
        lot = self.client.pictures.lots.get(offer.lot_id)
        known = [offer.ceiling_price + offer.min_step]
        if lot is not None:
            known += [price for price in (lot.own_price, lot.lead_price) if isinstance(price, int) and price]
        price = min(known) - chance.choice((1, 1, 1, 2, 3)) * offer.min_step
        if chance.random() < 0.15:
            price += chance.choice((1, offer.tick, offer.min_step))
        return messages.SubmitBid(lot_id=offer.lot_id, price=max(1, price))
