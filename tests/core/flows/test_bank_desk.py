"""Payouts, sweeps, statement entries and suspense: every posting, and every refusal with nothing moved."""

import pytest

from exchange.core.messages import (
    SYSTEM,
    BookBankEntry,
    CancelPayout,
    Command,
    DeclareStock,
    MatchSuspense,
    Outcome,
    PayOut,
    Role,
    SendBack,
    SetBankDetails,
    SetCommission,
    SetStanding,
    Side,
    Standing,
    SweepFloat,
    TopUp,
    WithdrawMoney,
)
from exchange.core.messages.bank import (
    BankAccount,
    Direction,
    PayoutSent,
    PayoutSettled,
    PayoutSource,
    PayoutState,
)
from exchange.core.messages.deals import ConfirmReceipt
from exchange.core.rejects import RejectCode
from tests.core.venue import Venue, legs

HASH = "0" * 64
OUT, IN = Direction.DEBIT, Direction.CREDIT


def a_sold_lot() -> Venue:
    """Case 1 up to its acceptance: S1 has 2,145.10 payable, the house a float of 229.90."""
    venue = Venue()
    venue.member("S1", Role.SELLER)
    venue.member("B1", Role.BUYER)
    venue.send("operator", SetCommission(rate_bps=800, tax_bps=2_100))
    venue.instrument(price_scale=3, lot_multiple=10)
    venue.money("B1", 2_375_00)
    venue.stock("S1", 1_000)
    venue.order("S1", Side.SELL, 2_375, 1_000)
    bought = venue.order("B1", Side.BUY, 2_375, 1_000).reply.id
    venue.send("B1", ConfirmReceipt(contract_id=bought))
    venue.send("S1", SetBankDetails(details_hash=HASH))
    return venue


def entry(
    entry_id: str, direction: Direction, amount_minor: int, reference: str = "", **more: object
) -> BookBankEntry:
    fields = {"currency": "USD", "reference": reference, **more}
    return BookBankEntry(entry_id=entry_id, direction=direction, amount_minor=amount_minor, **fields)  # type: ignore[arg-type]


def a_payout() -> Venue:
    """All that is payable to S1 is sent."""
    venue = a_sold_lot()
    assert legs(venue.send("operator", PayOut(member_id="S1", currency="USD"), new_id="P1").events)
    return venue


def a_booked_payout() -> Venue:
    venue = a_payout()
    assert not venue.send("operator", entry("e1", OUT, 2145_10, "P1")).reply.code
    return venue


def told(outcome: Outcome) -> tuple[RejectCode, str]:
    assert not outcome.events
    return RejectCode(outcome.reply.code), outcome.reply.field


# --- the worked cases -------------------------------------------------------------------------------


def test_case_1_a_payout_is_booked_when_the_bank_says_so() -> None:
    venue = a_sold_lot()

    sent = venue.send("operator", PayOut(member_id="S1", currency="USD"), new_id="P1")
    booked = venue.send("operator", entry("e1", OUT, 2145_10, "P1"))

    assert legs(sent.events) == [("payable:S1", "clearing:payout", 2145_10)]
    assert PayoutSent("P1", PayoutSource.PAYABLE, "S1", "USD", 2145_10, HASH) in sent.events
    assert legs(booked.events) == [("clearing:payout", "bank:client", 2145_10)]
    assert PayoutSettled("P1", PayoutSource.PAYABLE, "S1", PayoutState.BOOKED) in booked.events


def test_case_1_a_sweep_moves_the_float_and_arrives_with_the_banks_entry() -> None:
    venue = a_sold_lot()

    sent = venue.send("operator", SweepFloat(currency="USD"), new_id="W1")
    booked = venue.send("operator", entry("e2", OUT, 229_90, "W1"))
    arrived = venue.send("operator", entry("e3", IN, 229_90, "W1", account=BankAccount.OPERATING))

    assert legs(sent.events) == [("float:house", "clearing:sweep", 229_90)]
    assert legs(booked.events) == [
        ("clearing:sweep", "bank:client", 229_90),
        ("bank:operating", "house:float", 229_90),
    ]
    assert (arrived.reply.code, legs(arrived.events)) == (0, [])


