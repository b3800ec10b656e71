"""The surplus market by its naive twins: a list of orders, a list of transfers, a list of trades."""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from exchange.core.flows.outcome import DONE, Done
from exchange.core.limits import AMOUNT_MINOR_MAX, BUST_TERM_US
from exchange.core.messages import (
    AmendOrder,
    AnyEvent,
    CancelCause,
    CancelOrder,
    CommissionSet,
    ConfirmReceipt,
    CreateInstrument,
    DeclareStock,
    InstrumentCreated,
    OrderCancelled,
    PlaceOrder,
    Role,
    SelfTradePrevented,
    Sequenced,
    SetCommission,
    Side,
    StockDeclared,
    StockWithdrawn,
    TopUp,
    Traded,
    WithdrawStock,
)
from exchange.core.messages.corrections import BustTrade, CorrectTrade, TradeBusted, TradeCorrected
from exchange.core.messages.delivery import Sides
from exchange.core.rejects import Reject, RejectCode
from exchange.core.values import CURRENCY_EXPONENT, month_of
from tests.models.book import NaiveBooks, NaiveOrder, Rules
from tests.models.contracts import NaiveContracts, Trade
from tests.models.ledger import NaiveLedger, fee_of
from tests.models.ledger import TopUp as Booked
from tests.models.parties import NaiveParties


class Summed(NaiveLedger):
    """The naive ledger with its sums kept, since here it is asked at every step; `check` adds up afresh."""

    def __init__(self) -> None:
        super().__init__()
        self.balances: Counter[tuple[str, str]] = Counter()
        self.moved: Counter[tuple[str, str]] = Counter()  # since somebody cleared it
        self.left: Counter[str] = Counter()

    def balance(self, name: str, unit: str) -> int:
        return self.balances[name, unit]

    def remaining(self, hold_id: str) -> int:
        return self.left[hold_id]

    def post(self, unit: str, debit: str, credit: str, amount: int, linked: int = 0) -> int:
        for sums in (self.balances, self.moved):
            sums[debit, unit] += amount
            sums[credit, unit] -= amount
        return super().post(unit, debit, credit, amount, linked)

    def hold(self, hold_id: str, unit: str, source: str, held: str, amount: int) -> None:
        super().hold(hold_id, unit, source, held, amount)
        self.left[hold_id] += amount

    def capture(self, hold_id: str, destination: str | None, amount: int) -> None:
        super().capture(hold_id, destination, amount)
        self.left[hold_id] -= amount

    def check(self) -> None:
        for name, unit in self.names():
            assert super().balance(name, unit) == self.balances[name, unit]


class Line(NamedTuple):
    """What the list of trades doesn't hold of a trade."""

    version: int  # of the commission
    instrument_id: str
    quantity: int


@dataclass
class Made:
    """What an operator can change of a trade."""

    price: int
    quantity: int
    at_us: int
    buy_line: int
    sell_line: int
    stands: bool = True


class Fee(NamedTuple):
    """What a seller was charged for one line."""

    payer: str
    version: int
    month: int
    currency: str
    base_minor: int
    fee_minor: int
    tax_minor: int


