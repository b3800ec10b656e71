"""Calls of sealed lots send their commands."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from exchange_client.results import Done
from tests.client.test_calls import DONE, NUMBERED, Desk

CALLS: list[tuple[Callable[[Desk], Awaitable[Done]], dict[str, Any], Done]] = [
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


@pytest.mark.parametrize("call,sent,result", CALLS)
async def test_a_call_sends_its_command_and_gives_its_result(
    call: Callable[[Desk], Awaitable[Done]], sent: dict[str, Any], result: Done
) -> None:
    desk = Desk()

    got = await call(desk)

    assert (desk.sent, type(got), got) == ([sent], type(result), result)
