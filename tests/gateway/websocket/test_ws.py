"""The WebSocket over real sockets, with the real engine on a journal in memory."""

import asyncio

import aiohttp
import msgspec
import pytest

from exchange.core.rejects import RejectCode
from exchange.engine.base import EngineState
from exchange.gateway.limits import FRAME_BYTES_MAX, MESSAGE_BYTES_MAX
from exchange.gateway.proxies import networks_of
from exchange.gateway.websocket import outlet, ws
from exchange.gateway.websocket.closing import REASONS, CloseCode
from exchange.gateway.websocket.seats import Seats
from exchange.journal.memory import Step
from tests.gateway.websocket.stand import ORIGIN, Outage, RawClient, a_stand, masked

# --- the way there and back -------------------------------------------------------------------------


async def test_an_order_travels_from_a_frame_to_ack_book_and_own() -> None:
    async with a_stand() as stand:
        connection = await stand.greeted()
        channels = (f"book:{stand.instrument}", "own")
        for channel in channels:
            await connection.send_json({"type": "subscribe", "channel": channel})
        before = [await connection.receive_json() for _ in range(4)]
        await connection.send_json(stand.an_order(1))
        ack, delta, own = [await connection.receive_json() for _ in range(3)]

    assert [frame["type"] for frame in before] == [
        "subscribed",
        "book_snapshot",
        "subscribed",
        "own_snapshot",
    ]
    assert (ack["type"], ack["ref"], ack["open_quantity"]) == ("ack", 1, 1)
    assert (delta["type"], delta["offset"], delta["bids"]) == ("book_delta", 1, [[100, 1]])
    assert [event["type"] for event in own["events"]] == ["order_placed", "order_rested"]
    assert {tuple(account) for account in own["accounts"]} == {
        ("wallet", "USD", 10**9 - 100),
        ("held", "USD", 100),
    }


async def test_a_burst_in_one_read_is_one_commit() -> None:
    async with a_stand() as stand:
        client = await RawClient.upgraded(stand)
        client.send({"type": "hello", "key": "key"})
        await client.frame()
        commits = stand.engine.metrics.commits

        client.send(*(stand.an_order(ref) for ref in range(1, 51)))
        acks = [msgspec.json.decode(await client.frame()) for _ in range(50)]
        await client.close()

    assert [ack["ref"] for ack in acks] == list(range(1, 51))
    assert stand.engine.metrics.commits == commits + 1


async def test_a_message_in_pieces_is_one_message() -> None:
    async with a_stand() as stand:
        client = await RawClient.upgraded(stand)
        hello = b'{"type":"hello","key":"key"}'
        client.writer.write(masked(hello[:9], 0x01) + masked(hello[9:], 0x80))

        assert b'"welcome"' in await client.frame()
        await client.close()


async def test_a_second_connection_takes_the_session_up() -> None:
    async with a_stand() as stand:
        first = await stand.greeted()
        await first.send_json(stand.an_order(7))
        ack = await first.receive_json()
        await first.close()
        second = await stand.connect()
        await second.send_json({"type": "hello", "key": "key", "session": 1})
        welcome = await second.receive_json()
        await second.send_json(stand.an_order(7))
        again = await second.receive_json()

    assert (welcome["session"], welcome["high_ref"]) == (1, 7)
    assert again == ack


@pytest.mark.parametrize("step,landed", [("append", False), ("appended", True)])
async def test_a_halt_loses_nothing_and_reading_goes_on(step: Step, landed: bool) -> None:
    outage = Outage()
    async with a_stand(fault=outage) as stand:
        connection = await stand.greeted()
        book = {"type": "subscribe", "channel": f"book:{stand.instrument}"}
        outage.at = step
        await connection.send_json(stand.an_order(1))
        unresolved = await connection.receive_json()
        for message in (stand.an_order(2), book):
            await connection.send_json(message)
        refused, _, snapshot = [await connection.receive_json() for _ in range(3)]

        outage.at = None
        while stand.engine.state is not EngineState.SERVING:
            await asyncio.sleep(0.001)
        await connection.send_json({"type": "resolve", "ref": 1})
        heard = [await connection.receive_json()]
        while heard[-1]["type"] not in {"ack", "unresolved"}:
            heard.append(await connection.receive_json())
        if not landed:
            await connection.send_json(stand.an_order(1))
            heard += [await connection.receive_json() for _ in range(2)]

    assert unresolved == {"type": "unresolved", "ref": 1, "never": False}
    assert (refused["ref"], refused["reason"], refused["advice"]) == (2, "HALTED", "wait")
    assert (snapshot["type"], snapshot["bids"]) == ("book_snapshot", [])
    assert [frame["type"] for frame in heard] == (
        ["book_delta", "ack"] if landed else ["unresolved", "ack", "book_delta"]
    )
    assert [frame["bids"] for frame in heard if frame["type"] == "book_delta"] == [[[100, 1]]]


