"""What a flow tells the kernel: which commands and deadlines are its own, and what it did."""

from collections.abc import Callable
from typing import Final, TypeVar

from msgspec import Struct

from exchange.core.deadlines import Deadline
from exchange.core.messages import AnyEvent, Command
from exchange.core.rejects import Reject


class Done(Struct, frozen=True, gc=False):
    """The part of the reply that only the flow knows; see `Reply` for its fields."""

    id: str = ""
    filled_quantity: int = 0
    open_quantity: int = 0
    number: int = 0


DONE: Final = Done()
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

Handler = Callable[..., Done | Reject]
"""(sequenced, its command, events to append to) -> what the reply says."""
Handlers = dict[type[Command], Handler]

Step = Callable[[Deadline, int, list[AnyEvent]], None]
"""(deadline, instant, events to append to): what falls due cannot be refused."""
Steps = dict[str, Step]


def joined(tables: list[dict[_Key, _Value]]) -> dict[_Key, _Value]:
    """All tables as one. Each key belongs to one table."""
    one: dict[_Key, _Value] = {}
    for table in tables:
        assert not one.keys() & table.keys(), "two flows answer the same"
        one |= table
    return one
