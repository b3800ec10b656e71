"""A peer for the engine's CPU per order: the least that a WebSocket server can do, one answer for one frame.

`python -m benchmarks.echo` listens on a free port of loopback, prints `{"port": …, "pid": …}` in a line, and says
back whatever text it is sent, 150 bytes of it, with one awaited send each: aiohttp on uvloop, no batching. Ends
with SIGTERM or when whoever started it closes its stdin.
"""

import asyncio
import gc
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import uvloop
from aiohttp import WSMsgType, web

from benchmarks.server import Server, ServerFailed

HOST: Final = "127.0.0.1"
WELCOME: Final = '{"type":"welcome"}'
ANSWER: Final = '{"type":"ack","ref":' + "1" * (150 - len('{"type":"ack","ref":}')) + "}"
"""As long as an order and its ack are."""


async def _answer(request: web.Request) -> web.WebSocketResponse:
    websocket = web.WebSocketResponse(compress=False)
    await websocket.prepare(request)
    await websocket.receive()
    await websocket.send_str(WELCOME)
    async for message in websocket:
        if message.type is WSMsgType.TEXT:
            await websocket.send_str(ANSWER)
    return websocket


async def _serve() -> None:
    app = web.Application()
    app.router.add_get("/v1/ws", _answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0)
    await site.start()
    gc.freeze()
    print(json.dumps({"port": runner.addresses[0][1], "pid": os.getpid()}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


@asynccontextmanager
async def echoing() -> AsyncIterator[Server]:
    """The peer as a process of its own, for as long as the block lasts. Raises ServerFailed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.echo", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = await process.stdout.readline()
        if not line:
            raise ServerFailed("the echo server did not start")
        yield Server(f"http://{HOST}:{json.loads(line)['port']}", "", process.pid)
    finally:
        process.stdin.close()
        await process.wait()


if __name__ == "__main__":
    uvloop.run(_serve())
