"""The client over real sockets, against the naive exchange."""

import asyncio
import logging
from collections.abc import AsyncIterator
from decimal import Decimal
from math import inf
from typing import Any

import pytest

from exchange_client import (
    Ack,
    Client,
    Invalid,
    NotExecuted,
    Placed,
    Position,
    Post,
    Rejected,
    Settings,
    Stopped,
    TooManyOpen,
    Unknown,
    Unreachable,
)
from exchange_client.inflight import OPEN_MAX
from exchange_client.messages import PlaceOrder, Side
from tests.client.naive_exchange import KEY
from tests.client.stand_in import PATIENCE_S, StandIn

SOON_S = 0.3  # a time-out that is meant to be met
QUICK = Settings(reconnect_us_first=1_000, reconnect_us_last=10_000, busy_us_first=1_000, busy_us_last=10_000)


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    """An exchange that listens."""
    async with asyncio.timeout(3 * PATIENCE_S), StandIn() as stand_in:
        yield stand_in


def a_client(stand_in: StandIn, key: str = KEY, **options: Any) -> Client:
    """Not connected; its pauses are short."""
    return Client(stand_in.url, key=key, **{"settings": QUICK, **options})


def an_order(quantity: int = 1) -> PlaceOrder:
    return PlaceOrder(instrument_id="i-1", side=Side.BUY, price=5, quantity=quantity)


def executed(stand_in: StandIn) -> list[int]:
    """The quantities of the orders that took effect."""
    return [frame["quantity"] for frame in stand_in.exchange.executed]


# --- commands ------------------------------------------------------------------------------------


async def test_an_order_is_placed(stand_in: StandIn) -> None:
    async with a_client(stand_in) as client:
        placed = await client.buy("NE555P", price=Decimal("12.5"), quantity=3)

        assert placed == Placed(1, 1, 1_000_000, "place_order-1", 0, 3)
        assert stand_in.exchange.executed[0]["price"] == 125_000
        assert (client.member_id, client.position) == ("m-1", Position(1, 1))


async def test_a_refusal_is_raised_with_its_bound_as_a_price(stand_in: StandIn) -> None:
    async with a_client(stand_in) as client:
        with pytest.raises(Rejected) as caught:
            await client.buy("i-1", price=Decimal("12.5"), quantity=5)

        assert (caught.value.reason, caught.value.bound_price) == ("MONEY_SHORT", Decimal("12.5"))


async def test_a_price_that_is_too_fine_is_not_sent(stand_in: StandIn) -> None:
    async with a_client(stand_in) as client:
        with pytest.raises(Invalid, match="finer"):
            await client.buy("i-1", price=Decimal("12.50001"), quantity=1)

        assert client.position.ref == 0


async def test_many_commands_are_under_way_at_once(stand_in: StandIn) -> None:
    told: list[Post] = []
    async with a_client(stand_in) as client:
        posts = [client.post(an_order(5 * number + 1), then=told.append) for number in range(100)]
        acks = [await post for post in posts]

        assert [ack.ref for ack in acks] == list(range(1, 101))
        assert told == posts


async def test_leaving_the_block_waits_for_what_is_open(stand_in: StandIn) -> None:
    async with a_client(stand_in) as client:
        post = client.post(an_order())

    assert isinstance(post.outcome, Ack)


async def test_an_error_in_the_block_waits_for_nothing(stand_in: StandIn) -> None:
    client = await a_client(stand_in).__aenter__()
    stand_in.mute = True
    post = client.post(an_order(), timeout_s=inf)

    await client.__aexit__(LookupError, LookupError(), None)

    assert isinstance(post.outcome, Unknown)
    with pytest.raises(Stopped):
        _ = client.post(an_order())


async def test_a_sender_waits_for_its_turn_and_a_poster_is_refused(stand_in: StandIn) -> None:
    async with a_client(stand_in) as client:
        stand_in.mute = True
        for _ in range(OPEN_MAX):
            _ = client.post(an_order())
        with pytest.raises(TooManyOpen):
            _ = client.post(an_order())
        sending = asyncio.ensure_future(client.send(an_order(2)))
        await stand_in.until(lambda: len(executed(stand_in)) == OPEN_MAX)
        assert not sending.done()

        stand_in.mute = False
        await stand_in.flush()

        assert (await sending).ref == OPEN_MAX + 1


