"""Calls of the hub and of money send their commands."""

from decimal import Decimal

from exchange_client.corrections import BustCause
from exchange_client.deal_words import (
    Check,
    CheckMethod,
    CheckResult,
    ClaimReason,
    ClaimText,
    ConsignedLine,
    SamplingPlan,
    ShippedLine,
)
from exchange_client.messages import BankAccount, Direction, PayoutSource, Tier
from exchange_client.phases import Phase
from tests.client.desk import DONE, MADE, NUMBERED, Rows

D = Decimal
CALLS: Rows = [
    (
        lambda desk: desk.dispatch_consignment("NE555P", [ConsignedLine("c-1", 1, 5)], tracking_hash="h"),
        {
            "type": "dispatch_consignment",
            "instrument_id": "i-1",
            "lines": [{"contract_id": "c-1", "line": 1, "quantity": 5}],
            "tracking_hash": "h",
        },
        MADE,
    ),
    (
        lambda desk: desk.decide_conditional("c-1", take=True),
        {"type": "decide_conditional", "contract_id": "c-1", "take": True},
        DONE,
    ),
    (
        lambda desk: desk.confirm_shipment("s-1", received_quantity=4),
        {"type": "confirm_shipment", "shipment_id": "s-1", "received_quantity": 4},
        DONE,
    ),
    (
        lambda desk: desk.accept_goods("c-1", line=2),
        {"type": "accept_goods", "contract_id": "c-1", "line": 2},
        DONE,
    ),
    (
        lambda desk: desk.reclaim_rejected("i-1", 3, declare=True),
        {"type": "reclaim_rejected", "instrument_id": "i-1", "quantity": 3, "declare": True},
        DONE,
    ),
    (
        lambda desk: desk.file_claim("c-1", 1, ClaimReason.DAMAGED, quantity=2, text_hash="h"),
        {
            "type": "file_claim",
            "contract_id": "c-1",
            "line": 1,
            "reason": "damaged",
            "quantity": 2,
            "text_hash": "h",
        },
        MADE,
    ),
    (
        lambda desk: desk.answer_claim("c-1", 1, admit=True),
        {"type": "answer_claim", "contract_id": "c-1", "line": 1, "admit": True},
        DONE,
    ),
    (
        lambda desk: desk.give_feedback("c-1", as_described=5, delivery=4, communication=3),
        {
            "type": "give_feedback",
            "contract_id": "c-1",
            "as_described": 5,
            "delivery": 4,
            "communication": 3,
        },
        DONE,
    ),
    (
        lambda desk: desk.set_hub_address("Hub", "Quay 3"),
        {"type": "set_hub_address", "name": "Hub", "address": "Quay 3"},
        DONE,
    ),
    (
        lambda desk: desk.receive_consignment("g-1", counted_quantity=5),
        {"type": "receive_consignment", "consignment_id": "g-1", "counted_quantity": 5},
        MADE,
    ),
    (
        lambda desk: desk.inspect_hub_lot(
            "l-1",
            SamplingPlan.EVERY_PIECE,
            [Check(CheckMethod.VISUAL, CheckResult.PASSED)],
            sample_quantity=5,
            evidence_hash="h",
            passed=4,
            rejected=1,
            cost=D("35.00"),
            currency="USD",
        ),
        {
            "type": "inspect_hub_lot",
            "hub_lot_id": "l-1",
            "plan": "every_piece",
            "sample_quantity": 5,
            "checks": [{"method": "visual", "result": "passed"}],
            "evidence_hash": "h",
            "passed_quantity": 4,
            "rejected_quantity": 1,
            "cost_minor": 3_500,
        },
        DONE,
    ),
    (
        lambda desk: desk.dispatch_shipment([ShippedLine("c-1", 1)]),
        {"type": "dispatch_shipment", "lines": [{"contract_id": "c-1", "line": 1}]},
        MADE,
    ),
    (
        lambda desk: desk.resolve_claim("k-1", upheld_bps=4_000),
        {"type": "resolve_claim", "claim_id": "k-1", "upheld_bps": 4_000},
        DONE,
    ),
    (
        lambda desk: desk.release_claim_text("k-1", ClaimText.CLAIM),
        {"type": "release_claim_text", "claim_id": "k-1", "text": "claim"},
        DONE,
    ),
    (lambda desk: desk.set_bank_details("h"), {"type": "set_bank_details", "details_hash": "h"}, DONE),
    (
        lambda desk: desk.pay_deposit(D("5.00"), "USD"),
        {"type": "pay_deposit", "currency": "USD", "amount_minor": 500},
        NUMBERED,
    ),
    (
        lambda desk: desk.take_deposit_back(D("5.00"), "USD"),
        {"type": "take_deposit_back", "currency": "USD", "amount_minor": 500},
        NUMBERED,
    ),
    (
        lambda desk: desk.withdraw_money(D(5), "JPY", source=PayoutSource.PAYABLE),
        {"type": "withdraw_money", "currency": "JPY", "amount_minor": 5, "source": "payable"},
        MADE,
    ),
    (
        lambda desk: desk.pay_out("m-1", "USD"),
        {"type": "pay_out", "member_id": "m-1", "currency": "USD"},
        MADE,
    ),
    (
        lambda desk: desk.sweep_float("USD", D("1.00")),
        {"type": "sweep_float", "currency": "USD", "amount_minor": 100},
        MADE,
    ),
    (lambda desk: desk.cancel_payout("p-1"), {"type": "cancel_payout", "payout_id": "p-1"}, DONE),
    (
        lambda desk: desk.book_bank_entry(
            "e-1", Direction.DEBIT, D("1.50"), "USD", account=BankAccount.OPERATING, is_fee=True
        ),
        {
            "type": "book_bank_entry",
            "entry_id": "e-1",
            "direction": "debit",
            "currency": "USD",
            "amount_minor": 150,
            "account": "operating",
            "is_fee": True,
        },
        NUMBERED,
    ),
    (
        lambda desk: desk.match_suspense("e-1", "m-1"),
        {"type": "match_suspense", "entry_id": "e-1", "member_id": "m-1"},
        DONE,
    ),
    (
        lambda desk: desk.send_back("e-1", "h"),
        {"type": "send_back", "entry_id": "e-1", "details_hash": "h"},
        MADE,
    ),
    (
        lambda desk: desk.set_credit_limit("m-1", D("10.00"), "USD"),
        {"type": "set_credit_limit", "member_id": "m-1", "currency": "USD", "limit_minor": 1_000},
        DONE,
    ),
    (
        lambda desk: desk.forfeit_deposit("m-1", "USD"),
        {"type": "forfeit_deposit", "member_id": "m-1", "currency": "USD"},
        NUMBERED,
    ),
    (
        lambda desk: desk.write_off_recourse("m-1", "USD", D("3.00"), from_provision=D("1.00")),
        {
            "type": "write_off_recourse",
            "member_id": "m-1",
            "currency": "USD",
            "amount_minor": 300,
            "provision_minor": 100,
        },
        NUMBERED,
    ),
    (
        lambda desk: desk.publish_schedule(
            800, "USD", tiers=[Tier(500_000, 900)], minimum=D("2.50"), seller="m-1"
        ),
        {
            "type": "publish_schedule",
            "rate_bps": 800,
            "tiers": [{"up_to_minor": 500_000, "rate_bps": 900}],
            "minimum_minor": 250,
            "seller": "m-1",
            "currency": "USD",
        },
        NUMBERED,
    ),
    (
        lambda desk: desk.issue_invoices(202_601),
        {"type": "issue_invoices", "period": 202_601},
        NUMBERED,
    ),
    (
        lambda desk: desk.set_phase("NE555P", Phase.HALTED),
        {"type": "set_phase", "instrument_id": "i-1", "phase": "halted"},
        DONE,
    ),
    (
        lambda desk: desk.start_call("NE555P", seconds=2.5, then=Phase.CLOSED),
        {
            "type": "start_call",
            "instrument_id": "i-1",
            "duration_us": 2_500_000,
            "next_phase": "closed",
        },
        DONE,
    ),
    (
        lambda desk: desk.bust_trade("NE555P", 7),
        {"type": "bust_trade", "instrument_id": "i-1", "trade_number": 7},
        DONE,
    ),
    (
        lambda desk: desk.correct_trade("NE555P", 7, price=D("2.5"), quantity=3, cause=BustCause.CONSENT),
        {
            "type": "correct_trade",
            "instrument_id": "i-1",
            "trade_number": 7,
            "price": 25_000,
            "quantity": 3,
            "cause": "consent",
        },
        DONE,
    ),
]
