"""Frames as the load generator makes and reads them."""

import asyncio
from collections.abc import Sequence

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.load import frames
from exchange.gateway.websocket.wire import text_frame

lengths = st.lists(st.integers(0, 300) | st.sampled_from((65_535, 65_536)), max_size=5)


@given(lengths, st.lists(st.integers(1, 5_000), max_size=20))
def test_every_frame_comes_once_however_the_stream_is_cut(lengths: list[int], cuts: list[int]) -> None:
    sent = [bytes((length % 251,)) * length for length in lengths]
    reader, stream, seen = frames.Reader(), b"".join(map(text_frame, sent)), list[tuple[int, bytes]]()

    for cut in cuts:
        piece, stream = stream[:cut], stream[cut:]
        seen += reader.frames(piece)
    seen += reader.frames(stream)

    assert seen == [(frames.TEXT, payload) for payload in sent]


@pytest.mark.parametrize("cut", [1, 2, 3, 9])
def test_a_cut_inside_a_header_waits_for_the_rest(cut: int) -> None:
    reader, stream = frames.Reader(), text_frame(b"x" * 70_000)

    assert list(reader.frames(stream[:cut])) == []
    assert list(reader.frames(stream[cut:])) == [(frames.TEXT, b"x" * 70_000)]


@pytest.mark.parametrize("lengths", [(0, 1, 125), (126, 127, 65_535)])
async def test_a_server_reads_what_is_made(lengths: Sequence[int]) -> None:
    sent = [b"y" * length for length in lengths]
    seen: list[bytes] = []

    async def handle(request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(decode_text=False)
        await websocket.prepare(request)
        seen.extend([(await websocket.receive()).data for _ in sent])
        await websocket.close()
        return websocket

    async with asyncio.timeout(10):
        port, runner = await _served(handle)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(frames.upgrade_request("127.0.0.1", port, "/"))
        writer.write(b"".join(map(frames.text_frame, sent)))
        answer = await reader.readuntil(b"\r\n\r\n")
        closed = await reader.readexactly(1)
        writer.close()
        await runner.cleanup()

    assert answer.startswith(b"HTTP/1.1 101")
    assert seen == sent
    assert closed[0] == frames.CLOSE


async def _served(handle: object) -> tuple[int, web.AppRunner]:
    app = web.Application()
    app.router.add_get("/", handle)  # type: ignore[arg-type]
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return runner.addresses[0][1], runner
