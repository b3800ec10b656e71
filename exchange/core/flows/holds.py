"""What orders reserve while they can trade, and how money and goods follow what the book did.

Guarantees: the hold of an open order is at every moment exactly what it can still be asked for: a buyer's rest at
its worst price with the tax on the goods and the most that the buyer's commission on it can be, a seller's open
quantity, what is left of a budget. Tax is that of the sum of an order's fills, so that splitting them costs nobody a
cent. A buyer's commission is charged fill by fill, under the version that applied when its order was placed; what is
held for more than that (an earlier order bore the minimum, a later tier costs less) comes back when the order ends. An
order that is gone holds nothing.

A trade captures both holds, the money into the escrow of the buyer's contract and the goods on their way to the
buyer; `settlement` does the rest.
"""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from exchange.core.deadlines import Deadlines
from exchange.core.deals.contract import Contracts
from exchange.core.deals.deal import deal_id_of
from exchange.core.deals.trades import NO_NUMBER
from exchange.core.flows.hub_deals import HubDeals
from exchange.core.flows.settlement import Settlement
from exchange.core.goods.instruments import Instrument, Instruments
from exchange.core.ledger.accounts import Account, AccountKind
from exchange.core.ledger.commission import BUYERS_FEE, BUYERS_TAX, Charge, Commission
from exchange.core.ledger.ledger import Ledger
from exchange.core.ledger.schedules import Schedule
from exchange.core.market.books import Books
from exchange.core.market.ladder import Order, TermOrder
from exchange.core.messages import AnyEvent, Delivery, OrderCancelled, SelfTradePrevented, Side, Traded
from exchange.core.messages.deals import ContractLineCharged
from exchange.core.messages.ledger import Payer
from exchange.core.messages.phases import CallTraded
from exchange.core.values import month_of, rate_of

EXPIRE_ORDER: Final = "expire_order"
"""The deadline of an order that rests for a time; its subject is the order's id."""

# Looked up once: the name of an enum's member costs a dozen dictionary accesses each time (CPython 3.11).
_BUY, _SELL = Side.BUY, Side.SELL
_ESCROW: Final = AccountKind.ESCROW
_HUB: Final = Delivery.HUB
_HELD: Final = AccountKind.HELD
_INBOUND: Final = AccountKind.INBOUND
_RESERVED: Final = AccountKind.RESERVED
_STOCK: Final = AccountKind.STOCK
_WALLET: Final = AccountKind.WALLET


class Budget(Struct, frozen=True, gc=False):
    """How much a buy order may still spend: what it has paid for goods so far counts, tax on them included."""

    instrument: Instrument
    budget_minor: int
    spent_minor: int = 0  # without tax and commission
    schedule: Schedule | None = None  # of the buyer's commission

    def most(self, price: int) -> int:
        """The largest quantity in whole lots that it can pay at the price."""
        tax_bps = self.instrument.goods_tax_bps
        free = net_within(self.budget_minor, tax_bps, self.schedule) - self.spent_minor
        instrument = self.instrument
        quantity = free * instrument.denominator // (price * instrument.numerator)
        return max(0, quantity - quantity % instrument.lot_multiple)

    def less(self, price: int, quantity: int) -> "Budget":
        """What is left after such a trade."""
        paid = self.instrument.amount_minor(price, quantity)
        return Budget(self.instrument, self.budget_minor, self.spent_minor + paid, self.schedule)


class BuyersFee(Struct, array_like=True, gc=False):
    """What an open buy order has bought and was charged for so far, tax on the fee included."""

    order_id: str
    schedule_version: int
    spent_minor: int = 0
    charged_minor: int = 0


def net_within(gross_minor: int, tax_bps: int, schedule: Schedule | None = None) -> int:
    """The largest amount that makes, with the tax on it and the most of a commission, no more than `gross_minor`."""
    if schedule is not None:
        return _largest(gross_minor, lambda net: with_tax(net, tax_bps) + schedule.most_minor(net))
    net = gross_minor * 10_000 // (10_000 + tax_bps) + 1  # the rounding of tax moves it by less than one
    while with_tax(net, tax_bps) > gross_minor:
        net -= 1
    return net


def with_tax(net_minor: int, tax_bps: int) -> int:
    """What the buyer pays for goods of this price."""
    return net_minor + rate_of(net_minor, tax_bps) if tax_bps else net_minor


