"""Calls after a close send their commands."""

from exchange_client.award_commands import AwardPart
from tests.client.desk import DONE, NUMBERED, Rows

CALLS: Rows = [
    (lambda desk: desk.place_bond("e-1"), {"type": "place_bond", "event_id": "e-1"}, NUMBERED),
    (lambda desk: desk.pay_sale("l-1"), {"type": "pay_sale", "lot_id": "l-1"}, NUMBERED),
    (
        lambda desk: desk.return_bond("e-1", "m-1"),
        {"type": "return_bond", "event_id": "e-1", "member_id": "m-1"},
        DONE,
    ),
    (
        lambda desk: desk.reopen_lot("l-1", close_at_us=9, reason="A question"),
        {"type": "reopen_lot", "lot_id": "l-1", "close_at_us": 9, "reason": "A question"},
        DONE,
    ),
    (
        lambda desk: desk.award_lot("l-1", 2, reason="Nearer"),
        {"type": "award_lot", "lot_id": "l-1", "alias": 2, "reason": "Nearer"},
        DONE,
    ),
    (
        lambda desk: desk.file_complaint("l-1", text_hash="aa"),
        {"type": "file_complaint", "lot_id": "l-1", "text_hash": "aa"},
        DONE,
    ),
    (
        lambda desk: desk.answer_complaint("l-1", 2, uphold=False, text_hash="aa"),
        {"type": "answer_complaint", "lot_id": "l-1", "alias": 2, "uphold": False, "text_hash": "aa"},
        DONE,
    ),
    (
        lambda desk: desk.split_lot(
            "l-1", [AwardPart(1, share_bps=6_000), AwardPart(3, share_bps=4_000)], reason="Two plants"
        ),
        {
            "type": "split_lot",
            "lot_id": "l-1",
            "parts": [{"alias": 1, "share_bps": 6_000}, {"alias": 3, "share_bps": 4_000}],
            "reason": "Two plants",
        },
        NUMBERED,
    ),
    (lambda desk: desk.award_best("l-1"), {"type": "award_best", "lot_id": "l-1"}, NUMBERED),
    (
        lambda desk: desk.declare_default("l-1", 2, reason="No delivery", award_next=False),
        {
            "type": "declare_default",
            "lot_id": "l-1",
            "alias": 2,
            "reason": "No delivery",
            "award_next": False,
        },
        NUMBERED,
    ),
]
