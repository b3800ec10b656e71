"""Busts and corrections: what goes back where, who is refused, and what the market goes on from."""

import pytest

from exchange.core.flows.settlement import fee_and_tax
from exchange.core.kernel import Exchange
from exchange.core.ledger.accounts import AccountKind
from exchange.core.limits import BUST_TERM_US
from exchange.core.messages import (
    AmendOrder,
    AnyCommand,
    CancelOrder,
    ConfirmReceipt,
    ContractLineAdded,
    ContractLineSettled,
    ContractPerformed,
    IssueInvoices,
    Outcome,
    PublishSchedule,
    Role,
    SetCommission,
    SetStanding,
    Side,
    Standing,
    TaxRegime,
    TransferPosted,
)
from exchange.core.messages.corrections import BustCause, BustTrade, CorrectTrade, TradeBusted, TradeCorrected
from exchange.core.messages.deals import BuyerFeeReturned
from exchange.core.messages.delivery import DealMoved, Sides
from exchange.core.messages.ledger import InvoiceIssued, Payer
from exchange.core.messages.lifecycles import DealState
from exchange.core.rejects import RejectCode
from tests.core.hub import HubVenue
from tests.core.venue import Venue, legs, refusal
from tests.models.ledger import fee_of

BUY, SELL = Side.BUY, Side.SELL
PART = "LM358"
SIDES = Sides("id-2", 1, "B", "id-1", 1, "S", PART)


def a_trade(price: int = 100, quantity: int = 10, **terms: object) -> Venue:
    """S offers 10 at the price (id-1), B takes them (id-2): trade 1. B has 5000 before it, S 40 pieces."""
    venue = Venue()
    venue.member("B", Role.BUYER)
    venue.member("S", Role.SELLER)
    venue.instrument(PART, **terms)
    venue.money("B", 5_000)
    venue.stock("S", 40)
    trade(venue, price, quantity)
    return venue


def trade(venue: Venue, price: int, quantity: int = 10) -> None:
    for member_id, side in (("S", SELL), ("B", BUY)):
        assert not venue.order(member_id, side, price, quantity).reply.code


def bust(venue: Venue, number: int = 1, who: str = "operator", instrument_id: str = PART) -> Outcome:
    return venue.send(who, BustTrade(instrument_id=instrument_id, trade_number=number))


def correct(venue: Venue, price: int, quantity: int = 0, number: int = 1) -> Outcome:
    command = CorrectTrade(instrument_id=PART, trade_number=number, price=price, quantity=quantity)
    return venue.send("operator", command)


def linked(outcome: Outcome) -> set[int]:
    return {event.linked for event in outcome.events if isinstance(event, TransferPosted)}


# --- bust ------------------------------------------------------------------------------------------


def test_a_bust_gives_money_and_goods_back_as_one_linked_chain_the_other_way() -> None:
    venue = a_trade()

    outcome = bust(venue)

    assert legs(outcome.events) == [("escrow:id-2", "wallet:B", 1_000), ("inbound:id-1", "stock:S", 10)]
    assert len(linked(outcome)) == 1 and 0 not in linked(outcome)
    assert {e.reason for e in outcome.events if isinstance(e, TransferPosted)} == {"bust"}
    assert (venue.balance("wallet:B"), venue.balance("stock:S", PART)) == (-5_000, -40)
    assert (outcome.reply.id, outcome.reply.number) == (PART, 1)


def test_a_bust_tells_both_sides_of_the_trade_and_ends_contracts_of_which_nothing_is_left() -> None:
    outcome = bust(a_trade())

    told = [event for event in outcome.events if not isinstance(event, TransferPosted)]
    assert told == [
        TradeBusted(SIDES, 1, 100, 10, 1_000, 0, BustCause.ERRONEOUS, 0),
        ContractPerformed("id-2", "B", BUY),
        ContractPerformed("id-1", "S", SELL),
    ]


def test_a_bust_leaves_the_other_lines_of_a_contract_and_its_open_order_as_they_are() -> None:
    venue = a_trade(quantity=4)
    venue.order("B", BUY, 100, 10)  # id-3 rests
    for _ in range(2):
        venue.order("S", SELL, 100, 4)
    contract = venue.kernel.contracts.get("id-3")
    assert contract is not None and list(contract.lines) == [1, 2]

    bust(venue, number=2)

    assert list(contract.lines) == [2]
    assert venue.balance("escrow:id-3") == -400
    rest = venue.kernel.books.orders["id-3"]
    assert (rest.open, rest.filled) == (2, 8), "the order is not revived"
    assert venue.balance("held:B") == -200