async def test_draining_waits_until_few_enough_are_open(stand_in: StandIn) -> None:
    async with a_client(stand_in) as client:
        posts = [client.post(an_order()) for _ in range(20)]

        await client.drain(below=5)

        assert sum(post.outcome is None for post in posts) < 5


# --- trouble -------------------------------------------------------------------------------------


async def test_a_broken_connection_costs_no_command_and_repeats_none(stand_in: StandIn) -> None:
    async with a_client(stand_in) as client:
        posts: list[Post] = []
        for number in range(40):
            posts.append(client.post(an_order(5 * number + 1)))
            if number % 8 == 3:
                await stand_in.until(lambda: len(executed(stand_in)) > len(posts) - 4)
                stand_in.break_all()
        acks = [await post for post in posts]

    assert [ack.ref for ack in acks] == list(range(1, 41))
    assert executed(stand_in) == [5 * number + 1 for number in range(40)]
    assert stand_in.handshakes > 1


async def test_an_ack_that_got_lost_is_told_after_the_reconnect(stand_in: StandIn) -> None:
    async with a_client(stand_in) as client:
        stand_in.mute = True
        post = client.post(an_order())
        await stand_in.until(lambda: executed(stand_in) == [1])
        stand_in.break_all()
        stand_in.mute = False

        assert (await post).id == "place_order-1"
        assert executed(stand_in) == [1]


async def test_a_busy_exchange_is_sent_the_same_again(stand_in: StandIn) -> None:
    async with a_client(stand_in) as client:
        stand_in.exchange.busy = True
        posts = [client.post(an_order(number)) for number in (1, 2, 3)]
        await stand_in.until(lambda: len(stand_in.exchange.seen) > 6)
        stand_in.exchange.busy = False

        assert [(await post).ref for post in posts] == [1, 2, 3]
        assert executed(stand_in) == [1, 2, 3]


async def test_an_exchange_that_stays_busy_has_refused(stand_in: StandIn) -> None:
    async with a_client(stand_in, timeout_s=SOON_S) as client:
        stand_in.exchange.busy = True

        with pytest.raises(Rejected, match="BUSY"):
            await client.send(an_order())


async def test_an_exchange_that_says_nothing_leaves_it_unknown_until_asked(stand_in: StandIn) -> None:
    async with a_client(stand_in) as client:
        stand_in.mute = True
        with pytest.raises(Unknown) as caught:
            await client.send(an_order(), timeout_s=SOON_S)
        stand_in.exchange.connections[0].out.clear()  # the ack is lost
        stand_in.mute = False

        assert (await client.resolve(caught.value)).id == "place_order-1"
        assert (await client.resolve(caught.value.ref)).ref == 1


async def test_a_command_that_never_arrived_is_found_not_executed(stand_in: StandIn) -> None:
    async with a_client(stand_in, settings=Settings(reconnect_us_first=1_000, resend=False)) as client:
        stand_in.deaf = True
        post = client.post(an_order())
        await stand_in.until(lambda: stand_in.ignored > 0)
        stand_in.break_all()
        with pytest.raises(Unknown) as caught:
            await post
        stand_in.deaf = False

        with pytest.raises(NotExecuted):
            await client.resolve(caught.value)
        assert executed(stand_in) == []


async def test_what_never_left_needs_no_question(stand_in: StandIn) -> None:
    async with a_client(stand_in) as client:
        with pytest.raises(NotExecuted):
            await client.resolve(Unknown(1, 1, "", sent=False))


async def test_a_ref_of_a_forgotten_session_stays_unknown(stand_in: StandIn) -> None:
    async with a_client(stand_in) as client:
        with pytest.raises(Unknown):
            await client.resolve(Unknown(1, 99, "the session was forgotten"))


async def test_a_later_run_takes_up_the_session_and_resolves_what_the_first_left_open(
    stand_in: StandIn,
) -> None:
    first = await a_client(stand_in).__aenter__()
    _ = first.post(an_order())
    await stand_in.until(lambda: executed(stand_in) == [1])
    await first.close()

    async with a_client(stand_in, position=first.position) as second:
        ack = await second.resolve(1)
        placed = await second.send(an_order(2))

    assert (ack.id, placed.ref, second.position.session) == ("place_order-1", 2, first.position.session)


