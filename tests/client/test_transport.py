import asyncio
import ssl
from pathlib import Path

import pytest
from aiohttp import WSMsgType, web

from exchange_client.errors import Invalid
from exchange_client.transport import Connection, Unconnected, checked_url, framed, http_session
from tests.client.stand_in import StandIn

TLS = Path(__file__).parents[1] / "gateway" / "tls"


async def _echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        assert message.type is WSMsgType.TEXT
        await socket.send_bytes(b"not on this wire")
        await socket.send_str(message.data)
    return socket


async def test_texts_of_all_lengths_arrive_as_they_were_sent_in_one_write() -> None:
    texts = [b"x" * length for length in (0, 1, 2, 3, 4, 5, 125, 126, 127, 65_535, 65_536)] + ["€".encode()]
    app = web.Application()
    app.router.add_get("/", _echo)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with http_session() as http:
            connection = await Connection.open(http, f"ws://127.0.0.1:{runner.addresses[0][1]}/", ssl=True)
            connection.send(texts)

            assert [await connection.receive() for _ in texts] == texts
            await connection.close()
            assert await connection.receive() is None
            connection.send([b"too late"])
    finally:
        await runner.cleanup()


def test_a_frame_is_masked() -> None:
    assert framed(b"abcde", b"\x01\x02\x03\x04") == b"\x81\x85\x01\x02\x03\x04" + bytes(
        letter ^ mask for letter, mask in zip(b"abcde", b"\x01\x02\x03\x04\x01", strict=True)
    )


@pytest.mark.parametrize(
    "status,final",
    [(404, True), (401, True), (403, True), (302, True), (429, False), (500, False), (503, False)],
)
async def test_an_answer_that_is_no_websocket_tells_whether_another_attempt_helps(
    status: int, final: bool
) -> None:
    async with StandIn() as stand_in, http_session() as http:
        stand_in.answers_handshake_with = status

        with pytest.raises(Unconnected) as caught:
            await Connection.open(http, stand_in.url, ssl=True)

        assert (caught.value.final, stand_in.handshakes) == (final, 1)


async def test_nobody_listening_is_worth_another_attempt() -> None:
    async with StandIn() as stand_in:
        url = stand_in.url
    async with http_session() as http:
        with pytest.raises(Unconnected) as caught:
            await Connection.open(http, url, ssl=True)

        assert not caught.value.final


async def test_the_close_code_of_the_exchange_is_told() -> None:
    async with StandIn() as stand_in, http_session() as http:
        connection = await Connection.open(http, stand_in.url, ssl=True)
        connection.send([b'{"type":"hello","key":"wrong"}'])

        assert await connection.receive() is not None
        assert await connection.receive() is None
        assert connection.close_code == 4502


async def test_a_connection_that_breaks_has_no_close_code() -> None:
    async with StandIn() as stand_in, http_session() as http:
        connection = await Connection.open(http, stand_in.url, ssl=True)
        stand_in.break_all()

        assert await connection.receive() is None
        assert connection.close_code == 0


async def test_a_connection_that_is_aborted_ends() -> None:
    async with StandIn() as stand_in, http_session() as http:
        connection = await Connection.open(http, stand_in.url, ssl=True)
        reading = asyncio.create_task(connection.receive())
        await asyncio.wait([reading], timeout=0)

        connection.abort()

        assert await reading is None


async def test_a_certificate_that_is_not_trusted_is_final_and_a_trusted_one_is_fine() -> None:
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(TLS / "cert.pem", TLS / "key.pem")
    trusting = ssl.create_default_context(cafile=str(TLS / "cert.pem"))
    async with StandIn(served) as stand_in, http_session() as http:
        with pytest.raises(Unconnected) as caught:
            await Connection.open(http, stand_in.url, ssl=True)
        connection = await Connection.open(http, stand_in.url, ssl=trusting)

        assert caught.value.final
        assert "certificate" in str(caught.value)
        await connection.close()


@pytest.mark.parametrize(
    "url,message",
    [
        ("ftp://127.0.0.1/v1/ws", "ws:// or wss://"),
        ("127.0.0.1:8080", "ws:// or wss://"),
        ("wss:///v1/ws", "ws:// or wss://"),
        ("wss://me:secret@exchange.example/v1/ws", "give the key by key="),
        ("wss://exchange.example/v1/ws?key=the-key", "give the key by key="),
        ("https://me:secret@exchange.example", "give the key by key="),
    ],
)
def test_an_address_that_is_none_or_holds_a_secret_is_refused(url: str, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        checked_url(url, "the-key")


@pytest.mark.parametrize(
    "url,websocket",
    [
        ("http://127.0.0.1:8080", "ws://127.0.0.1:8080/v1/ws"),
        ("https://exchange.example/", "wss://exchange.example/v1/ws"),
        ("https://example.com/exchange/v1/ws", "wss://example.com/exchange/v1/ws"),
        ("wss://example.com/elsewhere", "wss://example.com/elsewhere"),
    ],
)
def test_the_address_that_the_exchange_prints_stands_for_its_websocket(url: str, websocket: str) -> None:
    assert checked_url(url, "the-key") == websocket