def test_case_7_a_payout_comes_back() -> None:
    venue = a_booked_payout()

    returned = venue.send("operator", entry("e4", IN, 2145_10, "P1"))

    assert legs(returned.events) == [("bank:client", "payable:S1", 2145_10)]
    assert PayoutSettled("P1", PayoutSource.PAYABLE, "S1", PayoutState.RETURNED) in returned.events
    assert venue.balance("payable:S1") == -2145_10


def test_case_8_an_unexpected_credit_waits_in_suspense_until_it_is_matched() -> None:
    venue = a_sold_lot()

    credited = venue.send("operator", entry("e5", IN, 77_00, "hello"))
    matched = venue.send("operator", MatchSuspense(entry_id="e5", member_id="B1"))

    assert legs(credited.events) == [("bank:client", "suspense:in", 77_00)]
    assert legs(matched.events) == [("suspense:in", "wallet:B1", 77_00)]


def test_case_8_or_until_it_is_sent_back() -> None:
    venue = a_sold_lot()
    venue.send("operator", entry("e5", IN, 77_00, "hello"))

    sent = venue.send("operator", SendBack(entry_id="e5", details_hash=HASH), new_id="P5")
    again = venue.send("operator", SendBack(entry_id="e5", details_hash=HASH), new_id="P6")
    booked = venue.send("operator", entry("e6", OUT, 77_00, "P5"))

    assert legs(sent.events) == [("suspense:in", "clearing:payout", 77_00)]
    assert told(again) == (RejectCode.SUSPENSE_UNKNOWN, "entry_id")
    assert legs(booked.events) == [("clearing:payout", "bank:client", 77_00)]


def test_what_was_sent_back_in_vain_is_in_suspense_again() -> None:
    venue = a_sold_lot()
    venue.send("operator", entry("e5", IN, 77_00))
    venue.send("operator", SendBack(entry_id="e5", details_hash=HASH), new_id="P5")
    venue.send("operator", entry("e6", OUT, 77_00, "P5"))

    venue.send("operator", entry("e7", IN, 77_00, "P5"))

    assert venue.balance("suspense:in") == -77_00
    assert not venue.send("operator", MatchSuspense(entry_id="e5", member_id="B1")).reply.code


# --- other ways of the money -------------------------------------------------------------------------


def test_a_member_withdraws_from_its_wallet() -> None:
    venue = a_sold_lot()
    venue.money("S1", 50_00)

    sent = venue.send("S1", WithdrawMoney(currency="USD", amount_minor=20_00), new_id="P2")
    returned = [venue.send("operator", entry(f"r{n}", way, 20_00, "P2")) for n, way in enumerate((OUT, IN))]

    assert legs(sent.events) == [("wallet:S1", "clearing:payout", 20_00)]
    assert legs(returned[1].events) == [("bank:client", "wallet:S1", 20_00)]


def test_a_credit_that_names_a_member_is_a_top_up() -> None:
    venue = a_sold_lot()

    assert legs(venue.send("operator", entry("e8", IN, 5_00, "B1")).events) == [
        ("bank:client", "wallet:B1", 5_00)
    ]


def test_a_payment_that_the_bank_did_not_take_is_cancelled_by_a_reversal() -> None:
    venue = a_payout()

    cancelled = venue.send("operator", CancelPayout(payout_id="P1"))
    again = venue.send("operator", CancelPayout(payout_id="P1"))
    late = venue.send("operator", entry("e1", OUT, 2145_10, "P1"))

    assert legs(cancelled.events) == [("clearing:payout", "payable:S1", 2145_10)]
    assert told(again) == (RejectCode.PAYOUT_SETTLED, "payout_id")
    assert told(late) == (RejectCode.PAYOUT_SETTLED, "reference")


def test_a_sweep_comes_back_to_the_float() -> None:
    venue = a_sold_lot()
    venue.send("operator", SweepFloat(currency="USD"), new_id="W1")
    venue.send("operator", entry("e2", OUT, 229_90, "W1"))

    returned = venue.send("operator", entry("e3", IN, 229_90, "W1"))

    assert legs(returned.events) == [
        ("bank:client", "float:house", 229_90),
        ("house:float", "bank:operating", 229_90),
    ]


