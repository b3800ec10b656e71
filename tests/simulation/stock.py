"""Lots from stock in the wide world: what sellers draft, whom operators invite, and what winners get to pay with.

What a lot comes to lies around what a wallet holds: some winners pay at once, some when money has come, some never.
"""

from collections.abc import Iterator
from random import Random
from typing import Any, Final

from exchange.core.goods.instruments import Instrument
from exchange.core.kernel import Exchange
from exchange.core.ledger.accounts import AccountKind
from exchange.core.market.lots.sales import LotSale
from exchange.core.market.sourcing import SourcingEvent
from exchange.core.messages import AddLot, AnyCommand, PublishEvent, Role, TopUp
from exchange.core.messages.changing import ChangeEvent
from exchange.core.messages.lot_rules import EventRules, LotDirection, LotRules, LotSchedule
from exchange.core.messages.lot_sales import SaleTerms
from exchange.core.messages.suppliers import InviteSuppliers
from tests.simulation.temper import SECOND

BIDDERS: Final = 3
SALES: Final = (
    SaleTerms(payment_us=3 * SECOND),
    SaleTerms(payment_us=12 * SECOND),
    SaleTerms(payment_us=40 * SECOND),
    SaleTerms(payment_us=5 * SECOND, award_next=False),
)
RULES: Final = (
    EventRules(direction=LotDirection.FORWARD),
    EventRules(direction=LotDirection.FORWARD, bid_bond_minor=5),
    EventRules(direction=LotDirection.FORWARD, bid_bond_minor=5, schedule=LotSchedule.PARALLEL),
    EventRules(direction=LotDirection.FORWARD, bid_bond_minor=5, standstill_us=10 * SECOND),
)
PAID_IN: Final = 0.1
"""How often an operator that could book a payment of a winner has one."""
TARGETS_MINOR: Final = (500, 6_000, 20_000, 40_000)
"""What bids for a lot begin at; members were given 50.00 to 200.00 of each currency."""


def stock_event(chance: Random, now_us: int, goods: Instrument) -> dict[str, Any]:
    """Fields of a CreateEvent whose lots are such goods."""
    return {
        "open_at_us": now_us + chance.choice((5, 10)) * SECOND,
        "duration_us": chance.choice((10, 20)) * SECOND,
        "currency": goods.currency,
        "price_scale": goods.price_scale,
        "rules": chance.choice(RULES),
        "sale": chance.choice(SALES),
        "practice": False,
        "preview_at_us": 0,
    }


def stock_lot(chance: Random, kernel: Exchange, event: SourcingEvent) -> dict[str, Any]:
    """Fields of an AddLot to the event, of something that its seller has; nothing where it has nothing that fits."""
    fitting = [
        goods
        for goods in in_stock(kernel, event.buyer_id)
        if (goods.currency, goods.price_scale) == (event.currency, event.price_scale)
    ]
    if not fitting:
        return {}
    goods = chance.choice(fitting)
    quantity = chance.choice((1, 3)) * goods.lot_multiple
    ticks = max(10, chance.choice(TARGETS_MINOR) // max(1, goods.amount_minor(goods.tick, quantity)))
    floor, step = ticks * goods.tick, ticks // 10 * goods.tick
    return {
        "title": "Leftovers", "instrument_id": goods.instrument_id, "quantity": quantity, "tick": goods.tick,
        "ceiling_price": 2 * floor, "min_step": step, "rules": chance.choice(_kinds(floor, step)),
    }  # fmt: skip


def a_stock_lot(chance: Random, kernel: Exchange, event: SourcingEvent) -> Iterator[AddLot]:
    """For the event, if its seller has something."""
    if given := stock_lot(chance, kernel, event):
        yield AddLot(event_id=event.event_id, **given)


def _kinds(floor: int, step: int) -> list[LotRules]:
    return [
        LotRules(floor_price=floor, proxies=True, revocable=True),
        LotRules(floor_price=floor, reserve_price=floor + step),
        LotRules(floor_price=floor, buy_now_price=2 * floor),
    ]


def in_stock(kernel: Exchange, seller_id: str) -> list[Instrument]:
    """What a seller has at least three lots of, that are not reserved."""
    return [
        goods
        for goods in kernel.instruments.dump()[:4]
        if kernel.ledger.available(
            kernel.ledger.account(AccountKind.STOCK, seller_id, goods.instrument_id)
        ) >= 3 * goods.lot_multiple
    ]  # fmt: skip


class StockSteps:
    """What goes on with an event from stock before its bids, and after its awards."""

    def __init__(self, kernel: Exchange, chance: Random) -> None:
        self._kernel = kernel
        self._chance = chance

    def of(self, member_id: str, now_us: int) -> AnyCommand | None:
        """What the member could do next for one of them; nothing if there is none."""
        steps = [*self._steps(member_id, now_us)]
        return self._chance.choice(steps) if steps else None

    def _steps(self, member_id: str, now_us: int) -> Iterator[AnyCommand]:
        is_operator = self._kernel.members.is_operator(member_id)
        for event in self._kernel.auctions.events():
            if event.from_stock and event.state == "draft":
                if event.buyer_id == member_id:
                    yield from self._drafted(event, now_us)
                elif is_operator and event.lots and not event.invited:
                    yield InviteSuppliers(event_id=event.event_id, member_ids=self._bidders(event))
        for sale in self._kernel.sales.waiting():
            if is_operator and self._chance.random() < PAID_IN:
                yield self._paid_in(sale)

    def _drafted(self, event: SourcingEvent, now_us: int) -> Iterator[AnyCommand]:
        """By its seller, who waits until somebody is invited."""
        if not event.lots or (len(event.lots) < 2 and event.rules.schedule is not LotSchedule.SINGLE):
            yield from a_stock_lot(self._chance, self._kernel, event)
        elif event.open_at_us < now_us + 2 * SECOND:
            yield ChangeEvent(event_id=event.event_id, open_at_us=now_us + 5 * SECOND)
        elif event.invited:
            yield PublishEvent(event_id=event.event_id)

    def _paid_in(self, sale: LotSale) -> TopUp:
        """As much as the winner needs at most."""
        event = self._kernel.auctions.event_of(self._kernel.auctions.lot_of(sale.lot_id).event_id)
        return TopUp(
            transfer_id=f"for-{sale.lot_id}-{self._chance.randrange(10**6)}",
            member_id=sale.winner_id,
            currency=event.currency,
            amount_minor=sale.need_minor,
        )

    def _bidders(self, event: SourcingEvent) -> tuple[str, ...]:
        """Buyers, no two of one owner, and none of the seller's."""
        owner_of = self._kernel.members.owner_of
        members = self._kernel.members.dump().members[:11]
        able = [each.member_id for each in members if Role.BUYER in each.roles]
        by_owner = {owner_of(each): each for each in self._chance.sample(able, len(able))}
        by_owner.pop(owner_of(event.buyer_id), None)
        return tuple(by_owner.values())[:BIDDERS]