async def test_the_exchange_restarts_and_everything_goes_on(stand_in: StandIn) -> None:
    async with a_client(stand_in) as client:
        await client.send(an_order(1))
        await stand_in.close_all(4000)

        assert (await client.send(an_order(2))).ref == 2
        assert stand_in.handshakes == 2


@pytest.mark.parametrize("code", [4502, 4999])
async def test_a_close_code_that_says_so_ends_the_client(stand_in: StandIn, code: int) -> None:
    async with a_client(stand_in) as client, client.own() as feed:
        await feed.next()
        await stand_in.close_all(code)

        with pytest.raises(Stopped, match=str(code)):
            await feed.next()

    assert stand_in.handshakes == 1
    with pytest.raises(Stopped):
        await client.send(an_order())


async def test_a_mute_connection_is_left_for_another(
    stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "exchange_client")
    settings = Settings(reconnect_us_first=1_000, silence_us_max=300_000)
    async with a_client(stand_in, settings=settings) as client:
        stand_in.mute = True
        await stand_in.until(lambda: stand_in.handshakes > 1)
        stand_in.mute = False

        assert (await client.send(an_order())).ref == 1

    assert "nothing was heard" in caplog.text
    assert KEY not in caplog.text


async def test_a_frame_that_cannot_be_read_costs_the_connection_only(stand_in: StandIn) -> None:
    async with a_client(stand_in) as client:
        stand_in.exchange.connections[0].out.append(b"{]")
        await stand_in.flush()

        assert (await client.send(an_order())).ref == 1
        assert stand_in.handshakes == 2


async def test_a_complaint_of_the_exchange_is_logged(
    stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_client(stand_in) as client:
        stand_in.exchange.connections[0].send(
            {
                "type": "error",
                "code": 100,
                "reason": "MALFORMED",
                "message": "Not valid.",
                "remedy": "Correct it.",
            }
        )
        await client.send(an_order())

    assert "MALFORMED" in caplog.text


# --- the beginning and the end -------------------------------------------------------------------


async def test_a_wrong_key_is_told_at_once(stand_in: StandIn) -> None:
    with pytest.raises(Stopped, match="NOT_AUTHENTICATED"):
        async with a_client(stand_in, key="wrong"):
            pass

    assert stand_in.handshakes == 1


@pytest.mark.parametrize("status", [401, 404, 302])
async def test_an_address_without_an_exchange_is_told_at_once(stand_in: StandIn, status: int) -> None:
    stand_in.answers_handshake_with = status

    with pytest.raises(Stopped):
        async with a_client(stand_in):
            pass


async def test_an_exchange_that_starts_late_is_waited_for(stand_in: StandIn) -> None:
    stand_in.answers_handshake_with = 503
    client = a_client(stand_in)
    entering = asyncio.ensure_future(client.__aenter__())
    await stand_in.until(lambda: stand_in.handshakes > 1)
    stand_in.answers_handshake_with = 101

    await entering

    assert client.member_id == "m-1"
    await client.close()


async def test_an_exchange_that_does_not_answer_in_time_is_unreachable(stand_in: StandIn) -> None:
    stand_in.answers_handshake_with = 503

    with pytest.raises(Unreachable, match="HTTP 503"):
        async with a_client(stand_in, connect_s_max=SOON_S):
            pass


async def test_closing_twice_is_closing_once(stand_in: StandIn) -> None:
    async with a_client(stand_in) as client:
        await client.close()
        await client.close()


async def test_the_exchanges_clock_is_known(stand_in: StandIn) -> None:
    async with a_client(stand_in) as client:
        await client.send(an_order())

        assert abs(client.clock.now_us() - stand_in.exchange.now_us) < PATIENCE_S * 1_000_000
        assert client.clock.round_trip_us > 0


def test_a_client_never_shows_its_key() -> None:
    assert KEY not in repr(Client("ws://127.0.0.1/v1/ws", key=KEY))
