"""Calls of sealed lots send their commands."""

from tests.client.desk import DONE, NUMBERED, Rows

CALLS: Rows = [
    (
        lambda desk: desk.submit_envelope("l-1", envelope="AAAA"),
        {"type": "submit_envelope", "lot_id": "l-1", "envelope": "AAAA"},
        NUMBERED,
    ),
    (
        lambda desk: desk.submit_envelope("l-1", envelope="AAAA", technical="BBBB"),
        {"type": "submit_envelope", "lot_id": "l-1", "envelope": "AAAA", "technical": "BBBB"},
        NUMBERED,
    ),
    (
        lambda desk: desk.withdraw_envelope("l-1"),
        {"type": "withdraw_envelope", "lot_id": "l-1"},
        DONE,
    ),
    (
        lambda desk: desk.judge_technical("l-1", 2, passed=True, reason="Fits"),
        {"type": "judge_technical", "lot_id": "l-1", "alias": 2, "passed": True, "reason": "Fits"},
        DONE,
    ),
    (
        lambda desk: desk.retry_reveal("l-1"),
        {"type": "retry_reveal", "lot_id": "l-1"},
        DONE,
    ),
]
