"""A desk that takes down what the calls send, and what they give for its one ack.

A row of a table of calls is a call, the command that it sends, and its result.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import msgspec

from exchange_client import shown
from exchange_client.calls import Calls
from exchange_client.errors import Rejected
from exchange_client.messages import AnyCommand
from exchange_client.results import Done, EventMade, Made, Numbered, Placed
from exchange_client.shown import Ack
from exchange_client.updates import Instrument

ACK = Ack(3, 2, 1, "x-1", filled_quantity=4, open_quantity=6, number=8)
INSTRUMENT = Instrument.of(shown.Instrument("i-1", "NE555P", "EUR", 4, 1, 1, 1, 10**12))
EVENT = EventMade(1, 1, 1, "e-1", 2)


class Desk(Calls):
    """Takes every command down, and answers with the same ack, or the same refusal."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.refusal: Rejected | None = None

    async def send(self, command: AnyCommand, *, timeout_s: float | None = None) -> Ack:
        self.sent.append(msgspec.json.decode(msgspec.json.encode(command)))
        if self.refusal:
            raise self.refusal
        return ACK

    async def instrument(self, name: str) -> Instrument:
        assert name in {"i-1", "NE555P"}
        return INSTRUMENT

    async def lot_scale(self, lot_id: str) -> int:
        return 2


PLACED = Placed(3, 2, 1, "x-1", 4, 6)
MADE = Made(3, 2, 1, "x-1")
DONE = Done(3, 2, 1)
NUMBERED = Numbered(3, 2, 1, 8)
Call: TypeAlias = Callable[[Desk], Awaitable[Done]]
Rows: TypeAlias = list[tuple[Call, dict[str, Any], Done]]
