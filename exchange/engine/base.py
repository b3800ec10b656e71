"""What the engine and those around it hand to each other."""

from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from exchange.core.messages import Outcome, Reply, Sequenced
from exchange.core.rejects import Reject


class EngineState(StrEnum):
    """What the exchange does with a command right now."""

    STARTING = "starting"  # recovering from the journal; nothing is answered yet
    SERVING = "serving"
    HALTED = "halted"  # the journal cannot be written: reads go on, commands are refused
    STOPPED = "stopped"  # for good: by request, by another writer, or because the journal is damaged


class Sink(Protocol):
    """Who sent a command and waits for its outcome. It hears exactly one of the two, once, and must not raise."""

    def settled(self, reply: Reply) -> None:
        """The command is on disk, done or refused; or it was seen before, and this is the first reply."""
        ...

    def lost(self, reject: Reject) -> None:
        """The exchange halted before it knew: the outcome is unknown. The ref tells it later."""
        ...


class Released(Struct, frozen=True, gc=False):
    """A durable command with its outcome; `sink` is nobody after a recovery."""

    seq: int
    sequenced: Sequenced
    outcome: Outcome
    sink: Sink | None


class Diverged(Exception):
    """Replay gave another outcome than the one journaled at `seq`: the program or the journal is wrong."""

    def __init__(self, seq: int, what: str) -> None:
        super().__init__(f"replay differs at sequence {seq}: {what}")
        self.seq = seq
        self.what = what
