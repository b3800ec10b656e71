"""Who waits for one outcome hears it; who has gone disturbs nobody."""

import asyncio

import pytest

from exchange.core.messages import Reply
from exchange.core.rejects import Reject, RejectCode
from exchange.engine.answer import Answer

REPLY = Reply(1, 1, 1)


async def test_the_outcome_is_heard() -> None:
    durable, unknown = Answer(), Answer()

    durable.settled(REPLY)
    unknown.lost(Reject(RejectCode.HALTED))

    assert await durable.heard == REPLY
    assert await unknown.heard == Reject(RejectCode.HALTED)


async def test_an_outcome_after_the_patience_of_whoever_asked_raises_nothing_in_the_engine() -> None:
    late, lost = Answer(), Answer()
    for answer in (late, lost):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await answer.heard

    late.settled(REPLY)
    lost.lost(Reject(RejectCode.HALTED))

    assert late.heard.cancelled() and lost.heard.cancelled()