def test_what_is_settled_after_a_bust_is_charged_as_if_the_busted_trade_had_never_been() -> None:
    venue = a_trade(price=33, quantity=1)
    venue.send("operator", SetCommission(rate_bps=777, tax_bps=1_900))
    for price in (35, 37):
        trade(venue, price, 1)
    bust(venue, number=2)

    fees = [
        event.fee_minor
        for contract_id in ("id-2", "id-6")
        for event in venue.send("B", ConfirmReceipt(contract_id=contract_id)).events
        if isinstance(event, ContractLineSettled) and event.side is SELL
    ]

    assert fees == [fee_of(33, 800), fee_of(37, 777)]
    invoices = venue.send("operator", IssueInvoices(period=202_601), after_us=40 * BUST_TERM_US).events
    bases = [line.base_minor for event in invoices for line in getattr(event, "lines", ())]
    assert bases == [33, 37]


def test_a_tax_on_the_goods_goes_back_with_their_price() -> None:
    venue = a_trade(price=33, quantity=1, tax_regime=TaxRegime.OWN_NAME, goods_tax_bps=2_100)

    outcome = bust(venue)

    assert legs(outcome.events)[0] == ("escrow:id-2", "wallet:B", 33 + 7)


def test_a_suspended_side_is_no_reason_against_a_bust() -> None:
    venue = a_trade()
    for member_id in "BS":
        venue.send("operator", SetStanding(member_id=member_id, standing=Standing.SUSPENDED))

    assert not bust(venue).reply.code


# --- who is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["B", "S", "nobody"])
def test_only_an_operator_busts_and_corrects(who: str) -> None:
    venue = a_trade()

    for command in (
        BustTrade(instrument_id=PART, trade_number=1),
        CorrectTrade(instrument_id=PART, trade_number=1, price=90),
    ):
        assert venue.send(who, command).reply.code in {RejectCode.ROLE_MISSING, RejectCode.MEMBER_UNKNOWN}


def settled(venue: Venue) -> None:
    venue.send("B", ConfirmReceipt(contract_id="id-2"))


def busted(venue: Venue) -> None:
    bust(venue)


def old(venue: Venue) -> None:
    venue.at_us += BUST_TERM_US


def fresh(venue: Venue) -> None:
    pass


AGAINST = [
    (fresh, "TL431", 1, RejectCode.INSTRUMENT_UNKNOWN),
    (fresh, PART, 2, RejectCode.TRADE_UNKNOWN),
    (settled, PART, 1, RejectCode.TRADE_OVER),
    (busted, PART, 1, RejectCode.TRADE_OVER),
    (old, PART, 1, RejectCode.TRADE_TOO_OLD),
]


@pytest.mark.parametrize("before,instrument_id,number,code", AGAINST)
def test_what_cannot_be_taken_back_is_refused_by_name(
    before: object, instrument_id: str, number: int, code: RejectCode
) -> None:
    venue = a_trade()
    before(venue)  # type: ignore[operator]
    commands: list[AnyCommand] = [
        BustTrade(instrument_id=instrument_id, trade_number=number),
        CorrectTrade(instrument_id=instrument_id, trade_number=number, price=90),
    ]

    for command in commands:
        assert venue.send("operator", command).reply.code == code


def test_a_trade_can_be_busted_until_a_day_after_it() -> None:
    venue = a_trade()
    (traded_us,) = {each.at_us for each in venue.log[-1:]}

    venue.at_us = traded_us + BUST_TERM_US
    assert refusal(bust(venue)) == (RejectCode.TRADE_TOO_OLD, traded_us + BUST_TERM_US)

    venue = a_trade()
    venue.at_us = traded_us + BUST_TERM_US - 1_000
    assert not bust(venue).reply.code


# --- correction ------------------------------------------------------------------------------------


def test_a_lower_price_and_a_smaller_quantity_are_a_bust_and_a_trade_in_one_chain() -> None:
    venue = a_trade()

    outcome = correct(venue, 90, 8)

    assert legs(outcome.events) == [
        ("escrow:id-2", "wallet:B", 1_000),
        ("inbound:id-1", "stock:S", 10),
        ("wallet:B", "escrow:id-2", 720),
        ("stock:S", "inbound:id-1", 8),
    ]
    assert len(linked(outcome)) == 1 and 0 not in linked(outcome)
    told = [event for event in outcome.events if not isinstance(event, TransferPosted)]
    assert told == [
        TradeCorrected(SIDES, 1, 100, 10, 1_000, 0, 90, 8, 720, 0, 2, 2, BustCause.ERRONEOUS, 90),
        ContractLineAdded("id-2", "B", BUY, PART, 2, 1, 90, 8, 720),
        ContractLineAdded("id-1", "S", SELL, PART, 2, 1, 90, 8, 720),
    ]
    assert (venue.balance("stock:S", PART), venue.balance("wallet:B")) == (-32, -4_280)