# --- bad frames -------------------------------------------------------------------------------------


async def test_bad_frames_get_errors_and_the_connection_survives() -> None:
    async with a_stand() as stand:
        connection = await stand.greeted()
        await connection.send_bytes(b"\x00")
        await connection.send_str("{")
        await connection.send_str("x" * (FRAME_BYTES_MAX + 1))
        errors = [await connection.receive_json() for _ in range(3)]
        await connection.send_json(stand.an_order(1))
        ack = await connection.receive_json()

    assert [error["code"] for error in errors] == [
        RejectCode.NOT_TEXT,
        RejectCode.MALFORMED,
        RejectCode.TOO_LARGE,
    ]
    assert ack["type"] == "ack"


async def test_what_cannot_be_read_to_its_end_ends_the_connection() -> None:
    async with a_stand() as stand:
        connection = await stand.greeted()
        await connection.send_str("x" * MESSAGE_BYTES_MAX)
        closing = await connection.receive()

    assert closing.data == 1009


# --- who gets in ------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", [ORIGIN, "http://127.0.0.1:{port}"])
async def test_pages_get_in_from_allowed_origins_and_our_own(origin: str) -> None:
    async with a_stand() as stand:
        connection = await stand.connect(headers={"Origin": origin.format(port=stand.port)})
        await connection.send_json({"type": "hello", "key": "key"})

        assert (await connection.receive_json())["type"] == "welcome"


@pytest.mark.parametrize("origin", ["https://evil.example", ORIGIN + ".evil.example", "null", "", "http://["])
async def test_pages_of_other_origins_stay_out(origin: str) -> None:
    async with a_stand() as stand:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await stand.connect(headers={"Origin": origin})


async def test_a_plain_request_is_told_to_upgrade() -> None:
    async with a_stand() as stand, stand.client.get(stand.url) as response:
        problem = await response.json(content_type="application/problem+json")

    assert (response.status, response.headers["Upgrade"], problem["reason"]) == (
        426,
        "websocket",
        "MALFORMED",
    )


async def test_before_recovery_is_over_nobody_gets_in() -> None:
    async with a_stand(started=False) as stand:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
            await stand.connect()

        stand.sockets.start()
        await stand.greeted()


async def test_an_address_has_so_many_connections_and_gets_places_back() -> None:
    async with a_stand(Seats(per_address_max=2)) as stand:
        first = await stand.greeted()
        await stand.connect()
        with pytest.raises(aiohttp.WSServerHandshakeError, match="429"):
            await stand.connect()

        await first.close()
        while stand.sockets.seats.connections == 2:
            await asyncio.sleep(0)
        await stand.connect()

    assert stand.sockets.seats.connections == 0
    assert stand.sockets.refused == 1


async def test_behind_a_trusted_proxy_the_client_is_counted() -> None:
    trusted = networks_of(["127.0.0.1"])
    async with a_stand(Seats(per_address_max=1), trusted=trusted) as stand:
        for address in ("198.51.100.1", "198.51.100.2"):
            await stand.connect(headers={"X-Forwarded-For": address})
        with pytest.raises(aiohttp.WSServerHandshakeError, match="429"):
            await stand.connect(headers={"X-Forwarded-For": "198.51.100.1"})


async def test_a_member_has_so_many_connections_and_gets_places_back() -> None:
    async with a_stand(Seats(per_member_max=1)) as stand:
        first = await stand.greeted()
        second = await stand.connect()
        await second.send_json({"type": "hello", "key": "key"})
        error = await second.receive_json()
        closing = await second.receive()
        await first.close()
        while stand.sockets.seats.connections:
            await asyncio.sleep(0)
        await stand.greeted()

    assert error["reason"] == "TOO_MANY_CONNECTIONS"
    assert (closing.data, closing.extra) == (4029, REASONS[CloseCode.TOO_MANY_CONNECTIONS])


