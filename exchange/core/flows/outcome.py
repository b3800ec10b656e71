"""What a flow tells the kernel when nothing was refused."""

from typing import Final

from msgspec import Struct


class Done(Struct, frozen=True, gc=False):
    """The part of the reply that only the flow knows; see `Reply` for its fields."""

    id: str = ""
    filled_quantity: int = 0
    open_quantity: int = 0
    number: int = 0


DONE: Final = Done()