def test_a_higher_price_is_paid_by_the_buyers_wallet_or_refused_with_what_the_trade_may_cost() -> None:
    venue = a_trade()

    assert refusal(correct(venue, 501)) == (RejectCode.MONEY_SHORT, 5_000)
    assert not correct(venue, 500).reply.code

    assert venue.balance("wallet:B") == 0


def test_a_corrected_trade_can_be_corrected_again_settled_or_busted_by_the_same_number() -> None:
    venue = a_trade()
    correct(venue, 90)
    correct(venue, 80, 5)
    other = Exchange.load(venue.kernel.dump())
    assert other.dump() == venue.kernel.dump()

    outcome = bust(venue)

    assert legs(outcome.events) == [("escrow:id-2", "wallet:B", 400), ("inbound:id-1", "stock:S", 5)]
    venue = a_trade()
    correct(venue, 90)
    events = venue.send("B", ConfirmReceipt(contract_id="id-2")).events
    assert [(e.line, e.amount_minor) for e in events if isinstance(e, ContractLineSettled)] == [(2, 900)] * 2


def test_a_correction_keeps_the_commission_that_the_trade_was_made_under() -> None:
    venue = a_trade()
    venue.send("operator", SetCommission(rate_bps=100))

    correct(venue, 90)

    events = venue.send("B", ConfirmReceipt(contract_id="id-2")).events
    assert [e.fee_minor for e in events if isinstance(e, ContractLineSettled)] == [0, 72]


@pytest.mark.parametrize(
    "price,quantity,code,bound",
    [
        (100, 0, RejectCode.NOTHING_TO_CHANGE, 0),
        (100, 10, RejectCode.NOTHING_TO_CHANGE, 0),
        (90, 12, RejectCode.QUANTITY_ABOVE_TRADE, 10),
        (90, 5, RejectCode.QUANTITY_OFF_LOT, 2),
        (91, 8, RejectCode.PRICE_OFF_TICK, 5),
        (45, 8, RejectCode.PRICE_BELOW_BAND, 50),
        (205, 8, RejectCode.PRICE_ABOVE_BAND, 200),
    ],
)
def test_terms_that_the_instrument_does_not_have_are_refused(
    price: int, quantity: int, code: RejectCode, bound: int
) -> None:
    venue = a_trade(tick=5, lot_multiple=2, price_min=50, price_max=200)

    assert refusal(correct(venue, price, quantity)) == (code, bound)


# --- what the market goes on from ------------------------------------------------------------------


def reference(venue: Venue) -> int:
    return venue.kernel.books.books[PART].stage.reference


@pytest.mark.parametrize("first_settled", [False, True])
def test_the_reference_is_the_last_trade_that_stands(first_settled: bool) -> None:
    venue = a_trade(reference_price=70)
    if first_settled:
        venue.send("B", ConfirmReceipt(contract_id="id-2"))
    for price in (110, 120):
        trade(venue, price)

    bust(venue, number=2)
    assert reference(venue) == 120
    venue.kernel = Exchange.load(venue.kernel.dump())
    bust(venue, number=3)
    assert reference(venue) == 100
    if not first_settled:
        bust(venue, number=1)
        assert reference(venue) == 70


def test_a_corrected_price_is_the_reference_where_the_trade_was_the_last() -> None:
    venue = a_trade()
    trade(venue, 110)

    correct(venue, 90, number=1)
    assert reference(venue) == 110
    correct(venue, 95, number=2)
    assert reference(venue) == 95


# --- through the hub -------------------------------------------------------------------------------


def hub_bust(venue: HubVenue) -> Outcome:
    return venue.send("operator", BustTrade(instrument_id="KIT", trade_number=1))


def test_a_deal_is_void_with_its_trade_and_its_term_is_over() -> None:
    venue = HubVenue()
    venue.sale()

    outcome = hub_bust(venue)

    (moved,) = [event for event in outcome.events if isinstance(event, DealMoved)]
    assert (moved.state, moved.quantity, moved.amount_minor) == (DealState.VOID, 0, 0)
    assert venue.kernel.deadlines.next_us() is None
    assert venue.kernel.deals.dump() == []
    assert venue.balance("stock:S1", "KIT") == -1_000