def test_the_house_bears_the_banks_charges_on_either_account() -> None:
    venue = a_sold_lot()

    on_clients = venue.send("operator", entry("f1", OUT, 1_50, is_fee=True))
    own = entry("f2", OUT, 2_00, is_fee=True, account=BankAccount.OPERATING)

    assert legs(on_clients.events) == [
        ("float:house", "bank:client", 1_50),
        ("bank_fees", "house:float", 1_50),
    ]
    assert legs(venue.send("operator", own).events) == [("bank_fees", "bank:operating", 2_00)]


def test_an_entry_takes_effect_once() -> None:
    venue = a_payout()
    first = venue.send("operator", entry("e1", OUT, 2145_10, "P1"))

    again = venue.send("operator", entry("e1", OUT, 2145_10, "P1"))

    assert (again.reply.id, again.reply.number, again.events) == ("e1", first.reply.number, [])


@pytest.mark.parametrize(
    "field, other",
    [
        ("direction", entry("e1", IN, 2145_10, "P1")),
        ("amount_minor", entry("e1", OUT, 2145_11, "P1")),
        ("reference", entry("e1", OUT, 2145_10, "P2")),
        ("is_fee", entry("e1", OUT, 2145_10, "P1", is_fee=True)),
        ("currency", entry("e1", OUT, 2145_10, "P1", currency="EUR")),
        ("account", entry("e1", OUT, 2145_10, "P1", account=BankAccount.OPERATING)),
    ],
)
def test_an_entry_with_other_fields_is_refused_and_the_field_named(field: str, other: BookBankEntry) -> None:
    assert told(a_booked_payout().send("operator", other)) == (RejectCode.TRANSFER_ID_REUSED, field)


def test_a_top_up_by_hand_and_its_entry_are_one() -> None:
    venue = a_sold_lot()
    by_hand = TopUp(transfer_id="t1", member_id="B1", currency="USD", amount_minor=5_00)
    venue.send("operator", by_hand)
    venue.send("operator", entry("e9", IN, 9_00, "B1"))

    same = venue.send("operator", entry("t1", IN, 5_00, "anything"))
    other = venue.send("operator", entry("t1", IN, 6_00))
    other_way = TopUp(transfer_id="e9", member_id="B1", currency="USD", amount_minor=9_00)

    assert (same.reply.code, same.events) == (0, [])
    assert told(other) == (RejectCode.TRANSFER_ID_REUSED, "amount_minor")
    assert told(venue.send("operator", other_way)) == (RejectCode.TRANSFER_ID_REUSED, "transfer_id")


