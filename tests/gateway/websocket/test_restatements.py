"""Busts and corrections over the feed: the tape and the ticker that a reader keeps are the exchange's own."""

import random

from exchange.core.messages import PlaceOrder, Side, shown
from exchange.core.messages.corrections import BustTrade, CorrectTrade, TradeStatus
from exchange.core.messages.shown_trades import OwnBusted, OwnCorrected
from tests.gateway.floor import Caller, Floor

PART = "LM358"
TRADES, TICKER = f"trades:{PART}", f"ticker:{PART}"


def a_floor() -> Floor:
    """A buyer and a seller with enough of everything, and a guest who looks."""
    floor = Floor()
    for member_id in ("buyer", "seller", "guest"):
        floor.member(member_id)
    floor.venue.instrument(PART)
    floor.venue.money("buyer", 10**8)
    floor.venue.stock("seller", 10**6)
    floor.commit()
    return floor


def trade(floor: Floor, price: int, quantity: int = 5) -> None:
    for member_id, side in (("seller", Side.SELL), ("buyer", Side.BUY)):
        floor.venue.order(member_id, side, price, quantity)


class TapeReader:
    """Number → price, quantity and status; it objects to every gap."""

    def __init__(self) -> None:
        self.tape: dict[int, tuple[int, int, TradeStatus]] = {}
        self.offset = -1
        self.last = (0, 0, 0)

    def read(self, caller: Caller) -> None:
        for frame in caller.hear():
            if isinstance(frame, shown.Ticker):
                self.last = frame.last_price, frame.last_quantity, frame.volume
            elif isinstance(frame, shown.Trades):
                assert frame.snapshot or frame.offset == self.offset + 1
                self.offset = frame.offset
                for each in frame.trades:
                    self.tape[each.trade_number] = each.price, each.quantity, each.status
                for change in frame.changes:
                    self.tape[change.trade_number] = change.price, change.quantity, change.status

    def standing(self) -> list[tuple[int, int]]:
        """Price and quantity of all that stand, oldest first."""
        tape = [self.tape[number] for number in sorted(self.tape)]
        return [(price, quantity) for price, quantity, status in tape if status is not TradeStatus.BUSTED]


def test_a_tape_kept_by_deltas_is_the_one_of_a_snapshot_and_the_ticker_tells_its_end() -> None:
    floor, chance = a_floor(), random.Random(5)
    guest, reader = floor.caller("guest"), TapeReader()
    guest.say(shown.Subscribe(TRADES), shown.Subscribe(TICKER))
    for _ in range(40):
        roll, number = chance.random(), chance.randrange(1, 12)
        if roll < 0.4:
            trade(floor, chance.randrange(90, 111), chance.randrange(1, 9))
        elif roll < 0.7:
            floor.venue.send("operator", BustTrade(instrument_id=PART, trade_number=number))
        else:
            price, quantity = chance.randrange(90, 111), chance.randrange(3)
            command = CorrectTrade(instrument_id=PART, trade_number=number, price=price, quantity=quantity)
            floor.venue.send("operator", command)
        if chance.random() < 0.6:
            floor.commit()
            reader.read(guest)
    floor.commit()
    reader.read(guest)

    fresh, newcomer = TapeReader(), floor.caller("guest")
    newcomer.say(shown.Subscribe(TRADES))
    fresh.read(newcomer)
    assert reader.tape == fresh.tape
    assert {status for _, _, status in reader.tape.values()} == set(TradeStatus)
    standing = reader.standing()
    assert reader.last == (*standing[-1], sum(quantity for _, quantity in standing))


def test_each_side_is_told_of_its_own_line_and_nobody_else_of_either() -> None:
    floor = a_floor()
    callers = {member_id: floor.caller(member_id) for member_id in ("buyer", "seller", "guest")}
    trade(floor, 100)
    floor.commit()
    for caller in callers.values():
        caller.follow("own")

    floor.venue.send("operator", CorrectTrade(instrument_id=PART, trade_number=1, price=90))
    floor.venue.send("operator", BustTrade(instrument_id=PART, trade_number=1))
    floor.commit()

    contracts = {"buyer": "id-2", "seller": "id-1"}
    for member_id, caller in callers.items():
        events = [each for frame in caller.hear() if isinstance(frame, shown.Own) for each in frame.events]
        told = [
            (type(each), each.contract_id, each.line)
            for each in events
            if isinstance(each, OwnBusted | OwnCorrected)
        ]
        contract = contracts.get(member_id)
        expected = [(OwnCorrected, contract, 1), (OwnBusted, contract, 2)] if contract else []
        assert told == expected


def test_a_book_that_nobody_watched_tells_the_first_reader_how_trades_stand() -> None:
    floor = a_floor()
    for price in (100, 101):
        trade(floor, price)
    floor.venue.send("operator", BustTrade(instrument_id=PART, trade_number=2))
    floor.venue.send("buyer", PlaceOrder(instrument_id=PART, side=Side.BUY, price=95, quantity=1))
    floor.commit()

    reader, guest = TapeReader(), floor.caller("guest")
    guest.say(shown.Subscribe(TRADES), shown.Subscribe(TICKER))
    reader.read(guest)

    assert reader.tape[2][2] is TradeStatus.BUSTED
    assert reader.last == (100, 5, 5)