# --- how it ends ------------------------------------------------------------------------------------


async def test_whoever_says_nothing_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ws, "HELLO_US_MAX", 10_000)
    async with a_stand() as stand:
        mute = await stand.connect()
        closing = await mute.receive()

    assert (closing.type, closing.data) == (aiohttp.WSMsgType.CLOSE, 4501)


async def test_a_wrong_key_is_told_and_closed() -> None:
    async with a_stand() as stand:
        connection = await stand.connect()
        await connection.send_json({"type": "hello", "key": "guess"})
        error = await connection.receive_json()
        closing = await connection.receive()

    assert error["reason"] == "NOT_AUTHENTICATED"
    assert closing.data == 4502


async def test_a_revoked_key_and_a_stop_end_connections() -> None:
    async with a_stand() as stand:
        connection = await stand.greeted()
        stand.sockets.seats.revoked("k")
        revoked = await connection.receive()
        other = await stand.connect()
        stand.sockets.stop()
        stopped = await other.receive()

    assert (revoked.data, stopped.data) == (4502, 4000)


async def test_a_close_that_is_not_answered_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ws, "CLOSING_S_MAX", 0.05)
    async with a_stand() as stand:
        client = await RawClient.upgraded(stand)
        stand.sockets.stop()

        assert (await client.frame())[:3] == b"\x88\x0f\xa0"
        assert await client.reader.read() == b""
        await client.close()
        while stand.sockets.seats.connections:
            await asyncio.sleep(0)


async def test_a_connection_that_answers_no_ping_is_cut_and_one_that_does_stays() -> None:
    async with a_stand() as stand:
        silent = await RawClient.upgraded(stand)
        answering = await stand.connect()
        reading = asyncio.create_task(answering.receive())  # the client's own pongs leave while it reads
        while (count := stand.sockets.seats.connections) == 2:
            for _ in range(10):
                stand.sockets.pulse.beat()
            await asyncio.sleep(0.01)

        assert count == 1
        assert not reading.done()
        assert await silent.frame() == b"\x89"
        assert await silent.reader.read() == b""
        assert stand.sockets.pulse.cut == 1
        stand.sockets.stop()
        assert (await reading).data == CloseCode.GOING_AWAY
        await silent.close()


async def test_a_ping_is_answered_with_its_payload() -> None:
    async with a_stand() as stand:
        client = await RawClient.upgraded(stand)
        client.writer.write(masked(b"are you there", 0x89))

        assert await client.frame() == b"\x8aare you there"
        await client.close()


async def test_a_reader_that_stopped_is_cut_and_disturbs_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ws, "CLOSING_S_MAX", 0.05)
    monkeypatch.setattr(outlet, "BUFFERED_HARD_BYTES", 256 * 1024)
    async with a_stand() as stand:
        other = await stand.greeted()
        await other.send_json({"type": "subscribe", "channel": f"book:{stand.instrument}"})
        client = await RawClient.upgraded(stand, receive_bytes=4_096)
        client.send({"type": "hello", "key": "key"})
        server_side = stand.server_side()
        follow = {"type": "subscribe", "channel": "own"}
        client.send(*(stand.an_order(ref, ref) for ref in range(1, 501)))
        while stand.sockets.feed is not None and not stand.sockets.feed.post.slow_closed:
            client.send(*[follow] * 20)
            await asyncio.sleep(0)
        await other.send_json(stand.an_order(1, 900))
        acked = False
        while not acked:
            acked = (await other.receive_json())["type"] == "ack"
        while stand.sockets.seats.connections > 1 or server_side.fileno() >= 0:
            await asyncio.sleep(0.001)
        await client.close()

    assert stand.sockets.seats.connections == 0


async def test_books_beat_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ws, "HEARTBEAT_US", 10_000)
    async with a_stand() as stand:
        connection = await stand.greeted()
        await connection.send_json({"type": "subscribe", "channel": f"book:{stand.instrument}"})
        frames = [await connection.receive_json() for _ in range(4)]

    assert [frame["type"] for frame in frames] == ["subscribed", "book_snapshot", "heartbeat", "heartbeat"]
