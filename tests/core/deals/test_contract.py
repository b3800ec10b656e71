from itertools import product
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec import msgpack

import exchange.core.deals
from exchange.core.deals.contract import STATES, ContractDump, Contracts, ContractState
from exchange.core.deals.trades import Line
from exchange.core.messages import (
    AnyEvent,
    ContractLineAdded,
    ContractLineSettled,
    ContractPerformed,
    Side,
)
from exchange.core.rejects import Reject, RejectCode
from tests.models.contracts import NaiveContracts, Trade

README = Path(exchange.core.deals.__path__[0]) / "README.md"
UNKNOWN = Reject(RejectCode.CONTRACT_UNKNOWN, field="contract_id")
NOTHING = Reject(RejectCode.NOTHING_TO_SETTLE)


class Deals:
    """Contracts, and the events of the last step."""

    def __init__(self) -> None:
        self.contracts = Contracts()
        self.events: list[AnyEvent] = []

    def trade(
        self,
        buy_id: str = "buy",
        sell_id: str = "sell",
        number: int = 1,
        buyer: str = "B1",
        seller: str = "S1",
        amount_minor: int = 950,
    ) -> list[AnyEvent]:
        """A trade of 40 at 23750."""
        self.events = []
        self.contracts.add_trade(
            buy_id, buyer, sell_id, seller, "KIT", number, 23_750, 40, amount_minor, 3, self.events
        )
        return self.events

    def close(self, order_id: str) -> list[AnyEvent]:
        self.events = []
        self.contracts.close_order(order_id, self.events)
        return self.events

    def settle_all(self, contract_id: str = "buy", fee: int = 76, tax: int = 16) -> list[AnyEvent]:
        self.events = []
        contract = self.contracts.get(contract_id)
        assert contract is not None
        for line in self.contracts.open_lines(contract):
            self.contracts.settle(contract, line, fee, tax, self.events)
        return self.events

    def open_lines(self, contract_id: str) -> list[Line]:
        contract = self.contracts.get(contract_id)
        return [] if contract is None else self.contracts.open_lines(contract)


def test_a_trade_adds_a_line_to_the_contracts_of_both_orders() -> None:
    deals = Deals()

    events = deals.trade(number=7)

    assert events == [
        ContractLineAdded("buy", "B1", Side.BUY, "KIT", 1, 7, 23_750, 40, 950),
        ContractLineAdded("sell", "S1", Side.SELL, "KIT", 1, 7, 23_750, 40, 950),
    ]
    assert deals.open_lines("buy") == [Line(1, 7, 23_750, 40, 950, "sell", 1, 3)]
    assert deals.open_lines("sell") == [Line(1, 7, 23_750, 40, 950, "buy", 1, 3)]


def test_an_order_with_many_counterparties_has_one_contract_with_a_line_for_each() -> None:
    deals = Deals()

    deals.trade(sell_id="sell-1", number=1)
    deals.trade(sell_id="sell-2", number=2, seller="S2")

    lines = [(line.line, line.counter_contract_id, line.counter_line) for line in deals.open_lines("buy")]
    assert lines == [(1, "sell-1", 1), (2, "sell-2", 1)]


def test_settling_tells_both_sides_and_only_the_seller_of_fee_and_tax() -> None:
    deals = Deals()
    deals.trade()

    assert deals.settle_all() == [
        ContractLineSettled("buy", "B1", Side.BUY, 1, 950, 0, 0),
        ContractLineSettled("sell", "S1", Side.SELL, 1, 950, 76, 16),
    ]
    assert deals.open_lines("buy") == deals.open_lines("sell") == []


def test_a_contract_is_performed_when_its_closed_order_is_settled() -> None:
    deals = Deals()
    deals.trade()
    assert deals.close("buy") == []

    events = deals.settle_all()

    assert events[2:] == [ContractPerformed("buy", "B1", Side.BUY)]
    assert deals.contracts.get("buy") is None
    assert deals.contracts.get("sell") is not None


def test_a_contract_is_performed_when_its_settled_order_closes() -> None:
    deals = Deals()
    deals.trade()
    deals.settle_all()

    assert deals.close("sell") == [ContractPerformed("sell", "S1", Side.SELL)]
    assert deals.contracts.get("sell") is None


