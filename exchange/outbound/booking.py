"""Beside the engine: statement entries that the payments port found are submitted, one command each.

At least once: an entry whose answer was not written down is submitted again, and the core answers an
equal entry alike. What the exchange refuses is kept with its reason; what it cannot take now waits.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, Protocol

import structlog
from msgspec import msgpack

from exchange.core.messages import SYSTEM, BookBankEntry, Reply
from exchange.core.rejects import Reject, RejectCode
from exchange.engine.answer import Answer
from exchange.engine.sequencer import Engine

POLL_S: Final = 0.5
ENTRIES_PER_ROUND_MAX: Final = 200
ANSWER_S_MAX: Final = 30.0

_WAITING: Final = "select number, command from bank_entries where code is null order by number limit $1"
_ANSWERED: Final = "update bank_entries set code = $2, field = $3 where number = $1"

log = structlog.get_logger(__name__)


class Rows(Protocol):
    """The gateway's way to the tables."""

    async def fetch(self, statement: str, *values: Any) -> Sequence[Any]:
        """All rows."""
        ...

    async def execute(self, statement: str, *values: Any) -> int:
        """How many rows it changed."""
        ...


async def book_entries(engine: Engine, rows: Rows, unavailable: type[Exception]) -> None:
    """Until cancelled; `unavailable` is what `rows` raises while there is no database."""
    while True:
        try:
            booked = await book_waiting(engine, rows)
        except unavailable as error:
            log.warning("entries_wait", reason=str(error))
            booked = 0
        if booked < ENTRIES_PER_ROUND_MAX:
            await asyncio.sleep(POLL_S)


async def book_waiting(engine: Engine, rows: Rows) -> int:
    """Submit what waits, in its order, as far as the engine takes it now; how many it answered."""
    waiting = await rows.fetch(_WAITING, ENTRIES_PER_ROUND_MAX)
    for count, row in enumerate(waiting):
        reply = await _submit(engine, msgpack.decode(row["command"], type=BookBankEntry))
        if reply is None:
            return count
        if reply.code:
            log.warning("entry_refused", entry=row["number"], code=int(reply.code), field=reply.field)
        await rows.execute(_ANSWERED, row["number"], int(reply.code), reply.field)
    return len(waiting)


async def _submit(engine: Engine, command: BookBankEntry) -> Reply | Reject | None:
    """What the exchange said; nothing while it cannot say anything durable."""
    answer = Answer()
    refused = engine.submit(SYSTEM, 0, command, answer)
    if refused is not None:
        return refused if refused.code is RejectCode.QUARANTINED else None
    try:
        async with asyncio.timeout(ANSWER_S_MAX):
            heard = await answer.heard
    except TimeoutError:
        return None
    return heard if isinstance(heard, Reply) else None