NO_SUCH = "9" * 22
REFUSED: dict[str, tuple[str, Command, RejectCode, str]] = {
    "more than the wallet": ("S1", WithdrawMoney(currency="USD", amount_minor=1), RejectCode.MONEY_SHORT, "amount_minor"),
    "more than is payable": (
        "S1",
        WithdrawMoney(currency="USD", amount_minor=1, source=PayoutSource.PAYABLE),
        RejectCode.MONEY_SHORT,
        "amount_minor",
    ),
    "a float that is not a member's": (
        "S1",
        WithdrawMoney(currency="USD", amount_minor=1, source=PayoutSource.FLOAT),
        RejectCode.NOT_PERMITTED,
        "source",
    ),
    "no bank details": ("B1", WithdrawMoney(currency="USD", amount_minor=1), RejectCode.BANK_DETAILS_MISSING, ""),
    "an unknown currency": ("S1", WithdrawMoney(currency="ZZZ", amount_minor=1), RejectCode.CURRENCY_UNKNOWN, "currency"),
    "a payout by a member": ("S1", PayOut(member_id="S1", currency="USD"), RejectCode.ROLE_MISSING, ""),
    "nothing payable": ("operator", PayOut(member_id="S1", currency="USD"), RejectCode.MONEY_SHORT, "amount_minor"),
    "a payout to nobody": ("operator", PayOut(member_id=NO_SUCH, currency="USD"), RejectCode.MEMBER_UNKNOWN, "member_id"),
    "more than the float": ("operator", SweepFloat(currency="USD", amount_minor=229_91), RejectCode.MONEY_SHORT, "amount_minor"),
    "an empty float": ("operator", SweepFloat(currency="EUR"), RejectCode.MONEY_SHORT, "amount_minor"),
    "no such payout": ("operator", CancelPayout(payout_id=NO_SUCH), RejectCode.PAYOUT_UNKNOWN, "payout_id"),
    "an entry by a member": ("S1", entry("x", IN, 1), RejectCode.ROLE_MISSING, ""),
    "a debit that matches nothing": ("operator", entry("x", OUT, 1, "?"), RejectCode.BANK_ENTRY_UNMATCHED, "reference"),
    "a debit of another amount": ("operator", entry("x", OUT, 1, "P1"), RejectCode.BANK_ENTRY_DIFFERS, "amount_minor"),
    "a debit in another currency": (
        "operator",
        entry("x", OUT, 2145_10, "P1", currency="EUR"),
        RejectCode.BANK_ENTRY_DIFFERS,
        "currency",
    ),
    "an entry in no currency": ("operator", entry("x", IN, 1, currency="ZZZ"), RejectCode.CURRENCY_UNKNOWN, "currency"),
    "back before it was booked": ("operator", entry("x", IN, 2145_10, "P1"), RejectCode.PAYOUT_NOT_BOOKED, "reference"),
    "a charge that came in": ("operator", entry("x", IN, 1, is_fee=True), RejectCode.BANK_ENTRY_UNMATCHED, "is_fee"),
    "a charge over the float": ("operator", entry("x", OUT, 229_91, is_fee=True), RejectCode.MONEY_SHORT, "amount_minor"),
    "a payout on our own account": (
        "operator",
        entry("x", OUT, 2145_10, "P1", account=BankAccount.OPERATING),
        RejectCode.BANK_ENTRY_UNMATCHED,
        "account",
    ),
    "nothing in suspense": ("operator", MatchSuspense(entry_id="x", member_id="B1"), RejectCode.SUSPENSE_UNKNOWN, "entry_id"),
    "suspense for nobody": ("operator", MatchSuspense(entry_id="x", member_id=NO_SUCH), RejectCode.MEMBER_UNKNOWN, "member_id"),
    "bank details of nobody": (SYSTEM, SetBankDetails(details_hash=HASH), RejectCode.MEMBER_UNKNOWN, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_by_name_and_nothing_moves(case: str) -> None:
    sender, command, code, field = REFUSED[case]
    venue = a_payout()
    books = venue.kernel.ledger.dump(), venue.kernel.payments.dump()

    assert told(venue.send(sender, command, new_id="new")) == (code, field)  # type: ignore[arg-type]
    assert (venue.kernel.ledger.dump(), venue.kernel.payments.dump()) == books


def test_a_credit_of_another_amount_is_no_return_but_suspense() -> None:
    venue = a_booked_payout()

    credited = venue.send("operator", entry("e4", IN, 2140_10, "P1"))

    assert legs(credited.events) == [("bank:client", "suspense:in", 2140_10)]


def test_money_of_a_suspended_member_stays_where_it_is() -> None:
    venue = a_sold_lot()
    venue.send("operator", SetStanding(member_id="S1", standing=Standing.SUSPENDED))
    wish = WithdrawMoney(currency="USD", amount_minor=1, source=PayoutSource.PAYABLE)

    assert told(venue.send("S1", wish, new_id="P9")) == (RejectCode.MEMBER_SUSPENDED, "")


def test_a_dump_has_all_of_it() -> None:
    venue = a_booked_payout()
    venue.send("operator", entry("e5", IN, 77_00))
    dumped = venue.kernel.dump()

    loaded = type(venue.kernel).load(dumped)

    assert loaded.dump() == dumped
    loaded.payments.check_invariants(loaded.ledger)


def test_goods_are_not_touched_by_the_bank() -> None:
    venue = a_booked_payout()

    assert not venue.send("S1", DeclareStock(instrument_id="LM358", quantity=10)).reply.code
