"""`exchange serve`: the exchange itself, until it is interrupted."""

import asyncio
import json
import signal

import uvloop

from exchange.app import Running, serving
from exchange.config import DEFAULTS, INTERRUPTED, Settings
from exchange.console.remote import say
from exchange.logs import log_as_json


def serve(settings: Settings = DEFAULTS) -> int:
    """Run the exchange until it is interrupted; prints its address as one JSON object."""
    log_as_json()
    return uvloop.run(_serve(settings))


async def _serve(settings: Settings) -> int:
    """Until SIGINT or SIGTERM, which may come while it still starts: then it ends in order just as well."""
    task = asyncio.current_task()
    assert task is not None
    interrupted = asyncio.Event()

    def interrupt() -> None:
        if not interrupted.is_set():  # a second ^C must not disturb the end
            interrupted.set()
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, interrupt)
    serves = False
    try:
        async with serving(settings) as exchange:
            serves = True
            say(json.dumps({"url": exchange.url, "operator_key_file": _shown(exchange)}))
            await asyncio.wait((exchange.ended,))
            exchange.ended.result()
    except asyncio.CancelledError:
        return 0 if serves else INTERRUPTED
    return 0


def _shown(exchange: Running) -> str | None:
    """The file with the first operator's key; an exchange on an external database may have it elsewhere."""
    return str(exchange.operator_key_file) if exchange.operator_key_file.exists() else None