def test_both_sides_can_be_performed_by_one_settlement_the_buyer_first() -> None:
    deals = Deals()
    deals.trade()
    deals.close("sell")
    deals.close("buy")

    events = deals.settle_all()

    assert events[2:] == [
        ContractPerformed("buy", "B1", Side.BUY),
        ContractPerformed("sell", "S1", Side.SELL),
    ]
    assert deals.contracts.dump() == []


def test_a_seller_is_not_performed_before_its_last_buyer() -> None:
    deals = Deals()
    deals.trade(buy_id="buy-1", number=1)
    deals.trade(buy_id="buy-2", number=2, buyer="B2")
    deals.close("sell")

    first, second = deals.settle_all("buy-2"), deals.settle_all("buy-1")

    assert ContractPerformed("sell", "S1", Side.SELL) not in first
    assert ContractPerformed("sell", "S1", Side.SELL) in second


def test_an_order_that_closes_without_a_fill_leaves_nothing() -> None:
    assert Deals().close("buy") == []


def test_a_closed_order_takes_no_line_and_does_not_close_again() -> None:
    deals = Deals()
    deals.trade()
    deals.close("buy")

    with pytest.raises(AssertionError, match="order buy is closed"):
        deals.trade(number=2)
    with pytest.raises(AssertionError, match="closed already"):
        deals.close("buy")


def test_a_line_is_not_settled_from_the_sellers_side() -> None:
    deals = Deals()
    deals.trade()

    with pytest.raises(AssertionError, match="buyer's side"):
        deals.settle_all("sell")


@pytest.mark.parametrize(
    "case, member, contract_id, expected",
    [
        ("the buyer's own", "B1", "buy", None),
        ("nobody's", "B1", "other", UNKNOWN),
        ("another buyer's", "B2", "buy", UNKNOWN),
        ("the seller's own", "S1", "sell", UNKNOWN),
        ("the seller's, by the buyer", "B1", "sell", UNKNOWN),
        ("the buyer's, by the seller", "S1", "buy", UNKNOWN),
        ("settled so far", "B1", "settled", NOTHING),
        ("settled so far, by another", "B2", "settled", UNKNOWN),
        ("performed", "B1", "performed", UNKNOWN),
    ],
)
def test_only_a_buyer_confirms_receipt_of_what_is_open(
    case: str, member: str, contract_id: str, expected: Reject | None
) -> None:
    deals = Deals()
    for number, buy_id in enumerate(("buy", "settled", "performed"), 1):
        deals.trade(buy_id=buy_id, number=number)
    deals.close("performed")
    deals.settle_all("performed")
    deals.settle_all("settled")

    assert deals.contracts.receipt_refusal(member, contract_id) == expected


def test_the_lines_to_settle_are_a_copy_that_settling_does_not_change() -> None:
    deals = Deals()
    deals.trade(number=1)
    deals.trade(sell_id="sell-2", number=2)
    lines = deals.open_lines("buy")

    deals.settle_all()

    assert [line.trade_number for line in lines] == [1, 2]


def test_equal_contracts_dump_equal_bytes_whatever_came_first() -> None:
    one, other = Deals(), Deals()
    for deals, order in ((one, (1, 2)), (other, (2, 1))):
        for number in order:
            deals.trade(buy_id=f"buy-{number}", sell_id=f"sell-{number}", number=number)

    assert msgpack.encode(one.contracts.dump()) == msgpack.encode(other.contracts.dump())


# --- the states ----------------------------------------------------------------------------------


def test_every_pair_of_facts_has_a_state_and_only_the_last_is_performed() -> None:
    assert sorted(STATES) == sorted(product((False, True), repeat=2))
    assert [facts for facts, state in STATES.items() if state is ContractState.PERFORMED] == [(True, False)]


def test_the_readme_shows_the_table_of_states() -> None:
    words = {False: "no", True: "yes"}
    rows = [
        f"| {words[closed]} | {words[is_open]} | {state} |" for (closed, is_open), state in STATES.items()
    ]

    assert "\n".join(rows) in README.read_text()


# --- a random life -------------------------------------------------------------------------------

BUYS, SELLS = ("b1", "b2", "b3", "b4"), ("s1", "s2", "s3", "s4")