def _largest(gross_minor: int, cost_of: Callable[[int], int]) -> int:
    """The largest amount from 0 on whose cost, which never falls, is no more than `gross_minor`."""
    least, most = 0, gross_minor
    while least < most:
        middle = (least + most + 1) // 2
        if cost_of(middle) <= gross_minor:
            least = middle
        else:
            most = middle - 1
    return least


class Holds:
    """The holds of all orders. `spent` is, by open buy order, the price of its taxed fills so far.

    `fees` are the open buy orders whose buyer pays a commission.
    """

    def __init__(
        self,
        instruments: Instruments,
        books: Books,
        ledger: Ledger,
        commission: Commission,
        contracts: Contracts,
        settlement: Settlement,
        deadlines: Deadlines,
        hub_deals: HubDeals,
        spent: dict[str, int],
        fees: dict[str, BuyersFee],
    ) -> None:
        self.instruments = instruments
        self.books = books
        self.ledger = ledger
        self.commission = commission
        self.contracts = contracts
        self.settlement = settlement
        self.deadlines = deadlines
        self.hub_deals = hub_deals
        self.spent = spent
        self.fees = fees
        self._purses: dict[tuple[str, str], tuple[Account, Account]] = {}  # by member and unit
        self._expiring = {
            order_id: None
            for order_id, order in books.orders.items()
            if type(order) is TermOrder and order.terms.expires_at_us
        }

    # --- questions -------------------------------------------------------------------------------

    def purse(self, member_id: str, side: Side, instrument: Instrument) -> tuple[Account, Account]:
        """Where an order's hold comes from, and where it is kept; neither account is ever retired."""
        unit = instrument.currency if side is _BUY else instrument.instrument_id
        purse = self._purses.get((member_id, unit))
        if purse is None:
            source, held = (_WALLET, _HELD) if side is _BUY else (_STOCK, _RESERVED)
            purse = self.ledger.account(source, member_id, unit), self.ledger.account(held, member_id, unit)
            self._purses[member_id, unit] = purse
        return purse

    def first_need(self, instrument: Instrument, amount: int) -> int:
        """What a new buy order must hold: its amount, the tax on it, and the most that the buyer's commission can be."""
        version = self.commission.schedules.buyers_version(instrument.currency)
        fee = self.commission.schedule(version).most_minor(amount) if version else 0
        return with_tax(amount, instrument.goods_tax_bps) + fee

    def need(self, order_id: str, side: Side, instrument: Instrument, price: int, rest: int) -> int:
        """What an order that rests must hold to buy or sell the rest of it at its price."""
        if side is not _BUY:
            return rest
        amount, tax_bps = instrument.amount_minor(price, rest), instrument.goods_tax_bps
        fee = self._fee_need(order_id, amount)
        if not tax_bps:
            return amount + fee
        spent = self.spent.get(order_id, 0)
        return with_tax(spent + amount, tax_bps) - with_tax(spent, tax_bps) + fee

    def _fee_need(self, order_id: str, amount: int) -> int:
        """What a buy order holds for the commission on so much more."""
        fee = self.fees.get(order_id)
        if fee is None:
            return 0
        schedule = self.commission.schedule(fee.schedule_version)
        return schedule.most_minor(fee.spent_minor + amount) - fee.charged_minor

    def budget(self, instrument: Instrument, budget_minor: int) -> Budget:
        """What an order that is placed now may spend."""
        version = self.commission.schedules.buyers_version(instrument.currency)
        return Budget(
            instrument, budget_minor, schedule=self.commission.schedule(version) if version else None
        )

    def dump_fees(self) -> list[BuyersFee]:
        """What buyers' open orders were charged, by order: copies."""
        return [replace(self.fees[order_id]) for order_id in sorted(self.fees)]

    # --- changes ---------------------------------------------------------------------------------

    def pin_fee(self, order_id: str, instrument: Instrument) -> None:
        """The buyer's commission on a new buy order is that of now, whenever it fills."""
        if version := self.commission.schedules.buyers_version(instrument.currency):
            self.fees[order_id] = BuyersFee(order_id, version)

    def expire_later(self, order: Order) -> None:
        """An order that rests for a time has a deadline from now on."""
        if type(order) is TermOrder and order.terms.expires_at_us and order.level is not None:
            self._expiring[order.order_id] = None
            self.deadlines.set(EXPIRE_ORDER, order.order_id, order.terms.expires_at_us)

    def follow(
        self,
        happened: Sequence[AnyEvent],
        order: Order,
        instrument: Instrument,
        events: list[AnyEvent],
        *,
        budgeted: bool = False,
    ) -> None:
        """Let money and goods follow what the book did when `order` came; a budget is held until the order ends."""
        for event in happened:
            kind = type(event)
            if kind is Traded:
                self._settle_trade(event, order, instrument, events, budgeted)  # type: ignore[arg-type]
            elif kind is SelfTradePrevented:
                self._shrink(event, order, instrument, events, budgeted)  # type: ignore[arg-type]
            elif kind is OrderCancelled:
                self.end_order(event.order_id, events)  # type: ignore[union-attr]

    def settle_in_call(
        self, trade: CallTraded, buyer: Order, instrument: Instrument, events: list[AnyEvent]
    ) -> None:
        """As any trade: of the two orders, which both rested, the buyer's has the better price to get back."""
        at_rest = trade.sell_order_id, trade.buy_order_id, trade.seller_id, trade.buyer_id
        match = trade.instrument_id, trade.trade_number, trade.price, trade.quantity
        taken = Traded(*match, _BUY, *at_rest, trade.sell_open, trade.buy_open)
        self._settle_trade(taken, buyer, instrument, events, budgeted=False)

    def sell_reserved(
        self,
        buy_id: str,
        buyer_id: str,
        sell_id: str,
        seller_id: str,
        instrument: Instrument,
        price: int,
        quantity: int,
        events: list[AnyEvent],
    ) -> None:
        """All that is reserved under `sell_id`, to a buyer whose wallet covers its first need: a trade outside the book, and
        so without a number in it. Both ids are then those of the contracts.
        """
        need = self.first_need(instrument, instrument.amount_minor(price, quantity))
        self.ledger.hold(buy_id, *self.purse(buyer_id, _BUY, instrument), need, buy_id, events)
        self.pin_fee(buy_id, instrument)
        ids = buy_id, sell_id, buyer_id, seller_id
        met = Traded(instrument.instrument_id, NO_NUMBER, price, quantity, _SELL, *ids, 0, 0)
        self._settle_trade(met, None, instrument, events, budgeted=False)

    def end_order(self, order_id: str, events: list[AnyEvent]) -> None:
        """An order that is gone holds nothing, has no deadline and adds no more lines to its contract."""
        self.ledger.close(order_id, events)
        if order_id in self._expiring:
            del self._expiring[order_id]
            self.deadlines.drop(EXPIRE_ORDER, order_id)
        if order_id in self.spent:
            del self.spent[order_id]
        if order_id in self.fees:
            del self.fees[order_id]
        contract = self.contracts.get(order_id)
        if contract is not None:
            self.contracts.close_order(order_id, events)
            self.settlement.retire_if_performed(contract)

    def _settle_trade(
        self,
        trade: Traded,
        order: Order | None,
        instrument: Instrument,
        events: list[AnyEvent],
        budgeted: bool,
    ) -> None:
        """Money into escrow, goods on their way, a line on both contracts; without an order the buyer is the maker."""
        ledger = self.ledger
        price, quantity = trade.price, trade.quantity
        amount = instrument.amount_minor(price, quantity)
        if trade.taker_side is _BUY:
            buy_id, buyer, sell_id, seller = (
                trade.taker_order_id,
                trade.taker_member_id,
                trade.maker_order_id,
                trade.maker_member_id,
            )
        else:
            buy_id, buyer, sell_id, seller = (
                trade.maker_order_id,
                trade.maker_member_id,
                trade.taker_order_id,
                trade.taker_member_id,
            )
        unit = instrument.instrument_id
        escrow = ledger.account(_ESCROW, buy_id, instrument.currency)
        inbound = ledger.account(_INBOUND, sell_id, unit)
        tax = self._tax(buy_id, amount, instrument) if instrument.goods_tax_bps else 0
        linked = ledger.capture(buy_id, escrow, amount + tax, "trade", events, ledger.next_number)
        ledger.capture(sell_id, inbound, quantity, "trade", events, linked)
        fee = self.fees.get(buy_id)
        charge = None if fee is None else self._charge(fee, buyer, amount, instrument, events)
        if trade.taker_side is _BUY and order is not None:
            limit = self._limit_of(buy_id, order)
            if limit > price and not (budgeted and buy_id == order.order_id):
                self._trim(buy_id, instrument, limit, trade.taker_open, events)
        sides = buy_id, buyer, sell_id, seller
        self.contracts.add_trade(
            *sides,
            unit,
            trade.trade_number,
            price,
            quantity,
            amount,
            self.commission.version_for(seller, instrument.currency),
            events,
            tax,
            self.deadlines.now_us,
        )
        if charge is not None:
            self._pin(buy_id, charge, events)
        if instrument.delivery is _HUB:
            self.hub_deals.sell(buy_id, events)
        if not trade.maker_open:
            self.end_order(trade.maker_order_id, events)
        if not trade.taker_open:
            self.end_order(trade.taker_order_id, events)

    def _charge(
        self, fee: BuyersFee, buyer: str, amount: int, instrument: Instrument, events: list[AnyEvent]
    ) -> Charge:
        """The buyer's commission on a fill into its escrow: at most what is held for it, the rest with its next base."""
        version, currency = fee.schedule_version, instrument.currency
        fee.spent_minor += amount
        bearable = self.commission.schedule(version).most_minor(fee.spent_minor) - fee.charged_minor
        month = month_of(self.deadlines.now_us)
        charge = self.commission.charge(buyer, version, month, currency, amount, Payer.BUYER, bearable)
        fee.charged_minor += charge.fee_minor + charge.tax_minor
        escrow = self.ledger.account(_ESCROW, fee.order_id, currency)
        for part, reason in ((charge.fee_minor, BUYERS_FEE), (charge.tax_minor, BUYERS_TAX)):
            if part:
                self.ledger.capture(fee.order_id, escrow, part, reason, events)
        return charge

    def _pin(self, buy_id: str, charge: Charge, events: list[AnyEvent]) -> None:
        """Keep the charge of the last line of the buyer's contract, and tell the buyer."""
        line = self.settlement.contract(buy_id).line_count
        self.settlement.bought[deal_id_of(buy_id, line)] = charge
        if charge.fee_minor + charge.tax_minor:
            events.append(
                ContractLineCharged(
                    buy_id, charge.payer, line, charge.schedule_version, charge.fee_minor, charge.tax_minor
                )
            )

    def _tax(self, buy_id: str, amount: int, instrument: Instrument) -> int:
        """The tax on a fill, by difference of the sums of the order's fills."""
        before, tax_bps = self.spent.get(buy_id, 0), instrument.goods_tax_bps
        self.spent[buy_id] = before + amount
        return rate_of(before + amount, tax_bps) - rate_of(before, tax_bps)

    def _shrink(
        self,
        shrunk: SelfTradePrevented,
        order: Order,
        instrument: Instrument,
        events: list[AnyEvent],
        budgeted: bool,
    ) -> None:
        """Release what two orders of one owner held for the quantity that they may not trade."""
        taker_id, maker_id = shrunk.taker_order_id, shrunk.maker_order_id
        taker_price = self._limit_of(taker_id, order)
        maker_side = _SELL if shrunk.taker_side is _BUY else _BUY
        for order_id, price, side, left in (
            (taker_id, taker_price, shrunk.taker_side, shrunk.taker_open),
            (maker_id, shrunk.price, maker_side, shrunk.maker_open),
        ):
            if not left:
                self.end_order(order_id, events)
            elif side is not _BUY:
                self.ledger.release(order_id, shrunk.quantity, events)
            elif price and not (budgeted and order_id == order.order_id):
                self._trim(order_id, instrument, price, left, events)

    def _limit_of(self, order_id: str, order: Order) -> int:
        """The worst price of the order in hand, or of one that it woke; 0 where all of that is gone already."""
        if order_id == order.order_id:
            return order.price
        resting = self.books.orders.get(order_id)
        return 0 if resting is None else resting.price

    def _trim(
        self, buy_id: str, instrument: Instrument, price: int, rest: int, events: list[AnyEvent]
    ) -> None:
        """Release what the rest of a buy order does not need any more."""
        need = self.need(buy_id, _BUY, instrument, price, rest)
        self.ledger.release(buy_id, self.ledger.holds[buy_id].remaining - need, events)
