"""What waits for the engine, and what it gathers into one commit."""

from hashlib import sha256
from typing import NamedTuple

from msgspec import Struct, msgpack
from msgspec.structs import replace

from exchange.core.messages import AnyCommand, Reply
from exchange.core.rejects import Reject
from exchange.engine.base import Released, Sink


class Waiting(Struct, frozen=True, gc=False):
    """A command in the inbox; none where somebody asks what became of `ref`."""

    at_us: int
    member_id: str
    session: int
    idempotency: str
    command: AnyCommand | None
    sink: Sink | None
    ref: int = 0

    def lose(self, reject: Reject) -> None:
        """Tell whoever waits that it was not executed, or that nobody knows."""
        if self.sink is not None:
            self.sink.lost(reject)


class Poison(NamedTuple):
    """The command that tripped an assertion, and how."""

    waiting: Waiting
    error: Exception


class Gathering:
    """A batch before it is sealed: what was executed, and who only waits for it."""

    __slots__ = ("echoes", "met", "released")

    def __init__(self) -> None:
        self.released: list[Released] = []
        self.met = 0  # events of the FireDeadlines among them
        self.echoes: list[tuple[Sink, Reply]] = []  # answers that only wait for what they may depend on


def fingerprint(member_id: str, command: AnyCommand) -> bytes:
    """What a command is, whoever's ref it carries."""
    return sha256(msgpack.encode((member_id, replace(command, ref=0)))).digest()
