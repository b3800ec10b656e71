"""Deposits, credit, schedules that turn, invoices, recourse: the operator's desk posting by posting."""

from datetime import UTC, datetime

import pytest

from exchange.core.kernel import Exchange
from exchange.core.ledger.accounts import AccountKind
from exchange.core.messages import (
    Command,
    ConfirmReceipt,
    FireDeadlines,
    ForfeitDeposit,
    InvoiceIssued,
    IssueInvoices,
    PayDeposit,
    PublishSchedule,
    Role,
    ScheduleTurned,
    SetBankDetails,
    SetCommission,
    SetCreditLimit,
    Side,
    TakeDepositBack,
    WithdrawMoney,
    WriteOffRecourse,
)
from exchange.core.messages.ledger import InvoiceLine
from exchange.core.rejects import RejectCode
from tests.core.venue import NOON, SECOND, Venue, legs, refusal

HASH = "0" * 64
DAY = 86_400 * SECOND


def a_market(rate_bps: int = 800, tax_bps: int = 2_100) -> Venue:
    venue = Venue()
    for member in ("S1", "S2", "S3"):
        venue.member(member, Role.SELLER)
    venue.member("B1", Role.BUYER)
    venue.send("operator", SetCommission(rate_bps=rate_bps, tax_bps=tax_bps))
    venue.instrument()
    venue.money("B1", 1_000_000_00)
    return venue


def a_sale(venue: Venue, seller: str, price: int, quantity: int = 1) -> list[tuple[str, str, int]]:
    """Sold and received: what its acceptance posted in money."""
    venue.stock(seller, quantity)
    venue.order(seller, Side.SELL, price, quantity)
    bought = venue.order("B1", Side.BUY, price, quantity).reply.id
    accepted = venue.send("B1", ConfirmReceipt(contract_id=bought))
    return [leg for leg in legs(accepted.events) if not leg[0].startswith("inbound")]


