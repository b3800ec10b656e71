"""Calls before a supplier bids send their commands."""

from decimal import Decimal

from exchange_client.currencies import BidCurrency
from exchange_client.qualification_commands import Answer, Document, Question, QuestionKind
from tests.client.desk import DONE, MADE, NUMBERED, Rows

D = Decimal
SHA = "a" * 64
CALLS: Rows = [
    (
        lambda desk: desk.set_currencies("e-1", [BidCurrency("USD", 900_000_000, tick=5)]),
        {
            "type": "set_currencies",
            "event_id": "e-1",
            "currencies": [{"currency": "USD", "rate_ppb": 900_000_000, "tick": 5}],
        },
        DONE,
    ),
    (
        lambda desk: desk.change_event("e-1", title="Chairs", open_at_us=9),
        {"type": "change_event", "event_id": "e-1", "title": "Chairs", "open_at_us": 9},
        DONE,
    ),
    (
        lambda desk: desk.change_lot("l-1", price_scale=2, ceiling_price=D("12.5"), quantity=3),
        {"type": "change_lot", "lot_id": "l-1", "quantity": 3, "ceiling_price": 1_250},
        DONE,
    ),
    (lambda desk: desk.remove_lot("l-1"), {"type": "remove_lot", "lot_id": "l-1"}, DONE),
    (
        lambda desk: desk.answer_invitation("e-1", accept=False),
        {"type": "answer_invitation", "event_id": "e-1", "accept": False},
        DONE,
    ),
    (
        lambda desk: desk.withdraw_invitation("e-1", "m-1"),
        {"type": "withdraw_invitation", "event_id": "e-1", "member_id": "m-1"},
        DONE,
    ),
    (
        lambda desk: desk.inquire("e-1", text_hash="h"),
        {"type": "inquire", "event_id": "e-1", "text_hash": "h"},
        MADE,
    ),
    (
        lambda desk: desk.answer_inquiry("q-1", text_hash="h"),
        {"type": "answer_inquiry", "inquiry_id": "q-1", "text_hash": "h"},
        DONE,
    ),
    (
        lambda desk: desk.set_supplier_profile(profile_hash="h"),
        {"type": "set_supplier_profile", "profile_hash": "h"},
        DONE,
    ),
    (
        lambda desk: desk.clone_event("e-1", open_at_us=5, title="T", invitations=True, lottery_sha256="s"),
        {
            "type": "clone_event",
            "event_id": "e-1",
            "open_at_us": 5,
            "title": "T",
            "invitations": True,
            "lottery_sha256": "s",
        },
        MADE,
    ),
    (
        lambda desk: desk.invite_suppliers("e-1", ["m-1", "m-2"], expected_version=7),
        {
            "type": "invite_suppliers",
            "event_id": "e-1",
            "member_ids": ["m-1", "m-2"],
            "expected_version": 7,
        },
        NUMBERED,
    ),
    (
        lambda desk: desk.set_terms("e-1", text_hash="h", documents=[Document("Drawing", SHA)]),
        {
            "type": "set_terms",
            "event_id": "e-1",
            "text_hash": "h",
            "documents": [{"name": "Drawing", "sha256": SHA}],
        },
        NUMBERED,
    ),
    (
        lambda desk: desk.publish_addendum("e-1", text_hash="h"),
        {"type": "publish_addendum", "event_id": "e-1", "text_hash": "h", "ends_proxies": True},
        NUMBERED,
    ),
    (
        lambda desk: desk.accept_terms("e-1", 2),
        {"type": "accept_terms", "event_id": "e-1", "version": 2},
        NUMBERED,
    ),
    (
        lambda desk: desk.set_questionnaire(
            "e-1", [Question(QuestionKind.CHOICE, "h", choices=("A", "B")), Question(QuestionKind.TEXT, "h")]
        ),
        {
            "type": "set_questionnaire",
            "event_id": "e-1",
            "questions": [
                {"kind": "choice", "text_hash": "h", "choices": ["A", "B"]},
                {"kind": "text", "text_hash": "h"},
            ],
        },
        DONE,
    ),
    (
        lambda desk: desk.answer_questionnaire("e-1", [Answer(1, 2), Answer(2, hash="h")]),
        {
            "type": "answer_questionnaire",
            "event_id": "e-1",
            "answers": [{"place": 1, "value": 2}, {"place": 2, "hash": "h"}],
        },
        DONE,
    ),
    (
        lambda desk: desk.decide_qualification("e-1", "m-1", approve=True, lots=["l-1"]),
        {
            "type": "decide_qualification",
            "event_id": "e-1",
            "member_id": "m-1",
            "approve": True,
            "lots": ["l-1"],
            "ends_proxies": True,
        },
        DONE,
    ),
]