class ContractLife(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.contracts = Contracts()
        self.twin = NaiveContracts()

    def still_open(self, orders: tuple[str, ...]) -> list[str]:
        return [order_id for order_id in orders if order_id not in self.twin.closed]

    @precondition(lambda self: self.still_open(BUYS) and self.still_open(SELLS))
    @rule(data=st.data(), amount=st.integers(1, 999))
    def trade(self, data: st.DataObject, amount: int) -> None:
        buy_id = data.draw(st.sampled_from(self.still_open(BUYS)))
        sell_id = data.draw(st.sampled_from(self.still_open(SELLS)))
        trade = Trade(len(self.twin.trades) + 1, buy_id, f"of {buy_id}", sell_id, f"of {sell_id}", amount)
        self.twin.trades.append(trade)
        events: list[AnyEvent] = []

        self.contracts.add_trade(
            buy_id, trade.buyer, sell_id, trade.seller, "KIT", trade.number, 1, 1, amount, 1, events
        )

        added = [(e.contract_id, e.line) for e in events if isinstance(e, ContractLineAdded)]
        assert added == [(order_id, len(self.twin.of(order_id))) for order_id in (buy_id, sell_id)]

    @rule(order_id=st.sampled_from(BUYS + SELLS))
    def close(self, order_id: str) -> None:
        if order_id in self.twin.closed:
            return
        before = self.twin.in_force()
        self.twin.closed.append(order_id)
        events: list[AnyEvent] = []

        self.contracts.close_order(order_id, events)

        self.check_performed(events, before)

    @rule(member=st.sampled_from(BUYS + SELLS), contract_id=st.sampled_from(BUYS + SELLS))
    def confirm(self, member: str, contract_id: str) -> None:
        refused = self.contracts.receipt_refusal(f"of {member}", contract_id)
        expected = {"fine": None, "unknown": UNKNOWN, "nothing": NOTHING}
        assert refused == expected[self.twin.receipt(f"of {member}", contract_id)]

    @rule(contract_id=st.sampled_from(BUYS), only_one=st.booleans())
    def settle(self, contract_id: str, only_one: bool) -> None:
        contract = self.contracts.get(contract_id)
        if contract is None:
            return
        before = self.twin.in_force()
        events: list[AnyEvent] = []
        lines = self.contracts.open_lines(contract)[: 1 if only_one else None]
        for line in lines:
            self.contracts.settle(contract, line, 1, 0, events)
            self.twin.trades[line.trade_number - 1].settled = True

        settled = [(e.side, e.amount_minor) for e in events if isinstance(e, ContractLineSettled)]
        assert settled == [(side, line.amount_minor) for line in lines for side in (Side.BUY, Side.SELL)]
        self.check_performed(events, before)

    def check_performed(self, events: list[AnyEvent], before: list[str]) -> None:
        """Told are exactly those that were in force before and are not any more."""
        told = sorted(e.contract_id for e in events if isinstance(e, ContractPerformed))
        assert told == [contract_id for contract_id in before if contract_id not in self.twin.in_force()]

    @rule()
    def restart(self) -> None:
        dumped = msgpack.encode(self.contracts.dump())
        self.contracts = Contracts.load(msgpack.decode(dumped, type=list[ContractDump]))
        assert msgpack.encode(self.contracts.dump()) == dumped

    @invariant()
    def the_twin_knows_the_same_open_lines(self) -> None:
        lines = {
            dumped.contract_id: [line.trade_number for line in dumped.lines]
            for dumped in self.contracts.dump()
        }
        assert lines == {order_id: self.twin.open_numbers(order_id) for order_id in self.twin.in_force()}

    @invariant()
    def both_sides_of_a_line_name_each_other(self) -> None:
        for dumped in self.contracts.dump():
            for line in dumped.lines:
                counter = self.contracts.get(line.counter_contract_id)
                assert counter is not None and counter.side is not dumped.side
                other = counter.lines[line.counter_line]
                assert (other.counter_contract_id, other.counter_line) == (dumped.contract_id, line.line)
                assert (other.trade_number, other.amount_minor) == (line.trade_number, line.amount_minor)


TestContractLife = ContractLife.TestCase
TestContractLife.settings = settings(max_examples=60, stateful_step_count=40)