def month_later(venue: Venue) -> int:
    """Go to the first of the next month; the month that has ended."""
    now = datetime.fromtimestamp(venue.at_us / SECOND, UTC)
    following = datetime(now.year + now.month // 12, now.month % 12 + 1, 1, 12, tzinfo=UTC)
    venue.at_us = int(following.timestamp()) * SECOND
    return now.year * 100 + now.month


# --- deposits and credit ----------------------------------------------------------------------------


def test_a_deposit_is_paid_from_the_wallet_and_taken_back() -> None:
    venue = a_market()
    venue.money("S1", 100_00)

    paid = venue.send("S1", PayDeposit(currency="USD", amount_minor=60_00))
    back = venue.send("S1", TakeDepositBack(currency="USD", amount_minor=25_00))

    assert legs(paid.events) == [("wallet:S1", "deposit:S1", 60_00)]
    assert legs(back.events) == [("deposit:S1", "wallet:S1", 25_00)]


def test_case_10_a_bid_bond_is_forfeited() -> None:
    venue = a_market()
    venue.money("S1", 2_500_00)
    venue.send("S1", PayDeposit(currency="USD", amount_minor=2_500_00))

    forfeited = venue.send("operator", ForfeitDeposit(member_id="S1", currency="USD"))

    assert legs(forfeited.events) == [
        ("deposit:S1", "float:house", 2_500_00),
        ("house:float", "bond_forfeit", 2_500_00),
    ]


def test_credit_is_for_orders_and_for_nothing_else() -> None:
    venue = a_market()
    venue.member("B2", Role.BUYER)
    venue.send("operator", SetCreditLimit(member_id="B2", currency="USD", limit_minor=50_00))
    venue.send("B2", SetBankDetails(details_hash=HASH))

    assert refusal(venue.send("B2", WithdrawMoney(currency="USD", amount_minor=1), new_id="P")) == (
        RejectCode.MONEY_SHORT,
        0,
    )
    assert refusal(venue.send("B2", PayDeposit(currency="USD", amount_minor=1)))[0] is RejectCode.MONEY_SHORT
    assert not venue.order("B2", Side.BUY, 50_00, 1).reply.code
    assert venue.balance("wallet:B2") == 50_00
    too_low = SetCreditLimit(member_id="B2", currency="USD", limit_minor=49_99)
    assert refusal(venue.send("operator", too_low)) == (RejectCode.CREDIT_IN_USE, 50_00)


# --- schedules --------------------------------------------------------------------------------------


def test_a_promotion_turns_at_its_instants_and_a_deal_keeps_the_version_of_its_trade() -> None:
    venue = a_market(tax_bps=0)
    begins, ends = NOON + DAY, NOON + 2 * DAY
    command = PublishSchedule(rate_bps=100, seller="S1", begins_us=begins, ends_us=ends)
    version = venue.send("operator", command).reply.number

    before = a_sale(venue, "S1", 100_00)
    venue.at_us = begins
    begun = venue.send("", FireDeadlines())
    during, others = a_sale(venue, "S1", 100_00), a_sale(venue, "S2", 100_00)
    venue.stock("S1", 1)
    venue.order("S1", Side.SELL, 100_00, 1)
    bought = venue.order("B1", Side.BUY, 100_00, 1).reply.id
    venue.at_us = ends
    ended = venue.send("", FireDeadlines())
    pinned = legs(venue.send("B1", ConfirmReceipt(contract_id=bought)).events)
    after = a_sale(venue, "S1", 100_00)

    assert (begun.events, ended.events) == ([ScheduleTurned(version, True)], [ScheduleTurned(version, False)])
    commissions = [
        [amount for _, credit, amount in sale if credit == "commission:surplus"]
        for sale in (before, during, others, pinned, after)
    ]
    assert commissions == [[8_00], [1_00], [8_00], [1_00], [8_00]]


# --- invoices ---------------------------------------------------------------------------------------


def test_invoices_are_numbered_without_gaps_by_payer_and_say_what_was_charged() -> None:
    venue = a_market()
    a_sale(venue, "S2", 50_00)
    a_sale(venue, "S1", 100_00, 2)
    ended = month_later(venue)
    a_sale(venue, "S1", 1_00)

    issued = venue.send("operator", IssueInvoices(period=ended))
    following = venue.send("operator", IssueInvoices(period=month_later(venue)))

    assert issued.events == [
        InvoiceIssued(1, "S1", ended, "USD", (InvoiceLine(2, ended, 200_00, 16_00, 3_36, 0, 0, 0, 0, 0),)),
        InvoiceIssued(2, "S2", ended, "USD", (InvoiceLine(2, ended, 50_00, 4_00, 84, 0, 0, 0, 0, 0),)),
    ]
    assert [event.number for event in following.events if isinstance(event, InvoiceIssued)] == [3]


def test_a_minimum_that_the_deals_could_not_bear_is_owed_with_the_invoice() -> None:
    venue = a_market()
    command = PublishSchedule(rate_bps=800, tax_bps=2_100, minimum_minor=10_00, currency="USD")
    venue.send("operator", command)

    accepted = a_sale(venue, "S1", 4_00)
    issued = venue.send("operator", IssueInvoices(period=month_later(venue)))

    assert [leg for leg in accepted if leg[1] == "commission:surplus"] == [
        ("house:float", "commission:surplus", 4_00)
    ]
    assert legs(issued.events) == [
        ("receivable:fees:S1", "commission:surplus", 6_00),
        ("receivable:fees:S1", "tax:output", 2_10),
    ]


@pytest.mark.parametrize(
    "period, expected",
    [
        (202_613, (RejectCode.PERIOD_INVALID, 0)),
        (202_603, (RejectCode.PERIOD_NOT_ENDED, 202_603)),
        (202_602, (RejectCode.EARLIER_PERIOD_OPEN, 202_601)),
        (202_512, (RejectCode.PERIOD_INVOICED, 202_512)),
    ],
)
def test_only_an_ended_period_is_invoiced_once_and_in_order(
    period: int, expected: tuple[RejectCode, int]
) -> None:
    venue = a_market()
    assert not venue.send("operator", IssueInvoices(period=202_512)).reply.code
    a_sale(venue, "S1", 1_00)
    month_later(venue)
    month_later(venue)

    assert refusal(venue.send("operator", IssueInvoices(period=period))) == expected


def test_yen_are_charged_whole() -> None:
    venue = a_market(tax_bps=0)
    venue.instrument("YEN", currency="JPY", price_scale=0)
    venue.money("B1", 128_001, "JPY")
    venue.stock("S1", 1, "YEN")
    venue.order("S1", Side.SELL, 128_001, 1, instrument_id="YEN")
    bought = venue.order("B1", Side.BUY, 128_001, 1, instrument_id="YEN").reply.id

    accepted = legs(venue.send("B1", ConfirmReceipt(contract_id=bought)).events)

    assert ("house:float", "commission:surplus", 10_240) in accepted
    assert (f"escrow:{bought}", "payable:S1", 117_761) in accepted


# --- recourse: the rest of case 5 ---------------------------------------------------------------------


def owing(venue: Venue) -> Venue:
    """S1 owes 858.04 after a claim, and 11.88 is provided for the guarantee."""
    ledger = venue.kernel.ledger
    events = venue.outcomes[-1].events
    provision = ledger.account(AccountKind.PROVISION, "", "USD")
    ledger.post(ledger.account(AccountKind.GUARANTEE, "", "USD"), provision, 11_88, "x", "", events)
    recourse = ledger.account(AccountKind.RECOURSE, "S1", "USD")
    ledger.post(recourse, ledger.account(AccountKind.EQUITY, "", "USD"), 858_04, "x", "", events)
    return venue


def test_case_5_recourse_is_netted_with_the_next_sale_and_the_rest_written_off() -> None:
    venue = owing(a_market(rate_bps=0, tax_bps=0))
    a_sale(venue, "S1", 500_00)
    netted = venue.outcomes[-1].events

    venue.kernel._treasury.net_recourse("S1", "USD", netted)
    written_off = venue.send(
        "operator", WriteOffRecourse(member_id="S1", currency="USD", provision_minor=11_88)
    )

    assert legs(netted)[-2:] == [
        ("payable:S1", "float:house", 500_00),
        ("house:float", "receivable:recourse:S1", 500_00),
    ]
    assert legs(written_off.events) == [
        ("guarantee:provision", "receivable:recourse:S1", 11_88),
        ("bad_debt", "receivable:recourse:S1", 346_16),
    ]
    again = venue.send("operator", WriteOffRecourse(member_id="S1", currency="USD"))
    assert refusal(again)[0] is RejectCode.NOTHING_OWED


def test_nothing_is_netted_where_nothing_is_owed_or_payable() -> None:
    venue = owing(a_market())
    treasury, events = venue.kernel._treasury, venue.outcomes[-1].events
    posted = len(events)

    treasury.net_recourse("S1", "USD", events)
    treasury.net_recourse("S2", "USD", events)

    assert len(events) == posted


REFUSED: dict[str, tuple[str, Command, RejectCode, str]] = {
    "a deposit over the wallet": ("S1", PayDeposit(currency="USD", amount_minor=1), RejectCode.MONEY_SHORT, "amount_minor"),
    "more than the deposit": ("S1", TakeDepositBack(currency="USD", amount_minor=1), RejectCode.MONEY_SHORT, "amount_minor"),
    "a deposit in no currency": ("S1", PayDeposit(currency="ZZZ", amount_minor=1), RejectCode.CURRENCY_UNKNOWN, "currency"),
    "a forfeit by a member": ("S1", ForfeitDeposit(member_id="S2", currency="USD"), RejectCode.ROLE_MISSING, ""),
    "a forfeit of nothing": ("operator", ForfeitDeposit(member_id="S1", currency="USD"), RejectCode.MONEY_SHORT, "amount_minor"),
    "a forfeit of nobody": ("operator", ForfeitDeposit(member_id="?", currency="USD"), RejectCode.MEMBER_UNKNOWN, "member_id"),
    "a forfeit in no currency": (
        "operator",
        ForfeitDeposit(member_id="S1", currency="ZZZ"),
        RejectCode.CURRENCY_UNKNOWN,
        "currency",
    ),
    "credit by a member": ("S1", SetCreditLimit(member_id="S1", currency="USD", limit_minor=1), RejectCode.ROLE_MISSING, ""),
    "credit in no currency": (
        "operator",
        SetCreditLimit(member_id="S1", currency="ZZZ", limit_minor=1),
        RejectCode.CURRENCY_UNKNOWN,
        "currency",
    ),
    "a schedule of nobody": ("operator", PublishSchedule(rate_bps=1, seller="?"), RejectCode.MEMBER_UNKNOWN, "seller"),
    "a schedule by a member": ("S1", PublishSchedule(rate_bps=1), RejectCode.ROLE_MISSING, ""),
    "invoices by a member": ("S1", IssueInvoices(period=202_512), RejectCode.ROLE_MISSING, ""),
    "a write-off by a member": ("S1", WriteOffRecourse(member_id="S1", currency="USD"), RejectCode.ROLE_MISSING, ""),
    "more than is owed": (
        "operator",
        WriteOffRecourse(member_id="S1", currency="USD", amount_minor=858_05),
        RejectCode.MONEY_SHORT,
        "amount_minor",
    ),
    "more than is provided": (
        "operator",
        WriteOffRecourse(member_id="S1", currency="USD", provision_minor=11_89),
        RejectCode.MONEY_SHORT,
        "provision_minor",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_by_name_and_nothing_moves(case: str) -> None:
    sender, command, code, field = REFUSED[case]
    venue = owing(a_market())
    books = venue.kernel.ledger.dump(), venue.kernel.commission.dump()

    outcome = venue.send(sender, command)  # type: ignore[arg-type]

    assert (outcome.reply.code, outcome.reply.field, outcome.events) == (code, field, [])
    assert (venue.kernel.ledger.dump(), venue.kernel.commission.dump()) == books


def test_a_kernel_of_a_dump_goes_on_with_schedules_and_sums() -> None:
    venue = a_market()
    venue.send("operator", PublishSchedule(rate_bps=100, seller="S1", begins_us=NOON + DAY))
    a_sale(venue, "S1", 33)
    dumped = venue.kernel.dump()

    assert Exchange.load(dumped).dump() == dumped