class NaiveSale:
    """Answers a command with what its reply says, or with a refusal; events are added to the given list."""

    def __init__(self, parties: NaiveParties) -> None:
        self.parties = parties
        self.instruments: dict[str, CreateInstrument] = {}
        self.books = NaiveBooks()
        self.ledger = Summed()
        self.contracts = NaiveContracts()
        self.rates: list[tuple[int, int]] = [(800, 0)]
        self.now_us = 0  # of the order whose trades come
        self.lines: list[Line] = []  # one for each of the contracts' trades
        self.fees: list[Fee] = []
        self.tape: list[Made] = []  # one for each of the contracts' trades
        self.line_counts: Counter[str] = Counter()  # by contract

    # --- what operator and sellers bring

    def create_instrument(
        self, sent: Sequenced, wish: CreateInstrument, out: list[AnyEvent]
    ) -> Done | Reject:
        if refused := self.parties.refusal(sent.member_id, Role.OPERATOR):
            return refused
        if wish.symbol in [each.symbol for each in self.instruments.values()]:
            return Reject(RejectCode.SYMBOL_TAKEN, 0, "symbol")
        if wish.currency not in CURRENCY_EXPONENT:
            return Reject(RejectCode.CURRENCY_UNKNOWN, 0, "currency")
        multiple = next(n for n in range(1, 10**6) if self.minor(wish, n, wish.lot_multiple).denominator == 1)
        if wish.tick % multiple:
            return Reject(RejectCode.TICK_NOT_WHOLE, multiple, "tick")
        self.instruments[sent.new_id] = wish
        self.books.rules[sent.new_id] = Rules(wish.tick, wish.lot_multiple, wish.price_min, wish.price_max)
        fields = wish.symbol, wish.currency, wish.price_scale, wish.tick, wish.lot_multiple
        out.append(InstrumentCreated(sent.new_id, *fields, wish.price_min, wish.price_max))
        return Done(sent.new_id)

    def minor(self, instrument: CreateInstrument, price: int, quantity: int) -> Fraction:
        exponent = CURRENCY_EXPONENT[instrument.currency]
        return Fraction(price * quantity * 10**exponent, 10**instrument.price_scale)

    def amount(self, instrument_id: str, price: int, quantity: int) -> int:
        amount = self.minor(self.instruments[instrument_id], price, quantity)
        assert amount.denominator == 1
        return amount.numerator

    def declare_stock(self, sent: Sequenced, wish: DeclareStock, out: list[AnyEvent]) -> Done | Reject:
        if refused := self.parties.refusal(sent.member_id, Role.SELLER) or self.unknown(wish.instrument_id):
            return refused
        who, unit = sent.member_id, wish.instrument_id
        if wish.quantity > (free := self.ledger.available(f"brought:{who}", unit)):
            return Reject(RejectCode.AMOUNT_TOO_LARGE, free, "quantity")
        self.ledger.post(unit, f"brought:{who}", f"stock:{who}", wish.quantity)
        out.append(StockDeclared(who, unit, wish.quantity))
        return DONE

    def withdraw_stock(self, sent: Sequenced, wish: WithdrawStock, out: list[AnyEvent]) -> Done | Reject:
        refused = self.parties.refusal(sent.member_id, Role.SELLER)
        if refused and refused.code != RejectCode.MEMBER_SUSPENDED:
            return refused
        if refused := self.unknown(wish.instrument_id):
            return refused
        who, unit = sent.member_id, wish.instrument_id
        if wish.quantity > (free := self.ledger.available(f"stock:{who}", unit)):
            return Reject(RejectCode.STOCK_SHORT, free, "quantity")
        self.ledger.post(unit, f"stock:{who}", f"brought:{who}", wish.quantity)
        out.append(StockWithdrawn(who, unit, wish.quantity))
        return DONE

    def unknown(self, instrument_id: str) -> Reject | None:
        missing = instrument_id not in self.instruments
        return Reject(RejectCode.INSTRUMENT_UNKNOWN, 0, "instrument_id") if missing else None

    def top_up(self, sent: Sequenced, wish: TopUp, out: list[AnyEvent]) -> Done | Reject:
        if refused := self.parties.refusal(sent.member_id, Role.OPERATOR):
            return refused
        if wish.member_id not in self.parties.roles:
            return Reject(RejectCode.MEMBER_UNKNOWN, 0, "member_id")
        if wish.currency not in CURRENCY_EXPONENT:
            return Reject(RejectCode.CURRENCY_UNKNOWN, 0, "currency")
        booked = self.ledger.top_up(
            Booked(wish.transfer_id, wish.member_id, wish.currency, wish.amount_minor)
        )
        if isinstance(booked, str):
            return Reject(RejectCode.TRANSFER_ID_REUSED, 0, booked)
        return Done(wish.transfer_id, number=booked)

    def set_commission(self, sent: Sequenced, wish: SetCommission, out: list[AnyEvent]) -> Done | Reject:
        if refused := self.parties.refusal(sent.member_id, Role.OPERATOR):
            return refused
        self.rates.append((wish.rate_bps, wish.tax_bps))
        out.append(CommissionSet(len(self.rates), wish.rate_bps, wish.tax_bps))
        return Done(number=len(self.rates))

    # --- orders

    def place_order(self, sent: Sequenced, wish: PlaceOrder, out: list[AnyEvent]) -> Done | Reject:
        who, order_id = sent.member_id, sent.new_id
        role = Role.BUYER if wish.side == Side.BUY else Role.SELLER
        if refused := self.parties.refusal(who, role):
            return refused
        owner = self.parties.owners[who]
        if refused := self.books.refusal(who, owner, wish):
            return refused
        amount = self.amount(wish.instrument_id, wish.price, wish.quantity)
        if amount > AMOUNT_MINOR_MAX:
            return Reject(RejectCode.AMOUNT_TOO_LARGE, AMOUNT_MINOR_MAX, "quantity")
        source, held, unit = self.purse(who, wish.side, wish.instrument_id)
        need = amount if wish.side == Side.BUY else wish.quantity
        if need > (free := self.ledger.available(source, unit)):
            return short(wish.side, free)
        self.ledger.hold(order_id, unit, source, held, need)
        events = self.books.place(order_id, who, owner, wish, sent.session)
        out += events
        self.now_us = sent.at_us
        self.settle_all(events, wish.price)
        filled = sum(each.quantity for each in events if isinstance(each, Traded))
        rest = self.books.find(who, order_id)
        return Done(order_id, filled, rest.open if rest else 0)

    def amend_order(self, sent: Sequenced, wish: AmendOrder, out: list[AnyEvent]) -> Done | Reject:
        order = self.named(sent, wish)
        if isinstance(order, Reject):
            return order
        role = Role.BUYER if order.side == Side.BUY else Role.SELLER
        refused = self.parties.refusal(sent.member_id, role) or self.books.amend_refusal(order, wish)
        if refused:
            return refused
        price, total = wish.price or order.price, wish.quantity or order.total()
        rest = max(0, total - order.filled)
        amount = self.amount(order.instrument_id, price, rest)
        if amount > AMOUNT_MINOR_MAX:
            return Reject(RejectCode.AMOUNT_TOO_LARGE, AMOUNT_MINOR_MAX, "quantity")
        source, held, unit = self.purse(sent.member_id, order.side, order.instrument_id)
        more = (amount if order.side == Side.BUY else rest) - self.ledger.remaining(order.order_id)
        if more > (free := self.ledger.available(source, unit)):
            return short(order.side, free)
        if more > 0:
            self.ledger.hold(order.order_id, unit, source, held, more)
        elif more < 0:
            self.ledger.capture(order.order_id, None, -more)
        events = self.books.amend(order, price, total)
        out += events
        self.now_us = sent.at_us
        self.settle_all(events, price)
        return Done(order.order_id, order.filled, order.open if order in self.books.resting else 0)

    def cancel_order(self, sent: Sequenced, wish: CancelOrder, out: list[AnyEvent]) -> Done | Reject:
        order = self.named(sent, wish)
        if isinstance(order, Reject):
            return order
        events = self.books.cancel(order, CancelCause.REQUESTED)
        out += events
        self.settle_all(events, order.price)
        return Done(order.order_id, order.filled)

    def named(self, sent: Sequenced, wish: CancelOrder | AmendOrder) -> NaiveOrder | Reject:
        order_id, field = wish.order_id, "order_id"
        if not order_id:
            placed = self.parties.reply_to(sent.member_id, sent.session, wish.order_ref)
            order_id, field = placed.id if placed else "", "order_ref"
        return self.books.find(sent.member_id, order_id) or Reject(RejectCode.ORDER_UNKNOWN, 0, field)

    def purse(self, who: str, side: Side, instrument_id: str) -> tuple[str, str, str]:
        """From where an order's hold comes, where it lies, in which unit."""
        if side == Side.BUY:
            return f"wallet:{who}", f"held:{who}", self.instruments[instrument_id].currency
        return f"stock:{who}", f"reserved:{who}", instrument_id

    # --- what follows from a match

    def settle_all(self, events: list[AnyEvent], taker_price: int) -> None:
        for event in events:
            match event:
                case Traded():
                    self.traded(event, taker_price)
                case SelfTradePrevented():
                    self.prevented(event, taker_price)
                case OrderCancelled():
                    self.ended(event.order_id)
                case _:
                    pass

    def traded(self, event: Traded, taker_price: int) -> None:
        maker = event.maker_order_id, event.maker_member_id
        taker = event.taker_order_id, event.taker_member_id
        buys = event.taker_side == Side.BUY
        (buy_id, buyer), (sell_id, seller) = (taker, maker) if buys else (maker, taker)
        amount = self.amount(event.instrument_id, event.price, event.quantity)
        self.ledger.capture(buy_id, f"escrow:{buy_id}", amount)
        self.ledger.capture(sell_id, f"inbound:{sell_id}", event.quantity)
        better = self.amount(event.instrument_id, taker_price, event.quantity) - amount
        if buys and better:
            self.ledger.capture(buy_id, None, better)
        self.lines.append(Line(len(self.rates), event.instrument_id, event.quantity))
        self.contracts.trades.append(Trade(event.trade_number, buy_id, buyer, sell_id, seller, amount))
        self.tape.append(Made(event.price, event.quantity, self.now_us, *self.new_lines(buy_id, sell_id)))
        for order_id, left in (
            (event.maker_order_id, event.maker_open),
            (event.taker_order_id, event.taker_open),
        ):
            if not left:
                self.ended(order_id)

    def prevented(self, event: SelfTradePrevented, taker_price: int) -> None:
        sells = "sell" if event.taker_side == Side.BUY else "buy"
        for order_id, side, price, left in (
            (event.taker_order_id, event.taker_side, taker_price, event.taker_open),
            (event.maker_order_id, sells, event.price, event.maker_open),
        ):
            money = self.amount(event.instrument_id, price, event.quantity)
            self.ledger.capture(order_id, None, money if side == Side.BUY else event.quantity)
            if not left:
                self.ended(order_id)

    def ended(self, order_id: str) -> None:
        if left := self.ledger.remaining(order_id):
            self.ledger.capture(order_id, None, left)
        self.contracts.closed.append(order_id)

    def new_lines(self, buy_id: str, sell_id: str) -> tuple[int, int]:
        self.line_counts.update((buy_id, sell_id))
        return self.line_counts[buy_id], self.line_counts[sell_id]

    # --- what the operator undoes

    def bust_trade(self, sent: Sequenced, wish: BustTrade, out: list[AnyEvent]) -> Done | Reject:
        place = self.found(sent, wish)
        if isinstance(place, Reject):
            return place
        self.give_back(place)
        trade, made = self.contracts.trades[place], self.tape[place]
        trade.settled, made.stands = True, False
        sides, terms = self.sides(place), (made.price, made.quantity, trade.amount_minor, 0)
        reference = self.reference(wish.instrument_id)
        out.append(TradeBusted(sides, trade.number, *terms, wish.cause, reference))
        return Done(wish.instrument_id, number=trade.number)

    def correct_trade(self, sent: Sequenced, wish: CorrectTrade, out: list[AnyEvent]) -> Done | Reject:
        place = self.found(sent, wish)
        if isinstance(place, Reject):
            return place
        trade, made, unit = self.contracts.trades[place], self.tape[place], wish.instrument_id
        price, quantity = wish.price, wish.quantity or made.quantity
        if (price, quantity) == (made.price, made.quantity):
            return Reject(RejectCode.NOTHING_TO_CHANGE)
        if quantity > made.quantity:
            return Reject(RejectCode.QUANTITY_ABOVE_TRADE, made.quantity, "quantity")
        if refused := self.books.wrong_value(unit, price, quantity):
            return refused
        amount, currency = self.amount(unit, price, quantity), self.instruments[unit].currency
        most = self.ledger.available(f"wallet:{trade.buyer}", currency) + trade.amount_minor
        if amount > AMOUNT_MINOR_MAX:
            return Reject(RejectCode.AMOUNT_TOO_LARGE, AMOUNT_MINOR_MAX, "price")
        if amount > most:
            return Reject(RejectCode.MONEY_SHORT, most, "price")
        sides, old = self.sides(place), (made.price, made.quantity, trade.amount_minor, 0)
        self.give_back(place)
        self.ledger.post(currency, f"wallet:{trade.buyer}", f"escrow:{trade.buy_id}", amount)
        self.ledger.post(unit, f"stock:{trade.seller}", f"inbound:{trade.sell_id}", quantity)
        made.price, made.quantity, trade.amount_minor = price, quantity, amount
        made.buy_line, made.sell_line = self.new_lines(trade.buy_id, trade.sell_id)
        self.lines[place] = self.lines[place]._replace(quantity=quantity)
        lines, reference = (made.buy_line, made.sell_line), self.reference(unit)
        new = price, quantity, amount, 0
        out.append(TradeCorrected(sides, trade.number, *old, *new, *lines, wish.cause, reference))
        return Done(unit, number=trade.number)

    def found(self, sent: Sequenced, wish: BustTrade | CorrectTrade) -> int | Reject:
        """The place of the trade in the lists."""
        if refused := self.parties.refusal(sent.member_id, Role.OPERATOR) or self.unknown(wish.instrument_id):
            return refused
        places = [
            place
            for place, (trade, line) in enumerate(zip(self.contracts.trades, self.lines, strict=True))
            if (line.instrument_id, trade.number) == (wish.instrument_id, wish.trade_number)
        ]
        if not places:
            return Reject(RejectCode.TRADE_UNKNOWN, 0, "trade_number")
        if self.contracts.trades[places[0]].settled:
            return Reject(RejectCode.TRADE_OVER, 0, "trade_number")
        until_us = self.tape[places[0]].at_us + BUST_TERM_US
        return (
            places[0]
            if sent.at_us <= until_us
            else Reject(RejectCode.TRADE_TOO_OLD, until_us, "trade_number")
        )

    def give_back(self, place: int) -> None:
        trade, unit = self.contracts.trades[place], self.lines[place].instrument_id
        currency = self.instruments[unit].currency
        self.ledger.post(currency, f"escrow:{trade.buy_id}", f"wallet:{trade.buyer}", trade.amount_minor)
        self.ledger.post(unit, f"inbound:{trade.sell_id}", f"stock:{trade.seller}", self.tape[place].quantity)

    def sides(self, place: int) -> Sides:
        trade, made, unit = self.contracts.trades[place], self.tape[place], self.lines[place].instrument_id
        buy, sell = (trade.buy_id, made.buy_line, trade.buyer), (trade.sell_id, made.sell_line, trade.seller)
        return Sides(*buy, *sell, unit)

    def reference(self, instrument_id: str) -> int:
        """The price of the last trade that stands, settled ones included."""
        stand = [
            made.price
            for made, line in zip(self.tape, self.lines, strict=True)
            if line.instrument_id == instrument_id and made.stands
        ]
        return stand[-1] if stand else self.instruments[instrument_id].reference_price

    # --- receipt

    def confirm_receipt(self, sent: Sequenced, wish: ConfirmReceipt, out: list[AnyEvent]) -> Done | Reject:
        answer = self.contracts.receipt(sent.member_id, wish.contract_id)
        if answer == "unknown":
            return Reject(RejectCode.CONTRACT_UNKNOWN, 0, "contract_id")
        if answer == "nothing":
            return Reject(RejectCode.NOTHING_TO_SETTLE)
        pairs = zip(self.contracts.trades, self.lines, strict=True)
        due = [
            (trade, line) for trade, line in pairs if trade.buy_id == wish.contract_id and not trade.settled
        ]
        for trade, line in due:
            self.settle(trade, line, month_of(sent.at_us))
        return Done(wish.contract_id, number=len(due))

    def settle(self, trade: Trade, line: Line, month: int) -> None:
        escrow, inbound = f"escrow:{trade.buy_id}", f"inbound:{trade.sell_id}"
        goods, gross = line.instrument_id, trade.amount_minor
        currency = self.instruments[goods].currency
        fee, tax = self.charge(trade.seller, line.version, month, currency, gross)
        for unit, debit, credit, amount in (
            (currency, escrow, f"payable:{trade.seller}", gross - fee - tax),
            (currency, escrow, "float:house", fee + tax),
            (currency, "house:float", "commission:surplus", fee),
            (currency, "house:float", "tax:output", tax),
            (goods, inbound, f"delivered:{trade.seller}", line.quantity),
        ):
            if amount:
                self.ledger.post(unit, debit, credit, amount)
        trade.settled = True

    def charge(self, payer: str, version: int, month: int, currency: str, base: int) -> tuple[int, int]:
        """By difference of the sums of all that was charged, never more than the base."""
        rate_bps, tax_bps = self.rates[version - 1]
        key = (payer, version, month, currency)
        before = [fee for fee in self.fees if fee[:4] == key]
        bases = sum(fee.base_minor for fee in before) + base
        fees = sum(fee.fee_minor for fee in before)
        fee = min(fee_of(bases, rate_bps) - fees, base)
        tax = min(fee_of(fees + fee, tax_bps) - sum(each.tax_minor for each in before), base - fee)
        self.fees.append(Fee(*key, base, fee, tax))
        return fee, tax


def short(side: Side, free: int) -> Reject:
    return Reject(RejectCode.MONEY_SHORT if side == Side.BUY else RejectCode.STOCK_SHORT, free, "quantity")