def test_goods_that_left_the_seller_are_under_way_and_not_taken_back() -> None:
    venue = HubVenue()
    venue.sale()
    venue.dispatch()

    assert refusal(hub_bust(venue))[0] == RejectCode.TRADE_DISPATCHED


def test_a_corrected_deal_goes_through_the_hub_at_its_new_terms() -> None:
    venue = HubVenue()
    venue.sale()
    venue.done("operator", CorrectTrade(instrument_id="KIT", trade_number=1, price=2_000, quantity=800))

    venue.dispatch(("S-1", 2, 800))
    venue.receive(800)
    venue.inspect(800)
    venue.ship(("B-1", 2))
    venue.confirm(800)
    events = venue.accept()

    assert [e.amount_minor for e in events if isinstance(e, ContractLineSettled)] == [160_000] * 2


def test_a_bust_of_one_fill_of_a_resting_order_lets_it_be_amended_and_cancelled_as_before() -> None:
    venue = a_trade(quantity=4, tax_regime=TaxRegime.OWN_NAME, goods_tax_bps=2_100)
    venue.order("B", BUY, 33, 9)
    for quantity in (1, 2):
        venue.order("S", SELL, 33, quantity)

    bust(venue, number=2)

    assert not venue.send("B", AmendOrder(order_id="id-3", quantity=8)).reply.code
    assert not venue.send("B", CancelOrder(order_id="id-3")).reply.code
    assert venue.kernel.ledger.account(AccountKind.HELD, "B", "USD").balance == 0


# --- what a buyer bears of the commission ----------------------------------------------------------


def with_buyers_fee(minimum_minor: int = 0) -> Venue:
    """As `a_trade`, under a schedule whose fee the buyer bears whole."""
    venue = Venue()
    venue.member("B", Role.BUYER)
    venue.member("S", Role.SELLER)
    venue.instrument(PART)
    venue.money("B", 5_000)
    venue.stock("S", 40)
    schedule = PublishSchedule(
        rate_bps=1_000,
        payer=Payer.BUYER,
        minimum_minor=minimum_minor,
        currency="USD" if minimum_minor else "",
    )
    assert not venue.send("operator", schedule).reply.code
    trade(venue, 100)
    return venue


def owed(venue: Venue) -> list[tuple[int, int, int]]:
    """Base, fee kept and fee owed of each line of the month's invoices of the buyer."""
    events = venue.send("operator", IssueInvoices(period=202_601), after_us=40 * BUST_TERM_US).events
    issued = [event for event in events if isinstance(event, InvoiceIssued) and event.payer == "B"]
    lines = [each for event in issued for each in event.lines]
    return [
        (
            each.base_minor - each.refunded_base_minor,
            each.fee_minor - each.refunded_fee_minor,
            each.owed_fee_minor,
        )
        for each in lines
    ]


def test_a_buyers_commission_comes_back_with_a_bust_and_is_never_invoiced() -> None:
    venue = with_buyers_fee()
    assert venue.balance("escrow:id-2") == -1_100

    outcome = bust(venue)

    assert venue.balance("wallet:B") == -5_000
    assert len(linked(outcome)) == 1
    assert BuyerFeeReturned("id-2", "B", 1, 100, 0) in outcome.events
    assert venue.kernel.settlement.bought == {}
    assert owed(venue) == [(0, 0, 0)]


@pytest.mark.parametrize("minimum", [0, 300])
def test_a_corrected_trade_is_charged_to_its_buyer_anew(minimum: int) -> None:
    venue = with_buyers_fee(minimum)

    assert not correct(venue, 90, 8).reply.code

    charged = sum(fee_and_tax(venue.kernel.settlement.bought["id-2/2"]))
    assert venue.balance("escrow:id-2") == -720 - charged
    venue.send("B", ConfirmReceipt(contract_id="id-2"))
    assert venue.balance("commission:surplus") == -charged
    ((base, kept, later),) = owed(venue)
    assert (base, kept + later) == (720, max(72, minimum))


def test_a_correction_that_the_buyer_cannot_pay_with_its_commission_is_refused() -> None:
    venue = with_buyers_fee()

    assert refusal(correct(venue, 455)) == (RejectCode.MONEY_SHORT, 5_000)
    assert not correct(venue, 454).reply.code
