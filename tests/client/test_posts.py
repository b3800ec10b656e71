import asyncio

import pytest

from exchange_client.errors import NotExecuted, Rejected, Unknown
from exchange_client.messages import CancelOrder
from exchange_client.posts import Post, Question
from tests.client.frames import a_refusal, an_ack


async def test_everybody_who_awaits_a_post_gets_its_ack() -> None:
    post = Post(CancelOrder(order_id="o-1"))
    waiting = [asyncio.ensure_future(_awaited(post)) for _ in range(3)]
    await asyncio.wait(waiting, timeout=0)

    post.outcome = an_ack(1)
    post.wake()

    assert await asyncio.gather(*waiting) == [an_ack(1)] * 3
    assert await post == an_ack(1)


async def test_who_gives_up_waiting_disturbs_nobody() -> None:
    post = Post(CancelOrder(order_id="o-1"))
    impatient, patient = (asyncio.ensure_future(_awaited(post)) for _ in range(2))
    await asyncio.wait([impatient, patient], timeout=0)

    impatient.cancel()
    await asyncio.wait([impatient])
    post.outcome = an_ack(1)
    post.wake()

    assert await patient == an_ack(1)


@pytest.mark.parametrize("outcome", [Rejected.of(a_refusal(1)), Unknown(1, 1, "no answer in time")])
async def test_an_outcome_that_is_no_ack_is_raised(outcome: Rejected | Unknown) -> None:
    post = Post(CancelOrder(order_id="o-1"))
    post.outcome = outcome

    with pytest.raises(type(outcome)) as caught:
        await post

    assert caught.value is outcome


async def test_the_callback_is_called_when_the_outcome_is_there() -> None:
    told: list[Post] = []
    post = Post(CancelOrder(order_id="o-1"), then=told.append)

    post.outcome = an_ack(1)
    post.wake()

    assert told == [post]


async def test_a_question_is_awaited_like_a_post() -> None:
    question = Question(1, 0)
    waiting = asyncio.ensure_future(_awaited(question))
    await asyncio.wait([waiting], timeout=0)

    question.outcome = NotExecuted(1)
    question.wake()

    with pytest.raises(NotExecuted):
        await waiting


async def _awaited(open_one: Post | Question) -> object:
    return await open_one
